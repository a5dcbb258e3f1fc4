//! How tries end, and proof from elsewhere that something left.

use super::row::{self, Row};
use super::{copies, set};
use crate::model::event::RemoteChange;
use crate::model::outgoing::Receipt;
use crate::model::{
    AccountId, Actor, Delivery, DeliveryState, MessageId, OutboxId, OutboxState, Status, Timestamp,
};
use crate::outbox::machine::{SendEvent, step};
use crate::store::ingest::clean::line;
use crate::store::sending::SendResult;
use crate::store::sql::{Json, Result, Sql, Word};
use crate::store::writer::Tx;
use crate::store::{conversations, derived, journal};
use rusqlite::params;
use serde_json::{Value, json};

/// Records how a try ended.
pub(super) fn finish(tx: &Tx<'_>, id: OutboxId, fence: i64, result: &SendResult) -> Result<()> {
    let Some(row) = row::find(tx, id)? else {
        return Ok(());
    };
    let void = row.fence != fence || row.state != OutboxState::Sending;
    match result {
        SendResult::Sent(receipt) => sent(tx, &row, receipt),
        _ if void => Ok(()),
        SendResult::Retry { at, reason } => {
            set(tx, id, OutboxState::Retry, Some(*at), Some(reason))?;
            told(
                tx,
                &row,
                "send.retry",
                json!({ "at": at.0, "because": line(reason) }),
            )
        }
        SendResult::Failed { reason } => {
            set(tx, id, OutboxState::Failed, None, Some(reason))?;
            delivery(tx, &row, DeliveryState::Failed, Some(reason))?;
            needs_person(tx, &row)?;
            told(tx, &row, "send.failed", json!({ "because": line(reason) }))
        }
        SendResult::Unknown { reason } => {
            set(tx, id, OutboxState::Unknown, None, Some(reason))?;
            delivery(tx, &row, DeliveryState::Unknown, Some(reason))?;
            needs_person(tx, &row)?;
            told(tx, &row, "send.unknown", json!({ "because": line(reason) }))
        }
    }
}

/// Puts a row back that surely was not sent.
pub(super) fn requeue(tx: &Tx<'_>, id: OutboxId, fence: i64) -> Result<()> {
    let Some(row) = row::find(tx, id)? else {
        return Ok(());
    };
    let mut state = row.state;
    if state == OutboxState::Sending {
        state = super::go(state, SendEvent::Crash { key_safe: false })?.state;
    }
    if row.fence != fence || state != OutboxState::Unknown {
        return Ok(());
    }
    let next = super::go(state, SendEvent::ReconciledAbsent)?;
    set(
        tx,
        id,
        next.state,
        Some(tx.now),
        Some("it was not sent; sending it again"),
    )?;
    told(tx, &row, "send.absent", json!({}))
}

/// The provider took it: now by a receipt, or found there later. Wins over whatever the row was believed to be.
fn sent(tx: &Tx<'_>, row: &Row, receipt: &Receipt) -> Result<()> {
    let Ok(next) = step(row.state, SendEvent::Accepted) else {
        return Ok(());
    };
    if row.state == OutboxState::Sent {
        return Ok(());
    }
    set(tx, row.id, next.state, None, None)?;
    tx.run(
        "UPDATE outbox SET provider_id = coalesce(?2, provider_id), receipt = ?3, draft = NULL WHERE id = ?1",
        params![row.id.0, receipt.provider_id, Json(receipt)],
    )?;
    let refused: Vec<String> = receipt
        .refused
        .iter()
        .map(|(address, reason)| line(&format!("{address}: {reason}")))
        .collect();
    if let Some(message) = row.message {
        // It counts from when it left, which for "send later" is long after it was written.
        tx.run(
            "UPDATE message SET at = max(at, ?2), delivery = ?3, delivery_at = ?2, delivery_detail = ?4
             WHERE id = ?1 AND (delivery IS NULL OR delivery IN ('pending', 'unknown', 'failed'))",
            params![
                message.0,
                receipt.at.0.min(tx.now.0),
                Word(DeliveryState::Sent),
                (!refused.is_empty()).then(|| refused.join("; "))
            ],
        )?;
        if let Some(provider_id) = &receipt.provider_id {
            copies::fold(tx, &row.out.account, provider_id, message)?;
            crate::store::ingest::keep::own_reference(
                tx,
                row.out.account.as_str(),
                provider_id,
                message,
            )?;
        }
        answered(tx, row)?;
    }
    told(
        tx,
        row,
        "send.sent",
        json!({ "provider_id": receipt.provider_id, "refused": refused }),
    )
}

