//! What leaves: frozen when queued, looked at again when it leaves, once.

use crate::world::*;
use frontdesk::model::command::{Refusal, Settled};
use frontdesk::model::event::{Event, RemoteChange};
use frontdesk::model::query::View;
use frontdesk::model::time::{DAY, HOUR};
use frontdesk::model::{
    Channel, Command, ConversationId, DeliveryState, Direction, DraftKind, OutboxState, Receipt,
    Status, Timestamp,
};
use frontdesk::store::{Claimed, SendResult};

async fn world() -> (World, ConversationId) {
    let world = World::new().await;
    world
        .mail(mail(1, "a@b.example", "Lamp broke", "it broke"))
        .await;
    let id = world.list(View::All).await.rows[0].1.id;
    (world, id)
}

fn now(world: &World) -> Timestamp {
    use frontdesk::model::Clock;
    world.clock.now()
}

async fn claim(world: &World) -> Option<Claimed> {
    world.store.outbox_claim(now(world), None).await.unwrap()
}

async fn finish(world: &World, claimed: &Claimed, result: SendResult) {
    let id = claimed.row.out.id;
    world
        .store
        .outbox_finish(id, claimed.fence, result)
        .await
        .unwrap();
}

fn receipt(world: &World) -> SendResult {
    SendResult::Sent(Receipt {
        provider_id: Some("p-1".to_owned()),
        at: now(world),
        detail: None,
        refused: vec![("x@y.example".to_owned(), "no\u{1b}".to_owned())],
    })
}

#[tokio::test]
async fn a_reply_is_held_then_sent_once() {
    let (world, id) = world().await;
    let outcome = world.reply(id, "a new one is on its way").await;
    assert_eq!(outcome.held_until, Some(now(&world) + 8_000));
    assert_eq!(outcome.says, "held for 8 s");
    let conversation = world.conversation(id).await;
    assert_eq!((conversation.unsent, conversation.waiting_since), (1, None));
    assert_eq!(world.counts().await.held, 1);
    assert!(claim(&world).await.is_none());
    assert_eq!(
        world.store.outbox_next_due().await.unwrap(),
        outcome.held_until
    );
    world.clock.advance(8_000);
    let claimed = claim(&world).await.unwrap();
    assert_eq!(claimed.row.state, OutboxState::Sending);
    assert_eq!((claimed.row.attempts, claimed.fence), (1, 1));
    let out = &claimed.row.out;
    assert_eq!(out.recipients.to[0].address, "a@b.example");
    assert_eq!(out.subject, "Re: Lamp broke");
    assert_eq!(out.in_reply_to.as_deref(), Some(id_of(1).as_str()));
    assert_eq!(out.references, [id_of(1)]);
    assert!(claim(&world).await.is_none(), "nobody else gets it");
    // Too late to take back, and that is told once.
    assert!(matches!(
        world.refused(Command::Undo { id: None }).await,
        Refusal::TooLate { .. }
    ));
    let nothing = world.refused(Command::Undo { id: None }).await;
    assert_eq!(nothing.to_string(), "there is nothing to take back");
    finish(&world, &claimed, receipt(&world)).await;
    let row = &world.outbox().await[0];
    assert_eq!(row.state, OutboxState::Sent);
    let messages = world.messages(id).await;
    let ours = messages
        .iter()
        .find(|m| m.direction == Direction::Outbound)
        .unwrap();
    let delivery = ours.delivery.clone().unwrap();
    assert_eq!(delivery.state, DeliveryState::Sent);
    assert!(!delivery.detail.unwrap().contains('\u{1b}'));
    // The provider is told that it was answered.
    let told = world
        .store
        .remote_changes(&world.account, 10)
        .await
        .unwrap();
    assert!(matches!(
        &told[0].1,
        RemoteChange::Flags {
            answered: Some(true),
            ..
        }
    ));
    world
        .store
        .remote_change_done(told[0].0, None)
        .await
        .unwrap();
    assert!(
        world
            .store
            .remote_changes(&world.account, 10)
            .await
            .unwrap()
            .is_empty()
    );
    // The copy in Sent is the same message.
    let mut copy = mail(
        2,
        "care@desk.example",
        "Re: Lamp broke",
        "a new one is on its way",
    );
    copy.direction = Direction::Outbound;
    copy.own_reference = Some(out.reference.clone());
    copy.thread.message_id = Some(out.reference.clone());
    let done = world.mail(copy).await;
    assert_eq!((done.new, done.duplicates), (0, 1));
    // A listing of a vendor that keeps no reference of ours names it by the id of the receipt.
    let mut listed = mail(3, "care@desk.example", "", "a new one is on its way");
    listed.direction = Direction::Outbound;
    listed.own_reference = Some("p-1".to_owned());
    let done = world.mail(listed).await;
    assert_eq!((done.new, done.duplicates), (0, 1));
    assert_eq!(world.messages(id).await.len(), 2);
}

