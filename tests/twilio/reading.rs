//! Reading: files, voice, states that change, and what nobody can read.

use crate::support::fakes::twilio::{Twilio, now, rfc2822};
use crate::{CUSTOMER, all, messages, open, outgoing};
use frontdesk::model::message::Content;
use frontdesk::model::{Channel, DeliveryState, Direction, Event, NewMessage};
use frontdesk::providers::{Provider, ProviderError};
use serde_json::json;

fn states(events: &[Event], reference: &str) -> Vec<DeliveryState> {
    let of = events.iter().filter_map(|event| match event {
        Event::Delivery(update) if update.reference == reference => Some(update.state),
        _ => None,
    });
    of.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_lose_nothing_and_what_did_not_change_is_told_once() {
    let fake = Twilio::start();
    let desk = open(&fake, "");
    for number in 0..450 {
        let at = now() - 86_400_000 + number * 60_000;
        fake.customer_writes_at(CUSTOMER, &format!("Text {number}"), at);
    }
    fake.customer_writes_at(CUSTOMER, "Long ago", now() - 100 * 86_400_000);
    let first = all(&desk, None).await;
    assert_eq!(messages(&first).len(), 450);
    let again = desk.pull(first.cursor.clone()).await.unwrap();
    assert_eq!((again.events.len(), again.more), (0, false));
    for number in 0..120 {
        fake.customer_writes(CUSTOMER, &format!("News {number}"));
    }
    // The last page of a longer read goes back to what was told; told again, it is one row.
    let news = all(&desk, first.cursor).await;
    let new = |message: &&&NewMessage| message.text.starts_with("News");
    assert_eq!(messages(&news).iter().filter(new).count(), 120);
    assert!(messages(&news).len() < 120 + 50);
    // However late an item comes onto the newest page, it is told, and once.
    let late = now() - 5 * 86_400_000;
    fake.customer_writes_at(CUSTOMER, "Late", late);
    let batch = desk.pull(news.cursor).await.unwrap();
    let told: Vec<&str> = messages(&batch).iter().map(|m| m.text.as_str()).collect();
    assert_eq!(told, ["Late"]);
    let again = all(&desk, batch.cursor).await;
    assert!(messages(&again).iter().all(|m| m.text != "Late"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_login_goes_to_nobody_else() {
    let (fake, elsewhere) = (Twilio::start(), Twilio::start());
    let desk = open(&fake, "");
    let message = fake.customer_writes(CUSTOMER, "");
    let file = fake.file(&message, "image/jpeg", b"JPEG");
    let batch = all(&desk, None).await;
    let read = messages(&batch);
    let key = read[0].attachments[0].fetch.clone().unwrap();
    assert_eq!(key, format!("message/{message}/{file}"));
    assert_eq!(desk.fetch(&key).await.unwrap(), b"JPEG");
    for to in [
        elsewhere.url.as_str(),
        "http://169.254.169.254/",
        "file:///etc/passwd",
    ] {
        fake.next(&file, 307, &[("location", to)], b"", false);
        let refused = desk.fetch(&key).await;
        assert!(
            matches!(
                refused,
                Err(ProviderError::Rejected {
                    permanent: true,
                    ..
                })
            ),
            "{refused:?}"
        );
    }
    assert!(elsewhere.asked().is_empty());
    // At our own server it is followed, without the login.
    fake.next(&file, 307, &[("location", "/cdn/1")], b"", false);
    fake.next("/cdn/1", 200, &[], b"from the cdn", false);
    assert_eq!(desk.fetch(&key).await.unwrap(), b"from the cdn");
    let asked = fake.asked();
    assert!(!asked.last().unwrap().authorized);
}

#[tokio::test(flavor = "multi_thread")]
async fn states_are_told_until_the_end() {
    let fake = Twilio::start();
    let desk = open(&fake, "");
    let sent = desk
        .send(&outgoing(Channel::Sms, "Hello", Vec::new()))
        .await;
    let sid = sent.unwrap().provider_id.unwrap();
    let first = all(&desk, None).await;
    let read = messages(&first);
    assert_eq!(read[0].own_reference.as_deref(), Some("fd-Hello"));
    assert_eq!(states(&first.events, &sid), []);
    fake.gets(&sid, "delivered", None);
    let second = desk.pull(first.cursor).await.unwrap();
    assert_eq!(states(&second.events, &sid), [DeliveryState::Delivered]);
    fake.gets(&sid, "undelivered", Some(21610));
    let third = desk.pull(second.cursor).await.unwrap();
    assert_eq!(states(&third.events, &sid), [DeliveryState::Failed]);
    let stopped = third.events.iter().any(|event| {
        matches!(event, Event::Consent { opted_out: true, address, .. } if address == CUSTOMER)
    });
    assert!(stopped, "{:?}", third.events);
}

#[tokio::test(flavor = "multi_thread")]
async fn voicemail_and_missed_calls_are_conversations() {
    let fake = Twilio::start();
    let desk = open(&fake, "");
    let call = |sid: &str, status: &str| {
        json!({ "sid": sid, "from": CUSTOMER, "to": "+12125550100", "direction": "inbound",
            "status": status, "start_time": rfc2822(now()), "duration": "30" })
    };
    fake.call(call("CA1", "completed"));
    fake.call(call("CA2", "no-answer"));
    fake.recording(
        json!({ "sid": "RE1", "call_sid": "CA1", "status": "completed", "source": "RecordVerb",
            "duration": "12", "date_created": rfc2822(now()) }),
        b"ID3",
    );
    let batch = all(&desk, None).await;
    let mut kinds: Vec<(String, Content, bool)> = messages(&batch)
        .iter()
        .map(|new| {
            (
                new.from.address.clone(),
                new.content.clone(),
                new.flags.seen,
            )
        })
        .collect();
    kinds.sort_by_key(|(_, content, _)| format!("{content:?}"));
    let of = CUSTOMER.to_owned();
    assert_eq!(
        kinds,
        [
            (of.clone(), Content::Call { millis: 0 }, false),
            (of, Content::Voice { millis: 12_000 }, false),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_item_stops_no_other() {
    let fake = Twilio::start();
    let desk = open(&fake, "");
    for bad in [
        json!(7),
        json!(null),
        json!({ "sid": 7 }),
        json!({ "sid": "../x" }),
    ] {
        fake.put(bad);
    }
    fake.put(
        json!({ "from": CUSTOMER, "to": "+12125550100", "direction": "inbound",
        "body": { "a": [1] }, "num_media": null, "date_sent": "-9999" }),
    );
    fake.customer_writes(CUSTOMER, "Still there?");
    let batch = all(&desk, None).await;
    let read = messages(&batch);
    assert_eq!(read.len(), 6);
    let unread = read
        .iter()
        .filter(|new| matches!(new.content, Content::Unreadable { .. }));
    assert_eq!(unread.count(), 4);
    assert!(
        read.iter()
            .all(|new| new.direction == Direction::Inbound && !new.raw.is_empty())
    );
    assert!(read.iter().any(|new| new.text == "Still there?"));
    for body in [&b"{\"messages\""[..], b"null", b"42", b"{\"messages\":7}"] {
        fake.next("Messages.json", 200, &[], body, false);
        let refused = desk.pull(batch.cursor.clone()).await;
        assert!(
            matches!(refused, Err(ProviderError::Transient(_))),
            "{refused:?}"
        );
    }
}
