//! The append-only, hash-chained record of every action.

use super::Store;
use super::error::StoreError;
use super::sql::{Json, Result, Sql};
use super::undo::Inverse;
use super::writer::Tx;
use crate::model::journal::Entry;
use crate::model::outgoing::hex;
use crate::model::{Actor, ConversationId, JournalId, Timestamp};
use rusqlite::{Connection, Row, params};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What a check of the journal's chain found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JournalReport {
    /// Entries looked at.
    pub entries: u64,
    /// The first entry whose hash does not fit, if any.
    pub broken_at: Option<JournalId>,
    /// The newest hash: written down elsewhere, it proves that nothing before was changed.
    pub head: String,
}

/// The columns that [`entry`] reads.
const COLUMNS: &str = "journal.id, journal.at, journal.actor, journal.verb, journal.conversation, journal.detail, \
                       journal.hash, EXISTS (SELECT 1 FROM undo WHERE undo.journal = journal.id)";

impl Store {
    /// Recomputes the chain of hashes over the whole journal.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn journal_verify(&self) -> std::result::Result<JournalReport, StoreError> {
        self.read(verify).await
    }
}

/// Appends an entry; with an `inverse` it can be taken back.
pub(super) fn append(
    tx: &Tx<'_>,
    actor: &Actor,
    verb: &str,
    conversation: Option<ConversationId>,
    detail: &Value,
    inverse: Option<&Inverse>,
) -> Result<JournalId> {
    let last = tx.one(
        "SELECT id, hash FROM journal ORDER BY id DESC LIMIT 1",
        [],
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)),
    )?;
    let (last, before) = last.unwrap_or_default();
    let id = last + 1;
    let (actor_text, detail_text) = (
        serde_json::to_string(actor)?,
        serde_json::to_string(detail)?,
    );
    let hash = link(
        &before,
        id,
        tx.now,
        &actor_text,
        verb,
        conversation.map(|id| id.0),
        &detail_text,
    );
    tx.run(
        "INSERT INTO journal(id, at, actor, name, verb, conversation, detail, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            id,
            tx.now.0,
            actor_text,
            actor.name(),
            verb,
            conversation.map(|id| id.0),
            detail_text,
            hash
        ],
    )?;
    if let Some(inverse) = inverse {
        tx.run(
            "INSERT INTO undo(journal, name, inverse) VALUES (?1, ?2, ?3)",
            params![id, actor.name(), Json(inverse)],
        )?;
    }
    Ok(JournalId(id))
}

/// SHA-256 in hex over the previous hash and every field, each with its length.
fn link(
    before: &str,
    id: i64,
    at: Timestamp,
    actor: &str,
    verb: &str,
    conversation: Option<i64>,
    detail: &str,
) -> String {
    let mut hash = Sha256::new();
    let (id, at) = (id.to_string(), at.0.to_string());
    let conversation = conversation.map_or_else(String::new, |id| id.to_string());
    for part in [before, &id, &at, actor, verb, &conversation, detail] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize())
}

fn verify(connection: &Connection) -> Result<JournalReport> {
    let mut report = JournalReport::default();
    let mut statement = connection.prepare(
        "SELECT id, at, actor, verb, conversation, detail, hash FROM journal ORDER BY id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        report.entries += 1;
        let expected = link(
            &report.head,
            id,
            Timestamp(row.get(1)?),
            row.get_ref(2)?.as_str().unwrap_or_default(),
            row.get_ref(3)?.as_str().unwrap_or_default(),
            row.get(4)?,
            row.get_ref(5)?.as_str().unwrap_or_default(),
        );
        let found: String = row.get(6)?;
        let in_order = i64::try_from(report.entries).is_ok_and(|place| place == id);
        if (found != expected || !in_order) && report.broken_at.is_none() {
            report.broken_at = Some(JournalId(id));
        }
        report.head = found;
    }
    Ok(report)
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        id: JournalId(row.get(0)?),
        at: Timestamp(row.get(1)?),
        actor: row.get::<_, Json<Actor>>(2)?.0,
        verb: row.get(3)?,
        conversation: row.get::<_, Option<i64>>(4)?.map(ConversationId),
        detail: row.get::<_, Json<Value>>(5)?.0,
        hash: row.get(6)?,
        undoable: row.get(7)?,
    })
}

/// The newest entries, newest first, of one conversation or of all.
pub(super) fn newest(
    connection: &Connection,
    conversation: Option<ConversationId>,
    limit: u32,
) -> Result<Vec<Entry>> {
    match conversation {
        Some(id) if joined(connection, id)? => connection.all(
            &format!(
                "SELECT {COLUMNS} FROM journal WHERE conversation = ?1
                   OR conversation IN (SELECT old FROM conversation_alias WHERE now = ?1) ORDER BY id DESC LIMIT ?2"
            ),
            params![id.0, limit],
            entry,
        ),
        Some(id) => connection.all(
            &format!(
                "SELECT {COLUMNS} FROM journal WHERE conversation = ?1 ORDER BY id DESC LIMIT ?2"
            ),
            params![id.0, limit],
            entry,
        ),
        None => connection.all(
            &format!("SELECT {COLUMNS} FROM journal ORDER BY id DESC LIMIT ?1"),
            [limit],
            entry,
        ),
    }
}

/// Another conversation became part of this one; what happened to that one belongs to its history.
fn joined(connection: &Connection, id: ConversationId) -> Result<bool> {
    connection.exists(
        "SELECT 1 FROM conversation_alias WHERE now = ?1 LIMIT 1",
        [id.0],
    )
}
