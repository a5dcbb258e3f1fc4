//! Facts about messages: flags, places, edits, reactions, delivery, consent.

use super::super::sql::{Json, Result, Sql, Word};
use super::super::writer::Tx;
use super::super::{approvals, journal, outbox};
use super::clean::{block, line, normalised};
use super::{Ingest, contact, early};
use crate::assist::machine;
use crate::model::event::{DeliveryUpdate, Flags, Watermark};
use crate::model::{
    Actor, ConversationId, Delivery, DeliveryState, Event, MessageId, Party, RemoteId, Status,
    Timestamp,
};
use crate::sync::merge;
use rusqlite::params;
use serde_json::json;

/// Applies one fact; what is about a message that is not here yet waits for it.
pub(super) fn apply(ingest: &mut Ingest<'_>, event: Event) -> Result<()> {
    match event {
        Event::Message(_) => Ok(()),
        Event::Delivery(update) => reported(ingest, &update),
        Event::DeliveredUntil(mark) => passed(ingest, &mark),
        Event::Flags { remote, flags: new } => match at(ingest, &remote)? {
            Some(id) => flags(ingest, id, new),
            None => early::keep(
                ingest,
                &early::place(&remote),
                "flags",
                &early::Fact::Flags(new),
            ),
        },
        Event::Gone { remote } => gone(ingest, &remote),
        Event::ScopeReset { scope } => {
            ingest.tx.run(
                "DELETE FROM remote WHERE account = ?1 AND scope = ?2",
                params![ingest.account.as_str(), scope],
            )?;
            Ok(())
        }
        Event::Edited {
            remote,
            text,
            at: when,
        } => {
            if let Some(id) = at(ingest, &remote)? {
                return edited(ingest, id, &text, when);
            }
            let fact = early::Fact::Edited { text, at: when };
            early::keep(ingest, &early::place(&remote), "edited", &fact)
        }
        Event::Reaction { remote, by, emoji } => {
            if let Some(id) = at(ingest, &remote)? {
                return reaction(ingest, id, &by, &emoji);
            }
            let what = format!("reaction {}", by.address);
            let fact = early::Fact::Reaction { by, emoji };
            early::keep(ingest, &early::place(&remote), &what, &fact)
        }
        Event::Consent {
            address,
            channel,
            opted_out,
            at,
        } => {
            let address = normalised(channel, &address);
            contact::consent(ingest.tx, channel, &address, opted_out, at)
        }
    }
}

/// The message at a place.
fn at(ingest: &Ingest<'_>, remote: &RemoteId) -> Result<Option<MessageId>> {
    Ok(ingest
        .tx
        .value(
            "SELECT message FROM remote WHERE account = ?1 AND scope = ?2 AND key = ?3",
            params![ingest.account.as_str(), remote.scope, remote.key],
        )?
        .map(MessageId))
}

fn conversation_of(tx: &Tx<'_>, id: MessageId) -> Result<Option<ConversationId>> {
    Ok(tx
        .value("SELECT conversation FROM message WHERE id = ?1", [id.0])?
        .map(ConversationId))
}

/// Takes over the flags that the provider shows.
pub(super) fn flags(ingest: &mut Ingest<'_>, id: MessageId, flags: Flags) -> Result<()> {
    let tx = ingest.tx;
    // What an agent read here and the provider was not told yet stays read.
    let pending = tx.exists(
        "SELECT 1 FROM remote r JOIN remote_change q ON q.account = r.account AND q.scope = r.scope AND q.key = r.key
           AND q.done_at IS NULL WHERE r.message = ?1",
        [id.0],
    )?;
    let changed = tx.run(
        "UPDATE message SET seen = CASE WHEN ?5 OR direction <> 'inbound' THEN seen ELSE ?2 END, answered = ?3,
           flagged = CASE WHEN ?5 THEN flagged ELSE ?4 END
         WHERE id = ?1 AND (seen, answered, flagged) IS NOT (?2, ?3, ?4)",
        params![id.0, flags.seen, flags.answered, flags.flagged, pending],
    )?;
    let Some(conversation) = conversation_of(tx, id)? else {
        return Ok(());
    };
    if changed > 0 {
        if flags.answered {
            tx.run(
                "UPDATE conversation SET answered_at = max(answered_at,
                   (SELECT at FROM message WHERE id = ?2 AND direction = 'inbound')) WHERE id = ?1
                   AND EXISTS (SELECT 1 FROM message WHERE id = ?2 AND direction = 'inbound')",
                params![conversation.0, id.0],
            )?;
        }
        ingest.touched.insert(conversation);
    }
    let only = "NOT EXISTS (SELECT 1 FROM message WHERE conversation = ?1 AND id <> ?2 AND direction <> 'note')";
    if flags.junk && !pending {
        let judged = tx.run(
            &format!(
                "UPDATE conversation SET status = ?3 WHERE id = ?1 AND status = 'open' AND {only}"
            ),
            params![conversation.0, id.0, Word(Status::Spam)],
        )?;
        if judged > 0 {
            approvals::fact(tx, conversation, machine::Event::StatusChanged)?;
            ingest.touched.insert(conversation);
        }
    }
    Ok(())
}

