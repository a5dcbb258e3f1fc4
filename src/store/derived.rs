//! What of a conversation follows from its messages. Computed from the rows, never by adding up, so that the order in
//! which they came does not matter.

use super::approvals;
use super::facts::AccountInfo;
use super::sql::{Result, Sql, Word};
use super::writer::Tx;
use crate::assist::machine::Event;
use crate::desk::sla::Waiting;
use crate::model::{Channel, ConversationId, MessageId, Priority, Status, Timestamp};
use crate::store::rows::priority;
use crate::sync::merge::Standing;
use crate::text::subject::{base_subject, matter};
use rusqlite::params;

/// What a change of messages did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moved {
    /// There is another newest inbound message.
    pub inbound: bool,
    /// There is another newest public message.
    pub head: bool,
    /// Where the conversation stood, and stands: messages do not change that.
    pub standing: Standing,
}

/// What follows from messages, as the conversation's row has it or is to have it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Facts {
    head: Option<i64>,
    inbound: Option<i64>,
    snippet: String,
    unread: i64,
    flagged: bool,
    clocks: Clocks,
}

/// What lists are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clocks {
    /// The newest public message's time.
    pub last: i64,
    /// Since when the customer waits.
    pub waiting: Option<i64>,
    /// When free replies are no longer taken.
    pub window: Option<i64>,
    /// When an answer is due.
    pub due: Option<i64>,
}

/// What of a conversation and its account decides when an answer is due.
struct Promise {
    channel: Channel,
    priority: Priority,
    sla_ms: Option<i64>,
    /// Nothing was answered yet.
    first: bool,
}

impl Promise {
    fn due(&self, tx: &Tx<'_>, waiting: Option<i64>) -> Option<i64> {
        let own = waiting.and_then(|at| self.sla_ms.map(|ms| at.saturating_add(ms)));
        let promised = tx.policy.due_at(Waiting {
            since: waiting.map(Timestamp),
            first: self.first,
            channel: self.channel,
            priority: self.priority,
        });
        [own, promised.map(|at| at.0)].into_iter().flatten().min()
    }
}

/// When the window after a customer's message closes; its own span counts before the account's.
fn window((at, own): (i64, Option<i64>), account: Option<i64>) -> Option<i64> {
    let ms = own.or(account).filter(|ms| *ms < i64::MAX)?;
    Some(at.saturating_add(ms))
}

/// The clocks of a conversation that begins with a message of `at`. One that `waits` for an answer is a customer's and
/// may have a window of its own.
pub(super) fn begins(
    tx: &Tx<'_>,
    account: &AccountInfo,
    channel: Channel,
    at: Timestamp,
    waits: bool,
    own: Option<i64>,
) -> Clocks {
    let waiting = waits.then_some(at.0);
    let promise = Promise {
        channel,
        priority: Priority::default(),
        sla_ms: account.sla_ms,
        first: true,
    };
    Clocks {
        last: at.0,
        waiting,
        window: waiting.and_then(|at| window((at, own), account.reply_window_ms)),
        due: promise.due(tx, waiting),
    }
}

/// Brings a conversation's facts up to date with its messages; proposals that answered something else are superseded.
/// `None` where there is no such conversation.
pub(super) fn refresh(tx: &Tx<'_>, id: ConversationId) -> Result<Option<Moved>> {
    let Some(Read {
        before,
        standing,
        now,
        outbound,
    }) = read(tx, id)?
    else {
        return Ok(None);
    };
    if now.clocks != before.clocks {
        tx.run(
            "UPDATE conversation SET last_at = ?2, waiting_since = ?3, window_closes_at = ?4, due_at = ?5, head = ?6,
               last_inbound = ?7, snippet = ?8, unread = ?9, flagged = ?10 WHERE id = ?1",
            params![
                id.0,
                now.clocks.last,
                now.clocks.waiting,
                now.clocks.window,
                now.clocks.due,
                now.head,
                now.inbound,
                now.snippet,
                now.unread,
                now.flagged
            ],
        )?;
    } else if now != before {
        // What lists are sorted by stays, and with it all of their indexes.
        tx.run(
            "UPDATE conversation SET head = ?2, last_inbound = ?3, snippet = ?4, unread = ?5, flagged = ?6 WHERE id = ?1",
            params![
                id.0,
                now.head,
                now.inbound,
                now.snippet,
                now.unread,
                now.flagged
            ],
        )?;
    }
    tx.touched(id);
    let moved = Moved {
        inbound: now.inbound != before.inbound,
        head: now.head != before.head,
        standing,
    };
    if moved.inbound {
        approvals::fact(tx, id, Event::NewInbound)?;
    } else if moved.head && outbound {
        approvals::fact(tx, id, Event::PublicReply)?;
    }
    Ok(Some(moved))
}

struct Read {
    before: Facts,
    standing: Standing,
    now: Facts,
    /// The newest public message is ours.
    outbound: bool,
}

