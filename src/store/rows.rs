//! How rows become the model's types, and which columns that takes.

use super::sql::{Json, Result, Sql, Word};
use crate::model::message::{Attachment, ThreadedBy};
use crate::model::{
    AccountId, AttachmentId, Author, Channel, ContactId, Content, Conversation, ConversationId,
    Delivery, DeliveryState, Direction, Message, MessageId, MessageKind, OutboxId, Party, Priority,
    Status, Timestamp, Transcript,
};
use crate::text::magic;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

/// The columns that [`conversation`] reads.
pub(super) const CONVERSATION: &str = "c.id, c.account, c.channel, c.contact, c.contact_name, c.contact_address, \
    c.subject, c.status, c.priority, c.assignee, c.labels, c.unread, c.muted, c.flagged, c.snippet, c.last_at, \
    c.waiting_since, c.window_closes_at, c.due_at, c.snoozed_until, c.head, c.has_draft, c.proposals, c.failures, \
    c.unsent, c.paged, c.opted_out";
/// Number of columns in [`CONVERSATION`].
pub(super) const CONVERSATION_COLUMNS: usize = 27;

/// The columns that [`message`] reads.
pub(super) const MESSAGE: &str = "m.id, m.conversation, m.account, m.channel, m.direction, m.author, m.at, m.subject, \
    m.body, m.content, m.kind, m.delivery, m.delivery_at, m.delivery_detail, m.outbox, m.people, m.hidden, m.seen, \
    m.gone, m.threaded_by, m.reactions, m.edited_at IS NOT NULL, m.attachments";

/// The columns that [`attachment`] reads, and where from.
///
/// A transcript belongs to a place in a message, not to a row: a fuller report of the message makes new rows.
pub(super) const ATTACHMENT: &str = "a.id, a.name, a.mime, a.size, a.inline, a.sha256, t.message IS NOT NULL, t.text, \
    t.says, t.due_at IS NOT NULL, a.found \
    FROM attachment a LEFT JOIN transcript t ON t.message = a.message AND t.place = coalesce(a.fetch, a.sha256)";

/// Who a message went to besides the obvious, cleaned.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct People {
    pub to: Vec<Party>,
    pub cc: Vec<Party>,
    pub reply_to: Option<Party>,
    /// A mail whose sender nobody vouches for; absent where that is not asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unvouched: bool,
}

pub(super) fn priority(number: i64) -> Priority {
    match number {
        0 => Priority::Low,
        2 => Priority::High,
        3 => Priority::Urgent,
        _ => Priority::Normal,
    }
}

pub(super) fn timestamp(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp))
}

/// A conversation from the columns of [`CONVERSATION`].
pub(super) fn conversation(row: &Row<'_>) -> rusqlite::Result<Conversation> {
    Ok(Conversation {
        id: ConversationId(row.get(0)?),
        account: AccountId::new(row.get_ref(1)?.as_str()?),
        channel: row.get::<_, Word<Channel>>(2)?.0,
        contact: ContactId(row.get(3)?),
        contact_name: row.get(4)?,
        contact_address: row.get(5)?,
        subject: row.get(6)?,
        status: row.get::<_, Word<Status>>(7)?.0,
        priority: priority(row.get(8)?),
        assignee: row.get(9)?,
        labels: row.get::<_, Json<Vec<String>>>(10)?.0,
        unread: row.get(11)?,
        muted: row.get(12)?,
        flagged: row.get(13)?,
        snippet: row.get(14)?,
        last_at: Timestamp(row.get(15)?),
        waiting_since: timestamp(row, 16)?,
        window_closes_at: timestamp(row, 17)?,
        due_at: timestamp(row, 18)?,
        snoozed_until: timestamp(row, 19)?,
        head: row.get::<_, Option<i64>>(20)?.map(MessageId),
        has_draft: row.get(21)?,
        proposals: row.get(22)?,
        failures: row.get(23)?,
        unsent: row.get(24)?,
        paged: row.get(25)?,
        opted_out: row.get(26)?,
    })
}

