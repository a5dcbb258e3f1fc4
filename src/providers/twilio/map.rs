//! From messages as Twilio lists or posts them to facts.

use super::codes;
use super::settings::TwilioSettings;
use super::wire::{fingerprint, list, moment, number, plain_address, sid, text};
use crate::model::event::{DeliveryUpdate, Flags, NewAttachment};
use crate::model::message::Content;
use crate::model::time::HOUR;
use crate::model::{
    Channel, DeliveryState, Direction, Event, NewMessage, Party, RemoteId, Timestamp,
};
use serde_json::Value;

/// The feed of messages.
pub(super) const MESSAGES: &str = "messages";
/// How long WhatsApp takes free replies.
pub(super) const WINDOW_MS: i64 = 24 * HOUR;

/// Who we are there.
#[derive(Debug, Clone, Default)]
pub(super) struct Ours {
    pub(super) sms: Vec<String>,
    pub(super) whatsapp: Vec<String>,
    pub(super) service: Option<String>,
}

/// One message's two ends.
struct Ends {
    channel: Option<Channel>,
    own: Option<String>,
    their: Option<String>,
    direction: Direction,
}

impl Ours {
    pub(super) fn new(settings: &TwilioSettings) -> Self {
        let service = settings.messaging_service.as_deref().map(str::trim);
        Self {
            sms: settings.senders(Channel::Sms),
            whatsapp: settings.senders(Channel::Whatsapp),
            service: service.filter(|sid| !sid.is_empty()).map(str::to_owned),
        }
    }

    /// Our addresses on a channel.
    pub(super) fn on(&self, channel: Channel) -> &[String] {
        match channel {
            Channel::Whatsapp => &self.whatsapp,
            _ => &self.sms,
        }
    }

    /// Whether a message is of this account's numbers: others of the same login have their own work. What cannot be read
    /// is taken, so that it is seen.
    pub(super) fn takes(&self, record: &Value) -> bool {
        let Some(ends) = ends(record) else {
            return true;
        };
        let Some(channel) = ends.channel else {
            return false;
        };
        let by_service = self.service.is_some()
            && text(record, "messaging_service_sid") == self.service.as_deref();
        by_service || ends.own.is_some_and(|own| self.on(channel).contains(&own))
    }
}

fn ends(record: &Value) -> Option<Ends> {
    let end = |key| text(record, key).map(plain_address);
    let (from, to) = (end("from"), end("to"));
    let direction = match text(record, "direction")? {
        "inbound" => Direction::Inbound,
        one if one.starts_with("outbound") => Direction::Outbound,
        _ => return None,
    };
    let (own, their) = match direction {
        Direction::Inbound => (to, from),
        _ => (from, to),
    };
    Some(Ends {
        channel: their.as_ref().or(own.as_ref())?.0,
        own: own.map(|(_, address)| address),
        their: their.map(|(_, address)| address),
        direction,
    })
}

/// The facts of one message. What cannot be read is kept as such.
pub(super) fn record(record: &Value, ours: &Ours, now: Timestamp) -> Vec<Event> {
    let Some(key) = sid(record, "sid") else {
        return vec![unreadable(record, MESSAGES, "a message without a SID", now)];
    };
    let read = ends(record).and_then(|ends| message(record, key, ends, ours, now));
    let Some(new) = read else {
        let why = "a message without a direction or without its ends";
        return vec![unreadable(record, MESSAGES, why, now)];
    };
    let outbound = new.direction == Direction::Outbound;
    let mut events = vec![Event::Message(Box::new(new))];
    if outbound {
        events.extend(delivery(record, key, now));
    }
    events
}

fn message(
    record: &Value,
    key: &str,
    ends: Ends,
    ours: &Ours,
    now: Timestamp,
) -> Option<NewMessage> {
    let channel = ends.channel.unwrap_or(Channel::Sms);
    let own = ends
        .own
        .or_else(|| ours.on(channel).first().cloned())
        .or_else(|| ours.service.clone())?;
    let their = ends.their?;
    let remote = RemoteId {
        scope: MESSAGES.to_owned(),
        key: key.to_owned(),
    };
    let at = when(record).unwrap_or(now);
    let inbound = ends.direction == Direction::Inbound;
    let profile = text(record, "profile_name").map(str::to_owned);
    let customer = Party {
        address: their.clone(),
        name: profile.filter(|_| inbound),
    };
    let (from, to) = if inbound {
        (customer, Party::new(own.clone()))
    } else {
        (Party::new(own.clone()), customer)
    };
    let mut new = NewMessage::inbound(remote, channel, from, at);
    new.direction = ends.direction;
    new.thread.thread = Some(thread(channel, &own, &their));
    new.thread.thread_decides = true;
    new.to = vec![to];
    new.flags = Flags {
        seen: !inbound,
        ..Flags::default()
    };
    new.own_reference = (!inbound).then(|| key.to_owned());
    if inbound && channel == Channel::Whatsapp {
        // The platform vouches for the number; whoever sends an SMS may write any.
        new.from_verified = true;
        new.window_ms = Some(WINDOW_MS);
    }
    text(record, "body")
        .unwrap_or_default()
        .clone_into(&mut new.text);
    new.attachments = attachments(record, key);
    if new.text.is_empty() && new.attachments.is_empty() {
        let what = text(record, "message_type").unwrap_or("empty");
        new.text = match number(record, "num_media") {
            Some(count) if count > 0 => "[files that cannot be listed]".to_owned(),
            _ => "[a message without text, such as a place or a contact]".to_owned(),
        };
        new.content = Content::Unsupported {
            what: what.to_owned(),
        };
    }
    new.raw = record.to_string().into_bytes();
    Some(new)
}

