//! Decisions: approve, approve edited, reject, ask for another. All rules are checked in the transaction that decides.

use super::{Now, row, set};
use crate::assist::machine::{Event, Stale, check, step};
use crate::model::approval::Decision;
use crate::model::command::Refusal;
use crate::model::outgoing::{OutgoingKind, Recipients, content_hash};
use crate::model::{
    Actor, Channel, ConversationId, Draft, DraftKind, JournalId, OutboxId, OutboxState, Outcome,
    Outgoing, Party, Proposal, ProposalId, ProposalState, RejectReason, Verdict,
};
use crate::store::apply::{Done, invalid, not_found, span};
use crate::store::error::ApplyError;
use crate::store::ingest::clean::{block, line};
use crate::store::outbox::Row;
use crate::store::queue::{self, Leaving};
use crate::store::sql::{Result, Sql, Word};
use crate::store::undo::Inverse;
use crate::store::writer::Tx;
use crate::store::{accounts, journal, reply};
use rusqlite::params;
use serde_json::json;

/// What the agent made of a proposal.
pub(in super::super) struct Edit {
    pub subject: String,
    pub body: String,
    pub recipients: Recipients,
}

fn find(tx: &Tx<'_>, id: ProposalId) -> Result<row::Found> {
    row::find(tx, id)?.ok_or_else(|| not_found(format!("proposal {id}")))
}

/// Lets a proposal go out, as it is or as edited.
pub(in super::super) fn approve(
    tx: &Tx<'_>,
    actor: &Actor,
    id: ProposalId,
    seen: &str,
    edit: Option<Edit>,
    hold_ms: i64,
) -> Result<Done> {
    let found = find(tx, id)?;
    undecided(tx, &found)?;
    let proposal = found.proposal;
    // A changed conversation supersedes it also when nobody noticed before; that is kept though the approval is refused.
    let conversation = queue::find(tx, proposal.conversation)?;
    let now = Now::read(tx, conversation, None)?;
    match check(&proposal, seen, &now.current(tx, &proposal)) {
        Ok(()) => {}
        Err(Stale::Hash) => return Err(Refusal::HashMismatch.into()),
        Err(Stale::Policy) => return stale(tx, &proposal, Event::Withdraw),
        Err(Stale::Superseded(event)) => return stale(tx, &proposal, event),
    }
    gates(&proposal)?;
    let verb = if edit.is_some() { "edit" } else { "approve" };
    let event = if edit.is_some() {
        Event::ApproveEdited
    } else {
        Event::Approve
    };
    let next = step(proposal.state, event).map_err(|illegal| invalid(illegal.to_string()))?;
    let (subject, body, recipients) = match edit {
        Some(edit) => (line(&edit.subject), edit.body, edit.recipients),
        None => (
            proposal.subject.clone(),
            proposal.body.clone(),
            proposal.recipients.clone(),
        ),
    };
    if recipients.to.is_empty() || body.trim().is_empty() {
        return Err(invalid("there is nobody to send it to, or nothing to send"));
    }
    queue::open_for_us(tx, &now.conversation, Some(tx.now + hold_ms.max(0)))?;
    queue::consented(tx, proposal.channel, &recipients)?;
    queue::stored(tx, &proposal.attachments)?;
    let hash = if verb == "edit" {
        let shas = proposal.attachments.iter().map(|file| file.sha256.as_str());
        content_hash(
            proposal.account.as_str(),
            proposal.channel,
            &recipients,
            &subject,
            &body,
            shas,
        )
    } else {
        seen.to_owned()
    };
    let decision = decision(tx, actor, id, verb, None, "", &hash)?;
    set(tx, id, next.state, "")?;
    let draft = (verb == "edit").then(|| as_draft(&proposal, actor, &subject, &body, &recipients));
    let out = outgoing(tx, &proposal, &now, actor, subject, body, recipients)?;
    let due_at = tx.now + hold_ms.max(0);
    let leaving = Leaving {
        out,
        origin: "assistant",
        decision: Some(decision),
        state: if hold_ms > 0 {
            OutboxState::Held
        } else {
            OutboxState::Queued
        },
        due_at,
        unless_reply: false,
        base_head: Some(proposal.base.head),
        draft,
    };
    let (outbox, _) = queue::leave(tx, &leaving)?;
    tx.run(
        "UPDATE proposal SET outbox = ?2, decided_at = ?3 WHERE id = ?1",
        params![id.0, outbox.0, tx.now.0],
    )?;
    let inverse = Inverse::Send {
        outbox,
        facts: Vec::new(),
    };
    let detail = json!({ "proposal": id.0, "outbox": outbox.0, "hash": hash });
    let journal = record(
        tx,
        actor,
        verb,
        proposal.conversation,
        &detail,
        Some(&inverse),
    )?;
    Ok(Done::Did(Outcome {
        says: if hold_ms > 0 {
            format!("approved; held for {}", span(hold_ms))
        } else {
            "approved".to_owned()
        },
        journal: Some(journal),
        undoable: true,
        outbox: Some(outbox),
        held_until: (hold_ms > 0).then_some(due_at),
        ..Outcome::default()
    }))
}