fn id_of(n: i64) -> String {
    id(n)
}

#[tokio::test]
async fn undo_within_the_hold_brings_the_draft_back() {
    let (world, id) = world().await;
    let mut draft = world.draft(id, "a new one").await;
    draft.id = world
        .ok(Command::SaveDraft(Box::new(draft.clone())))
        .await
        .draft;
    assert!(world.conversation(id).await.has_draft);
    let mut queued = queue(draft.clone());
    queued.resolve = true;
    world.ok(Command::Queue(Box::new(queued))).await;
    let conversation = world.conversation(id).await;
    assert_eq!(
        (conversation.has_draft, conversation.status),
        (false, Status::Resolved)
    );
    assert_eq!(world.messages(id).await.len(), 2);
    world.undo().await;
    let detail = world.detail(id).await;
    assert_eq!(detail.conversation.status, Status::Open);
    assert_eq!(detail.drafts[0].body, "a new one");
    assert_eq!(detail.conversation.unsent, 0);
    assert!(detail.conversation.waiting_since.is_some());
    assert_eq!(world.messages(id).await.len(), 1);
    assert_eq!(world.outbox().await[0].state, OutboxState::Cancelled);
    world.clock.advance(HOUR);
    assert!(claim(&world).await.is_none());
    // The draft can be queued again as it is.
    let draft = detail.drafts[0].clone();
    world.ok(Command::Queue(Box::new(queue(draft)))).await;
}

#[tokio::test]
async fn what_was_not_seen_is_not_sent() {
    let (world, id) = world().await;
    let draft = world.draft(id, "hello").await;
    let mut other = queue(draft.clone());
    other.draft.body.push('!');
    assert_eq!(
        world.refused(Command::Queue(Box::new(other))).await,
        Refusal::HashMismatch
    );
    world
        .mail(answer(2, "a@b.example", "Re: Lamp broke", &[1]))
        .await;
    let head = head(&world.conversation(id).await);
    assert_eq!(
        world
            .refused(Command::Queue(Box::new(queue(draft.clone()))))
            .await,
        Refusal::Moved { head, count: 1 }
    );
    let mut seen = queue(draft.clone());
    seen.seen_head = Some(head);
    world.ok(Command::Queue(Box::new(seen.clone()))).await;
    let twice = world.refused(Command::Queue(Box::new(seen))).await;
    assert!(twice.to_string().contains("already"), "{twice}");
    let mut note = draft.clone();
    note.kind = DraftKind::Note;
    let refusal = world.refused(Command::Queue(Box::new(queue(note)))).await;
    assert!(refusal.to_string().contains("never leaves"));
    let mut nobody = draft;
    nobody.recipients.to.clear();
    world.refused(Command::Queue(Box::new(queue(nobody)))).await;
}

