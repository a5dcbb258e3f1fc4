//! From a message's bytes to the facts about it. Pure: the same bytes give the same facts.

use super::ids::{dedupe, message_id, message_ids};
use super::imap::Role;
use super::{auth_results, bounce, kind};
use crate::model::event::Flags;
use crate::model::{
    Channel, Content, Direction, MessageKind, NewAttachment, NewMessage, Party, RemoteId,
    Timestamp, time::DAY,
};
use crate::text::mime::limits::{self, Within};
use mail_parser::{
    Address, HeaderName, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Recipients of one header that are kept.
const PARTIES: usize = 500;

/// A message as the server handed it over.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// Where it is.
    pub remote: RemoteId,
    /// What its folder is for.
    pub role: Role,
    /// Its flags.
    pub flags: Flags,
    /// When the server got it.
    pub received: Timestamp,
    /// Gmail's thread.
    pub gmail_thread: Option<String>,
    /// Gmail says that it was sent by us.
    pub gmail_sent: bool,
    /// Its bytes.
    pub raw: Vec<u8>,
}

/// What the account knows of itself.
#[derive(Debug, Clone, Default)]
pub struct Ours {
    /// Our addresses, lower-cased.
    pub addresses: Vec<String>,
    /// The server whose `Authentication-Results` count.
    pub authserv: Option<String>,
}

/// The facts about a message. One that cannot be read is a fact too, with its bytes and the reason.
pub fn message(arrived: Arrived, ours: &Ours) -> NewMessage {
    // The parser is not ours: should it ever stumble, one message is unreadable and all others are read.
    match catch_unwind(AssertUnwindSafe(|| read(&arrived, ours))) {
        Ok(mut message) => {
            message.raw = arrived.raw;
            message
        }
        Err(_) => unreadable(arrived, "the parser stumbled over it"),
    }
}

/// The fact that a message exists which nobody can read.
pub fn unreadable(arrived: Arrived, reason: &str) -> NewMessage {
    let mut message = bare(&arrived);
    message.content = Content::Unreadable {
        reason: reason.to_owned(),
    };
    message.dedupe = if arrived.raw.is_empty() {
        message.dedupe
    } else {
        dedupe(None, "", "", &arrived.raw)
    };
    message.raw = arrived.raw;
    message
}

fn bare(arrived: &Arrived) -> NewMessage {
    let mut message = NewMessage::inbound(
        arrived.remote.clone(),
        Channel::Email,
        Party::default(),
        arrived.received,
    );
    message.flags = arrived.flags;
    message.flags.junk |= arrived.role == Role::Junk;
    message.thread.thread.clone_from(&arrived.gmail_thread);
    message
}

fn read(arrived: &Arrived, ours: &Ours) -> NewMessage {
    let parser = MessageParser::default();
    match limits::within(&arrived.raw) {
        Within::All(bytes) => match parser.parse(bytes.as_ref()) {
            Some(parsed) if depth(&parsed, 0) <= limits::DEPTH => {
                let mut message = heading(arrived, &parsed, ours);
                body(&mut message, &parsed);
                message
            }
            Some(parsed) => closed(
                arrived,
                &parsed,
                ours,
                "its parts are nested more deeply than anybody writes",
            ),
            None => unreadable(arrived.clone(), "it is empty or has no header"),
        },
        Within::HeaderOnly(bytes, why) => match parser.parse_headers(bytes.as_ref()) {
            Some(parsed) => closed(arrived, &parsed, ours, why),
            None => unreadable(arrived.clone(), why),
        },
    }
}

/// The header told, the body left closed.
fn closed(arrived: &Arrived, parsed: &Message<'_>, ours: &Ours, why: &str) -> NewMessage {
    let mut message = heading(arrived, parsed, ours);
    message.content = Content::Unreadable {
        reason: why.to_owned(),
    };
    message
}

