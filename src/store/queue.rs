//! Freezes a draft into the outbox, with the message that the conversation shows.

use super::apply::{invalid, not_found, span};
use super::conversations;
use super::error::ApplyError;
use super::files;
use super::ingest::clean::{block, line, normalised};
use super::ingest::contact::person;
use super::ingest::keep::own_reference;
use super::rows::{self, People};
use super::sql::{Json, Result, Sql, Word};
use super::undo::Inverse;
use super::writer::Tx;
use super::{accounts, derived, drafts, index, journal, reply, templates};
use crate::model::command::{QueueDraft, Refusal};
use crate::model::message::ThreadedBy;
use crate::model::outgoing::{OutgoingAttachment, OutgoingKind, Recipients};
use crate::model::{
    Actor, Author, Channel, Content, Conversation, ConversationId, DeliveryState, Draft, DraftKind,
    MessageId, MessageKind, OutboxId, OutboxState, Outcome, Outgoing, Timestamp,
};
use rusqlite::params;
use serde_json::json;

/// Everything that one row of the outbox is made of.
pub(super) struct Leaving {
    pub out: Outgoing,
    /// `agent`, `assistant` or `system`.
    pub origin: &'static str,
    pub decision: Option<i64>,
    pub state: OutboxState,
    pub due_at: Timestamp,
    pub unless_reply: bool,
    /// The newest public message that the writer had seen.
    pub base_head: Option<MessageId>,
    /// What to bring back when it is taken back.
    pub draft: Option<Draft>,
}

pub(super) fn queue(tx: &Tx<'_>, actor: &Actor, queue: &QueueDraft) -> Result<Outcome> {
    let draft = &queue.draft;
    let kind = match draft.kind {
        DraftKind::Reply | DraftKind::Approval => OutgoingKind::Reply,
        DraftKind::New => OutgoingKind::New,
        DraftKind::Forward => OutgoingKind::Forward,
        DraftKind::Note => return Err(invalid("a note never leaves; write a reply instead")),
    };
    let hash = draft.content_hash();
    if hash != queue.hash {
        return Err(Refusal::HashMismatch.into());
    }
    presentable(tx, draft, &queue.reference)?;
    templates::check(tx, draft)?;
    let found = match draft.conversation {
        Some(id) => Some(find(tx, id)?),
        None => None,
    };
    if let Some(conversation) = &found {
        not_moved(tx, conversation, draft.base, queue.seen_head)?;
        same_target(tx, conversation, draft)?;
        if draft.template.is_none() {
            let soonest = tx.now + queue.hold_ms.max(0);
            let at = queue.not_before.map_or(soonest, |at| at.max(soonest));
            open_for_us(tx, conversation, Some(at))?;
        }
    }
    if draft.template.is_none() {
        written_to(tx, draft.channel, found.as_ref())?;
    }
    consented(tx, draft.channel, &draft.recipients)?;
    let conversation = match &found {
        Some(conversation) => conversation.clone(),
        None => begin(tx, draft)?,
    };
    let target = reply::target(tx, &conversation, draft.answers, false)?;
    let out = Outgoing {
        id: OutboxId(0),
        account: draft.account.clone(),
        channel: draft.channel,
        conversation: Some(conversation.id),
        kind,
        from: draft.from.clone(),
        recipients: draft.recipients.clone(),
        subject: draft.subject.clone(),
        body: draft.body.clone(),
        attachments: draft.attachments.clone(),
        thread: target.thread,
        in_reply_to: target.in_reply_to.filter(|_| kind == OutgoingKind::Reply),
        references: if kind == OutgoingKind::Reply {
            target.references
        } else {
            Vec::new()
        },
        reference: queue.reference.clone(),
        queued_at: tx.now,
        author: draft.author.clone(),
        template: draft.template.as_ref().map(|used| used.filled()),
        proposal: None,
    };
    let hold_until = tx.now + queue.hold_ms.max(0);
    let due_at = queue.not_before.map_or(hold_until, |at| at.max(hold_until));
    let state = if queue.hold_ms > 0 && due_at == hold_until {
        OutboxState::Held
    } else {
        OutboxState::Queued
    };
    drafts::forget(tx, draft)?;
    let leaving = Leaving {
        out,
        origin: if matches!(actor, Actor::System(_)) {
            "system"
        } else {
            "agent"
        },
        decision: None,
        state,
        due_at,
        unless_reply: queue.unless_reply,
        base_head: conversation.head,
        draft: Some(Draft {
            conversation: found.as_ref().map(|found| found.id),
            ..draft.clone()
        }),
    };
    let (id, _) = leave(tx, &leaving)?;
    let facts = if queue.resolve {
        conversations::change_all(tx, &[conversation.id], |facts| {
            conversations::resolved(tx, facts);
            Ok(())
        })?
    } else {
        Vec::new()
    };
    let detail = json!({
        "outbox": id.0, "hash": hash, "to": addresses(&draft.recipients), "subject": draft.subject,
        "resolve": queue.resolve, "unless_reply": queue.unless_reply,
        "not_before": queue.not_before.map(|at| at.0),
    });
    let inverse = Inverse::Send { outbox: id, facts };
    let journal = journal::append(
        tx,
        actor,
        "queue",
        Some(conversation.id),
        &detail,
        Some(&inverse),
    )?;
    Ok(Outcome {
        says: match state {
            OutboxState::Held => format!("held for {}", span(queue.hold_ms)),
            _ if due_at > tx.now => format!("leaves in {}", span(due_at.since(tx.now))),
            _ => "queued".to_owned(),
        },
        journal: Some(journal),
        undoable: true,
        outbox: Some(id),
        held_until: Some(due_at).filter(|due| *due > tx.now),
        ..Outcome::default()
    })
}

