//! Every key that a footer shows does something that can be seen.

use std::time::Duration;

use crate::desk::{
    back, find, home, opened, press_and_see, reply, says, side_by_side, status, with_drafts,
};
use crate::support::pty::Pty;

/// The keys of a footer such as `j down  Enter open  C-s review and queue`.
fn keys_of(footer: &str) -> Vec<(String, String)> {
    // What is held has its countdown at the right.
    let footer = footer.split(" held ").next().unwrap_or("");
    footer
        .split("  ")
        .filter_map(|entry| {
            let (key, does) = entry.trim().split_once(' ')?;
            let named = key.len() > 1 && key.is_ascii();
            let key = if named {
                format!("<{key}>")
            } else {
                key.to_owned()
            };
            Some((key, does.to_owned()))
        })
        .collect()
}

/// Goes to the place afresh for each of its keys, and presses it.
#[track_caller]
fn try_all(name: &str, least: usize, go: impl Fn(&mut Pty) + Sync) {
    let mut pty = with_drafts();
    go(&mut pty);
    let mut keys = keys_of(&status(&pty));
    drop(pty);
    assert!(keys.len() >= least, "{name}: {keys:?}");
    println!("{name}: {keys:?}");
    // Painting the same again shows nothing new.
    keys.retain(|(key, _)| key != "<C-l>");
    side_by_side(&keys, |keys| {
        let mut pty = with_drafts();
        for (at, (key, does)) in keys.iter().enumerate() {
            if at > 0 {
                pty = back(pty);
            }
            go(&mut pty);
            press_and_see(&mut pty, key, &format!("{does} in {name}"));
            assert!(pty.running(), "{name}: {key} ended it");
        }
    });
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn of_the_list() {
    try_all("list", 8, |pty| {
        says(pty, "Enter open");
        pty.keys("ggj");
    });
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn of_a_conversation() {
    try_all("conversation", 8, |pty| {
        pty.keys("<Enter>");
        opened(pty);
    });
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn of_the_composer() {
    try_all("composer", 4, |pty| {
        pty.keys("<Enter>").settle(Duration::from_millis(200));
        pty.keys("rx");
        says(pty, "C-s review");
    });
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn of_the_last_look() {
    try_all("review", 8, |pty| {
        pty.keys("<Enter>").settle(Duration::from_millis(200));
        pty.keys("rx<C-s>").wait_for("this is what leaves");
        says(pty, "y queue");
    });
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn of_approvals() {
    try_all("approvals", 7, |pty| {
        pty.keys("ga");
        says(pty, "y approve");
        pty.settle(Duration::from_millis(200));
    });
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn of_the_outbox() {
    try_all("outbox", 5, |pty| {
        find(pty, "channel:email 4410 charged twice");
        reply(pty, "x");
        home(pty);
        pty.keys("go").wait_for(" Outbox");
        says(pty, "x take back");
    });
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn of_pages() {
    try_all("pages", 5, |pty| {
        pty.keys("gp");
        says(pty, "A acknowledge");
        pty.wait_for("gas smell");
    });
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn of_drafts_health_and_views() {
    try_all("drafts", 3, |pty| {
        pty.keys("gd").wait_for("your unsent texts");
        says(pty, "Enter open");
    });
    try_all("health", 3, |pty| {
        pty.keys("gh").wait_for("email");
        says(pty, "redraw");
    });
    try_all("views", 4, |pty| {
        pty.keys("gv");
        says(pty, "k up");
        pty.keys("j").settle(Duration::from_millis(100));
    });
}
