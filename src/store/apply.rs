//! Commands come in here; each is one transaction that changes state and appends to the journal.

use super::error::{ApplyError, StoreError};
use super::sql::Result;
use super::writer::Tx;
use super::{
    Store, approvals, conversations, drafts, escalations, moving, outbox, people, queue, undo,
};
use crate::model::command::Refusal;
use crate::model::{Actor, Command, Outcome};

/// What became of a command inside its transaction.
pub(super) enum Done {
    /// It was carried out.
    Did(Outcome),
    /// It was refused, and what was found out on the way is kept.
    Refused(Refusal),
}

impl From<Outcome> for Done {
    fn from(outcome: Outcome) -> Self {
        Self::Did(outcome)
    }
}

impl Store {
    /// Carries out a command of `actor`. When this returns, it is on disk.
    ///
    /// # Errors
    /// [`ApplyError::Refused`] when a rule of the desk says no, else when the mirror cannot be written.
    pub async fn apply(
        &self,
        actor: &Actor,
        command: Command,
    ) -> std::result::Result<Outcome, ApplyError> {
        let actor = known_as(actor);
        let done = self
            .0
            .writer
            .write(move |tx| carry_out(tx, &actor, command))
            .await;
        match done {
            Ok(Done::Did(outcome)) => Ok(outcome),
            Ok(Done::Refused(refusal)) => Err(refusal.into()),
            Err(ApplyError::Store(StoreError::Refused(refusal))) => Err(refusal.into()),
            Err(error) => Err(error),
        }
    }
}

/// The actor under a name that may be shown: names come from files and, between colleagues, from other machines.
pub(super) fn known_as(actor: &Actor) -> Actor {
    let named = |name: &str| crate::text::sanitize_line(name).text;
    match actor {
        Actor::Agent(name) => Actor::Agent(named(name)),
        Actor::Assistant(name) => Actor::Assistant(named(name)),
        Actor::System(name) => Actor::System(named(name)),
    }
}

/// An assistant proposes; it sends nothing, decides nothing and pages nobody.
fn is_for_people(command: &Command) -> bool {
    matches!(
        command,
        Command::Queue(_)
            | Command::SendNow { .. }
            | Command::RetrySend { .. }
            | Command::SettleUnknown { .. }
            | Command::Approve { .. }
            | Command::ApproveEdited { .. }
            | Command::Escalate { .. }
            | Command::MergeContacts { .. }
            | Command::RefuseMerge { .. }
            | Command::SplitContact { .. }
    )
}

/// Carries out a command in a transaction that others share.
pub(super) fn carry_out(tx: &Tx<'_>, actor: &Actor, command: Command) -> Result<Done> {
    if matches!(actor, Actor::Assistant(_)) && is_for_people(&command) {
        return Err(invalid("an assistant cannot do that; a person must"));
    }
    let outcome = match command {
        Command::Resolve { ids } => conversations::resolve(tx, actor, &ids)?,
        Command::Reopen { ids } => conversations::reopen(tx, actor, &ids)?,
        Command::Snooze {
            ids,
            until,
            wake_on_reply,
        } => conversations::snooze(tx, actor, &ids, until, wake_on_reply)?,
        Command::Assign { ids, to } => conversations::assign(tx, actor, &ids, to.as_deref())?,
        Command::Label { ids, add, remove } => {
            conversations::label(tx, actor, &ids, &add, &remove)?
        }
        Command::SetPriority { ids, priority } => {
            conversations::set_priority(tx, actor, &ids, priority)?
        }
        Command::Mute { ids, on } => conversations::mute(tx, actor, &ids, on)?,
        Command::Spam { ids, on } => conversations::spam(tx, actor, &ids, on)?,
        Command::Look { id } => conversations::look(tx, id)?,
        Command::MarkRead { ids, read } => conversations::mark_read(tx, actor, &ids, read)?,
        Command::SaveDraft(draft) => drafts::save(tx, *draft)?,
        Command::DiscardDraft { id } => drafts::discard(tx, actor, id)?,
        Command::MoveDraft { from, to } => moving::move_draft(tx, actor, &from, *to)?,
        Command::Note { conversation, body } => drafts::note(tx, actor, conversation, &body)?,
        Command::Queue(draft) => queue::queue(tx, actor, &draft)?,
        Command::CancelSend { id } => outbox::cancel_by_hand(tx, actor, id)?,
        Command::RetrySend { id } => outbox::retry(tx, actor, id)?,
        Command::SendNow { id } => outbox::send_now(tx, actor, id)?,
        Command::SettleUnknown { id, as_ } => outbox::settle(tx, actor, id, as_)?,
        Command::Approve { id, hash, hold_ms } => {
            return approvals::approve(tx, actor, id, &hash, None, hold_ms);
        }
        Command::ApproveEdited {
            id,
            hash,
            subject,
            body,
            recipients,
            hold_ms,
        } => {
            let edit = approvals::Edit {
                subject,
                body,
                recipients,
            };
            return approvals::approve(tx, actor, id, &hash, Some(edit), hold_ms);
        }
        Command::Reject { id, reason, words } => approvals::reject(tx, actor, id, reason, &words)?,
        Command::Redraft { id, instruction } => approvals::redraft(tx, actor, id, &instruction)?,
        Command::AskDraft {
            conversation,
            instruction,
        } => approvals::ask(tx, actor, conversation, &instruction)?,
        Command::Escalate {
            conversation,
            to,
            reason,
        } => escalations::page(
            tx,
            actor,
            conversation,
            &escalations::RosterPerson::named(to),
            &reason,
        )?,
        Command::Acknowledge { id } => escalations::acknowledge(tx, actor, id)?,
        Command::CloseEscalation { id } => escalations::close(tx, actor, id)?,
        Command::Silence { id, until } => escalations::silence(tx, actor, id, until)?,
        Command::SaveView { name, query } => conversations::save_view(tx, actor, &name, &query)?,
        Command::DeleteView { name } => conversations::delete_view(tx, actor, &name)?,
        Command::Remark { conversation, text } => {
            conversations::remark(tx, actor, conversation, &text)?
        }
        Command::MergeContacts { a, b, seen } => people::merge::merge(tx, actor, (a, b), &seen)?,
        Command::RefuseMerge { a, b } => people::merge::refuse(tx, actor, (a, b))?,
        Command::SplitContact { merge } => people::merge::split(tx, actor, merge)?,
        Command::Undo { id } => return undo::undo(tx, actor, id),
    };
    Ok(Done::Did(outcome))
}

/// There is no such thing.
pub(super) fn not_found(what: impl Into<String>) -> ApplyError {
    Refusal::NotFound { what: what.into() }.into()
}

/// The request makes no sense, in a sentence.
pub(super) fn invalid(why: impl Into<String>) -> ApplyError {
    Refusal::Invalid(why.into()).into()
}

/// A span for people: the largest unit that fits.
pub(super) fn span(ms: i64) -> String {
    let ms = ms.max(0);
    let (n, unit) = match ms {
        ..60_000 => (ms / 1_000, "s"),
        60_000..3_600_000 => (ms / 60_000, "min"),
        3_600_000..172_800_000 => (ms / 3_600_000, "h"),
        _ => (ms / 86_400_000, "days"),
    };
    format!("{n} {unit}")
}