/// Refuses when somebody decided already or the proposal is stale.
fn undecided(tx: &Tx<'_>, found: &row::Found) -> Result<()> {
    let proposal = &found.proposal;
    match proposal.state {
        ProposalState::Pending => Ok(()),
        ProposalState::Proposed | ProposalState::Blocked => gates(proposal).and_then(|()| {
            Err(Refusal::NotPending {
                state: proposal.state.name().to_owned(),
                because: "its gates have not spoken".to_owned(),
            }
            .into())
        }),
        ProposalState::Approved
        | ProposalState::Edited
        | ProposalState::Rejected
        | ProposalState::Ignored
        | ProposalState::RedraftAsked => {
            let decision = proposal.decision.as_ref();
            Err(Refusal::AlreadyDecided {
                verb: proposal.state.name().to_owned(),
                by: decision.map_or_else(|| "somebody".to_owned(), |d| d.actor.clone()),
                ago: span(decision.map_or(0, |d: &Decision| tx.now.since(d.at))),
            }
            .into())
        }
        ProposalState::Superseded | ProposalState::Expired | ProposalState::Withdrawn => {
            Err(Refusal::NotPending {
                state: proposal.state.name().to_owned(),
                because: found.because.clone(),
            }
            .into())
        }
    }
}

fn gates(proposal: &Proposal) -> Result<()> {
    match proposal
        .gates
        .iter()
        .find(|gate| gate.verdict == Verdict::Block)
    {
        Some(gate) => Err(Refusal::Gate {
            gate: gate.gate.clone(),
            reason: gate.reason.clone(),
        }
        .into()),
        None => Ok(()),
    }
}

/// Supersedes the proposal and refuses.
fn stale(tx: &Tx<'_>, proposal: &Proposal, event: Event) -> Result<Done> {
    super::fact(tx, proposal.conversation, event)?;
    let now = row::find(tx, proposal.id)?;
    let state = now.map_or(ProposalState::Superseded, |found| found.proposal.state);
    Ok(Done::Refused(Refusal::NotPending {
        state: state.name().to_owned(),
        because: event.because().to_owned(),
    }))
}

fn decision(
    tx: &Tx<'_>,
    actor: &Actor,
    id: ProposalId,
    verb: &str,
    reason: Option<RejectReason>,
    words: &str,
    hash: &str,
) -> Result<i64> {
    tx.run(
        "INSERT INTO decision(proposal, actor, at, host, verb, reason, words, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            id.0,
            actor.name(),
            tx.now.0,
            tx.host,
            verb,
            reason.map(Word),
            words,
            hash
        ],
    )?;
    Ok(tx.last_insert_rowid())
}

fn as_draft(
    proposal: &Proposal,
    actor: &Actor,
    subject: &str,
    body: &str,
    recipients: &Recipients,
) -> Draft {
    Draft {
        id: None,
        conversation: Some(proposal.conversation),
        kind: DraftKind::Approval,
        account: proposal.account.clone(),
        channel: proposal.channel,
        from: proposal.from.clone(),
        recipients: recipients.clone(),
        subject: subject.to_owned(),
        body: body.to_owned(),
        attachments: proposal.attachments.clone(),
        base: Some(proposal.base.head),
        answers: Some(proposal.base.last_inbound),
        template: None,
        proposal: Some(proposal.id),
        author: actor.name().to_owned(),
        updated_at: proposal.created_at,
    }
}

fn outgoing(
    tx: &Tx<'_>,
    proposal: &Proposal,
    now: &Now,
    actor: &Actor,
    subject: String,
    body: String,
    recipients: Recipients,
) -> Result<Outgoing> {
    let target = reply::target(
        tx,
        &now.conversation,
        Some(proposal.base.last_inbound),
        false,
    )?;
    Ok(Outgoing {
        id: OutboxId(0),
        account: proposal.account.clone(),
        channel: proposal.channel,
        conversation: Some(now.conversation.id),
        kind: OutgoingKind::Reply,
        from: proposal.from.clone(),
        recipients,
        subject,
        body,
        attachments: proposal.attachments.clone(),
        thread: target.thread,
        in_reply_to: target.in_reply_to,
        references: target.references,
        reference: reference(tx, proposal)?,
        queued_at: tx.now,
        author: actor.name().to_owned(),
        template: None,
        proposal: Some(proposal.id),
    })
}