/// A conversation by its number, or a refusal.
pub(super) fn find(tx: &Tx<'_>, id: ConversationId) -> Result<Conversation> {
    rows::find_conversation(tx, id)?.ok_or_else(|| not_found(format!("conversation #{id}")))
}

/// Who is written to, for the journal.
pub(super) fn addresses(recipients: &Recipients) -> Vec<&str> {
    recipients
        .all()
        .map(|party| party.address.as_str())
        .collect()
}

fn presentable(tx: &Tx<'_>, draft: &Draft, reference: &str) -> Result<()> {
    if draft.recipients.to.is_empty() {
        return Err(invalid("there is no recipient"));
    }
    if draft.body.trim().is_empty() && draft.attachments.is_empty() {
        return Err(invalid("the message is empty"));
    }
    if reference.is_empty() {
        return Err(invalid("the message has no reference of its own"));
    }
    if tx.exists("SELECT 1 FROM outbox WHERE reference = ?1", [reference])? {
        return Err(invalid("this message is in the outbox already"));
    }
    if accounts::known(tx, &draft.account)?.is_none() {
        return Err(invalid(format!(
            "the account {} is not set up",
            draft.account
        )));
    }
    stored(tx, &draft.attachments)
}

/// Attachments must be files of the mirror, with the bytes that were shown.
pub(super) fn stored(tx: &Tx<'_>, attachments: &[OutgoingAttachment]) -> Result<()> {
    for file in attachments {
        let path = files::path(tx.dir, &file.sha256);
        if !std::fs::metadata(&path).is_ok_and(|found| found.len() == file.size) {
            return Err(invalid(format!(
                "{} is not here any more; attach it again",
                line(&file.name)
            )));
        }
    }
    Ok(())
}

/// Refuses when public messages came in that the writer has not seen.
fn not_moved(
    tx: &Tx<'_>,
    conversation: &Conversation,
    base: Option<MessageId>,
    seen: Option<MessageId>,
) -> Result<()> {
    let Some(head) = conversation.head else {
        return Ok(());
    };
    if base == Some(head) || seen == Some(head) {
        return Ok(());
    }
    let seen = seen.or(base).map_or(0, |id| id.0);
    // What is newer than what was seen, by the order of the conversation or of arrival.
    let count: u32 = tx
        .value(
            "SELECT count(*) FROM message WHERE conversation = ?1 AND direction <> 'note' AND id <> ?2
               AND ((at, place, id) > (SELECT at, place, id FROM message WHERE id = ?2)
                 OR (id > ?2 AND NOT EXISTS (SELECT 1 FROM message WHERE id = ?2)))",
            params![conversation.id.0, seen],
        )?
        .unwrap_or(0);
    if count == 0 {
        return Ok(());
    }
    Err(Refusal::Moved { head, count }.into())
}

