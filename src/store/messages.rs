//! Windows on the messages of a conversation, raw forms, export.

use super::Store;
use super::error::StoreError;
use super::files;
use super::rows::{self, MESSAGE};
use super::sql::{Result, Sql};
use crate::model::query::MessagePage;
use crate::model::{Conversation, ConversationId, Message, MessageId};
use rusqlite::{Connection, params};
use std::collections::HashMap;
use std::path::Path;

/// Messages per answer at most.
const MAX_MESSAGES: u32 = 1_000;
/// Other conversations of a contact that are interleaved.
const MAX_CONVERSATIONS: u32 = 50;

/// A window of messages, oldest first.
pub(super) fn page(
    connection: &Connection,
    conversation: ConversationId,
    before: Option<MessageId>,
    limit: u32,
    all_channels: bool,
) -> Result<Option<MessagePage>> {
    let limit = limit.clamp(1, MAX_MESSAGES) as usize;
    let Some(conversation) = rows::find_conversation(connection, conversation)? else {
        return Ok(None);
    };
    let mut ids = vec![conversation.id];
    if all_channels {
        ids.extend(connection.all(
            "SELECT id FROM conversation WHERE contact = ?1 AND id <> ?2 ORDER BY last_at DESC LIMIT ?3",
            params![conversation.contact.0, conversation.id.0, MAX_CONVERSATIONS],
            |row| Ok(ConversationId(row.get(0)?)),
        )?);
    }
    let mut messages = Vec::new();
    for id in ids {
        let newest_first = newest(connection, id, before, limit + 1)?;
        messages.extend(newest_first.into_iter().rev());
    }
    if all_channels {
        // What came at one moment keeps the order by which pages are cut.
        let mut places = HashMap::new();
        for message in &messages {
            let place: Option<i64> =
                connection.value("SELECT place FROM message WHERE id = ?1", [message.id.0])?;
            places.insert(message.id, place);
        }
        messages.sort_by_key(|message| (message.at, places.get(&message.id).copied(), message.id));
    }
    let surplus = messages.len().saturating_sub(limit);
    messages.drain(..surplus);
    Ok(Some(MessagePage {
        messages,
        older: surplus > 0,
    }))
}

fn newest(
    connection: &Connection,
    id: ConversationId,
    before: Option<MessageId>,
    limit: usize,
) -> Result<Vec<Message>> {
    match before {
        None => rows::messages(
            connection,
            &format!(
                "SELECT {MESSAGE} FROM message m WHERE m.conversation = ?1 ORDER BY m.at DESC, m.place DESC, m.id DESC LIMIT ?2"
            ),
            params![id.0, limit as i64],
        ),
        Some(before) => rows::messages(
            connection,
            &format!(
                "SELECT {MESSAGE} FROM message m WHERE m.conversation = ?1
                   AND (m.at, m.place, m.id) < (SELECT at, place, id FROM message WHERE id = ?3)
                 ORDER BY m.at DESC, m.place DESC, m.id DESC LIMIT ?2"
            ),
            params![id.0, limit as i64, before.0],
        ),
    }
}

/// The bytes of the wire, if they are kept.
pub(super) fn raw(connection: &Connection, dir: &Path, id: MessageId) -> Result<Option<Vec<u8>>> {
    let found = connection.one(
        "SELECT bytes, sha256 FROM raw WHERE message = ?1",
        [id.0],
        |row| {
            Ok((
                row.get::<_, Option<Vec<u8>>>(0)?,
                row.get::<_, Option<String>>(1)?,
            ))
        },
    )?;
    match found {
        Some((Some(bytes), _)) => Ok(Some(bytes)),
        Some((None, Some(sha256))) => {
            let path = files::path(dir, &sha256);
            let bytes = std::fs::read(&path).map_err(|error| StoreError::io(&path, error))?;
            Ok(Some(bytes))
        }
        _ => Ok(None),
    }
}

impl Store {
    /// Messages after `since` in the order of the mirror, with their conversations: for exports, page by page.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn export(
        &self,
        since: Option<i64>,
        limit: u32,
    ) -> std::result::Result<Vec<(Conversation, Message)>, StoreError> {
        self.read(move |connection| {
            let messages = rows::messages(
                connection,
                &format!("SELECT {MESSAGE} FROM message m WHERE m.id > ?1 ORDER BY m.id LIMIT ?2"),
                params![since.unwrap_or(0), limit],
            )?;
            let mut known: HashMap<ConversationId, Conversation> = HashMap::new();
            let mut out = Vec::new();
            for message in messages {
                let id = message.conversation;
                if !known.contains_key(&id)
                    && let Some(found) = rows::find_conversation(connection, id)?
                {
                    known.insert(id, found);
                }
                if let Some(conversation) = known.get(&id) {
                    out.push((conversation.clone(), message));
                }
            }
            Ok(out)
        })
        .await
    }
}
