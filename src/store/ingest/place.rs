//! Where a message belongs: gathers candidates; [`crate::sync::merge`] decides.

use super::super::sql::{Result, Sql, Word};
use super::super::writer::Tx;
use super::join;
use crate::model::event::ThreadHints;
use crate::model::message::ThreadedBy;
use crate::model::{AccountId, Channel, ConversationId, Timestamp};
use crate::sync::merge::{Candidate, FoundBy, SUBJECT_JOIN_WITHIN, decide_thread, nearest_first};
use rusqlite::params;

/// What of a message decides where it belongs.
pub(super) struct Placing<'a> {
    pub account: &'a AccountId,
    pub channel: Channel,
    pub hints: &'a ThreadHints,
    /// The other side's address, normalised.
    pub address: &'a str,
    /// The base subject.
    pub base: &'a str,
    /// The same as it is compared; empty when it says nothing.
    pub matter: &'a str,
    pub at: Timestamp,
    /// From where the ids are known that it names, in the order of [`nearest_first`].
    pub named: &'a [Option<Named>],
}

/// From where an id is known.
#[derive(Debug, Clone)]
pub(super) struct Named {
    conversation: ConversationId,
    /// It is the id of a message that left by our outbox.
    pub ours: bool,
    contact: String,
    /// The newest of the conversation.
    last_at: Timestamp,
}

/// From where the ids are known that a message names, in the order of [`nearest_first`]; nothing where its thread
/// decides.
pub(super) fn all_named(
    tx: &Tx<'_>,
    account: &AccountId,
    hints: &ThreadHints,
) -> Result<Vec<Option<Named>>> {
    if hints.thread_decides {
        return Ok(Vec::new());
    }
    let ids = nearest_first(hints).into_iter();
    ids.map(|id| named(tx, account, id)).collect()
}

/// The conversation it belongs to, if there is one, and why. Conversations that it shows to be one are joined.
pub(super) fn place(
    tx: &Tx<'_>,
    placing: &Placing<'_>,
) -> Result<(Option<ConversationId>, ThreadedBy)> {
    let candidates = candidates(tx, placing)?;
    let (mut found, mut why) = decide_thread(placing.hints, placing.base, placing.at, &candidates);
    if placing.hints.thread_decides && placing.hints.thread.is_some() {
        return Ok((found, why));
    }
    // Somebody answered this message before it came in: it joins its answer.
    let answered = match &placing.hints.message_id {
        Some(id) => named(tx, placing.account, id)?.map(|known| (known.conversation, id)),
        None => None,
    };
    if let (None, Some((conversation, id))) = (found, answered) {
        (found, why) = (
            Some(conversation),
            ThreadedBy::References { id: id.clone() },
        );
    }
    let Some(into) = found else {
        return Ok((found, why));
    };
    let by_subject = matches!(why, ThreadedBy::Subject { .. });
    let mut one = into;
    let linked = candidates
        .iter()
        .filter(|candidate| match &candidate.found {
            FoundBy::Reference(_) | FoundBy::OwnReference(_) => true,
            // A message that lies between two joins both, as it would have if it had come in its turn.
            FoundBy::Subject(_) => {
                by_subject
                    && candidate.same_sender
                    && placing.at.since(candidate.last_at).abs() < SUBJECT_JOIN_WITHIN
            }
            FoundBy::Provider(_) => false,
        })
        .map(|candidate| candidate.conversation)
        .chain(answered.map(|(conversation, _)| conversation));
    let mut others: Vec<ConversationId> = linked.filter(|other| *other != into).collect();
    others.sort_unstable();
    others.dedup();
    for other in others {
        one = join::join(tx, one, other)?;
    }
    Ok((Some(one), why))
}

fn named(tx: &Tx<'_>, account: &AccountId, id: &str) -> Result<Option<Named>> {
    tx.one(
        "SELECT c.id, t.own = 1 AND m.direction = 'outbound' AND m.outbox IS NOT NULL, c.contact_address, c.last_at
         FROM thread_ref t JOIN message m ON m.id = t.message JOIN conversation c ON c.id = m.conversation
         WHERE t.account = ?1 AND t.ref = ?2",
        params![account.as_str(), id],
        |row| {
            Ok(Named {
                conversation: ConversationId(row.get(0)?),
                ours: row.get(1)?,
                contact: row.get(2)?,
                last_at: Timestamp(row.get(3)?),
            })
        },
    )
}

fn candidates(tx: &Tx<'_>, placing: &Placing<'_>) -> Result<Vec<Candidate>> {
    let account = placing.account.as_str();
    let mut out = Vec::new();
    if let Some(thread) = &placing.hints.thread {
        out = tx.all(
            "SELECT id, contact_address, last_at FROM conversation
             WHERE account = ?1 AND thread = ?2 AND channel = ?3",
            params![account, thread, Word(placing.channel)],
            |row| {
                Ok(Candidate {
                    conversation: ConversationId(row.get(0)?),
                    found: FoundBy::Provider(thread.clone()),
                    same_sender: row.get_ref(1)?.as_str()? == placing.address,
                    last_at: Timestamp(row.get(2)?),
                })
            },
        )?;
        if placing.hints.thread_decides {
            return Ok(out);
        }
    }
    let ids = nearest_first(placing.hints);
    for (id, known) in ids.iter().zip(placing.named) {
        if let Some(known) = known {
            let id = (*id).to_owned();
            out.push(Candidate {
                conversation: known.conversation,
                found: if known.ours {
                    FoundBy::OwnReference(id)
                } else {
                    FoundBy::Reference(id)
                },
                same_sender: known.contact == placing.address,
                last_at: known.last_at,
            });
        }
    }
    let matter = placing.matter;
    if ids.is_empty() && !matter.is_empty() && !placing.address.is_empty() {
        out.extend(tx.all(
            "SELECT id, first_at, last_at FROM conversation
             WHERE account = ?1 AND contact_address = ?2 AND base_subject = ?3 AND base_subject <> ''",
            params![account, placing.address, matter],
            |row| {
                // The distance that counts is that to the nearest of its messages' span.
                let (first, last) = (row.get::<_, i64>(1)?, row.get::<_, i64>(2)?);
                Ok(Candidate {
                    conversation: ConversationId(row.get(0)?),
                    found: FoundBy::Subject(matter.to_owned()),
                    same_sender: true,
                    last_at: Timestamp(placing.at.0.clamp(first.min(last), last)),
                })
            },
        )?);
    }
    Ok(out)
}
