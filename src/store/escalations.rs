//! Pages: somebody must know, and must say so.

use super::apply::{invalid, not_found, span};
use super::approvals;
use super::desk_facts::FactsChange;
use super::error::ApplyError;
use super::ingest::clean::{block, line};
use super::queue::{self, Leaving};
use super::sql::{Json, Result, Sql, Word};
use super::undo::Inverse;
use super::writer::Tx;
use super::{Store, accounts, derived, desk_facts, journal, outbox};
use crate::model::outgoing::{OutgoingKind, Recipients};
use crate::model::{
    AccountId, Actor, Channel, Conversation, ConversationId, Escalation, EscalationId,
    EscalationState, OutboxId, OutboxState, Outcome, Outgoing, Party, Timestamp,
};
use rusqlite::{Connection, Row, params};
use serde_json::json;

/// Milliseconds for which a page that a person made is held: long enough for `u`, short enough for who waits for help.
const PAGE_HOLD_MS: i64 = 5_000;
/// The account under which pages by command stand in the outbox.
const COMMAND_ACCOUNT: &str = "page-command";

/// Somebody who can be paged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterPerson {
    /// Roster name.
    pub name: String,
    /// Mail address for pages.
    pub mail: Option<Party>,
    /// The account by which pages by mail leave.
    pub account: Option<AccountId>,
    /// Program and arguments of a page by command.
    pub command: Option<Vec<String>>,
}

impl RosterPerson {
    /// A person of whom only the name is known: the page shows in the lists and goes nowhere else.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            mail: None,
            account: None,
            command: None,
        }
    }
}

impl Store {
    /// Pages somebody about a conversation: gives it to that person and queues the page, by mail and by command as
    /// far as the roster knows them.
    ///
    /// # Errors
    /// When there is no such conversation, the page cannot be made, or the mirror cannot be written.
    pub async fn escalate(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        person: RosterPerson,
        reason: String,
    ) -> std::result::Result<Outcome, ApplyError> {
        let actor = super::apply::known_as(actor);
        self.0
            .writer
            .write(move |tx| page(tx, &actor, conversation, &person, &reason))
            .await
    }
}

pub(super) fn page(
    tx: &Tx<'_>,
    actor: &Actor,
    conversation: ConversationId,
    person: &RosterPerson,
    reason: &str,
) -> Result<Outcome> {
    let name = line(&person.name);
    if name.trim().is_empty() {
        return Err(invalid("say whom to page"));
    }
    let (reason, _) = block(reason);
    let conversation = queue::find(tx, conversation)?;
    let (id, before) = desk_facts::read(tx, conversation.id)?;
    let mut after = before.clone();
    after.assignee = Some(name.clone());
    let mut facts = Vec::new();
    if after != before {
        let change = FactsChange { id, before, after };
        desk_facts::write(tx, &change)?;
        facts.push(change);
    }
    let hold = match actor {
        Actor::Agent(_) => PAGE_HOLD_MS,
        Actor::Assistant(_) | Actor::System(_) => 0,
    };
    let due_at = tx.now + hold;
    let mut rows: Vec<OutboxId> = Vec::new();
    for out in pages(tx, actor, &conversation, person, &reason)? {
        let leaving = Leaving {
            out,
            origin: "system",
            decision: None,
            state: if hold > 0 {
                OutboxState::Held
            } else {
                OutboxState::Queued
            },
            due_at,
            unless_reply: false,
            base_head: None,
            draft: None,
        };
        rows.push(queue::leave(tx, &leaving)?.0);
    }
    tx.run(
        "INSERT INTO escalation(conversation, person, by_name, reason, at, state, outbox)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            id.0,
            name,
            actor.name(),
            reason,
            tx.now.0,
            Word(EscalationState::Open),
            Json(rows.iter().map(|row| row.0).collect::<Vec<_>>())
        ],
    )?;
    let escalation = EscalationId(tx.last_insert_rowid());
    tx.touched(id);
    let detail = json!({ "page": escalation.0, "to": name, "reason": reason, "outbox": rows });
    let inverse = Inverse::Page {
        page: escalation,
        facts,
    };
    let journal = journal::append(tx, actor, "escalate", Some(id), &detail, Some(&inverse))?;
    let held = hold > 0 && !rows.is_empty();
    Ok(Outcome {
        says: if rows.is_empty() {
            format!("#{id} is {name}'s; no way to page {name} is set up")
        } else if held {
            format!("paging {name} about #{id}; held for {}", span(hold))
        } else {
            format!("paged {name} about #{id}")
        },
        journal: Some(journal),
        undoable: true,
        held_until: held.then_some(due_at),
        outbox: rows.first().copied(),
        escalation: Some(escalation),
        ..Outcome::default()
    })
}