/// Something at the provider shows that the row of this reference (or provider's id) left.
pub(in super::super) fn proof(
    tx: &Tx<'_>,
    account: &AccountId,
    reference: &str,
    at: Timestamp,
) -> Result<()> {
    let sql = format!(
        "{} WHERE account = ?1 AND (reference = ?2 OR provider_id = ?2) LIMIT 1",
        row::SELECT
    );
    match tx.one(&sql, params![account.as_str(), reference], row::read)? {
        Some(row) if !matches!(row.state, OutboxState::Sent | OutboxState::Held) => {
            let receipt = Receipt {
                provider_id: None,
                // Where nobody says when, it was when it was first tried.
                at: if at.0 > 0 {
                    at
                } else {
                    row.first_try.unwrap_or(row.since)
                },
                detail: Some("found at the provider".to_owned()),
                refused: Vec::new(),
            };
            sent(tx, &row, &receipt)
        }
        _ => Ok(()),
    }
}

/// The provider is to show that the customer's message was answered.
fn answered(tx: &Tx<'_>, row: &Row) -> Result<()> {
    let Some(reference) = &row.out.in_reply_to else {
        return Ok(());
    };
    let message: Option<i64> = tx.value(
        "SELECT t.message FROM thread_ref t JOIN message m ON m.id = t.message
         WHERE t.account = ?1 AND t.ref = ?2 AND t.own = 1 AND m.direction = 'inbound' AND m.answered = 0",
        params![row.out.account.as_str(), reference],
    )?;
    let Some(message) = message.map(MessageId) else {
        return Ok(());
    };
    tx.run("UPDATE message SET answered = 1 WHERE id = ?1", [message.0])?;
    conversations::tell(tx, message, |remote| RemoteChange::Flags {
        remote,
        seen: Some(true),
        answered: Some(true),
        flagged: None,
        junk: None,
    })
}

/// Sets how the message shows; the outbox knows, so no rank is asked.
pub(super) fn delivery(
    tx: &Tx<'_>,
    row: &Row,
    state: DeliveryState,
    detail: Option<&str>,
) -> Result<()> {
    let Some(message) = row.message else {
        return Ok(());
    };
    let delivery = Delivery {
        state,
        at: tx.now,
        detail: detail.map(line),
    };
    tx.run(
        "UPDATE message SET delivery = ?2, delivery_at = ?3, delivery_detail = ?4 WHERE id = ?1",
        params![
            message.0,
            Word(delivery.state),
            delivery.at.0,
            delivery.detail
        ],
    )?;
    Ok(())
}

/// What did not leave must not hide in a list that nobody looks at.
fn needs_person(tx: &Tx<'_>, row: &Row) -> Result<()> {
    let Some(conversation) = row.conversation else {
        return Ok(());
    };
    tx.run(
        "UPDATE conversation SET status = ?2, snoozed_until = NULL WHERE id = ?1 AND muted = 0
           AND status IN ('resolved', 'snoozed')",
        params![conversation.0, Word(Status::Open)],
    )?;
    Ok(())
}

fn told(tx: &Tx<'_>, row: &Row, verb: &str, mut detail: Value) -> Result<()> {
    if let Value::Object(fields) = &mut detail {
        fields.insert("outbox".to_owned(), json!(row.id.0));
        fields.insert("attempt".to_owned(), json!(row.attempts));
    }
    journal::append(
        tx,
        &Actor::System("outbox".to_owned()),
        verb,
        row.conversation,
        &detail,
        None,
    )?;
    if let Some(conversation) = row.conversation {
        derived::refresh(tx, conversation)?;
    }
    Ok(())
}
