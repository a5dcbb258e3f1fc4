//! What an assistant wrote leaves only by a person's decision, as seen, while what it answers is still so.

use crate::world::*;
use frontdesk::model::approval::Base;
use frontdesk::model::command::Refusal;
use frontdesk::model::event::Event;
use frontdesk::model::outgoing::hex;
use frontdesk::model::query::View;
use frontdesk::model::time::{DAY, HOUR};
use frontdesk::model::{
    AccountHealth, AccountState, Actor, Answer, Channel, Command, Confidence, ConversationId,
    GateResult, OutboxState, Proposal, ProposalId, ProposalState, Query, RejectReason, Status,
    Timestamp, Verdict,
};
use frontdesk::store::{DraftJob, Passage, PassageKind};
use sha2::{Digest, Sha256};

async fn jobs(world: &World) -> Vec<DraftJob> {
    world.store.wanting_draft(10).await.unwrap()
}

fn proposal(world: &World, job: &DraftJob, body: &str) -> Proposal {
    let head = job.messages.last().unwrap();
    Proposal {
        id: ProposalId(0),
        conversation: job.conversation.id,
        account: world.account.clone(),
        channel: job.conversation.channel,
        proposer: "passages@1".to_owned(),
        created_at: Timestamp(0),
        base: Base {
            head: head.id,
            head_hash: hex(&Sha256::digest(head.body.as_bytes())),
            last_inbound: job.reply.answers.unwrap(),
            status: job.conversation.status,
            assignee: job.conversation.assignee.clone(),
        },
        from: None,
        recipients: job.reply.recipients.clone(),
        subject: job.reply.subject.clone(),
        body: body.to_owned(),
        attachments: Vec::new(),
        confidence: Confidence::Standard,
        score: 0.7,
        score_because: "two passages".to_owned(),
        topic: "repair".to_owned(),
        language: "en".to_owned(),
        evidence: Vec::new(),
        unsupported: Vec::new(),
        promises: Vec::new(),
        gates: Vec::new(),
        policy_version: 1,
        expires_at: None,
        due_at: None,
        window_closes_at: None,
        state: ProposalState::Proposed,
        decision: None,
        outbox: None,
        earlier: None,
    }
}

/// A world with one mail and a pending proposal that answers it.
async fn pending() -> (World, ConversationId, Proposal) {
    let world = World::new().await;
    world
        .mail(mail(1, "a@b.example", "Lamp broke", "it broke"))
        .await;
    let job = jobs(&world).await.remove(0);
    let made = proposal(&world, &job, "We send a new one.");
    world.store.propose(made).await.unwrap().unwrap();
    let shown = waiting(&world).await.remove(0);
    (world, job.conversation.id, shown)
}

/// A pending proposal that answers a conversation.
pub async fn proposed(world: &World, id: ConversationId) -> Proposal {
    let jobs = jobs(world).await;
    let job = jobs.iter().find(|job| job.conversation.id == id).unwrap();
    let made = proposal(world, job, "We send a new one.");
    world.store.propose(made).await.unwrap().unwrap();
    let all = waiting(world).await;
    all.into_iter().find(|one| one.conversation == id).unwrap()
}

async fn waiting(world: &World) -> Vec<Proposal> {
    match world
        .store
        .answer(Query::Approvals { limit: 10 })
        .await
        .unwrap()
    {
        Answer::Approvals(list) => list.into_iter().map(|(proposal, _)| proposal).collect(),
        other => panic!("{other:?}"),
    }
}

pub fn approve(proposal: &Proposal) -> Command {
    Command::Approve {
        id: proposal.id,
        hash: proposal.bound_hash(),
        hold_ms: 8_000,
    }
}

async fn claims(world: &World) -> bool {
    world.clock.advance(HOUR);
    let at = Timestamp(i64::MAX);
    world.store.outbox_claim(at, None).await.unwrap().is_some()
}

