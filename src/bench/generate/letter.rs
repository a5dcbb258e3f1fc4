//! A message, made from its place alone.

use super::mail::{self, AUTHSERV, Mail};
use super::prose;
use super::world::{Place, World};
use crate::model::event::{Flags, RemoteId, ThreadHints};
use crate::model::{
    Channel, Content, Direction, NewAttachment, NewMessage, Party, Timestamp,
    time::{DAY, HOUR},
};
use crate::providers::email::imap::Role;
use crate::providers::email::map::{self, Arrived, Ours};

/// The feed that all messages of an account are in.
pub const FEED: &str = "INBOX";

/// How a mail hangs together with those before it.
pub struct Threading {
    /// Its Message-ID.
    pub id: String,
    /// The ids before, oldest first.
    pub references: Vec<String>,
    /// Its subject.
    pub subject: String,
}

impl Threading {
    /// Of the mail at a place.
    pub fn of(world: &World, at: Place) -> Self {
        let tongue = world.customer(at).tongue;
        let first = Place { number: 0, ..at };
        // The first message's words, whenever it was written.
        let base = prose::subject(&mut world.dice(12, first), tongue);
        let subject = if at.number == 0 {
            base
        } else {
            format!("{}{base}", mail::prefix(tongue))
        };
        Self {
            id: id(world, at),
            references: mail::earlier(at).map(|before| id(world, before)).collect(),
            subject,
        }
    }
}

fn id(world: &World, at: Place) -> String {
    let Place {
        conversation,
        number,
        ..
    } = at;
    let host = if world.is_inbound(at) {
        "mail.example"
    } else {
        "northwind.example"
    };
    format!("{conversation}.{number}.{:x}@{host}", world.shape.seed)
}

/// The message at a place as its provider tells it, the `uid`-th of its account.
pub fn message(world: &World, at: Place, uid: u64) -> NewMessage {
    match world.channel(at) {
        Channel::Email => of_mail(world, at, uid),
        Channel::Voice => of_voice(world, at, uid),
        channel => of_chat(world, at, uid, channel),
    }
}

/// The bytes of the mail at a place and whether it is read; none where it is no mail that came.
pub fn raw_mail(world: &World, at: Place) -> Option<(Timestamp, bool, Vec<u8>)> {
    (world.channel(at) == Channel::Email)
        .then(|| (at.when, seen(world, at), mail::mail(world, at).bytes))
}

fn of_mail(world: &World, at: Place, uid: u64) -> NewMessage {
    let Mail { bytes, files } = mail::mail(world, at);
    let inbound = world.is_inbound(at);
    let remote = RemoteId {
        scope: if inbound { FEED } else { "Sent" }.to_owned(),
        key: format!("1:{uid}"),
    };
    let arrived = Arrived {
        remote,
        role: if inbound { Role::Inbox } else { Role::Sent },
        flags: flags(world, at),
        received: at.when,
        gmail_thread: None,
        gmail_sent: false,
        raw: bytes,
    };
    let ours = Ours {
        addresses: vec![world.own(at).to_owned()],
        authserv: Some(AUTHSERV.to_owned()),
    };
    let mut message = map::message(arrived, &ours);
    message.attachments = files
        .into_iter()
        .enumerate()
        .map(|(part, (name, mime, size))| NewAttachment {
            name,
            mime: mime.to_owned(),
            size,
            fetch: Some(format!("{}", part + 2)),
            ..NewAttachment::default()
        })
        .collect();
    message
}

fn of_voice(world: &World, at: Place, uid: u64) -> NewMessage {
    let mut dice = world.dice(13, at);
    let millis = dice.between(4_000, 120_000) as u32;
    let mut message = bare(world, at, uid, Channel::Voice);
    if dice.percent(60) {
        message.content = Content::Voice { millis };
        message.text = prose::line(&mut dice, world.customer(at).tongue);
        message.attachments = vec![NewAttachment {
            name: "voicemail.mp3".to_owned(),
            mime: "audio/mpeg".to_owned(),
            size: u64::from(millis) * 4,
            fetch: Some(format!("recording/{uid}")),
            ..NewAttachment::default()
        }];
    } else {
        message.content = Content::Call { millis: 0 };
    }
    message.raw = raw(&message);
    message
}

fn of_chat(world: &World, at: Place, uid: u64, channel: Channel) -> NewMessage {
    let mut dice = world.dice(13, at);
    let mut message = bare(world, at, uid, channel);
    message.text = prose::line(&mut dice, world.customer(at).tongue);
    if dice.percent(6) {
        message.attachments = vec![NewAttachment {
            name: format!("IMG_{}.jpg", dice.between(1_000, 9_999)),
            mime: "image/jpeg".to_owned(),
            size: dice.between(30_000, 900_000).unsigned_abs(),
            fetch: Some(format!("media/{uid}")),
            ..NewAttachment::default()
        }];
    }
    message.raw = raw(&message);
    message
}

fn bare(world: &World, at: Place, uid: u64, channel: Channel) -> NewMessage {
    let remote = RemoteId {
        scope: FEED.to_owned(),
        key: format!("{}:{uid}", channel.name()),
    };
    let customer = world.customer(at).party(channel);
    let own = Party::new(world.own(at));
    let mut message = NewMessage::inbound(remote, channel, customer.clone(), at.when);
    message.from_verified = true;
    message.thread = ThreadHints {
        thread: Some(format!("{}:{}", channel.name(), customer.address)),
        thread_decides: true,
        ..ThreadHints::default()
    };
    message.flags = flags(world, at);
    if world.is_inbound(at) {
        message.to = vec![own];
    } else {
        message.direction = Direction::Outbound;
        message.from = own;
        message.to = vec![customer];
    }
    message
}

/// What a vendor's report of it looks like.
fn raw(message: &NewMessage) -> Vec<u8> {
    serde_json::json!({
        "id": message.remote.key, "from": message.from.address, "at": message.sent_at.0, "text": message.text,
    })
    .to_string()
    .into_bytes()
}

fn flags(world: &World, at: Place) -> Flags {
    let mut dice = world.dice(14, at);
    Flags {
        seen: seen(world, at),
        flagged: dice.percent(1),
        junk: at.number == 0
            && world.channel(at) == Channel::Email
            && world.is_inbound(at)
            && dice.percent(2),
        ..Flags::default()
    }
}

/// What is old was read, but for a few.
fn seen(world: &World, at: Place) -> bool {
    let mut dice = world.dice(15, at);
    let age = world.shape.until.since(at.when);
    let unread = if age < 8 * HOUR {
        80
    } else if age < 3 * DAY {
        30
    } else if age < 14 * DAY {
        4
    } else {
        0
    };
    !world.is_inbound(at) || !dice.percent(unread)
}
