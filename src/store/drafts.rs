//! Drafts, saved as they are typed, and notes.

use super::apply::{invalid, not_found};
use super::ingest::clean::block;
use super::sql::{Json, Result, Sql, Word, word};
use super::undo::Inverse;
use super::writer::Tx;
use super::{desk_facts, index, journal, rows};
use crate::model::message::ThreadedBy;
use crate::model::{
    Actor, Author, Content, Conversation, ConversationId, Draft, DraftId, MessageId, MessageKind,
    Outcome,
};
use rusqlite::{Connection, params};
use serde_json::json;

/// Keeps a draft as it is now. There is one per conversation, kind and author; a later save replaces it.
pub(super) fn save(tx: &Tx<'_>, mut draft: Draft) -> Result<Outcome> {
    if let Some(id) = draft.conversation {
        draft.conversation = Some(desk_facts::read(tx, id)?.0);
    }
    draft.updated_at = tx.now;
    let id = put(tx, draft)?;
    Ok(Outcome {
        draft: Some(id),
        ..Outcome::default()
    })
}

pub(super) fn put(tx: &Tx<'_>, mut draft: Draft) -> Result<DraftId> {
    let place = draft.conversation.map(|id| id.0);
    let known: Option<i64> = match (draft.id, place) {
        (_, Some(place)) => tx.value(
            "SELECT id FROM draft WHERE conversation = ?1 AND kind = ?2 AND author = ?3",
            params![place, Word(draft.kind), draft.author],
        )?,
        (Some(id), None) => tx.value("SELECT id FROM draft WHERE id = ?1", [id.0])?,
        (None, None) => None,
    };
    draft.id = known.map(DraftId);
    let id = if let Some(id) = known {
        tx.run(
            "UPDATE draft SET kind = ?2, author = ?3, updated_at = ?4, data = ?5 WHERE id = ?1",
            params![
                id,
                Word(draft.kind),
                draft.author,
                draft.updated_at.0,
                Json(&draft)
            ],
        )?;
        id
    } else {
        tx.run(
            "INSERT INTO draft(conversation, kind, author, updated_at, data) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                place,
                Word(draft.kind),
                draft.author,
                draft.updated_at.0,
                Json(&draft)
            ],
        )?;
        tx.lists();
        tx.last_insert_rowid()
    };
    if let Some(conversation) = draft.conversation
        && known.is_none()
    {
        tx.touched(conversation);
    }
    Ok(DraftId(id))
}

/// Brings a draft back. If another was begun in its place meanwhile, its text goes below that one's: nothing that was
/// typed is lost. Gives its row, which taking back a move of it goes by from now on, and the conversation it is in.
pub(super) fn restore(tx: &Tx<'_>, mut draft: Draft) -> Result<(DraftId, Option<ConversationId>)> {
    let mut joins = false;
    if let Some(id) = draft.conversation {
        draft.conversation = desk_facts::read(tx, id).ok().map(|(id, _)| id);
    }
    if let Some(conversation) = draft.conversation {
        let other = tx.value::<Json<Draft>>(
            "SELECT data FROM draft WHERE conversation = ?1 AND kind = ?2 AND author = ?3",
            params![conversation.0, Word(draft.kind), draft.author],
        )?;
        if let Some(Json(other)) = other
            && !other.body.trim().is_empty()
            && other.body != draft.body
        {
            draft.body = format!("{}\n\n{}", other.body.trim_end(), draft.body);
            joins = true;
        }
    }
    let before = draft.id.take();
    draft.updated_at = tx.now;
    let place = draft.conversation;
    let id = put(tx, draft)?;
    if let Some(before) = before
        && !joins
    {
        tx.run(
            "UPDATE undo SET inverse = json_set(inverse, '$.Move.draft', ?2)
             WHERE json_extract(inverse, '$.Move.draft') = ?1",
            params![before.0, id.0],
        )?;
    }
    Ok((id, place))
}

/// Forgets a draft without a journal entry: it became something else.
pub(super) fn forget(tx: &Tx<'_>, draft: &Draft) -> Result<()> {
    if let Some(conversation) = draft.conversation {
        tx.run(
            "DELETE FROM draft WHERE conversation = ?1 AND kind = ?2 AND author = ?3",
            params![conversation.0, Word(draft.kind), draft.author],
        )?;
    }
    if let Some(id) = draft.id {
        tx.run(
            "DELETE FROM draft WHERE id = ?1 AND author = ?2",
            params![id.0, draft.author],
        )?;
    }
    tx.lists();
    Ok(())
}

