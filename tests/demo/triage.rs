//! Sorting out the inbox: every verb, one at a time and on many, typed and pressed, and undone.

use std::time::Duration;

use crate::desk::{SOON, find, says, still};
use crate::support::wait::until;

/// The number at the right of an entry in the sidebar.
fn count(screen: &str, entry: &str) -> u32 {
    let line = screen.lines().find(|line| {
        let line = line.trim_start_matches(['▸', '>', ' ']);
        line.starts_with(entry)
    });
    let column = line.and_then(|line| line.split('│').next()).unwrap_or("");
    let digits = column.split_whitespace().last();
    digits.and_then(|word| word.parse().ok()).unwrap_or(0)
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn every_verb_of_the_list_acts_and_is_undone() {
    let mut pty = still(120, 36);
    let verbs = [
        ("e", "resolved"),
        ("i", "nina"),
        ("m", "mute"),
        ("!", "spam"),
        ("araj<Enter>", "raj"),
        ("Lbilling<Enter>", "labelled"),
        ("Phigh<Enter>", "undoes"),
        ("bin an hour<Enter>", "snoozed"),
    ];
    for (keys, words) in verbs {
        let (first, rest) = keys.split_at(1);
        pty.keys(first).settle(Duration::from_millis(250));
        pty.keys(rest);
        says(&pty, words);
        says(&pty, "undoes it");
        pty.keys("u");
        pty.wait_until(&format!("the undoing of {keys}"), SOON, |screen| {
            screen
                .lines()
                .last()
                .is_some_and(|line| !line.contains("undoes it"))
        });
        pty.settle(Duration::from_millis(150));
    }
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn many_are_resolved_at_once_and_brought_back_at_once() {
    let mut pty = still(120, 36);
    let before = count(&pty.screen(), "Inbox");
    assert!(before > 50, "{}", pty.screen());
    pty.keys("<Space><Space><Space>")
        .settle(Duration::from_millis(200));
    pty.keys("e");
    says(&pty, "3");
    pty.wait_until("three less", SOON, |screen| {
        count(screen, "Inbox") == before - 3
    });
    pty.keys("u");
    pty.wait_until("all back", SOON, |screen| count(screen, "Inbox") == before);
    // And the same on a range.
    pty.keys("VjjjV").settle(Duration::from_millis(200));
    pty.keys("i");
    says(&pty, "4");
    pty.keys("u");
    pty.wait_until("nobody's again", SOON, |screen| {
        !screen.contains("undoes it")
    });
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn commands_do_the_same_as_keys() {
    let mut pty = still(120, 36);
    let before = count(&pty.screen(), "Inbox");
    let snoozed = count(&pty.screen(), "Snoozed");
    pty.keys(":snooze 2h<Enter>");
    pty.wait_until("one snoozed more", SOON, |screen| {
        count(screen, "Snoozed") == snoozed + 1 && count(screen, "Inbox") == before - 1
    });
    pty.keys("u");
    pty.wait_until("none", SOON, |screen| count(screen, "Snoozed") == snoozed);
    pty.keys(":label +vip-visit<Enter>").wait_for("vip-visit");
    pty.keys(":assign tom<Enter>");
    says(&pty, "tom");
    pty.keys(":priority urgent<Enter>");
    says(&pty, "urgent");
    pty.keys(":note ask for the meter number<Enter>")
        .wait_for("ask for the meter number");
    // What is wrong is said, and the line stays to be mended.
    pty.keys(":snooze when the cows come home<Enter>")
        .settle(Duration::from_millis(300));
    pty.wait_for("cows come home");
    pty.keys("<Esc>").wait_gone("cows come home");
    pty.keys(":nonsense<Enter>").wait_for("there is no command");
    pty.keys("<Esc>").wait_gone("there is no command");
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn search_finds_while_typing_and_opens() {
    let mut pty = still(120, 36);
    pty.keys("/").settle(Duration::from_millis(150));
    for (typed, found) in [
        ("knocking", "Nothing found"),
        ("<BS><BS><BS><BS><BS><BS><BS><BS>two-wire", "boilers"),
    ] {
        pty.keys(typed).wait_for(found);
    }
    pty.keys("<Enter>").settle(Duration::from_millis(200));
    pty.keys("<Enter>").wait_for("the manual is unclear");
    says(&pty, "r reply");
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn a_list_is_narrowed_sorted_and_kept_as_a_view() {
    let mut pty = still(120, 36);
    pty.keys("\\").settle(Duration::from_millis(150));
    pty.keys("channel:sms<Enter>");
    pty.wait_until("only text messages", SOON, |screen| {
        screen.contains(" sm ") && !screen.contains(" wa ") && !screen.contains(" em ")
    });
    pty.keys("gS").settle(Duration::from_millis(150));
    pty.keys("texts<Enter>")
        .wait_until("the view in the sidebar", SOON, |screen| {
            screen
                .lines()
                .any(|line| line.trim_start_matches(['▸', ' ']).starts_with("texts"))
        });
    pty.keys("\\").settle(Duration::from_millis(150));
    pty.keys("<C-u><Enter>").wait_for(" wc ");
    let mut sorts = std::collections::BTreeSet::new();
    for _ in 0..6 {
        let screen = pty.screen();
        let head = screen
            .lines()
            .find(|line| line.contains("Inbox ·"))
            .unwrap_or("");
        let sort = head.split("Inbox · ").nth(1).unwrap_or("");
        sorts.insert(sort.split("  ").next().unwrap_or("").to_owned());
        pty.keys("S").settle(Duration::from_millis(200));
    }
    assert!(sorts.len() >= 2, "{sorts:?}");
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn help_tells_every_key_of_the_place() {
    let mut pty = still(120, 36);
    pty.keys("?").wait_for("Answer the customer");
    pty.keys("<Esc>").wait_gone("Answer the customer");
    pty.keys("ga").settle(Duration::from_millis(200));
    pty.keys("?").wait_for("Turn it down with a reason");
    pty.keys("<Esc>").wait_gone("Turn it down with a reason");
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn an_open_conversation_shows_all_it_has() {
    let mut pty = still(120, 36);
    find(&mut pty, "channel:email 4410 charged twice");
    pty.keys("c").wait_for("known since");
    pty.keys("c").wait_gone("known since");
    pty.keys("o")
        .wait_for("save statement.csv")
        .wait_for("invoice-4410.pdf");
    pty.keys("save statement<Enter>")
        .settle(Duration::from_millis(200));
    pty.keys("<Enter>");
    says(&pty, "saved as");
    let saved: Vec<_> = std::fs::read_dir(pty.home())
        .unwrap()
        .flatten()
        .filter(|entry| entry.file_name() == "statement.csv")
        .collect();
    assert_eq!(saved.len(), 1);
    pty.keys("v").wait_for("raw form");
    pty.keys("v").wait_gone("raw form");
    pty.keys("W").wait_for("why is this here");
    pty.keys("<Esc>").wait_gone("why is this here");
    pty.keys("yy");
    says(&pty, "copied");
    // No display is there: the terminal's clipboard it is.
    until("the terminal's clipboard", SOON, || {
        let raw = pty.raw();
        raw.windows(5)
            .any(|window| window == b"\x1b]52;")
            .then_some(())
    });
}
