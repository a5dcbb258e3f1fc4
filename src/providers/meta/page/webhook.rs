//! From what Meta posts to facts. Pure; nothing is dropped: what is not understood is shown as such, with its raw form.

use super::map::{cannot_be_read, of_chat, outbound, party, say};
use super::settings::Page;
use super::wire::{fingerprint, id, list, moment, text};
use super::words;
use crate::model::event::{DeliveryUpdate, Watermark};
use crate::model::message::Content;
use crate::model::{DeliveryState, Event, MessageKind, NewMessage, Party, RemoteId, Timestamp};
use serde_json::Value;

/// The facts of a posted body that concern this account; other accounts of the same app have routes of their own.
///
/// # Errors
/// When it is no JSON or not about this platform at all.
pub(super) fn events(body: &[u8], page: &Page, now: Timestamp) -> Result<Vec<Event>, String> {
    let posted: Value = crate::providers::lenient::from_slice(body)
        .map_err(|error| format!("line {} column {}", error.line(), error.column()))?;
    if text(&posted, "object") != Some(page.platform.object()) {
        return Err(format!("it is not about {}", page.platform.object()));
    }
    let Some(entries) = posted["entry"].as_array() else {
        return Err("it has no entries".to_owned());
    };
    let mut events = Vec::new();
    for entry in entries {
        if id(entry, "id").is_some_and(|of| !page.is_own(&of)) {
            continue;
        }
        for key in ["messaging", "standby"] {
            for item in list(entry, key) {
                events.extend(one(item, page, now));
            }
        }
        for change in list(entry, "changes") {
            // Some fields of messages come as changes, with the same inside.
            let value = &change["value"];
            if value.get("sender").is_some() && value.get("recipient").is_some() {
                events.extend(one(value, page, now));
            } else if page.comments {
                let at = moment(entry, "time").unwrap_or(now);
                events.extend(super::comments_map::posted(change, page, at));
            }
        }
    }
    Ok(events)
}

/// Who of the two is the customer, and whether we spoke.
fn sides(item: &Value, page: &Page) -> Option<(Party, bool)> {
    let (from, to) = (party(&item["sender"]), party(&item["recipient"]));
    match (from, to) {
        (Some(from), Some(to)) if page.is_own(&from.address) => Some((to, true)),
        (Some(from), _) if !page.is_own(&from.address) => Some((from, false)),
        (_, Some(to)) if !page.is_own(&to.address) => Some((to, false)),
        _ => None,
    }
}

fn one(item: &Value, page: &Page, now: Timestamp) -> Vec<Event> {
    let at = moment(item, "timestamp").unwrap_or(now);
    let Some((customer, by_us)) = sides(item, page) else {
        let remote = RemoteId {
            scope: "events".to_owned(),
            key: fingerprint(item),
        };
        let mut new = NewMessage::inbound(remote, page.platform.channel(), Party::new(""), at);
        cannot_be_read(&mut new, item, "an event that names no customer");
        return vec![Event::Message(Box::new(new))];
    };
    let place = |key: String| RemoteId {
        scope: customer.address.clone(),
        key,
    };
    if let Some(message) = item.get("message") {
        return vec![message_of(item, message, (&customer, by_us), page, at)];
    }
    if let Some(reaction) = item.get("reaction")
        && let Some(mid) = id(reaction, "mid")
    {
        let shown = text(reaction, "emoji").or_else(|| text(reaction, "reaction"));
        let taken_back = text(reaction, "action") == Some("unreact");
        return vec![Event::Reaction {
            remote: place(mid),
            by: if by_us { page.party() } else { customer },
            emoji: if taken_back { "" } else { shown.unwrap_or("?") }.to_owned(),
        }];
    }
    if let Some(edit) = item.get("message_edit")
        && let Some(mid) = id(edit, "mid")
    {
        return vec![Event::Edited {
            remote: place(mid),
            text: text(edit, "text").unwrap_or_default().to_owned(),
            at,
        }];
    }
    if let Some(delivery) = item.get("delivery") {
        return states(delivery, &customer, DeliveryState::Delivered, at);
    }
    if let Some(read) = item.get("read") {
        return states(read, &customer, DeliveryState::Read, at);
    }
    vec![other(item, (&customer, by_us), page, at)]
}