#[tokio::test]
async fn approved_it_leaves_as_shown_and_once() {
    let (world, id, shown) = pending().await;
    assert_eq!(world.counts().await.approvals, 1);
    assert!(
        jobs(&world).await.is_empty(),
        "each head is asked about once"
    );
    let outcome = world.ok(approve(&shown)).await;
    assert_eq!(outcome.held_until, Some(Timestamp(START + 8_000)));
    assert_eq!(world.counts().await.approvals, 0);
    let ken = Actor::Agent("ken".to_owned());
    let late = world
        .store
        .apply(&ken, approve(&shown))
        .await
        .unwrap_err()
        .to_string();
    assert!(late.contains("already approved by mia"), "{late}");
    world.clock.advance(8_000);
    let row = &world.outbox().await[0];
    assert_eq!(row.out.proposal, Some(shown.id));
    assert_eq!(row.out.author, "mia");
    assert_eq!(row.out.in_reply_to.as_deref(), Some("1@cust.example"));
    assert!(row.out.reference.ends_with("@desk.example"));
    assert!(claims(&world).await);
    assert_eq!(world.messages(id).await.len(), 2);
}

#[tokio::test]
async fn only_what_was_seen() {
    let (world, _, shown) = pending().await;
    let mut other = approve(&shown);
    if let Command::Approve { hash, .. } = &mut other {
        hash.replace_range(..1, "x");
    }
    assert_eq!(world.refused(other).await, Refusal::HashMismatch);
    let machine = Actor::Assistant("passages@1".to_owned());
    let refused = world
        .store
        .apply(&machine, approve(&shown))
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("a person must"), "{refused}");
    assert_eq!(waiting(&world).await.len(), 1);
}

#[tokio::test]
async fn what_changed_since_supersedes_it() {
    for what in 0..6 {
        let (world, id, shown) = pending().await;
        let ids = vec![id];
        let state = match what {
            0 => {
                world
                    .mail(answer(2, "a@b.example", "Re: Lamp broke", &[1]))
                    .await;
                ProposalState::Superseded
            }
            1 => {
                world.reply(id, "I answer myself").await;
                ProposalState::Withdrawn
            }
            2 => {
                world.ok(Command::Resolve { ids }).await;
                ProposalState::Superseded
            }
            3 => {
                world
                    .ok(Command::Assign {
                        ids,
                        to: Some("ken".to_owned()),
                    })
                    .await;
                ProposalState::Superseded
            }
            4 => {
                let remote = mail(1, "x", "", "").remote;
                let (text, at) = ("it works again".to_owned(), Timestamp(START));
                world.ingest(vec![Event::Edited { remote, text, at }]).await;
                ProposalState::Superseded
            }
            _ => {
                world.ok(Command::Spam { ids, on: true }).await;
                ProposalState::Superseded
            }
        };
        assert!(waiting(&world).await.is_empty(), "{what}");
        let refusal = world.refused(approve(&shown)).await;
        match refusal {
            Refusal::NotPending {
                state: found,
                because,
            } => {
                assert_eq!(found, state.name(), "{what}");
                assert!(!because.is_empty());
            }
            other => panic!("{what}: {other:?}"),
        }
    }
}

/// Rule 2: who is meant is another by then, also where the merge is made by itself, taken apart, or undone.
#[tokio::test]
async fn a_merge_of_its_contact_supersedes_it_and_a_split_does_too() {
    use crate::people::{chat, desk, merge, with};
    use frontdesk::model::Channel;
    for what in 0..4 {
        let world = desk().await;
        let by_itself = what == 3;
        world
            .mail(chat(1, Channel::Sms, "+15550009999", by_itself))
            .await;
        let sms = with(&world, Channel::Sms, "+15550009999").await;
        if !by_itself {
            world.mail(mail(2, "a@b.example", "Lamp", "it broke")).await;
        }
        let other = if by_itself {
            sms
        } else {
            with(&world, Channel::Email, "a@b.example").await
        };
        let mut outcome = None;
        if matches!(what, 1 | 2) {
            outcome = Some(merge(&world, sms, other).await);
        }
        let shown = proposed(&world, sms).await;
        match what {
            0 => drop(merge(&world, sms, other).await),
            1 => drop(
                world
                    .ok(Command::Undo {
                        id: outcome.unwrap().journal,
                    })
                    .await,
            ),
            2 => {
                let merge = world.detail(sms).await.contact.merges[0].id;
                world.ok(Command::SplitContact { merge }).await;
            }
            _ => {
                let same = chat(3, Channel::Whatsapp, "+15550009999", true);
                world.mail(same).await;
                assert_eq!(world.detail(sms).await.contact.merges.len(), 1);
            }
        }
        let all = waiting(&world).await;
        assert!(all.iter().all(|one| one.id != shown.id), "{what}");
        for command in [
            approve(&shown),
            Command::ApproveEdited {
                id: shown.id,
                hash: shown.bound_hash(),
                subject: shown.subject.clone(),
                body: "My own words".to_owned(),
                recipients: shown.recipients.clone(),
                hold_ms: 0,
            },
        ] {
            match world.refused(command).await {
                Refusal::NotPending { state, because } => {
                    assert_eq!(state, ProposalState::Superseded.name(), "{what}");
                    assert!(because.contains("merged"), "{what}: {because}");
                }
                other => panic!("{what}: {other:?}"),
            }
        }
        assert!(world.outbox().await.is_empty());
    }
}