/// A reference of our own: for mail a Message-ID without brackets, with the domain of the sender.
fn reference(tx: &Tx<'_>, proposal: &Proposal) -> Result<String> {
    let own = accounts::known(tx, &proposal.account)?
        .and_then(|info| info.own_addresses.into_iter().next());
    let sender: Option<&Party> = proposal.from.as_ref().or(own.as_ref());
    Ok(new_reference(proposal.channel, sender))
}

/// A new reference for something that leaves on `channel` from `sender`.
pub(in super::super) fn new_reference(channel: Channel, sender: Option<&Party>) -> String {
    let unique = ulid::Ulid::new().to_string().to_lowercase();
    if channel != Channel::Email {
        return unique;
    }
    let domain = sender
        .and_then(|party| crate::text::EmailAddress::new(&party.address).ok())
        .map_or_else(
            || "frontdesk.invalid".to_owned(),
            |address| address.domain().to_owned(),
        );
    format!("{unique}@{domain}")
}

fn record(
    tx: &Tx<'_>,
    actor: &Actor,
    verb: &str,
    conversation: ConversationId,
    detail: &serde_json::Value,
    inverse: Option<&Inverse>,
) -> Result<JournalId> {
    tx.touched(conversation);
    journal::append(tx, actor, verb, Some(conversation), detail, inverse)
}

/// Turns a proposal down.
pub(in super::super) fn reject(
    tx: &Tx<'_>,
    actor: &Actor,
    id: ProposalId,
    reason: RejectReason,
    words: &str,
) -> Result<Outcome> {
    let found = find(tx, id)?;
    let Ok(next) = step(found.proposal.state, Event::Reject) else {
        undecided(tx, &found)?;
        return Err(invalid("it cannot be turned down any more"));
    };
    let (words, _) = block(words);
    let decision = decision(
        tx,
        actor,
        id,
        "reject",
        Some(reason),
        &words,
        &found.proposal.bound_hash(),
    )?;
    set(tx, id, next.state, reason.name())?;
    let detail = json!({ "proposal": id.0, "reason": reason.name(), "words": words });
    let journal = record(
        tx,
        actor,
        "reject",
        found.proposal.conversation,
        &detail,
        Some(&Inverse::Reject {
            proposal: id,
            decision,
        }),
    )?;
    Ok(Outcome {
        says: format!("turned down: {}", reason.name()),
        journal: Some(journal),
        undoable: true,
        ..Outcome::default()
    })
}

/// A rejection is taken back: the draft waits again, if the conversation is still what it answers and no other draft has
/// taken its place. Gives a sentence; refuses before it writes anything.
pub(in super::super) fn unreject(tx: &Tx<'_>, id: ProposalId, decision: i64) -> Result<String> {
    let proposal = find(tx, id)?.proposal;
    let stands =
        |because: &str| -> ApplyError { invalid(format!("it stays turned down: {because}")) };
    let back = step(proposal.state, Event::RejectionTakenBack)
        .map_err(|_| stands(&format!("it is {} by now", proposal.state.name())))?;
    let conversation = queue::find(tx, proposal.conversation)?;
    let now = Now::read(tx, conversation, None)?;
    check(
        &proposal,
        &proposal.bound_hash(),
        &now.current(tx, &proposal),
    )
    .map_err(|stale| stands(&stale.to_string()))?;
    if row::in_conversation(tx, proposal.conversation)?.is_some() {
        return Err(stands("another draft waits in its place"));
    }
    let next = step(back.state, Event::GatesDone(proposal.worst()))
        .map_err(|illegal| invalid(illegal.to_string()))?;
    tx.run(
        "UPDATE decision SET taken_back = 1 WHERE id = ?1",
        [decision],
    )?;
    set(tx, id, next.state, "")?;
    tx.touched(proposal.conversation);
    Ok("the draft awaits a decision again".to_owned())
}

/// Asks for another draft in place of this one.
pub(in super::super) fn redraft(
    tx: &Tx<'_>,
    actor: &Actor,
    id: ProposalId,
    instruction: &str,
) -> Result<Outcome> {
    let found = find(tx, id)?;
    let Ok(next) = step(found.proposal.state, Event::AskRedraft) else {
        undecided(tx, &found)?;
        return Err(invalid("no other draft can be asked for any more"));
    };
    let (instruction, _) = block(instruction);
    decision(
        tx,
        actor,
        id,
        "redraft",
        None,
        &instruction,
        &found.proposal.bound_hash(),
    )?;
    set(tx, id, next.state, "")?;
    request(tx, found.proposal.conversation, &instruction, Some(id))?;
    let detail = json!({ "proposal": id.0, "instruction": instruction });
    let journal = record(
        tx,
        actor,
        "redraft",
        found.proposal.conversation,
        &detail,
        None,
    )?;
    Ok(Outcome {
        says: "asked for another draft".to_owned(),
        journal: Some(journal),
        ..Outcome::default()
    })
}

