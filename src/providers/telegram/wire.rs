//! Reading what Telegram says, field by field: one of the wrong kind costs that field, never the message.

use crate::model::{Party, Timestamp};
use serde_json::Value;

/// The kinds of updates that are asked for; Telegram keeps the list until it is changed.
pub(super) const WANTED: [&str; 9] = [
    "message",
    "edited_message",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "message_reaction",
    "my_chat_member",
    "callback_query",
];

/// A text that is there and not empty.
pub(super) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str().filter(|text| !text.is_empty())
}

/// A whole number, also one written as text.
pub(super) fn number(value: &Value, key: &str) -> Option<i64> {
    let value = value.get(key)?;
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// A list, empty where it is none.
pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A moment: seconds, or milliseconds where the number is too large to be seconds.
pub(super) fn moment(value: &Value, key: &str) -> Option<Timestamp> {
    let at = number(value, key).filter(|at| *at > 0)?;
    Some(Timestamp(if at > 100_000_000_000 {
        at
    } else {
        at * 1_000
    }))
}

/// A user or chat: its id, and the name that it gave itself.
pub(super) fn party(value: &Value) -> Option<Party> {
    let address = number(value, "id")?.to_string();
    Some(Party {
        address,
        name: name(value),
    })
}

/// The name of a user, chat or contact.
pub(super) fn name(value: &Value) -> Option<String> {
    let words: Vec<&str> = ["first_name", "last_name"]
        .iter()
        .filter_map(|key| text(value, key))
        .collect();
    if words.is_empty() {
        let title = text(value, "title").map(str::to_owned);
        return title.or_else(|| text(value, "username").map(|user| format!("@{user}")));
    }
    Some(words.join(" "))
}

/// The part of a text that an entity covers; offsets are UTF-16 units. `None` where they lead outside.
pub(super) fn covered<'a>(text: &'a str, entity: &Value) -> Option<(usize, &'a str)> {
    let start = usize::try_from(number(entity, "offset")?).ok()?;
    let end = start.checked_add(usize::try_from(number(entity, "length")?).ok()?)?;
    let (mut units, mut from, mut to) = (0, None, None);
    for (at, c) in text.char_indices().chain([(text.len(), '\0')]) {
        if units >= start && from.is_none() {
            from = Some(at);
        }
        if units >= end {
            to = Some(at);
            break;
        }
        units += c.len_utf16();
    }
    let (from, to) = (from?, to?);
    Some((from, text.get(from..to)?))
}