#[tokio::test]
async fn a_closed_window_takes_nothing() {
    let (world, _) = world().await;
    let mut message = mail(2, "+49170", "", "hi");
    message.channel = Channel::Whatsapp;
    message.window_ms = Some(DAY);
    message.received_at = now(&world);
    world.mail(message).await;
    let id = world.list(View::Channel(Channel::Whatsapp)).await.rows[0]
        .1
        .id;
    let draft = world.draft(id, "hello").await;
    let mut late = queue(draft.clone());
    late.not_before = Some(now(&world) + 2 * DAY);
    world.refused(Command::Queue(Box::new(late))).await;
    let mut later = queue(draft.clone());
    later.not_before = Some(now(&world) + HOUR);
    let outcome = world.ok(Command::Queue(Box::new(later))).await;
    assert_eq!(outcome.held_until, Some(now(&world) + HOUR));
    // It was queued in time, and stopped for a day (the machine slept): it does not leave any more.
    world.clock.advance(DAY + 1);
    assert!(claim(&world).await.is_none());
    let row = &world.outbox().await[0];
    assert_eq!(row.state, OutboxState::Attention);
    assert!(row.reason.as_deref().unwrap().contains("window closed"));
    assert_eq!(world.counts().await.failed, 1);
    let draft = world.draft(id, "hello").await;
    assert!(matches!(
        world.refused(Command::Queue(Box::new(queue(draft)))).await,
        Refusal::WindowClosed { .. }
    ));
}

#[tokio::test]
async fn only_if_the_customer_stays_silent() {
    for writes in [false, true] {
        let (world, id) = world().await;
        let mut later = queue(world.draft(id, "still there?").await);
        later.unless_reply = true;
        later.not_before = Some(now(&world) + DAY);
        world.ok(Command::Queue(Box::new(later))).await;
        if writes {
            let mut reply = answer(2, "a@b.example", "Re: Lamp broke", &[1]);
            reply.received_at = now(&world) + HOUR;
            world.clock.advance(HOUR);
            world.mail(reply).await;
        }
        world.clock.advance(DAY);
        assert_eq!(claim(&world).await.is_some(), !writes);
        let detail = world.detail(id).await;
        assert_eq!(detail.drafts.len(), usize::from(writes));
        if writes {
            assert_eq!(world.outbox().await[0].state, OutboxState::Cancelled);
        }
    }
}

#[tokio::test]
async fn an_answer_by_a_clock_behind_ours_is_an_answer() {
    for (behind, counts) in [(900, true), (60_000, true), (DAY, false)] {
        let (world, id) = world().await;
        world.clock.advance(2 * DAY);
        let first = queue(world.draft(id, "a picture, please").await);
        world.ok(Command::Queue(Box::new(first))).await;
        world.clock.advance(HOUR);
        let claimed = claim(&world).await.unwrap();
        finish(&world, &claimed, receipt(&world)).await;
        let mut later = queue(world.draft(id, "still there?").await);
        later.reference = "later@desk.example".to_owned();
        later.unless_reply = true;
        later.not_before = Some(now(&world) + DAY);
        world.ok(Command::Queue(Box::new(later))).await;
        let mut reply = answer(2, "a@b.example", "Re: Lamp broke", &[1]);
        reply.received_at = now(&world) - behind;
        world.mail(reply).await;
        world.clock.advance(2 * DAY);
        assert_eq!(claim(&world).await.is_none(), counts, "{behind}");
    }
}

#[tokio::test]
async fn an_answer_stands_after_what_it_answers_and_proves_that_it_left() {
    let (world, id) = world().await;
    world.clock.advance(HOUR);
    let first = queue(world.draft(id, "a picture, please").await);
    let reference = first.reference.clone();
    world.ok(Command::Queue(Box::new(first))).await;
    world.clock.advance(HOUR);
    let claimed = claim(&world).await.unwrap();
    let reason = "the line dropped".to_owned();
    finish(&world, &claimed, SendResult::Unknown { reason }).await;
    assert_eq!(world.outbox().await[0].state, OutboxState::Unknown);
    let mut reply = answer(2, "a@b.example", "Re: Lamp broke", &[1]);
    reply.thread.in_reply_to = vec![reference.clone()];
    reply.thread.references.push(reference);
    reply.received_at = now(&world) - HOUR - 900;
    world.mail(reply).await;
    assert_eq!(world.outbox().await[0].state, OutboxState::Sent);
    let messages = world.messages(id).await;
    let directions: Vec<_> = messages.iter().map(|message| message.direction).collect();
    assert_eq!(
        directions,
        [Direction::Inbound, Direction::Outbound, Direction::Inbound]
    );
    let conversation = world.detail(id).await.conversation;
    assert!(
        conversation.waiting_since.is_some(),
        "the customer waits again"
    );
    assert_eq!(conversation.head, Some(messages[2].id));
}