/// Asks for a draft where there is none.
pub(in super::super) fn ask(
    tx: &Tx<'_>,
    actor: &Actor,
    conversation: ConversationId,
    instruction: &str,
) -> Result<Outcome> {
    let conversation = queue::find(tx, conversation)?;
    let (instruction, _) = block(instruction);
    request(tx, conversation.id, &instruction, None)?;
    let detail = json!({ "instruction": instruction });
    let journal = record(tx, actor, "draft.ask", conversation.id, &detail, None)?;
    Ok(Outcome {
        says: "asked for a draft".to_owned(),
        journal: Some(journal),
        ..Outcome::default()
    })
}

fn request(
    tx: &Tx<'_>,
    conversation: ConversationId,
    instruction: &str,
    earlier: Option<ProposalId>,
) -> Result<()> {
    tx.run(
        "INSERT INTO draft_request(conversation, instruction, earlier, at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT(conversation) DO UPDATE SET instruction = excluded.instruction, earlier = excluded.earlier,
           at = excluded.at",
        params![conversation.0, instruction, earlier.map(|id| id.0), tx.now.0],
    )?;
    tx.touched(conversation);
    Ok(())
}

/// The approved message was taken back: the proposal awaits a decision again, unless it is stale by now.
pub(in super::super) fn taken_back(
    tx: &Tx<'_>,
    id: ProposalId,
    decision: Option<i64>,
) -> Result<()> {
    tx.run(
        "UPDATE decision SET taken_back = 1 WHERE id = ?1",
        [decision],
    )?;
    let Some(found) = row::find(tx, id)? else {
        return Ok(());
    };
    let proposal = found.proposal;
    if let Ok(next) = step(proposal.state, Event::TakenBack) {
        set(tx, id, next.state, "")?;
        tx.run(
            "UPDATE proposal SET outbox = NULL, decided_at = NULL WHERE id = ?1",
            [id.0],
        )?;
    }
    let conversation = queue::find(tx, proposal.conversation)?;
    let now = Now::read(tx, conversation, None)?;
    let hash = proposal.bound_hash();
    if let Err(Stale::Superseded(event)) = check(&proposal, &hash, &now.current(tx, &proposal)) {
        super::fact(tx, proposal.conversation, event)?;
    }
    Ok(())
}

/// Why an approved row may not leave any more, if so. The decision must stand, and what it was bound to be the same.
pub(in super::super) fn changed_since(
    tx: &Tx<'_>,
    id: ProposalId,
    row: &Row,
) -> Result<Option<String>> {
    let Some(found) = row::find(tx, id)? else {
        return Ok(Some("its approval is missing".to_owned()));
    };
    let proposal = found.proposal;
    let decided = tx.one(
        "SELECT verb, hash FROM decision WHERE id = ?1 AND proposal = ?2 AND taken_back = 0",
        params![row.decision, id.0],
        |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
    )?;
    let Some((verb, hash)) = decided else {
        return Ok(Some("its approval was taken back".to_owned()));
    };
    let bound = match verb.as_str() {
        "approve" => proposal.bound_hash() == hash && same_content(&proposal, &row.out),
        _ => row.hash == hash,
    };
    if !bound {
        return Ok(Some(
            "what would be sent is not what was approved".to_owned(),
        ));
    }
    let conversation = queue::find(tx, proposal.conversation)?;
    let now = Now::read(tx, conversation, row.message)?;
    let hash = proposal.bound_hash();
    // Approving itself may give the conversation to the approver or resolve it; what counts now is what the customer
    // and we have said.
    let mut current = now.current(tx, &proposal);
    current.status = proposal.base.status;
    current.assignee = proposal.base.assignee.as_deref();
    match check(&proposal, &hash, &current) {
        Ok(()) | Err(Stale::Superseded(Event::Expire)) => Ok(None),
        Err(stale) => Ok(Some(stale.to_string())),
    }
}

fn same_content(proposal: &Proposal, out: &Outgoing) -> bool {
    let shas = proposal.attachments.iter().map(|file| file.sha256.as_str());
    let proposed = content_hash(
        proposal.account.as_str(),
        proposal.channel,
        &proposal.recipients,
        &proposal.subject,
        &proposal.body,
        shas,
    );
    proposed == out.content_hash()
}
