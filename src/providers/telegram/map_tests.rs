//! Updates as Telegram sends them, and as it never should.

use super::map::{Ours, update};
use super::settings::Groups;
use crate::model::message::Content;
use crate::model::{Direction, Event, NewMessage, Timestamp};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn read_in(groups: Groups, value: &Value) -> Vec<Event> {
    let ours = Ours {
        user: "acme_bot",
        id: Some(99),
        groups,
    };
    update(value, &ours, NOW)
}

fn read(value: &Value) -> Vec<Event> {
    read_in(Groups::Addressed, value)
}

fn one(value: &Value) -> NewMessage {
    match read(value).remove(0) {
        Event::Message(new) => *new,
        other => panic!("{other:?}"),
    }
}

fn private(own: &Value) -> Value {
    let mut message = json!({
        "message_id": 7, "date": 1_700_000_000,
        "chat": { "id": 5, "type": "private", "first_name": "Ana" },
        "from": { "id": 5, "is_bot": false, "first_name": "Ana", "last_name": "Duarte" },
    });
    for (key, value) in own.as_object().unwrap() {
        message[key] = value.clone();
    }
    json!({ "update_id": 1, "message": message })
}

#[test]
fn everything_reads_as_text() {
    let table = [
        (json!({ "text": "Hello" }), "Hello"),
        (
            json!({ "caption": "See", "photo": [{ "file_id": "a", "width": 90 }] }),
            "See",
        ),
        (
            json!({ "sticker": { "file_id": "s", "emoji": "👍" } }),
            "[sticker 👍]",
        ),
        (
            json!({ "contact": { "phone_number": "+15550001", "first_name": "Bo" } }),
            "Contact: Bo +15550001",
        ),
        (json!({ "dice": { "emoji": "🎲", "value": 4 } }), "[🎲 4]"),
        (
            json!({ "poll": { "question": "When?", "options": [{ "text": "Now" }] } }),
            "Poll: When?\n- Now",
        ),
        (json!({ "shiny_new_thing": {} }), "[shiny new thing]"),
        (
            json!({ "location": { "latitude": 1.5, "longitude": 2.0 } }),
            "Location: 1.5, 2 https://www.openstreetmap.org/?mlat=1.5&mlon=2",
        ),
        (
            json!({ "text": "😀 here", "entities": [
                { "type": "text_link", "offset": 3, "length": 4, "url": "https://evil.example" }] }),
            "😀 here (https://evil.example)",
        ),
        (
            json!({ "text": "Yes", "reply_to_message": { "message_id": 3, "text": "Is it\nyou?" } }),
            "> Is it you?\n\nYes",
        ),
        (
            json!({ "text": "x", "forward_origin": { "type": "hidden_user", "sender_user_name": "Zed" } }),
            "Forwarded from Zed:\nx",
        ),
    ];
    for (own, wanted) in table {
        let new = one(&private(&own));
        assert_eq!(new.text, wanted, "{own}");
        assert_eq!(
            (new.remote.scope.as_str(), new.remote.key.as_str()),
            ("5", "7")
        );
        assert_eq!(new.from.name.as_deref(), Some("Ana Duarte"));
        assert_eq!(new.sent_at, Timestamp(1_700_000_000_000));
        assert!(!new.raw.is_empty() && new.from_verified);
    }
}

#[test]
fn files_are_fetched_later_and_a_voice_note_is_one() {
    let new = one(&private(&json!({ "photo": [
        { "file_id": "small", "width": 90 }, { "file_id": "large", "width": 900, "file_size": 5 }] })));
    assert_eq!(new.attachments.len(), 1);
    assert_eq!(new.attachments[0].fetch.as_deref(), Some("large"));
    let new = one(&private(&json!({
        "animation": { "file_id": "a" }, "document": { "file_id": "a" } })));
    assert_eq!(new.attachments.len(), 1);
    let new = one(&private(
        &json!({ "voice": { "file_id": "v", "duration": 3 } }),
    ));
    assert_eq!(new.content, Content::Voice { millis: 3_000 });
    assert_eq!(new.attachments[0].mime, "audio/ogg");
}

#[test]
fn in_groups_only_what_is_meant_for_us() {
    let group = |own: Value| {
        let mut update = private(&own);
        update["message"]["chat"] = json!({ "id": -10, "type": "supergroup", "title": "Team" });
        update
    };
    let mention = |text: &str| {
        json!({ "text": text, "entities": [
        { "type": "mention", "offset": 0, "length": text.len() }] })
    };
    let command = |text: &str| {
        json!({ "text": text, "entities": [
        { "type": "bot_command", "offset": 0, "length": text.len() }] })
    };
    let table = [
        (json!({ "text": "chatter" }), false),
        (mention("@Acme_Bot"), true),
        (mention("@other_bot"), false),
        (command("/help"), true),
        (command("/help@acme_bot"), true),
        (command("/help@other_bot"), false),
        (
            json!({ "text": "y", "reply_to_message": { "from": { "id": 99 } } }),
            true,
        ),
        (
            json!({ "text": "y", "reply_to_message": { "from": { "id": 98 } } }),
            false,
        ),
    ];
    for (own, taken) in table {
        let update = group(own);
        assert_eq!(!read(&update).is_empty(), taken, "{update}");
        assert_eq!(read_in(Groups::All, &update).len(), 1);
        assert!(read_in(Groups::None, &update).is_empty());
    }
}

