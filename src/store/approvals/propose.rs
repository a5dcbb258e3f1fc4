//! What the drafter asks for and brings.

use super::{Now, set};
use crate::assist::machine::{Event, check, step};
use crate::model::{
    Actor, Conversation, ConversationId, MessageId, Proposal, ProposalId, ProposalState, Timestamp,
};
use crate::store::drafting::DraftJob;
use crate::store::error::StoreError;
use crate::store::ingest::clean::{block, line};
use crate::store::sql::{Json, Result, Sql, Word, word};
use crate::store::writer::Tx;
use crate::store::{Store, journal, reply, rows};
use rusqlite::{Connection, params};
use serde_json::json;

/// Conversations to which drafts are made unasked: so many of the newest that wait for an answer, and so many of those
/// that wait longest or fall due soonest. It is more than anybody decides on before a draft expires; further ones follow
/// as these are dealt with.
const NEAR: u32 = 200;
/// The newest that wait.
pub(in crate::store) const NEWEST_WAITING: &str = "SELECT id FROM conversation
     WHERE status = 'open' AND waiting_since IS NOT NULL ORDER BY last_at DESC LIMIT ?1";
/// Those that are to be answered first.
pub(in crate::store) const FIRST_WAITING: &str = "SELECT id FROM conversation
     WHERE status = 'open' AND waiting_since IS NOT NULL ORDER BY k_closing LIMIT ?1";
/// Messages of a conversation that a drafter sees.
const SEEN: u32 = 20;

impl Store {
    /// Conversations that want a draft: what agents asked for first, then those that wait for an answer and have none
    /// begun, newest first, as far as agents may come to them soon: the newest and the first to be answered, a few
    /// hundred in all. Each is asked about once per newest message.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn wanting_draft(
        &self,
        limit: u32,
    ) -> std::result::Result<Vec<DraftJob>, StoreError> {
        self.read(move |connection| wanting(connection, limit))
            .await
    }

    /// Whether the past of some account is still being read: nobody is waiting for drafts to it, and what looks unanswered
    /// may have its answer in the next piece.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn is_catching_up(&self) -> std::result::Result<bool, StoreError> {
        self.read(|connection| {
            connection.exists(
                "SELECT 1 FROM health WHERE data ->> '$.state' = 'catching'",
                [],
            )
        })
        .await
    }

    /// Whether an agent asked for a draft that is still to be made.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn is_draft_asked_for(&self) -> std::result::Result<bool, StoreError> {
        self.read(|connection| connection.exists("SELECT 1 FROM draft_request", []))
            .await
    }

    /// Keeps a proposal, pending or blocked by its gates; none if the conversation moved meanwhile or a person began to
    /// answer. Earlier ones of the conversation that still wait are withdrawn.
    ///
    /// # Errors
    /// When the mirror cannot be written.
    pub async fn propose(
        &self,
        proposal: Proposal,
    ) -> std::result::Result<Option<ProposalId>, StoreError> {
        self.write(move |tx| propose(tx, proposal)).await
    }

    /// Remembers that the drafter had nothing to say to this head.
    ///
    /// # Errors
    /// When the mirror cannot be written.
    pub async fn no_proposal(
        &self,
        conversation: ConversationId,
        head: MessageId,
        because: String,
    ) -> std::result::Result<(), StoreError> {
        self.write(move |tx| {
            let asked = tx.run(
                "DELETE FROM draft_request WHERE conversation = ?1",
                [conversation.0],
            )?;
            tx.run(
                "UPDATE conversation SET drafted_head = ?2 WHERE id = ?1",
                params![conversation.0, head.0],
            )?;
            if asked > 0 {
                // Somebody waits for it and must learn that nothing will come.
                journal::append(
                    tx,
                    &Actor::Assistant("drafter".to_owned()),
                    "draft.none",
                    Some(conversation),
                    &json!({ "because": line(&because) }),
                    None,
                )?;
                tx.touched(conversation);
            }
            Ok(())
        })
        .await
    }
}

fn wanting(connection: &Connection, limit: u32) -> Result<Vec<DraftJob>> {
    let asked = connection.all(
        "SELECT conversation, instruction, earlier FROM draft_request ORDER BY at LIMIT ?1",
        [limit],
        |row| {
            Ok((
                ConversationId(row.get(0)?),
                Some(row.get::<_, String>(1)?),
                row.get::<_, Option<i64>>(2)?.map(ProposalId),
            ))
        },
    )?;
    let left = limit.saturating_sub(asked.len() as u32);
    let silent = connection.all(
        &format!(
            "SELECT c.id FROM (SELECT id FROM ({NEWEST_WAITING}) UNION SELECT id FROM ({FIRST_WAITING})) near
             CROSS JOIN conversation c ON c.id = near.id JOIN message m ON m.id = c.head
             WHERE c.drafted_head IS NOT c.head
               AND c.has_draft = 0 AND c.unsent = 0 AND c.opted_out = 0 AND c.muted = 0
               AND m.direction = 'inbound' AND m.kind = 'normal'
               AND c.account NOT IN (SELECT account FROM health WHERE data ->> '$.state' = 'catching')
             ORDER BY c.last_at DESC LIMIT ?2"
        ),
        [NEAR, left],
        |row| Ok((ConversationId(row.get(0)?), None, None)),
    )?;
    let mut jobs = Vec::new();
    for (id, instruction, earlier) in asked.into_iter().chain(silent) {
        let known = jobs.iter().any(|job: &DraftJob| job.conversation.id == id);
        if let (false, Some(conversation)) = (known, rows::find_conversation(connection, id)?) {
            jobs.push(job(connection, conversation, instruction, earlier)?);
        }
    }
    Ok(jobs)
}