/// A page is taken back: nothing of it leaves, it is in no list, and the conversation is whose it was. Gives a sentence;
/// refuses before it writes anything.
pub(super) fn take_back(
    tx: &Tx<'_>,
    actor: &Actor,
    id: EscalationId,
    facts: &[FactsChange],
) -> Result<String> {
    let page = tx
        .one(&format!("{SELECT} WHERE e.id = ?1"), [id.0], read)?
        .ok_or_else(|| not_found(format!("page {id}")))?;
    if let Some((who, _)) = &page.acknowledged {
        return Err(invalid(format!(
            "{who} has the page already; C in pages closes it"
        )));
    }
    let waiting = outbox::still_here(tx, &page.outbox)?;
    for row in waiting {
        outbox::cancel(tx, actor, row)?;
    }
    for change in facts {
        change.take_back(tx)?;
    }
    tx.run("DELETE FROM escalation WHERE id = ?1", [id.0])?;
    derived::refresh(tx, page.conversation)?;
    tx.touched(page.conversation);
    Ok(format!("{} is not paged", page.to))
}

/// The mail and the command that carry a page.
fn pages(
    tx: &Tx<'_>,
    actor: &Actor,
    conversation: &Conversation,
    person: &RosterPerson,
    reason: &str,
) -> Result<Vec<Outgoing>> {
    let about = about(conversation);
    let subject = format!("Page: #{} {about}", conversation.id);
    let text = format!(
        "{} pages {} about #{} ({about}, {} on {}).\n\nReason: {}\n\nAcknowledge it in frontdesk.",
        actor.name(),
        person.name,
        conversation.id,
        conversation.contact_name,
        conversation.channel,
        if reason.is_empty() {
            "none given"
        } else {
            reason
        },
    );
    let out =
        |account: AccountId, from, recipients, subject: &str, body: String, reference| Outgoing {
            id: OutboxId(0),
            account,
            channel: Channel::Email,
            conversation: Some(conversation.id),
            kind: OutgoingKind::Page,
            from,
            recipients,
            subject: subject.to_owned(),
            body,
            attachments: Vec::new(),
            thread: None,
            in_reply_to: None,
            references: Vec::new(),
            reference,
            queued_at: tx.now,
            author: actor.name().to_owned(),
            template: None,
            proposal: None,
        };
    let mut all = Vec::new();
    if let (Some(mail), Some(account)) = (&person.mail, &person.account) {
        let info = accounts::known(tx, account)?
            .ok_or_else(|| invalid(format!("the account {account} for pages is not set up")))?;
        let from = info.own_addresses.first();
        let to = Recipients {
            to: vec![mail.clone()],
            ..Recipients::default()
        };
        let reference = approvals::new_reference(Channel::Email, from);
        all.push(out(
            account.clone(),
            from.cloned(),
            to,
            &subject,
            text.clone(),
            reference,
        ));
    }
    if let Some(command) = &person.command {
        let reference = approvals::new_reference(Channel::Voice, None);
        let account = AccountId::new(COMMAND_ACCOUNT);
        let body = serde_json::to_string(command)?;
        all.push(out(
            account,
            None,
            Recipients::default(),
            &text,
            body,
            reference,
        ));
    }
    Ok(all)
}

fn about(conversation: &Conversation) -> String {
    if conversation.subject.is_empty() {
        conversation.contact_name.clone()
    } else {
        conversation.subject.clone()
    }
}

