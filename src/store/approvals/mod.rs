//! Proposals of the assistant and what people decide about them. Which step is legal and whether an approval still
//! holds, [`crate::assist::machine`] decides; here each is one transaction.

mod decide;
mod propose;
mod row;

pub(super) use decide::{
    Edit, approve, ask, changed_since, new_reference, redraft, reject, taken_back, unreject,
};
#[cfg(test)]
pub(super) use propose::{FIRST_WAITING, NEWEST_WAITING};
pub(super) use row::{in_conversation, waiting, with_before};

use super::sql::{Result, Sql, Word, word};
use super::writer::Tx;
use super::{derived, journal, reply};
use crate::assist::machine::{Current, Event, POLICY_VERSION, step};
use crate::model::outgoing::{Recipients, hex};
use crate::model::{
    Actor, Conversation, ConversationId, MessageId, Proposal, ProposalId, ProposalState,
};
use rusqlite::params;
use serde_json::json;
use sha2::{Digest, Sha256};

/// Applies a fact of the world to every proposal of a conversation that still waits.
pub(super) fn fact(tx: &Tx<'_>, conversation: ConversationId, event: Event) -> Result<()> {
    let waiting = tx.all(
        "SELECT id, state FROM proposal WHERE conversation = ?1 AND state IN ('proposed', 'blocked', 'pending')",
        [conversation.0],
        |row| {
            Ok((
                ProposalId(row.get(0)?),
                row.get::<_, Word<ProposalState>>(1)?.0,
            ))
        },
    )?;
    for (id, state) in waiting {
        if let Ok(next) = step(state, event)
            && next.state != state
        {
            set(tx, id, next.state, event.because())?;
            journal::append(
                tx,
                &Actor::System("approvals".to_owned()),
                "proposal",
                Some(conversation),
                &json!({ "proposal": id.0, "state": word(&next.state), "because": event.because() }),
                None,
            )?;
        }
    }
    Ok(())
}

/// Writes a proposal's new state and why.
fn set(tx: &Tx<'_>, id: ProposalId, state: ProposalState, because: &str) -> Result<()> {
    tx.run(
        "UPDATE proposal SET state = ?2, because = ?3 WHERE id = ?1",
        params![id.0, Word(state), because],
    )?;
    tx.lists();
    Ok(())
}

/// The conversation as it is now, for [`crate::assist::machine::check`].
struct Now {
    head: Option<MessageId>,
    head_hash: String,
    last_inbound: Option<MessageId>,
    /// Where answers go.
    target: Recipients,
    conversation: Conversation,
}

impl Now {
    /// Reads it; `without` is a message to be left out, for a look after the answer itself was queued.
    fn read(tx: &Tx<'_>, conversation: Conversation, without: Option<MessageId>) -> Result<Self> {
        let head = match without {
            None => derived::head(tx, conversation.id)?,
            Some(own) => tx
                .value(
                    "SELECT id FROM message WHERE conversation = ?1 AND direction <> 'note' AND id <> ?2
                     ORDER BY at DESC, place DESC, id DESC LIMIT 1",
                    params![conversation.id.0, own.0],
                )?
                .map(MessageId),
        };
        let body: Option<String> = match head {
            Some(head) => tx.value("SELECT body FROM message WHERE id = ?1", [head.0])?,
            None => None,
        };
        let last_inbound: Option<i64> = tx.value(
            "SELECT last_inbound FROM conversation WHERE id = ?1",
            [conversation.id.0],
        )?;
        let target = reply::target(tx, &conversation, None, false)?.recipients;
        Ok(Self {
            head,
            target,
            head_hash: body_hash(body.as_deref().unwrap_or_default()),
            last_inbound: last_inbound.map(MessageId),
            conversation,
        })
    }

    /// As the check wants it. Who an answer goes to is frozen in the proposal and bound by its hash; it must be where
    /// answers go now. Names may change, and so may the order.
    fn current(&self, tx: &Tx<'_>, proposal: &Proposal) -> Current<'_> {
        let frozen = reply::addresses(proposal.channel, &proposal.recipients);
        let same = frozen == reply::addresses(self.conversation.channel, &self.target);
        Current {
            head: self.head,
            head_hash: &self.head_hash,
            last_inbound: self.last_inbound,
            status: self.conversation.status,
            assignee: self.conversation.assignee.as_deref(),
            recipients: (!same).then_some(&self.target),
            policy_version: POLICY_VERSION,
            window_closes_at: self.conversation.window_closes_at,
            now: tx.now,
        }
    }
}

/// SHA-256 in hex of a message's body: [`crate::model::approval::Base::head_hash`].
pub(super) fn body_hash(body: &str) -> String {
    hex(&Sha256::digest(body.as_bytes()))
}