#[test]
fn a_business_chat_has_two_sides_and_a_window() {
    let business = |from: i64, bot: bool| {
        let mut message =
            private(&json!({ "text": "x", "business_connection_id": "bc" }))["message"].clone();
        message["from"]["id"] = from.into();
        if bot {
            message["sender_business_bot"] = json!({ "id": 99 });
        }
        one(&json!({ "update_id": 4, "business_message": message }))
    };
    let customer = business(5, false);
    assert_eq!(customer.direction, Direction::Inbound);
    assert_eq!(customer.window_ms, Some(86_400_000));
    assert_eq!(customer.thread.thread.as_deref(), Some("5@bc"));
    let owner = business(1, false);
    assert_eq!(
        (owner.direction, owner.own_reference),
        (Direction::Outbound, None)
    );
    assert_eq!(business(1, true).own_reference.as_deref(), Some("5:7"));
}

#[test]
fn edits_presses_reactions_and_leaving() {
    let message = private(&json!({ "text": "new", "edit_date": 1_700_000_009 }))["message"].clone();
    let events = read(&json!({ "update_id": 2, "edited_message": message }));
    assert!(
        matches!(&events[1], Event::Edited { text, at, .. }
        if text == "new" && *at == Timestamp(1_700_000_009_000)),
        "{events:?}"
    );
    let pressed = one(&json!({ "update_id": 3, "callback_query": {
        "id": "q", "from": { "id": 5, "first_name": "Ana" }, "data": "y",
        "message": { "message_id": 6, "chat": { "id": 5, "type": "private" },
            "reply_markup": { "inline_keyboard": [[{ "text": "Yes, please", "callback_data": "y" }]] } } } }));
    assert_eq!(pressed.text, "[pressed: Yes, please (y)]");
    assert_eq!(pressed.thread.thread.as_deref(), Some("5"));
    let reaction = |new: Value| {
        read(&json!({ "update_id": 3, "message_reaction": {
        "chat": { "id": 5, "type": "private" }, "message_id": 6, "user": { "id": 5 }, "new_reaction": new } }))
    };
    for (new, wanted) in [
        (json!([{ "type": "emoji", "emoji": "❤" }]), "❤"),
        (json!([]), ""),
    ] {
        assert!(matches!(&reaction(new)[0], Event::Reaction { emoji, .. } if emoji == wanted));
    }
    for (status, out) in [("kicked", true), ("member", false)] {
        let events = read(&json!({ "update_id": 3, "my_chat_member": {
            "chat": { "id": 5, "type": "private" }, "from": { "id": 5 }, "date": 1_700_000_000,
            "new_chat_member": { "status": status } } }));
        assert!(
            matches!(&events[0], Event::Consent { opted_out, address, .. }
            if *opted_out == out && address == "5"),
            "{events:?}"
        );
    }
    let gone = read(&json!({ "update_id": 3, "deleted_business_messages": {
        "business_connection_id": "bc", "chat": { "id": 5 }, "message_ids": [7, "x", 8] } }));
    assert_eq!(gone.len(), 2);
}

#[test]
fn nothing_is_dropped_and_nothing_stops_the_others() {
    let table = [
        json!(null),
        json!(7),
        json!([]),
        json!({}),
        json!({ "update_id": 1 }),
        json!({ "update_id": "x", "message": null }),
        json!({ "update_id": 1, "message": { "message_id": {}, "chat": 5 } }),
        json!({ "update_id": 1, "message": { "chat": { "id": 5 } } }),
        json!({ "update_id": 1, "callback_query": [] }),
        json!({ "update_id": 1, "something_new": { "from": { "id": 5 } } }),
        private(
            &json!({ "text": 5, "date": "soon", "photo": {}, "entities": [null], "voice": [] }),
        ),
        private(&json!({ "text": "é", "entities": [
            { "type": "text_link", "offset": -1, "length": i64::MAX, "url": "https://x.example" }] })),
    ];
    for value in table {
        let events = read(&value);
        assert_eq!(events.len(), 1, "{value}");
        let Event::Message(new) = &events[0] else {
            panic!("{value}");
        };
        assert!(!new.text.is_empty() && !new.raw.is_empty(), "{value}");
    }
}
