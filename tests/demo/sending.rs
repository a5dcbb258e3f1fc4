//! Sends that go wrong: refused, unknown, not now; each in words, each with its ways out.

use std::time::Duration;

use crate::desk::{SOMETIME, SOON, find, held, living, reply, says};
use crate::support::pty::Pty;

/// Goes to the outbox and puts the cursor on the row with this text.
#[track_caller]
fn to_row(pty: &mut Pty, text: &str) {
    pty.keys("go").wait_for(" Outbox").wait_for(text);
    pty.keys("gg").settle(Duration::from_millis(150));
    for step in 1..=24 {
        let screen = pty.screen();
        let lines: Vec<_> = screen.lines().collect();
        let at = lines.iter().position(|line| line.contains(text));
        if at.is_some_and(|at| {
            ["▸ ", "> "]
                .iter()
                .any(|mark| lines[at - 1].contains(mark) && !lines[at - 1].contains("▸ Outbox"))
        }) {
            return;
        }
        // Rows change places while the cursor looks for one: from the top again, now and then.
        let next = if step % 8 == 0 { "gg" } else { "j" };
        pty.keys(next).settle(Duration::from_millis(150));
    }
    panic!("no row with {text:?} under the cursor:\n{}", pty.screen());
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn a_refused_mail_says_why_and_becomes_a_draft_again() {
    let mut pty = living(120, 36);
    find(&mut pty, "new address from next month");
    reply(&mut pty, "noted the address");
    pty.keys("go").wait_for(" Outbox");
    pty.keys("s");
    pty.wait_until("the refusal", SOMETIME, |screen| {
        screen.contains("the mailbox does not exist") && screen.contains("1 not sent")
    });
    to_row(&mut pty, "Re: Old address");
    pty.wait_for("r tries again");
    // Once more it is refused again, for the same reason.
    pty.keys("r").wait_gone("1 not sent");
    pty.wait_until("the second refusal", SOMETIME, |screen| {
        screen.contains("the mailbox does not exist") && screen.contains("1 not sent")
    });
    to_row(&mut pty, "Re: Old address");
    pty.keys("x").wait_gone("1 not sent");
    pty.keys("gd").wait_for("noted the address");
}

/// Sends where the line drops, and answers the question of what became of it.
#[track_caller]
fn decide(text: &str, key: &str) -> Pty {
    let mut pty = living(120, 36);
    find(&mut pty, "channel:telegram confirm the address");
    reply(&mut pty, text);
    pty.wait_until("an unknown outcome", SOMETIME, |screen| {
        screen.contains("1 not known if sent")
    });
    to_row(&mut pty, text);
    pty.wait_for("d drop");
    // Neither of the usual ways out is open.
    pty.keys("x");
    says(&pty, "it may have left");
    pty.keys("r");
    says(&pty, "it may have left");
    pty.keys(key);
    pty
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn an_unknown_outcome_is_settled_by_a_person() {
    for (text, key) in [("the old one still", "y"), ("never mind", "d")] {
        decide(text, key).wait_gone("not known if sent");
    }
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn an_unknown_outcome_is_sent_again_only_by_a_person() {
    let mut pty = decide("please write it", "n");
    // Sent again, and unknown again: the line still drops.
    pty.wait_until("sending again", SOON, |screen| !screen.contains("d drop"));
    pty.wait_until("unknown again", SOMETIME, |screen| {
        screen.contains("1 not known if sent")
    });
    to_row(&mut pty, "please write it");
    pty.keys("d").wait_gone("not known if sent");
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn a_carrier_that_stumbles_is_tried_again() {
    let mut pty = living(120, 36);
    find(&mut pty, "channel:sms no signal in the basement");
    reply(&mut pty, "tomorrow at nine");
    pty.wait_until("the hold", SOON, held);
    to_row(&mut pty, "tomorrow at nine");
    pty.wait_for("x takes it back");
    pty.keys("s");
    pty.wait_until("the first failure", SOMETIME, |screen| {
        screen.contains("does not answer")
    });
    to_row(&mut pty, "tomorrow at nine");
    pty.wait_for("r tries now");
    for _ in 0..2 {
        pty.keys("r").settle(Duration::from_secs(1));
    }
    pty.wait_until("it arrives at last", SOMETIME, |screen| {
        let mut lines = screen.lines();
        lines.any(|line| line.contains("sm +") && line.contains("  sent"))
    });
    pty.keys("<Enter>");
    pty.wait_until("the answer", SOMETIME, |screen| {
        screen.contains("got it, tomorrow")
    });
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn what_waits_for_a_time_can_be_taken_back_or_sent_at_once() {
    let mut pty = living(120, 36);
    find(&mut pty, "channel:whatsapp still coming");
    crate::desk::write(&mut pty, "good morning");
    pty.keys("l").wait_for("choose, or type");
    pty.keys("in an hour<Enter>").wait_gone("choose, or type");
    pty.keys("y").wait_gone("this is what leaves");
    to_row(&mut pty, "good morning");
    assert!(!held(&pty.screen()), "{}", pty.screen());
    pty.keys("x").wait_for("taken back");
    pty.keys("gd").wait_for("good morning");
}
