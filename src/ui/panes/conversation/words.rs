//! States, authors and reasons in words.

use super::super::super::clock;
use super::super::super::paint::Line;
use super::super::super::theme::Role;
use super::Look;
use crate::model::message::{Attachment, Author, DeliveryState, ThreadedBy};
use crate::model::query::{ConversationDetail, OutboxRow};
use crate::model::{Message, MessageKind, OutboxState, Timestamp};
use crate::text::human;

/// Who wrote it, as heads of messages name people.
pub(super) fn author(author: &Author, look: &Look<'_>) -> String {
    match author {
        Author::Customer { name, .. } => name.clone(),
        Author::Agent { name } if name == look.me => "you".to_owned(),
        Author::Agent { name } if name.is_empty() => "us, from elsewhere".to_owned(),
        Author::Agent { name } | Author::System { name } => name.clone(),
    }
}

/// What is unusual about a message, for its head.
pub(super) fn kind(kind: MessageKind) -> Option<(Role, &'static str)> {
    match kind {
        MessageKind::Normal => None,
        MessageKind::AutoReply => Some((Role::Dim, "automatic reply")),
        MessageKind::Bounce => Some((Role::Urgent, "delivery report")),
        MessageKind::ReadReceipt => Some((Role::Dim, "read receipt")),
        MessageKind::Bulk => Some((Role::Dim, "list mail")),
    }
}

/// How far an outbound message got; `row` is its row of the outbox while it is not done.
pub(super) fn delivery(message: &Message, row: Option<&OutboxRow>, look: &Look<'_>) -> Line {
    if let Some(row) = row {
        return outbox_words(row, look.now);
    }
    let Some(delivery) = &message.delivery else {
        return Line::default();
    };
    let at = clock::when(delivery.at, look.now, look.tz);
    let ticks = |ticks: &'static str| if look.plain { "" } else { ticks };
    match delivery.state {
        DeliveryState::Pending => Line::of(Role::Draft, "in the outbox"),
        DeliveryState::Unknown => Line::of(Role::Urgent, "not known whether it was sent"),
        DeliveryState::Sent => Line::of(Role::Dim, format!("{}sent", ticks("✓ "))),
        DeliveryState::Delivered => Line::of(Role::Dim, format!("{}delivered", ticks("✓✓ "))),
        DeliveryState::Read => Line::of(Role::Good, format!("{}read {at}", ticks("✓✓ "))),
        DeliveryState::Failed => {
            let why = delivery.detail.as_deref().unwrap_or("no reason given");
            Line::of(Role::Urgent, format!("{}failed: {why}", ticks("✗ ")))
        }
    }
}

/// What the outbox says of a row, in words.
pub fn outbox_words(row: &OutboxRow, now: Timestamp) -> Line {
    let due = row.due_at.map_or(0, |due| due.since(now));
    let reason = match row.reason.as_deref() {
        Some(reason) if !reason.is_empty() => format!(": {reason}"),
        _ => String::new(),
    };
    match row.state {
        OutboxState::Held => Line::of(Role::Draft, format!("held {}", clock::span(due))),
        OutboxState::Queued if due > 60_000 => {
            Line::of(Role::Draft, format!("leaves in {}", clock::span(due)))
        }
        OutboxState::Queued => Line::of(Role::Draft, "queued"),
        OutboxState::Sending => Line::of(Role::Draft, "sending"),
        OutboxState::Sent => Line::of(Role::Dim, "sent"),
        OutboxState::Retry => {
            let words = format!("try {} in {}{reason}", row.attempts + 1, clock::span(due));
            Line::of(Role::Warning, words)
        }
        OutboxState::Failed => Line::of(Role::Urgent, format!("not sent{reason}")),
        OutboxState::Unknown => Line::of(
            Role::Urgent,
            format!("not known whether it was sent{reason}"),
        ),
        OutboxState::Cancelled => Line::of(Role::Dim, "taken back"),
        OutboxState::Attention => Line::of(Role::Urgent, format!("needs attention{reason}")),
    }
}

/// `[statement.pdf] 182 kB`.
pub(super) fn attachment(attachment: &Attachment) -> String {
    let size = human::size(attachment.size);
    let here = if attachment.stored {
        ""
    } else {
        ", not fetched"
    };
    format!("[{}] {size}{here}", attachment.name)
}

/// A thin line between days or before what is new.
pub(super) fn divider(words: &str, columns: usize, plain: bool) -> Line {
    let mark = if plain { "-" } else { "─" };
    let used = crate::text::width::width(words) + 4;
    Line::of(Role::Line, mark.repeat(2))
        .and(Role::Dim, format!(" {words} "))
        .and(Role::Line, mark.repeat(columns.saturating_sub(used)))
}

/// Why a message is in its conversation and whose addresses are known, in sentences.
pub(super) fn why(message: &Message, detail: Option<&ConversationDetail>) -> Vec<String> {
    let here = match &message.threaded_by {
        ThreadedBy::OwnReference { id } => format!("It answers a message that we sent ({id})."),
        ThreadedBy::References { id } => {
            format!("Its References name a message of this conversation ({id}).")
        }
        ThreadedBy::Provider { id } => format!("The provider keeps it in this thread ({id})."),
        ThreadedBy::Subject { base } => format!(
            "Same sender, same mailbox, same subject (“{base}”), not long after the one before."
        ),
        ThreadedBy::First => "It is the first message of its conversation.".to_owned(),
        ThreadedBy::Agent => "An agent put it here.".to_owned(),
    };
    let mut all = vec![here];
    for identity in detail.iter().flat_map(|detail| &detail.contact.identities) {
        let how = if identity.verified {
            "the provider vouches for it"
        } else {
            "claimed by the sender, not verified"
        };
        all.push(format!("{} {}: {how}.", identity.channel, identity.address));
        if let Some(warning) = &identity.warning {
            all.push(format!("{}: {warning}.", identity.address));
        }
    }
    for merge in detail.iter().flat_map(|detail| &detail.contact.merges) {
        let (one, other) = &merge.addresses;
        let by = if merge.by_itself {
            "the providers' word"
        } else {
            merge.by.name()
        };
        all.push(format!(
            "{one} and {other} count as one person by {by}: {}.",
            merge.because
        ));
    }
    all
}
