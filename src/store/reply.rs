//! Where an answer goes and what it refers to.

use super::Store;
use super::accounts;
use super::apply::not_found;
use super::drafting::ReplyTarget;
use super::error::StoreError;
use super::ingest::clean::normalised;
use super::rows::{self, People};
use super::sql::{Json, Result, Sql};
use crate::model::event::{RemoteId, TypingAt};
use crate::model::outgoing::Recipients;
use crate::model::{AccountId, Author, Channel, Conversation, ConversationId, MessageId, Party};
use crate::text::subject::reply_subject;
use rusqlite::{Connection, params};

/// References kept in an answer: the first and the newest.
const MAX_REFERENCES: usize = 20;

impl Store {
    /// Where an answer to this conversation goes; with `all`, to everybody on its newest message as well.
    ///
    /// # Errors
    /// When there is no such conversation or the mirror cannot be read.
    pub async fn reply_target(
        &self,
        conversation: ConversationId,
        all: bool,
    ) -> std::result::Result<ReplyTarget, StoreError> {
        self.read(move |connection| {
            let found = rows::find_conversation(connection, conversation)?;
            let found = found.ok_or_else(|| not_found(format!("conversation #{conversation}")))?;
            target(connection, &found, None, all)
        })
        .await
    }
}

impl Store {
    /// Where somebody writes in this conversation; none when there is no such conversation.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn typing_at(
        &self,
        conversation: ConversationId,
    ) -> std::result::Result<Option<(AccountId, TypingAt)>, StoreError> {
        self.read(move |connection| {
            let Some(found) = rows::find_conversation(connection, conversation)? else {
                return Ok(None);
            };
            let thread = connection.value(
                "SELECT thread FROM conversation WHERE id = ?1",
                [found.id.0],
            )?;
            let newest = connection.one(
                "SELECT r.scope, r.key FROM message m JOIN remote r ON r.message = m.id
                 WHERE m.conversation = ?1 AND m.direction = 'inbound' AND m.kind = 'normal'
                 ORDER BY m.at DESC, m.place DESC, m.id DESC LIMIT 1",
                [found.id.0],
                |row| {
                    Ok(RemoteId {
                        scope: row.get(0)?,
                        key: row.get(1)?,
                    })
                },
            )?;
            let at = TypingAt {
                thread,
                to: found.contact_address,
                newest,
            };
            Ok(Some((found.account, at)))
        })
        .await
    }
}

/// Where answers in a conversation go at present: normalised addresses, for comparing.
pub(super) fn goes_to(
    connection: &Connection,
    conversation: &Conversation,
    answers: Option<MessageId>,
) -> Result<Vec<String>> {
    let target = target(connection, conversation, answers, false)?;
    Ok(addresses(conversation.channel, &target.recipients))
}

/// The normalised addresses of `to`, in order.
pub(super) fn addresses(channel: Channel, recipients: &Recipients) -> Vec<String> {
    let mut all: Vec<String> = recipients
        .to
        .iter()
        .map(|party| normalised(channel, &party.address))
        .collect();
    all.sort();
    all.dedup();
    all
}

/// What the newest message of the customer says about an answer to it.
struct Answered {
    id: MessageId,
    contact_address: String,
    people: People,
    message_id: Option<String>,
    references: Vec<String>,
    subject: String,
    author: Party,
}

