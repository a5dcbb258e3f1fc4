//! A message that is here already: another report of it, a copy of what we sent, or a delivery report about it.

use super::super::outbox;
use super::super::sql::{Json, Result, Sql, Word};
use super::clean::ReadyMessage;
use super::contact::person;
use super::keep::{belongings, own_reference, remember_place};
use super::{Ingest, facts};
use crate::model::event::Flags;
use crate::model::{ConversationId, Direction, MessageId, MessageKind, Timestamp};
use crate::store::rows::People;
use crate::sync::merge::{self, Fullness, Second};
use rusqlite::params;

/// What is known of a message that was reported before.
pub(super) struct Known {
    message: MessageId,
    /// It left by our outbox.
    ours: bool,
}

/// Looks for a message by our own reference, by what makes it the same message, and by its place.
pub(super) fn known(ingest: &Ingest<'_>, ready: &ReadyMessage) -> Result<Option<Known>> {
    let (tx, account) = (ingest.tx, ingest.account.as_str());
    if let Some(reference) = &ready.new.own_reference {
        let ours: Option<i64> = tx.value(
            "SELECT message FROM outbox WHERE account = ?2 AND (reference = ?1 OR provider_id = ?1) LIMIT 1",
            params![reference, account],
        )?;
        if let Some(message) = ours {
            return Ok(Some(Known {
                message: MessageId(message),
                ours: true,
            }));
        }
    }
    let mut found: Option<i64> = tx.value(
        "SELECT id FROM message WHERE account = ?1 AND dedupe = ?2",
        params![account, ready.new.dedupe],
    )?;
    if found.is_none() {
        found = tx.value(
            "SELECT message FROM remote WHERE account = ?1 AND scope = ?2 AND key = ?3",
            params![account, ready.new.remote.scope, ready.new.remote.key],
        )?;
    }
    Ok(found.map(|message| Known {
        message: MessageId(message),
        ours: false,
    }))
}

/// Records another report: its place, its flags, and what it tells more than the first.
pub(super) fn report(ingest: &mut Ingest<'_>, known: &Known, ready: &ReadyMessage) -> Result<()> {
    let (tx, id) = (ingest.tx, known.message);
    remember_place(ingest, id, ready)?;
    tx.run(
        "UPDATE message SET gone = 0 WHERE id = ?1 AND gone = 1",
        [id.0],
    )?;
    // A chat's listing that shows no flags does not say that nobody read it.
    if !ready.new.thread.thread_decides || ready.new.flags != Flags::default() {
        facts::flags(ingest, id, ready.new.flags)?;
    }
    if known.ours {
        if let Some(own) = &ready.new.thread.message_id {
            // Some servers give the message another id than ours; answers will name that one.
            own_reference(tx, ingest.account.as_str(), own, id)?;
        }
        if let Some(reference) = &ready.new.own_reference {
            outbox::proof(tx, ingest.account, reference, ready.new.sent_at)?;
        }
        raw_only(ingest, id, ready)?;
        chat(ingest, id, ready)?;
    } else {
        fuller(ingest, id, ready)?;
        named(ingest, id, ready)?;
    }
    super::early::apply(ingest, id, &ready.new)?;
    let conversation: Option<i64> =
        tx.value("SELECT conversation FROM message WHERE id = ?1", [id.0])?;
    ingest.touched.extend(conversation.map(ConversationId));
    Ok(())
}

/// Whom we wrote to first answers in the chat that the vendor made of it.
fn chat(ingest: &Ingest<'_>, id: MessageId, ready: &ReadyMessage) -> Result<()> {
    if let (Some(thread), true) = (&ready.new.thread.thread, ready.new.thread.thread_decides) {
        ingest.tx.run(
            "UPDATE conversation SET thread = ?2
             WHERE id = (SELECT conversation FROM message WHERE id = ?1) AND thread IS NULL
               AND account = ?3 AND channel = ?4",
            params![
                id.0,
                thread,
                ingest.account.as_str(),
                Word(ready.new.channel)
            ],
        )?;
    }
    Ok(())
}

/// What we sent is shown as it was written; the copy only adds the bytes of the wire.
fn raw_only(ingest: &Ingest<'_>, id: MessageId, ready: &ReadyMessage) -> Result<()> {
    if let super::clean::Raw::Row(bytes) = &ready.raw {
        ingest.tx.run(
            "INSERT INTO raw(message, bytes) VALUES (?1, ?2) ON CONFLICT(message) DO NOTHING",
            params![id.0, bytes],
        )?;
    }
    Ok(())
}

