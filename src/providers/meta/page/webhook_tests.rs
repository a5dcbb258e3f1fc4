//! What is posted, in a table: one line for each kind of event.

use super::*;
use crate::model::Direction;
use crate::model::time::HOUR;
use crate::providers::meta::page::settings::MessengerSettings;
use serde_json::json;

const NOW: Timestamp = Timestamp(1_767_225_600_000);

fn page() -> Page {
    let settings: MessengerSettings =
        toml::from_str("page_id = \"10\"\ntoken = \"t\"\ncomments = true").unwrap();
    settings.into()
}

fn read(item: &Value) -> Vec<Event> {
    let mut item = item.clone();
    if item.get("sender").is_none() {
        item["sender"] = json!({ "id": "5" });
        item["recipient"] = json!({ "id": "10" });
    }
    item["timestamp"] = NOW.0.into();
    let body = json!({ "object": "page", "entry": [{ "id": "10", "messaging": [item] }] });
    events(body.to_string().as_bytes(), &page(), NOW).unwrap()
}

/// A message in a few words.
fn shown(events: &[Event]) -> String {
    let [Event::Message(new)] = events else {
        return format!("{events:?}");
    };
    let mark = match (&new.content, new.direction) {
        (Content::Unsupported { .. }, _) => "?",
        (Content::Unreadable { .. }, _) => "!",
        (_, Direction::Outbound) => ">",
        _ => "<",
    };
    let files: Vec<&str> = new
        .attachments
        .iter()
        .map(|file| file.fetch.as_deref().unwrap_or("-"))
        .collect();
    assert!(!new.raw.is_empty(), "the raw form is kept");
    assert_eq!(new.thread.thread_decides, new.thread.thread.is_some());
    format!(
        "{mark} {} {}",
        new.text.replace('\n', " / "),
        files.join(" ")
    )
    .trim_end()
    .to_owned()
}

#[test]
fn every_kind_of_event() {
    let message = |parts: Value| {
        let mut message = json!({ "mid": "m1" });
        message
            .as_object_mut()
            .unwrap()
            .extend(parts.as_object().unwrap().clone());
        json!({ "message": message })
    };
    let file = |kind: &str, payload: Value| {
        message(json!({ "attachments": [{ "type": kind, "payload": payload }] }))
    };
    let us = json!({ "id": "10" });
    let table = [
        (message(json!({ "text": "Hi" })), "< Hi"),
        (
            message(json!({ "text": "Red", "quick_reply": { "payload": "RED" } })),
            "< Red / [pressed: RED]",
        ),
        (
            message(
                json!({ "text": "Nice", "reply_to": { "story": { "url": "https://x/s", "id": "1" } } }),
            ),
            "< [about our story: https://x/s] / Nice",
        ),
        (
            message(json!({ "text": "No", "reply_to": { "mid": "m0" } })),
            "< No",
        ),
        (file("image", json!({ "url": "https://cdn/x" })), "<  m1#0"),
        (
            file("file", json!({ "url": "https://cdn/a/b.pdf?x" })),
            "<  m1#0",
        ),
        (file("sticker", json!({})), "< [sticker]"),
        (
            file("fallback", json!({ "url": "https://x", "title": "Shop" })),
            "< [shared: Shop https://x]",
        ),
        (
            file("story_mention", json!({ "url": "https://x" })),
            "< [mentioned us in a story: https://x]",
        ),
        (
            file("ig_reel", json!({ "title": "A reel" })),
            "< [reel: A reel]",
        ),
        (
            file(
                "template",
                json!({ "template_type": "button", "text": "Choose" }),
            ),
            "< [button] Choose",
        ),
        (
            file("hologram", json!({ "url": "https://x" })),
            "? [hologram] https://x",
        ),
        (message(json!({})), "? [an empty message]"),
        (
            message(json!({ "is_unsupported": true })),
            "? [a kind of message that Meta does not hand out]",
        ),
        (
            json!({ "postback": { "mid": "m2", "title": "Start", "payload": "GO" } }),
            "< [pressed: Start (GO)]",
        ),
        (
            json!({ "referral": { "source": "ADS", "ref": "spring", "ad_id": "6" } }),
            "< [came by ads: spring 6]",
        ),
        (
            json!({ "take_thread_control": { "new_owner_app_id": "9" } }),
            "? [who answers this conversation at Meta has changed: app 9]",
        ),
        (json!({ "moon_phase": {} }), "? [moon phase]"),
        (
            json!({ "sender": us, "recipient": { "id": "5" }, "message": { "mid": "m3", "text": "Yes", "is_echo": true } }),
            "> Yes",
        ),
        (
            json!({ "message": { "text": "no id" } }),
            "! [Meta sent something that cannot be read]",
        ),
    ];
    for (item, wanted) in table {
        assert_eq!(shown(&read(&item)), wanted, "{item}");
    }
}

