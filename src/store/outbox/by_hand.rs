//! What people do with rows of the outbox.

use super::row::{self, Row};
use super::{go, set};
use crate::model::command::{Refusal, Settled};
use crate::model::{
    Actor, ConversationId, DeliveryState, DraftKind, MessageId, OutboxId, OutboxState, Outcome,
};
use crate::outbox::machine::{Effect, SendEvent};
use crate::store::apply::{invalid, not_found};
use crate::store::sql::{Json, Result, Sql};
use crate::store::writer::Tx;
use crate::store::{approvals, derived, drafts, index, journal, queue, reply};
use rusqlite::params;
use serde_json::json;

fn find(tx: &Tx<'_>, id: OutboxId) -> Result<Row> {
    row::find(tx, id)?.ok_or_else(|| not_found(format!("message {id} in the outbox")))
}

/// Takes back what has not left; the text is a draft again. Gives a sentence.
pub(in super::super) fn cancel(tx: &Tx<'_>, actor: &Actor, id: OutboxId) -> Result<String> {
    let row = find(tx, id)?;
    go(row.state, SendEvent::Cancel)?;
    let restored = back_to_draft(tx, &row, &format!("taken back by {}", actor.name()))?;
    if let Some(conversation) = row.conversation {
        derived::refresh(tx, conversation)?;
    }
    Ok(match (row.proposal, restored) {
        (Some(_), false) => "taken back; the draft awaits a decision again".to_owned(),
        (_, true) => "taken back; the text is a draft again".to_owned(),
        (None, false) => "taken back".to_owned(),
    })
}

/// Of these rows, those that have not left and can be taken back; refused when one has left or is leaving.
pub(in super::super) fn still_here(tx: &Tx<'_>, ids: &[OutboxId]) -> Result<Vec<OutboxId>> {
    let mut waiting = Vec::new();
    for id in ids {
        let row = find(tx, *id)?;
        if row.state != OutboxState::Cancelled {
            go(row.state, SendEvent::Cancel)?;
            waiting.push(*id);
        }
    }
    Ok(waiting)
}

pub(in super::super) fn cancel_by_hand(
    tx: &Tx<'_>,
    actor: &Actor,
    id: OutboxId,
) -> Result<Outcome> {
    let row = find(tx, id)?;
    let says = cancel(tx, actor, id)?;
    tx.run(
        "DELETE FROM undo WHERE json_extract(inverse, '$.Send.outbox') = ?1",
        [id.0],
    )?;
    done(tx, actor, &row, "cancel", says)
}

/// Cancels the row and makes of it what it was: a draft, or a proposal that awaits a decision. True when a draft came
/// back.
pub(super) fn back_to_draft(tx: &Tx<'_>, row: &Row, because: &str) -> Result<bool> {
    set(tx, row.id, OutboxState::Cancelled, None, Some(because))?;
    if let Some(message) = row.message {
        remove_message(tx, message)?;
    }
    if let Some(proposal) = row.proposal {
        approvals::taken_back(tx, proposal, row.decision)?;
    }
    let Some(mut draft) = row.draft.clone() else {
        return Ok(false);
    };
    draft.conversation = if draft.kind == DraftKind::New {
        None
    } else {
        row.conversation
    };
    drafts::restore(tx, draft)?;
    Ok(true)
}

/// Takes a message of ours out of the mirror: one that never left, or a note. A conversation that is empty then goes
/// with it.
pub(in super::super) fn remove_message(tx: &Tx<'_>, id: MessageId) -> Result<()> {
    let conversation: Option<i64> =
        tx.value("SELECT conversation FROM message WHERE id = ?1", [id.0])?;
    for (table, column) in [
        ("thread_ref", "message"),
        ("remote", "message"),
        ("raw", "message"),
        ("attachment", "message"),
    ] {
        tx.run(&format!("DELETE FROM {table} WHERE {column} = ?1"), [id.0])?;
    }
    tx.run(
        "UPDATE outbox SET message = NULL WHERE message = ?1",
        [id.0],
    )?;
    index::remove(tx, id)?;
    tx.run("DELETE FROM message WHERE id = ?1", [id.0])?;
    let Some(conversation) = conversation.map(ConversationId) else {
        return Ok(());
    };
    if tx.exists(
        "SELECT 1 FROM message WHERE conversation = ?1",
        [conversation.0],
    )? {
        derived::refresh(tx, conversation)?;
        return Ok(());
    }
    tx.run(
        "UPDATE outbox SET conversation = NULL WHERE conversation = ?1",
        [conversation.0],
    )?;
    tx.run(
        "UPDATE draft SET conversation = NULL WHERE conversation = ?1",
        [conversation.0],
    )?;
    let held = tx.exists(
        "SELECT 1 FROM proposal WHERE conversation = ?1 UNION ALL SELECT 1 FROM escalation WHERE conversation = ?1",
        [conversation.0],
    )?;
    if !held {
        tx.run("DELETE FROM conversation WHERE id = ?1", [conversation.0])?;
    }
    tx.touched(conversation);
    Ok(())
}

