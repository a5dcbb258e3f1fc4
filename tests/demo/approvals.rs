//! The assistant's drafts: evidence, yes, no, another one.

use std::time::{Duration, Instant};

use crate::desk::{SOMETIME, SOON, held, home, living, press_and_see, says, still};
use crate::support::pty::Pty;

/// So long nothing is drafted before all is: a draft takes a small part of that, also where others work.
const STANDS_STILL: Duration = Duration::from_secs(3);

/// How many drafts wait, as the header tells.
fn waiting(screen: &str) -> Option<u32> {
    let header = screen.lines().next()?;
    let rest = header.split("approvals ").nth(1)?;
    rest.split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

#[track_caller]
fn to_approvals(pty: &mut Pty) -> u32 {
    pty.wait_until("drafts of the assistant", SOMETIME, |screen| {
        waiting(screen).is_some()
    });
    // Before the queue is opened: its cursor stays on what was first by then, and what is first has its evidence.
    let number = all_drafted(pty);
    pty.keys("ga").wait_for("Approvals");
    says(pty, "y approve");
    number
}

/// Waits until the assistant has worked through what came before the demo began: its number stands still, however slow
/// the machine is. What a test counts would otherwise be made up for by a draft that comes meanwhile.
fn all_drafted(pty: &Pty) -> u32 {
    let begun = Instant::now();
    let (mut number, mut since) = (waiting(&pty.screen()), Instant::now());
    while number.is_none() || since.elapsed() < STANDS_STILL {
        assert!(begun.elapsed() < SOMETIME, "drafts come for ever");
        std::thread::sleep(Duration::from_millis(50));
        let now = waiting(&pty.screen());
        if now != number {
            (number, since) = (now, Instant::now());
        }
    }
    number.unwrap()
}

/// Looks at the draft as long as a person must before a key can approve it, and scrolls until the whole of it has been on
/// the screen.
fn read_on(pty: &mut Pty) {
    pty.wait_for("draft by the assistant")
        .settle(Duration::from_millis(300));
    for _ in 0..10 {
        if !pty.screen().contains(" more line") {
            return;
        }
        pty.keys("<C-d>").settle(Duration::from_millis(120));
    }
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn a_draft_shows_its_evidence_and_is_held_when_approved() {
    let mut pty = still(120, 36);
    let before = to_approvals(&mut pty);
    pty.wait_for("draft by the assistant");
    pty.wait_until("its evidence", SOON, |screen| {
        ["kb:", "canned:"]
            .iter()
            .any(|source| screen.contains(source))
    });
    pty.keys("w");
    pty.wait_until("the gates", SOON, |screen| screen.contains("pass"));
    pty.keys("<C-d><C-d><C-d>")
        .settle(Duration::from_millis(200));
    pty.keys("w").settle(Duration::from_millis(200));
    read_on(&mut pty);
    pty.keys("y");
    says(&pty, "approved");
    // Both at once: the time in which it can be taken back runs.
    pty.wait_until("a countdown, and one less", SOON, |screen| {
        held(screen) && waiting(screen) == Some(before - 1)
    });
    // Taken back, it awaits a decision again.
    pty.keys("u");
    says(&pty, "awaits a decision again");
    pty.wait_until("one more, and nothing held", SOON, |screen| {
        waiting(screen) == Some(before) && !held(screen)
    });
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn an_approved_draft_leaves_and_is_answered() {
    let mut pty = living(120, 36);
    to_approvals(&mut pty);
    read_on(&mut pty);
    pty.keys("y");
    says(&pty, "approved");
    pty.keys("go").wait_for(" Outbox");
    pty.wait_until("it has left", SOMETIME, |screen| {
        screen
            .lines()
            .skip(1)
            .any(|line| line.contains("sent") || line.contains("✓"))
    });
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn a_draft_is_turned_down_with_a_reason() {
    let mut pty = still(120, 36);
    let before = to_approvals(&mut pty);
    pty.keys("x").wait_for("reject because");
    pty.keys("tone<Enter>").wait_gone("reject because");
    pty.keys("too cold<Enter>");
    says(&pty, "turned down");
    pty.wait_until("one less", SOON, |screen| {
        waiting(screen) == Some(before - 1)
    });
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn a_draft_is_edited_and_then_sent_as_edited() {
    let mut pty = still(120, 36);
    to_approvals(&mut pty);
    pty.keys("e");
    says(&pty, "C-s review");
    pty.keys("<C-s>").wait_for("this is what leaves");
    pty.keys("e");
    says(&pty, "C-s review");
    pty.keys("P.S. bring the key ")
        .wait_for("P.S. bring the key");
    pty.keys("<C-s>").wait_for("this is what leaves");
    pty.wait_for("P.S. bring the key");
    pty.keys("y").wait_gone("this is what leaves");
    pty.wait_until("a countdown", SOON, held);
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn another_draft_comes_on_instruction() {
    let mut pty = still(120, 36);
    to_approvals(&mut pty);
    pty.keys("R").settle(Duration::from_millis(200));
    pty.keys("shorter please<Enter>");
    pty.wait_until("an answer of the assistant", SOMETIME, |screen| {
        screen
            .lines()
            .last()
            .is_some_and(|line| !line.contains("y approve"))
    });
    pty.settle(Duration::from_secs(1));
    pty.keys("d").settle(Duration::from_millis(200));
    assert!(pty.running());
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn list_habits_do_not_send() {
    let mut pty = still(120, 36);
    let before = to_approvals(&mut pty);
    for key in ["a", "b", "j", "s", "m"] {
        press_and_see(&mut pty, key, "in approvals");
        home(&mut pty);
        pty.keys("ga");
        says(&pty, "y approve");
    }
    assert!(!held(&pty.screen()), "{}", pty.screen());
    assert_eq!(waiting(&pty.screen()), Some(before), "{}", pty.screen());
}
