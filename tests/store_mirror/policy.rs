//! The desk's promises, rules and consent, kept by the mirror itself.

use crate::world::*;
use frontdesk::desk::settings::DeskSettings;
use frontdesk::desk::{BusinessHours, Policy};
use frontdesk::model::query::View;
use frontdesk::model::time::{DAY, HOUR, MINUTE};
use frontdesk::model::{Channel, Command, Event, NewMessage, Party, Priority, Timestamp};
use frontdesk::store::AccountInfo;
use jiff::tz::TimeZone;

fn policy(text: &str) -> Policy {
    let settings: DeskSettings = toml::from_str(text).unwrap();
    let hours = BusinessHours::new(&settings.hours, TimeZone::UTC).unwrap();
    Policy::new(&settings, hours)
}

fn sms(number: i64, from: &str, body: &str) -> NewMessage {
    let mut message = mail(number, from, "", body);
    message.channel = Channel::Sms;
    message.from = Party::new(from);
    message.thread = frontdesk::model::event::ThreadHints {
        thread: Some(from.to_owned()),
        thread_decides: true,
        ..Default::default()
    };
    message
}

async fn phones() -> World {
    World::with(AccountInfo {
        channels: vec![Channel::Sms],
        ..info()
    })
    .await
}

#[tokio::test]
async fn an_answer_is_due_by_priority_channel_and_open_hours() {
    let world = World::new().await;
    world.store.set_policy(policy(
        "[sla]\nfirst_minutes = 240\nnext_minutes = 60\npriorities = { urgent = 15 }\n\
         [hours]\nmon = \"00:00-24:00\"",
    ));
    world.mail(mail(1, "ana@cust.example", "Hello", "hi")).await;
    let id = world.list(View::Inbox).await.rows[0].1.id;
    let since = world.conversation(id).await.waiting_since.unwrap();
    let due = world.conversation(id).await.due_at.unwrap();
    let zoned = jiff::Timestamp::from_millisecond(due.0)
        .unwrap()
        .to_zoned(TimeZone::UTC);
    assert_eq!(zoned.weekday(), jiff::civil::Weekday::Monday);
    assert!(
        due.since(since) >= 4 * HOUR && due.since(since) < 8 * DAY,
        "{due:?}"
    );
    world
        .ok(Command::SetPriority {
            ids: vec![id],
            priority: Priority::Urgent,
        })
        .await;
    assert_eq!(
        world.conversation(id).await.due_at.unwrap().since(since),
        15 * MINUTE
    );
    world.undo().await;
    assert_eq!(world.conversation(id).await.due_at, Some(due));
}

#[tokio::test]
async fn due_times_follow_when_the_promises_change_and_not_otherwise() {
    let world = World::new().await;
    for number in 1..=3 {
        let from = format!("c{number}@cust.example");
        world.mail(mail(number, &from, "Hello", "hi")).await;
    }
    world.store.renew_promises().await.unwrap();
    let due = async || -> Vec<Option<Timestamp>> {
        let page = world.list(View::Inbox).await;
        page.rows.iter().map(|(_, row)| row.due_at).collect()
    };
    assert_eq!(due().await, [None, None, None]);
    let promise = "[sla]\nfirst_minutes = 30\nwithin_hours = false";
    world.store.set_policy(policy(promise));
    world.store.renew_promises().await.unwrap();
    assert!(due().await.iter().all(Option::is_some));
    let mut changes = world.store.changes();
    world.store.set_policy(policy(promise));
    world.store.renew_promises().await.unwrap();
    assert!(changes.try_recv().is_err(), "nothing was to be done");
}

#[tokio::test]
async fn rules_work_on_what_begins_and_once() {
    let world = World::new().await;
    world.store.set_policy(policy(
        "[[rules]]\nname = \"invoices\"\nsubject = [\"invoice\"]\nassign = \"raj\"\nlabel = [\"billing\"]\npriority = \"high\"",
    ));
    world
        .mail(mail(1, "ana@cust.example", "Invoice 7", "twice"))
        .await;
    world.mail(mail(2, "bo@cust.example", "Hello", "hi")).await;
    let find = async |address: &str| {
        let page = world.list(View::Inbox).await;
        let row = page
            .rows
            .into_iter()
            .find(|(_, row)| row.contact_address == address);
        row.unwrap().1
    };
    let ana = find("ana@cust.example").await;
    assert_eq!(ana.assignee.as_deref(), Some("raj"));
    assert_eq!(
        (ana.labels.as_slice(), ana.priority),
        (&["billing".to_owned()][..], Priority::High)
    );
    assert_eq!(find("bo@cust.example").await.assignee, None);
    // An agent's word stands against the next message.
    world
        .ok(Command::Assign {
            ids: vec![ana.id],
            to: None,
        })
        .await;
    world
        .mail(answer(3, "ana@cust.example", "Re: Invoice 7", &[1]))
        .await;
    assert_eq!(find("ana@cust.example").await.assignee, None);
    let journal = world.number("SELECT count(*) FROM journal WHERE actor LIKE '%invoices%'");
    assert_eq!(journal, 3);
}

#[tokio::test]
async fn stop_stops_and_start_starts_whatever_the_order() {
    let mut told = vec![(1, "hello", 1), (2, "STOP", 2), (3, "are you there?", 3)];
    for turn in 0..3 {
        let world = phones().await;
        world.clock.advance(2 * HOUR);
        for (number, body, minute) in &told {
            let mut message = sms(*number, "+15550100", body);
            message.sent_at = Timestamp(START + minute * MINUTE);
            message.received_at = message.sent_at;
            world.ingest(vec![Event::Message(Box::new(message))]).await;
        }
        let row = world.list(View::Inbox).await.rows[0].1.clone();
        assert!(row.opted_out, "turn {turn}");
        let draft = world.draft(row.id, "one more thing").await;
        let refusal = world.refused(Command::Queue(Box::new(queue(draft)))).await;
        assert!(format!("{refusal:?}").contains("OptedOut"), "{refusal:?}");
        let mut back = sms(9, "+15550100", "Start");
        back.sent_at = Timestamp(START + HOUR);
        back.received_at = back.sent_at;
        world.ingest(vec![Event::Message(Box::new(back))]).await;
        assert!(!world.conversation(row.id).await.opted_out);
        told.rotate_left(1);
    }
}

#[tokio::test]
async fn mail_has_no_such_words_and_a_rule_that_is_refused_loses_nothing() {
    let world = World::new().await;
    world.store.set_policy(policy(&format!(
        "[[rules]]\nname = \"odd\"\nlabel = [\"{}\"]",
        "x".repeat(4_000)
    )));
    world
        .mail(mail(1, "ana@cust.example", "STOP", "STOP"))
        .await;
    let row = world.list(View::Inbox).await.rows[0].1.clone();
    assert!(!row.opted_out);
    assert_eq!(world.messages(row.id).await.len(), 1);
}