/// A push may know only an id where a listing also has the name.
fn named(ingest: &Ingest<'_>, id: MessageId, ready: &ReadyMessage) -> Result<()> {
    let (tx, new) = (ingest.tx, &ready.new);
    let Some(name) = &ready.name else {
        return Ok(());
    };
    if new.direction != Direction::Inbound || ready.address.is_empty() {
        return Ok(());
    }
    let same = tx.exists(
        "SELECT 1 FROM message WHERE id = ?1 AND address = ?2",
        params![id.0, ready.address],
    )?;
    if !same {
        return Ok(());
    }
    let at = merge::order_key(new.direction, new.sent_at, new.received_at, tx.now);
    let verified = new.from_verified;
    person(tx, new.channel, &ready.address, Some(name), verified, at)?;
    tx.run(
        "UPDATE message SET author = json_set(author, '$.name', ?2)
         WHERE id = ?1 AND json_extract(author, '$.name') = ?3",
        params![id.0, name, ready.address],
    )?;
    Ok(())
}

fn fuller(ingest: &mut Ingest<'_>, id: MessageId, ready: &ReadyMessage) -> Result<()> {
    let tx = ingest.tx;
    let stored = tx.one(
        "SELECT fullness, edited_at IS NOT NULL FROM message WHERE id = ?1",
        [id.0],
        |row| Ok((unpacked(row.get(0)?), row.get::<_, bool>(1)?)),
    )?;
    let Some((stored, edited)) = stored else {
        return Ok(());
    };
    if merge::second_report(stored, edited, ready.fullness) == Second::Keep {
        return Ok(());
    }
    tx.run(
        "UPDATE message SET subject = ?2, body = ?3, content = ?4, hidden = ?5, attachments = ?6, fullness = ?7,
           snippet = ?8
         WHERE id = ?1",
        params![
            id.0,
            ready.subject,
            ready.body,
            Json(&ready.content),
            ready.hidden as i64,
            ready.attachments.len() as i64,
            packed(ready.fullness),
            ready.snippet
        ],
    )?;
    tx.run("DELETE FROM attachment WHERE message = ?1", [id.0])?;
    belongings(tx, id, ready)?;
    ingest.index.changed(id);
    Ok(())
}

/// A fullness as one number of the same order.
pub(super) fn packed(full: Fullness) -> i64 {
    let part = |value: usize, bits: u32| (value as u64).min((1 << bits) - 1);
    let number = (u64::from(full.readable) << 57)
        | (u64::from(full.raw) << 56)
        | (part(full.attachments, 12) << 44)
        | (part(full.fetched, 12) << 32)
        | part(full.text, 32);
    number.cast_signed()
}

fn unpacked(number: i64) -> Fullness {
    let number = number.cast_unsigned();
    let part = |shift: u32, bits: u32| ((number >> shift) & ((1 << bits) - 1)) as usize;
    Fullness {
        readable: part(57, 2) as u8,
        raw: part(56, 1) == 1,
        attachments: part(44, 12),
        fetched: part(32, 12),
        text: part(0, 32),
    }
}

/// A message of ours that a delivery report is about.
pub(super) struct Bounced {
    message: MessageId,
    pub conversation: ConversationId,
    pub reference: String,
    sent_to: Vec<String>,
}

/// The message of ours that a delivery report names; one that names none is not believed.
pub(super) fn bounced(ingest: &Ingest<'_>, ready: &ReadyMessage) -> Result<Option<Bounced>> {
    if ready.new.kind != MessageKind::Bounce || ready.new.direction != Direction::Inbound {
        return Ok(None);
    }
    let about = ready.new.bounce.as_ref();
    let Some(reference) = about.and_then(|about| about.original_message_id.as_ref()) else {
        return Ok(None);
    };
    ingest.tx.one(
        "SELECT m.id, m.conversation, m.people FROM thread_ref t JOIN message m ON m.id = t.message
         WHERE t.account = ?1 AND t.ref = ?2 AND t.own = 1 AND m.direction = 'outbound'",
        params![ingest.account.as_str(), reference],
        |row| {
            let people = row.get::<_, Option<Json<People>>>(2)?;
            let people = people.map(|people| people.0).unwrap_or_default();
            Ok(Bounced {
                message: MessageId(row.get(0)?),
                conversation: ConversationId(row.get(1)?),
                reference: reference.clone(),
                sent_to: people
                    .to
                    .into_iter()
                    .chain(people.cc)
                    .map(|party| party.address)
                    .collect(),
            })
        },
    )
}

/// Sets the delivery of what a report is about.
pub(super) fn apply_bounce(
    ingest: &Ingest<'_>,
    bounced: &Bounced,
    ready: &ReadyMessage,
    at: Timestamp,
) -> Result<()> {
    let Some(info) = &ready.new.bounce else {
        return Ok(());
    };
    let sent_to: Vec<&str> = bounced.sent_to.iter().map(String::as_str).collect();
    let Some(effect) = merge::bounce(info, &sent_to, at) else {
        return Ok(());
    };
    // What came back has left.
    outbox::proof(ingest.tx, ingest.account, &bounced.reference, Timestamp(0))?;
    facts::delivery(ingest.tx, bounced.message, effect.delivery)
}