/// Tries again what failed or needs attention.
pub(in super::super) fn retry(tx: &Tx<'_>, actor: &Actor, id: OutboxId) -> Result<Outcome> {
    let row = find(tx, id)?;
    if row.state == OutboxState::Unknown {
        return Err(invalid(
            "nobody knows whether it was sent; look at the customer's side, then say what you found",
        ));
    }
    let next = go(row.state, SendEvent::Retry)?;
    if row.proposal.is_some() && row.state == OutboxState::Attention {
        return Err(invalid(
            "what it answers has changed; approve another draft or write yourself",
        ));
    }
    // The person has seen what came in since.
    tx.run(
        "UPDATE outbox SET base_id = (SELECT seq FROM sqlite_sequence WHERE name = 'message'),
           base_head = (SELECT head FROM conversation WHERE id = outbox.conversation), unless_reply = 0,
           first_try = NULL, attempts = 0 WHERE id = ?1",
        [id.0],
    )?;
    if let (Some(_), Some(conversation)) = (&row.goes_to, row.conversation) {
        // And where answers go now, though this one goes where it did.
        let now = reply::goes_to(tx, &queue::find(tx, conversation)?, None)?;
        tx.run(
            "UPDATE outbox SET goes_to = ?2 WHERE id = ?1",
            params![id.0, Json(now)],
        )?;
    }
    set(tx, id, next.state, Some(tx.now), None)?;
    super::finish::delivery(tx, &row, DeliveryState::Pending, None)?;
    done(
        tx,
        actor,
        &row,
        "retry",
        "will be sent again now".to_owned(),
    )
}

/// Sends now what is held or scheduled.
pub(in super::super) fn send_now(tx: &Tx<'_>, actor: &Actor, id: OutboxId) -> Result<Outcome> {
    let row = find(tx, id)?;
    let next = go(row.state, SendEvent::Release)?;
    set(tx, id, next.state, Some(tx.now), None)?;
    done(tx, actor, &row, "send.now", "leaves now".to_owned())
}

/// A person looked at a send of unknown outcome.
pub(in super::super) fn settle(
    tx: &Tx<'_>,
    actor: &Actor,
    id: OutboxId,
    found: Settled,
) -> Result<Outcome> {
    let row = find(tx, id)?;
    let event = match found {
        Settled::Sent => SendEvent::SettleSent,
        Settled::SendAgain => SendEvent::SettleSendAgain,
        Settled::Drop => SendEvent::SettleDrop,
    };
    if row.state != OutboxState::Unknown {
        return Err(Refusal::TooLate {
            state: row.state.name().to_owned(),
        }
        .into());
    }
    let next = go(row.state, event)?;
    let due = (next.effect == Effect::DueNow).then_some(tx.now);
    set(tx, id, next.state, due, None)?;
    let (state, detail, says) = match found {
        Settled::Sent => (DeliveryState::Sent, None, "settled: it was sent"),
        Settled::SendAgain => (DeliveryState::Pending, None, "will be sent again now"),
        Settled::Drop => (
            DeliveryState::Failed,
            Some("it was not sent, and will not be"),
            "dropped",
        ),
    };
    super::finish::delivery(tx, &row, state, detail)?;
    done(tx, actor, &row, "settle", says.to_owned())
}

fn done(tx: &Tx<'_>, actor: &Actor, row: &Row, verb: &str, says: String) -> Result<Outcome> {
    let conversation = row.conversation;
    let journal = journal::append(
        tx,
        actor,
        verb,
        conversation,
        &json!({ "outbox": row.id.0, "was": row.state.name() }),
        None,
    )?;
    if let Some(conversation) = conversation {
        derived::refresh(tx, conversation)?;
    }
    Ok(Outcome {
        says,
        journal: Some(journal),
        outbox: Some(row.id),
        ..Outcome::default()
    })
}
