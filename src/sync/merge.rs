//! How reports from a provider become one mirror: pure decisions that the store's ingest takes inside its
//! transaction.
//!
//! Reports come in any order and possibly twice (poll and push see the same message, read is told before
//! delivered). Every rule here is therefore a maximum, a minimum or a choice by a total order: applying the same
//! facts in another order ends in the same state.

use crate::model::event::{BounceInfo, NewMessage, RemoteId, ThreadHints};
use crate::model::message::{Content, ThreadedBy};
use crate::model::time::{DAY, MINUTE};
use crate::model::{
    ConversationId, Delivery, DeliveryState, Direction, MessageKind, Status, Timestamp,
};
use std::cmp::Ordering;

/// A mail without references joins by subject only a conversation that moved within this many milliseconds.
pub const SUBJECT_JOIN_WITHIN: i64 = 30 * DAY;
/// Clocks of providers may be ahead of ours by this many milliseconds before their time is not believed.
pub const CLOCK_SLACK: i64 = 5 * MINUTE;
/// Of a References header at most so many ids are looked at: the nearest ones and the first ones.
pub const MAX_REFERENCES: usize = 50;

// --- delivery ---------------------------------------------------------------------------------------------------

/// What the delivery of a message is after a report: the rank never goes down.
///
/// Of equal ranks the earlier time stays (that is when it happened), and a reason is kept over none. The outbox may
/// set a state outright when a person sends a failed message again; reports may not.
pub fn delivery(known: Option<&Delivery>, report: Delivery) -> Delivery {
    let Some(known) = known else { return report };
    match report.state.cmp(&known.state) {
        Ordering::Less => known.clone(),
        Ordering::Greater => report,
        Ordering::Equal => Delivery {
            state: known.state,
            at: known.at.min(report.at),
            detail: longer(known.detail.clone(), report.detail),
        },
    }
}

/// The longer text, then the one that sorts later: some total order, so that order of arrival does not matter.
fn longer(a: Option<String>, b: Option<String>) -> Option<String> {
    let key = |text: &Option<String>| text.as_ref().map(|text| (text.len(), text.clone()));
    if key(&b) > key(&a) { b } else { a }
}

// --- the same message twice -------------------------------------------------------------------------------------

/// How much a report of a message tells: of two reports of the same message the greater one is kept.
///
/// Compared field by field, in this order: it could be read at all; it has its raw form; how many attachments it
/// lists, and brings along; how long its text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fullness {
    /// 0 unreadable, 1 of a kind not known, 2 readable.
    pub readable: u8,
    /// The bytes of the wire came along.
    pub raw: bool,
    /// Attachments listed.
    pub attachments: usize,
    /// Attachments whose bytes came along.
    pub fetched: usize,
    /// Bytes of text and HTML.
    pub text: usize,
}

impl Fullness {
    /// Of a report.
    pub fn of(message: &NewMessage) -> Self {
        Self {
            readable: readable(&message.content),
            raw: !message.raw.is_empty(),
            attachments: message.attachments.len(),
            fetched: message
                .attachments
                .iter()
                .filter(|attachment| attachment.data.is_some())
                .count(),
            text: message.text.len() + message.html.as_ref().map_or(0, String::len),
        }
    }
}

/// 0 unreadable, 1 of a kind not known, 2 readable.
pub fn readable(content: &Content) -> u8 {
    match content {
        Content::Unreadable { .. } => 0,
        Content::Unsupported { .. } => 1,
        _ => 2,
    }
}

/// What to do with a second report of a message that the mirror has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Second {
    /// It tells nothing new; only its place ([`crate::model::RemoteId`]) and flags are recorded.
    Keep,
    /// It tells more: text, attachments and raw form are replaced. Conversation, status and author stay.
    Replace,
}

/// Decides between the stored report and another of the same message.
///
/// `edited` says that the stored text was already replaced by its author: a late report of the first version must
/// not bring it back.
pub fn second_report(stored: Fullness, edited: bool, report: Fullness) -> Second {
    if !edited && report > stored {
        Second::Replace
    } else {
        Second::Keep
    }
}

/// Of two versions of a text the later one is kept; of one time, the one that sorts later.
pub fn edit_wins(stored: Option<(Timestamp, &str)>, edit: (Timestamp, &str)) -> bool {
    stored.is_none_or(|stored| edit > stored)
}