fn depth(message: &Message<'_>, above: usize) -> usize {
    if above > limits::DEPTH {
        return above;
    }
    let mut levels = vec![0_usize; message.parts.len()];
    let mut deepest = above;
    // A multipart stands before its parts, so one pass is enough.
    for (at, part) in message.parts.iter().enumerate() {
        let here = levels[at];
        match &part.body {
            PartType::Multipart(children) => {
                for child in children {
                    if let Some(level) = levels.get_mut(*child as usize) {
                        *level = here + 1;
                        deepest = deepest.max(above + here + 1);
                    }
                }
            }
            PartType::Message(inner) => deepest = deepest.max(depth(inner, above + here + 1)),
            _ => {}
        }
    }
    deepest
}

fn heading(arrived: &Arrived, parsed: &Message<'_>, ours: &Ours) -> NewMessage {
    let mut message = bare(arrived);
    let senders = parties(parsed, &HeaderName::From);
    let id = parsed.message_id().and_then(message_id);
    message.from = sender(senders, parsed);
    message.to = parties(parsed, &HeaderName::To);
    message.cc = parties(parsed, &HeaderName::Cc);
    message.reply_to = parties(parsed, &HeaderName::ReplyTo);
    parsed
        .subject()
        .unwrap_or_default()
        .clone_into(&mut message.subject);
    message.sent_at = sent_at(parsed, arrived.received);
    message.thread.message_id.clone_from(&id);
    message.thread.in_reply_to = message_ids(texts(parsed.in_reply_to()).into_iter());
    message.thread.references = message_ids(texts(parsed.references()).into_iter());
    message.kind = kind::kind(parsed, &message.from.address);
    let date = parsed
        .header_raw(HeaderName::Date)
        .unwrap_or_default()
        .trim();
    message.dedupe = dedupe(id.as_deref(), &message.from.address, date, &arrived.raw);
    if sent_by_us(arrived, &message.from.address, parsed, ours) {
        message.direction = Direction::Outbound;
        message.own_reference = id;
    } else if let Some(authserv) = &ours.authserv {
        message.from_verified = auth_results::vouched(parsed, authserv, &message.from.address);
    }
    message
}

/// A message with our address as sender is ours only where nobody else can put one: in the Sent folder, under Gmail's
/// label, or where it never went through a receiving server. In the inbox everybody can claim to be us.
fn sent_by_us(arrived: &Arrived, from: &str, parsed: &Message<'_>, ours: &Ours) -> bool {
    let own = ours.addresses.contains(&from.to_lowercase());
    let place = match arrived.role {
        Role::Sent => true,
        Role::All => arrived.gmail_sent,
        Role::Archive | Role::Other => parsed.header_raw(HeaderName::Received).is_none(),
        _ => false,
    };
    own && place
}

/// Who wrote it. Where several claim to, all of them are named, so that none hides behind another.
fn sender(mut senders: Vec<Party>, parsed: &Message<'_>) -> Party {
    if senders.is_empty() {
        senders = parties(parsed, &HeaderName::Sender);
    }
    if senders.is_empty() {
        let path = parsed.return_address().unwrap_or_default();
        return Party::new(path);
    }
    if senders.len() > 1 {
        let all: Vec<String> = senders
            .iter()
            .take(5)
            .map(|party| match &party.name {
                Some(name) => format!("{name} <{}>", party.address),
                None => party.address.clone(),
            })
            .collect();
        let first = senders.swap_remove(0);
        return Party::named(first.address, all.join(", "));
    }
    senders.swap_remove(0)
}

fn parties(parsed: &Message<'_>, header: &HeaderName<'static>) -> Vec<Party> {
    let mut out: Vec<Party> = Vec::new();
    let addresses = parsed
        .header_values(header.clone())
        .filter_map(HeaderValue::as_address)
        .flat_map(Address::iter)
        .take(20 * PARTIES);
    for entry in addresses {
        let Some(address) = entry
            .address()
            .map(str::trim)
            .filter(|text| !text.is_empty())
        else {
            continue;
        };
        if out.len() < PARTIES {
            out.push(Party {
                address: address.to_owned(),
                name: entry
                    .name()
                    .map(str::trim)
                    .filter(|name| !name.is_empty() && *name != address)
                    .map(str::to_owned),
            });
        }
    }
    out
}