fn message_of(
    item: &Value,
    message: &Value,
    (customer, by_us): (&Party, bool),
    page: &Page,
    at: Timestamp,
) -> Event {
    let Some(mid) = id(message, "mid") else {
        let mut new = of_chat(&fingerprint(item), customer, page, at);
        cannot_be_read(&mut new, item, "a message without an id");
        return Event::Message(Box::new(new));
    };
    let mut new = of_chat(&mid, customer, page, at);
    if message["is_deleted"] == true {
        return Event::Gone { remote: new.remote };
    }
    if by_us || message["is_echo"] == true {
        outbound(&mut new, customer, page);
        let ours = text(message, "metadata").filter(|word| word.starts_with("fd-"));
        new.own_reference = Some(ours.map_or(mid, str::to_owned));
    }
    say(&mut new, words::posted(message));
    new.raw = item.to_string().into_bytes();
    Event::Message(Box::new(new))
}

/// States of single messages, and of all until a time.
fn states(value: &Value, customer: &Party, state: DeliveryState, at: Timestamp) -> Vec<Event> {
    let one = |mid: String| {
        Event::Delivery(DeliveryUpdate {
            reference: mid,
            state,
            at,
            detail: None,
        })
    };
    let mids = list(value, "mids").iter().filter_map(Value::as_str);
    let mut events: Vec<Event> = mids.map(|mid| one(mid.to_owned())).collect();
    events.extend(id(value, "mid").map(one));
    if let Some(until) = moment(value, "watermark") {
        events.push(Event::DeliveredUntil(Watermark {
            thread: customer.address.clone(),
            state,
            until,
            at,
        }));
    }
    events
}

/// Presses, arrivals by an advertisement, and what is no message.
fn other(item: &Value, (customer, by_us): (&Party, bool), page: &Page, at: Timestamp) -> Event {
    let postback = item.get("postback");
    let mid = postback.and_then(|postback| id(postback, "mid"));
    let key = mid.unwrap_or_else(|| fingerprint(item));
    let mut new = of_chat(&key, customer, page, at);
    new.raw = item.to_string().into_bytes();
    if by_us {
        outbound(&mut new, customer, page);
    }
    if let Some(postback) = postback {
        let title = text(postback, "title");
        let payload = text(postback, "payload");
        let words: Vec<String> = title
            .map(str::to_owned)
            .into_iter()
            .chain(payload.filter(|_| title != payload).map(|payload| {
                title.map_or_else(|| payload.to_owned(), |_| format!("({payload})"))
            }))
            .collect();
        new.text = format!("[pressed: {}]", words.join(" "));
        if let Some(by) = words::came_by(&postback["referral"]) {
            new.text = format!("{}\n{by}", new.text);
        }
        return Event::Message(Box::new(new));
    }
    if let Some(by) = words::came_by(&item["referral"]) {
        new.text = by;
        return Event::Message(Box::new(new));
    }
    let known = ["sender", "recipient", "timestamp", "hop_context"];
    let what = item
        .as_object()
        .into_iter()
        .flat_map(serde_json::Map::keys)
        .find(|key| !known.contains(&key.as_str()))
        .map_or("an event without content", String::as_str);
    new.text = match what {
        "pass_thread_control" | "take_thread_control" => {
            let to = id(&item[what], "new_owner_app_id");
            let ours = "[who answers this conversation at Meta has changed";
            to.map_or_else(|| format!("{ours}]"), |to| format!("{ours}: app {to}]"))
        }
        "request_thread_control" => {
            "[another app asks to answer this conversation at Meta]".to_owned()
        }
        "optin" => {
            let kind = text(&item["optin"], "title").or_else(|| text(&item["optin"], "ref"));
            format!("[the customer opted in: {}]", kind.unwrap_or("no words"))
        }
        other => format!("[{}]", other.replace('_', " ")),
    };
    new.content = Content::Unsupported {
        what: what.replace('_', " "),
    };
    // Not a word of the customer's: nobody waits, and no window begins with it.
    new.kind = MessageKind::AutoReply;
    Event::Message(Box::new(new))
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