#[test]
fn whose_and_how_long() {
    let Event::Message(new) = &read(&json!({ "message": { "mid": "m1", "text": "Hi" } }))[0] else {
        panic!("no message");
    };
    assert_eq!(
        (new.remote.scope.as_str(), new.remote.key.as_str()),
        ("5", "m1")
    );
    assert_eq!(new.window_ms, Some(24 * HOUR));
    assert_eq!((new.sent_at, new.from_verified), (NOW, true));
    let echo = |metadata: &str| {
        json!({ "sender": { "id": "10" }, "recipient": { "id": "5" },
            "message": { "mid": "m3", "text": "Yes", "is_echo": true, "metadata": metadata } })
    };
    for (metadata, reference) in [("fd-1", "fd-1"), ("", "m3"), ("another app", "m3")] {
        let Event::Message(new) = &read(&echo(metadata))[0] else {
            panic!("no message");
        };
        assert_eq!(new.own_reference.as_deref(), Some(reference));
        assert_eq!((new.to[0].address.as_str(), new.window_ms), ("5", None));
    }
}

#[test]
fn what_is_no_message() {
    let reaction =
        |action: &str| json!({ "reaction": { "mid": "m1", "action": action, "emoji": "❤" } });
    let table = [
        (reaction("react"), "Reaction", "❤"),
        (reaction("unreact"), "Reaction", "emoji: \"\""),
        (
            json!({ "message_edit": { "mid": "m1", "text": "Better" } }),
            "Edited",
            "Better",
        ),
        (
            json!({ "message": { "mid": "m1", "is_deleted": true } }),
            "Gone",
            "m1",
        ),
        (json!({ "read": { "mid": "m9" } }), "Delivery", "Read"),
        (
            json!({ "read": { "watermark": 1_767_225_600_000_i64 } }),
            "DeliveredUntil",
            "\"5\"",
        ),
        (
            json!({ "delivery": { "mids": ["m9"] } }),
            "Delivery",
            "Delivered",
        ),
    ];
    for (item, kind, part) in table {
        let told = read(&item);
        assert_eq!(told.len(), 1, "{item}");
        let told = format!("{:?}", told[0]);
        assert!(told.starts_with(kind) && told.contains(part), "{told}");
    }
    let both = json!({ "delivery": { "mids": ["a", "b"], "watermark": 1_767_225_600_000_i64 } });
    assert_eq!(read(&both).len(), 3);
}

#[test]
fn other_pages_other_objects_and_no_json() {
    let of = |id: &str| {
        json!({ "object": "page", "entry": [{ "id": id, "messaging": [
            { "sender": { "id": "5" }, "recipient": { "id": id }, "message": { "mid": "m", "text": "x" } }] }] })
    };
    let read = |body: &str| events(body.as_bytes(), &page(), NOW);
    assert_eq!(read(&of("10").to_string()).unwrap().len(), 1);
    assert!(read(&of("11").to_string()).unwrap().is_empty());
    for body in [
        "",
        "{",
        "[]",
        "null",
        r#"{"object":"instagram","entry":[]}"#,
        r#"{"object":"page"}"#,
    ] {
        assert!(read(body).is_err(), "{body}");
    }
    let deep = "[".repeat(100_000);
    assert!(read(&deep).is_err());
}