/// Which conversation: one of our addresses with one of theirs.
pub(super) fn thread(channel: Channel, own: &str, their: &str) -> String {
    match channel {
        Channel::Whatsapp => format!("whatsapp:{own} {their}"),
        // Calls and texts between two numbers are one conversation.
        _ => format!("{own} {their}"),
    }
}

/// When it was sent, else made.
pub(super) fn when(record: &Value) -> Option<Timestamp> {
    moment(record, "date_sent").or_else(|| moment(record, "date_created"))
}

fn attachments(record: &Value, message: &str) -> Vec<NewAttachment> {
    let files = list(record, "media_list").iter().enumerate();
    files
        .filter_map(|(index, file)| {
            let id = sid(file, "sid")?;
            let mime = text(file, "content_type").unwrap_or("application/octet-stream");
            Some(NewAttachment {
                name: format!("{}-{}{}", called(mime), index + 1, ending(mime)),
                mime: mime.to_owned(),
                fetch: Some(format!("message/{message}/{id}")),
                ..NewAttachment::default()
            })
        })
        .collect()
}

fn called(mime: &str) -> &'static str {
    match mime.split('/').next().unwrap_or_default() {
        "image" => "picture",
        "video" => "video",
        "audio" => "audio",
        _ => "file",
    }
}

fn ending(mime: &str) -> &'static str {
    match mime.split(';').next().unwrap_or_default().trim() {
        "image/jpeg" => ".jpg",
        "image/png" => ".png",
        "image/gif" => ".gif",
        "image/webp" => ".webp",
        "video/mp4" => ".mp4",
        "video/3gpp" => ".3gp",
        "audio/mpeg" => ".mp3",
        "audio/ogg" => ".ogg",
        "audio/amr" => ".amr",
        "audio/mp4" => ".m4a",
        "application/pdf" => ".pdf",
        "text/vcard" | "text/x-vcard" => ".vcf",
        "text/plain" => ".txt",
        _ => "",
    }
}

/// How far something that left got, and the opt-out that its failure may tell of.
pub(super) fn delivery(record: &Value, key: &str, now: Timestamp) -> Vec<Event> {
    let code = number(record, "error_code").unwrap_or(0);
    let Some(state) = text(record, "status").and_then(state) else {
        return Vec::new();
    };
    let at = moment(record, "date_updated")
        .or_else(|| when(record))
        .unwrap_or(now);
    let failed = state == DeliveryState::Failed;
    let mut events = vec![Event::Delivery(DeliveryUpdate {
        reference: key.to_owned(),
        state,
        at,
        detail: failed.then(|| why(record, code)),
    })];
    if failed
        && code == codes::OPTED_OUT
        && let Some((Some(channel), address)) = text(record, "to").map(plain_address)
    {
        events.push(Event::Consent {
            address,
            channel,
            opted_out: true,
            at,
        });
    }
    events
}

/// How far a status is; `None` for those before the receipt's.
pub(super) fn state(status: &str) -> Option<DeliveryState> {
    Some(match status {
        "sent" => DeliveryState::Sent,
        "delivered" | "partially_delivered" => DeliveryState::Delivered,
        "read" => DeliveryState::Read,
        "failed" | "undelivered" | "canceled" => DeliveryState::Failed,
        _ => return None,
    })
}

fn why(record: &Value, code: i64) -> String {
    match (codes::words(code), code) {
        (Some(words), _) => format!("{words} ({code})"),
        (None, 0) => text(record, "status").unwrap_or("failed").to_owned(),
        (None, _) => format!(
            "{} ({code})",
            text(record, "error_message").unwrap_or("it did not arrive")
        ),
    }
}

/// Something that came and cannot be read, under the name that its bytes give it.
pub(super) fn unreadable(value: &Value, scope: &str, why: &str, now: Timestamp) -> Event {
    let remote = RemoteId {
        scope: scope.to_owned(),
        key: format!("unreadable-{}", fingerprint(value)),
    };
    let mut new = NewMessage::inbound(remote, Channel::Sms, Party::new("twilio"), now);
    new.text = "[Twilio sent something that cannot be read]".to_owned();
    new.content = Content::Unreadable {
        reason: why.to_owned(),
    };
    new.thread.thread = Some("unreadable".to_owned());
    new.thread.thread_decides = true;
    new.raw = value.to_string().into_bytes();
    Event::Message(Box::new(new))
}
