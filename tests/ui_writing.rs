//! Writing: the text is kept as typed, the review shows what leaves, and nothing leaves unseen.

use frontdesk::model::command::Refusal;
use frontdesk::model::outgoing::{OutgoingAttachment, content_hash};
use frontdesk::model::{Command, DraftKind, MessageId};
use frontdesk::testing::{Bench, World, cards};
use frontdesk::ui::{Change, Effect, Msg};

fn at_mail() -> Bench<World> {
    let mut bench = Bench::new(cards::setup(120, 36), World::morning());
    bench.press("jj<Enter>r");
    bench
}

fn sms() -> Bench<World> {
    let mut world = World::morning();
    if let Some(one) = world.get_mut(77) {
        one.opted_out = false;
    }
    let mut bench = Bench::new(cards::setup(120, 36), world);
    bench.press("\\916<Enter><Enter>r");
    bench
}

fn queued(bench: &Bench<World>) -> Vec<&frontdesk::model::command::QueueDraft> {
    bench
        .done
        .iter()
        .filter_map(|command| match command {
            Command::Queue(queued) => Some(queued.as_ref()),
            _ => None,
        })
        .collect()
}

#[test]
fn the_time_to_send_at_is_typed_and_may_depend_on_a_reply() {
    let mut bench = at_mail();
    bench.press("thanks").press("<C-s>l");
    bench.press("2h unless reply");
    let screen = bench.screen();
    assert!(
        screen.contains("12:36, if no reply has come by then"),
        "{screen}"
    );
    bench.press("<Enter>y");
    let queued = queued(&bench);
    assert_eq!(queued.len(), 1);
    assert!(queued[0].unless_reply);
    assert_eq!(
        queued[0].not_before,
        Some(frontdesk::testing::world::NOW + 7_200_000)
    );
}

