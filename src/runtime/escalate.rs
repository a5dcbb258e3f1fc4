//! Paging somebody: from the roster's entry to a page in the outbox.

use crate::desk::RosterEntry;
use crate::model::command::Refusal;
use crate::model::{AccountId, Actor, ConversationId, Outcome, Party};
use crate::store::{ApplyError, RosterPerson, Store};

/// The roster's entry of that name, as the mirror pages it. Mail goes by the entry's account, or the first one.
pub fn person(
    roster: &[RosterEntry],
    name: &str,
    accounts: &[AccountId],
) -> Result<RosterPerson, Refusal> {
    let entry = roster
        .iter()
        .find(|entry| entry.name == name)
        .ok_or_else(|| {
            let known: Vec<_> = roster.iter().map(|entry| entry.name.as_str()).collect();
            Refusal::Invalid(format!(
                "`{name}` is not on the roster; it has {}",
                known.join(", ")
            ))
        })?;
    let account = entry
        .account
        .as_deref()
        .map(AccountId::new)
        .or_else(|| accounts.first().cloned());
    Ok(RosterPerson {
        name: entry.name.clone(),
        mail: entry
            .email
            .as_ref()
            .filter(|_| account.is_some())
            .map(|address| Party::named(address.as_str(), entry.name.as_str())),
        account,
        command: (!entry.command.is_empty()).then(|| entry.command.clone()),
    })
}

/// Pages somebody about a conversation.
///
/// # Errors
/// When nobody is called that, or they cannot be reached, or the mirror cannot be written.
pub async fn escalate(
    store: &Store,
    actor: &Actor,
    conversation: ConversationId,
    person: RosterPerson,
    reason: &str,
) -> Result<Outcome, ApplyError> {
    store
        .escalate(actor, conversation, person, reason.to_owned())
        .await
}
