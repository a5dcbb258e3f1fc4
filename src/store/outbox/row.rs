//! A row of the outbox as the mirror keeps it.

use crate::model::query::OutboxRow;
use crate::model::{
    ConversationId, Draft, MessageId, OutboxId, OutboxState, Outgoing, ProposalId, Timestamp,
};
use crate::store::files;
use crate::store::sending::Claimed;
use crate::store::sql::{Json, Result, Sql, Word};
use rusqlite::{Connection, params};
use std::path::Path;

/// Selects what [`read`] reads.
pub(in super::super) const SELECT: &str = "SELECT id, conversation, message, origin, data, hash, proposal, decision, \
    state, since, due_at, attempts, first_try, fence, reason, unless_reply, base_head, base_id, draft, goes_to FROM outbox";

/// A row with everything that decisions need.
#[derive(Debug, Clone)]
pub(in super::super) struct Row {
    pub id: OutboxId,
    pub conversation: Option<ConversationId>,
    pub message: Option<MessageId>,
    pub out: Outgoing,
    pub hash: String,
    pub proposal: Option<ProposalId>,
    pub decision: Option<i64>,
    pub state: OutboxState,
    pub since: Timestamp,
    pub due_at: Option<Timestamp>,
    pub attempts: u32,
    pub first_try: Option<Timestamp>,
    pub fence: i64,
    pub reason: Option<String>,
    pub unless_reply: bool,
    pub base_head: Option<MessageId>,
    pub base_id: i64,
    pub draft: Option<Draft>,
    /// Where answers in its conversation went when it was queued.
    pub goes_to: Option<Vec<String>>,
}

/// A row from the columns of [`SELECT`].
pub(in super::super) fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    let id = OutboxId(row.get(0)?);
    let conversation = row.get::<_, Option<i64>>(1)?.map(ConversationId);
    let mut out = row.get::<_, Json<Outgoing>>(4)?.0;
    // The frozen form was written before the row had a number, and conversations may have been joined since.
    out.id = id;
    out.conversation = conversation;
    Ok(Row {
        id,
        conversation,
        message: row.get::<_, Option<i64>>(2)?.map(MessageId),
        out,
        hash: row.get(5)?,
        proposal: row.get::<_, Option<i64>>(6)?.map(ProposalId),
        decision: row.get(7)?,
        state: row.get::<_, Word<OutboxState>>(8)?.0,
        since: Timestamp(row.get(9)?),
        due_at: row.get::<_, Option<i64>>(10)?.map(Timestamp),
        attempts: row.get(11)?,
        first_try: row.get::<_, Option<i64>>(12)?.map(Timestamp),
        fence: row.get(13)?,
        reason: row.get(14)?,
        unless_reply: row.get(15)?,
        base_head: row.get::<_, Option<i64>>(16)?.map(MessageId),
        base_id: row.get(17)?,
        draft: row.get::<_, Option<Json<Draft>>>(18)?.map(|draft| draft.0),
        goes_to: row.get::<_, Option<Json<Vec<String>>>>(19)?.map(|to| to.0),
    })
}

/// The row of this number.
pub(in super::super) fn find(connection: &Connection, id: OutboxId) -> Result<Option<Row>> {
    connection.one(&format!("{SELECT} WHERE id = ?1"), [id.0], read)
}

impl Row {
    /// As the model shows it; files are where the mirror is now.
    pub fn shown(mut self, dir: &Path) -> OutboxRow {
        for file in &mut self.out.attachments {
            file.path = files::path(dir, &file.sha256);
        }
        OutboxRow {
            out: self.out,
            state: self.state,
            since: self.since,
            due_at: self.due_at,
            attempts: self.attempts,
            reason: self.reason,
            unless_reply: self.unless_reply,
        }
    }

    pub fn claimed(self, dir: &Path) -> Claimed {
        Claimed {
            fence: self.fence,
            first_try: self.first_try.unwrap_or(self.since),
            row: self.shown(dir),
        }
    }
}

/// Rows that are not done, what needs a person first, then the newest done ones.
pub(in super::super) fn listed(
    connection: &Connection,
    dir: &Path,
    limit: u32,
) -> Result<Vec<OutboxRow>> {
    let mut rows = connection.all(
        &format!(
            "{SELECT} WHERE state NOT IN ('sent', 'cancelled')
             ORDER BY state NOT IN ('unknown', 'attention', 'failed'), coalesce(due_at, 0), id LIMIT ?1"
        ),
        [limit],
        read,
    )?;
    let left = limit.saturating_sub(rows.len() as u32);
    rows.extend(connection.all(
        &format!("{SELECT} WHERE state IN ('sent', 'cancelled') ORDER BY id DESC LIMIT ?1"),
        [left],
        read,
    )?);
    Ok(rows.into_iter().map(|row| row.shown(dir)).collect())
}

/// Rows of one conversation that are not done.
pub(in super::super) fn in_conversation(
    connection: &Connection,
    dir: &Path,
    id: ConversationId,
) -> Result<Vec<OutboxRow>> {
    let rows = connection.all(
        &format!(
            "{SELECT} WHERE conversation = ?1 AND state NOT IN ('sent', 'cancelled') ORDER BY id"
        ),
        params![id.0],
        read,
    )?;
    Ok(rows.into_iter().map(|row| row.shown(dir)).collect())
}
