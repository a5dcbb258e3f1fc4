use super::*;
use serde_json::json;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn posted(field: &str, value: &Value) -> Vec<u8> {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "W", "changes": [{"field": field, "value": value}]}]})
        .to_string()
        .into_bytes()
}

fn read(messages: &Value) -> Vec<Event> {
    let value = json!({
        "metadata": {"phone_number_id": "P"},
        "contacts": [{"profile": {"name": "Ann"}, "wa_id": "15551234567", "user_id": "US.1349"}],
        "messages": messages,
    });
    events(&posted("messages", &value), "P", NOW).unwrap()
}

fn message(raw: Value) -> NewMessage {
    let mut raw = raw;
    for (key, value) in [
        ("id", "wamid.A"),
        ("from", "15551234567"),
        ("timestamp", "1700000000"),
    ] {
        raw[key] = json!(value);
    }
    match read(&json!([raw])).remove(0) {
        Event::Message(message) => *message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_text_with_its_sender() {
    let new = message(json!({"type": "text", "text": {"body": "Hi"}}));
    assert_eq!(new.text, "Hi");
    assert_eq!(new.from, Party::named("+15551234567", "Ann"));
    assert_eq!(new.thread.thread.as_deref(), Some("15551234567"));
    assert_eq!(new.sent_at, Timestamp(1_700_000_000_000));
    assert_eq!(new.window_ms, Some(WINDOW_MS));
    assert!(new.from_verified && new.thread.thread_decides && !new.raw.is_empty());
}

#[test]
fn every_type_is_readable_text() {
    let table = [
        (
            json!({"type": "location", "location": {"latitude": 1.5, "longitude": -2.0, "name": "Shop"}}),
            "Shop\nlocation 1.500000, -2.000000",
        ),
        (
            json!({"type": "contacts", "contacts": [{"name": {"formatted_name": "Bo"}, "phones": [{"phone": "+1"}]}]}),
            "contact: Bo +1",
        ),
        (
            json!({"type": "button", "button": {"payload": "p", "text": "Yes"}}),
            "Yes",
        ),
        (
            json!({"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"id": "1", "title": "Tue", "description": "9-12"}}}),
            "Tue\n9-12",
        ),
        (
            json!({"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "1", "title": "No"}}}),
            "No",
        ),
        (
            json!({"type": "order", "order": {"text": "pls", "product_items": [{"product_retailer_id": "s1", "quantity": 2, "item_price": 3.5, "currency": "EUR"}]}}),
            "pls\n2 x s1 at 3.5 EUR",
        ),
        (
            json!({"type": "system", "system": {"type": "user_changed_number", "body": "Ann changed number"}}),
            "Ann changed number",
        ),
        (
            json!({"type": "text", "text": {"body": "x"}, "context": {"forwarded": true}}),
            "[forwarded]\nx",
        ),
    ];
    for (raw, text) in table {
        let new = message(raw.clone());
        assert_eq!(
            (new.text.as_str(), &new.content),
            (text, &Content::Text),
            "{raw}"
        );
    }
}

#[test]
fn files_can_be_fetched_and_voice_is_voice() {
    let new = message(
        json!({"type": "audio", "audio": {"id": "9", "mime_type": "audio/ogg; codecs=opus", "voice": true}}),
    );
    assert_eq!(new.content, Content::Voice { millis: 0 });
    assert_eq!(new.attachments[0].mime, "audio/ogg");
    assert_eq!(new.attachments[0].fetch.as_deref(), Some("9"));
    let new = message(
        json!({"type": "document", "document": {"id": "8", "mime_type": "application/pdf", "filename": "../a.pdf", "caption": "the bill"}}),
    );
    assert_eq!(
        (new.text.as_str(), new.attachments[0].name.as_str()),
        ("the bill", "../a.pdf")
    );
}

#[test]
fn what_is_not_known_is_shown_as_such() {
    for (raw, what) in [
        (json!({"type": "hologram", "hologram": {}}), "hologram"),
        (
            json!({"type": "unsupported", "errors": [{"code": 131_051, "title": "Message type unknown"}]}),
            "unsupported",
        ),
        (json!({}), "unknown"),
        (json!({"type": "text", "text": {"body": 7}}), "text"),
        (json!({"type": "image", "image": "nonsense"}), "image"),
    ] {
        let new = message(raw.clone());
        let what = what.to_owned();
        assert_eq!(new.content, Content::Unsupported { what }, "{raw}");
    }
    let new = match read(&json!(["not an object"])).remove(0) {
        Event::Message(message) => *message,
        other => panic!("{other:?}"),
    };
    assert!(matches!(new.content, Content::Unreadable { .. }));
    assert_eq!(read(&json!([{"id": "x", "type": "text"}, {"id": "y", "from": "1", "type": "text", "text": {"body": "b"}}])).len(), 2);
}

#[test]
fn reactions_edits_and_recalls_are_facts_about_messages() {
    let facts = read(&json!([
        {"id": "1", "from": "15551234567", "type": "reaction", "reaction": {"message_id": "wamid.Z", "emoji": "👍"}},
        {"id": "2", "from": "15551234567", "type": "reaction", "reaction": {"message_id": "wamid.Z"}},
        {"id": "3", "from": "15551234567", "type": "edit", "edit": {"original_message_id": "wamid.Z", "message": {"type": "text", "text": {"body": "new"}}}},
        {"id": "4", "from": "15551234567", "type": "revoke", "revoke": {"original_message_id": "wamid.Z"}},
    ]));
    assert!(matches!(&facts[0], Event::Reaction { emoji, .. } if emoji == "👍"));
    assert!(matches!(&facts[1], Event::Reaction { emoji, .. } if emoji.is_empty()));
    assert!(matches!(&facts[2], Event::Edited { text, .. } if text == "new"));
    assert!(matches!(&facts[3], Event::Gone { remote } if remote.key == "wamid.Z"));
}

#[test]
fn a_person_without_a_phone_is_known_by_the_user_id() {
    let facts = read(
        &json!([{"id": "1", "from_user_id": "US.1349", "type": "text", "text": {"body": "x"}}]),
    );
    let Event::Message(new) = &facts[0] else {
        panic!()
    };
    assert_eq!(new.from, Party::named("US.1349", "Ann"));
}

#[test]
fn states_by_our_own_reference() {
    let value = json!({"metadata": {"phone_number_id": "P"}, "statuses": [
        {"id": "wamid.A", "status": "sent", "timestamp": "1700000000", "biz_opaque_callback_data": "fd-1", "pricing": {"billable": true, "category": "utility"}},
        {"id": "wamid.B", "status": "played", "timestamp": 1_700_000_000},
        {"id": "wamid.C", "status": "failed", "timestamp": "x", "errors": [{"code": 131_047, "title": "Re-engagement", "error_data": {"details": "24 h"}}]},
        {"id": "wamid.D", "status": "warning"},
        {"status": "sent"},
    ]});
    let facts = events(&posted("messages", &value), "P", NOW).unwrap();
    let told: Vec<_> = facts
        .iter()
        .map(|fact| match fact {
            Event::Delivery(update) => (
                update.reference.as_str(),
                update.state,
                update.at.0,
                update.detail.as_deref(),
            ),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                "fd-1",
                DeliveryState::Sent,
                1_700_000_000_000,
                Some("billed: utility")
            ),
            ("wamid.B", DeliveryState::Read, 1_700_000_000_000, None),
            (
                "wamid.C",
                DeliveryState::Failed,
                NOW.0,
                Some("24 h (code 131047)")
            ),
        ]
    );
}

#[test]
fn replies_from_the_phone_are_outbound() {
    let value = json!({"metadata": {"phone_number_id": "P"}, "message_echoes": [
        {"id": "wamid.E", "from": "15550001111", "to": "15551234567", "timestamp": "1700000000", "type": "text", "text": {"body": "from the phone"}},
    ]});
    let facts = events(&posted("smb_message_echoes", &value), "P", NOW).unwrap();
    let Event::Message(new) = &facts[0] else {
        panic!()
    };
    assert_eq!(new.direction, Direction::Outbound);
    assert_eq!(new.thread.thread.as_deref(), Some("15551234567"));
    assert_eq!(new.window_ms, None);
}

#[test]
fn other_numbers_other_products_and_nonsense() {
    let value = json!({"metadata": {"phone_number_id": "Q"}, "messages": [{"id": "1", "from": "1", "type": "text", "text": {"body": "x"}}]});
    assert!(
        events(&posted("messages", &value), "P", NOW)
            .unwrap()
            .is_empty()
    );
    let value = json!({"event": "APPROVED", "message_template_name": "x"});
    assert!(
        events(&posted("message_template_status_update", &value), "P", NOW)
            .unwrap()
            .is_empty()
    );
    for body in ["", "{", "[]", r#"{"object":"page"}"#, r#"{"entry":1}"#] {
        assert!(events(body.as_bytes(), "P", NOW).is_err(), "{body}");
    }
    let wrong = posted("messages", &json!({"messages": 7}));
    assert!(
        matches!(&events(&wrong, "P", NOW).unwrap()[0], Event::Message(new) if matches!(new.content, Content::Unreadable { .. }))
    );
}