#[tokio::test]
async fn looked_at_again_before_it_leaves() {
    let (world, _, shown) = pending().await;
    world.ok(approve(&shown)).await;
    // The customer writes during the hold; the message's time is before the approval.
    world
        .mail(answer(2, "a@b.example", "Re: Lamp broke", &[1]))
        .await;
    assert!(!claims(&world).await);
    let row = &world.outbox().await[0];
    assert_eq!(row.state, OutboxState::Attention);
    assert!(row.reason.as_deref().unwrap().contains("moved on"));
    let id = row.out.id;
    let refusal = world.refused(Command::RetrySend { id }).await;
    assert!(refusal.to_string().contains("approve another"), "{refusal}");
    // Taken back, it is superseded, not pending: its base is gone.
    world.ok(Command::CancelSend { id }).await;
    assert!(waiting(&world).await.is_empty());
    assert_eq!(
        jobs(&world).await.len(),
        1,
        "the new message wants a draft of its own"
    );
}

#[tokio::test]
async fn an_old_mail_that_comes_late_changes_nothing() {
    let (world, _, shown) = pending().await;
    world.ok(approve(&shown)).await;
    world
        .mail(answer(-5, "a@b.example", "Re: Lamp broke", &[1]))
        .await;
    assert!(claims(&world).await);
}

#[tokio::test]
async fn taken_back_it_awaits_a_decision_again() {
    let (world, id, shown) = pending().await;
    world.ok(approve(&shown)).await;
    world.undo().await;
    let again = waiting(&world).await.remove(0);
    assert_eq!(again.bound_hash(), shown.bound_hash());
    assert_eq!(again.decision, None);
    assert_eq!(world.messages(id).await.len(), 1);
    // And can be approved again: the first row does not count.
    world.ok(approve(&again)).await;
    assert!(claims(&world).await);
    assert_eq!(world.number("SELECT count(*) FROM decision"), 2);
}

fn reject(proposal: &Proposal) -> Command {
    Command::Reject {
        id: proposal.id,
        reason: RejectReason::Tone,
        words: String::new(),
    }
}

#[tokio::test]
async fn a_rejection_is_taken_back_as_long_as_the_draft_answers_what_is_there() {
    let (world, id, shown) = pending().await;
    assert!(world.ok(reject(&shown)).await.undoable);
    assert!(waiting(&world).await.is_empty());
    world.undo().await;
    let again = waiting(&world).await.remove(0);
    assert_eq!(again.bound_hash(), shown.bound_hash());
    assert_eq!(again.decision, None);
    // The customer writes: it stays turned down, and says why.
    world.ok(reject(&again)).await;
    world
        .mail(answer(2, "a@b.example", "Re: Lamp broke", &[1]))
        .await;
    let refused = world.refused(Command::Undo { id: None }).await.to_string();
    assert!(refused.contains("the customer wrote again"), "{refused}");
    // And another that took its place is not pushed aside.
    let job = jobs(&world).await.remove(0);
    let made = proposal(&world, &job, "Really.");
    world.store.propose(made).await.unwrap().unwrap();
    let second = waiting(&world).await.remove(0);
    // What was turned down is still there to compare with.
    let asked = Query::Proposal { id: second.id };
    match world.store.answer(asked).await.unwrap() {
        Answer::Proposal { proposal, before } => {
            let before = before.unwrap();
            assert_eq!((proposal.id, before.id), (second.id, shown.id));
            assert_eq!(before.state, ProposalState::Rejected);
            assert_eq!(before.decision.unwrap().reason, Some(RejectReason::Tone));
        }
        other => panic!("{other:?}"),
    }
    world.ok(reject(&second)).await;
    world
        .ok(Command::AskDraft {
            conversation: id,
            instruction: "kinder".to_owned(),
        })
        .await;
    let job = jobs(&world).await.remove(0);
    let made = proposal(&world, &job, "Really, dear.");
    world.store.propose(made).await.unwrap().unwrap();
    let refused = world.refused(Command::Undo { id: None }).await.to_string();
    assert!(refused.contains("another draft waits"), "{refused}");
    assert_eq!(waiting(&world).await.remove(0).body, "Really, dear.");
    assert!(!claims(&world).await, "nothing was approved");
}

