//! From listed conversations to facts. Pure; what cannot be read is kept as such.

use super::settings::Page;
use super::wire::{fingerprint, id, list, moment, text};
use super::words::{self, Said};
use crate::model::event::Flags;
use crate::model::message::Content;
use crate::model::{Direction, Event, NewMessage, Party, RemoteId, Timestamp};
use serde_json::Value;

/// What is known of a conversation besides its messages.
#[derive(Debug, Clone)]
pub(super) struct Chat {
    /// Meta's id of it.
    pub(super) id: String,
    /// Who writes with us.
    pub(super) customer: Party,
    /// The customer's messages that nobody read; `None` where that is not told.
    pub(super) unread: Option<u64>,
}

/// The conversation of a listing's item; the first participant who is not us is the customer.
pub(super) fn chat(item: &Value, page: &Page) -> Option<Chat> {
    let customer = ["participants", "senders"]
        .iter()
        .flat_map(|key| list(item, key))
        .filter_map(party)
        .find(|party| !page.is_own(&party.address))
        .or_else(|| by_messages(item, page))?;
    Some(Chat {
        id: id(item, "id")?,
        customer,
        unread: item["unread_count"].as_u64(),
    })
}

/// Some listings name no participants; the messages do.
fn by_messages(item: &Value, page: &Page) -> Option<Party> {
    list(item, "messages")
        .iter()
        .flat_map(|message| std::iter::once(&message["from"]).chain(list(message, "to")))
        .filter_map(party)
        .find(|party| !page.is_own(&party.address))
}

/// A person as Meta names them: a page-scoped id, and a name.
pub(super) fn party(value: &Value) -> Option<Party> {
    Some(Party {
        address: id(value, "id")?,
        name: ["name", "username"]
            .iter()
            .find_map(|key| text(value, key))
            .map(str::to_owned),
    })
}

/// The facts of listed messages, newest first as Meta lists them.
pub(super) fn messages(items: &[Value], chat: &Chat, page: &Page, now: Timestamp) -> Vec<Event> {
    let newest_of_ours = items
        .iter()
        .filter(|item| is_ours(item, page))
        .filter_map(|item| moment(item, "created_time"))
        .max();
    let mut unread = chat.unread;
    let mut events = Vec::new();
    for item in items {
        let mut new = message(item, chat, page, now);
        if new.direction == Direction::Inbound {
            // What was answered was read, and so was what is not counted as unread.
            let answered = newest_of_ours.is_some_and(|ours| new.sent_at < ours);
            let counted = unread == Some(0);
            unread = unread.map(|unread| unread.saturating_sub(1));
            new.flags.seen |= answered || counted;
        }
        events.push(Event::Message(Box::new(new)));
        events.extend(reactions(item, chat));
    }
    events
}

fn is_ours(item: &Value, page: &Page) -> bool {
    id(&item["from"], "id").is_some_and(|from| page.is_own(&from))
}

fn message(item: &Value, chat: &Chat, page: &Page, now: Timestamp) -> NewMessage {
    let at = moment(item, "created_time").unwrap_or(now);
    let Some(key) = id(item, "id") else {
        return unreadable(item, chat, page, "a message without an id", now);
    };
    let mut new = of_chat(&key, &chat.customer, page, at);
    new.raw = item.to_string().into_bytes();
    let Some(from) = party(&item["from"]) else {
        // Of older messages Meta lists the id alone.
        new.text = "[an older message, of which Meta shows the time only]".to_owned();
        new.content = Content::Unsupported {
            what: "a message without its content".to_owned(),
        };
        new.flags.seen = true;
        new.window_ms = Some(0);
        return new;
    };
    if page.is_own(&from.address) {
        outbound(&mut new, &chat.customer, page);
        new.own_reference = Some(key);
    } else {
        new.from = from;
    }
    say(&mut new, words::listed(item));
    new
}

/// An inbound message of a chat, to be filled in.
pub(super) fn of_chat(key: &str, customer: &Party, page: &Page, at: Timestamp) -> NewMessage {
    let remote = RemoteId {
        scope: customer.address.clone(),
        key: key.to_owned(),
    };
    let mut new = NewMessage::inbound(remote, page.platform.channel(), customer.clone(), at);
    // The platform vouches for its own ids.
    new.from_verified = true;
    new.window_ms = Some(page.window_ms());
    new.thread.thread = Some(customer.address.clone());
    new.thread.thread_decides = true;
    new
}

/// Makes it a message of ours to the customer.
pub(super) fn outbound(new: &mut NewMessage, customer: &Party, page: &Page) {
    new.direction = Direction::Outbound;
    new.from = page.party();
    new.to = vec![customer.clone()];
    new.window_ms = None;
    new.flags = Flags {
        seen: true,
        ..Flags::default()
    };
}

pub(super) fn say(new: &mut NewMessage, said: Said) {
    new.content = said.content();
    new.text = said.text;
    new.attachments = said.attachments;
}

/// Reactions that a listing shows.
fn reactions(item: &Value, chat: &Chat) -> Vec<Event> {
    let Some(key) = id(item, "id") else {
        return Vec::new();
    };
    let mut events = Vec::new();
    for reaction in list(item, "reactions") {
        for user in list(reaction, "users") {
            let Some(by) = party(user) else { continue };
            let emoji = text(reaction, "emoji").or_else(|| text(reaction, "reaction"));
            events.push(Event::Reaction {
                remote: RemoteId {
                    scope: chat.customer.address.clone(),
                    key: key.clone(),
                },
                by,
                emoji: emoji.unwrap_or("?").to_owned(),
            });
        }
    }
    events
}

/// Something of a known chat that cannot be read.
pub(super) fn unreadable(
    item: &Value,
    chat: &Chat,
    page: &Page,
    why: &str,
    now: Timestamp,
) -> NewMessage {
    let mut new = of_chat(&fingerprint(item), &chat.customer, page, now);
    cannot_be_read(&mut new, item, why);
    new
}

pub(super) fn cannot_be_read(new: &mut NewMessage, item: &Value, why: &str) {
    new.text = "[Meta sent something that cannot be read]".to_owned();
    new.content = Content::Unreadable {
        reason: why.to_owned(),
    };
    new.raw = item.to_string().into_bytes();
}

impl Page {
    /// How we are named.
    pub(super) fn party(&self) -> Party {
        Party {
            address: self.own.clone(),
            name: Some(self.name.clone()).filter(|name| !name.is_empty()),
        }
    }
}