/// Refuses when the recipients are those of an earlier message, untouched, and answers go to somebody else by now.
/// Whoever begins the answer anew, or writes the recipients, has seen where it goes.
fn same_target(tx: &Tx<'_>, conversation: &Conversation, draft: &Draft) -> Result<()> {
    let begun_now = draft.base == conversation.head;
    if begun_now || draft.answers.is_none() || draft.kind != DraftKind::Reply {
        return Ok(());
    }
    let then = reply::goes_to(tx, conversation, draft.answers)?;
    let now = reply::goes_to(tx, conversation, None)?;
    if then != now && reply::addresses(draft.channel, &draft.recipients) == then {
        return Err(invalid(format!(
            "answers go to {} by now, not to {}; look at the recipients and write them anew",
            line(&now.join(", ")),
            line(&then.join(", "))
        )));
    }
    Ok(())
}

/// Refuses when the channel takes no free replies, now or when it would leave.
pub(super) fn open_for_us(
    tx: &Tx<'_>,
    conversation: &Conversation,
    not_before: Option<Timestamp>,
) -> Result<()> {
    let at = not_before.map_or(tx.now, |at| at.max(tx.now));
    match conversation.window_closes_at {
        Some(closes) if closes <= tx.now => Err(Refusal::WindowClosed {
            ago: span(tx.now.since(closes)),
            template: conversation.channel.takes_templates(),
        }
        .into()),
        Some(closes) if closes <= at => Err(invalid(
            "the reply window closes before this would leave; send it earlier, or at once with a shorter hold",
        )),
        _ => Ok(()),
    }
}

/// Refuses a free text where the customer has not written yet and only templates are taken before that.
fn written_to(tx: &Tx<'_>, channel: Channel, found: Option<&Conversation>) -> Result<()> {
    if !channel.takes_templates() {
        return Ok(());
    }
    let wrote = match found {
        None => false,
        Some(conversation) => tx.exists(
            "SELECT 1 FROM message WHERE conversation = ?1 AND direction = 'inbound' AND kind = 'normal'",
            [conversation.id.0],
        )?,
    };
    if wrote {
        return Ok(());
    }
    Err(invalid(format!(
        "the customer has not written on {channel} yet: only an approved template can be sent; pick one with t"
    )))
}

/// Refuses when somebody among the recipients has asked not to be written to there.
pub(super) fn consented(tx: &Tx<'_>, channel: Channel, recipients: &Recipients) -> Result<()> {
    match opted_out(tx, channel, recipients)? {
        Some(address) => Err(Refusal::OptedOut {
            address,
            channel: channel.name().to_owned(),
        }
        .into()),
        None => Ok(()),
    }
}

/// The first recipient who has opted out of the channel.
pub(super) fn opted_out(
    tx: &Tx<'_>,
    channel: Channel,
    recipients: &Recipients,
) -> Result<Option<String>> {
    for party in recipients.all() {
        let address = normalised(channel, &party.address);
        if tx.exists(
            "SELECT 1 FROM identity WHERE channel = ?1 AND address = ?2 COLLATE NOCASE AND opted_out = 1",
            params![Word(channel), address],
        )? {
            return Ok(Some(address));
        }
    }
    Ok(None)
}

/// The first message to somebody begins a conversation.
fn begin(tx: &Tx<'_>, draft: &Draft) -> Result<Conversation> {
    let Some(to) = draft.recipients.to.first() else {
        return Err(invalid("there is no recipient"));
    };
    let address = normalised(draft.channel, &to.address);
    let name = to.name.as_deref().map(line);
    let who = person(tx, draft.channel, &address, name.as_deref(), false, tx.now)?;
    let subject = line(&draft.subject);
    tx.run(
        "INSERT INTO conversation(account, channel, contact, contact_name, contact_address, subject, base_subject,
           first_at, last_at, opted_out, assignee) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9, ?10)",
        params![
            draft.account.as_str(),
            Word(draft.channel),
            who.contact.0,
            who.name,
            who.address,
            subject,
            derived::base(&subject),
            tx.now.0,
            who.opted_out,
            draft.author
        ],
    )?;
    find(tx, ConversationId(tx.last_insert_rowid()))
}

