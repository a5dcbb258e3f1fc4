//! Every action of the table, pressed where it works, shows something: what it did, or why it cannot
//! be done.

use std::time::Duration;

use frontdesk::ui::action::{Action, Scope, TABLE};

use crate::desk::{SOON, back, is_hit, opened, press_and_see, says, side_by_side, with_drafts};
use crate::support::pty::Pty;

/// A key as the table writes it, as the driver writes it.
fn pressed(sequence: &str) -> String {
    sequence
        .split(' ')
        .map(|key| {
            if key.chars().count() > 1 {
                format!("<{key}>")
            } else {
                key.to_owned()
            }
        })
        .collect()
}

fn try_scope(scope: Scope, go: impl Fn(&mut Pty) + Sync) {
    // Leaving and stopping have tests of their own; painting the same again shows nothing new.
    let apart = [
        Action::Quit,
        Action::Back,
        Action::Suspend,
        Action::Redraw,
        // All of it is to be seen.
        Action::ReviewDown,
        Action::ReviewUp,
        Action::Fold,
        Action::ReviewDetach,
    ];
    let all: Vec<_> = TABLE
        .iter()
        .filter(|row| row.scope == scope && !apart.contains(&row.action))
        .flat_map(|row| row.keys.iter().map(|keys| (*keys, row.name)))
        .collect();
    println!("{}: {} keys", scope.name(), all.len());
    assert!(all.len() > 3);
    side_by_side(&all, |part| {
        let mut pty = with_drafts();
        for (at, (keys, name)) in part.iter().enumerate() {
            if at > 0 {
                pty = back(pty);
            }
            go(&mut pty);
            press_and_see(&mut pty, &pressed(keys), name);
            assert!(pty.running(), "{name} ended it");
        }
    });
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn anywhere() {
    try_scope(Scope::Anywhere, |pty| {
        pty.keys("<Enter>");
        opened(pty);
    });
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn in_lists() {
    try_scope(Scope::List, |pty| {
        pty.keys("ggjjj");
        pty.wait_until("the fourth row", SOON, |screen| {
            // Below the header and the head of the list, each row has two lines.
            screen.lines().nth(8).is_some_and(is_hit)
        });
    });
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn in_conversations() {
    try_scope(Scope::Conversation, |pty| {
        pty.keys("<Enter>");
        opened(pty);
    });
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn in_the_composer_and_the_last_look() {
    try_scope(Scope::Composer, |pty| {
        pty.keys("<Enter>").settle(Duration::from_millis(200));
        pty.keys("rx");
        says(pty, "C-s review");
    });
    try_scope(Scope::Review, |pty| {
        pty.keys("<Enter>").settle(Duration::from_millis(200));
        pty.keys("rx<C-s>").wait_for("this is what leaves");
    });
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn in_approvals() {
    try_scope(Scope::Approvals, |pty| {
        pty.keys("ga");
        says(pty, "y approve");
    });
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn in_outbox_and_pages() {
    try_scope(Scope::Outbox, |pty| {
        pty.keys("go").wait_for(" Outbox");
    });
    try_scope(Scope::Pages, |pty| {
        pty.keys("gp").wait_for("gas smell");
    });
}
