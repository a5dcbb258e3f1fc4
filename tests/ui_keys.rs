//! What keys do: every key of the table, in every place, and what must never happen.

use frontdesk::desk::RosterEntry;
use frontdesk::desk::off_roster::OffRoster;
use frontdesk::model::command::Refusal;
use frontdesk::model::{Command, ConversationId, MessageId, Status};
use frontdesk::testing::{Bench, World, cards, keys};
use frontdesk::ui::action::{Action, TABLE};
use frontdesk::ui::{Change, Effect, Msg, NoticeKind};
use proptest::prelude::*;

fn morning() -> Bench<World> {
    Bench::new(cards::setup(120, 36), World::morning())
}

fn lists() -> Msg {
    Msg::Changed(Change {
        lists: true,
        ..Change::default()
    })
}

#[test]
fn a_resolved_row_stays_under_the_cursor_until_the_cursor_leaves() {
    let mut bench = morning();
    bench.press("e").tell(lists());
    assert_eq!(
        bench.desk.get(1042).map(|one| one.status),
        Some(Status::Resolved)
    );
    assert!(bench.screen().contains("Ana Duarte"), "{}", bench.screen());
    bench.press("j");
    let list: String = bench
        .screen()
        .lines()
        .map(|line| line.chars().take(62).collect::<String>() + "\n")
        .collect();
    assert!(!list.contains("Ana Duarte"), "{list}");
}

#[test]
fn resolving_from_the_list_names_what_was_done_and_that_u_undoes_it() {
    let mut bench = morning();
    bench.press("e");
    let status = bench.status();
    assert!(
        status.contains("resolved 1") && status.contains('u'),
        "{status}"
    );
    bench.press("u");
    assert_eq!(
        bench.desk.get(1042).map(|one| one.status),
        Some(Status::Open)
    );
}

#[test]
fn the_cursor_stays_on_its_conversation_when_others_come_in() {
    let mut bench = morning();
    bench.press("jj");
    bench.desk.write(500, 900, "URGENT please");
    if let Some(olu) = bench.desk.get_mut(500) {
        olu.waiting_since = Some(frontdesk::model::Timestamp(0));
    }
    bench.tell(lists()).press("e");
    assert_eq!(
        bench.done.last(),
        Some(&Command::Resolve {
            ids: vec![ConversationId(811)]
        })
    );
}

#[test]
fn marked_rows_are_what_a_bulk_action_is_about() {
    let mut bench = morning();
    bench.press("<Space><Space>i");
    assert_eq!(
        bench.desk.get(1042).and_then(|one| one.assignee.clone()),
        Some("nina".to_owned())
    );
    let claimed = bench
        .desk
        .conversations
        .iter()
        .filter(|one| one.assignee.is_some())
        .count();
    assert_eq!(claimed, 3, "two marked and the one that was hers");
}

#[test]
fn a_range_marks_what_the_cursor_passes() {
    let mut bench = morning();
    bench.press("VjjVe");
    let resolved = bench
        .desk
        .conversations
        .iter()
        .filter(|one| one.status == Status::Resolved);
    assert_eq!(resolved.count(), 3);
}

#[test]
fn a_query_marks_the_whole_list_and_not_only_what_is_loaded() {
    let mut bench = Bench::new(cards::setup(120, 36), World::busy(2_000));
    bench.press("*").press("question 19<Enter>");
    assert!(
        bench.status().contains("111 are marked"),
        "{}",
        bench.status()
    );
    bench.press("<Esc>*<Enter>");
    assert!(
        bench.status().contains("2005 are marked"),
        "{}",
        bench.status()
    );
    assert!(bench.screen().contains("2005 marked"), "{}", bench.screen());
    bench.press("e");
    let open = |bench: &Bench<World>| {
        let all = bench.desk.conversations.iter();
        all.filter(|one| one.status == Status::Open).count()
    };
    assert_eq!(open(&bench), 0);
    assert!(
        bench.status().contains("resolved 2005"),
        "{}",
        bench.status()
    );
    bench.press("u");
    assert_eq!(open(&bench), 2_005);
}

#[test]
fn what_a_query_found_is_not_marked_in_another_list() {
    let mut bench = morning();
    bench.hold();
    bench.press("*<Enter>gs");
    bench.answer();
    assert!(!bench.screen().contains("marked"), "{}", bench.screen());
}

#[test]
fn several_labels_are_put_on_and_taken_off_together() {
    let mut bench = morning();
    // J. Chen's carries billing.
    bench.press("jjL").press("<Space>").press("refund<Space>");
    bench.press("legal<Enter>");
    assert_eq!(
        bench.done.last(),
        Some(&Command::Label {
            ids: vec![ConversationId(811)],
            add: vec!["legal".to_owned(), "refund".to_owned()],
            remove: vec!["billing".to_owned()],
        })
    );
    bench.press("u");
    let labels = bench.desk.get(811).map(|one| one.labels.clone());
    assert_eq!(labels, Some(vec!["billing".to_owned()]));
    let done = bench.done.len();
    bench.press("L<Space><Esc>");
    assert_eq!(bench.done.len(), done, "Esc leaves all as it was");
}