#[tokio::test]
async fn an_opt_out_while_it_is_held_stops_it() {
    let (world, id) = world().await;
    world.reply(id, "buy more").await;
    let stop = Event::Consent {
        address: "a@b.example".to_owned(),
        channel: Channel::Email,
        opted_out: true,
        at: now(&world),
    };
    world.ingest(vec![stop]).await;
    world.clock.advance(HOUR);
    assert!(claim(&world).await.is_none());
    assert_eq!(world.outbox().await[0].state, OutboxState::Attention);
    assert_eq!(world.conversation(id).await.failures, 1);
    let id = world.outbox().await[0].out.id;
    world.ok(Command::CancelSend { id }).await;
    assert_eq!(world.outbox().await[0].state, OutboxState::Cancelled);
}

#[tokio::test]
async fn tries_end_as_they_end() {
    let (world, id) = world().await;
    world.reply(id, "hello").await;
    world.clock.advance(8_000);
    let first = claim(&world).await.unwrap();
    let at = now(&world) + 60_000;
    let reason = "421 busy\u{1b}[2J".to_owned();
    finish(&world, &first, SendResult::Retry { at, reason }).await;
    let row = &world.outbox().await[0];
    assert_eq!((row.state, row.due_at), (OutboxState::Retry, Some(at)));
    assert!(!row.reason.as_deref().unwrap().contains('\u{1b}'));
    assert!(claim(&world).await.is_none());
    world.clock.advance(60_000);
    let second = claim(&world).await.unwrap();
    assert_eq!((second.row.attempts, second.fence), (2, 2));
    assert_eq!(second.first_try, first.first_try);
    assert_eq!(second.row.out.reference, first.row.out.reference);
    // A void claim cannot change it.
    let reason = "late".to_owned();
    finish(&world, &first, SendResult::Failed { reason }).await;
    assert_eq!(world.outbox().await[0].state, OutboxState::Sending);
    let reason = "550 no".to_owned();
    finish(&world, &second, SendResult::Failed { reason }).await;
    let conversation = world.conversation(id).await;
    assert_eq!(conversation.failures, 1);
    assert!(
        conversation.waiting_since.is_some(),
        "a failed answer is none"
    );
    let id_row = second.row.out.id;
    world.ok(Command::RetrySend { id: id_row }).await;
    let third = claim(&world).await.unwrap();
    // Found in sending by the next engine; a look-up cannot tell.
    let stranded = world.store.outbox_stranded().await.unwrap();
    assert_eq!(stranded, vec![third.clone()]);
    let reason = "lost".to_owned();
    finish(&world, &third, SendResult::Unknown { reason }).await;
    assert_eq!(world.counts().await.unknown, 1);
    world.refused(Command::RetrySend { id: id_row }).await;
    world.refused(Command::CancelSend { id: id_row }).await;
    world
        .ok(Command::SettleUnknown {
            id: id_row,
            as_: Settled::SendAgain,
        })
        .await;
    let fourth = claim(&world).await.unwrap();
    world
        .store
        .outbox_requeue(id_row, fourth.fence)
        .await
        .unwrap();
    assert_eq!(world.outbox().await[0].state, OutboxState::Queued);
    let fifth = claim(&world).await.unwrap();
    finish(
        &world,
        &fifth,
        SendResult::Unknown {
            reason: "lost".to_owned(),
        },
    )
    .await;
    // Its copy turns up after all: proof wins.
    let mut copy = mail(2, "care@desk.example", "Re: Lamp broke", "hello");
    copy.direction = Direction::Outbound;
    copy.own_reference = Some(fifth.row.out.reference.clone());
    world.mail(copy).await;
    assert_eq!(world.outbox().await[0].state, OutboxState::Sent);
    assert_eq!(world.counts().await.unknown, 0);
    assert_eq!(world.messages(id).await.len(), 2);
}

