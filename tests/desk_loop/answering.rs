//! The agent's main path, from the first frame to a held reply and back.

use crate::desk::{find, outbox, sit, sit_with_assistant};
use frontdesk::model::OutboxState;

#[test]
fn a_reply_is_written_held_and_taken_back() {
    let home = tempfile::tempdir().unwrap();
    let robot = sit(home.path(), (120, 36));
    assert!(robot.screen().contains("Inbox · "), "{}", robot.screen());

    // Moving: the conversation beside the list follows the cursor.
    let first = robot.screen();
    robot.press("j");
    assert_ne!(robot.screen(), first);
    robot.press("k");
    assert_eq!(robot.screen(), first);

    find(&robot, "channel:whatsapp still coming");
    robot.press("r");
    assert!(robot.cursor().is_some(), "there is something to type into");
    robot.press("He rings in ten minutes<C-s>");
    let review = robot.screen();
    assert!(review.contains("this is what leaves"), "{review}");
    assert!(review.contains("He rings in ten minutes"), "{review}");
    robot.press("y");
    assert!(
        robot.status().contains("undo with u ("),
        "{}",
        robot.screen()
    );
    robot.press("u");
    assert!(robot.status().contains("draft again"), "{}", robot.screen());
    robot.press("r");
    assert!(robot.screen().contains("He rings in ten minutes"));
    robot.press("<Esc>").press("gi").hammer("q");
    robot.ends().result.unwrap();

    // The mirror says the same.
    let rows = outbox(home.path());
    let ours = rows.iter().find(|(text, _)| text.contains("ten minutes"));
    assert_eq!(
        ours.map(|(_, state)| *state),
        Some(OutboxState::Cancelled),
        "{rows:?}"
    );
}

/// A text that was left is gone on with as it was left, however fast: never as it was read before.
#[test]
fn a_text_is_gone_on_with_as_it_was_left() {
    let home = tempfile::tempdir().unwrap();
    let robot = sit(home.path(), (120, 36));
    find(&robot, "channel:whatsapp still coming");
    let mut text = String::new();
    for word in ["one", "two", "three", "four", "five", "six"] {
        robot.hammer("r").hammer(word).hammer("<C-s>");
        robot.hammer("p").hammer("r").idle();
        text.push_str(word);
        let screen = robot.screen();
        assert!(screen.contains(&text), "{text}: {screen}");
        robot.hammer("<Esc>").idle();
    }
    robot
        .press("r")
        .press("<C-s>")
        .hammer("y")
        .hammer("u")
        .hammer("r")
        .idle();
    let screen = robot.screen();
    assert!(screen.contains(&text), "{screen}");
    assert_eq!(robot.screen().matches("reply ──").count(), 1, "{screen}");
}

/// What is typed faster than anything is drawn lands where it was meant to.
#[test]
fn keys_ahead_of_the_screen_are_not_lost() {
    let home = tempfile::tempdir().unwrap();
    let robot = sit(home.path(), (120, 36));
    find(&robot, "channel:whatsapp still coming");
    let text = "one two three four five six seven eight nine ten";
    robot.hammer("r").hammer(text).hammer("<C-s>").idle();
    let review = robot.screen();
    assert!(review.contains("this is what leaves"), "{review}");
    assert!(review.contains(text), "{review}");
    robot.press("y");
    assert!(robot.status().contains("undo with u ("));
}

#[test]
fn a_draft_survives_a_dropped_line() {
    let home = tempfile::tempdir().unwrap();
    let robot = sit(home.path(), (120, 36));
    find(&robot, "channel:whatsapp still coming");
    robot.press("r").press("half a sent");
    robot.hang_up();
    robot.ends().result.unwrap();

    let robot = sit(home.path(), (80, 24));
    robot.press("gd").sees("half a sent");
}

#[test]
fn quitting_with_something_held_asks() {
    let home = tempfile::tempdir().unwrap();
    let robot = sit(home.path(), (120, 36));
    find(&robot, "channel:whatsapp still coming");
    robot.press("r").press("in a moment<C-s>y");
    assert!(robot.status().contains("undo with u ("));
    robot.press("<C-c>");
    let asked = robot.screen();
    assert!(asked.contains("not sent yet"), "{asked}");
    robot.press("n");
    assert!(!robot.screen().contains("not sent yet"));
    robot.press("<C-c>").hammer("y");
    robot.ends().result.unwrap();
    let rows = outbox(home.path());
    let ours = rows.iter().find(|(text, _)| text == "in a moment");
    assert_eq!(
        ours.map(|(_, state)| *state),
        Some(OutboxState::Held),
        "{rows:?}"
    );
}

/// How many drafts wait, as the header tells.
fn waiting(screen: &str) -> u32 {
    let rest = screen
        .lines()
        .next()
        .and_then(|h| h.split("approvals ").nth(1));
    rest.and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next())
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

#[test]
fn a_draft_is_approved_and_taken_back() {
    let home = tempfile::tempdir().unwrap();
    let robot = sit_with_assistant(home.path(), (120, 60));
    robot.sees_that("drafts of the assistant", |screen| waiting(screen) > 0);
    robot.press("ga").sees("y approve");
    for _ in 0..10 {
        if !robot.screen().contains(" more line") {
            break;
        }
        robot.press("<C-d>");
    }
    // A yes in the very moment in which the draft comes up is not taken for one.
    robot.press("y");
    while robot.status().contains("has just come up") {
        robot.press("y");
    }
    assert!(robot.status().contains("approved"), "{}", robot.screen());
    assert_eq!(
        outbox(home.path())
            .iter()
            .filter(|(_, state)| *state == OutboxState::Held)
            .count(),
        1
    );
    robot.press("u");
    assert!(
        robot.status().contains("awaits a decision again"),
        "{}",
        robot.screen()
    );
}
