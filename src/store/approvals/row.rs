//! Proposals as the mirror keeps them.

use crate::model::approval::Decision;
use crate::model::{
    Conversation, ConversationId, OutboxId, Proposal, ProposalId, ProposalState, RejectReason,
    Timestamp,
};
use crate::store::rows;
use crate::store::sql::{Json, Result, Sql, Word};
use rusqlite::{Connection, Row, params};

/// Selects what [`read`] reads.
const SELECT: &str = "SELECT id, conversation, state, because, data, outbox FROM proposal";

/// A proposal and why it is in its state.
pub(super) struct Found {
    pub proposal: Proposal,
    pub because: String,
}

fn read(row: &Row<'_>) -> rusqlite::Result<Found> {
    let mut proposal = row.get::<_, Json<Proposal>>(4)?.0;
    proposal.id = ProposalId(row.get(0)?);
    proposal.conversation = ConversationId(row.get(1)?);
    proposal.state = row.get::<_, Word<ProposalState>>(2)?.0;
    proposal.outbox = row.get::<_, Option<i64>>(5)?.map(OutboxId);
    Ok(Found {
        proposal,
        because: row.get(3)?,
    })
}

/// The proposal of this number, with its decision.
pub(super) fn find(connection: &Connection, id: ProposalId) -> Result<Option<Found>> {
    let found = connection.one(&format!("{SELECT} WHERE id = ?1"), [id.0], read)?;
    match found {
        Some(found) => decided(connection, found).map(Some),
        None => Ok(None),
    }
}

fn decided(connection: &Connection, mut found: Found) -> Result<Found> {
    found.proposal.decision = connection.one(
        "SELECT actor, at, host, verb, reason, words FROM decision WHERE proposal = ?1 AND taken_back = 0
         ORDER BY id DESC LIMIT 1",
        [found.proposal.id.0],
        |row| {
            Ok(Decision {
                actor: row.get(0)?,
                at: Timestamp(row.get(1)?),
                host: row.get(2)?,
                verb: row.get(3)?,
                reason: row.get::<_, Option<Word<RejectReason>>>(4)?.map(|reason| reason.0),
                words: row.get(5)?,
            })
        },
    )?;
    Ok(found)
}

/// Proposals that await a decision: the earlier of window and due first, then the riskier, then the older.
pub(in super::super) fn waiting(
    connection: &Connection,
    limit: u32,
) -> Result<Vec<(Proposal, Conversation)>> {
    let found = connection.all(
        &format!(
            "{SELECT} WHERE state = 'pending'
             ORDER BY min(coalesce(window_closes_at, due_at, 9e15), coalesce(due_at, window_closes_at, 9e15)),
               risk DESC, created_at, id LIMIT ?1"
        ),
        [limit],
        read,
    )?;
    let mut out = Vec::new();
    for found in found {
        let found = decided(connection, found)?;
        if let Some(conversation) =
            rows::find_conversation(connection, found.proposal.conversation)?
        {
            out.push((found.proposal, conversation));
        }
    }
    Ok(out)
}

/// A proposal with the one before it: the one that it was asked for in place of, else the newest older one of its
/// conversation that was not sent as it was.
pub(in super::super) fn with_before(
    connection: &Connection,
    id: ProposalId,
) -> Result<Option<(Proposal, Option<Proposal>)>> {
    let Some(Found { proposal, .. }) = find(connection, id)? else {
        return Ok(None);
    };
    let before = match proposal.earlier {
        Some(earlier) => find(connection, earlier)?,
        None => None,
    };
    let before = if before.is_some() {
        before
    } else {
        let older: Option<i64> = connection.value(
                "SELECT max(id) FROM proposal WHERE conversation = ?1 AND id < ?2 AND state <> 'approved'",
                params![proposal.conversation.0, id.0],
            )?;
        match older {
            Some(older) => find(connection, ProposalId(older))?,
            None => None,
        }
    };
    Ok(Some((proposal, before.map(|found| found.proposal))))
}

/// The proposal of a conversation that awaits a decision, or one that a gate blocks.
pub(in super::super) fn in_conversation(
    connection: &Connection,
    id: ConversationId,
) -> Result<Option<Proposal>> {
    let found = connection.one(
        &format!(
            "{SELECT} WHERE conversation = ?1 AND state IN ('pending', 'blocked')
             ORDER BY state = 'pending' DESC, id DESC LIMIT 1"
        ),
        params![id.0],
        read,
    )?;
    match found {
        Some(found) => Ok(Some(decided(connection, found)?.proposal)),
        None => Ok(None),
    }
}