#[tokio::test]
async fn the_first_message_begins_a_conversation_and_undo_ends_it() {
    let (world, id) = world().await;
    let mut draft = world.draft(id, "an offer").await;
    draft.kind = DraftKind::New;
    draft.conversation = None;
    draft.recipients = recipients("New@Cust.Example");
    draft.subject = "Your offer".to_owned();
    let saved = world.ok(Command::SaveDraft(Box::new(draft.clone()))).await;
    draft.id = saved.draft;
    world.ok(Command::Queue(Box::new(queue(draft)))).await;
    let page = world.list(View::Inbox).await;
    assert_eq!(page.rows.len(), 2);
    assert_eq!(page.rows[0].1.contact_address, "New@cust.example");
    world.undo().await;
    assert_eq!(world.list(View::Inbox).await.rows.len(), 1);
    assert_eq!(world.counts().await.drafts, 1);
}

#[tokio::test]
async fn a_forward_is_no_answer() {
    let (world, id) = world().await;
    let mut draft = world.draft(id, "please look").await;
    draft.kind = DraftKind::Forward;
    draft.recipients = recipients("workshop@desk.example");
    world.ok(Command::Queue(Box::new(queue(draft)))).await;
    assert!(world.conversation(id).await.waiting_since.is_some());
}

#[tokio::test]
async fn the_schema_refuses_what_must_never_happen() {
    let (world, id) = world().await;
    let body = "do not tell the customer".to_owned();
    world
        .ok(Command::Note {
            conversation: id,
            body,
        })
        .await;
    world.reply(id, "hello").await;
    let sql = world.sql();
    let note: i64 = sql
        .query_row(
            "SELECT id FROM message WHERE direction = 'note'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    for (statement, says) in [
        (format!("UPDATE outbox SET message = {note}"), "only an outbound message"),
        ("UPDATE message SET direction = 'outbound'".to_owned(), "keeps its direction"),
        ("UPDATE outbox SET data = '{}'".to_owned(), "frozen"),
        ("UPDATE outbox SET hash = 'x'".to_owned(), "frozen"),
        (
            "INSERT INTO outbox(account, channel, kind, origin, data, hash, reference, state, since)
             VALUES ('care', 'email', 'reply', 'assistant', '{}', 'x', 'r', 'queued', 0)"
                .to_owned(),
            "CHECK",
        ),
        (
            format!(
                "INSERT INTO outbox(account, channel, kind, origin, data, hash, reference, state, since, message)
                 VALUES ('care', 'email', 'reply', 'agent', '{{}}', 'x', 'r', 'queued', 0, {note})"
            ),
            "only an outbound message",
        ),
        (
            "INSERT INTO outbox(account, channel, kind, origin, data, hash, reference, state, since)
             SELECT account, channel, kind, origin, data, hash, reference, state, since FROM outbox"
                .to_owned(),
            "UNIQUE",
        ),
        ("UPDATE journal SET verb = 'x'".to_owned(), "append-only"),
        ("DELETE FROM journal".to_owned(), "append-only"),
    ] {
        let error = sql.execute_batch(&statement).unwrap_err().to_string();
        assert!(error.contains(says), "{statement}: {error}");
    }
}