/// Writes the outbox row and the message that shows it; gives both.
pub(super) fn leave(tx: &Tx<'_>, leaving: &Leaving) -> Result<(OutboxId, Option<MessageId>)> {
    let out = &leaving.out;
    // What arrived after this is what the writer cannot have seen.
    let newest: i64 = tx
        .value("SELECT seq FROM sqlite_sequence WHERE name = 'message'", [])?
        .unwrap_or(0);
    let goes_to = match out.conversation {
        Some(id) if out.kind == OutgoingKind::Reply => {
            Some(reply::goes_to(tx, &find(tx, id)?, None)?)
        }
        _ => None,
    };
    let message = match out.conversation {
        Some(conversation) if out.kind != OutgoingKind::Page => Some(show(tx, out, conversation)?),
        _ => None,
    };
    tx.run(
        "INSERT INTO outbox(account, channel, conversation, message, kind, origin, data, hash, reference, proposal,
           decision, state, since, due_at, unless_reply, base_head, base_id, draft, goes_to)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
        params![
            out.account.as_str(),
            Word(out.channel),
            out.conversation.map(|id| id.0),
            message.map(|id| id.0),
            Word(out.kind),
            leaving.origin,
            Json(out),
            out.content_hash(),
            out.reference,
            out.proposal.map(|id| id.0),
            leaving.decision,
            Word(leaving.state),
            tx.now.0,
            leaving.due_at.0,
            leaving.unless_reply,
            leaving.base_head.map(|id| id.0),
            newest,
            leaving.draft.as_ref().map(Json),
            goes_to.map(Json)
        ],
    )?;
    let id = OutboxId(tx.last_insert_rowid());
    if let Some(message) = message {
        tx.run(
            "UPDATE message SET outbox = ?2 WHERE id = ?1",
            params![message.0, id.0],
        )?;
    }
    if let Some(conversation) = out.conversation {
        derived::refresh(tx, conversation)?;
    }
    tx.outbox();
    Ok((id, message))
}

/// The message as the conversation shows it from now on.
fn show(tx: &Tx<'_>, out: &Outgoing, conversation: ConversationId) -> Result<MessageId> {
    let (body, hidden) = block(&out.body);
    let subject = line(&out.subject);
    let clean = |list: &[crate::model::Party]| {
        list.iter()
            .map(super::ingest::clean::party)
            .collect::<Vec<_>>()
    };
    let people = People {
        to: clean(&out.recipients.to),
        cc: clean(&out.recipients.cc),
        reply_to: None,
        unvouched: false,
    };
    let to: Vec<String> = out
        .recipients
        .all()
        .map(|party| normalised(out.channel, &party.address))
        .collect();
    let mut who = vec![line(&out.author)];
    for party in people.to.iter().chain(&people.cc) {
        who.extend(party.name.clone());
        who.push(party.address.clone());
    }
    let who = who.join(" ");
    let own_id = (out.channel == Channel::Email).then_some(out.reference.as_str());
    tx.run(
        "INSERT INTO message(conversation, account, channel, direction, kind, at, sent_at, who, author, subject, body,
           snippet, content, people, message_id, refs, thread, delivery, delivery_at, hidden, seen, attachments, threaded_by,
           to_customer)
         VALUES (?1, ?2, ?3, 'outbound', ?4, ?5, ?5, ?6, ?7, ?8, ?9, ?21, ?10, ?11, ?12, ?13, ?14, ?15, ?5, ?16, 1, ?17,
           ?18, EXISTS (SELECT 1 FROM conversation WHERE id = ?1
             AND (contact_address IN (SELECT value FROM json_each(?19)) OR ?20 = 'reply')))",
        params![
            conversation.0,
            out.account.as_str(),
            Word(out.channel),
            Word(MessageKind::Normal),
            tx.now.0,
            who,
            Json(Author::Agent {
                name: out.author.clone()
            }),
            subject,
            body,
            Json(Content::Text),
            Json(&people),
            own_id,
            (!out.references.is_empty()).then_some(Json(&out.references)),
            out.thread,
            Word(DeliveryState::Pending),
            hidden as i64,
            out.attachments.len() as i64,
            Json(ThreadedBy::Agent),
            Json(&to),
            Word(out.kind),
            crate::text::preview::snippet(&body)
        ],
    )?;
    let id = MessageId(tx.last_insert_rowid());
    for file in &out.attachments {
        tx.run(
            "INSERT INTO attachment(message, name, mime, size, inline, sha256) VALUES (?1, ?2, ?3, ?4, 0, ?5)",
            params![
                id.0,
                line(&file.name),
                line(&file.mime),
                file.size.cast_signed(),
                file.sha256
            ],
        )?;
    }
    own_reference(tx, out.account.as_str(), &out.reference, id)?;
    index::add(tx, id, &subject, &body, &who)?;
    Ok(id)
}

/// A refusal that is no error of the mirror.
pub(super) fn refusal(error: ApplyError) -> Result<Refusal> {
    match error {
        ApplyError::Refused(refusal) => Ok(refusal),
        store @ ApplyError::Store(_) => Err(store),
    }
}