/// The conversation of this number, or the one that it was joined to.
pub(super) fn find_conversation(
    connection: &Connection,
    id: ConversationId,
) -> Result<Option<Conversation>> {
    let sql = format!("SELECT {CONVERSATION} FROM conversation c WHERE c.id = ?1");
    if let Some(found) = connection.one(&sql, [id.0], conversation)? {
        return Ok(Some(found));
    }
    match connection.value::<i64>("SELECT now FROM conversation_alias WHERE old = ?1", [id.0])? {
        Some(now) => connection.one(&sql, [now], conversation),
        None => Ok(None),
    }
}

/// A message from the columns of [`MESSAGE`], without attachments; true when it has some.
fn message(row: &Row<'_>) -> rusqlite::Result<(Message, bool)> {
    let people = row
        .get::<_, Option<Json<People>>>(15)?
        .map(|people| people.0)
        .unwrap_or_default();
    let delivery = match row.get::<_, Option<Word<DeliveryState>>>(11)? {
        Some(state) => Some(Delivery {
            state: state.0,
            at: Timestamp(row.get::<_, Option<i64>>(12)?.unwrap_or_default()),
            detail: row.get(13)?,
        }),
        None => None,
    };
    let message = Message {
        id: MessageId(row.get(0)?),
        conversation: ConversationId(row.get(1)?),
        account: AccountId::new(row.get_ref(2)?.as_str()?),
        channel: row.get::<_, Word<Channel>>(3)?.0,
        direction: row.get::<_, Word<Direction>>(4)?.0,
        author: row.get::<_, Json<Author>>(5)?.0,
        at: Timestamp(row.get(6)?),
        subject: row.get(7)?,
        body: row.get(8)?,
        content: row.get::<_, Json<Content>>(9)?.0,
        kind: row.get::<_, Word<MessageKind>>(10)?.0,
        attachments: Vec::new(),
        delivery,
        outbox: row.get::<_, Option<i64>>(14)?.map(OutboxId),
        to: people.to,
        cc: people.cc,
        reply_to: people.reply_to,
        unvouched: people.unvouched,
        hidden: row.get(16)?,
        seen: row.get(17)?,
        gone: row.get(18)?,
        threaded_by: row.get::<_, Json<ThreadedBy>>(19)?.0,
        reactions: row
            .get::<_, Option<Json<Vec<(String, String)>>>>(20)?
            .map(|reactions| reactions.0)
            .unwrap_or_default(),
        edited: row.get(21)?,
    };
    Ok((message, row.get::<_, i64>(22)? > 0))
}

/// Messages by any query over `message m` that selects [`MESSAGE`], with their attachments.
pub(super) fn messages(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
) -> Result<Vec<Message>> {
    let mut out = Vec::new();
    for (mut message, with_files) in connection.all(sql, params, message)? {
        if with_files {
            message.attachments = connection.all(
                &format!("SELECT {ATTACHMENT} WHERE a.message = ?1 ORDER BY a.id"),
                [message.id.0],
                attachment,
            )?;
        }
        out.push(message);
    }
    Ok(out)
}

/// An attachment from the columns of [`ATTACHMENT`].
pub(super) fn attachment(row: &Row<'_>) -> rusqlite::Result<Attachment> {
    let sha256: Option<String> = row.get(5)?;
    let (name, mime): (String, String) = (row.get(1)?, row.get(2)?);
    let found: Option<String> = row.get(10)?;
    let is = found
        .as_deref()
        .and_then(|found| magic::unlike(&name, &mime, found));
    Ok(Attachment {
        id: AttachmentId(row.get(0)?),
        name,
        mime,
        found,
        is: is.map(str::to_owned),
        size: row.get::<_, i64>(3)?.unsigned_abs(),
        inline: row.get(4)?,
        stored: sha256.is_some(),
        sha256,
        transcript: transcript(row, 6)?,
    })
}

/// How far a transcript is, from four columns: there is a row, its text, why not, it will be tried again.
fn transcript(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Transcript>> {
    if !row.get::<_, bool>(first)? {
        return Ok(None);
    }
    let says = |row: &Row<'_>| row.get::<_, Option<String>>(first + 2);
    Ok(Some(
        match (
            row.get::<_, Option<String>>(first + 1)?,
            row.get::<_, bool>(first + 3)?,
        ) {
            (Some(text), _) => Transcript::Done { text },
            (None, true) => Transcript::Waiting {
                says: says(row)?.unwrap_or_default(),
            },
            (None, false) => Transcript::Failed {
                says: says(row)?.unwrap_or_default(),
            },
        },
    ))
}