#[tokio::test]
async fn pages_leave_by_mail_and_by_command() {
    let (world, id) = world().await;
    let person = frontdesk::store::RosterPerson {
        name: "ken".to_owned(),
        mail: Some(frontdesk::model::Party::new("ken@desk.example")),
        account: Some(world.account.clone()),
        command: Some(vec!["page".to_owned(), "ken".to_owned()]),
    };
    let outcome = world
        .store
        .escalate(&world.me, id, person, "smoke".to_owned())
        .await
        .unwrap();
    let conversation = world.conversation(id).await;
    assert_eq!(conversation.assignee.as_deref(), Some("ken"));
    assert!(conversation.paged);
    assert_eq!(world.counts().await.pages, 1);
    assert_eq!(outcome.held_until, Some(now(&world) + 5_000));
    assert!(claim(&world).await.is_none(), "it can still be taken back");
    world.clock.advance(5_000);
    let mail = claim(&world).await.unwrap();
    let command = claim(&world).await.unwrap();
    assert_eq!(mail.row.out.recipients.to[0].address, "ken@desk.example");
    assert_eq!(command.row.out.account.as_str(), "page-command");
    assert_eq!(command.row.out.body, r#"["page","ken"]"#);
    assert!(command.row.out.subject.contains("smoke"));
    assert_eq!(
        world.messages(id).await.len(),
        1,
        "a page is no message to the customer"
    );
    let page = outcome.escalation.unwrap();
    let until = now(&world) + HOUR;
    world.ok(Command::Silence { id: page, until }).await;
    assert_eq!(
        world.store.due_housekeeping(now(&world)).await.unwrap(),
        Some(until)
    );
    world.clock.advance(HOUR);
    world.store.due_housekeeping(now(&world)).await.unwrap();
    assert_eq!(world.counts().await.pages, 1);
    world.ok(Command::Acknowledge { id: page }).await;
    world.refused(Command::Acknowledge { id: page }).await;
    world.ok(Command::CloseEscalation { id: page }).await;
    assert!(!world.conversation(id).await.paged);
}

#[tokio::test]
async fn a_page_that_has_not_left_is_taken_back() {
    let (world, id) = world().await;
    let person = frontdesk::store::RosterPerson {
        mail: Some(frontdesk::model::Party::new("ken@desk.example")),
        account: Some(world.account.clone()),
        command: Some(vec!["page".to_owned(), "ken".to_owned()]),
        ..frontdesk::store::RosterPerson::named("ken")
    };
    let page = || {
        let (person, reason) = (person.clone(), "smoke".to_owned());
        world.store.escalate(&world.me, id, person, reason)
    };
    let before = (world.conversation(id).await, world.counts().await);
    assert!(page().await.unwrap().undoable);
    assert!(world.undo().await.says.contains("ken is not paged"));
    assert_eq!((world.conversation(id).await, world.counts().await), before);
    world.clock.advance(HOUR);
    assert!(claim(&world).await.is_none(), "nothing of it leaves");
    // What has left cannot be called back, and is told once: the next undo is of what was before.
    world
        .ok(Command::Label {
            ids: vec![id],
            add: vec!["fire".to_owned()],
            remove: vec![],
        })
        .await;
    page().await.unwrap();
    world.clock.advance(5_000);
    claim(&world).await.unwrap();
    let late = world.refused(Command::Undo { id: None }).await;
    assert!(matches!(late, Refusal::TooLate { .. }), "{late}");
    assert!(world.conversation(id).await.paged);
    world.undo().await;
    assert!(world.conversation(id).await.labels.is_empty());
    // Nor can one that somebody has taken on.
    let second = page().await.unwrap();
    let id = second.escalation.unwrap();
    world.ok(Command::Acknowledge { id }).await;
    let taken = world.refused(Command::Undo { id: None }).await;
    assert!(taken.to_string().contains("has the page"), "{taken}");
}

#[tokio::test]
async fn where_an_answer_goes() {
    let (world, id) = world().await;
    let target = |all| {
        let store = world.store.clone();
        async move { store.reply_target(id, all).await.unwrap() }
    };
    let plain = target(false).await;
    assert_eq!(plain.recipients.to[0].address, "a@b.example");
    assert_eq!(plain.recipients.to[0].name.as_deref(), Some("Ana"));
    assert_eq!(plain.warning, None);
    // The customer wants answers elsewhere and copied a colleague and us.
    let mut message = answer(2, "a@b.example", "Re: Lamp broke", &[1]);
    message.reply_to = vec![frontdesk::model::Party::new("boss@b.example")];
    message.to = vec![frontdesk::model::Party::new("CARE@desk.example")];
    message.cc = vec![frontdesk::model::Party::new("c@b.example")];
    world.mail(message).await;
    let one = target(false).await;
    assert_eq!(one.recipients.to[0].address, "boss@b.example");
    assert!(one.recipients.cc.is_empty());
    assert!(one.warning.unwrap().contains("boss@b.example"));
    let all = target(true).await;
    let cc: Vec<&str> = all
        .recipients
        .cc
        .iter()
        .map(|p| p.address.as_str())
        .collect();
    assert_eq!(cc, ["c@b.example"]);
    assert_eq!(all.references, [id_of(1), id_of(2)]);
    // Somebody else writes into the conversation.
    world
        .mail(answer(3, "z@b.example", "Re: Lamp broke", &[2]))
        .await;
    let stranger = target(false).await;
    assert_eq!(stranger.recipients.to[0].address, "z@b.example");
    assert!(stranger.warning.unwrap().contains("not from a@b.example"));
}

#[tokio::test]
async fn an_assistant_sends_nothing() {
    let (world, id) = world().await;
    let machine = frontdesk::model::Actor::Assistant("passages@1".to_owned());
    let queued = Command::Queue(Box::new(queue(world.draft(id, "hello").await)));
    let refused = world.store.apply(&machine, queued).await.unwrap_err();
    assert!(refused.to_string().contains("a person must"), "{refused}");
    assert!(world.outbox().await.is_empty());
}

/// Somebody else answers in the conversation.
fn from_bo(n: i64) -> frontdesk::model::NewMessage {
    let mut message = answer(n, "bo@b.example", "Re: Lamp broke", &[1]);
    message.received_at = Timestamp(START + n);
    message.sent_at = message.received_at;
    message
}

#[tokio::test]
async fn what_waits_stops_when_answers_go_elsewhere_by_now() {
    let (world, id) = world().await;
    let later = Timestamp(START + DAY);
    let mut scheduled = queue(world.draft(id, "as said").await);
    scheduled.not_before = Some(later);
    world.ok(Command::Queue(Box::new(scheduled))).await;
    world.mail(from_bo(2)).await;
    assert_eq!(world.messages(id).await.len(), 3, "one conversation");
    world.clock.advance(DAY);
    assert!(claim(&world).await.is_none());
    let row = world.outbox().await.remove(0);
    assert_eq!(row.state, OutboxState::Attention);
    let reason = row.reason.unwrap();
    assert_eq!(
        reason,
        "answers go to bo@b.example by now, not to a@b.example"
    );
    // A person has seen it: it goes where it was to go.
    world.ok(Command::RetrySend { id: row.out.id }).await;
    let claimed = claim(&world).await.unwrap();
    assert_eq!(claimed.row.out.recipients.to[0].address, "a@b.example");
}

#[tokio::test]
async fn recipients_of_an_earlier_message_are_written_anew() {
    let (world, id) = world().await;
    let draft = world.draft(id, "as said").await;
    world.mail(from_bo(2)).await;
    let seen = world.conversation(id).await.head;
    let with = |draft: &frontdesk::model::Draft| {
        let mut made = queue(draft.clone());
        made.seen_head = seen;
        Command::Queue(Box::new(made))
    };
    let refusal = world.refused(with(&draft)).await;
    assert!(
        refusal.to_string().contains("bo@b.example by now"),
        "{refusal}"
    );
    let mut both = draft;
    both.recipients.to.extend(recipients("bo@b.example").to);
    world.ok(with(&both)).await;
}

#[tokio::test]
async fn nothing_that_waits_leaves_after_an_opt_out() {
    let (world, id) = world().await;
    let follow_up = {
        let mut made = queue(world.draft(id, "still there?").await);
        (made.not_before, made.unless_reply) = (Some(Timestamp(START + DAY)), true);
        Command::Queue(Box::new(made))
    };
    let scheduled = {
        let mut made = queue(world.draft(id, "on Monday").await);
        made.not_before = Some(Timestamp(START + DAY));
        Command::Queue(Box::new(made))
    };
    world.ok(follow_up).await;
    let head = world.conversation(id).await.head;
    for command in [
        scheduled,
        Command::Queue(Box::new(queue(world.draft(id, "held").await))),
    ] {
        let Command::Queue(mut made) = command else {
            unreachable!("both are queued");
        };
        made.seen_head = world.conversation(id).await.head.or(head);
        world.ok(Command::Queue(made)).await;
    }
    world
        .ingest(vec![Event::Consent {
            address: "a@b.example".to_owned(),
            channel: Channel::Email,
            opted_out: true,
            at: now(&world),
        }])
        .await;
    world.clock.advance(2 * DAY);
    assert!(claim(&world).await.is_none());
    let rows = world.outbox().await;
    assert_eq!(rows.len(), 3);
    for row in rows {
        assert_eq!(row.state, OutboxState::Attention, "{:?}", row.out.body);
        assert!(row.reason.unwrap().contains("opted out"));
        // Nor does a person send it past that.
        world.ok(Command::RetrySend { id: row.out.id }).await;
    }
    assert!(claim(&world).await.is_none());
}
