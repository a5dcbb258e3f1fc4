//! Who asked not to be written to on a channel is not, whatever was merged: every way in which something can leave is
//! tried after a merge, with the wish known before the merge and after it.

use crate::people::{chat, desk, merge, with};
use crate::templates;
use crate::world::*;
use frontdesk::model::command::{Refusal, Settled};
use frontdesk::model::{
    Channel, Command, ConversationId, Draft, DraftKind, Event, OutboxId, OutboxState, Party,
    Recipients, Timestamp,
};
use frontdesk::store::{RosterPerson, SendResult};

const NUMBER: &str = "+15550009999";
const MAIL: &str = "vic@bank.example";

/// Vic, who wrote by SMS and by mail and is one contact.
struct Vic {
    world: World,
    sms: ConversationId,
    mail: ConversationId,
}

impl Vic {
    /// `early`: the wish comes before the merge.
    async fn new(early: bool) -> Self {
        let world = desk().await;
        world.mail(chat(1, Channel::Sms, NUMBER, false)).await;
        world.mail(mail(2, MAIL, "Card", "hello")).await;
        let sms = with(&world, Channel::Sms, NUMBER).await;
        let mailed = with(&world, Channel::Email, MAIL).await;
        let vic = Self {
            world,
            sms,
            mail: mailed,
        };
        if early {
            vic.leaves(Channel::Sms, NUMBER).await;
        }
        merge(&vic.world, vic.sms, vic.mail).await;
        vic
    }

    async fn leaves(&self, channel: Channel, address: &str) {
        self.world
            .ingest(vec![Event::Consent {
                address: address.to_owned(),
                channel,
                opted_out: true,
                at: Timestamp(START + 9_000),
            }])
            .await;
    }

    async fn refused(&self, what: &str, command: Command) {
        let before = self.world.outbox().await.len();
        let said = self.world.refused(command).await;
        assert!(matches!(said, Refusal::OptedOut { .. }), "{what}: {said:?}");
        assert_eq!(self.world.outbox().await.len(), before, "{what}");
    }

    /// Whatever is due at any time: nothing of it is claimed, and all of it says why.
    async fn nothing_leaves(&self, what: &str, id: OutboxId) {
        self.world.clock.advance(60_000);
        let at = Timestamp(i64::MAX);
        let claimed = self.world.store.outbox_claim(at, None).await.unwrap();
        assert!(claimed.is_none(), "{what}: {claimed:?}");
        let rows = self.world.outbox().await;
        let row = rows.iter().find(|row| row.out.id == id).unwrap();
        assert_eq!(row.state, OutboxState::Attention, "{what}");
        let reason = row.reason.as_deref().unwrap_or_default();
        assert!(reason.contains("opted out"), "{what}: {reason}");
    }
}

fn send(draft: Draft) -> Command {
    Command::Queue(Box::new(queue(draft)))
}

#[tokio::test]
async fn every_way_to_write_is_refused() {
    for early in [true, false] {
        let vic = Vic::new(early).await;
        if !early {
            vic.leaves(Channel::Sms, NUMBER).await;
        }
        let world = &vic.world;
        // The reply verb, the composer, a canned reply and a macro all queue a draft.
        let reply = world.draft(vic.sms, "hello").await;
        vic.refused("reply", send(reply.clone())).await;
        let mut later = queue(reply.clone());
        later.not_before = Some(Timestamp(START + 3_600_000));
        vic.refused("later", Command::Queue(Box::new(later))).await;
        let mut closing = queue(reply.clone());
        closing.resolve = true;
        vic.refused("macro", Command::Queue(Box::new(closing)))
            .await;
        let to = Recipients {
            to: vec![Party::new(NUMBER)],
            ..Recipients::default()
        };
        for (what, kind) in [("new", DraftKind::New), ("forward", DraftKind::Forward)] {
            let mut draft = world.draft(vic.mail, "hello").await;
            draft.kind = kind;
            draft.channel = Channel::Sms;
            draft.recipients = to.clone();
            if kind == DraftKind::New {
                (draft.conversation, draft.base, draft.answers) = (None, None, None);
            }
            vic.refused(what, send(draft)).await;
        }
        // As one of several, and unseen.
        let mut copied = world.draft(vic.mail, "hello").await;
        copied.channel = Channel::Sms;
        copied.conversation = None;
        copied.kind = DraftKind::New;
        copied.recipients = Recipients {
            to: vec![Party::new("+15550001111")],
            cc: Vec::new(),
            bcc: vec![Party::new("+1 (555) 000-9999")],
        };
        vic.refused("copy", send(copied)).await;
        // A text begun by mail goes on by SMS: it may be written there, and does not leave.
        let mut from = world.draft(vic.mail, "hello").await;
        from.id = world
            .ok(Command::SaveDraft(Box::new(from.clone())))
            .await
            .draft;
        let moved = Command::MoveDraft {
            from: Box::new(from),
            to: Box::new(reply),
        };
        if world.store.apply(&world.me, moved).await.is_ok() {
            let there = world.detail(vic.sms).await.drafts.remove(0);
            vic.refused("moved", send(there)).await;
        }
        // By mail nobody asked for silence, and the page about it goes to our own people.
        let fine = world.reply(vic.mail, "by mail").await.outbox.unwrap();
        let raj = RosterPerson {
            mail: Some(Party::new("raj@desk.example")),
            account: Some(world.account.clone()),
            ..RosterPerson::named("raj")
        };
        let about = "he is angry".to_owned();
        world
            .store
            .escalate(&world.me, vic.sms, raj, about)
            .await
            .unwrap();
        for row in world.outbox().await {
            let to: Vec<&str> = row
                .out
                .recipients
                .all()
                .map(|one| one.address.as_str())
                .collect();
            let expected = if row.out.id == fine {
                MAIL
            } else {
                "raj@desk.example"
            };
            assert_eq!(to, [expected]);
        }
    }
}

