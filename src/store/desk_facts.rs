//! What agents decide about a conversation: read, changed and taken back as one value.

use super::apply::not_found;
use super::sql::{Json, Result, Sql, Word};
use super::writer::Tx;
use super::{approvals, derived};
use crate::assist::machine::Event;
use crate::model::{ConversationId, Priority, Status};
use crate::store::rows::priority;
use rusqlite::params;
use serde::{Deserialize, Serialize};

/// Everything that a verb of the desk may change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DeskFacts {
    pub status: Status,
    pub assignee: Option<String>,
    pub labels: Vec<String>,
    pub priority: Priority,
    pub muted: bool,
    pub snoozed_until: Option<i64>,
    pub wake_on_reply: bool,
    pub answered_at: i64,
}

/// One conversation before and after a verb.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FactsChange {
    pub id: ConversationId,
    pub before: DeskFacts,
    pub after: DeskFacts,
}

/// The facts of a conversation, by its number now.
pub(super) fn read(tx: &Tx<'_>, id: ConversationId) -> Result<(ConversationId, DeskFacts)> {
    let query = |id: i64| {
        tx.one(
            "SELECT status, assignee, labels, priority, muted, snoozed_until, wake_on_reply, answered_at
             FROM conversation WHERE id = ?1",
            [id],
            |row| {
                Ok(DeskFacts {
                    status: row.get::<_, Word<Status>>(0)?.0,
                    assignee: row.get(1)?,
                    labels: row.get::<_, Json<Vec<String>>>(2)?.0,
                    priority: priority(row.get(3)?),
                    muted: row.get(4)?,
                    snoozed_until: row.get(5)?,
                    wake_on_reply: row.get(6)?,
                    answered_at: row.get(7)?,
                })
            },
        )
    };
    if let Some(facts) = query(id.0)? {
        return Ok((id, facts));
    }
    let now: Option<i64> = tx.value("SELECT now FROM conversation_alias WHERE old = ?1", [id.0])?;
    if let Some(now) = now
        && let Some(facts) = query(now)?
    {
        return Ok((ConversationId(now), facts));
    }
    Err(not_found(format!("conversation #{id}")))
}

/// Writes the facts and everything that follows from them, proposals included.
pub(super) fn write(tx: &Tx<'_>, change: &FactsChange) -> Result<()> {
    let FactsChange { id, before, after } = change;
    tx.run(
        "UPDATE conversation SET status = ?2, assignee = ?3, labels = ?4, priority = ?5, muted = ?6, snoozed_until = ?7,
           wake_on_reply = ?8, answered_at = ?9, drafted_head = CASE WHEN ?10 THEN NULL ELSE drafted_head END WHERE id = ?1",
        params![
            id.0,
            Word(after.status),
            after.assignee,
            Json(&after.labels),
            after.priority as i64,
            after.muted,
            after.snoozed_until,
            after.wake_on_reply,
            after.answered_at,
            // What comes back to the desk may have a draft again.
            after.status == Status::Open && before.status != Status::Open
        ],
    )?;
    if after.status != before.status {
        let event = match after.status {
            Status::Resolved => Event::Resolved,
            _ => Event::StatusChanged,
        };
        approvals::fact(tx, *id, event)?;
    } else if after.assignee != before.assignee {
        approvals::fact(tx, *id, Event::Reassigned)?;
    }
    derived::refresh(tx, *id)?;
    Ok(())
}

impl FactsChange {
    /// Puts back each fact that the verb changed and nobody has changed since; false when nothing was left to put back.
    pub fn take_back(&self, tx: &Tx<'_>) -> Result<bool> {
        let (id, now) = match read(tx, self.id) {
            Ok(found) => found,
            Err(super::error::ApplyError::Refused(_)) => return Ok(false),
            Err(error) => return Err(error),
        };
        let (before, after) = (&self.before, &self.after);
        let mut back = now.clone();
        if before.status != after.status && now.status == after.status
            || before.snoozed_until != after.snoozed_until
                && now.snoozed_until == after.snoozed_until
        {
            back.status = before.status;
            back.snoozed_until = before.snoozed_until;
            back.wake_on_reply = before.wake_on_reply;
            back.answered_at = before.answered_at;
        }
        if before.assignee != after.assignee && now.assignee == after.assignee {
            back.assignee.clone_from(&before.assignee);
        }
        if before.priority != after.priority && now.priority == after.priority {
            back.priority = before.priority;
        }
        if before.muted != after.muted && now.muted == after.muted {
            back.muted = before.muted;
        }
        back.labels
            .retain(|label| before.labels.contains(label) || !after.labels.contains(label));
        for label in &before.labels {
            if !after.labels.contains(label) && !back.labels.contains(label) {
                back.labels.push(label.clone());
            }
        }
        back.labels.sort();
        if back == now {
            return Ok(false);
        }
        let change = Self {
            id,
            before: now,
            after: back,
        };
        write(tx, &change)?;
        Ok(true)
    }
}