#[test]
fn one_of_the_wrong_kind_does_not_stop_the_others() {
    let fine = json!({ "sender": { "id": "5" }, "recipient": { "id": "10" }, "message": { "mid": "m", "text": "x" } });
    for odd in [
        json!(null),
        json!([]),
        json!(5),
        json!({}),
        json!({ "sender": 5, "recipient": "10", "message": [] }),
        json!({ "sender": { "id": "5" }, "message": null }),
        json!({ "sender": { "id": "5" }, "message": { "mid": {}, "text": [1], "attachments": "x" } }),
        json!({ "sender": { "id": "5" }, "timestamp": -9e99, "message": { "mid": "m2", "attachments": [null, 1, {}] } }),
        json!({ "sender": { "id": "5" }, "reaction": {} }),
    ] {
        let body = json!({ "object": "page", "entry": [{ "id": "10", "messaging": [odd, fine] }, null, 7] });
        let told = events(body.to_string().as_bytes(), &page(), NOW).unwrap();
        let last = shown(&told[told.len() - 1..]);
        assert_eq!(last, "< x", "{odd}");
        assert_eq!(told.len(), 2, "nothing is dropped: {odd}");
    }
}

#[test]
fn what_happens_on_the_page() {
    let read = |value: Value| {
        let body = json!({ "object": "page", "entry": [{ "id": "10", "time": 1_767_225_600, "changes": [
            { "field": "feed", "value": value }] }] });
        events(body.to_string().as_bytes(), &page(), NOW).unwrap()
    };
    let bob = json!({ "id": "5", "name": "Bob" });
    let comment = |verb: &str| {
        json!({ "item": "comment", "verb": verb, "comment_id": "p_1", "post_id": "p", "parent_id": "p",
            "from": bob, "message": "How much?", "created_time": 1_767_225_600 })
    };
    let told = read(comment("add"));
    assert_eq!(shown(&told), "< How much?");
    let Event::Message(new) = &told[0] else {
        panic!("{told:?}");
    };
    assert_eq!(new.thread.thread.as_deref(), Some("comment:p_1"));
    assert_eq!((new.sent_at, new.window_ms), (NOW, Some(i64::MAX)));
    let mut below = comment("add");
    below["parent_id"] = "p_0".into();
    let Event::Message(new) = &read(below)[0] else {
        panic!("no message");
    };
    assert_eq!(new.thread.thread.as_deref(), Some("comment:p_0"));
    let table = [
        (comment("remove"), "Gone"),
        (comment("hide"), "junk: true"),
        (comment("unhide"), "junk: false"),
        (comment("edited"), "Edited"),
        (
            json!({ "item": "reaction", "verb": "add", "post_id": "p", "from": bob, "reaction_type": "love" }),
            "❤",
        ),
        (
            json!({ "item": "status", "verb": "add", "post_id": "p9", "from": bob, "message": "Hello all" }),
            "Hello all",
        ),
        (json!({ "item": "moon" }), "Unsupported"),
        (json!(null), "Unsupported"),
        (
            json!({ "item": "comment", "comment_id": "c", "from": null }),
            "Somebody",
        ),
    ];
    for (value, part) in table {
        let told = format!("{:?}", read(value));
        assert!(told.contains(part), "{part}: {told}");
    }
    let ours = json!({ "item": "status", "verb": "add", "post_id": "p9", "from": { "id": "10" }, "message": "Sale" });
    assert!(read(ours).is_empty(), "our own posts are no conversation");
    let without = Page {
        comments: false,
        ..page()
    };
    let body = json!({ "object": "page", "entry": [{ "id": "10", "changes": [
        { "field": "feed", "value": comment("add") }] }] });
    let told = events(body.to_string().as_bytes(), &without, NOW).unwrap();
    assert!(told.is_empty(), "comments are not wanted");
}