#[test]
fn a_time_is_typed_into_the_snooze_picker() {
    let mut bench = morning();
    bench.press("b").press("tue 9am");
    let screen = bench.screen();
    assert!(screen.contains("Tue 25 Nov 09:00"), "{screen}");
    bench.press("<C-u>").press("2h<Enter>");
    let until = bench.desk.get(1042).and_then(|one| one.snoozed_until);
    assert_eq!(
        until.map(|at| at.since(frontdesk::testing::world::NOW)),
        Some(7_200_000)
    );
    // What is no time says so and stays; the name of a choice is that choice.
    bench.press("jb").press("blue<Enter>");
    assert!(bench.screen().contains("is no time"), "{}", bench.screen());
    bench.press("<C-u>").press("tomorrow<Enter>");
    assert!(
        matches!(
            bench.done.last(),
            Some(Command::Snooze { until: Some(_), .. })
        ),
        "{:?}",
        bench.done.last()
    );
}

#[test]
fn the_last_action_is_repeated_on_another_conversation() {
    let mut bench = morning();
    bench.press("P").press("urg<Enter>").press("j.");
    let urgent: Vec<_> = bench
        .done
        .iter()
        .filter_map(|command| match command {
            Command::SetPriority { ids, .. } => Some(ids.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(urgent.len(), 2);
    assert_ne!(urgent[0], urgent[1]);
}

#[test]
fn a_long_list_is_walked_by_windows_and_never_held_whole() {
    let mut bench = Bench::new(cards::setup(80, 24), World::busy(2_000));
    for _ in 0..150 {
        bench.press("<C-d>");
    }
    let deep = bench.screen();
    bench.press("G");
    let end = bench.screen();
    bench.press("gg");
    assert!(bench.screen().contains("Ana Duarte"));
    assert!(deep != end && end.contains("2005"), "{end}");
    bench.press("Gkkkk");
    for _ in 0..400 {
        bench.press("<C-u>");
    }
    assert!(bench.screen().contains("Ana Duarte"), "{}", bench.screen());
}

#[test]
fn going_somewhere_and_back() {
    let mut bench = morning();
    for (keys, words) in [
        ("ga", "approve"),
        ("go", "Outbox"),
        ("gp", "Pages"),
        ("gd", "Drafts"),
        ("gh", "retry"),
        ("gm", "Mine"),
        ("gu", "Unassigned"),
        ("gs", "Snoozed"),
        ("gi", "Inbox"),
    ] {
        bench.press(keys);
        assert!(bench.screen().contains(words), "{keys}\n{}", bench.screen());
    }
    bench.press("gaq");
    assert!(bench.screen().contains("Inbox · closing soonest"));
    bench.press("q");
    assert_eq!(bench.effects(), vec![Effect::Quit]);
}

#[test]
fn a_key_that_does_nothing_says_so() {
    let mut bench = morning();
    bench.press("&");
    assert!(bench.status().contains('&'), "{}", bench.status());
    bench.press("g&");
    assert!(bench.status().contains("g &"), "{}", bench.status());
}

#[test]
fn a_refusal_is_told_and_nothing_else_happens() {
    let mut bench = morning();
    bench.desk.refuse = Some(Refusal::Invalid("not now".to_owned()));
    bench.press("e");
    assert!(bench.status().contains("not now"), "{}", bench.status());
}

#[test]
fn a_late_answer_for_a_conversation_that_was_left_is_dropped() {
    let mut bench = morning();
    bench.hold();
    bench.press("j");
    bench.press("j");
    bench.answer();
    let screen = bench.screen();
    assert!(screen.contains("#811"), "{screen}");
    assert!(screen.contains("paypal.example.evil.example"), "{screen}");
}

#[test]
fn searching_opens_at_what_was_found() {
    let mut bench = morning();
    bench.press("/").press("Madhapur").press("<Enter><Enter>");
    assert!(bench.screen().contains("#1042"), "{}", bench.screen());
}

#[test]
fn searching_for_mine_asks_as_the_agent() {
    let mut bench = morning();
    bench.press("/").press("is:mine").press("<Enter>");
    let screen = bench.screen();
    assert!(
        screen.contains("Olu") && !screen.contains("Marco"),
        "{screen}"
    );
}

#[test]
fn a_number_to_call_is_copied_and_never_opened() {
    let mut world = World::morning();
    world.write(
        1042,
        900,
        "call me: tel:+15550002222 or https://shop.example/a",
    );
    let mut bench = Bench::new(cards::setup(120, 36), world);
    bench.press("<Enter>o").press("+1555<Enter>");
    assert_eq!(
        bench.effects(),
        vec![Effect::Copy("+15550002222".to_owned())]
    );
    bench.press("o").press("shop<Enter>");
    assert_eq!(
        bench.effects(),
        vec![Effect::Open("https://shop.example/a".to_owned())]
    );
}

#[test]
fn attachments_are_offered_where_there_is_something_to_open() {
    for (body, offered) in [("nothing here", false), ("see www.shop.example", true)] {
        let mut world = World::morning();
        world.messages.retain(|one| one.conversation.0 != 1042);
        world.write(1042, 900, body);
        let mut bench = Bench::new(cards::setup(120, 36), world);
        bench.press("<Enter>").pass(30_000);
        let status = bench.status();
        assert!(status.contains("r reply"), "{status}");
        assert_eq!(status.contains("o attachments"), offered, "{status}");
        bench.press("o");
        let said = bench.status().contains("no attachment and no link here");
        assert_eq!(said, !offered, "{}", bench.status());
    }
}

#[test]
fn a_filter_narrows_and_an_empty_one_widens() {
    let mut bench = morning();
    bench.press("\\").press("olu<Enter>");
    let list = bench.screen();
    assert!(list.contains("Olu") && !list.contains("Marco"), "{list}");
    bench.press("\\").press("<C-u><Enter>");
    assert!(bench.screen().contains("Marco"));
}

#[test]
fn commands_are_typed_with_completion() {
    let mut bench = morning();
    bench.press(":ass<Tab>").press("raj<Enter>");
    assert_eq!(
        bench.desk.get(1042).and_then(|one| one.assignee.clone()),
        Some("raj".to_owned())
    );
    bench.press(":assign bob<Enter>");
    assert!(bench.screen().contains("no agent"), "{}", bench.screen());
}

#[test]
fn snoozing_takes_words() {
    let mut bench = morning();
    bench.press(":snooze 2h<Enter>");
    let until = bench.desk.get(1042).and_then(|one| one.snoozed_until);
    assert_eq!(
        until.map(|at| at.since(frontdesk::testing::world::NOW)),
        Some(7_200_000)
    );
}

#[test]
fn nothing_is_asked_for_and_nobody_is_woken_without_a_reason() {
    let mut bench = morning();
    let asked = |bench: &mut Bench<World>| {
        bench.hold();
        bench.pass(600_000);
        bench.effects.len()
    };
    assert_eq!(asked(&mut bench), 0);
    let mut wakes = 0;
    let mut now = frontdesk::testing::world::NOW;
    let (mut app, _) = frontdesk::ui::App::new(cards::setup(80, 24));
    while let Some(wake) = app
        .next_wake()
        .filter(|wake| wake.since(frontdesk::testing::world::NOW) <= 3_600_000)
    {
        assert!(wake > now);
        now = wake;
        wakes += 1;
        frontdesk::ui::update(&mut app, Msg::Clock(wake));
    }
    assert!(wakes <= 62, "{wakes} wakes in an hour of nothing");
}

#[test]
fn a_held_send_counts_down_by_seconds() {
    let mut bench = morning();
    bench.press("jj<Enter>r").press("thanks").press("<C-s>y");
    let before = bench.screen();
    bench.pass(3_000);
    let after = bench.screen();
    assert!(
        before.contains("10s") && after.contains("7s"),
        "{before}\n{after}"
    );
}

#[test]
fn marking_rejecting_and_paging_are_undone_with_u() {
    let mut bench = morning();
    bench.press("jjU");
    assert!(bench.status().contains("u undoes it"), "{}", bench.status());
    bench.press("u");
    assert_eq!(bench.done.last(), Some(&Command::Undo { id: None }));

    bench.press("gax").press("tone<Enter><Enter>");
    assert_eq!(
        bench.desk.proposals[0].state,
        frontdesk::model::ProposalState::Rejected
    );
    assert!(bench.status().contains("u undoes it"), "{}", bench.status());
    bench.press("u");
    assert_eq!(
        bench.desk.proposals[0].state,
        frontdesk::model::ProposalState::Pending
    );

    bench.press("gi^").press("raj<Enter>smoke<Enter>");
    let effects = bench.effects();
    let [Effect::People { .. }, Effect::Escalate { id, .. }] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    let outcome = frontdesk::model::Outcome {
        says: "paging raj about #1042; held for 5s".to_owned(),
        undoable: true,
        held_until: Some(frontdesk::testing::world::NOW + 5_000),
        ..frontdesk::model::Outcome::default()
    };
    let id = *id;
    bench.tell(Msg::Done {
        id,
        result: Ok(outcome),
    });
    assert!(bench.status().contains("u undoes it"), "{}", bench.status());
}

#[test]
fn opening_reads_without_an_entry_to_undo() {
    let mut bench = morning();
    bench.press("<Enter>");
    assert!(
        bench.done.contains(&Command::Look {
            id: ConversationId(1042)
        }),
        "{:?}",
        bench.done
    );
}

#[test]
fn v_goes_from_text_to_raw_to_html_and_back() {
    let mut world = World::morning();
    for message in &mut world.messages {
        if message.conversation.0 == 811 {
            message.content = frontdesk::model::Content::Html;
        }
    }
    let mut bench = Bench::new(cards::setup(120, 36), world);
    bench.press("jj<Enter>v");
    let screen = bench.screen();
    assert!(
        screen.contains("X-Raw: yes") && screen.contains("v: the HTML"),
        "{screen}"
    );
    bench.press("v");
    let screen = bench.screen();
    assert!(
        screen.contains("<html><body>") && screen.contains("v: text again"),
        "{screen}"
    );
    bench.press("v");
    assert!(!bench.screen().contains("<html>"), "{}", bench.screen());
    // What never was mail has two forms.
    bench.press("qgg<Enter>v");
    assert!(
        bench.screen().contains("v: text again"),
        "{}",
        bench.screen()
    );
    // A mail without HTML says so.
    let mut world = World::morning();
    for message in &mut world.messages {
        message.content = frontdesk::model::Content::Text;
    }
    let mut bench = Bench::new(cards::setup(120, 36), world);
    bench.press("jj<Enter>vv");
    assert!(bench.status().contains("no HTML"), "{}", bench.status());
}

#[test]
fn an_attachment_is_looked_at_before_it_is_saved_or_opened() {
    let mut world = World::morning();
    let text = "date,amount\n".to_owned() + &"2025-11-01,12\n".repeat(100) + "the end";
    world.files.insert("statement-nov.pdf".to_owned(), text);
    let mut bench = Bench::new(cards::setup(80, 24), world);
    bench.press("jj<Enter>o").press("look<Enter>");
    assert!(bench.screen().contains("date,amount"), "{}", bench.screen());
    bench.press("G");
    assert!(bench.screen().contains("the end"), "{}", bench.screen());
    // Saving comes back to it; opening leaves it.
    bench.press("s").press("/tmp/x<Enter>");
    bench.press("g");
    assert!(bench.screen().contains("date,amount"), "{}", bench.screen());
    bench.press("o");
    let effects = bench.effects();
    assert!(
        matches!(
            effects.as_slice(),
            [Effect::SaveAttachment { to, .. }, Effect::OpenAttachment(_)] if to == "/tmp/x"
        ),
        "{effects:?}"
    );
    assert!(
        !bench.screen().contains("date,amount"),
        "{}",
        bench.screen()
    );
}

#[test]
fn list_keys_do_not_approve() {
    for key in "ieEabLPMm!USV*rnftscovzTW".chars() {
        let mut bench = morning();
        bench.press("ga");
        bench.press(&key.to_string());
        let approved = bench.done.iter().any(|command| {
            matches!(
                command,
                Command::Approve { .. } | Command::ApproveEdited { .. }
            )
        });
        assert!(!approved, "{key}");
    }
}

#[test]
fn y_approves_what_was_seen_and_names_its_bytes() {
    let mut bench = morning();
    let hash = bench.desk.proposals[0].bound_hash();
    bench.press("ga").pass(1_000).press("y");
    assert!(
        bench.done.iter().any(
            |command| matches!(command, Command::Approve { hash: bound, .. } if *bound == hash)
        ),
        "{:?}\n{}",
        bench.done,
        bench.screen()
    );
}

#[test]
fn y_does_not_approve_what_was_not_seen_to_its_end() {
    let mut world = World::morning();
    world.proposals[0].body = "line\n".repeat(200);
    let mut bench = Bench::new(cards::setup(120, 36), world);
    bench.press("ga").pass(1_000).press("y");
    assert!(
        bench
            .done
            .iter()
            .all(|command| !matches!(command, Command::Approve { .. }))
    );
    assert!(bench.status().contains("to the end"), "{}", bench.status());
}

#[test]
fn pasted_text_presses_no_keys() {
    let mut bench = morning();
    bench.press("ga");
    bench.done.clear();
    bench.tell(Msg::Paste("y\ny\nYYq:quit\n".to_owned()));
    assert!(bench.done.is_empty() && bench.effects().is_empty());
    bench.press("gijj<Enter>r");
    bench.done.clear();
    bench.tell(Msg::Paste("one\ntwo\u{1b}[31m\n".to_owned()));
    assert!(
        bench
            .done
            .iter()
            .all(|command| matches!(command, Command::SaveDraft(_))),
        "{:?}",
        bench.done
    );
    let saved = bench.desk.drafts[0].body.clone();
    assert!(
        saved.contains("one\ntwo") && !saved.contains('\u{1b}'),
        "{saved:?}"
    );
}

#[test]
fn every_action_can_be_run_by_name_and_says_something_or_does_something() {
    for row in TABLE {
        if matches!(
            row.action,
            Action::Quit | Action::Suspend | Action::Back | Action::Redraw
        ) {
            continue;
        }
        let mut bench = morning();
        let before = bench.screen();
        bench.press(&format!(":{}<Enter>", row.name));
        let after = bench.screen();
        assert!(!after.contains("there is no command"), "{}", row.name);
        let _ = before;
    }
}

#[test]
fn notices_are_shown_and_go_away() {
    let mut bench = morning();
    bench.tell(Msg::Notice {
        text: "the editor ended with code 1; the draft is kept".to_owned(),
        kind: NoticeKind::Warning,
    });
    assert!(
        bench.status().contains("the editor ended"),
        "{}",
        bench.status()
    );
    bench.pass(60_000);
    assert!(!bench.status().contains("the editor ended"));
}

/// Keys that mean something, and some that do not.
fn any_key() -> impl Strategy<Value = String> {
    let table: Vec<String> = TABLE
        .iter()
        .flat_map(|row| row.keys.iter())
        .filter(|keys| **keys != "C-z")
        .map(|keys| {
            keys.split(' ')
                .map(|key| {
                    if key.chars().count() > 1 {
                        format!("<{key}>")
                    } else {
                        key.replace('<', "<lt>")
                    }
                })
                .collect()
        })
        .collect();
    prop_oneof![
        8 => prop::sample::select(table),
        2 => prop::sample::select(vec!["<Enter>", "<Esc>", "j", "x", "1", "<Backspace>", "<Left>", "é", "%"]).prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 200, ..ProptestConfig::default() })]

    /// A robot at the keyboard: no sequence of keys at no size breaks anything, asks for ever or sends without a review.
    #[test]
    fn no_keys_break_it(
        columns in 1u16..160,
        rows in 1u16..50,
        presses in prop::collection::vec(any_key(), 1..60),
    ) {
        let mut bench = Bench::new(cards::setup(columns, rows), World::busy(40));
        for press in &presses {
            bench.press(press);
            bench.screen();
            if press == "j" {
                bench.desk.write(1042, 900, "and now?");
                bench.tell(Msg::Changed(Change { lists: true, conversations: vec![ConversationId(1042)], ..Change::default() }));
            }
        }
        prop_assert!(bench.desk.messages.iter().all(|message| message.id != MessageId(0)));
        let _ = keys::presses("");
    }
}

#[test]
fn a_second_press_does_not_approve_the_next_draft_unseen() {
    let mut world = World::morning();
    let second = world.get(811).cloned().expect("a customer");
    let more =
        frontdesk::testing::people::proposal(89, &second, MessageId(12), "We pay it back today.");
    world.proposals.push(more);
    let mut bench = Bench::new(cards::setup(120, 36), world);
    bench.press("ga").pass(1_000).press("yy");
    let approved = |bench: &Bench<World>| {
        let all = bench.done.iter();
        all.filter(|command| matches!(command, Command::Approve { .. }))
            .count()
    };
    assert_eq!(approved(&bench), 1);
    bench.pass(1_000).press("y");
    assert_eq!(approved(&bench), 2);
}

#[test]
fn what_no_key_would_do_cannot_be_done_by_name() {
    let mut bench = morning();
    bench.pass(1_000).press(":approvals.approve<Enter>");
    assert!(
        bench.status().contains("that is for approvals"),
        "{}",
        bench.status()
    );
    bench.press(":review.queue<Enter>");
    assert!(
        bench.status().contains("nothing is being reviewed"),
        "{}",
        bench.status()
    );
    assert!(bench.done.is_empty(), "{:?}", bench.done);
}

#[test]
fn many_drafts_are_approved_together_only_when_all_were_read_and_pass() {
    let mut world = World::morning();
    world.proposals.clear();
    for (index, id) in [811, 500].into_iter().enumerate() {
        let one = world.get(id).cloned().expect("a customer");
        let head = one.head.expect("a message");
        let mut proposal =
            frontdesk::testing::people::proposal(90 + index as i64, &one, head, "Thank you.");
        proposal.gates.retain(|gate| gate.gate == "links");
        world.proposals.push(proposal);
    }
    let mut bench = Bench::new(cards::setup(120, 36), world);
    bench
        .press("ga")
        .pass(1_000)
        .press("<Space><Space>Y2<Enter>");
    assert!(
        bench.screen().contains("not on the screen in full"),
        "{}",
        bench.screen()
    );
    bench
        .press("<Esc>")
        .pass(1_000)
        .press("k")
        .pass(1_000)
        .press("Y3<Enter>");
    assert!(bench.screen().contains("type 2"), "{}", bench.screen());
    bench.press("<Backspace>2<Enter>");
    let approved = bench
        .done
        .iter()
        .filter(|command| matches!(command, Command::Approve { .. }));
    assert_eq!(approved.count(), 2, "{}", bench.screen());
}

#[test]
fn a_search_is_kept_beside_what_is_written_and_come_back_to() {
    let mut bench = morning();
    bench.press("/").press("invoice").press("<Enter>");
    assert!(
        bench.screen().contains("#811") && bench.screen().contains("found"),
        "{}",
        bench.screen()
    );
    bench.press("r").press("we look<Esc>");
    assert!(bench.screen().contains(" / invoice"), "{}", bench.screen());
    bench.press("q").press("q");
    assert!(
        bench.screen().contains("Inbox · closing soonest"),
        "{}",
        bench.screen()
    );
}

#[test]
fn what_was_opened_from_a_place_leads_back_to_it() {
    let mut bench = morning();
    bench
        .press("<Enter>r")
        .press("later<Esc>")
        .press("gd<Enter>");
    assert!(bench.screen().contains("later"), "{}", bench.screen());
    bench.press("<Esc>q");
    assert!(
        bench.screen().contains("Drafts · your unsent texts"),
        "{}",
        bench.screen()
    );
}

#[test]
fn a_message_far_back_is_shown_when_it_is_found() {
    let mut world = World::morning();
    let ana = world.get(1042).cloned().expect("Ana");
    world
        .messages
        .retain(|message| message.conversation != ana.id);
    for index in 0..500 {
        let body = if index == 20 {
            "the needle".to_owned()
        } else {
            format!("line {index}")
        };
        let at =
            frontdesk::model::Timestamp(frontdesk::testing::world::NOW.0 - (600 - index) * 60_000);
        world.messages.push(frontdesk::testing::people::inbound(
            3_000 + index,
            &ana,
            at,
            &body,
        ));
    }
    let mut bench = Bench::new(cards::setup(120, 36), world);
    bench.press("/").press("needle").press("<Enter>");
    assert!(bench.screen().contains("the needle"), "{}", bench.screen());
    assert!(bench.screen().contains("line 21"), "{}", bench.screen());
}

#[test]
fn writing_is_never_hidden_by_the_contact() {
    for size in [(120, 36), (80, 24), (40, 12)] {
        let mut bench = Bench::new(cards::setup(size.0, size.1), World::morning());
        bench.press("<Enter>cr").press("hello");
        assert!(
            bench.screen().contains("hello") && bench.frame().1.is_some(),
            "{}",
            bench.screen()
        );
    }
}

#[test]
fn escape_never_ends_the_program() {
    let mut bench = morning();
    bench.press("<Enter><Esc><Esc><Esc><Esc>");
    assert!(bench.effects().is_empty());
    assert!(bench.status().contains("q quits"), "{}", bench.status());
}

#[test]
fn a_reply_typed_before_its_conversation_is_read_is_not_lost() {
    for size in [(120, 36), (80, 24), (40, 12)] {
        let mut bench = Bench::new(cards::setup(size.0, size.1), World::morning());
        bench.hold();
        bench.press("j<Enter>rYes, e and x and q: we come.<Enter>Nina");
        assert!(bench.status().contains("C-c"), "{}", bench.status());
        bench.answer();
        assert!(
            bench.screen().contains("Yes, e and x and q: we come."),
            "{}",
            bench.screen()
        );
        let acted =
            |command: &&Command| !matches!(command, Command::SaveDraft(_) | Command::Look { .. });
        assert_eq!(bench.done.iter().find(acted), None);
    }
}

#[test]
fn keys_typed_before_the_list_is_read_are_for_its_rows() {
    let mut bench = Bench::silent(cards::setup(80, 24), World::morning());
    bench.press("jj");
    bench.press("e");
    assert!(bench.done.is_empty());
    bench.answer();
    let mut slow = morning();
    slow.press("jje");
    assert_eq!(bench.done.last(), slow.done.last());
}

#[test]
fn another_list_is_never_answered_with_the_one_before() {
    let mut bench = morning();
    bench.hold();
    bench.tell(lists()).press("gm<Enter>");
    bench.answer();
    let opened = bench
        .done
        .iter()
        .find_map(|command| match command {
            Command::Look { id } => Some(*id),
            _ => None,
        })
        .and_then(|id| bench.desk.get(id.0).and_then(|one| one.assignee.clone()));
    assert!(
        opened.is_none() || opened.as_deref() == Some("nina"),
        "{opened:?}"
    );
}

#[test]
fn what_waits_too_long_is_dropped_and_never_pressed() {
    let mut bench = morning();
    bench.hold();
    bench.press("jre x!");
    bench.pass(20_000);
    assert!(bench.status().contains("dropped"), "{}", bench.status());
    bench.answer();
    assert!(bench.done.is_empty(), "{:?}", bench.done);
    bench.hold();
    bench.press("jr!").press("<C-c>");
    assert!(bench.status().contains("dropped"), "{}", bench.status());
}

#[test]
fn a_search_begins_anew_and_enter_waits_for_what_was_typed() {
    let mut bench = Bench::new(cards::setup(80, 24), World::morning());
    bench.press("/xyzzy<Enter>");
    assert!(
        bench.status().contains("nothing found"),
        "{}",
        bench.status()
    );
    bench.press("<Esc>/");
    bench.hold();
    bench.press("are<Enter>");
    bench.answer();
    let screen = bench.screen();
    assert!(screen.contains("/ are "), "{screen}");
    assert!(screen.contains("found"), "{screen}");
}

#[test]
fn what_was_said_gives_way_to_the_next_key() {
    let mut bench = Bench::new(cards::setup(80, 24), World::morning());
    bench.press("z");
    assert!(bench.status().contains("folded"), "{}", bench.status());
    assert!(bench.status().contains("? help"), "{}", bench.status());
    bench.press("?");
    assert!(!bench.status().contains("folded"), "{}", bench.status());
}

/// The queue of approvals as it is asked for, with its rows still on their way, and these keys typed meanwhile.
fn typed_ahead_of_drafts(keys: &str) -> Bench<World> {
    let mut world = World::morning();
    let second = world.conversations[0].clone();
    let more = frontdesk::testing::people::proposal(89, &second, MessageId(12), "We pay it back.");
    world.proposals.push(more);
    let mut bench = Bench::new(cards::setup(120, 36), world);
    bench.hold();
    bench.press("ga").press(keys);
    assert!(bench.done.is_empty(), "{:?}", bench.done);
    bench.answer();
    bench
}

#[test]
fn keys_before_the_drafts_are_there_wait_for_them() {
    for (keys, wanted) in [
        ("x", "reject because"),
        ("R", "what should be different"),
        ("e", "C-s"),
        ("w", "pass"),
    ] {
        let bench = typed_ahead_of_drafts(keys);
        assert!(
            bench.screen().contains(wanted),
            "{keys}: {}",
            bench.screen()
        );
        assert!(bench.done.is_empty(), "{keys}: {:?}", bench.done);
    }
    let mut moved = typed_ahead_of_drafts("j");
    moved
        .pass(1_000)
        .press("x")
        .press("tone<Enter>")
        .press("too cold<Enter>");
    let second = moved.desk.proposals[1].id;
    let about = moved.done.iter().find_map(|command| match command {
        Command::Reject { id, .. } => Some(*id),
        _ => None,
    });
    assert_eq!(about, Some(second), "{:?}", moved.done);
}

#[test]
fn nothing_is_decided_about_a_draft_that_nobody_can_have_seen() {
    let sorts = [
        ("y", "look at it, then y"),
        ("jy", "look at it, then y"),
        (" y", "look at it, then y"),
        (
            "xtone<Enter>too cold<Enter>",
            "dropped: look at the draft first",
        ),
        ("ehello<C-s>y", "dropped: look at the draft first"),
        ("Rshorter<Enter>", "dropped: look at the draft first"),
        ("i", "look at it first"),
        ("!", "look at it first"),
        ("E", "look at it first"),
        (".", "nothing to repeat"),
        (":approvals.approve<Enter>", "look at the draft first"),
    ];
    for (keys, wanted) in sorts {
        let bench = typed_ahead_of_drafts(keys);
        assert!(bench.done.is_empty(), "{keys}: {:?}", bench.done);
        assert!(
            bench.status().contains(wanted),
            "{keys}: {}",
            bench.screen()
        );
    }
}

#[test]
fn keys_typed_before_an_empty_queue_are_told() {
    let mut world = World::morning();
    world.proposals.clear();
    let mut bench = Bench::new(cards::setup(120, 36), world);
    bench.hold();
    bench.press("gaxabc");
    bench.answer();
    let status = bench.status();
    assert!(status.contains("no draft waits for a decision"), "{status}");
    assert!(status.contains("dropped"), "{status}");
    assert!(bench.done.is_empty());
}

#[test]
fn keys_before_the_accounts_are_there_wait_for_them() {
    let mut bench = Bench::silent(cards::setup(120, 36), World::morning());
    bench.press("gh").press("X");
    assert!(bench.status().contains("1 key waits"), "{}", bench.status());
    bench.answer();
    assert!(bench.screen().contains("Take "), "{}", bench.screen());
}

fn off_roster(name: &str, title: &str, email: Option<&str>) -> OffRoster {
    OffRoster {
        entry: RosterEntry {
            name: name.to_owned(),
            title: Some(title.to_owned()),
            email: email.map(str::to_owned),
            phone: Some("104".to_owned()),
            ..RosterEntry::default()
        },
        account: "phone".to_owned(),
    }
}

/// Tells the list of whom to page what the accounts know.
fn people(bench: &mut Bench<World>, people: Vec<OffRoster>, problems: &[&str]) {
    let asked = bench.effects();
    let id = asked.iter().rev().find_map(|effect| match effect {
        Effect::People { id } => Some(*id),
        _ => None,
    });
    assert!(id.is_some(), "{asked:?}");
    bench.tell(Msg::People {
        id: id.unwrap_or_default(),
        people,
        problems: problems.iter().map(|&one| one.to_owned()).collect(),
    });
}

#[test]
fn whom_the_accounts_know_can_be_paged_and_is_marked() {
    let signe = || off_roster("signe-holm", "Signe Holm", Some("s@lindqvist.example"));
    let mut bench = morning();
    bench.press("^");
    let screen = bench.screen();
    assert!(screen.contains("raj  on the roster"), "{screen}");
    assert!(
        screen.contains("reading whom your accounts know"),
        "{screen}"
    );
    // What came does not move what is under the cursor.
    bench.press("ra");
    people(
        &mut bench,
        vec![off_roster("ra", "Ra", Some("ra@x.example")), signe()],
        &[],
    );
    bench.press("<Enter>");
    assert!(
        bench.screen().contains("page raj: why"),
        "{}",
        bench.screen()
    );
    bench.press("<Esc>^");
    people(
        &mut bench,
        vec![signe(), off_roster("workshop", "Workshop", None)],
        &[],
    );
    let screen = bench.screen();
    assert!(!screen.contains("reading whom"), "{screen}");
    assert!(
        screen.contains("signe-holm  of phone · Signe Holm · 104"),
        "{screen}"
    );
    assert!(screen.contains("of phone · no mail address"), "{screen}");
    bench.press("signe<Enter>gas<Enter>");
    let asked = bench.effects();
    let Some(Effect::Escalate { to, reason, .. }) = asked.last() else {
        panic!("{asked:?}");
    };
    assert_eq!((to.as_str(), reason.as_str()), ("signe-holm", "gas"));
    bench.press("^");
    people(
        &mut bench,
        vec![off_roster("workshop", "Workshop", None)],
        &[],
    );
    bench.press("work<Enter>");
    let status = bench.status();
    assert!(
        status.contains("no mail address is known of workshop"),
        "{status}"
    );
    assert!(bench.effects().is_empty());
}

#[test]
fn without_a_roster_the_accounts_are_asked_first() {
    let mut setup = cards::setup(120, 36);
    setup.roster.clear();
    let mut bench = Bench::new(setup.clone(), World::morning());
    bench.press("^om");
    people(
        &mut bench,
        vec![off_roster("omar", "Omar", Some("o@x.example"))],
        &[],
    );
    bench.press("<Enter>");
    assert!(
        bench.screen().contains("page omar: why"),
        "{}",
        bench.screen()
    );
    for (problems, wanted) in [
        (&[][..], "nobody is on the roster"),
        (
            &["phone: its people cannot be listed: no right"][..],
            "no right",
        ),
    ] {
        let mut bench = Bench::new(setup.clone(), World::morning());
        bench.press("^");
        people(&mut bench, Vec::new(), problems);
        assert!(bench.status().contains(wanted), "{}", bench.screen());
        assert!(!bench.screen().contains("page"), "{}", bench.screen());
    }
}

#[test]
fn a_typed_name_may_be_of_whom_only_the_accounts_know() {
    let signe = || off_roster("signe-holm", "Signe Holm", Some("s@lindqvist.example"));
    let mut bench = morning();
    bench.press(":escalate si");
    people(
        &mut bench,
        vec![signe(), off_roster("workshop", "Workshop", None)],
        &[],
    );
    // It can be completed; who cannot be paged is not proposed.
    assert!(bench.screen().contains("signe-holm"), "{}", bench.screen());
    assert!(!bench.screen().contains("workshop"), "{}", bench.screen());
    bench.press("<Tab>gas smell<Enter>");
    let asked = bench.effects();
    let Some(Effect::Escalate { id, to, reason, .. }) = asked.last() else {
        panic!("{asked:?}");
    };
    assert_eq!((to.as_str(), reason.as_str()), ("signe-holm", "gas smell"));
    // A refusal leads back to the line, with nothing lost.
    let (id, why) = (*id, "nobody called `signe-holm` can be paged");
    let result = Err(Refusal::Invalid(why.to_owned()));
    bench.tell(Msg::Done { id, result });
    let screen = bench.screen();
    assert!(
        screen.contains(":escalate signe-holm gas smell"),
        "{screen}"
    );
    assert!(screen.contains(why), "{screen}");
}

#[test]
fn a_refused_page_does_not_come_back_about_another_conversation() {
    let mut bench = morning();
    bench.press(":escalate nobody gas<Enter>");
    assert!(bench.status().contains("asking your accounts"));
    let asked = bench.effects();
    let Some(Effect::Escalate { id, .. }) = asked.last() else {
        panic!("{asked:?}");
    };
    bench.press("j");
    let result = Err(Refusal::Invalid("nobody is called so".to_owned()));
    bench.tell(Msg::Done { id: *id, result });
    assert!(bench.status().contains("nobody is called so"));
    assert!(!bench.screen().contains(":escalate"), "{}", bench.screen());
}

#[test]
fn a_list_of_people_that_comes_late_changes_nothing_else() {
    let mut bench = morning();
    bench.press("^<Esc>a");
    let before = bench.screen();
    people(
        &mut bench,
        vec![off_roster("omar", "Omar", None)],
        &["phone: no"],
    );
    assert_eq!(bench.screen(), before);
}

#[test]
fn what_opens_shows_its_own_keys_not_the_warning_of_before() {
    let mut bench = morning();
    bench.press("^");
    people(
        &mut bench,
        vec![off_roster("workshop", "Workshop", None)],
        &[],
    );
    bench.press("work<Enter>");
    let status = bench.status();
    assert!(status.contains("no mail address"), "{status}");
    bench.press("a");
    let status = bench.status();
    assert!(status.contains("Enter choose"), "{status}");
}