#[tokio::test]
async fn a_blocked_one_that_was_rejected_comes_back_blocked() {
    let (world, id, _) = pending().await;
    world
        .mail(answer(2, "a@b.example", "Re: Lamp broke", &[1]))
        .await;
    let job = jobs(&world).await.remove(0);
    let mut made = proposal(&world, &job, "Sue us.");
    made.gates = vec![GateResult {
        gate: "legal".to_owned(),
        verdict: Verdict::Block,
        reason: "speaks of law".to_owned(),
        version: 1,
    }];
    world.store.propose(made).await.unwrap().unwrap();
    let blocked = world.detail(id).await.proposal.unwrap();
    world.ok(reject(&blocked)).await;
    world.undo().await;
    let again = world.detail(id).await.proposal.unwrap();
    assert_eq!(again.state, ProposalState::Blocked);
    assert!(matches!(
        world.refused(approve(&again)).await,
        Refusal::Gate { .. }
    ));
}

#[tokio::test]
async fn edited_it_is_the_agents_text_and_still_the_same_conversation() {
    let (world, id, shown) = pending().await;
    let edited = Command::ApproveEdited {
        id: shown.id,
        hash: shown.bound_hash(),
        subject: shown.subject.clone(),
        body: "We send two new ones.".to_owned(),
        recipients: shown.recipients.clone(),
        hold_ms: 8_000,
    };
    world.ok(edited).await;
    assert_eq!(world.outbox().await[0].out.body, "We send two new ones.");
    world.undo().await;
    // The agent's words are kept as a draft of the agent's own.
    let detail = world.detail(id).await;
    assert_eq!(detail.drafts[0].body, "We send two new ones.");
    assert_eq!(detail.proposal.unwrap().state, ProposalState::Pending);
}

#[tokio::test]
async fn a_blocked_one_cannot_be_approved() {
    let world = World::new().await;
    world
        .mail(mail(1, "a@b.example", "Lamp broke", "it broke"))
        .await;
    let job = jobs(&world).await.remove(0);
    let mut made = proposal(&world, &job, "Sue us.\u{1b}[2J");
    made.gates = vec![GateResult {
        gate: "legal".to_owned(),
        verdict: Verdict::Block,
        reason: "speaks of law".to_owned(),
        version: 1,
    }];
    world.store.propose(made).await.unwrap().unwrap();
    assert!(waiting(&world).await.is_empty());
    let shown = world.detail(job.conversation.id).await.proposal.unwrap();
    assert_eq!(shown.state, ProposalState::Blocked);
    assert!(!shown.body.contains('\u{1b}'));
    assert!(matches!(
        world.refused(approve(&shown)).await,
        Refusal::Gate { .. }
    ));
    let reject = Command::Reject {
        id: shown.id,
        reason: RejectReason::Policy,
        words: "never".to_owned(),
    };
    world.ok(reject.clone()).await;
    assert!(matches!(
        world.refused(reject).await,
        Refusal::AlreadyDecided { .. }
    ));
}

