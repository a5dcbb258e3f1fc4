//! Claiming: the last look at everything a row was based on, in the transaction that lets it go.

use super::row::{self, Row};
use super::{WAITS, set};
use crate::model::outgoing::OutgoingKind;
use crate::model::{AccountId, Actor, Conversation, OutboxState, Timestamp};
use crate::outbox::machine::{SendEvent, step};
use crate::store::apply::span;
use crate::store::ingest::clean::line;
use crate::store::sending::Claimed;
use crate::store::sql::{Result, Sql, Word};
use crate::store::writer::Tx;
use crate::store::{approvals, derived, journal, queue, reply, rows, templates};
use crate::sync::merge::CLOCK_SLACK;
use rusqlite::params;
use serde_json::json;

/// Why a row may not leave.
struct Stop {
    event: SendEvent,
    because: String,
}

/// The next due row, `sending` from now on.
pub(super) fn next(
    tx: &Tx<'_>,
    now: Timestamp,
    account: Option<&AccountId>,
) -> Result<Option<Claimed>> {
    loop {
        let sql = format!(
            "{} WHERE {WAITS} AND due_at <= ?1 AND (?2 IS NULL OR account = ?2) ORDER BY due_at, id LIMIT 1",
            row::SELECT
        );
        let params = params![now.0, account.map(AccountId::as_str)];
        let Some(row) = tx.one(&sql, params, row::read)? else {
            return Ok(None);
        };
        match check(tx, &row)? {
            Some(stop) => stopped(tx, &row, &stop)?,
            None => return claimed(tx, row).map(Some),
        }
    }
}

fn claimed(tx: &Tx<'_>, mut row: Row) -> Result<Claimed> {
    let queued = match row.state {
        OutboxState::Held => super::go(row.state, SendEvent::Release)?.state,
        state => state,
    };
    let next = super::go(queued, SendEvent::Claim)?;
    row.state = next.state;
    row.attempts += 1;
    row.fence += 1;
    row.first_try = row.first_try.or(Some(tx.now));
    row.since = tx.now;
    row.due_at = None;
    tx.run(
        "UPDATE outbox SET state = ?2, attempts = ?3, fence = ?4, first_try = ?5, since = ?6, due_at = NULL WHERE id = ?1",
        params![
            row.id.0,
            Word(row.state),
            row.attempts,
            row.fence,
            row.first_try.map(|at| at.0),
            row.since.0
        ],
    )?;
    tx.outbox();
    if let Some(conversation) = row.conversation {
        tx.touched(conversation);
    }
    journal::append(
        tx,
        &Actor::System("outbox".to_owned()),
        "send.try",
        row.conversation,
        &json!({ "outbox": row.id.0, "attempt": row.attempts, "fence": row.fence, "hash": row.hash }),
        None,
    )?;
    Ok(row.claimed(tx.dir))
}

fn stopped(tx: &Tx<'_>, row: &Row, stop: &Stop) -> Result<()> {
    // The table has a step for every row that waits; were there none, the row would still not leave.
    let state = step(row.state, stop.event).map_or(OutboxState::Attention, |next| next.state);
    journal::append(
        tx,
        &Actor::System("outbox".to_owned()),
        "send.stopped",
        row.conversation,
        &json!({ "outbox": row.id.0, "state": state.name(), "because": stop.because }),
        None,
    )?;
    if state == OutboxState::Cancelled {
        super::by_hand::back_to_draft(tx, row, &stop.because)?;
    } else {
        set(tx, row.id, state, None, Some(&stop.because))?;
    }
    if let Some(conversation) = row.conversation {
        derived::refresh(tx, conversation)?;
    }
    Ok(())
}

/// Does everything still hold that this was based on?
fn check(tx: &Tx<'_>, row: &Row) -> Result<Option<Stop>> {
    let moved = |because: String| {
        Ok(Some(Stop {
            event: SendEvent::BaseMoved,
            because,
        }))
    };
    if row.out.content_hash() != row.hash {
        return moved("what would be sent is not what was approved".to_owned());
    }
    if row.out.kind == OutgoingKind::Page {
        return Ok(None);
    }
    if let Some(address) = queue::opted_out(tx, row.out.channel, &row.out.recipients)? {
        return moved(format!("{} has opted out", line(&address)));
    }
    if let Err(error) = queue::stored(tx, &row.out.attachments) {
        return moved(queue::refusal(error)?.to_string());
    }
    let conversation = match row.conversation {
        Some(id) => rows::find_conversation(tx, id)?,
        None => None,
    };
    let Some(conversation) = conversation else {
        return Ok(None);
    };
    if let Some(because) = templates::changed(tx, &row.out)? {
        return moved(because);
    }
    if let Some(closes) = conversation.window_closes_at
        && closes <= tx.now
        && row.out.template.is_none()
    {
        return moved(format!(
            "the reply window closed {} ago",
            span(tx.now.since(closes))
        ));
    }
    if row.unless_reply && came_in(tx, row, &conversation)? {
        return Ok(Some(Stop {
            event: SendEvent::ReplyCame,
            because: "the customer wrote".to_owned(),
        }));
    }
    if let Some(then) = &row.goes_to {
        let now = reply::goes_to(tx, &conversation, None)?;
        if now != *then {
            return moved(format!(
                "answers go to {} by now, not to {}",
                line(&now.join(", ")),
                line(&then.join(", "))
            ));
        }
    }
    if let Some(proposal) = row.proposal {
        if newer(tx, row, &conversation)? {
            return moved("the conversation moved on since it was approved".to_owned());
        }
        if let Some(because) = approvals::changed_since(tx, proposal, row)? {
            return moved(because);
        }
    }
    Ok(None)
}

/// A person wrote since this was queued. What came in since and is clearly older than what was seen is backlog; servers'
/// clocks differ from ours and count whole seconds, so a little older is new.
fn came_in(tx: &Tx<'_>, row: &Row, conversation: &Conversation) -> Result<bool> {
    tx.exists(
        "SELECT 1 FROM message WHERE conversation = ?1 AND direction = 'inbound' AND kind = 'normal' AND id > ?2
           AND at >= (SELECT coalesce(max(at), 0) FROM message WHERE id = ?3) - ?4",
        params![
            conversation.id.0,
            row.base_id,
            row.base_head.map(|id| id.0),
            CLOCK_SLACK
        ],
    )
}

/// Any public message but this one came since, that is newer than what was seen.
fn newer(tx: &Tx<'_>, row: &Row, conversation: &Conversation) -> Result<bool> {
    tx.exists(
        "SELECT 1 FROM message WHERE conversation = ?1 AND direction <> 'note' AND id > ?2 AND id IS NOT ?3
           AND at >= (SELECT coalesce(max(at), 0) FROM message WHERE id = ?4) - ?5",
        params![
            conversation.id.0,
            row.base_id,
            row.message.map(|id| id.0),
            row.base_head.map(|id| id.0),
            CLOCK_SLACK
        ],
    )
}