fn gone(ingest: &mut Ingest<'_>, remote: &RemoteId) -> Result<()> {
    let Some(id) = at(ingest, remote)? else {
        return Ok(());
    };
    let tx = ingest.tx;
    tx.run(
        "DELETE FROM remote WHERE account = ?1 AND scope = ?2 AND key = ?3",
        params![ingest.account.as_str(), remote.scope, remote.key],
    )?;
    tx.run(
        "UPDATE message SET gone = 1 WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM remote WHERE message = ?1)",
        [id.0],
    )?;
    ingest.touched.extend(conversation_of(tx, id)?);
    Ok(())
}

/// Takes over a text that its author replaced; proposals that answer the old one are superseded.
pub(super) fn edited(
    ingest: &mut Ingest<'_>,
    id: MessageId,
    text: &str,
    when: Timestamp,
) -> Result<()> {
    let tx = ingest.tx;
    let (body, hidden) = block(text);
    let stored = tx.one(
        "SELECT edited_at, body, conversation FROM message WHERE id = ?1",
        [id.0],
        |row| {
            Ok((
                row.get::<_, Option<i64>>(0)?.map(Timestamp),
                row.get::<_, String>(1)?,
                ConversationId(row.get(2)?),
            ))
        },
    )?;
    let Some((before, old, conversation)) = stored else {
        return Ok(());
    };
    if !merge::edit_wins(before.map(|at| (at, old.as_str())), (when, &body)) {
        return Ok(());
    }
    tx.run(
        "UPDATE message SET body = ?2, hidden = ?3, edited_at = ?4, snippet = ?5 WHERE id = ?1",
        params![
            id.0,
            body,
            hidden as i64,
            when.0,
            crate::text::preview::snippet(&body)
        ],
    )?;
    ingest.index.changed(id);
    if old != body {
        approvals::fact(tx, conversation, machine::Event::SourceEdited)?;
    }
    ingest.touched.insert(conversation);
    Ok(())
}

/// Adds, replaces or takes back one person's reaction.
pub(super) fn reaction(
    ingest: &mut Ingest<'_>,
    id: MessageId,
    by: &Party,
    emoji: &str,
) -> Result<()> {
    let tx = ingest.tx;
    let who = line(by.name.as_deref().unwrap_or(&by.address));
    let stored = tx.value::<Json<Vec<(String, String)>>>(
        "SELECT reactions FROM message WHERE id = ?1",
        [id.0],
    )?;
    let mut all = stored.map(|stored| stored.0).unwrap_or_default();
    all.retain(|(name, _)| *name != who);
    let emoji = line(emoji);
    if !emoji.is_empty() {
        all.push((who, emoji));
    }
    all.sort();
    all.truncate(100);
    tx.run(
        "UPDATE message SET reactions = ?2 WHERE id = ?1",
        params![id.0, (!all.is_empty()).then_some(Json(all))],
    )?;
    ingest.touched.extend(conversation_of(tx, id)?);
    Ok(())
}

