//! From the call log's records to facts.

use super::map::{Ours, millis, thread, unreadable};
use super::wire::{id, moment, number, party, text};
use crate::model::event::{Flags, NewAttachment};
use crate::model::message::Content;
use crate::model::{Channel, Direction, Event, NewMessage, Party, RemoteId, Timestamp};
use serde_json::Value;

/// The feed of calls.
pub(super) const CALLS: &str = "calls";

/// A call that left a voicemail or fax is told by that.
pub(super) fn is_message(record: &Value) -> bool {
    id(&record["message"], "id").is_some()
}

/// The fact of one call; none where a message tells of it.
pub(super) fn record(record: &Value, ours: Ours<'_>, now: Timestamp) -> Option<Event> {
    if is_message(record) {
        return None;
    }
    let Some(key) = id(record, "id") else {
        return Some(unreadable(record, CALLS, "a call without an id", now));
    };
    let direction = match text(record, "direction") {
        Some("Inbound") => Direction::Inbound,
        Some("Outbound") => Direction::Outbound,
        _ => {
            let why = "a call without a direction";
            return Some(unreadable(record, CALLS, why, now));
        }
    };
    let remote = RemoteId {
        scope: CALLS.to_owned(),
        key: key.clone(),
    };
    let at = moment(record, "startTime").unwrap_or(now);
    let hidden = |end: &Value| Party {
        // Of two callers who hide their number nobody knows whether they are one.
        address: format!("hidden-{key}"),
        name: text(end, "name").map(str::to_owned),
    };
    let from = party(&record["from"]).unwrap_or_else(|| match direction {
        Direction::Outbound => Party::new(ours.numbers.first().cloned().unwrap_or_default()),
        _ => hidden(&record["from"]),
    });
    let to: Vec<Party> = match (party(&record["to"]), direction) {
        (Some(to), _) => vec![to],
        (None, Direction::Outbound) => vec![hidden(&record["to"])],
        (None, _) => Vec::new(),
    };
    let mut new = NewMessage::inbound(remote, Channel::Voice, from, at);
    new.direction = direction;
    new.thread.thread = Some(thread(&new.from, &to, direction, ours));
    new.thread.thread_decides = true;
    new.to = to;
    let result = text(record, "result").unwrap_or_default();
    let missed = direction == Direction::Inbound && !answered(result);
    new.content = Content::Call {
        millis: if missed {
            0
        } else {
            millis(number(record, "duration").unwrap_or(0))
        },
    };
    // Calls that were taken need nobody any more.
    new.flags = Flags {
        seen: !missed,
        ..Flags::default()
    };
    if !matches!(result, "" | "Missed" | "Accepted" | "Call connected") {
        new.text = format!("[{}]", result.to_lowercase());
    }
    let recording = &record["recording"];
    if let Some(id) = id(recording, "id") {
        new.attachments = vec![NewAttachment {
            name: "recording.mp3".to_owned(),
            mime: "audio/mpeg".to_owned(),
            fetch: Some(format!("recording/{id}")),
            ..NewAttachment::default()
        }];
    }
    new.raw = record.to_string().into_bytes();
    Some(Event::Message(Box::new(new)))
}

fn answered(result: &str) -> bool {
    matches!(result, "Accepted" | "Call connected" | "Answered")
}
