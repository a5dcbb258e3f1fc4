//! What leaves later, what is taken back, and what nobody knows the end of.

use crate::customer::Customer;
use crate::home::{Home, number};
use crate::support::mail::unique;
use crate::support::servers::{Servers, required};
use crate::support::smtp_trap::{SmtpTrap, Trap};
use crate::support::wait::until;
use std::time::Duration;

/// A desk, its customer and the conversation that the customer began. No engine runs yet.
fn asked(servers: &'static Servers, home: &Home) -> (Customer, String) {
    let customer = Customer::new(servers);
    let subject = format!("Question {}", unique());
    let desk = home.user("support");
    let mut server = crate::support::imap_client::ImapClient::inbox(servers, desk);
    customer.writes(desk, &subject, "When?");
    server.wait_for("ALL");
    assert_eq!(home.run(&["sync", "--once"]).code, Some(0));
    let id = number(&home.conversation(&subject));
    (customer, id)
}

/// A full minute, far enough away that a busy machine has done before it what is to be done before it.
fn next_minute() -> String {
    let soon =
        jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC) + jiff::Span::new().seconds(110);
    soon.strftime("%Y-%m-%d %H:%M").to_string()
}

#[test]
fn a_line_that_drops_after_the_dot_is_for_a_person_to_settle() {
    let Some(servers) = required() else {
        return;
    };
    let trap = SmtpTrap::start(servers, Trap::DeliverThenCut);
    let home = Home::new(servers, &["support"]).submitting_to(trap.port());
    let (customer, id) = asked(servers, &home);
    let engine = home.synced();
    let row = home.reply(&id, "It left and nobody said so.");
    let unknown = home.wait_state(row, "unknown");
    assert!(
        unknown["reason"]
            .as_str()
            .is_some_and(|words| !words.is_empty()),
        "{unknown}"
    );
    let message = home.messages(&id).pop().unwrap();
    assert_eq!(message["delivery"]["state"], "unknown", "{message}");
    assert_eq!(home.show(&id)["conversation"]["failures"], 1);

    // Nothing is sent again by itself: not while it runs, not by a retry, not by the next engine.
    let retry = home.run(&["retry", &row.to_string()]);
    assert_eq!(retry.code, Some(1), "{retry:?}");
    engine.kill();
    let engine = home.synced();
    let other = home.reply(&id, "Something else leaves meanwhile.");
    home.wait_state(other, "unknown");
    assert_eq!(home.state(row), "unknown");
    assert_eq!(home.row(row)["attempts"], 1);
    customer.gets("It left and nobody said so");
    assert_eq!(customer.with("It left and nobody said so").len(), 1);

    // A person asks the customer and settles it.
    home.json(&["settle", &row.to_string(), "sent"]);
    assert_eq!(home.state(row), "sent");
    home.json(&["settle", &other.to_string(), "sent"]);
    assert_eq!(home.show(&id)["conversation"]["failures"], 0);
    assert_eq!(customer.letters().len(), 2);
    drop(engine);
}

#[test]
fn what_was_lost_can_be_sent_again_or_dropped() {
    let Some(servers) = required() else {
        return;
    };
    let trap = SmtpTrap::start(servers, Trap::DropThenCut);
    let home = Home::new(servers, &["support"]).submitting_to(trap.port());
    let (customer, id) = asked(servers, &home);
    let _engine = home.synced();
    let again = home.reply(&id, "Lost at first.");
    home.wait_state(again, "unknown");
    let dropped = home.reply(&id, "Lost for good.");
    home.wait_state(dropped, "unknown");
    trap.set(Trap::Deliver);
    home.json(&["settle", &again.to_string(), "again"]);
    home.json(&["settle", &dropped.to_string(), "drop"]);
    home.wait_state(again, "sent");
    customer.gets("Lost at first");
    assert_ne!(home.state(dropped), "sent");
    assert_eq!(customer.letters().len(), 1);
    assert_eq!(
        trap.seen().len(),
        3,
        "two that were lost, and one that a person sent again"
    );
}