/// The target of an answer to `answers`, or else to the newest inbound message.
pub(super) fn target(
    connection: &Connection,
    conversation: &Conversation,
    answers: Option<MessageId>,
    all: bool,
) -> Result<ReplyTarget> {
    let thread: Option<String> = connection.value(
        "SELECT thread FROM conversation WHERE id = ?1",
        [conversation.id.0],
    )?;
    let newest = |direction: &str| {
        connection.one(
            "SELECT m.id, m.people, m.message_id, m.refs, m.subject, m.address, m.author FROM message m
             WHERE m.conversation = ?1 AND m.direction = ?2 AND m.kind <> 'bounce' AND (?3 IS NULL OR m.id = ?3)
             ORDER BY m.at DESC, m.place DESC, m.id DESC LIMIT 1",
            params![conversation.id.0, direction, answers.map(|id| id.0)],
            |row| {
                let address = row.get::<_, Option<String>>(5)?.unwrap_or_default();
                let name = match row.get::<_, Json<Author>>(6)?.0 {
                    Author::Customer { name, .. } if name != address => Some(name),
                    _ => None,
                };
                Ok(Answered {
                    id: MessageId(row.get(0)?),
                    contact_address: address.clone(),
                    people: row.get::<_, Option<Json<People>>>(1)?.map(|p| p.0).unwrap_or_default(),
                    message_id: row.get(2)?,
                    references: row
                        .get::<_, Option<Json<Vec<String>>>>(3)?
                        .map(|refs| refs.0)
                        .unwrap_or_default(),
                    subject: row.get(4)?,
                    author: Party { address, name },
                })
            },
        )
    };
    let mut out = ReplyTarget {
        head: conversation.head,
        thread,
        ..ReplyTarget::default()
    };
    let contact = Party {
        address: conversation.contact_address.clone(),
        name: (conversation.contact_name != conversation.contact_address)
            .then(|| conversation.contact_name.clone()),
    };
    let mail = conversation.channel == Channel::Email;
    let answered = match newest("inbound")? {
        Some(answered) => Some(answered),
        None => newest("outbound")?,
    };
    let Some(answered) = answered else {
        out.recipients.to = vec![contact];
        if mail && !conversation.subject.is_empty() {
            out.subject.clone_from(&conversation.subject);
        }
        return Ok(out);
    };
    let inbound = !answered.contact_address.is_empty();
    out.answers = inbound.then_some(answered.id);
    let doubtful = inbound && answered.people.unvouched && vouched_before(connection, &answered)?;
    let sender = if inbound {
        answered.author.clone()
    } else {
        contact
    };
    let mut to = sender.clone();
    if inbound && answered.contact_address != conversation.contact_address {
        out.warning = Some(format!(
            "the newest message is from {}, not from {}",
            sender.address, conversation.contact_address
        ));
    }
    if mail
        && inbound
        && let Some(reply_to) = &answered.people.reply_to
        && normalised(Channel::Email, &reply_to.address) != answered.contact_address
    {
        out.warning = Some(format!(
            "the answer goes to {}, not to {}, who wrote",
            reply_to.address, sender.address
        ));
        to = reply_to.clone();
    }
    out.recipients = Recipients {
        to: vec![to],
        ..Recipients::default()
    };
    if mail {
        let subject = if answered.subject.is_empty() {
            &conversation.subject
        } else {
            &answered.subject
        };
        out.subject = reply_subject(subject);
        out.references = chain(answered.references, answered.message_id.as_deref());
        out.in_reply_to = answered.message_id;
    }
    if all && mail && doubtful && !answered.people.cc.is_empty() {
        // Whoever writes in another's name could put themselves among the readers.
        out.warning = Some(format!(
            "nobody vouches that {} sent it: its copies to others are left out; add them by hand if they are right",
            sender.address
        ));
    }
    if all && mail && !doubtful {
        copies(connection, conversation, &answered.people, &mut out)?;
    }
    Ok(out)
}

/// The sender's address was vouched for at other times, or an agent made it part of a person: mail that nobody vouches
/// for may be somebody else's.
fn vouched_before(connection: &Connection, answered: &Answered) -> Result<bool> {
    connection.exists(
        "SELECT 1 FROM identity i WHERE i.channel = 'email' AND i.address = ?1
           AND (i.verified = 1 OR EXISTS (SELECT 1 FROM identity o WHERE o.contact = i.contact AND o.id <> i.id))",
        [&answered.contact_address],
    )
}

/// Everybody else on the message, without us and without those who are there already.
fn copies(
    connection: &Connection,
    conversation: &Conversation,
    people: &People,
    out: &mut ReplyTarget,
) -> Result<()> {
    let same = |party: &Party| normalised(Channel::Email, &party.address).to_lowercase();
    let mut there: Vec<String> = out.recipients.to.iter().map(same).collect();
    if let Some(info) = accounts::known(connection, &conversation.account)? {
        there.extend(info.own_addresses.iter().map(same));
    }
    for party in people.to.iter().chain(&people.cc) {
        let address = same(party);
        if !address.is_empty() && !there.contains(&address) {
            there.push(address);
            out.recipients.cc.push(party.clone());
        }
    }
    Ok(())
}

/// The references of an answer: those of what it answers, then its id; of a long chain the first and the newest.
fn chain(mut references: Vec<String>, id: Option<&str>) -> Vec<String> {
    if let Some(id) = id {
        references.retain(|reference| reference != id);
        references.push(id.to_owned());
    }
    if references.len() > MAX_REFERENCES {
        references.drain(1..=references.len() - MAX_REFERENCES);
    }
    references
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_chains_keep_their_ends() {
        let many: Vec<String> = (0..50).map(|n| format!("{n}@x")).collect();
        let chain = chain(many, Some("me@x"));
        assert_eq!(chain.len(), MAX_REFERENCES);
        assert_eq!(chain.first().map(String::as_str), Some("0@x"));
        assert_eq!(chain.last().map(String::as_str), Some("me@x"));
        assert_eq!(super::chain(vec![], None), Vec::<String>::new());
    }
}
