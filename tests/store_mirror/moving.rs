//! A draft that goes on on another channel: in one step, losing nothing, and past nobody's wish for silence.

use crate::world::{World, mail, queue};
use frontdesk::model::command::Refusal;
use frontdesk::model::{Channel, Command, ConversationId, Draft, DraftKind, Party};

async fn world() -> (World, ConversationId, ConversationId) {
    let world = World::new().await;
    world
        .mail(mail(1, "ana@x.example", "Lamp", "It broke"))
        .await;
    world
        .mail(mail(2, "ana@y.example", "Chair", "It creaks"))
        .await;
    let rows = world.list(frontdesk::model::query::View::All).await.rows;
    let id = |address: &str| {
        let row = rows.iter().find(|(_, one)| one.contact_address == address);
        row.unwrap().1.id
    };
    (world, id("ana@x.example"), id("ana@y.example"))
}

async fn save(world: &World, id: ConversationId, body: &str) -> Draft {
    let mut draft = world.draft(id, body).await;
    draft.id = world
        .ok(Command::SaveDraft(Box::new(draft.clone())))
        .await
        .draft;
    draft
}

fn moved(from: &Draft, to: Draft) -> Command {
    Command::MoveDraft {
        from: Box::new(from.clone()),
        to: Box::new(to),
    }
}

#[tokio::test]
async fn it_is_there_and_no_longer_here_and_the_journal_says_so() {
    let (world, lamp, chair) = world().await;
    let from = save(&world, lamp, "We send another").await;
    let to = world.draft(chair, "We send another").await;
    let outcome = world.ok(moved(&from, to.clone())).await;
    assert!(world.detail(lamp).await.drafts.is_empty());
    let there = world.detail(chair).await.drafts;
    assert_eq!((there.len(), there[0].id), (1, outcome.draft));
    assert!(!world.conversation(lamp).await.has_draft);
    assert!(world.conversation(chair).await.has_draft);
    let said = world.detail(lamp).await.actions.pop().unwrap();
    assert_eq!(said.verb, "move");
    assert_eq!(said.detail["to"]["conversation"], chair.0);
    // Once more is no second draft, and back is as it was.
    world.ok(moved(&there[0], from)).await;
    assert_eq!(world.detail(lamp).await.drafts.len(), 1);
    assert!(world.detail(chair).await.drafts.is_empty());
    assert_eq!(world.number("SELECT count(*) FROM draft"), 1);
}

#[tokio::test]
async fn a_text_that_waits_there_is_not_touched() {
    let (world, lamp, chair) = world().await;
    let from = save(&world, lamp, "We send another").await;
    save(&world, chair, "Oil it").await;
    let to = world.draft(chair, "We send another").await;
    let refused = world.refused(moved(&from, to)).await;
    assert!(refused.to_string().contains("waits on #"), "{refused}");
    assert_eq!(world.detail(chair).await.drafts[0].body, "Oil it");
    assert_eq!(world.detail(lamp).await.drafts[0].body, "We send another");
}

#[tokio::test]
async fn it_may_begin_a_conversation_and_never_with_who_opted_out() {
    let (world, lamp, _) = world().await;
    let from = save(&world, lamp, "We send another").await;
    let to = Draft {
        conversation: None,
        kind: DraftKind::New,
        channel: Channel::Sms,
        recipients: frontdesk::model::Recipients {
            to: vec![Party::new("+15550100")],
            ..Default::default()
        },
        subject: String::new(),
        base: None,
        answers: None,
        ..from.clone()
    };
    let outcome = world.ok(moved(&from, to.clone())).await;
    let there = Draft {
        id: outcome.draft,
        ..to
    };
    let first = world
        .ok(Command::Queue(Box::new(queue(there.clone()))))
        .await;
    assert!(first.outbox.is_some());
    assert_eq!(world.number("SELECT count(*) FROM draft"), 0);
    world
        .sql()
        .execute(
            "UPDATE identity SET opted_out = 1 WHERE channel = 'sms'",
            [],
        )
        .unwrap();
    let again = world.refused(Command::Queue(Box::new(queue(there)))).await;
    assert!(matches!(again, Refusal::OptedOut { .. }), "{again:?}");
}

