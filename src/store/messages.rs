//! Windows on the messages of a conversation, raw forms, export.

use super::Store;
use super::error::StoreError;
use super::files;
use super::rows::{self, MESSAGE};
use super::sql::{Json, Result, Sql};
use crate::model::query::MessagePage;
use crate::model::{ContactId, Conversation, ConversationId, Message, MessageId};
use rusqlite::{Connection, params};
use std::collections::HashMap;
use std::path::Path;

/// Messages per answer at most.
const MAX_MESSAGES: u32 = 1_000;

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
    let messages = if all_channels {
        interleaved(connection, conversation.contact, before, limit + 1)?
    } else {
        let mut messages = newest(connection, conversation.id, before, limit + 1)?;
        messages.reverse();
        messages
    };
    let surplus = messages.len().saturating_sub(limit);
    Ok(Some(MessagePage {
        messages: messages.into_iter().skip(surplus).collect(),
        older: surplus > 0,
    }))
}

/// Where a message stands among others: what came at one moment keeps the order by which pages are cut.
type Place = (i64, i64, i64);

/// The newest messages of all conversations with a contact, oldest first. Only their places are read of those that the
/// page does not show, and nothing of conversations that are older than the page.
fn interleaved(
    connection: &Connection,
    contact: ContactId,
    before: Option<MessageId>,
    limit: usize,
) -> Result<Vec<Message>> {
    let mut conversations: Vec<(Option<i64>, i64)> = connection.all(
        "SELECT (SELECT max(at) FROM message WHERE conversation = c.id), c.id FROM conversation c WHERE c.contact = ?1",
        [contact.0],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    conversations.sort_unstable_by_key(|&(newest, id)| std::cmp::Reverse((newest, id)));
    let mut places: Vec<Place> = Vec::new();
    for (newest, id) in conversations {
        let last = places.get(limit.saturating_sub(1));
        if newest.is_none() || last.is_some_and(|last| newest < Some(last.0)) {
            break;
        }
        places.extend(places_in(connection, id, before, limit)?);
        places.sort_unstable_by_key(|&place| std::cmp::Reverse(place));
        places.truncate(limit);
    }
    let ids: Vec<i64> = places.iter().map(|place| place.2).collect();
    let mut messages = rows::messages(
        connection,
        &format!("SELECT {MESSAGE} FROM message m WHERE m.id IN (SELECT value FROM json_each(?1))"),
        [Json(ids)],
    )?;
    let order: HashMap<i64, usize> = places
        .iter()
        .rev()
        .enumerate()
        .map(|(at, place)| (place.2, at))
        .collect();
    messages.sort_by_key(|message| order.get(&message.id.0).copied());
    Ok(messages)
}

/// The newest places of a conversation, from an index alone.
fn places_in(
    connection: &Connection,
    conversation: i64,
    before: Option<MessageId>,
    limit: usize,
) -> Result<Vec<Place>> {
    let below = match before {
        None => "?3 IS NULL",
        Some(_) => "(at, place, id) < (SELECT at, place, id FROM message WHERE id = ?3)",
    };
    connection.all(
        &format!(
            "SELECT at, place, id FROM message WHERE conversation = ?1 AND {below}
             ORDER BY at DESC, place DESC, id DESC LIMIT ?2"
        ),
        params![conversation, limit as i64, before.map(|before| before.0)],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
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
