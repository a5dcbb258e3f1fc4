//! The engine dies at any moment of a send: the customer gets the mail at most once, and no row is lost.

use crate::customer::Customer;
use crate::home::{Home, number};
use crate::support::imap_client::ImapClient;
use crate::support::mail::unique;
use crate::support::servers::{Imap, Servers, required};
use crate::support::smtp_trap::{SmtpTrap, Trap};
use crate::support::wait::{PATIENCE, until};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// So many times the engine is killed.
const KILLS: u32 = 16;

#[test]
fn an_engine_killed_while_it_sends_by_postfix() {
    if let Some(servers) = required() {
        killed_at_every_moment(servers, &Home::new(servers, &["support"]), 0);
    }
}

#[test]
fn an_engine_killed_while_it_sends_by_a_slow_server() {
    if let Some(servers) = required() {
        let trap = SmtpTrap::start(servers, Trap::DeliverSlowly(Duration::from_millis(150)));
        let home = Home::new(servers, &["support"]).submitting_to(trap.port());
        // Its send is so slow that most kills hit the middle of one.
        killed_at_every_moment(servers, &home, KILLS / 4);
    }
}

fn killed_at_every_moment(servers: &'static Servers, home: &Home, in_the_middle: u32) {
    let customer = Customer::new(servers);
    let mut engine = home.synced();
    let subject = format!("Hello {}", unique());
    customer.writes(home.user("support"), &subject, "Hello.");
    let id = number(&home.conversation(&subject));

    // How long a send takes here, from the verb's end to the copy in Sent.
    let row = home.reply(&id, "The first one is not disturbed.");
    let began = Instant::now();
    home.wait_state(row, "sent");
    let span = began.elapsed();

    let mut replies = Vec::new();
    for kill in 0..KILLS {
        let text = format!("answer{}.", unique());
        let row = home.reply(&id, &text);
        std::thread::sleep(span * kill / (KILLS - 2));
        engine.kill();
        let died = home.state(row);
        engine = home.synced();
        let state = until("the row to come to an end", PATIENCE, || {
            Some(home.state(row)).filter(|state| state == "sent" || state == "unknown")
        });
        replies.push((text, row, format!("{died} -> {state}")));
    }
    // Let everything arrive that ever will: this one is behind them all.
    home.reply(&id, "The last one.");
    customer.gets("The last one");

    // A copy in Sent is found out, at the start after the kill or when it comes in, whenever it got there.
    let mut sent = ImapClient::login(servers, Imap::Full, home.user("support"));
    sent.select("Sent");
    let copies = sent.fetch_all();
    for (text, row, _) in &replies {
        let kept = copies.iter().filter(|copy| copy.contains(text)).count();
        assert!(kept <= 1, "{kept} copies in Sent");
        if kept == 1 {
            home.wait_state(*row, "sent");
        }
    }
    engine.kill();

    let hit = replies
        .iter()
        .filter(|(_, _, end)| end.starts_with("sending"))
        .count();
    assert!(
        hit >= in_the_middle as usize,
        "only {hit} kills in the middle of a send"
    );
    let mut ends: BTreeMap<&str, u32> = BTreeMap::new();
    let letters = customer.letters();
    for (text, row, end) in &replies {
        *ends.entry(end).or_default() += 1;
        let got = letters
            .iter()
            .filter(|letter| letter.text.contains(text))
            .count();
        assert!(got <= 1, "the customer got it {got} times: {end}");
        let state = home.state(*row);
        assert!(
            got == 1 || state != "sent",
            "said to be sent, and nobody got it: {end}"
        );
        assert!(state == "sent" || state == "unknown", "{state}");
    }
    let unsure = replies
        .iter()
        .filter(|(_, row, _)| home.state(*row) == "unknown")
        .count();
    eprintln!("measured: a send takes {span:?}; {KILLS} kills: {ends:?}; {unsure} for a person");
    let messages = home.messages(&id);
    assert_eq!(
        messages.len(),
        3 + replies.len(),
        "no answer is lost from the conversation, none is there twice"
    );
}
