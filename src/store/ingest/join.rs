//! Joins two conversations that a late message shows to be one.

use super::super::sql::{Json, Result, Sql, Word};
use super::super::writer::Tx;
use super::super::{derived, journal};
use crate::model::{Actor, ConversationId, Status};
use rusqlite::params;
use serde_json::json;

/// Joins `b` and `a` if both are with the same contact alone; the older one's number stays. Gives the conversation
/// that `a` is now.
pub(super) fn join(tx: &Tx<'_>, a: ConversationId, b: ConversationId) -> Result<ConversationId> {
    if a == b || !single(tx, a, b)? {
        return Ok(a);
    }
    let (into, from) = if a < b { (a, b) } else { (b, a) };
    for table in ["message", "outbox", "proposal", "escalation"] {
        tx.run(
            &format!("UPDATE {table} SET conversation = ?1 WHERE conversation = ?2"),
            params![into.0, from.0],
        )?;
    }
    // Of two drafts of one agent the other stays reachable among the agent's drafts.
    tx.run(
        "UPDATE OR IGNORE draft SET conversation = ?1 WHERE conversation = ?2",
        params![into.0, from.0],
    )?;
    tx.run(
        "UPDATE draft SET conversation = NULL WHERE conversation = ?1",
        [from.0],
    )?;
    facts(tx, into, from)?;
    tx.run("DELETE FROM conversation WHERE id = ?1", [from.0])?;
    tx.run(
        "UPDATE conversation_alias SET now = ?1 WHERE now = ?2",
        params![into.0, from.0],
    )?;
    tx.run(
        "INSERT INTO conversation_alias(old, now) VALUES (?2, ?1)",
        params![into.0, from.0],
    )?;
    derived::name(tx, into)?;
    journal::append(
        tx,
        &Actor::System("threading".to_owned()),
        "join",
        Some(into),
        &json!({ "joined": from.0 }),
        None,
    )?;
    tx.touched(into);
    tx.touched(from);
    Ok(into)
}

fn single(tx: &Tx<'_>, a: ConversationId, b: ConversationId) -> Result<bool> {
    tx.exists(
        // By address: a merge of contacts may be taken apart again, and then nobody would know whose is what.
        "SELECT 1 FROM conversation x JOIN conversation y ON x.contact = y.contact AND x.account = y.account
           AND x.channel = y.channel AND x.contact_address = y.contact_address
         JOIN identity i ON i.channel = x.channel AND i.address = x.contact_address
         WHERE x.id = ?1 AND y.id = ?2 AND NOT EXISTS (
           SELECT 1 FROM message WHERE conversation IN (?1, ?2) AND direction = 'inbound' AND contact <> i.home)",
        params![a.0, b.0],
    )
}

/// What agents decided about either holds for both: the more urgent, the one that is somebody's, all labels.
fn facts(tx: &Tx<'_>, into: ConversationId, from: ConversationId) -> Result<()> {
    let read = |id: ConversationId| {
        tx.one(
            "SELECT labels, status FROM conversation WHERE id = ?1",
            [id.0],
            |row| {
                Ok((
                    row.get::<_, Json<Vec<String>>>(0)?.0,
                    row.get::<_, Word<Status>>(1)?.0,
                ))
            },
        )
    };
    let (Some((mut labels, a)), Some((more, b))) = (read(into)?, read(from)?) else {
        return Ok(());
    };
    labels.extend(more);
    labels.sort();
    labels.dedup();
    let status = [Status::Open, Status::Snoozed, Status::Resolved]
        .into_iter()
        .find(|status| a == *status || b == *status)
        .unwrap_or(Status::Spam);
    tx.run(
        "UPDATE conversation SET labels = ?3, status = ?4,
           assignee = coalesce(assignee, (SELECT assignee FROM conversation WHERE id = ?2)),
           priority = max(priority, (SELECT priority FROM conversation WHERE id = ?2)),
           muted = max(muted, (SELECT muted FROM conversation WHERE id = ?2)),
           answered_at = max(answered_at, (SELECT answered_at FROM conversation WHERE id = ?2)),
           snoozed_until = CASE WHEN ?4 = 'snoozed' THEN coalesce(snoozed_until,
             (SELECT snoozed_until FROM conversation WHERE id = ?2)) END
         WHERE id = ?1",
        params![into.0, from.0, Json(labels), Word(status)],
    )?;
    Ok(())
}
