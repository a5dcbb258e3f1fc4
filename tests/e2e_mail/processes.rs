//! Several processes on one mirror: one sends, the others are ready.

use crate::customer::Customer;
use crate::home::{Home, number};
use crate::support::mail::unique;
use crate::support::servers::required;
use crate::support::wait::{PATIENCE, until};
use std::time::{Duration, Instant};

#[test]
fn when_the_holder_dies_the_other_takes_over_and_sends() {
    let Some(servers) = required() else {
        return;
    };
    // Held for longer than a busy machine needs to look at it and to kill the holder.
    let home = Home::new(servers, &["support"]).holding(10);
    let desk = home.user("support");
    let customer = Customer::new(servers);
    let holder = home.synced();
    let waiting = home.sync();
    waiting.wait_for("Attached");
    let subject = format!("Hello {}", unique());
    customer.writes(desk, &subject, "Hello.");
    let id = number(&home.conversation(&subject));
    let row = home.reply(&id, "It must not get lost.");
    assert_eq!(home.state(row), "held");
    let died = Instant::now();
    holder.kill();
    waiting.wait_for("Holder");
    eprintln!(
        "measured: took over {:?} after the holder was killed",
        died.elapsed()
    );
    customer.gets("It must not get lost");
    home.wait_state(row, "sent");
    let again = format!("Again {}", unique());
    customer.writes(desk, &again, "Are you there?");
    home.conversation(&again);
    assert_eq!(customer.letters().len(), 1);
}

#[test]
fn many_processes_send_everything_once() {
    let Some(servers) = required() else {
        return;
    };
    let home = Home::new(servers, &["support"]);
    let desk = home.user("support");
    let customer = Customer::new(servers);
    // They race for the mirror that neither has made yet.
    let engines = [home.sync(), home.sync()];
    let subject = format!("Hello {}", unique());
    customer.writes(desk, &subject, "Hello.");
    let id = number(&home.conversation(&subject));
    let held = engines
        .iter()
        .filter(|engine| engine.log().contains("Holder"))
        .count();
    assert_eq!(held, 1);
    let texts: Vec<String> = (0..12).map(|_| format!("answer{}.", unique())).collect();
    std::thread::scope(|scope| {
        for (number, text) in texts.iter().enumerate() {
            let (home, id) = (&home, &id);
            // Some wait and would send themselves if nobody else did.
            scope.spawn(move || {
                let arguments: &[&str] = if number % 3 == 0 { &["--wait"] } else { &[] };
                // Another answer of ours came in between: that is said, and asked again.
                let done = until("the answer to be taken", PATIENCE, || {
                    let run = home.run(&[&["reply", id, "-m", text, "--json"], arguments].concat());
                    (run.code == Some(0)).then_some(run)
                });
                assert!(!done.json().is_empty());
            });
        }
    });
    let rows = until("everything to be sent", Duration::from_mins(3), || {
        let rows = home.json(&["outbox", "--limit", "500"]);
        rows.iter()
            .all(|row| row["state"] == "sent")
            .then_some(rows)
    });
    assert_eq!(rows.len(), texts.len());
    for text in &texts {
        customer.gets(text);
    }
    let letters = customer.letters();
    assert_eq!(letters.len(), texts.len());
    for text in &texts {
        assert_eq!(
            letters
                .iter()
                .filter(|letter| letter.text.contains(text))
                .count(),
            1
        );
    }
}

#[test]
fn without_an_engine_a_reply_that_waits_sends_itself() {
    let Some(servers) = required() else {
        return;
    };
    let home = Home::new(servers, &["support"]);
    let customer = Customer::new(servers);
    let engine = home.synced();
    let subject = format!("Hello {}", unique());
    customer.writes(home.user("support"), &subject, "Hello.");
    let id = number(&home.conversation(&subject));
    engine.terminate();
    let waited = home.json(&["reply", &id, "--wait", "-m", "By myself."]);
    assert_eq!(waited[1]["state"], "sent", "{waited:?}");
    customer.gets("By myself");
    let left = home.reply(&id, "By the next engine.");
    assert_eq!(home.state(left), "queued");
    assert_eq!(home.run(&["sync", "--once"]).code, Some(0));
    assert_eq!(home.state(left), "sent");
    customer.gets("By the next engine");
    assert_eq!(customer.letters().len(), 2);
}
