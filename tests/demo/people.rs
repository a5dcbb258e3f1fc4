//! Who is who: a merge that is suggested, refused, made and taken apart on the screen, and one that made itself.

use std::time::Duration;

use crate::desk::{SOON, find, says, still};
use crate::support::pty::Pty;

/// Waits until the contact's pane shows this.
#[track_caller]
fn shows(pty: &Pty, words: &str) {
    pty.wait_until(&format!("{words:?} in the contact"), SOON, |screen| {
        screen.contains(words)
    });
}

/// Presses a key that acts, and waits until its words say that it can be undone.
#[track_caller]
fn acts(pty: &mut Pty, key: &str, words: &str) {
    pty.settle(Duration::from_millis(200));
    pty.keys(key);
    says(pty, words);
}

fn takes_back(pty: &mut Pty) {
    pty.settle(Duration::from_millis(200));
    pty.keys("u");
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn a_suggested_merge_is_made_refused_taken_apart_and_each_undone() {
    let mut pty = still(120, 36);
    find(&mut pty, "Quote for the office");
    // The first press shows who it is about: nobody merges what is not on the screen.
    acts(&mut pty, "+", "look at the contact first");
    shows(&pty, "the same person?");
    shows(&pty, "+ merge  - not same");
    acts(&mut pty, "+", "are one contact now");
    shows(&pty, "merged by you");
    shows(&pty, "% split");
    takes_back(&mut pty);
    shows(&pty, "the same person?");
    acts(&mut pty, "-", "stay two contacts");
    pty.wait_until("nobody is suggested", SOON, |screen| {
        !screen.contains("the same person?")
    });
    acts(&mut pty, "+", "nobody else looks like the same person");
    takes_back(&mut pty);
    shows(&pty, "the same person?");
    acts(&mut pty, "+", "are one contact now");
    shows(&pty, "merged by you");
    acts(&mut pty, "%", "two contacts again");
    pty.wait_until("they are two", SOON, |screen| {
        !screen.contains("merged by you")
    });
    takes_back(&mut pty);
    shows(&pty, "merged by you");
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn what_two_providers_vouch_for_merged_itself_and_is_taken_apart() {
    let mut pty = still(120, 36);
    find(&mut pty, "wrote you about the air conditioner");
    acts(&mut pty, "c", "");
    shows(&pty, "merged by itself");
    shows(&pty, "providers vouch for it");
    // Its timeline holds both channels.
    pty.keys("T");
    shows(&pty, "all channels of");
    pty.keys("T");
    acts(&mut pty, "%", "two contacts again");
    pty.wait_until("they are two", SOON, |screen| {
        !screen.contains("merged by itself")
    });
    takes_back(&mut pty);
    shows(&pty, "merged by itself");
}
