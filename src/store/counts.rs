//! The numbers of the sidebar: kept by trigger, read here.

use super::sql::{Result, Sql, Word, word};
use crate::model::query::Counts;
use crate::model::{Channel, OutboxState, Timestamp};
use rusqlite::{Connection, params};

/// One kept number; 0 when it was never counted.
pub(super) fn tally(connection: &Connection, kind: &str, key: &str) -> Result<u64> {
    let n: Option<i64> = connection.value(
        "SELECT n FROM tally WHERE kind = ?1 AND key = ?2",
        params![kind, key],
    )?;
    Ok(n.unwrap_or(0).unsigned_abs())
}

/// All numbers for `me`.
pub(super) fn counts(connection: &Connection, me: &str) -> Result<Counts> {
    let one = |kind: &str, key: &str| tally(connection, kind, key);
    let outbox = |states: &[OutboxState]| -> Result<u64> {
        states
            .iter()
            .try_fold(0, |sum, state| Ok(sum + one("outbox", &word(state))?))
    };
    let mut channels = connection.all(
        "SELECT key, n FROM tally WHERE kind = 'channel'",
        [],
        |row| {
            Ok((
                row.get::<_, Word<Channel>>(0)?.0,
                row.get::<_, i64>(1)?.unsigned_abs(),
            ))
        },
    )?;
    channels.sort_by_key(|(channel, _)| *channel);
    Ok(Counts {
        inbox: one("status", "open")?,
        mine: one("assignee", me)?,
        unassigned: one("assignee", "")?,
        waiting: one("waiting", "")?,
        snoozed: one("status", "snoozed")?,
        unread: one("unread", "")?,
        approvals: one("proposal", "pending")?,
        pages: one("page", "open")?,
        drafts: one("draft", me)?,
        held: outbox(&[OutboxState::Held])?,
        queued: outbox(&[OutboxState::Queued, OutboxState::Sending, OutboxState::Retry])?,
        failed: outbox(&[OutboxState::Failed, OutboxState::Attention])?,
        unknown: outbox(&[OutboxState::Unknown])?,
        channels,
        labels: labels(connection)?.into_iter().filter(|(_, n)| *n > 0).collect(),
        saved: connection.all("SELECT name, query FROM saved_view ORDER BY name", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?,
        next_release: connection
            .value(
                "SELECT due_at FROM outbox WHERE state IN ('held', 'queued', 'retry') AND state = 'held'
                 ORDER BY due_at LIMIT 1",
                [],
            )?
            .map(Timestamp),
    })
}

/// Labels that any conversation carries, with how many open ones do.
pub(super) fn labels(connection: &Connection) -> Result<Vec<(String, u64)>> {
    connection.all(
        "SELECT key, n FROM tally WHERE kind = 'label'
           AND (n > 0 OR EXISTS (SELECT 1 FROM conversation_label WHERE label = key)) ORDER BY key",
        [],
        |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())),
    )
}
