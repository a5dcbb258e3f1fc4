//! From Telegram's updates to facts.

use super::place::Place;
use super::settings::Groups;
use super::wire::{WANTED, covered, list, moment, number, party, text};
use super::words::{Said, said};
use crate::model::event::Flags;
use crate::model::message::Content;
use crate::model::{Channel, Direction, Event, NewMessage, Party, RemoteId, Timestamp};
use serde_json::Value;
use std::fmt::Write as _;

/// Free replies for a business account are taken so long after the customer wrote.
pub(super) const BUSINESS_WINDOW_MS: i64 = 24 * 60 * 60 * 1_000;

/// Who we are there.
pub(super) struct Ours<'a> {
    pub(super) user: &'a str,
    /// Known once the token is.
    pub(super) id: Option<i64>,
    pub(super) groups: Groups,
}

impl Ours<'_> {
    /// Whether this user is the bot. Its name is nobody else's.
    fn is(&self, user: &Value) -> bool {
        let known = self.id.is_some() && number(user, "id") == self.id;
        let named = text(user, "username").is_some_and(|name| name.eq_ignore_ascii_case(self.user));
        known || (self.id.is_none() && named && user["is_bot"] == true)
    }
}

/// The facts of one update. What cannot be read is kept as such.
pub(super) fn update(update: &Value, ours: &Ours<'_>, now: Timestamp) -> Vec<Event> {
    let Some((kind, body)) = content(update) else {
        return vec![unreadable(update, "an update without content", now)];
    };
    let read = match kind {
        "message" | "business_message" => message(body, ours, now).map(|one| vec![one]),
        "edited_message" | "edited_business_message" => edited(body, ours, now),
        "deleted_business_messages" => deleted(body),
        "message_reaction" => reaction(body),
        "callback_query" => pressed(body, now).map(|one| vec![one]),
        "my_chat_member" => member(update, body, now),
        "business_connection" => Some(vec![connection(update, body, now)]),
        other => Some(vec![unknown(update, body, other, now)]),
    };
    let Some(events) = read else {
        let why = format!(
            "a {} without the parts that it must have",
            kind.replace('_', " ")
        );
        return vec![unreadable(update, &why, now)];
    };
    events
        .into_iter()
        .filter(|event| wanted(event, body, ours))
        .map(|event| with_raw(event, update))
        .collect()
}

/// What an update is about: a kind that we know, else whatever stands beside its number.
fn content(update: &Value) -> Option<(&str, &Value)> {
    let fields = update.as_object()?;
    let known = WANTED.iter().find_map(|kind| fields.get_key_value(*kind));
    let any = || fields.iter().find(|(key, _)| *key != "update_id");
    known.or_else(any).map(|(kind, body)| (kind.as_str(), body))
}

fn with_raw(mut event: Event, update: &Value) -> Event {
    if let Event::Message(new) = &mut event {
        new.raw = update.to_string().into_bytes();
    }
    event
}

fn place(message: &Value) -> Option<Place> {
    Some(Place {
        chat: number(&message["chat"], "id")?,
        topic: number(message, "message_thread_id").filter(|_| message["is_topic_message"] == true),
        business: text(message, "business_connection_id").map(str::to_owned),
    })
}

/// A message's place: the topic is not part of it, since an edit may come without.
fn remote(message: &Value) -> Option<RemoteId> {
    let place = Place {
        topic: None,
        ..place(message)?
    };
    Some(RemoteId {
        scope: place.to_string(),
        key: number(message, "message_id")?.to_string(),
    })
}

fn is_group(chat: &Value) -> bool {
    matches!(
        chat["type"].as_str(),
        Some("group" | "supergroup" | "channel")
    )
}

