//! Every action of the table, pressed where it works, shows something: what it did, or why it cannot
//! be done.

use std::time::Duration;

use frontdesk::ui::action::{Action, Scope, TABLE};

use crate::desk::{
    SOMETIME, SOON, home, is_hit, opened, press_and_see, says, status, still_with_editor,
};
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

fn begin() -> Pty {
    let pty = still_with_editor(120, 36);
    pty.wait_until("the assistant's drafts", SOMETIME, |screen| {
        screen.contains("approvals ")
    });
    pty
}

fn try_scope(scope: Scope, go: impl Fn(&mut Pty)) {
    let mut pty = begin();
    let mut tried = 0;
    for row in TABLE.iter().filter(|row| row.scope == scope) {
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
        if apart.contains(&row.action) {
            continue;
        }
        for sequence in row.keys {
            home(&mut pty);
            if !status(&pty).contains("? help") {
                // What the last key did is still told, and could be told again in the same words.
                pty = begin();
            }
            go(&mut pty);
            press_and_see(&mut pty, &pressed(sequence), row.name);
            assert!(pty.running(), "{} ended it", row.name);
            tried += 1;
        }
    }
    println!("{}: {tried} keys", scope.name());
    assert!(tried > 3);
}

#[test]
fn anywhere() {
    try_scope(Scope::Anywhere, |pty| {
        pty.keys("<Enter>");
        opened(pty);
    });
}

#[test]
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
fn in_conversations() {
    try_scope(Scope::Conversation, |pty| {
        pty.keys("<Enter>");
        opened(pty);
    });
}

#[test]
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
fn in_approvals() {
    try_scope(Scope::Approvals, |pty| {
        pty.keys("ga");
        says(pty, "y approve");
    });
}

#[test]
fn in_outbox_and_pages() {
    try_scope(Scope::Outbox, |pty| {
        pty.keys("go").wait_for(" Outbox");
    });
    try_scope(Scope::Pages, |pty| {
        pty.keys("gp").wait_for("gas smell");
    });
}