#[tokio::test]
async fn a_draft_of_the_assistant_is_not_approved() {
    for edited in [true, false] {
        let vic = Vic::new(false).await;
        let shown = crate::approvals::proposed(&vic.world, vic.sms).await;
        vic.leaves(Channel::Sms, NUMBER).await;
        let command = if edited {
            Command::ApproveEdited {
                id: shown.id,
                hash: shown.bound_hash(),
                subject: shown.subject.clone(),
                body: "My own words".to_owned(),
                recipients: shown.recipients.clone(),
                hold_ms: 8_000,
            }
        } else {
            crate::approvals::approve(&shown)
        };
        vic.refused("approval", command).await;
    }
}

#[tokio::test]
async fn what_was_queued_before_stops_however_it_is_sent_again() {
    for how in 0..6 {
        let vic = Vic::new(false).await;
        let world = &vic.world;
        let id = if how == 0 {
            // Approved, and held when the wish comes.
            let shown = crate::approvals::proposed(world, vic.sms).await;
            let approved = world.ok(crate::approvals::approve(&shown)).await;
            approved.outbox.unwrap_or(OutboxId(1))
        } else {
            world.reply(vic.sms, "we are on it").await.outbox.unwrap()
        };
        if how == 5 {
            // Nobody knows whether it left.
            world.clock.advance(60_000);
            let at = Timestamp(START + 60_000);
            let claimed = world.store.outbox_claim(at, None).await.unwrap().unwrap();
            let reason = "the line dropped".to_owned();
            let end = SendResult::Unknown { reason };
            let done = world.store.outbox_finish(id, claimed.fence, end);
            done.await.unwrap();
        }
        vic.leaves(Channel::Sms, NUMBER).await;
        let command = match how {
            2 => Some(Command::SendNow { id }),
            3 => Some(Command::CancelSend { id }),
            5 => Some(Command::SettleUnknown {
                id,
                as_: Settled::SendAgain,
            }),
            _ => None,
        };
        if let Some(command) = command {
            let _ = world.store.apply(&world.me, command).await;
        }
        if how == 3 {
            // Taken back, and the taking back taken back.
            let last = world.detail(vic.sms).await.actions.pop().unwrap();
            let _ = world
                .store
                .apply(&world.me, Command::Undo { id: Some(last.id) })
                .await;
            let at = Timestamp(i64::MAX);
            let claimed = world.store.outbox_claim(at, None).await.unwrap();
            assert!(claimed.is_none(), "{claimed:?}");
            continue;
        }
        vic.nothing_leaves(&format!("{how}"), id).await;
        if how == 4 {
            let _ = world
                .store
                .apply(&world.me, Command::RetrySend { id })
                .await;
            vic.nothing_leaves("tried again", id).await;
        }
    }
}

#[tokio::test]
async fn a_template_is_no_way_around_it() {
    let (world, id) = templates::world().await;
    let other = chat(9, Channel::Whatsapp, "+15550001111", true);
    world.mail(other).await;
    let other = with(&world, Channel::Whatsapp, "+15550001111").await;
    merge(&world, id, other).await;
    let draft = templates::filled(&world, id, "ready").await;
    world
        .ingest(vec![Event::Consent {
            address: world.conversation(id).await.contact_address,
            channel: Channel::Whatsapp,
            opted_out: true,
            at: Timestamp(START + 9_000),
        }])
        .await;
    let said = world.refused(templates::queued(draft)).await;
    assert!(matches!(said, Refusal::OptedOut { .. }), "{said:?}");
    assert!(world.outbox().await.is_empty());
    // The other number of the same person did not ask for that.
    world.reply(other, "here").await;
}

/// The tests above try every command; this holds that there is no other door.
#[test]
fn one_statement_fills_the_outbox() {
    fn below(dir: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let here = text.matches("INSERT INTO outbox(").count();
                found.extend((0..here).map(|_| path.display().to_string()));
            }
        }
    }
    let mut found = Vec::new();
    let src = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    below(&src, &mut found);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].ends_with("store/queue.rs"), "{found:?}");
}