fn message(message: &Value, ours: &Ours<'_>, now: Timestamp) -> Option<Event> {
    let remote = remote(message)?;
    let place = place(message)?;
    let chat = &message["chat"];
    let author = ["sender_chat", "from"]
        .iter()
        .find_map(|key| party(&message[*key]))
        .or_else(|| party(chat))?;
    let at = moment(message, "date").unwrap_or(now);
    let own_reference = message
        .get("sender_business_bot")
        .filter(|bot| ours.is(bot))
        .map(|_| sent_id(place.chat, &remote.key));
    let mut new = NewMessage::inbound(remote, Channel::Telegram, author, at);
    new.received_at = at;
    new.from_verified = true;
    // In a business account's chat the customer is the chat; whoever else writes is us.
    let by_us = place.business.is_some() && number(&message["from"], "id") != Some(place.chat);
    if by_us || ours.is(&message["from"]) {
        new.direction = Direction::Outbound;
        new.to = party(chat).into_iter().collect();
        new.own_reference = own_reference;
        new.flags = Flags {
            seen: true,
            ..Flags::default()
        };
    } else if place.business.is_some() {
        new.window_ms = Some(BUSINESS_WINDOW_MS);
    }
    if is_group(chat) {
        new.subject = text(chat, "title").unwrap_or_default().to_owned();
    }
    let Said {
        text,
        attachments,
        content,
    } = said(message);
    new.text = text;
    new.attachments = attachments;
    new.content = content;
    new.thread.thread = Some(place.to_string());
    new.thread.thread_decides = true;
    Some(Event::Message(Box::new(new)))
}

/// What a receipt calls something that we sent.
pub(super) fn sent_id(chat: i64, message: &str) -> String {
    format!("{chat}:{message}")
}

/// The message as it is now, in case that it was never seen, then its new text.
fn edited(body: &Value, ours: &Ours<'_>, now: Timestamp) -> Option<Vec<Event>> {
    let first = message(body, ours, now)?;
    let edit = Event::Edited {
        remote: remote(body)?,
        text: said(body).text,
        at: moment(body, "edit_date").unwrap_or(now),
    };
    Some(vec![first, edit])
}

fn deleted(body: &Value) -> Option<Vec<Event>> {
    let scope = place(body)?.to_string();
    let ids = list(body, "message_ids").iter().filter_map(Value::as_i64);
    Some(
        ids.map(|id| Event::Gone {
            remote: RemoteId {
                scope: scope.clone(),
                key: id.to_string(),
            },
        })
        .collect(),
    )
}

fn reaction(body: &Value) -> Option<Vec<Event>> {
    let by = party(&body["user"]).or_else(|| party(&body["actor_chat"]))?;
    let shown: Vec<&str> = list(body, "new_reaction")
        .iter()
        .map(|one| match text(one, "type") {
            Some("emoji") => text(one, "emoji").unwrap_or("?"),
            Some("paid") => "⭐",
            _ => "(custom emoji)",
        })
        .collect();
    Some(vec![Event::Reaction {
        remote: remote(body)?,
        by,
        emoji: shown.join(" "),
    }])
}

/// A press on a button below a message of ours.
fn pressed(body: &Value, now: Timestamp) -> Option<Event> {
    let by = party(&body["from"])?;
    let id = text(body, "id")?;
    let below = &body["message"];
    let data = text(body, "data").unwrap_or_default();
    let label = list(&below["reply_markup"], "inline_keyboard")
        .iter()
        .flat_map(|row| row.as_array().into_iter().flatten())
        .find(|button| text(button, "callback_data") == Some(data))
        .and_then(|button| text(button, "text"));
    let place = place(below).unwrap_or(Place {
        chat: by.address.parse().unwrap_or_default(),
        ..Place::default()
    });
    let remote = RemoteId {
        scope: place.to_string(),
        key: format!("pressed-{id}"),
    };
    let mut new = NewMessage::inbound(remote, Channel::Telegram, by, now);
    new.from_verified = true;
    new.text = match label {
        Some(label) if label != data => format!("[pressed: {label} ({data})]"),
        _ => format!("[pressed: {data}]"),
    };
    new.thread.thread = Some(place.to_string());
    new.thread.thread_decides = true;
    Some(Event::Message(Box::new(new)))
}

/// In a private chat: the customer stopped the bot, or took it up again. In a group: news for a person.
fn member(update: &Value, body: &Value, now: Timestamp) -> Option<Vec<Event>> {
    let chat = party(&body["chat"])?;
    let status = text(&body["new_chat_member"], "status")?;
    let at = moment(body, "date").unwrap_or(now);
    if is_group(&body["chat"]) {
        let mut new = aside(update, body, "my_chat_member", now);
        new.text = format!("[the bot's standing in this group is now: {status}]");
        new.thread.thread = Some(chat.address);
        return Some(vec![Event::Message(Box::new(new))]);
    }
    Some(vec![Event::Consent {
        address: chat.address,
        channel: Channel::Telegram,
        opted_out: matches!(status, "kicked" | "left" | "banned"),
        at,
    }])
}

