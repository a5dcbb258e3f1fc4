//! From the message store's records to facts.

use super::codes;
use super::wire::{fingerprint, id, list, moment, number, party, text};
use crate::model::event::{DeliveryUpdate, Flags, NewAttachment};
use crate::model::message::Content;
use crate::model::{
    Channel, DeliveryState, Direction, Event, NewMessage, Party, RemoteId, Timestamp,
};
use serde_json::Value;

/// The feed of messages.
pub(super) const MESSAGES: &str = "messages";

/// Who we are there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ours<'a> {
    /// Our numbers, the first sends.
    pub(super) numbers: &'a [String],
}

impl Ours<'_> {
    fn has(&self, address: &str) -> bool {
        self.numbers.iter().any(|number| number == address)
    }
}

/// The facts of one record. What cannot be read is kept as such; `transcript` is what a voicemail says.
pub(super) fn record(
    record: &Value,
    transcript: Option<&str>,
    ours: Ours<'_>,
    now: Timestamp,
) -> Vec<Event> {
    let Some(key) = id(record, "id") else {
        return vec![unreadable(record, MESSAGES, "a message without an id", now)];
    };
    let remote = RemoteId {
        scope: MESSAGES.to_owned(),
        key,
    };
    let gone = matches!(text(record, "availability"), Some("Deleted" | "Purged"));
    // Of what was deleted RingCentral tells the id and no more.
    if gone && text(record, "type").is_none() {
        return vec![Event::Gone { remote }];
    }
    let Some(new) = message(record, &remote, transcript, ours, now) else {
        return vec![unreadable(
            record,
            MESSAGES,
            "a message without a direction",
            now,
        )];
    };
    let outbound = new.direction == Direction::Outbound;
    let to: Vec<String> = new.to.iter().map(|party| party.address.clone()).collect();
    let channel = new.channel;
    let mut events = vec![Event::Message(Box::new(new))];
    if outbound {
        events.extend(delivery(record, &remote.key, &to, channel, now));
    }
    if gone {
        events.push(Event::Gone { remote });
    }
    events
}

fn message(
    record: &Value,
    remote: &RemoteId,
    transcript: Option<&str>,
    ours: Ours<'_>,
    now: Timestamp,
) -> Option<NewMessage> {
    let direction = match text(record, "direction")? {
        "Inbound" => Direction::Inbound,
        "Outbound" => Direction::Outbound,
        _ => return None,
    };
    let kind = text(record, "type").unwrap_or("message");
    let channel = match kind {
        "VoiceMail" | "Fax" => Channel::Voice,
        _ => Channel::Sms,
    };
    let at = moment(record, "creationTime").unwrap_or(now);
    let hidden = || Party {
        address: format!("hidden-{}", remote.key),
        name: text(&record["from"], "name").map(str::to_owned),
    };
    let to: Vec<Party> = list(record, "to").iter().filter_map(party).collect();
    let from = match (party(&record["from"]), direction) {
        (Some(from), _) => from,
        (None, Direction::Outbound) => Party::new(ours.numbers.first()?.clone()),
        (None, _) => hidden(),
    };
    let mut new = NewMessage::inbound(remote.clone(), channel, from, at);
    new.direction = direction;
    new.thread.thread = Some(thread(&new.from, &to, direction, ours));
    new.thread.thread_decides = true;
    new.to = to;
    new.flags = Flags {
        seen: direction == Direction::Outbound || text(record, "readStatus") == Some("Read"),
        ..Flags::default()
    };
    new.own_reference = (direction == Direction::Outbound).then(|| remote.key.clone());
    let said = text(record, "subject").unwrap_or_default();
    let files = list(record, "attachments");
    match kind {
        "SMS" | "Text" | "Pager" => new.text = said.to_owned(),
        "VoiceMail" => {
            new.text = transcript.unwrap_or_default().to_owned();
            let seconds = files.iter().find_map(|file| number(file, "vmDuration"));
            new.content = Content::Voice {
                millis: millis(seconds.unwrap_or(0)),
            };
        }
        other => {
            new.text = format!("[{}]", other.to_lowercase());
            if !said.is_empty() {
                new.text = format!("{} {said}", new.text);
            }
            new.content = Content::Unsupported {
                what: other.to_owned(),
            };
        }
    }
    new.attachments = attachments(files, &remote.key, kind, !said.is_empty());
    new.raw = record.to_string().into_bytes();
    Some(new)
}

/// Seconds as milliseconds; nonsense is none.
pub(super) fn millis(seconds: i64) -> u32 {
    u32::try_from(seconds.saturating_mul(1_000)).unwrap_or(0)
}

