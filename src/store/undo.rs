//! Taking back: what an action changed, kept so that it can be put back.

use super::apply::{Done, invalid};
use super::desk_facts::FactsChange;
use super::sql::{Json, Result, Sql};
use super::writer::Tx;
use super::{approvals, conversations, drafts, escalations, journal, moving, outbox, people};
use crate::model::command::{MovedBack, Refusal};
use crate::model::journal::deed;
use crate::model::{
    Actor, ConversationId, Draft, DraftId, EscalationId, JournalId, MergeId, MessageId, OutboxId,
    Outcome, ProposalId,
};
use crate::store::error::ApplyError;
use rusqlite::params;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How to put back what an action changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Inverse {
    /// Facts of conversations.
    Facts(Vec<FactsChange>),
    /// A draft that was thrown away.
    Draft(Box<Draft>),
    /// A text that went on by another channel: its draft row there, as it was, and as it went on.
    Move {
        draft: DraftId,
        from: Box<Draft>,
        to: Box<Draft>,
    },
    /// A note that was written.
    Note(MessageId),
    /// Something queued or approved, and a conversation that was resolved with it.
    Send {
        outbox: OutboxId,
        facts: Vec<FactsChange>,
    },
    /// A saved view.
    View {
        name: String,
        before: Option<String>,
    },
    /// Messages marked as seen, or as unseen.
    Seen {
        conversations: Vec<(ConversationId, Vec<MessageId>)>,
        seen: bool,
    },
    /// A draft of the assistant that was turned down.
    Reject { proposal: ProposalId, decision: i64 },
    /// A page, with what leaves for it and the conversation that was given away.
    Page {
        page: EscalationId,
        facts: Vec<FactsChange>,
    },
    /// A remark on a person.
    Remark { contact: i64, before: String },
    /// A merge of contacts.
    Merge(MergeId),
    /// A merge that was taken apart.
    Split(MergeId),
    /// A suggested merge that was refused.
    Refusal(Vec<(i64, i64)>),
}

/// Takes back an action, or the actor's newest that can be.
///
/// What has left since is told once to be too late; the next undo is of what was before it.
pub(super) fn undo(tx: &Tx<'_>, actor: &Actor, id: Option<JournalId>) -> Result<Done> {
    let read = |row: &rusqlite::Row<'_>| {
        Ok((
            JournalId(row.get(0)?),
            row.get::<_, Json<Inverse>>(1)?.0,
            row.get::<_, String>(2)?,
            row.get::<_, Option<i64>>(3)?.map(ConversationId),
        ))
    };
    let columns = "SELECT u.journal, u.inverse, j.verb, j.conversation FROM undo u JOIN journal j ON j.id = u.journal";
    let found = match id {
        Some(id) => tx.one(&format!("{columns} WHERE u.journal = ?1"), [id.0], read)?,
        None => tx.one(
            &format!("{columns} WHERE u.name = ?1 ORDER BY u.journal DESC LIMIT 1"),
            params![actor.name()],
            read,
        )?,
    };
    let Some((journal, inverse, verb, conversation)) = found else {
        return Err(invalid("there is nothing to take back"));
    };
    tx.run("DELETE FROM undo WHERE journal = ?1", [journal.0])?;
    let mut moved_back = None;
    let says = match put_back(tx, actor, &inverse, &mut moved_back) {
        Ok(says) => says,
        // Told once; nothing was put back, and the next undo is of what was before it.
        Err(ApplyError::Refused(refusal))
            if matches!(refusal, Refusal::TooLate { .. }) || inverse.asks_first() =>
        {
            return Ok(Done::Refused(refusal));
        }
        Err(error) => return Err(error),
    };
    let Some(says) = says else {
        return Ok(Done::Refused(Refusal::Invalid(format!(
            "{} cannot be taken back: it was changed again since",
            deed(&verb)
        ))));
    };
    let entry = journal::append(
        tx,
        actor,
        "undo",
        conversation,
        &json!({ "undone": journal.0, "verb": verb }),
        None,
    )?;
    tx.lists();
    Ok(Done::Did(Outcome {
        says: if says.is_empty() {
            let place = conversation.map_or_else(String::new, |id| format!(" on #{id}"));
            format!("took back {}{place}", deed(&verb))
        } else {
            says
        },
        journal: Some(entry),
        moved_back,
        ..Outcome::default()
    }))
}

impl Inverse {
    /// Whether it is put back is decided before anything is written.
    fn asks_first(&self) -> bool {
        matches!(self, Self::Reject { .. } | Self::Page { .. })
    }
}

/// Puts back; none when nothing was left to put back.
fn put_back(
    tx: &Tx<'_>,
    actor: &Actor,
    inverse: &Inverse,
    moved_back: &mut Option<MovedBack>,
) -> Result<Option<String>> {
    let mut says = String::new();
    let done = match inverse {
        Inverse::Facts(changes) => {
            let mut any = false;
            for change in changes {
                let spam = change.after.status == crate::model::Status::Spam;
                if change.take_back(tx)? {
                    any = true;
                    if spam {
                        conversations::tell_spam(tx, change.id, false)?;
                    }
                }
            }
            any
        }
        Inverse::Draft(draft) => {
            drafts::restore(tx, (**draft).clone())?;
            true
        }
        Inverse::Move { draft, from, to } => match moving::back(tx, *draft, from, to)? {
            Some((words, moved)) => {
                (says, *moved_back) = (words, Some(moved));
                true
            }
            None => false,
        },
        Inverse::Note(message) => {
            outbox::remove_message(tx, *message)?;
            true
        }
        Inverse::Send { outbox, facts } => {
            says = outbox::cancel(tx, actor, *outbox)?;
            for change in facts {
                change.take_back(tx)?;
            }
            true
        }
        Inverse::Seen {
            conversations,
            seen,
        } => {
            let mut any = false;
            for (id, messages) in conversations {
                any |= conversations::set_seen(tx, *id, messages, !seen)?;
            }
            any
        }
        Inverse::Reject { proposal, decision } => {
            says = approvals::unreject(tx, *proposal, *decision)?;
            true
        }
        Inverse::Page { page, facts } => {
            says = escalations::take_back(tx, actor, *page, facts)?;
            true
        }
        Inverse::View { name, before } => {
            match before {
                Some(query) => tx.run(
                    "INSERT INTO saved_view(name, query) VALUES (?1, ?2)
                     ON CONFLICT(name) DO UPDATE SET query = excluded.query",
                    params![name, query],
                )?,
                None => tx.run("DELETE FROM saved_view WHERE name = ?1", [name])?,
            };
            true
        }
        Inverse::Merge(merge) => people::merge::take_apart(tx, actor, *merge)?,
        Inverse::Split(merge) => people::merge::put_back(tx, *merge)?,
        Inverse::Refusal(pairs) => people::merge::unrefuse(tx, pairs)?,
        Inverse::Remark { contact, before } => {
            tx.run(
                "UPDATE contact SET remarks = ?2 WHERE id = ?1",
                params![contact, before],
            )?;
            true
        }
    };
    Ok(done.then_some(says))
}