fn reported(ingest: &mut Ingest<'_>, update: &DeliveryUpdate) -> Result<()> {
    let (tx, account) = (ingest.tx, ingest.account);
    let found: Option<i64> = tx.value(
        "SELECT message FROM outbox WHERE account = ?1 AND (reference = ?2 OR provider_id = ?2) LIMIT 1",
        params![account.as_str(), update.reference],
    )?;
    let found = match found {
        Some(found) => Some(found),
        None => tx.value(
            "SELECT t.message FROM thread_ref t JOIN message m ON m.id = t.message
             WHERE t.account = ?1 AND t.ref = ?2 AND t.own = 1 AND m.direction = 'outbound'",
            params![account.as_str(), update.reference],
        )?,
    };
    let state = Delivery {
        state: update.state,
        at: update.at,
        detail: update.detail.clone(),
    };
    let Some(id) = found.map(MessageId) else {
        return early::keep_delivery(ingest, &update.reference, state);
    };
    if !matches!(
        update.state,
        DeliveryState::Pending | DeliveryState::Unknown
    ) {
        outbox::proof(tx, account, &update.reference, update.at)?;
    }
    delivery(tx, id, state)?;
    ingest.touched.extend(conversation_of(tx, id)?);
    Ok(())
}

/// Messages of ours that a vendor's word may be about; older ones were told before.
const PASSED: i64 = 200;

/// Everything that was sent in a chat until some time got so far.
fn passed(ingest: &mut Ingest<'_>, mark: &Watermark) -> Result<()> {
    let tx = ingest.tx;
    let ids = tx.all(
        "SELECT m.id FROM message m JOIN conversation c ON c.id = m.conversation
         WHERE c.account = ?1 AND c.thread = ?2 AND m.direction = 'outbound' AND m.at <= ?3
           AND m.delivery IN ('sent', 'delivered') ORDER BY m.at DESC LIMIT ?4",
        params![ingest.account.as_str(), mark.thread, mark.until.0, PASSED],
        |row| Ok(MessageId(row.get(0)?)),
    )?;
    for id in ids {
        let report = Delivery {
            state: mark.state,
            at: mark.at,
            detail: None,
        };
        delivery(tx, id, report)?;
        ingest.touched.extend(conversation_of(tx, id)?);
    }
    Ok(())
}

/// Merges a report into a message's delivery: a state is a rank and never goes down.
pub(in super::super) fn delivery(tx: &Tx<'_>, id: MessageId, mut report: Delivery) -> Result<()> {
    report.detail = report.detail.as_deref().map(line);
    let stored = tx.one(
        "SELECT delivery, delivery_at, delivery_detail FROM message WHERE id = ?1",
        [id.0],
        |row| {
            Ok(match row.get::<_, Option<Word<DeliveryState>>>(0)? {
                Some(state) => Some(Delivery {
                    state: state.0,
                    at: Timestamp(row.get::<_, Option<i64>>(1)?.unwrap_or_default()),
                    detail: row.get(2)?,
                }),
                None => None,
            })
        },
    )?;
    let before = stored.flatten();
    let merged = merge::delivery(before.as_ref(), report);
    tx.run(
        "UPDATE message SET delivery = ?2, delivery_at = ?3, delivery_detail = ?4 WHERE id = ?1",
        params![id.0, Word(merged.state), merged.at.0, merged.detail],
    )?;
    if merged.state == DeliveryState::Failed
        && before.is_none_or(|before| before.state != DeliveryState::Failed)
    {
        did_not_arrive(tx, id, merged.detail.as_deref())?;
    }
    Ok(())
}

/// The customer does not have our answer: a person must know, wherever the conversation was put.
fn did_not_arrive(tx: &Tx<'_>, id: MessageId, detail: Option<&str>) -> Result<()> {
    let Some(conversation) = conversation_of(tx, id)? else {
        return Ok(());
    };
    let opened = tx.run(
        "UPDATE conversation SET status = 'open', snoozed_until = NULL, wake_on_reply = 0
         WHERE id = ?1 AND muted = 0 AND status IN ('resolved', 'snoozed')",
        [conversation.0],
    )?;
    if opened > 0 {
        approvals::fact(tx, conversation, machine::Event::StatusChanged)?;
    }
    journal::append(
        tx,
        &Actor::System("engine".to_owned()),
        "delivery.failed",
        Some(conversation),
        &json!({ "message": id.0, "because": detail, "reopened": opened > 0 }),
        None,
    )?;
    Ok(())
}