/// The time by which a message is ordered and shown.
///
/// A customer's clock is not believed: inbound messages count from when the provider had them. What we sent counts
/// from when we sent it. Times beyond `now` (with some slack) become `now`, or one wrong clock would pin a
/// conversation to the top for years.
pub fn order_key(
    direction: Direction,
    sent_at: Timestamp,
    received_at: Timestamp,
    now: Timestamp,
) -> Timestamp {
    let known = |at: Timestamp| at.0 > 0;
    let at = match direction {
        Direction::Inbound if known(received_at) => received_at,
        Direction::Inbound => sent_at,
        _ if known(sent_at) && (!known(received_at) || sent_at <= received_at + CLOCK_SLACK) => {
            sent_at
        }
        _ => received_at,
    };
    if !known(at) || at > now + CLOCK_SLACK {
        now
    } else {
        at
    }
}

/// The place of a message among those of the same moment: the number that ends the provider's id, and 0 where there is
/// none that could be a count (letters before it make it a part of a random id).
pub fn place_of(remote: &RemoteId) -> i64 {
    let digits = remote.key.bytes().rev().take_while(u8::is_ascii_digit);
    let (before, number) = remote.key.split_at(remote.key.len() - digits.count());
    if before.ends_with(|last: char| last.is_alphanumeric()) {
        return 0;
    }
    number.parse().unwrap_or(0)
}

// --- threading --------------------------------------------------------------------------------------------------

/// How the store found a conversation that a message may belong to. All on the same account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoundBy {
    /// A message that we sent has this id as its own reference.
    OwnReference(String),
    /// Some message of it has this id.
    Reference(String),
    /// It is the provider's thread of this id.
    Provider(String),
    /// It has this base subject; case does not matter.
    Subject(String),
}

/// A conversation that a message may belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Which.
    pub conversation: ConversationId,
    /// How it was found.
    pub found: FoundBy,
    /// The message's sender is the conversation's contact address.
    pub same_sender: bool,
    /// Its newest public message.
    pub last_at: Timestamp,
}

/// Ids that a mail answers, nearest first, without repetition: In-Reply-To, then References from its end.
///
/// Long lists are cut in the middle: the nearest forty and the first ten.
pub fn nearest_first(hints: &ThreadHints) -> Vec<&str> {
    let mut ids: Vec<&str> = Vec::new();
    let ends = 10;
    let references = &hints.references;
    let near = references.len().saturating_sub(MAX_REFERENCES - ends);
    let chosen = hints
        .in_reply_to
        .iter()
        .take(3)
        .chain(references[near..].iter().rev())
        .chain(references[..near.min(ends)].iter().rev());
    for id in chosen {
        if !id.is_empty() && !ids.contains(&id.as_str()) {
            ids.push(id);
        }
    }
    ids
}

/// Decides where a message belongs and says why; no conversation means that it begins one.
///
/// In this order: the provider's thread where that alone decides (chats); a message of ours that it answers; any
/// message that it refers to, nearest first; the provider's thread as a hint, from the same sender; the base
/// subject, if the message refers to nothing, comes from the same sender, the conversation moved within
/// [`SUBJECT_JOIN_WITHIN`], and the subject says something. Of equals the newest conversation wins.
///
/// `base` is the message's base subject ([`crate::text::subject::base_subject`]).
pub fn decide_thread(
    hints: &ThreadHints,
    base: &str,
    at: Timestamp,
    candidates: &[Candidate],
) -> (Option<ConversationId>, ThreadedBy) {
    let newest = |pick: &dyn Fn(&Candidate) -> bool| {
        candidates
            .iter()
            .filter(|candidate| pick(candidate))
            .max_by_key(|candidate| (candidate.last_at, candidate.conversation))
            .map(|candidate| candidate.conversation)
    };

    if let (true, Some(thread)) = (hints.thread_decides, &hints.thread) {
        let found = newest(&|c| matches!(&c.found, FoundBy::Provider(id) if id == thread));
        return match found {
            Some(conversation) => (
                Some(conversation),
                ThreadedBy::Provider { id: thread.clone() },
            ),
            None => (None, ThreadedBy::First),
        };
    }

    let ids = nearest_first(hints);
    for id in &ids {
        if let Some(conversation) =
            newest(&|c| matches!(&c.found, FoundBy::OwnReference(own) if own == id))
        {
            let id = (*id).to_owned();
            return (Some(conversation), ThreadedBy::OwnReference { id });
        }
    }
    for id in &ids {
        if let Some(conversation) =
            newest(&|c| matches!(&c.found, FoundBy::Reference(other) if other == id))
        {
            let id = (*id).to_owned();
            return (Some(conversation), ThreadedBy::References { id });
        }
    }
    if let Some(thread) = &hints.thread
        && let Some(conversation) =
            newest(&|c| matches!(&c.found, FoundBy::Provider(id) if id == thread && c.same_sender))
    {
        return (
            Some(conversation),
            ThreadedBy::Provider { id: thread.clone() },
        );
    }
    if ids.is_empty()
        && !crate::text::subject::is_generic(base)
        && let Some(conversation) = newest(&|c| {
            matches!(&c.found, FoundBy::Subject(subject) if subject.to_lowercase() == base.to_lowercase())
                && c.same_sender
                && at.since(c.last_at).abs() < SUBJECT_JOIN_WITHIN
        })
    {
        return (
            Some(conversation),
            ThreadedBy::Subject {
                base: base.to_owned(),
            },
        );
    }
    (None, ThreadedBy::First)
}