/// Throws a draft away; can be taken back.
pub(super) fn discard(tx: &Tx<'_>, actor: &Actor, id: DraftId) -> Result<Outcome> {
    let found = tx.value::<Json<Draft>>("SELECT data FROM draft WHERE id = ?1", [id.0])?;
    let Some(Json(mut draft)) = found else {
        return Err(not_found(format!("draft {id}")));
    };
    draft.id = Some(id);
    tx.run("DELETE FROM draft WHERE id = ?1", [id.0])?;
    tx.lists();
    if let Some(conversation) = draft.conversation {
        tx.touched(conversation);
    }
    let detail = json!({ "kind": word(&draft.kind), "author": draft.author, "body": draft.body });
    let conversation = draft.conversation;
    let inverse = Inverse::Draft(Box::new(draft));
    let journal = journal::append(tx, actor, "discard", conversation, &detail, Some(&inverse))?;
    Ok(Outcome {
        says: "draft thrown away".to_owned(),
        journal: Some(journal),
        undoable: true,
        ..Outcome::default()
    })
}

/// Writes a note. It is a message that can never leave: no outbox row may name it.
pub(super) fn note(
    tx: &Tx<'_>,
    actor: &Actor,
    conversation: ConversationId,
    body: &str,
) -> Result<Outcome> {
    let (id, _) = desk_facts::read(tx, conversation)?;
    let (body, hidden) = block(body);
    if body.trim().is_empty() {
        return Err(invalid("the note is empty"));
    }
    let author = match actor {
        Actor::Agent(name) => Author::Agent { name: name.clone() },
        Actor::Assistant(name) | Actor::System(name) => Author::System { name: name.clone() },
    };
    tx.run(
        "INSERT INTO message(conversation, account, channel, direction, kind, at, sent_at, who, author, subject, body,
           content, hidden, seen, threaded_by)
         SELECT id, account, channel, 'note', ?2, ?3, ?3, ?4, ?5, '', ?6, ?7, ?8, 1, ?9 FROM conversation WHERE id = ?1",
        params![
            id.0,
            Word(MessageKind::Normal),
            tx.now.0,
            actor.name(),
            Json(author),
            body,
            Json(Content::Text),
            hidden as i64,
            Json(ThreadedBy::Agent)
        ],
    )?;
    let message = MessageId(tx.last_insert_rowid());
    index::add(tx, message, "", &body, actor.name())?;
    tx.run(
        "DELETE FROM draft WHERE conversation = ?1 AND kind = 'note' AND author = ?2",
        params![id.0, actor.name()],
    )?;
    tx.touched(id);
    let detail = json!({ "message": message.0, "body": body });
    let journal = journal::append(
        tx,
        actor,
        "note",
        Some(id),
        &detail,
        Some(&Inverse::Note(message)),
    )?;
    Ok(Outcome {
        says: format!("note kept on #{id}"),
        journal: Some(journal),
        undoable: true,
        ..Outcome::default()
    })
}

/// Drafts of an agent, newest first, with their conversations.
pub(super) fn of(
    connection: &Connection,
    me: &str,
    limit: u32,
) -> Result<Vec<(Draft, Option<Conversation>)>> {
    let drafts = connection.all(
        "SELECT id, data, conversation FROM draft WHERE author = ?1 ORDER BY updated_at DESC, id DESC LIMIT ?2",
        params![me, limit],
        read,
    )?;
    drafts
        .into_iter()
        .map(|draft| {
            let conversation = match draft.conversation {
                Some(id) => rows::find_conversation(connection, id)?,
                None => None,
            };
            Ok((draft, conversation))
        })
        .collect()
}

/// Drafts of an agent in one conversation.
pub(super) fn here(
    connection: &Connection,
    conversation: ConversationId,
    me: &str,
) -> Result<Vec<Draft>> {
    connection.all(
        "SELECT id, data, conversation FROM draft WHERE conversation = ?1 AND author = ?2 ORDER BY id",
        params![conversation.0, me],
        read,
    )
}

/// A draft from `id, data, conversation`: the columns know better than the data where it is now.
fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Draft> {
    let mut draft = row.get::<_, Json<Draft>>(1)?.0;
    draft.id = Some(DraftId(row.get(0)?));
    draft.conversation = row.get::<_, Option<i64>>(2)?.map(ConversationId);
    Ok(draft)
}
