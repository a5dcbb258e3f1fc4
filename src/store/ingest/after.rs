//! An answer comes after what it answers, whatever the clocks say, and proves that it left.
//!
//! Mail servers count whole seconds and their clocks differ from ours. An answer that stood before our mail would leave
//! its customer waiting: nothing would be unanswered.

use super::super::outbox;
use super::super::sql::{Result, Sql};
use super::Ingest;
use super::clean::ReadyMessage;
use super::place::Named;
use crate::model::time::SECOND;
use crate::model::{ConversationId, Direction, Timestamp};
use crate::sync::merge::{CLOCK_SLACK, nearest_first};
use rusqlite::params;

/// Ids of a message that are looked at: what it answers, and what that answered.
const NEAREST: usize = 3;

/// The time by which a message counts: `at`, or just after the mail of ours that it answers.
pub(super) fn ours(
    ingest: &Ingest<'_>,
    ready: &ReadyMessage,
    named: &[Option<Named>],
    at: Timestamp,
) -> Result<Timestamp> {
    if ready.new.direction != Direction::Inbound || ready.new.thread.thread_decides {
        return Ok(at);
    }
    let mut after = at;
    let ids = nearest_first(&ready.new.thread).into_iter().zip(named);
    for (id, known) in ids.take(NEAREST) {
        if !known.as_ref().is_some_and(|known| known.ours) {
            continue;
        }
        let Some(unsure) = ingest.tx.one(
            "SELECT m.delivery IN ('pending', 'unknown') FROM thread_ref t JOIN message m ON m.id = t.message
             WHERE t.account = ?1 AND t.ref = ?2 AND t.own = 1 AND m.outbox IS NOT NULL",
            params![ingest.account.as_str(), id],
            |row| row.get::<_, Option<bool>>(0),
        )?
        else {
            continue;
        };
        if unsure == Some(true) {
            // Nobody can name an id of ours who did not get the mail.
            outbox::proof(ingest.tx, ingest.account, id, at)?;
        }
        let ours: Option<i64> = ingest.tx.value(
            "SELECT m.at FROM thread_ref t JOIN message m ON m.id = t.message WHERE t.account = ?1 AND t.ref = ?2",
            params![ingest.account.as_str(), id],
        )?;
        if let Some(ours) = ours.map(Timestamp)
            && ours >= after
            && ours.since(at) <= CLOCK_SLACK
        {
            after = ours + 1;
        }
    }
    Ok(after)
}

/// The same for chats, whose messages name nothing: what comes of the second in which we wrote, by a provider that
/// counts seconds, comes after what we wrote. Were it before, its customer might wait unnoticed.
pub(super) fn in_chat(
    ingest: &Ingest<'_>,
    ready: &ReadyMessage,
    conversation: ConversationId,
    at: Timestamp,
) -> Result<Timestamp> {
    let whole = at.0 % SECOND == 0;
    if ready.new.direction != Direction::Inbound || !ready.new.thread.thread_decides || !whole {
        return Ok(at);
    }
    let ours: Option<i64> = ingest.tx.value(
        "SELECT max(at) FROM message WHERE conversation = ?1 AND direction = 'outbound' AND kind = 'normal'
           AND at BETWEEN ?2 AND ?3 AND outbox IS NOT NULL",
        params![conversation.0, at.0, at.0 + SECOND - 1],
    )?;
    Ok(ours.map_or(at, |ours| Timestamp(ours + 1)))
}