#[test]
fn a_refusal_for_now_is_tried_again_and_one_for_good_is_not() {
    let Some(servers) = required() else {
        return;
    };
    let trap = SmtpTrap::start(servers, Trap::Answer("451 4.3.0 later"));
    let home = Home::new(servers, &["support"]).submitting_to(trap.port());
    let (customer, id) = asked(servers, &home);
    let _engine = home.synced();
    let later = home.reply(&id, "Greylisted.");
    let row = home.wait_state(later, "retry");
    assert!(row["due_at"].as_i64().is_some(), "{row}");
    trap.set(Trap::Answer("554 5.7.1 no"));
    let never = home.reply(&id, "Refused.");
    let row = home.wait_state(never, "failed");
    assert!(row["reason"].as_str().unwrap().contains("5.7.1"), "{row}");
    trap.set(Trap::Deliver);
    until("the second try", Duration::from_mins(4), || {
        (home.state(later) == "sent").then_some(())
    });
    customer.gets("Greylisted");
    home.json(&["retry", &never.to_string()]);
    home.wait_state(never, "sent");
    customer.gets("Refused");
    assert_eq!(customer.letters().len(), 2);
}

#[test]
fn what_is_held_or_scheduled_can_be_taken_back() {
    let Some(servers) = required() else {
        return;
    };
    let home = Home::new(servers, &["support"]).holding(10);
    let (customer, id) = asked(servers, &home);
    let _engine = home.synced();

    let held = home.reply(&id, "Said in anger.");
    assert_eq!(home.state(held), "held");
    home.json(&["undo"]);
    assert_eq!(home.state(held), "cancelled");
    let later = home.json(&["reply", &id, "--at", "tomorrow 9am", "-m", "Good morning."]);
    let later = later[0]["outbox"].as_i64().unwrap();
    assert_eq!(home.state(later), "queued");
    home.json(&["cancel", &later.to_string()]);
    assert_eq!(home.state(later), "cancelled");
    assert_eq!(
        home.run(&["cancel", &later.to_string()]).code,
        Some(1),
        "it is too late"
    );

    let at = next_minute();
    let scheduled = home.json(&["reply", &id, "--at", &at, "-m", "On the minute."]);
    let due = scheduled[0]["held_until"].as_i64().unwrap();
    let scheduled = scheduled[0]["outbox"].as_i64().unwrap();
    let unless = home.json(&[
        "reply",
        &id,
        "--at",
        &at,
        "--unless-reply",
        "-m",
        "Are you still there?",
    ]);
    let unless = unless[0]["outbox"].as_i64().unwrap();
    customer.writes(home.user("support"), "Re: something", "Hello again.");
    let second = home.reply(&id, "Said after thinking.");
    customer.gets("Said after thinking");
    home.wait_state(second, "sent");
    assert_eq!(home.state(scheduled), "queued");
    until("the minute", Duration::from_mins(4), || {
        (home.state(scheduled) == "sent").then_some(())
    });
    let sent = home.row(scheduled)["since"].as_i64().unwrap();
    eprintln!("measured: sent {} ms after its minute", sent - due);
    assert!(sent >= due, "{sent} {due}");
    customer.gets("On the minute");
    home.wait_state(unless, "sent");
    customer.gets("Are you still there");
    assert_eq!(customer.letters().len(), 3);
}

#[test]
fn a_reminder_is_not_sent_once_the_customer_wrote() {
    let Some(servers) = required() else {
        return;
    };
    let home = Home::new(servers, &["support"]);
    let (customer, id) = asked(servers, &home);
    let engine = home.synced();
    home.reply(&id, "Could you send a picture?");
    let letter = customer.gets("Could you send a picture");
    let at = next_minute();
    let reminder = home.json(&[
        "reply",
        &id,
        "--at",
        &at,
        "--unless-reply",
        "-m",
        "Did you forget?",
    ]);
    let reminder = reminder[0]["outbox"].as_i64().unwrap();
    // The answer comes in while nobody reads; the engine that sends must look first.
    engine.kill();
    customer.answers(&letter, home.user("support"), "Here it is.");
    let due = home.row(reminder)["due_at"].as_i64().unwrap();
    let now = || jiff::Timestamp::now().as_millisecond();
    until("the time of the reminder", Duration::from_mins(4), || {
        (now() > due).then_some(())
    });
    let _engine = home.synced();
    home.wait_state(reminder, "cancelled");
    assert_eq!(home.messages_of(&id, 3).len(), 3);
    assert_eq!(customer.letters().len(), 1);
}
