//! A reply goes on by another channel of the same customer: what each allows is said, nothing is lost, and nobody who
//! asked for silence is written to.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use frontdesk::model::command::{QueueDraft, Refusal};
use frontdesk::model::{Channel, Command, ConversationId, DraftKind, Identity, IdentityId, Party};
use frontdesk::testing::world::NOW;
use frontdesk::testing::{Bench, World, cards};

fn identity(channel: Channel, address: &str, opted_out: bool) -> Identity {
    Identity {
        id: IdentityId(900),
        channel,
        address: address.to_owned(),
        name: None,
        verified: true,
        opted_out,
        warning: None,
    }
}

/// J. Chen, who wrote by mail, is also Ana on WhatsApp, and has three more addresses.
fn world() -> World {
    let mut world = World::morning();
    let ana = world.get(1042).unwrap().contact;
    let chen = world
        .conversations
        .iter_mut()
        .find(|one| one.channel == Channel::Email)
        .unwrap();
    chen.contact = ana;
    world.identities = vec![
        identity(Channel::Sms, "+15550100", false),
        identity(Channel::Sms, "+15550199", true),
        identity(Channel::Discord, "chen#1", false),
    ];
    world
}

fn bench(size: (u16, u16), world: World) -> Bench<World> {
    let mut bench = Bench::new(cards::setup(size.0, size.1), world);
    bench.press("jj<Enter>r");
    bench
}

fn queued(bench: &Bench<World>) -> Vec<&QueueDraft> {
    let mut all = Vec::new();
    for command in &bench.done {
        if let Command::Queue(queued) = command {
            all.push(queued.as_ref());
        }
    }
    all
}

#[test]
fn the_text_goes_on_in_the_conversation_there_and_is_reviewed_as_new() {
    let mut bench = bench((120, 36), world());
    bench.press("We refund **it**.<C-o>");
    let screen = bench.screen();
    for wanted in [
        "whatsapp +919876543210",
        "38m left to answer · #1042",
        "sms +15550199  opted out · by phone",
        "discord chen#1  no account carries it",
        "sms +15550100  a new conversation · by phone",
    ] {
        assert!(screen.contains(wanted), "{wanted}: {screen}");
    }
    bench.press("whatsapp<Enter>");
    let screen = bench.screen();
    assert!(screen.contains("38m for a free reply"), "{screen}");
    assert!(
        screen.contains("are you still coming??"),
        "the conversation there: {screen}"
    );
    assert_eq!(bench.desk.drafts.len(), 1, "it moved");
    assert_eq!(
        bench.desk.drafts[0].conversation,
        Some(ConversationId(1042))
    );
    bench.press("<C-s>");
    let screen = bench.screen();
    assert!(
        screen.contains("is new here:") && screen.contains("this began as email to"),
        "{screen}"
    );
    assert!(
        screen.contains("formatting leaves as it is typed"),
        "{screen}"
    );
    bench.press("y");
    let queued = queued(&bench);
    assert_eq!(queued.len(), 1);
    let draft = &queued[0].draft;
    assert_eq!(
        draft.body, "We refund **it**.",
        "the mail's signature is not for WhatsApp"
    );
    assert_eq!(
        (draft.kind, draft.channel),
        (DraftKind::Reply, Channel::Whatsapp)
    );
    assert_eq!(
        draft.recipients.to,
        [Party::named("+919876543210", "Ana Duarte")]
    );
    assert_eq!(
        (draft.subject.as_str(), draft.base),
        ("", bench.desk.get(1042).unwrap().head)
    );
}

#[test]
fn where_there_is_no_conversation_one_is_begun() {
    let mut bench = bench((120, 36), world());
    bench.press("See you at ten.<C-s>o15550100<Enter>");
    bench.press("<C-s>y");
    let queued = queued(&bench);
    assert_eq!(queued.len(), 1, "{}", bench.screen());
    let draft = &queued[0].draft;
    assert_eq!((draft.kind, draft.channel), (DraftKind::New, Channel::Sms));
    assert_eq!(
        (draft.conversation, draft.base, draft.answers),
        (None, None, None)
    );
    assert_eq!(draft.recipients.to[0].address, "+15550100");
    assert_eq!(draft.account.as_str(), "phone");
}

#[test]
fn what_cannot_be_reached_is_refused_with_its_reason_and_the_text_stays() {
    for (which, wanted) in [
        ("15550199", "+15550199 has opted out of sms"),
        ("discord", "no account carries discord"),
    ] {
        let mut bench = bench((120, 36), world());
        bench.press("hello<C-o>").press(which).press("<Enter>");
        let screen = bench.screen();
        assert!(screen.contains(wanted), "{wanted}: {screen}");
        assert!(screen.contains("hello"), "{screen}");
        let moves = bench
            .done
            .iter()
            .filter(|one| matches!(one, Command::MoveDraft { .. }));
        assert_eq!(moves.count(), 0);
    }
}

