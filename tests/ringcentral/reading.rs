//! Syncs, pages, and what the message store has.

use crate::support::fakes::ringcentral::{NUMBER, Ringcentral, iso, now};
use crate::{CUSTOMER, all, messages, open};
use frontdesk::model::message::Content;
use frontdesk::model::{Channel, DeliveryState, Direction, Event};
use frontdesk::providers::{Provider, RemoteChange};
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread")]
async fn a_long_history_is_read_newest_first_without_a_gap() {
    let fake = Ringcentral::start();
    let phone = open(&fake, "");
    let begin = now() - 20 * 86_400_000;
    for number in 0..700 {
        // Several of one moment, across the ends of pages.
        let at = begin + (number / 30) * 60_000;
        fake.customer_writes_at(CUSTOMER, &format!("Text {number}"), at);
    }
    let first = phone.pull(None).await.unwrap();
    assert!(first.more);
    assert_eq!(messages(&first)[0].text, "Text 690");
    let whole = all(&phone, None).await;
    let texts: BTreeSet<&str> = messages(&whole)
        .iter()
        .map(|one| one.text.as_str())
        .collect();
    assert_eq!(texts.len(), 700);
    // The proofs join to one stretch from the beginning of the wanted history to now.
    let mut proofs: Vec<_> = whole
        .coverage
        .iter()
        .filter(|one| one.feed == "messages")
        .collect();
    proofs.sort_by_key(|one| one.low);
    let mut reached = proofs[0].floor;
    for proof in proofs {
        assert!(proof.low <= reached, "a gap before {}", proof.low);
        reached = reached.max(proof.high);
    }
    assert!(reached >= u64::try_from(now() - 10_000).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_is_too_old_begins_anew_and_misses_nothing() {
    let fake = Ringcentral::start();
    let phone = open(&fake, "");
    fake.customer_writes(CUSTOMER, "Before");
    let cursor = all(&phone, None).await.cursor;
    fake.customer_writes(CUSTOMER, "While away");
    fake.forget_syncs();
    let batch = all(&phone, cursor).await;
    let texts: Vec<&str> = messages(&batch)
        .iter()
        .map(|one| one.text.as_str())
        .collect();
    assert!(texts.contains(&"While away"), "{texts:?}");
    // From there it goes on.
    fake.customer_writes(CUSTOMER, "Later");
    let batch = all(&phone, batch.cursor).await;
    assert_eq!(messages(&batch).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn states_flags_and_deletions_are_told() {
    let fake = Ringcentral::start();
    let phone = open(&fake, "");
    let receipt = phone
        .send(&crate::outgoing("Hello", Vec::new()))
        .await
        .unwrap();
    let sent: i64 = receipt.provider_id.unwrap().parse().unwrap();
    let read = fake.customer_writes(CUSTOMER, "Read me");
    let gone = fake.customer_writes(CUSTOMER, "Delete me");
    let cursor = all(&phone, None).await.cursor;
    fake.change(sent, |record| record["messageStatus"] = "Delivered".into());
    fake.change(read, |record| record["readStatus"] = "Read".into());
    fake.change(gone, |record| record["availability"] = "Purged".into());
    let batch = all(&phone, cursor.clone()).await;
    let states: Vec<DeliveryState> = batch
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Delivery(update) if update.reference == sent.to_string() => Some(update.state),
            _ => None,
        })
        .collect();
    assert_eq!(states, [DeliveryState::Delivered]);
    let seen = messages(&batch)
        .into_iter()
        .find(|one| one.text == "Read me");
    assert!(seen.unwrap().flags.seen);
    let gone = gone.to_string();
    let told = |event: &Event| matches!(event, Event::Gone { remote } if remote.key == gone);
    assert!(batch.events.iter().any(told));
    // An answer that RingCentral stopped since the customer opted out.
    fake.change(sent, |record| {
        record["messageStatus"] = "DeliveryFailed".into();
        record["deliveryErrorCode"] = "SMS-RC-413".into();
    });
    let batch = all(&phone, cursor).await;
    let out = |event: &Event| matches!(event, Event::Consent { address, opted_out: true, channel: Channel::Sms, .. } if address == CUSTOMER);
    assert!(batch.events.iter().any(out), "{:?}", batch.events);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voicemail_is_voice_and_its_transcription_is_its_text() {
    let fake = Ringcentral::start();
    let phone = open(&fake, "");
    let id = fake.voicemail(CUSTOMER, "InProgress");
    let batch = all(&phone, None).await;
    let heard = messages(&batch)[0];
    assert_eq!(heard.content, Content::Voice { millis: 12_000 });
    assert_eq!((heard.channel, heard.text.as_str()), (Channel::Voice, ""));
    let audio = heard.attachments[0].fetch.clone().unwrap();
    assert_eq!(phone.fetch(&audio).await.unwrap(), b"ID3 audio");
    // Where the group is used up, the text comes when it is free again.
    let used_up = json!({ "errorCode": "CMN-301", "message": "Request rate exceeded" });
    fake.refuses_with(
        "/content/6",
        429,
        &[("retry-after", "1"), ("x-rate-limit-group", "medium")],
        &used_up,
    );
    fake.transcribed(id, "Two radiators, please.\n");
    let batch = all(&phone, batch.cursor).await;
    assert_eq!(messages(&batch)[0].text, "");
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let batch = all(&phone, batch.cursor).await;
    assert_eq!(messages(&batch)[0].text, "Two radiators, please.");
    assert_eq!(messages(&batch)[0].dedupe, format!("messages\u{1f}{id}"));
    // And once.
    assert!(messages(&all(&phone, batch.cursor).await).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_conversations_as_wanted() {
    let fake = Ringcentral::start();
    let call = |id: &str, result: &str, from: serde_json::Value, message: serde_json::Value| {
        json!({ "id": id, "type": "Voice", "direction": "Inbound", "result": result, "duration": 9,
            "startTime": iso(now()), "from": from, "to": { "phoneNumber": NUMBER }, "message": message })
    };
    let ana = json!({ "phoneNumber": CUSTOMER, "name": "Ana Costa" });
    fake.call(call("m1", "Missed", ana.clone(), json!(null)));
    fake.call(call(
        "m2",
        "Missed",
        json!({ "name": "Anonymous" }),
        json!(null),
    ));
    fake.call(call(
        "m3",
        "Missed",
        json!({ "name": "Anonymous" }),
        json!(null),
    ));
    fake.call(call(
        "v1",
        "Voicemail",
        ana.clone(),
        json!({ "id": 5, "uri": "u" }),
    ));
    fake.call(call("a1", "Accepted", ana, json!(null)));
    for (calls, wanted) in [("missed", 3), ("all", 4), ("none", 0)] {
        let phone = open(&fake, &format!("calls = \"{calls}\"\n"));
        let batch = all(&phone, None).await;
        let found = messages(&batch);
        assert_eq!(found.len(), wanted, "{calls}");
        for one in found {
            assert_eq!(
                (one.channel, one.direction),
                (Channel::Voice, Direction::Inbound)
            );
            let missed = one.remote.key.starts_with('m');
            let millis = if missed { 0 } else { 9_000 };
            assert_eq!(one.content, Content::Call { millis }, "{}", one.remote.key);
            assert_eq!(one.flags.seen, !missed);
        }
        let threads: BTreeSet<_> = messages(&batch)
            .iter()
            .map(|one| one.thread.thread.clone())
            .collect();
        // Two who hide their number are not taken for one.
        assert_eq!(threads.len(), wanted.min(3), "{calls}");
        let listed = phone.inventory().await.unwrap();
        let keys = listed
            .iter()
            .find(|feed| feed.scope == "calls")
            .map_or(0, |feed| feed.keys.len());
        assert_eq!(keys, wanted, "{calls}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_up_group_costs_no_message_and_gets_no_request() {
    let fake = Ringcentral::start();
    let used_up = json!({ "errorCode": "CMN-301", "message": "Request rate exceeded" });
    let soon = open(&fake, "");
    fake.refuses_with(
        "call-log-sync",
        429,
        &[("retry-after", "60"), ("x-rate-limit-group", "heavy")],
        &used_up,
    );
    fake.customer_writes(CUSTOMER, "Hello");
    let batch = all(&soon, None).await;
    assert_eq!(messages(&batch).len(), 1, "messages go on");
    let before = fake.asked().len();
    all(&soon, batch.cursor).await;
    let asked = fake.asked();
    assert!(
        asked[before..]
            .iter()
            .all(|one| !one.path.contains("call-log")),
        "nothing is sent during a penalty"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_that_may_not_read_calls_has_its_messages() {
    let fake = Ringcentral::start();
    let phone = open(&fake, "");
    fake.customer_writes(CUSTOMER, "Hello");
    let words =
        "In order to call this API endpoint, application needs to have [ReadCallLog] permission";
    let lacks = json!({ "errorCode": "CMN-401", "message": words });
    fake.refuses("call-log-sync", 403, &lacks);
    assert_eq!(messages(&all(&phone, None).await).len(), 1);
    fake.refuses("call-log", 403, &lacks);
    let health = phone.probe().await.unwrap();
    let calls = health
        .checks
        .iter()
        .find(|check| check.name == "calls")
        .unwrap();
    assert!(!calls.ok && calls.says.contains("ReadCallLog"), "{calls:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_is_shown_and_one_bad_record_hides_no_other() {
    let fake = Ringcentral::start();
    let phone = open(&fake, "");
    let at = iso(now());
    for kind in ["Fax", "Pager", "Text", "Telepathy"] {
        fake.put(json!({
            "type": kind, "direction": "Inbound", "creationTime": at, "subject": "Words", "availability": "Alive",
            "from": { "phoneNumber": CUSTOMER }, "to": [{ "phoneNumber": NUMBER }],
            "attachments": [{ "id": 1, "type": "RenderedDocument", "contentType": "application/pdf", "size": "x" }],
        }));
    }
    fake.put(json!({ "id": { "a": 1 }, "type": "SMS", "creationTime": at }));
    fake.put(json!({ "id": null, "creationTime": at }));
    fake.put(json!({ "id": 990, "type": ["SMS"], "direction": 7, "from": 5, "to": "x", "creationTime": at }));
    fake.put(json!({ "id": 991, "type": "SMS", "direction": "Inbound", "from": null, "to": null, "subject": 5,
        "attachments": { "a": 1 }, "creationTime": "-9999-99-99T00:00:00Z" }));
    fake.put(json!([1, 2]));
    fake.customer_writes(CUSTOMER, "Fine");
    let batch = all(&phone, None).await;
    let found = messages(&batch);
    assert_eq!(found.len(), 10, "{found:?}");
    assert!(found.iter().any(|one| one.text == "Fine"));
    let unreadable = found
        .iter()
        .filter(|one| matches!(one.content, Content::Unreadable { .. }));
    assert_eq!(unreadable.count(), 4);
    let fax = found.iter().find(|one| one.text == "[fax] Words").unwrap();
    assert_eq!((fax.channel, fax.attachments.len()), (Channel::Voice, 1));
    assert!(matches!(&fax.content, Content::Unsupported { what } if what == "Fax"));
    assert!(found.iter().any(|one| one.text == "[telepathy] Words"));
    for one in found {
        assert!(!one.raw.is_empty() && one.received_at.0 > 0, "{one:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_a_conversation_of_its_own() {
    let fake = Ringcentral::start();
    let phone = open(&fake, "");
    fake.customer_writes(CUSTOMER, "Only me");
    fake.put(json!({
        "type": "SMS", "direction": "Inbound", "creationTime": iso(now()), "subject": "All of us",
        "from": { "phoneNumber": CUSTOMER },
        "to": [{ "phoneNumber": "+12125550188" }, { "phoneNumber": NUMBER }],
    }));
    let batch = all(&phone, None).await;
    let thread = |text: &str| {
        let found = messages(&batch).into_iter().find(|one| one.text == text);
        found.unwrap().thread.thread.clone().unwrap()
    };
    assert_eq!(thread("Only me"), format!("{NUMBER} {CUSTOMER}"));
    assert_eq!(
        thread("All of us"),
        format!("{NUMBER} +12125550188,{CUSTOMER}")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_were_read_are_told_together() {
    let fake = Ringcentral::start();
    let phone = open(&fake, "");
    let ids: Vec<i64> = (0..70)
        .map(|n| fake.customer_writes(CUSTOMER, &format!("{n}")))
        .collect();
    let batch = all(&phone, None).await;
    for one in messages(&batch) {
        let read = RemoteChange::Flags {
            remote: one.remote.clone(),
            seen: Some(true),
            answered: None,
            flagged: None,
            junk: None,
        };
        phone.push(&read).await.unwrap();
    }
    let unread = || {
        let read = |id: &&i64| fake.record(**id)["readStatus"] == "Read";
        ids.len() - ids.iter().filter(read).count()
    };
    let mut cursor = batch.cursor;
    for _ in 0..40 {
        if unread() == 0 {
            break;
        }
        cursor = all(&phone, cursor).await.cursor;
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
    assert_eq!(unread(), 0);
    let told = fake
        .asked()
        .into_iter()
        .filter(|one| one.method == "PUT")
        .count();
    // One, fifty, and the rest; some more where the machine is busy.
    assert!((3..=8).contains(&told), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_calls_come_once_they_are_wanted() {
    let fake = Ringcentral::start();
    fake.call(json!({ "id": "a1", "type": "Voice", "direction": "Inbound", "result": "Accepted", "duration": 9,
        "startTime": iso(now()), "from": { "phoneNumber": CUSTOMER }, "to": { "phoneNumber": NUMBER } }));
    let batch = all(&open(&fake, ""), None).await;
    assert!(messages(&batch).is_empty());
    let batch = all(&open(&fake, "calls = \"all\"\n"), batch.cursor).await;
    assert_eq!(messages(&batch).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_extensions_of_every_page_are_listed_for_the_roster() {
    let fake = Ringcentral::start();
    let people = open(&fake, "").people().await.unwrap();
    let names: Vec<_> = people
        .iter()
        .map(|one| (one.name.as_str(), one.extension.as_deref()))
        .collect();
    assert_eq!(names, [("Desk", Some("101")), ("Omar", Some("102"))]);
    assert_eq!(people[1].email.as_deref(), Some("omar@example.com"));
    assert_eq!(people[1].number.as_deref(), Some("+15550002222"));
}
