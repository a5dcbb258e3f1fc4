//! From what Meta posts to facts. Pure; nothing is dropped: what is not understood is shown as such, with its raw form.

use super::wire::{ChangeValue, Contact, Failure, Message, Posted, Status, seconds};
use super::words;
use crate::model::event::RemoteId;
use crate::model::message::Content;
use crate::model::time::HOUR;
use crate::model::{
    Channel, DeliveryState, Direction, Event, NewMessage, Party, Timestamp, event::DeliveryUpdate,
};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;

/// Free replies are taken for so long after a customer's message.
pub(super) const WINDOW_MS: i64 = 24 * HOUR;

/// The facts of a posted body that concern the number `phone_number_id`; other numbers of the same app have accounts of
/// their own.
///
/// # Errors
/// When it is no JSON or no WhatsApp event at all.
pub(super) fn events(
    body: &[u8],
    phone_number_id: &str,
    now: Timestamp,
) -> Result<Vec<Event>, String> {
    let posted: Posted = crate::providers::lenient::from_slice(body)
        .map_err(|error| format!("line {} column {}", error.line(), error.column()))?;
    if posted.object != "whatsapp_business_account" {
        return Err("it is not about WhatsApp".to_owned());
    }
    let mut events = Vec::new();
    for change in posted.entry.into_iter().flat_map(|entry| entry.changes) {
        let raw = change.value.clone();
        match ChangeValue::deserialize(change.value) {
            Ok(value) if is_other(&value, phone_number_id) => {}
            Ok(value) => one(&value, now, &mut events),
            Err(_) if change.field == "messages" => {
                events.push(unreadable(&raw, "its parts are not as described", now));
            }
            // Notices about templates, quality and the like: kept as they came.
            Err(_) => {}
        }
    }
    Ok(events)
}

fn is_other(value: &ChangeValue, phone_number_id: &str) -> bool {
    let given = &value.metadata.phone_number_id;
    !given.is_empty() && given != phone_number_id
}

fn one(value: &ChangeValue, now: Timestamp, events: &mut Vec<Event>) {
    let names = names(&value.contacts);
    for raw in &value.messages {
        events.push(match Message::deserialize(raw) {
            Ok(message) => inbound(raw, &message, &names, now),
            Err(_) => unreadable(raw, "a message is not as described", now),
        });
    }
    for raw in &value.message_echoes {
        events.push(match Message::deserialize(raw) {
            Ok(message) => echo(raw, &message, now),
            Err(_) => unreadable(raw, "an echo is not as described", now),
        });
    }
    let statuses = value.statuses.iter();
    events.extend(statuses.filter_map(|raw| status(&Status::deserialize(raw).ok()?, now)));
}

/// Profile names by phone and by user id.
fn names(contacts: &[Value]) -> HashMap<String, String> {
    let mut names = HashMap::new();
    for contact in contacts
        .iter()
        .filter_map(|raw| Contact::deserialize(raw).ok())
    {
        let Some(name) = contact.profile.name.or(contact.profile.username) else {
            continue;
        };
        for id in [contact.wa_id, contact.user_id].into_iter().flatten() {
            names.insert(id, name.clone());
        }
    }
    names
}

/// A phone as `+` and digits; a user id as it is.
fn address(id: &str) -> String {
    if !id.is_empty() && id.len() <= 15 && id.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("+{id}")
    } else {
        id.to_owned()
    }
}

fn remote(id: &str) -> RemoteId {
    RemoteId {
        scope: String::new(),
        key: id.to_owned(),
    }
}

fn inbound(
    raw: &Value,
    message: &Message,
    names: &HashMap<String, String>,
    now: Timestamp,
) -> Event {
    let Some(from) = message.from.as_deref().or(message.from_user_id.as_deref()) else {
        return unreadable(raw, "a message without a sender", now);
    };
    let at = seconds(message.timestamp.as_ref()).map_or(now, Timestamp);
    let party = Party {
        address: address(from),
        name: names
            .get(from)
            .or_else(|| names.get(message.from_user_id.as_deref()?))
            .cloned(),
    };
    match message.kind.as_str() {
        "reaction" => {
            let part = &raw["reaction"];
            if let Some(id) = part["message_id"].as_str() {
                return Event::Reaction {
                    remote: remote(id),
                    by: party,
                    emoji: part["emoji"].as_str().unwrap_or_default().to_owned(),
                };
            }
        }
        "edit" => {
            let part = &raw["edit"];
            if let Some(id) = part["original_message_id"].as_str() {
                let (_, text) = words::of(&part["message"], &kind_of(&part["message"]), &[]);
                return Event::Edited {
                    remote: remote(id),
                    text: text.text,
                    at,
                };
            }
        }
        "revoke" => {
            if let Some(id) = raw["revoke"]["original_message_id"].as_str() {
                return Event::Gone { remote: remote(id) };
            }
        }
        _ => {}
    }
    let mut new = NewMessage::inbound(remote(&message.id), Channel::Whatsapp, party, at);
    // The platform vouches for the number.
    new.from_verified = true;
    new.window_ms = Some(WINDOW_MS);
    fill(&mut new, raw, message);
    new.thread.thread = Some(from.to_owned());
    new.thread.thread_decides = true;
    Event::Message(Box::new(new))
}