#[tokio::test]
async fn a_late_draft_joins_or_goes() {
    let world = World::new().await;
    world
        .mail(mail(1, "a@b.example", "Lamp broke", "it broke"))
        .await;
    let job = jobs(&world).await.remove(0);
    let made = proposal(&world, &job, "late");
    // The customer wrote meanwhile.
    world
        .mail(answer(2, "a@b.example", "Re: Lamp broke", &[1]))
        .await;
    assert_eq!(world.store.propose(made).await.unwrap(), None);
    // A person has begun to write.
    let job = jobs(&world).await.remove(0);
    let draft = world.draft(job.conversation.id, "hello").await;
    world.ok(Command::SaveDraft(Box::new(draft))).await;
    assert!(jobs(&world).await.is_empty());
    let made = proposal(&world, &job, "late");
    assert_eq!(world.store.propose(made.clone()).await.unwrap(), None);
    // Asked for, it comes nevertheless.
    let ask = Command::AskDraft {
        conversation: job.conversation.id,
        instruction: "short".to_owned(),
    };
    world.ok(ask).await;
    let asked = jobs(&world).await.remove(0);
    assert_eq!(asked.instruction.as_deref(), Some("short"));
    let id = world.store.propose(made).await.unwrap().unwrap();
    let redraft = Command::Redraft {
        id,
        instruction: "longer".to_owned(),
    };
    world.ok(redraft).await;
    let again = jobs(&world).await.remove(0);
    assert_eq!(
        (again.instruction.as_deref(), again.earlier),
        (Some("longer"), Some(id))
    );
    let head = again.reply.head.unwrap();
    let nothing = "no passage fits".to_owned();
    world
        .store
        .no_proposal(job.conversation.id, head, nothing)
        .await
        .unwrap();
    assert!(jobs(&world).await.is_empty());
}

#[tokio::test]
async fn they_expire_and_are_ordered_by_what_presses() {
    let world = World::new().await;
    for n in 1..4 {
        let subject = format!("Matter number {n}");
        world
            .mail(mail(n, &format!("{n}@b.example"), &subject, "x"))
            .await;
    }
    for (job, due) in jobs(&world).await.iter().zip([3, 1, 2]) {
        let mut made = proposal(&world, job, "text");
        made.due_at = Some(Timestamp(START + due * HOUR));
        made.expires_at = Some(Timestamp(START + due * DAY));
        made.topic = due.to_string();
        world.store.propose(made).await.unwrap().unwrap();
    }
    let order: Vec<String> = waiting(&world).await.into_iter().map(|p| p.topic).collect();
    assert_eq!(order, ["1", "2", "3"]);
    let first = Some(Timestamp(START + DAY));
    assert_eq!(
        world
            .store
            .due_housekeeping(Timestamp(START))
            .await
            .unwrap(),
        first
    );
    world.clock.advance(DAY);
    let next = world
        .store
        .due_housekeeping(Timestamp(START + DAY))
        .await
        .unwrap();
    assert_eq!(next, Some(Timestamp(START + 2 * DAY)));
    assert_eq!(waiting(&world).await.len(), 2);
}

#[tokio::test]
async fn nothing_is_drafted_while_the_past_of_its_account_comes_in_but_what_was_asked_for() {
    let world = World::new().await;
    world
        .mail(mail(1, "a@b.example", "Lamp broke", "it broke"))
        .await;
    let id = jobs(&world).await.remove(0).conversation.id;
    let health = |state| AccountHealth {
        state,
        account: world.account.clone(),
        provider: "email".to_owned(),
        channels: vec![Channel::Email],
        last_proof: None,
        last_event: None,
        retry_at: None,
        error: None,
        remedy: None,
        behind: 9,
        gaps: Vec::new(),
        lag_ms: None,
        past: None,
        budgets: Vec::new(),
    };
    world
        .store
        .set_health(health(AccountState::Catching))
        .await
        .unwrap();
    assert!(world.store.is_catching_up().await.unwrap());
    assert!(jobs(&world).await.is_empty());
    world
        .ok(Command::AskDraft {
            conversation: id,
            instruction: String::new(),
        })
        .await;
    assert_eq!(jobs(&world).await.len(), 1);
    world
        .store
        .set_health(health(AccountState::Ok))
        .await
        .unwrap();
    assert!(!world.store.is_catching_up().await.unwrap());
    assert_eq!(jobs(&world).await.len(), 1);
}