fn texts<'a>(value: &'a HeaderValue<'_>) -> Vec<&'a str> {
    match value {
        HeaderValue::Text(text) => vec![text.as_ref()],
        HeaderValue::TextList(list) => list.iter().map(AsRef::as_ref).collect(),
        _ => Vec::new(),
    }
}

/// The author's date if it can be one: not before mail had dates, not after it came.
fn sent_at(parsed: &Message<'_>, received: Timestamp) -> Timestamp {
    const EIGHTIES: i64 = 315_532_800_000;
    parsed
        .date()
        .filter(|date| date.is_valid())
        .map(|date| Timestamp::from_seconds(date.to_timestamp()))
        .filter(|at| at.0 > EIGHTIES && at.since(received) < DAY)
        .unwrap_or(received)
}

fn body(message: &mut NewMessage, parsed: &Message<'_>) {
    let mut shown: Vec<u32> = Vec::new();
    let mut text = String::new();
    for at in &parsed.text_body {
        if let Some(PartType::Text(part)) = parsed.parts.get(*at as usize).map(|part| &part.body) {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(part);
            shown.push(*at);
        }
    }
    // One HTML part is shown. Joining several would let the markup of one reach into another.
    for at in &parsed.html_body {
        if message.html.is_none()
            && let Some(PartType::Html(part)) =
                parsed.parts.get(*at as usize).map(|part| &part.body)
        {
            message.html = Some(limits::cut(part.clone().into_owned(), limits::HTML));
            shown.push(*at);
        }
    }
    if text.trim().is_empty() && message.html.is_some() {
        text.clear();
        message.content = Content::Html;
    }
    if message.kind == MessageKind::Bounce {
        message.bounce = bounce::report(parsed).or_else(|| Some(bounce::report_in_text(&text)));
    }
    message.text = limits::cut(text, limits::TEXT);
    let others = parsed
        .html_body
        .iter()
        .chain(&parsed.attachments)
        .filter(|at| !shown.contains(at));
    let mut taken: Vec<u32> = Vec::new();
    for at in others {
        if taken.contains(at) {
            continue;
        }
        taken.push(*at);
        if let Some(part) = parsed.parts.get(*at as usize) {
            let mut attachment = attachment(part, parsed, *at);
            attachment.inline = attachment.content_id.as_deref().is_some_and(|id| {
                message
                    .html
                    .as_deref()
                    .is_some_and(|html| html.contains(&format!("cid:{id}")))
            });
            message.attachments.push(attachment);
        }
    }
}

fn attachment(part: &MessagePart<'_>, parsed: &Message<'_>, at: u32) -> NewAttachment {
    let mime = part.content_type().map_or_else(
        || "application/octet-stream".to_owned(),
        |kind| {
            let subtype = kind.subtype().unwrap_or("octet-stream");
            format!("{}/{subtype}", kind.ctype()).to_ascii_lowercase()
        },
    );
    let data: Vec<u8> = match &part.body {
        PartType::Text(text) | PartType::Html(text) => text.as_bytes().to_vec(),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => bytes.to_vec(),
        PartType::Message(inner) => parsed
            .raw_message
            .get(part.offset_body as usize..part.offset_end as usize)
            .unwrap_or(&inner.raw_message)
            .to_vec(),
        PartType::Multipart(_) => Vec::new(),
    };
    let name = part
        .attachment_name()
        .map_or_else(|| format!("part-{at}{}", extension(&mime)), str::to_owned);
    NewAttachment {
        name,
        size: data.len() as u64,
        content_id: part.content_id().and_then(message_id),
        data: Some(data),
        mime,
        ..NewAttachment::default()
    }
}

fn extension(mime: &str) -> &'static str {
    match mime {
        "message/rfc822" => ".eml",
        "text/html" => ".html",
        "text/plain" => ".txt",
        "text/calendar" => ".ics",
        "image/png" => ".png",
        "image/jpeg" => ".jpg",
        "image/gif" => ".gif",
        "application/pdf" => ".pdf",
        _ => "",
    }
}
