//! Paging somebody: from the roster's entry to a page in the outbox.

use crate::desk::RosterEntry;
use crate::desk::roster::{self, PageChannel, PageText};
use crate::model::command::Refusal;
use crate::model::{AccountId, Actor, Answer, ConversationId, Outcome, Party, Query};
use crate::store::{ApplyError, RosterPerson, Store};

/// Somebody as the mirror pages them. Mail goes by the entry's account, or the first one.
pub fn person(entry: &RosterEntry, accounts: &[AccountId]) -> RosterPerson {
    let account = entry
        .account
        .as_deref()
        .map(AccountId::new)
        .or_else(|| accounts.first().cloned());
    RosterPerson {
        name: entry.name.clone(),
        mail: entry
            .email
            .as_ref()
            .filter(|_| account.is_some())
            .map(|address| Party::named(address.as_str(), entry.name.as_str())),
        account,
        command: (!entry.command.is_empty()).then(|| entry.command.clone()),
    }
}

/// Pages somebody ([`super::colleagues::Colleagues::whom`]) about a conversation. What the page command's arguments stand for (`{about}`, `{reason}`, …) is
/// filled in here.
///
/// # Errors
/// When they cannot be reached, or the mirror cannot be read or written.
pub async fn escalate(
    store: &Store,
    actor: &Actor,
    to: &RosterEntry,
    accounts: &[AccountId],
    conversation: ConversationId,
    reason: &str,
) -> Result<Outcome, ApplyError> {
    let mut person = person(to, accounts);
    if person.command.is_some() {
        let about = about(store, conversation).await?;
        let page = PageText {
            about: &about,
            reason,
        };
        let people = roster::people(std::slice::from_ref(to), &jiff::tz::TimeZone::UTC)
            .map_err(|error| Refusal::Invalid(error.to_string()))?;
        person.command = people
            .iter()
            .flat_map(|person| person.channels(page))
            .find_map(|channel| match channel {
                PageChannel::Command { argv } => Some(argv),
                PageChannel::Mail { .. } => None,
            });
    }
    store
        .escalate(actor, conversation, person, reason.to_owned())
        .await
}

/// `#1042 Ana Duarte: Invoice 4410`; only the number for a conversation that is not there, which is refused later.
async fn about(store: &Store, id: ConversationId) -> Result<String, ApplyError> {
    let me = String::new();
    let answer = store.answer(Query::Conversation { id, me }).await?;
    Ok(match answer {
        Answer::Conversation(detail) => {
            let conversation = detail.conversation;
            match conversation.subject.as_str() {
                "" => format!("#{id} {}", conversation.contact_name),
                subject => format!("#{id} {}: {subject}", conversation.contact_name),
            }
        }
        _ => format!("#{id}"),
    })
}