#[tokio::test]
async fn passages_and_past_answers() {
    let world = World::new().await;
    let passage = |name: &str, text: &str| Passage {
        name: name.to_owned(),
        heading: "Refunds".to_owned(),
        text: text.to_owned(),
        address: format!("knowledge/{name}.md"),
        ..Passage::default()
    };
    let put = |list: Vec<Passage>, kind| world.store.put_passages("files".to_owned(), kind, list);
    put(
        vec![
            passage("a", "A refund takes five days."),
            passage("b", "We open at nine."),
        ],
        PassageKind::Knowledge,
    )
    .await
    .unwrap();
    put(
        vec![passage("a", "A refund takes three days.")],
        PassageKind::Knowledge,
    )
    .await
    .unwrap();
    put(
        vec![passage(
            "refund",
            "Dear {{name}}, your refund is on its way.",
        )],
        PassageKind::Canned,
    )
    .await
    .unwrap();
    let hostile = "how long does my refund take? \" OR * NEAR( AND NOT -x :: ' ; DROP";
    let found = world.store.find_passages(hostile, 5).await.unwrap();
    let texts: Vec<&str> = found.iter().map(|f| f.passage.text.as_str()).collect();
    assert_eq!(found.len(), 2, "{texts:?}");
    assert!(texts.contains(&"A refund takes three days."));
    match world
        .store
        .answer(Query::Canned {
            text: "ref".to_owned(),
        })
        .await
        .unwrap()
    {
        Answer::Canned(list) => assert_eq!(list[0].name, "refund"),
        other => panic!("{other:?}"),
    }
    // What an agent answered is found by the question.
    world
        .mail(mail(
            1,
            "a@b.example",
            "Lamp broke",
            "the warranty of my lamp, please",
        ))
        .await;
    let id = world.list(View::All).await.rows[0].1.id;
    world.reply(id, "Two years from the day of sale.").await;
    world.clock.advance(HOUR);
    let claimed = world
        .store
        .outbox_claim(Timestamp(i64::MAX), None)
        .await
        .unwrap()
        .unwrap();
    let receipt = frontdesk::model::Receipt {
        provider_id: None,
        at: Timestamp(START + HOUR),
        detail: None,
        refused: Vec::new(),
    };
    let sent = frontdesk::store::SendResult::Sent(receipt);
    world
        .store
        .outbox_finish(claimed.row.out.id, claimed.fence, sent)
        .await
        .unwrap();
    let found = world
        .store
        .find_passages("warranty for a lamp?", 5)
        .await
        .unwrap();
    assert_eq!(found[0].kind, PassageKind::PastAnswer);
    assert_eq!(found[0].passage.text, "Two years from the day of sale.");
    assert_eq!(found[0].passage.address, format!("#{id}"));
    assert_eq!(world.conversation(id).await.status, Status::Open);
}

#[tokio::test]
async fn an_approval_is_refused_when_answers_go_elsewhere_or_the_customer_opted_out() {
    let (world, _, shown) = pending().await;
    world
        .ingest(vec![Event::Consent {
            address: "a@b.example".to_owned(),
            channel: frontdesk::model::Channel::Email,
            opted_out: true,
            at: Timestamp(START),
        }])
        .await;
    let refusal = world.refused(approve(&shown)).await;
    assert!(matches!(refusal, Refusal::OptedOut { .. }), "{refusal:?}");

    let (world, _, shown) = pending().await;
    // A fuller report of the same mail told where its sender wants answers.
    world
        .sql()
        .execute(
            "UPDATE message SET people = json_set(coalesce(people, '{}'), '$.reply_to',
               json('{\"address\": \"eve@b.example\"}'))",
            [],
        )
        .unwrap();
    let refusal = world.refused(approve(&shown)).await;
    assert!(
        refusal.to_string().contains("recipients changed"),
        "{refusal}"
    );
    assert!(waiting(&world).await.is_empty());
    assert!(world.outbox().await.is_empty());
}

#[tokio::test]
async fn an_approved_answer_stops_when_answers_go_elsewhere_before_it_leaves() {
    let (world, _, shown) = pending().await;
    world.ok(approve(&shown)).await;
    world
        .sql()
        .execute(
            "UPDATE message SET people = json_set(coalesce(people, '{}'), '$.reply_to',
               json('{\"address\": \"eve@b.example\"}')) WHERE direction = 'inbound'",
            [],
        )
        .unwrap();
    assert!(!claims(&world).await);
    let row = world.outbox().await.remove(0);
    assert_eq!(row.state, OutboxState::Attention);
    assert!(row.reason.unwrap().contains("eve@b.example"));
}
