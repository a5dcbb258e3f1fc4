//! From calls and recordings to facts.

use super::map::{Ours, thread, unreadable};
use super::settings::Calls;
use super::wire::{moment, number, plain_address, sid, text};
use crate::model::event::{Flags, NewAttachment};
use crate::model::message::Content;
use crate::model::{Channel, Direction, Event, NewMessage, Party, RemoteId, Timestamp};
use serde_json::Value;

/// The feed of calls.
pub(super) const CALLS: &str = "calls";
/// The feed of recordings.
pub(super) const RECORDINGS: &str = "recordings";

/// The two ends of a call.
struct Line {
    own: String,
    their: Party,
    direction: Direction,
}

/// Whether a call is one that the account wants: it is over, nobody's second leg, and of our numbers.
pub(super) fn takes_call(call: &Value, ours: &Ours, wanted: Calls) -> bool {
    let leg =
        text(call, "parent_call_sid").is_some() || text(call, "direction") == Some("outbound-dial");
    let over = match text(call, "status") {
        Some("queued" | "ringing" | "in-progress" | "initiated") => false,
        Some("completed") => wanted == Calls::All,
        _ => wanted == Calls::All || text(call, "direction") == Some("inbound"),
    };
    !leg && over && line(call, "").is_none_or(|line| ours.sms.contains(&line.own))
}

/// Whether a recording is wanted: what callers left always, what was said in calls where all calls are.
pub(super) fn takes_recording(recording: &Value, wanted: Calls) -> bool {
    let done = text(recording, "status").is_none_or(|status| status == "completed");
    done && (wanted == Calls::All || is_voicemail(recording))
}

fn is_voicemail(recording: &Value) -> bool {
    text(recording, "source") == Some("RecordVerb")
}

fn line(call: &Value, hidden: &str) -> Option<Line> {
    let direction = match text(call, "direction")? {
        "inbound" => Direction::Inbound,
        one if one.starts_with("outbound") => Direction::Outbound,
        _ => return None,
    };
    let end = |key| text(call, key).map(|said| plain_address(said).1);
    let (own, their) = match direction {
        Direction::Inbound => (end("to"), end("from")),
        _ => (end("from"), end("to")),
    };
    let known = their.filter(|their| their.chars().any(|c| c.is_ascii_digit() || c == ':'));
    Some(Line {
        own: own?,
        their: Party {
            // Of two callers who hide their number nobody knows whether they are one.
            address: known.unwrap_or_else(|| format!("hidden-{hidden}")),
            name: text(call, "caller_name").map(str::to_owned),
        },
        direction,
    })
}

/// The fact of one call.
pub(super) fn call(call: &Value, now: Timestamp) -> Event {
    let Some(key) = sid(call, "sid") else {
        return unreadable(call, CALLS, "a call without a SID", now);
    };
    let Some(line) = line(call, key) else {
        return unreadable(call, CALLS, "a call without its ends", now);
    };
    let at = moment(call, "start_time")
        .or_else(|| moment(call, "date_created"))
        .unwrap_or(now);
    let status = text(call, "status").unwrap_or_default();
    let missed = line.direction == Direction::Inbound && status != "completed";
    let mut new = message(CALLS, key, line, at);
    new.content = Content::Call {
        millis: if missed { 0 } else { millis(call) },
    };
    // Calls that were taken need nobody any more.
    new.flags.seen = !missed;
    if !matches!(status, "completed" | "") {
        new.text = format!("[{status}]");
    }
    new.raw = call.to_string().into_bytes();
    Event::Message(Box::new(new))
}

/// The fact of one recording; `call` is the one in which it was made, where Twilio still knows it.
pub(super) fn recording(recording: &Value, call: &Value, ours: &Ours, now: Timestamp) -> Event {
    let Some(key) = sid(recording, "sid") else {
        return unreadable(recording, RECORDINGS, "a recording without a SID", now);
    };
    let voicemail = is_voicemail(recording);
    let line = line(call, key).unwrap_or_else(|| Line {
        own: ours.sms.first().cloned().unwrap_or_default(),
        their: Party::new(format!("hidden-{key}")),
        direction: Direction::Inbound,
    });
    let at = moment(recording, "start_time")
        .or_else(|| moment(recording, "date_created"))
        .unwrap_or(now);
    let mut new = message(RECORDINGS, key, line, at);
    new.content = Content::Voice {
        millis: millis(recording),
    };
    new.flags.seen = !voicemail;
    let name = if voicemail { "voicemail" } else { "recording" };
    new.attachments = vec![NewAttachment {
        name: format!("{name}.mp3"),
        mime: "audio/mpeg".to_owned(),
        fetch: Some(format!("recording/{key}")),
        ..NewAttachment::default()
    }];
    new.raw = recording.to_string().into_bytes();
    Event::Message(Box::new(new))
}

fn message(scope: &str, key: &str, line: Line, at: Timestamp) -> NewMessage {
    let remote = RemoteId {
        scope: scope.to_owned(),
        key: key.to_owned(),
    };
    let conversation = thread(Channel::Voice, &line.own, &line.their.address);
    let own = Party::new(line.own);
    let (from, to) = match line.direction {
        Direction::Inbound => (line.their, own),
        _ => (own, line.their),
    };
    let mut new = NewMessage::inbound(remote, Channel::Voice, from, at);
    new.direction = line.direction;
    new.to = vec![to];
    new.thread.thread = Some(conversation);
    new.thread.thread_decides = true;
    new.flags = Flags::default();
    new
}

/// Seconds of its `duration` as milliseconds; nonsense is none.
fn millis(value: &Value) -> u32 {
    let seconds = number(value, "duration").unwrap_or(0);
    u32::try_from(seconds.saturating_mul(1_000)).unwrap_or(0)
}