fn job(
    connection: &Connection,
    conversation: Conversation,
    instruction: Option<String>,
    earlier: Option<ProposalId>,
) -> Result<DraftJob> {
    let sql = format!(
        "SELECT {} FROM message m WHERE m.conversation = ?1 AND m.direction <> 'note'
         ORDER BY m.at DESC, m.place DESC, m.id DESC LIMIT ?2",
        rows::MESSAGE
    );
    let mut messages = rows::messages(connection, &sql, params![conversation.id.0, SEEN])?;
    messages.reverse();
    let reply = reply::target(connection, &conversation, None, false)?;
    Ok(DraftJob {
        instruction: instruction.filter(|words| !words.trim().is_empty()),
        conversation,
        messages,
        earlier,
        reply,
    })
}

fn propose(tx: &Tx<'_>, mut proposal: Proposal) -> Result<Option<ProposalId>> {
    let Some(conversation) = rows::find_conversation(tx, proposal.conversation)? else {
        return Ok(None);
    };
    clean(&mut proposal);
    proposal.conversation = conversation.id;
    proposal.id = ProposalId(0);
    proposal.created_at = tx.now;
    proposal.decision = None;
    proposal.outbox = None;
    proposal.due_at = proposal.due_at.or(conversation.due_at);
    proposal.window_closes_at = proposal.window_closes_at.or(conversation.window_closes_at);
    let asked = tx.exists(
        "SELECT 1 FROM draft_request WHERE conversation = ?1",
        [conversation.id.0],
    )?;
    // A late draft never competes with what a person has begun, unless the person asked for it.
    if conversation.unsent > 0 || (conversation.has_draft && !asked) {
        return Ok(None);
    }
    let id = conversation.id;
    let now = Now::read(tx, conversation, None)?;
    let hash = proposal.bound_hash();
    if check(&proposal, &hash, &now.current(tx, &proposal)).is_err() {
        return Ok(None);
    }
    for waiting in tx.all(
        "SELECT id, state FROM proposal WHERE conversation = ?1 AND state IN ('proposed', 'blocked', 'pending')",
        [id.0],
        |row| {
            Ok((
                ProposalId(row.get(0)?),
                row.get::<_, Word<ProposalState>>(1)?.0,
            ))
        },
    )? {
        if let Ok(next) = step(waiting.1, Event::Withdraw) {
            set(tx, waiting.0, next.state, "another draft took its place")?;
        }
    }
    proposal.state = step(ProposalState::Proposed, Event::GatesDone(proposal.worst()))
        .map_or(ProposalState::Blocked, |next| next.state);
    let stored = insert(tx, &proposal, &hash)?;
    tx.run("DELETE FROM draft_request WHERE conversation = ?1", [id.0])?;
    tx.run(
        "UPDATE conversation SET drafted_head = ?2 WHERE id = ?1",
        params![id.0, proposal.base.head.0],
    )?;
    journal::append(
        tx,
        &Actor::Assistant(proposal.proposer.clone()),
        "propose",
        Some(id),
        &json!({
            "proposal": stored.0, "hash": hash, "state": word(&proposal.state),
            "confidence": proposal.confidence.name(), "score": proposal.score,
            "gates": proposal.gates, "earlier": proposal.earlier.map(|id| id.0),
        }),
        None,
    )?;
    tx.touched(id);
    Ok(Some(stored))
}

fn insert(tx: &Tx<'_>, proposal: &Proposal, hash: &str) -> Result<ProposalId> {
    let risk = crate::assist::order::risk(proposal);
    let time = |at: Option<Timestamp>| at.map(|at| at.0);
    tx.run(
        "INSERT INTO proposal(conversation, head, state, created_at, expires_at, window_closes_at, due_at, risk, hash,
           data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            proposal.conversation.0,
            proposal.base.head.0,
            Word(proposal.state),
            proposal.created_at.0,
            time(proposal.expires_at),
            time(proposal.window_closes_at),
            time(proposal.due_at),
            i64::from(risk),
            hash,
            Json(proposal)
        ],
    )?;
    Ok(ProposalId(tx.last_insert_rowid()))
}

/// What an assistant wrote is as untrusted as what a customer wrote.
fn clean(proposal: &mut Proposal) {
    proposal.subject = line(&proposal.subject);
    proposal.body = block(&proposal.body).0;
    proposal.topic = line(&proposal.topic);
    proposal.score_because = line(&proposal.score_because);
    proposal.proposer = line(&proposal.proposer);
    for text in proposal
        .unsupported
        .iter_mut()
        .chain(&mut proposal.promises)
    {
        *text = line(text);
    }
    for evidence in &mut proposal.evidence {
        evidence.claim = block(&evidence.claim).0;
        evidence.quote = block(&evidence.quote).0;
        evidence.source = line(&evidence.source);
        evidence.address = line(&evidence.address);
    }
    for gate in &mut proposal.gates {
        gate.gate = line(&gate.gate);
        gate.reason = line(&gate.reason);
    }
}