#[test]
fn a_closed_window_there_takes_a_template_only() {
    let mut world = world();
    world.get_mut(1042).unwrap().window_closes_at = Some(NOW - 1);
    let mut bench = bench((120, 36), world);
    bench.press("hello<C-o>");
    assert!(
        bench.screen().contains("window closed: template only"),
        "{}",
        bench.screen()
    );
    bench.press("whatsapp<Enter><C-s>y");
    assert!(queued(&bench).is_empty());
    assert!(
        bench.screen().contains("pick one with t"),
        "{}",
        bench.screen()
    );
}

#[test]
fn limits_of_the_other_channel_hold() {
    let mut bench = bench((120, 36), world());
    bench.tell(frontdesk::ui::Msg::Paste("word ".repeat(400)));
    bench.press("<C-o>15550100<Enter>");
    assert!(bench.screen().contains("too long"), "{}", bench.screen());
    bench.press("<C-s>y");
    assert!(queued(&bench).is_empty());
    assert!(
        bench.screen().contains("sms takes 1600"),
        "{}",
        bench.screen()
    );
}

#[test]
fn a_refused_move_leaves_the_text_where_it_was() {
    let mut bench = bench((120, 36), world());
    bench.press("hello");
    let words = "an unsent text of yours waits on #1042 already";
    bench.press("<C-o>whatsapp");
    bench.desk.refuse = Some(Refusal::Invalid(words.to_owned()));
    bench.press("<Enter>");
    assert!(
        bench.screen().contains("not moved: an unsent text"),
        "{}",
        bench.screen()
    );
    bench.press(" there<C-s>y");
    let queued = queued(&bench);
    assert_eq!(queued[0].draft.channel, Channel::Email);
    assert!(queued[0].draft.body.starts_with("hello there"));
}

#[test]
fn what_is_typed_while_it_moves_goes_along() {
    let mut bench = bench((120, 36), world());
    bench.press("hello<C-o>whatsapp");
    bench.hold();
    bench.press("<Enter> there");
    bench.answer();
    bench.press("<C-s>y");
    let queued = queued(&bench);
    assert_eq!(queued.len(), 1, "{}", bench.screen());
    assert_eq!(
        (queued[0].draft.body.as_str(), queued[0].draft.channel),
        ("hello there", Channel::Whatsapp)
    );
    assert!(bench.desk.drafts.is_empty(), "{:?}", bench.desk.drafts);
}

#[test]
fn the_screens() {
    for (columns, rows) in [(120, 36), (80, 24), (40, 12)] {
        let mut bench = bench((columns, rows), world());
        bench.press("We refund it.<C-o>");
        insta::assert_snapshot!(format!("ways_{columns}x{rows}"), bench.screen());
        bench.press("whatsapp<Enter><C-s>");
        insta::assert_snapshot!(format!("moved_{columns}x{rows}"), bench.screen());
    }
}

#[test]
fn the_move_is_taken_back_by_one_key() {
    let mut bench = bench((120, 36), world());
    bench.press("We refund it.<C-o>whatsapp<Enter>");
    let screen = bench.screen();
    assert!(screen.contains("Esc u undoes it"), "{screen}");
    let whatsapp = Some(ConversationId(1042));
    assert_eq!(bench.desk.drafts[0].conversation, whatsapp);
    bench.press("<Esc>u");
    let screen = bench.screen();
    assert!(screen.contains("goes by email again"), "{screen}");
    let drafts = &bench.desk.drafts;
    assert_eq!(drafts.len(), 1, "{drafts:?}");
    assert_eq!(drafts[0].channel, Channel::Email);
    // The conversation it came from is on the screen again, and r goes on with it there.
    bench.press("r");
    let screen = bench.screen();
    assert!(screen.contains("We refund it."), "{screen}");
    assert!(!screen.contains("38m for a free reply"), "{screen}");
}

#[test]
fn taken_back_in_the_review_it_is_not_queued_by_the_next_key() {
    let mut bench = bench((120, 36), world());
    bench.press("We refund it.<C-s>owhatsapp<Enter><C-s>");
    assert!(bench.screen().contains("this is what leaves"));
    bench.press("uy");
    let screen = bench.screen();
    assert!(!screen.contains("this is what leaves"), "{screen}");
    assert_eq!(queued(&bench).len(), 0, "nothing leaves");
    let drafts = &bench.desk.drafts;
    assert_eq!(drafts.len(), 1, "{drafts:?}");
    assert_eq!(drafts[0].channel, Channel::Email);
    assert!(drafts[0].body.contains("We refund it."));
}