/// Which conversation: one of our numbers with everybody at the other end. RingCentral's own id for it differs between
/// what it tells by which way; the numbers do not.
pub(super) fn thread(from: &Party, to: &[Party], direction: Direction, ours: Ours<'_>) -> String {
    let to = to.iter().map(|party| party.address.as_str());
    let (own, mut theirs): (&str, Vec<&str>) = if direction == Direction::Outbound {
        (&from.address, to.collect())
    } else {
        let own = to.clone().find(|one| ours.has(one));
        let own = own
            .or_else(|| to.clone().next())
            .or_else(|| ours.numbers.first().map(String::as_str));
        let own = own.unwrap_or_default();
        let others = to.filter(|one| *one != own);
        (own, others.chain([from.address.as_str()]).collect())
    };
    theirs.sort_unstable();
    theirs.dedup();
    format!("{own} {}", theirs.join(","))
}

fn attachments(files: &[Value], message: &str, kind: &str, said: bool) -> Vec<NewAttachment> {
    files
        .iter()
        .filter_map(|file| {
            let sort = text(file, "type").unwrap_or_default();
            // The text of an SMS, which stands in the record already.
            if sort == "Text" && said && matches!(kind, "SMS" | "Text" | "Pager") {
                return None;
            }
            let attachment = id(file, "id")?;
            let mime = text(file, "contentType").unwrap_or("application/octet-stream");
            let name = text(file, "fileName").map_or_else(
                || format!("{}{}", called(sort, &attachment), ending(mime)),
                str::to_owned,
            );
            let size = number(file, "size").and_then(|size| u64::try_from(size).ok());
            Some(NewAttachment {
                name,
                mime: mime.to_owned(),
                size: size.unwrap_or(0),
                fetch: Some(format!("message/{message}/{attachment}")),
                ..NewAttachment::default()
            })
        })
        .collect()
}

fn called(sort: &str, id: &str) -> String {
    match sort {
        "AudioRecording" => "voicemail".to_owned(),
        "AudioTranscription" => "transcription".to_owned(),
        "RenderedDocument" | "SourceDocument" => "fax".to_owned(),
        _ => format!("file-{id}"),
    }
}

fn ending(mime: &str) -> &'static str {
    match mime.split(';').next().unwrap_or_default().trim() {
        "audio/mpeg" | "audio/mp3" => ".mp3",
        "audio/wav" | "audio/x-wav" => ".wav",
        "application/pdf" => ".pdf",
        "image/jpeg" => ".jpg",
        "image/png" => ".png",
        "image/gif" => ".gif",
        "text/plain" => ".txt",
        _ => "",
    }
}

/// How far something that left got.
fn delivery(
    record: &Value,
    key: &str,
    to: &[String],
    channel: Channel,
    now: Timestamp,
) -> Vec<Event> {
    let code = text(record, "deliveryErrorCode");
    let state = match text(record, "messageStatus") {
        Some("Sent") => DeliveryState::Sent,
        Some("Delivered") => DeliveryState::Delivered,
        Some("DeliveryFailed" | "SendingFailed") => DeliveryState::Failed,
        // Queued is what the receipt said already.
        _ => return Vec::new(),
    };
    let at = ["smsDeliveryTime", "lastModifiedTime", "creationTime"]
        .iter()
        .find_map(|key| moment(record, key))
        .unwrap_or(now);
    let failed = state == DeliveryState::Failed;
    let mut events = vec![Event::Delivery(DeliveryUpdate {
        reference: key.to_owned(),
        state,
        at,
        detail: failed.then(|| codes::delivery(code)),
    })];
    if failed && code.is_some_and(codes::opted_out) {
        let all = to.iter().map(|address| Event::Consent {
            address: address.clone(),
            channel,
            opted_out: true,
            at,
        });
        events.extend(all);
    }
    events
}

/// Something that came and cannot be read, under the name that its bytes give it.
pub(super) fn unreadable(value: &Value, scope: &str, why: &str, now: Timestamp) -> Event {
    let remote = RemoteId {
        scope: scope.to_owned(),
        key: format!("unreadable-{}", fingerprint(value)),
    };
    let mut new = NewMessage::inbound(remote, Channel::Sms, Party::new("ringcentral"), now);
    new.text = "[RingCentral sent something that cannot be read]".to_owned();
    new.content = Content::Unreadable {
        reason: why.to_owned(),
    };
    new.thread.thread = Some("unreadable".to_owned());
    new.thread.thread_decides = true;
    new.raw = value.to_string().into_bytes();
    Event::Message(Box::new(new))
}