/// A conversation as it is, and what follows from its messages now.
pub(super) const FACTS: &str = "SELECT c.head, c.last_inbound, c.snippet, c.unread, c.flagged, c.last_at, c.waiting_since, c.window_closes_at,
       c.due_at, c.status, c.muted, c.wake_on_reply, c.answered_at, c.channel, c.priority, a.window_ms, a.sla_ms,
       h.id, h.at, iif(h.snippet = '', h.subject, h.snippet), h.direction = 'outbound',
       (SELECT id FROM message WHERE conversation = ?1 AND direction = 'inbound'
        ORDER BY at DESC, place DESC, id DESC LIMIT 1),
       i.at, i.window_ms,
       -- What failed is no answer, and neither is what went to somebody else.
       (SELECT at FROM message WHERE conversation = ?1 AND direction = 'outbound' AND kind = 'normal'
          AND to_customer = 1 AND delivery IS NOT 'failed' ORDER BY at DESC LIMIT 1),
       (SELECT count(*) FROM message WHERE conversation = ?1 AND seen = 0 AND direction = 'inbound'),
       EXISTS (SELECT 1 FROM message WHERE conversation = ?1 AND flagged = 1)
     FROM conversation c JOIN account a ON a.name = c.account
     LEFT JOIN message h ON h.id = (SELECT id FROM message WHERE conversation = ?1 AND direction <> 'note'
       ORDER BY at DESC, place DESC, id DESC LIMIT 1)
     LEFT JOIN message i ON i.id = (SELECT id FROM message WHERE conversation = ?1 AND direction = 'inbound'
       AND kind = 'normal' ORDER BY at DESC LIMIT 1)
     WHERE c.id = ?1";

fn read(tx: &Tx<'_>, id: ConversationId) -> Result<Option<Read>> {
    let read = tx.one(FACTS, [id.0], |row| {
        let before = Facts {
            head: row.get(0)?,
            inbound: row.get(1)?,
            snippet: row.get(2)?,
            unread: row.get(3)?,
            flagged: row.get(4)?,
            clocks: Clocks {
                last: row.get(5)?,
                waiting: row.get(6)?,
                window: row.get(7)?,
                due: row.get(8)?,
            },
        };
        let standing = Standing {
            status: row.get::<_, Word<Status>>(9)?.0,
            muted: row.get(10)?,
            wake_on_reply: row.get(11)?,
        };
        let answered_at: i64 = row.get(12)?;
        let answer: Option<i64> = row.get(24)?;
        let promise = Promise {
            channel: row.get::<_, Word<Channel>>(13)?.0,
            priority: priority(row.get(14)?),
            sla_ms: row.get(16)?,
            first: answered_at == 0 && answer.is_none(),
        };
        let account_window: Option<i64> = row.get(15)?;
        let customer = match row.get::<_, Option<i64>>(22)? {
            Some(at) => Some((at, row.get::<_, Option<i64>>(23)?)),
            None => None,
        };
        let now = Facts {
            head: row.get(17)?,
            inbound: row.get(21)?,
            snippet: row
                .get::<_, Option<String>>(19)?
                .unwrap_or_else(|| before.snippet.clone()),
            unread: row.get(25)?,
            flagged: row.get(26)?,
            clocks: Clocks {
                last: row.get::<_, Option<i64>>(18)?.unwrap_or(before.clocks.last),
                waiting: None,
                window: customer.and_then(|customer| window(customer, account_window)),
                due: None,
            },
        };
        let outbound = row.get::<_, Option<bool>>(20)?.unwrap_or_default();
        let after = answered_at.max(answer.unwrap_or(0));
        let unanswered = customer.filter(|(at, _)| *at > after && standing.status != Status::Spam);
        Ok((
            Read {
                before,
                standing,
                now,
                outbound,
            },
            promise,
            unanswered.map(|_| after),
        ))
    })?;
    let Some((mut read, promise, unanswered)) = read else {
        return Ok(None);
    };
    let waiting: Option<i64> = match unanswered {
        Some(after) => tx.value(
            "SELECT at FROM message WHERE conversation = ?1 AND direction = 'inbound' AND kind = 'normal' AND at > ?2
             ORDER BY at LIMIT 1",
            params![id.0, after],
        )?,
        None => None,
    };
    read.now.clocks.waiting = waiting;
    read.now.clocks.due = promise.due(tx, waiting);
    Ok(Some(read))
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

/// The base of a subject as it is compared.
pub(super) fn base(subject: &str) -> String {
    matter(&base_subject(subject))
}

/// The newest public message now.
pub(super) fn head(tx: &Tx<'_>, id: ConversationId) -> Result<Option<MessageId>> {
    Ok(tx
        .value("SELECT head FROM conversation WHERE id = ?1", [id.0])?
        .map(MessageId))
}