/// A reply that was written in the phone's own app.
fn echo(raw: &Value, message: &Message, now: Timestamp) -> Event {
    let Some(to) = message.to.as_deref().or(message.to_user_id.as_deref()) else {
        return unreadable(raw, "an echo without a recipient", now);
    };
    let at = seconds(message.timestamp.as_ref()).map_or(now, Timestamp);
    let from = Party::new(address(message.from.as_deref().unwrap_or_default()));
    let mut new = NewMessage::inbound(remote(&message.id), Channel::Whatsapp, from, at);
    new.direction = Direction::Outbound;
    new.to = vec![Party::new(address(to))];
    fill(&mut new, raw, message);
    new.thread.thread = Some(to.to_owned());
    new.thread.thread_decides = true;
    Event::Message(Box::new(new))
}

fn kind_of(raw: &Value) -> String {
    raw["type"].as_str().unwrap_or_default().to_owned()
}

fn fill(new: &mut NewMessage, raw: &Value, message: &Message) {
    let (content, made) = words::of(raw, &message.kind, &message.errors);
    new.content = content;
    new.text = made.text;
    new.attachments = made.attachment.into_iter().collect();
    if let Some(context) = &message.context
        && (context.forwarded || context.frequently_forwarded)
    {
        new.text = format!("[forwarded]\n{}", new.text);
    }
    if let Some(referral) = &message.referral {
        let what = [referral.headline.as_deref(), referral.source_url.as_deref()];
        let what: Vec<_> = what.into_iter().flatten().collect();
        new.text = format!(
            "{}\n[came by an advertisement: {}]",
            new.text,
            what.join(" ")
        );
    }
    new.raw = raw.to_string().into_bytes();
}

/// Something that cannot be read, as a message of nobody, so that it is seen.
fn unreadable(raw: &Value, why: &str, now: Timestamp) -> Event {
    let bytes = raw.to_string().into_bytes();
    let id = raw["id"].as_str().map_or_else(
        || {
            use sha2::Digest;
            let digest = sha2::Sha256::digest(&bytes);
            format!("unreadable:{}", crate::model::outgoing::hex(&digest[..16]))
        },
        str::to_owned,
    );
    let from = raw["from"].as_str().unwrap_or("unknown");
    let mut new = NewMessage::inbound(
        remote(&id),
        Channel::Whatsapp,
        Party::new(address(from)),
        now,
    );
    new.content = Content::Unreadable {
        reason: why.to_owned(),
    };
    new.thread.thread = Some(from.to_owned());
    new.thread.thread_decides = true;
    new.raw = bytes;
    Event::Message(Box::new(new))
}

/// How far something we sent got. By our own reference where Meta gives it back, which it does even when we never heard
/// that it took the message.
fn status(status: &Status, now: Timestamp) -> Option<Event> {
    let state = match status.state.as_str() {
        "sent" => DeliveryState::Sent,
        "delivered" => DeliveryState::Delivered,
        "read" | "played" => DeliveryState::Read,
        "failed" => DeliveryState::Failed,
        // `deleted`, `warning` and whatever comes next change nothing about where it is.
        _ => return None,
    };
    let ours = status.biz_opaque_callback_data.as_ref();
    let reference = ours
        .filter(|reference| !reference.is_empty())
        .unwrap_or(&status.id);
    let detail = status.errors.first().map(failure).or_else(|| {
        let pricing = status.pricing.as_ref()?;
        let category = pricing.category.as_deref().unwrap_or("unknown category");
        (pricing.billable == Some(true)).then(|| format!("billed: {category}"))
    });
    Some(Event::Delivery(DeliveryUpdate {
        reference: reference.clone(),
        state,
        at: seconds(status.timestamp.as_ref()).map_or(now, Timestamp),
        detail,
    }))
}

fn failure(failure: &Failure) -> String {
    let details = failure
        .error_data
        .as_ref()
        .and_then(|data| data.details.as_deref());
    let words =
        details
            .filter(|words| !words.is_empty())
            .unwrap_or(if failure.message.is_empty() {
                &failure.title
            } else {
                &failure.message
            });
    format!("{words} (code {})", failure.code)
}

#[cfg(test)]
#[path = "map_tests.rs"]
mod tests;
