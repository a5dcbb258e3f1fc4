//! The first screen in three sizes, its quiet, and what a change of size does.

use std::time::{Duration, Instant};

use crate::desk::{SOON, living, open, says, still};
use crate::support::pty::{Launch, Pty};

/// Sizes of a desk, a laptop and a telephone.
const SIZES: [(u16, u16); 3] = [(120, 36), (80, 24), (40, 12)];

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn the_inbox_is_there_at_once_and_lives() {
    for (columns, rows) in SIZES {
        let begun = Instant::now();
        let pty = living(columns, rows);
        let took = begun.elapsed();
        println!(
            "{columns}x{rows}: inbox with all accounts after {} ms",
            took.as_millis()
        );
        let screen = pty.screen();
        assert!(screen.contains("closing soonest"), "{screen}");
        for line in screen.lines() {
            let wide = line.chars().count();
            assert!(wide <= usize::from(columns), "{line}");
        }
        // Customers write by themselves: the number of open conversations grows.
        let before = inbox(&screen);
        pty.wait_until("a new conversation", Duration::from_secs(40), |screen| {
            inbox(screen) > before
        });
    }
}

/// The number of open conversations, as the head of the list tells it.
fn inbox(screen: &str) -> usize {
    let line = screen.lines().find(|line| line.contains("closing soonest"));
    let digits = line.and_then(|line| {
        let rest = line.split("closing soonest").nth(1)?;
        rest.split(|c: char| !c.is_ascii_digit())
            .find(|word| !word.is_empty())
    });
    digits
        .and_then(|word| word.parse().ok())
        .unwrap_or_default()
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn nothing_is_written_while_nothing_happens() {
    let mut pty = still(120, 36);
    pty.settle(Duration::from_secs(2));
    // The ages on the screen are in minutes: of two spans of five seconds one has no full minute.
    let bytes = [0, 1].map(|_| pty.bytes_while_idle(Duration::from_secs(5)));
    println!("idle bytes in 5 s: {bytes:?}");
    assert!(bytes.contains(&0), "{bytes:?}");
    assert!(pty.running());
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn a_countdown_is_drawn_only_while_something_is_held() {
    let mut pty = still(80, 24);
    crate::desk::find(&mut pty, "channel:whatsapp still coming");
    crate::desk::reply(&mut pty, "ten minutes");
    pty.wait_until("a countdown", SOON, crate::desk::held);
    let counting = pty.bytes_while_idle(Duration::from_secs(3));
    pty.wait_until("its end", SOON, |screen| !crate::desk::held(screen));
    pty.settle(Duration::from_secs(2));
    let bytes = [0, 1].map(|_| pty.bytes_while_idle(Duration::from_secs(3)));
    println!("bytes in 3 s: counting {counting}, after it {bytes:?}");
    assert!(counting > 0 && counting < 4_000, "{counting}");
    assert!(bytes.contains(&0), "{bytes:?}");
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn the_screen_follows_its_window() {
    let mut pty = still(120, 36);
    pty.wait_for("Channels");
    pty.resize(80, 24).wait_gone("Channels").wait_for("│");
    pty.resize(40, 12).wait_gone("│");
    pty.keys("<Enter>");
    says(&pty, "r reply");
    pty.resize(20, 5).wait_for("needs");
    pty.resize(120, 36).wait_for("Channels");
    assert!(pty.running());
    for line in pty.screen().lines() {
        assert!(line.chars().count() <= 120, "{line}");
    }
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn plain_has_no_boxes_and_no_symbols() {
    for (columns, rows) in SIZES {
        let launch = Launch::new(&["demo", "--seed", "7", "--speed", "0.01", "--plain"]);
        let mut pty = open(launch.size(columns, rows));
        no_symbols(&pty);
        for place in [
            "ga", "go", "gp", "gd", "gh", "gi", "<Enter>", "c", "<Esc>", "r", "<Esc>", "?",
        ] {
            pty.keys(place).settle(Duration::from_millis(200));
            no_symbols(&pty);
        }
    }
}

/// No box drawing, block, arrow, tick or pictogram; letters of any language are welcome.
#[track_caller]
fn no_symbols(pty: &Pty) {
    let screen = pty.screen();
    let symbol = screen.chars().find(|c| {
        matches!(c, '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
    });
    assert_eq!(symbol, None, "{screen}");
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn a_dumb_terminal_gets_the_plain_screen() {
    let launch = Launch::new(&["demo", "--seed", "7", "--speed", "0.01"]);
    let pty = open(launch.size(80, 24).env("TERM", "dumb"));
    no_symbols(&pty);
}