fn change(
    tx: &Tx<'_>,
    actor: &Actor,
    id: EscalationId,
    verb: &str,
    says: &str,
    write: impl FnOnce(EscalationState) -> Result<()>,
) -> Result<Outcome> {
    let found = tx.one(
        "SELECT conversation, state FROM escalation WHERE id = ?1",
        [id.0],
        |row| {
            Ok((
                ConversationId(row.get(0)?),
                row.get::<_, Word<EscalationState>>(1)?.0,
            ))
        },
    )?;
    let (conversation, state) = found.ok_or_else(|| not_found(format!("page {id}")))?;
    if state == EscalationState::Closed {
        return Err(invalid("that page is over"));
    }
    write(state)?;
    tx.touched(conversation);
    let detail = json!({ "page": id.0, "was": state.name() });
    let journal = journal::append(tx, actor, verb, Some(conversation), &detail, None)?;
    Ok(Outcome {
        says: says.to_owned(),
        journal: Some(journal),
        escalation: Some(id),
        ..Outcome::default()
    })
}

/// I have it.
pub(super) fn acknowledge(tx: &Tx<'_>, actor: &Actor, id: EscalationId) -> Result<Outcome> {
    change(tx, actor, id, "page.acknowledge", "acknowledged", |state| {
        if state == EscalationState::Acknowledged {
            return Err(invalid("somebody has acknowledged it already"));
        }
        tx.run(
            "UPDATE escalation SET state = 'acknowledged', ack_by = ?2, ack_at = ?3, silenced_until = NULL WHERE id = ?1",
            params![id.0, actor.name(), tx.now.0],
        )?;
        Ok(())
    })
}

/// It is over.
pub(super) fn close(tx: &Tx<'_>, actor: &Actor, id: EscalationId) -> Result<Outcome> {
    change(tx, actor, id, "page.close", "page closed", |_| {
        tx.run(
            "UPDATE escalation SET state = 'closed', silenced_until = NULL WHERE id = ?1",
            [id.0],
        )?;
        Ok(())
    })
}

/// Keep quiet for a while.
pub(super) fn silence(
    tx: &Tx<'_>,
    actor: &Actor,
    id: EscalationId,
    until: Timestamp,
) -> Result<Outcome> {
    if until <= tx.now {
        return Err(invalid("that time is past; choose a later one"));
    }
    change(tx, actor, id, "page.silence", "page silenced", |_| {
        tx.run(
            "UPDATE escalation SET state = 'silenced', silenced_until = ?2 WHERE id = ?1",
            params![id.0, until.0],
        )?;
        Ok(())
    })
}

const SELECT: &str = "SELECT e.id, e.conversation, CASE WHEN c.subject = '' THEN c.contact_name ELSE c.subject END, \
    e.person, e.by_name, e.reason, e.at, e.state, e.ack_by, e.ack_at, e.silenced_until, e.outbox \
    FROM escalation e JOIN conversation c ON c.id = e.conversation";

fn read(row: &Row<'_>) -> rusqlite::Result<Escalation> {
    let by: Option<String> = row.get(8)?;
    let at: Option<i64> = row.get(9)?;
    Ok(Escalation {
        id: EscalationId(row.get(0)?),
        conversation: ConversationId(row.get(1)?),
        about: row.get(2)?,
        to: row.get(3)?,
        by: row.get(4)?,
        reason: row.get(5)?,
        at: Timestamp(row.get(6)?),
        state: row.get::<_, Word<EscalationState>>(7)?.0,
        acknowledged: by.zip(at.map(Timestamp)),
        silenced_until: row.get::<_, Option<i64>>(10)?.map(Timestamp),
        outbox: row
            .get::<_, Json<Vec<i64>>>(11)?
            .0
            .into_iter()
            .map(OutboxId)
            .collect(),
    })
}

/// Pages, open ones first, then the newest.
pub(super) fn listed(connection: &Connection, limit: u32) -> Result<Vec<Escalation>> {
    let mut pages = connection.all(
        &format!(
            "{SELECT} WHERE e.state <> 'closed' ORDER BY e.state <> 'open', e.at DESC LIMIT ?1"
        ),
        [limit],
        read,
    )?;
    let left = limit.saturating_sub(pages.len() as u32);
    pages.extend(connection.all(
        &format!("{SELECT} WHERE e.state = 'closed' ORDER BY e.id DESC LIMIT ?1"),
        [left],
        read,
    )?);
    Ok(pages)
}

/// Pages of one conversation that are not over.
pub(super) fn here(connection: &Connection, id: ConversationId) -> Result<Vec<Escalation>> {
    connection.all(
        &format!("{SELECT} WHERE e.conversation = ?1 AND e.state <> 'closed' ORDER BY e.id"),
        [id.0],
        read,
    )
}