#[tokio::test]
async fn a_note_stays_among_us() {
    let (world, lamp, chair) = world().await;
    let mut from = world.draft(lamp, "he is rude").await;
    from.kind = DraftKind::Note;
    let mut to = world.draft(chair, "he is rude").await;
    to.kind = DraftKind::Note;
    world.refused(moved(&from, to)).await;
}

#[tokio::test]
async fn a_move_is_taken_back_with_what_was_written_since() {
    let (world, lamp, chair) = world().await;
    let from = save(&world, lamp, "We send another\n\n-- \nAcme lamps").await;
    let to = world
        .draft(chair, "We send another\n\n-- \nAcme chairs")
        .await;
    let moved_there = world.ok(moved(&from, to.clone())).await;
    assert!(moved_there.undoable);
    // As it was.
    let back = world.undo().await;
    assert_eq!(back.says, format!("goes by email again, on #{lamp}"));
    let moved_back = back.moved_back.unwrap();
    assert_eq!(
        (Some(moved_back.gone), moved_back.to),
        (moved_there.draft, Some(lamp))
    );
    assert!(world.detail(chair).await.drafts.is_empty());
    assert!(!world.conversation(chair).await.has_draft);
    let here = world.detail(lamp).await.drafts;
    assert_eq!(here.len(), 1);
    assert_eq!(
        (&here[0].body, &here[0].recipients, &here[0].subject),
        (&from.body, &from.recipients, &from.subject)
    );
    // With what was written there, and the ending it had here.
    world.ok(moved(&here[0], to)).await;
    save(&world, chair, "We send two\n\n-- \nAcme chairs").await;
    world.undo().await;
    let here = world.detail(lamp).await.drafts;
    assert_eq!(here[0].body, "We send two\n\n-- \nAcme lamps");
    assert_eq!(world.number("SELECT count(*) FROM draft"), 1);
}

#[tokio::test]
async fn a_move_is_taken_back_after_the_send_was_and_beside_a_text_begun_since() {
    let (world, lamp, chair) = world().await;
    let from = save(&world, lamp, "We send another").await;
    let to = world.draft(chair, "We send another").await;
    world.ok(moved(&from, to)).await;
    let there = world.detail(chair).await.drafts.remove(0);
    world.ok(Command::Queue(Box::new(queue(there)))).await;
    save(&world, lamp, "And a bulb").await;
    world.undo().await;
    assert_eq!(world.detail(chair).await.drafts.len(), 1, "the send");
    world.undo().await;
    assert!(world.detail(chair).await.drafts.is_empty(), "the move");
    let here = world.detail(lamp).await.drafts;
    assert_eq!(here.len(), 1);
    assert_eq!(here[0].body, "And a bulb\n\nWe send another");
}

#[tokio::test]
async fn what_was_thrown_away_and_back_is_followed_and_another_text_is_not_taken() {
    let (world, lamp, chair) = world().await;
    let from = save(&world, lamp, "We send another").await;
    let to = world.draft(chair, "We send another").await;
    world.ok(moved(&from, to)).await;
    let id = world.detail(chair).await.drafts[0].id.unwrap();
    world.ok(Command::DiscardDraft { id }).await;
    world.undo().await;
    let id = world.detail(chair).await.drafts[0].id.unwrap();
    world.ok(Command::DiscardDraft { id }).await;
    // Another text in its place is another text.
    save(&world, chair, "Oil it").await;
    let entries = world.detail(lamp).await.actions;
    let entry = entries.iter().find(|entry| entry.verb == "move").unwrap();
    let refused = world.refused(Command::Undo { id: Some(entry.id) }).await;
    assert!(refused.to_string().contains("changed again"), "{refused}");
    assert_eq!(world.detail(chair).await.drafts[0].body, "Oil it");
}