fn connection(update: &Value, body: &Value, now: Timestamp) -> Event {
    let mut new = aside(update, body, "business_connection", now);
    let may = body["rights"]["can_reply"] == true || body["can_reply"] == true;
    new.text = match (body["is_enabled"] == true, may) {
        (true, true) => "[the business account is connected; the bot may answer for it]",
        (true, false) => {
            "[the business account is connected; the bot may read, but not answer: allow it in Telegram > Business > Chatbots]"
        }
        (false, _) => "[the business account was disconnected]",
    }
    .to_owned();
    Event::Message(Box::new(new))
}

/// A kind that was not asked for and came all the same.
fn unknown(update: &Value, body: &Value, kind: &str, now: Timestamp) -> Event {
    let mut new = aside(update, body, kind, now);
    let words = said(body);
    let readable = !matches!(words.content, Content::Unsupported { .. });
    new.text = format!("[{}]", kind.replace('_', " "));
    if readable {
        new.text = format!("{}\n{}", new.text, words.text);
        new.attachments = words.attachments;
    }
    Event::Message(Box::new(new))
}

/// News that is no message: kept under the number of its update.
fn aside(update: &Value, body: &Value, kind: &str, now: Timestamp) -> NewMessage {
    let by = ["from", "user", "chat"]
        .iter()
        .find_map(|key| party(&body[*key]))
        .unwrap_or_else(|| Party::new("telegram"));
    let remote = RemoteId {
        scope: "updates".to_owned(),
        key: number(update, "update_id").unwrap_or(0).to_string(),
    };
    let at = moment(body, "date").unwrap_or(now);
    let mut new = NewMessage::inbound(remote, Channel::Telegram, by, at);
    new.thread.thread = Some(
        number(&body["chat"], "id").map_or_else(|| new.from.address.clone(), |id| id.to_string()),
    );
    new.thread.thread_decides = true;
    new.content = Content::Unsupported {
        what: kind.to_owned(),
    };
    new
}

fn unreadable(update: &Value, why: &str, now: Timestamp) -> Event {
    let mut new = aside(update, &Value::Null, "update", now);
    if number(update, "update_id").is_none() {
        // Nothing numbers it: its own bytes do.
        new.remote.key = fingerprint(update);
        new.dedupe = format!("updates\u{1f}{}", new.remote.key);
    }
    new.text = "[Telegram sent something that cannot be read]".to_owned();
    new.content = Content::Unreadable {
        reason: why.to_owned(),
    };
    new.raw = update.to_string().into_bytes();
    Event::Message(Box::new(new))
}

fn fingerprint(value: &Value) -> String {
    use sha2::Digest;
    let hash = sha2::Sha256::digest(value.to_string());
    hash.iter().take(12).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Messages of groups are taken as configured; everything else always.
fn wanted(event: &Event, body: &Value, ours: &Ours<'_>) -> bool {
    if !matches!(event, Event::Message(_) | Event::Edited { .. })
        || !is_group(&body["chat"])
        || body.get("new_chat_member").is_some()
    {
        return true;
    }
    match ours.groups {
        Groups::All => true,
        Groups::None => false,
        Groups::Addressed => addressed(body, ours),
    }
}

/// It names the bot, answers it, or is a command to it.
fn addressed(message: &Value, ours: &Ours<'_>) -> bool {
    let ours_wrote = |who: &Value| ours.is(who);
    if ours_wrote(&message["reply_to_message"]["from"]) || ours_wrote(&message["via_bot"]) {
        return true;
    }
    [("text", "entities"), ("caption", "caption_entities")]
        .iter()
        .filter_map(|(key, marks)| Some((text(message, key)?, list(message, marks))))
        .flat_map(|(words, marks)| marks.iter().map(move |mark| (words, mark)))
        .any(|(words, mark)| {
            let covered = covered(words, mark).map_or("", |(_, covered)| covered);
            match text(mark, "type") {
                Some("mention") => covered
                    .strip_prefix('@')
                    .is_some_and(|user| user.eq_ignore_ascii_case(ours.user)),
                Some("text_mention") => ours_wrote(&mark["user"]),
                Some("bot_command") => covered
                    .split_once('@')
                    .is_none_or(|(_, user)| user.eq_ignore_ascii_case(ours.user)),
                _ => false,
            }
        })
}
