//! What happens by the clock: snoozed conversations come back, proposals expire, silences end, scraps go.

use super::error::StoreError;
use super::ingest::clean::line;
use super::sql::{Result, Sql};
use super::writer::Tx;
use super::{Store, approvals, derived, journal};
use crate::assist::machine::Event;
use crate::model::time::DAY;
use crate::model::{Actor, ConversationId, Timestamp};
use rusqlite::{Connection, params};
use serde_json::json;

/// Facts that wait for a message are forgotten after this many milliseconds.
const FORGET_AFTER: i64 = 30 * DAY;
/// Conversations that come back in one transaction.
const AT_ONCE: u32 = 500;

/// What is due first, over everything that happens by the clock.
const NEXT: &str = "SELECT min(at) FROM (
    SELECT min(snoozed_until) AS at FROM conversation WHERE status = 'snoozed' AND snoozed_until IS NOT NULL
    UNION ALL SELECT min(expires_at) FROM proposal
      WHERE state IN ('proposed', 'blocked', 'pending') AND expires_at IS NOT NULL
    UNION ALL SELECT min(window_closes_at) FROM proposal
      WHERE state IN ('proposed', 'blocked', 'pending') AND window_closes_at IS NOT NULL
    UNION ALL SELECT min(silenced_until) FROM escalation WHERE state <> 'closed' AND state = 'silenced')";

impl Store {
    /// Reads the whole file and finds it as it was written.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] with the first thing that is not; or when the mirror cannot be read.
    pub async fn whole(&self) -> std::result::Result<(), StoreError> {
        let found: Option<String> = self
            .read(|connection| connection.value("PRAGMA quick_check(1)", []))
            .await?;
        match found {
            Some(first) if first != "ok" => Err(StoreError::Corrupt(line(&first))),
            _ => Ok(()),
        }
    }

    /// Wakes what is snoozed until now, expires proposals that are too late, ends silences of pages. Gives the time
    /// when something is due next.
    ///
    /// # Errors
    /// When the mirror cannot be written.
    pub async fn due_housekeeping(
        &self,
        now: Timestamp,
    ) -> std::result::Result<Option<Timestamp>, StoreError> {
        let next = self.read(next).await?;
        if next.is_none_or(|next| next > now) {
            return Ok(next);
        }
        self.write(move |tx| {
            wake(tx, now)?;
            expire(tx, now)?;
            unsilence(tx, now)?;
            tx.run("DELETE FROM early WHERE at < ?1", [now.0 - FORGET_AFTER])?;
            tx.run(
                "DELETE FROM remote_change WHERE done_at < ?1",
                [now.0 - FORGET_AFTER],
            )?;
            next_in(tx)
        })
        .await
    }
}

fn next(connection: &Connection) -> Result<Option<Timestamp>> {
    Ok(connection.value(NEXT, [])?.map(Timestamp))
}

fn next_in(tx: &Tx<'_>) -> Result<Option<Timestamp>> {
    next(tx)
}

fn wake(tx: &Tx<'_>, now: Timestamp) -> Result<()> {
    let due = tx.all(
        "SELECT id FROM conversation WHERE status = 'snoozed' AND snoozed_until IS NOT NULL AND snoozed_until <= ?1
         ORDER BY snoozed_until LIMIT ?2",
        params![now.0, AT_ONCE],
        |row| Ok(ConversationId(row.get(0)?)),
    )?;
    for id in due {
        tx.run(
            "UPDATE conversation SET status = 'open', snoozed_until = NULL, wake_on_reply = 0, drafted_head = NULL WHERE id = ?1",
            [id.0],
        )?;
        approvals::fact(tx, id, Event::StatusChanged)?;
        journal::append(
            tx,
            &Actor::System("clock".to_owned()),
            "wake",
            Some(id),
            &json!({ "because": "its time has come" }),
            None,
        )?;
        derived::refresh(tx, id)?;
    }
    Ok(())
}

fn expire(tx: &Tx<'_>, now: Timestamp) -> Result<()> {
    for (column, event) in [
        ("expires_at", Event::Expire),
        ("window_closes_at", Event::WindowClosed),
    ] {
        let due = tx.all(
            &format!(
                "SELECT DISTINCT conversation FROM proposal
                 WHERE state IN ('proposed', 'blocked', 'pending') AND {column} IS NOT NULL AND {column} <= ?1"
            ),
            [now.0],
            |row| Ok(ConversationId(row.get(0)?)),
        )?;
        for id in due {
            approvals::fact(tx, id, event)?;
            tx.touched(id);
        }
    }
    Ok(())
}

fn unsilence(tx: &Tx<'_>, now: Timestamp) -> Result<()> {
    let due = tx.all(
        "SELECT id, conversation FROM escalation WHERE state <> 'closed' AND state = 'silenced' AND silenced_until <= ?1",
        [now.0],
        |row| Ok((row.get::<_, i64>(0)?, ConversationId(row.get(1)?))),
    )?;
    for (page, conversation) in due {
        tx.run(
            "UPDATE escalation SET state = 'open', silenced_until = NULL WHERE id = ?1",
            [page],
        )?;
        tx.touched(conversation);
    }
    Ok(())
}
