//! What of a conversation follows from its messages. Computed from the rows, never by adding up, so that the order in
//! which they came does not matter.

use super::approvals;
use super::sql::{Result, Sql, Word};
use super::writer::Tx;
use crate::assist::machine::Event;
use crate::desk::sla::Waiting;
use crate::model::{Channel, ConversationId, Direction, MessageId, Status, Timestamp};
use crate::store::rows::priority;
use rusqlite::params;

/// What a change of messages did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Moved {
    /// There is another newest inbound message.
    pub inbound: bool,
    /// There is another newest public message.
    pub head: bool,
}

/// Brings a conversation's facts up to date with its messages; proposals that answered something else are superseded.
pub(super) fn refresh(tx: &Tx<'_>, id: ConversationId) -> Result<Moved> {
    let Some(before) = tx.one(
        "SELECT c.head, c.last_inbound, c.status, c.answered_at, a.window_ms, a.sla_ms, c.channel, c.priority
         FROM conversation c JOIN account a ON a.name = c.account WHERE c.id = ?1",
        [id.0],
        |row| {
            Ok((
                row.get::<_, Option<i64>>(0)?,
                row.get::<_, Option<i64>>(1)?,
                row.get::<_, Word<Status>>(2)?.0,
                row.get::<_, i64>(3)?,
                row.get::<_, Option<i64>>(4)?,
                row.get::<_, Option<i64>>(5)?,
                row.get::<_, Word<Channel>>(6)?.0,
                priority(row.get(7)?),
            ))
        },
    )?
    else {
        return Ok(Moved::default());
    };
    let (old_head, old_inbound, status, answered_at, window_ms, sla_ms, channel, priority) = before;
    let head = tx.one(
        "SELECT id, at, snippet, subject, direction FROM message WHERE conversation = ?1 AND direction <> 'note'
         ORDER BY at DESC, place DESC, id DESC LIMIT 1",
        [id.0],
        |row| {
            Ok(Head {
                id: row.get(0)?,
                at: row.get(1)?,
                snippet: row.get(2)?,
                subject: row.get(3)?,
                outbound: row.get::<_, Word<Direction>>(4)?.0 == Direction::Outbound,
            })
        },
    )?;
    let inbound: Option<i64> = tx.value(
        "SELECT id FROM message WHERE conversation = ?1 AND direction = 'inbound' ORDER BY at DESC, place DESC, id DESC LIMIT 1",
        [id.0],
    )?;
    let customer = tx.one(
        "SELECT at, window_ms FROM message WHERE conversation = ?1 AND direction = 'inbound' AND kind = 'normal'
         ORDER BY at DESC LIMIT 1",
        [id.0],
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?)),
    )?;
    // What failed is no answer, and neither is what went to somebody else.
    let answer: Option<i64> = tx.value(
        "SELECT at FROM message WHERE conversation = ?1 AND direction = 'outbound' AND kind = 'normal'
           AND to_customer = 1 AND delivery IS NOT 'failed' ORDER BY at DESC LIMIT 1",
        [id.0],
    )?;
    let waiting: Option<i64> = if status == Status::Spam {
        None
    } else {
        tx.value(
            "SELECT at FROM message WHERE conversation = ?1 AND direction = 'inbound' AND kind = 'normal' AND at > ?2
             ORDER BY at LIMIT 1",
            params![id.0, answered_at.max(answer.unwrap_or(0))],
        )?
    };
    let window = customer.and_then(|(at, own)| {
        let ms = own.or(window_ms).filter(|ms| *ms < i64::MAX)?;
        Some(at.saturating_add(ms))
    });
    let own = waiting.and_then(|at| sla_ms.map(|ms| at.saturating_add(ms)));
    let promised = tx.policy.due_at(Waiting {
        since: waiting.map(Timestamp),
        first: answered_at == 0 && answer.is_none(),
        channel,
        priority,
    });
    let due = [own, promised.map(|at| at.0)].into_iter().flatten().min();
    let line = head.as_ref().map(|head| {
        if head.snippet.is_empty() {
            &head.subject
        } else {
            &head.snippet
        }
    });
    tx.run(
        "UPDATE conversation SET head = ?2, last_inbound = ?3, last_at = coalesce(?4, last_at),
           snippet = coalesce(?5, snippet), waiting_since = ?6, window_closes_at = ?7, due_at = ?8,
           unread = (SELECT count(*) FROM message WHERE conversation = ?1 AND seen = 0 AND direction = 'inbound'),
           flagged = EXISTS (SELECT 1 FROM message WHERE conversation = ?1 AND flagged = 1)
         WHERE id = ?1",
        params![
            id.0,
            head.as_ref().map(|head| head.id),
            inbound,
            head.as_ref().map(|head| head.at),
            line,
            waiting,
            window,
            due
        ],
    )?;
    tx.touched(id);
    let moved = Moved {
        inbound: inbound != old_inbound,
        head: head.as_ref().map(|head| head.id) != old_head,
    };
    if moved.inbound {
        approvals::fact(tx, id, Event::NewInbound)?;
    } else if moved.head && head.is_some_and(|head| head.outbound) {
        approvals::fact(tx, id, Event::PublicReply)?;
    }
    Ok(moved)
}

struct Head {
    id: i64,
    at: i64,
    snippet: String,
    subject: String,
    outbound: bool,
}

/// The subject of a conversation is that of its earliest message.
pub(super) fn name(tx: &Tx<'_>, id: ConversationId) -> Result<()> {
    let earliest = tx.one(
        "SELECT subject, at FROM message WHERE conversation = ?1 AND direction <> 'note' ORDER BY at, place, id LIMIT 1",
        [id.0],
        |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)),
    )?;
    if let Some((subject, at)) = earliest {
        tx.run(
            "UPDATE conversation SET subject = ?2, base_subject = ?3, first_at = ?4 WHERE id = ?1",
            params![id.0, subject, base(&subject), at],
        )?;
    }
    Ok(())
}

/// The base subject as compared; empty when it says nothing.
pub(super) fn base(subject: &str) -> String {
    let base = crate::text::subject::base_subject(subject);
    if crate::text::subject::is_generic(&base) {
        return String::new();
    }
    base.to_lowercase()
}

/// The newest public message now.
pub(super) fn head(tx: &Tx<'_>, id: ConversationId) -> Result<Option<MessageId>> {
    Ok(tx
        .value("SELECT head FROM conversation WHERE id = ?1", [id.0])?
        .map(MessageId))
}