// --- status -----------------------------------------------------------------------------------------------------

/// Written by a machine: never answered automatically, never brings a conversation back.
pub fn is_automatic(kind: MessageKind) -> bool {
    kind != MessageKind::Normal
}

/// What of a conversation decides whether it comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Where it stands.
    pub status: Status,
    /// It does not come back by itself.
    pub muted: bool,
    /// Snoozed, and to come back early when the customer writes.
    pub wake_on_reply: bool,
}

/// What an inbound message does to where the conversation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComesBack {
    /// It stays where it is.
    Stays,
    /// It was resolved and is open again.
    Reopens,
    /// It was snoozed and is open again.
    Wakes,
}

/// Applies an inbound message: resolved ones reopen and snoozed ones wake if so chosen, unless the conversation is
/// muted or the message was written by a machine. Spam stays spam.
pub fn comes_back(standing: Standing, kind: MessageKind) -> ComesBack {
    if standing.muted || is_automatic(kind) {
        return ComesBack::Stays;
    }
    match standing.status {
        Status::Resolved => ComesBack::Reopens,
        Status::Snoozed if standing.wake_on_reply => ComesBack::Wakes,
        Status::Open | Status::Snoozed | Status::Spam => ComesBack::Stays,
    }
}

/// Since when the customer waits, after an inbound message at `at`.
///
/// The earliest message of a person that we have not answered; an old message that comes in late after our answer
/// changes nothing.
pub fn waiting_after_inbound(
    waiting_since: Option<Timestamp>,
    kind: MessageKind,
    at: Timestamp,
    last_outbound: Option<Timestamp>,
) -> Option<Timestamp> {
    if is_automatic(kind) || last_outbound.is_some_and(|answered| answered >= at) {
        return waiting_since;
    }
    Some(waiting_since.map_or(at, |since| since.min(at)))
}

/// Since when the customer waits, after a public answer of ours at `at`: the earliest unanswered message of a person
/// after it, which the store looks up as `next_inbound` (strictly later than `at`).
///
/// An answer that failed or was taken back is no answer; the caller does not report it.
pub fn waiting_after_outbound(
    waiting_since: Option<Timestamp>,
    at: Timestamp,
    next_inbound: Option<Timestamp>,
) -> Option<Timestamp> {
    match waiting_since {
        Some(since) if since <= at => next_inbound.filter(|next| *next > at),
        other => other,
    }
}

// --- bounces ----------------------------------------------------------------------------------------------------

/// What a delivery report does to the message that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BounceEffect {
    /// To be merged with [`delivery`]. Its detail is raw and must be cleaned.
    pub delivery: Delivery,
    /// The customer did not get it: a person must know, so a resolved conversation opens again (unless muted).
    pub reopens: bool,
}

/// Reads a delivery report about a message that we sent to `sent_to`. `None` when it says nothing about any of them.
///
/// The caller has found the message by our own reference: a report that names no id of ours is not believed, and
/// neither is one that names people whom we did not write to.
pub fn bounce(info: &BounceInfo, sent_to: &[&str], at: Timestamp) -> Option<BounceEffect> {
    let ours = || {
        info.recipients.iter().filter(|recipient| {
            sent_to
                .iter()
                .any(|address| address.eq_ignore_ascii_case(recipient.address.trim()))
        })
    };
    let words = |action: &str| {
        let lines: Vec<String> = ours()
            .filter(|recipient| recipient.action == action)
            .map(|recipient| {
                format!(
                    "{}: {} {}",
                    recipient.address.trim(),
                    recipient.status,
                    recipient.diagnostic
                )
                .trim_end()
                .to_owned()
            })
            .collect();
        (!lines.is_empty()).then(|| lines.join("; "))
    };
    let effect = |state, detail, reopens| {
        Some(BounceEffect {
            delivery: Delivery { state, at, detail },
            reopens,
        })
    };
    if let Some(detail) = words("failed") {
        return effect(DeliveryState::Failed, Some(detail), true);
    }
    if let Some(detail) = words("delayed") {
        return effect(DeliveryState::Sent, Some(detail), false);
    }
    if words("delivered").is_some() {
        return effect(DeliveryState::Delivered, None, false);
    }
    None
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