#[test]
fn each_key_is_kept_and_one_save_is_on_its_way_at_a_time() {
    let mut bench = at_mail();
    bench.hold();
    bench.press("hello");
    bench.answer();
    let saves: Vec<_> = bench
        .done
        .iter()
        .filter_map(|command| match command {
            Command::SaveDraft(draft) => Some(draft.body.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(
        saves.len(),
        2,
        "the first, and all that came while it was on its way: {saves:?}"
    );
    assert!(saves[0].starts_with('h') && saves[1].starts_with("hello"));
    assert_eq!(bench.desk.drafts.len(), 1);
}

#[test]
fn escape_keeps_the_text_and_r_goes_on_with_it() {
    let mut bench = at_mail();
    bench.press("half a thought<Esc>");
    assert!(bench.desk.drafts[0].body.starts_with("half a thought"));
    bench.press("gg").press("jjr");
    assert!(
        bench.screen().contains("half a thought"),
        "{}",
        bench.screen()
    );
    bench.press("<Esc>gd");
    assert!(
        bench.screen().contains("half a thought"),
        "{}",
        bench.screen()
    );
}

#[test]
fn the_review_names_the_sender_the_rule_and_what_is_odd() {
    let mut bench = at_mail();
    bench.press("ok<C-s>");
    let screen = bench.screen();
    for words in [
        "billing@acme-pay.example",
        "Re: Invoice 4410 charged twice",
        "from",
        "wants answers",
    ] {
        assert!(screen.contains(words), "{words}\n{screen}");
    }
    assert!(queued(&bench).is_empty(), "nothing leaves before y");
}

#[test]
fn what_is_queued_is_what_was_shown() {
    let mut bench = at_mail();
    bench.press("ok<C-s>y");
    let queued = queued(&bench);
    assert_eq!(queued.len(), 1);
    let draft = &queued[0].draft;
    assert_eq!(draft.kind, DraftKind::Reply);
    assert_eq!(queued[0].hold_ms, 10_000);
    let hash = content_hash(
        draft.account.as_str(),
        draft.channel,
        &draft.recipients,
        &draft.subject,
        &draft.body,
        std::iter::empty(),
    );
    assert_eq!(queued[0].hash, hash);
}

#[test]
fn a_conversation_that_moved_stops_and_shows_what_came_in() {
    let mut bench = at_mail();
    bench.press("ok");
    bench.desk.write(811, 900, "never mind, found it");
    bench.press("<C-s>y");
    assert!(bench.desk.outbox.is_empty(), "it stopped");
    bench.tell(Msg::Changed(Change {
        lists: true,
        ..Change::default()
    }));
    assert!(
        bench.screen().contains("never mind, found it"),
        "{}",
        bench.screen()
    );
    bench.press("y");
    assert_eq!(bench.desk.outbox.len(), 1);
    assert_eq!(
        queued(&bench).last().and_then(|queued| queued.seen_head),
        Some(MessageId(900))
    );
}

#[test]
fn recipients_can_be_changed_at_the_review() {
    let mut bench = at_mail();
    bench.press("ok<C-s>");
    bench.press("c").press("books@acme.example<Enter>");
    bench
        .press("t")
        .press("<C-u>")
        .press("j.chen@acme.example<Enter>")
        .press("y");
    let queued = queued(&bench);
    let recipients = &queued[0].draft.recipients;
    assert_eq!(recipients.to[0].address, "j.chen@acme.example");
    assert_eq!(recipients.cc[0].address, "books@acme.example");
    let from = queued[0]
        .draft
        .from
        .as_ref()
        .map(|from| from.address.as_str());
    assert_eq!(from, Some("vip@shop.example"), "the rule for @acme.example");
}

#[test]
fn a_wrong_address_is_not_queued() {
    let mut bench = at_mail();
    bench
        .press("ok<C-s>")
        .press("t")
        .press("<C-u>nobody<Enter>")
        .press("y");
    assert!(queued(&bench).is_empty());
    assert!(bench.screen().contains("nobody"), "{}", bench.screen());
}

#[test]
fn opted_out_cannot_be_queued() {
    let mut bench = Bench::new(cards::setup(120, 36), World::morning());
    bench.press("\\916<Enter><Enter>r");
    assert!(bench.status().contains("opted out"), "{}", bench.status());
    assert!(bench.desk.drafts.is_empty() && bench.frame().1.is_none());
    // Whoever opts out while an answer is being written is not written to either.
    let mut bench = sms();
    bench.press("hello");
    if let Some(one) = bench.desk.get_mut(77) {
        one.opted_out = true;
    }
    bench.tell(Msg::Changed(Change {
        lists: true,
        ..Change::default()
    }));
    bench.press("<C-s>y");
    assert!(queued(&bench).is_empty(), "{}", bench.screen());
}

#[test]
fn discarding_asks_and_can_be_undone() {
    let mut bench = at_mail();
    bench.press("ok<C-s>n");
    assert_eq!(bench.desk.drafts.len(), 1, "asked first");
    bench.press("y");
    assert!(bench.desk.drafts.is_empty());
    bench.press("u");
    assert_eq!(bench.desk.drafts.len(), 1);
}

#[test]
fn a_note_never_goes_through_the_outbox() {
    let mut bench = Bench::new(cards::setup(120, 36), World::morning());
    bench.press("<Enter>n").press("ask raj<C-s>");
    assert!(
        bench
            .done
            .iter()
            .any(|command| matches!(command, Command::Note { body, .. } if body == "ask raj"))
    );
    assert!(queued(&bench).is_empty());
}

#[test]
fn the_editor_gets_the_text_and_gives_it_back() {
    let mut bench = at_mail();
    bench.press("draft one<C-e>");
    let effects = bench.effects();
    let Some(Effect::Edit { id, text, suffix }) = effects.first() else {
        panic!("{effects:?}");
    };
    assert!(text.starts_with("draft one"));
    assert_eq!(*suffix, ".md");
    bench.tell(Msg::Edited {
        id: *id,
        text: Ok(Some("draft two\n".to_owned())),
    });
    assert!(bench.screen().contains("draft two"), "{}", bench.screen());
    assert!(bench.desk.drafts[0].body.starts_with("draft two"));
}

#[test]
fn an_editor_that_failed_keeps_the_text() {
    let mut bench = at_mail();
    bench.press("draft one<C-e>");
    let effects = bench.effects();
    let Some(Effect::Edit { id, .. }) = effects.first() else {
        panic!("{effects:?}");
    };
    bench.tell(Msg::Edited {
        id: *id,
        text: Err("vi ended with code 1; the draft is as it was".to_owned()),
    });
    assert!(bench.screen().contains("draft one"));
    assert!(
        bench.screen().contains("vi ended with code 1"),
        "{}",
        bench.screen()
    );
}

#[test]
fn canned_replies_are_filled_in() {
    let mut bench = at_mail();
    bench.press("<C-t>").press("thanks<Enter>");
    assert!(
        bench.screen().contains("Thank you for writing."),
        "{}",
        bench.screen()
    );
}

#[test]
fn a_refused_queue_keeps_the_text_and_says_why() {
    let mut bench = at_mail();
    bench.press("ok<C-s>");
    bench.desk.refuse = Some(Refusal::WindowClosed {
        ago: "2m".to_owned(),
        template: true,
    });
    bench.press("y");
    assert!(
        bench.screen().contains("window closed 2m ago"),
        "{}",
        bench.screen()
    );
    assert!(bench.desk.drafts[0].body.starts_with("ok"));
    bench.press("y");
    assert_eq!(bench.desk.outbox.len(), 1, "and it can be tried again");
}

#[test]
fn sms_is_counted_in_segments() {
    let mut bench = sms();
    bench.press(&"a".repeat(161));
    assert!(bench.screen().contains("2 segments"), "{}", bench.screen());
}

#[test]
fn the_cursor_stands_at_the_caret() {
    let mut bench = at_mail();
    let (_, before) = bench.frame();
    bench.press("abc");
    let (_, after) = bench.frame();
    let (before, after) = (before.expect("a caret"), after.expect("a caret"));
    assert_eq!((after.x, after.y), (before.x + 3, before.y));
    bench.press("<Esc>");
    assert_eq!(bench.frame().1, None, "no caret where nothing is typed");
}

#[test]
fn assistants_draft_edited_becomes_an_edited_approval() {
    let mut bench = Bench::new(cards::setup(120, 36), World::morning());
    bench.press("gae").press("Dear Ana. ").press("<C-s>y");
    let edited = bench.done.iter().find_map(|command| match command {
        Command::ApproveEdited { body, .. } => Some(body.clone()),
        _ => None,
    });
    assert!(
        edited.is_some_and(|body| body.starts_with("Dear Ana. Hi Ana")),
        "{:?}\n{}",
        bench.done,
        bench.screen()
    );
}

#[test]
fn what_was_made_of_a_draft_of_the_queue_is_gone_on_with() {
    for size in [(120, 36), (80, 24), (40, 12)] {
        let mut bench = Bench::new(cards::setup(size.0, size.1), World::morning());
        bench.press("gae").press("Dear Ana. ").press("<Esc>");
        bench.press("e").press("Indeed. ").press("<Esc>");
        assert_eq!(bench.desk.drafts.len(), 1);
        let kept = bench.desk.drafts[0].body.clone();
        assert!(kept.starts_with("Dear Ana. "), "{kept}");
        assert!(kept.contains("Indeed. "), "{kept}");
        // An edit of an earlier draft of the assistant stays below that of this one.
        bench.desk.drafts[0].proposal = Some(frontdesk::model::ProposalId(999));
        bench.tell(Msg::Changed(Change {
            lists: true,
            conversations: vec![frontdesk::model::ConversationId(1042)],
            ..Change::default()
        }));
        bench.press("e").press("New. ");
        let both = bench.desk.drafts[0].body.clone();
        assert!(both.starts_with("Hi Ana"), "{both}");
        assert!(both.ends_with(&format!("\n\n{kept}New. ")), "{both}");
    }
}

#[test]
fn an_edited_draft_of_the_queue_promises_nothing_that_its_approval_does_not_do() {
    let mut bench = Bench::new(cards::setup(120, 36), World::morning());
    bench.press("gae").press("Dear Ana. ").press("<C-s>");
    for (key, words) in [("A", "attach"), ("l", "later"), ("r", "resolve")] {
        assert!(!bench.status().contains(words), "{}", bench.status());
        bench.press(key);
        assert!(
            bench.status().contains("after its hold"),
            "{key}: {}",
            bench.status()
        );
        bench.pass(60_000);
    }
    bench.press("y");
    let edited = |command: &Command| matches!(command, Command::ApproveEdited { .. });
    assert!(bench.done.iter().any(edited), "{:?}", bench.done);
}

#[test]
fn keys_typed_at_once_after_an_edit_was_left_go_on_with_it() {
    let mut bench = Bench::new(cards::setup(120, 36), World::morning());
    bench.press("ga").pass(1_000).press("e").press("Dear Ana. ");
    bench.hold();
    bench.press("<Esc>e").press("Indeed. ");
    bench.answer();
    let kept = &bench.desk.drafts[0].body;
    assert!(
        kept.starts_with("Dear Ana. ") && kept.contains("Indeed. "),
        "{kept}"
    );
}

#[test]
fn wherever_something_can_be_typed_it_is_seen() {
    let mut began = Vec::new();
    for size in [(120, 36), (80, 24), (40, 12)] {
        for place in [
            "gi",
            "gm",
            "gs",
            "ga",
            "go",
            "gp",
            "gh",
            "/Madhapur<Enter><Enter>",
            "jj<Enter>rx<Esc>gd",
        ] {
            for key in ["e", "r", "n", "F", "C", "<Enter>", "<Enter>r", "<Enter>n"] {
                let mut bench = Bench::new(cards::setup(size.0, size.1), World::morning());
                bench.press(place).press(key);
                if !bench.status().contains("C-s ") {
                    continue;
                }
                began.push((place, key));
                bench.press("zebra");
                assert!(
                    bench.screen().contains("zebra"),
                    "{place} {key}\n{}",
                    bench.screen()
                );
                assert!(bench.frame().1.is_some(), "{place} {key}: no caret");
            }
        }
    }
    for expected in [
        ("gi", "r"),
        ("ga", "e"),
        ("/Madhapur<Enter><Enter>", "r"),
        ("jj<Enter>rx<Esc>gd", "<Enter>"),
    ] {
        let times = began.iter().filter(|one| **one == expected).count();
        assert_eq!(times, 3, "{expected:?}: {began:?}");
    }
}

#[test]
fn a_reply_that_was_begun_and_left_untouched_leaves_nothing_behind() {
    let mut bench = at_mail();
    bench.press("<Esc>");
    assert!(bench.desk.drafts.is_empty());
    bench.press("r").press("x<Backspace><Esc>");
    assert!(bench.desk.drafts.is_empty(), "{:?}", bench.desk.drafts);
}

#[test]
fn a_late_save_never_lands_in_another_text() {
    let mut bench = at_mail();
    bench.hold();
    bench.press("for chen<Esc>");
    bench.press("<Esc>");
    bench.press("gg<Enter>");
    bench.answer();
    bench.press("r").press("for ana<Esc>");
    let mut texts: Vec<_> = bench
        .desk
        .drafts
        .iter()
        .map(|draft| {
            (
                draft.conversation.map(|id| id.0),
                draft.body.chars().take(7).collect::<String>(),
            )
        })
        .collect();
    texts.sort();
    assert!(
        texts.contains(&(Some(1042), "for ana".to_owned())),
        "{texts:?}"
    );
    assert!(
        texts.contains(&(Some(811), "for che".to_owned())),
        "{texts:?}"
    );
}

#[test]
fn a_text_that_could_not_be_saved_comes_back() {
    let mut bench = at_mail();
    bench.desk.refuse = Some(Refusal::Invalid("the disk is full".to_owned()));
    bench.hold();
    bench.press("ab<Esc>");
    bench.answer();
    bench.desk.refuse = None;
    assert!(
        bench.screen().contains("ab")
            || bench
                .desk
                .drafts
                .iter()
                .any(|draft| draft.body.starts_with("ab")),
        "{}",
        bench.screen()
    );
}

#[test]
fn what_is_queued_before_its_save_is_answered_leaves_no_draft_behind() {
    let mut bench = at_mail();
    bench.hold();
    bench.press("ok<C-s>y");
    bench.answer();
    assert_eq!(bench.desk.outbox.len(), 1);
    assert!(bench.desk.drafts.is_empty(), "{:?}", bench.desk.drafts);
}

#[test]
fn an_edited_draft_whose_base_is_gone_becomes_the_agents_own() {
    let mut bench = Bench::new(cards::setup(120, 36), World::morning());
    bench.press("gae").press("Dear Ana. ").press("<C-s>");
    bench.desk.refuse = Some(Refusal::NotPending {
        state: "superseded".to_owned(),
        because: "the customer wrote again".to_owned(),
    });
    bench.press("y");
    assert!(
        bench.status().contains("reply of your own"),
        "{}",
        bench.status()
    );
    bench.press("y");
    assert_eq!(queued(&bench).len(), 1, "{}", bench.screen());
    assert!(queued(&bench)[0].draft.body.starts_with("Dear Ana."));
}

#[test]
fn old_messages_that_were_read_late_are_not_called_new() {
    let mut world = World::morning();
    // History is read newest first: the older message has the greater number.
    for message in &mut world.messages {
        if message.id == MessageId(11) {
            message.id = MessageId(9_000);
        }
    }
    let mut bench = Bench::new(cards::setup(120, 36), world);
    bench.press("jj<Enter>r").press("ok<C-s>");
    assert!(
        !bench.screen().contains("came in since"),
        "{}",
        bench.screen()
    );
}

/// The file that was asked for is in the mirror.
#[allow(clippy::expect_used)]
fn attached(bench: &mut Bench<World>, mime: &str) {
    let id = bench.effects.iter().rev().find_map(|effect| match effect {
        Effect::Attach { id, .. } => Some(*id),
        _ => None,
    });
    let file = OutgoingAttachment {
        name: "bill".to_owned(),
        mime: mime.to_owned(),
        size: 5,
        sha256: "00".to_owned(),
        path: "/tmp/bill".into(),
    };
    bench.tell(Msg::Attached {
        id: id.expect("a file was asked for"),
        result: Ok(file),
    });
    bench.answer();
}

#[test]
fn a_text_with_a_file_is_its_caption_or_does_not_leave() {
    for (mime, says, leaves) in [
        ("application/pdf", "the text is the file's caption", true),
        ("audio/ogg", "A sound file has no text below it", false),
    ] {
        for size in [(120, 36), (80, 24), (40, 12)] {
            let mut bench = Bench::new(cards::setup(size.0, size.1), World::morning());
            bench.press("<Enter>rThe bill<C-s>A/tmp/bill<Enter>");
            attached(&mut bench, mime);
            let screen = bench.screen();
            if size.0 == 120 {
                assert!(screen.contains(says), "{screen}");
            }
            bench.press("y");
            assert_eq!(
                queued(&bench).len(),
                usize::from(leaves),
                "{mime}\n{screen}"
            );
        }
    }
}
