//! What terminals do to a program: sizes, stops, a line that drops, nobody who reads.

use crate::desk::{find, sit};
use frontdesk::term::{ProcessSignal, Suspended};

#[test]
fn a_storm_of_sizes_ends_in_the_last_one() {
    let home = tempfile::tempdir().unwrap();
    let robot = sit(home.path(), (120, 36));
    let whole = robot.screen();
    find(&robot, "channel:whatsapp still coming");
    robot.press("r").press("held fast");
    for n in 0..600_u16 {
        let (columns, rows) = match n % 4 {
            0 => (1, 1),
            1 => (20 + n % 200, 3),
            _ => (20 + n % 200, 10 + n % 50),
        };
        robot.resize(columns, rows);
        if n % 7 == 0 {
            robot.hammer("!");
        }
    }
    robot.resize(120, 36).idle();
    assert!(
        robot.screen().contains("held fast!!!!"),
        "{}",
        robot.screen()
    );
    // As if nothing had been.
    robot.press("<Esc>").press("gi");
    assert_eq!(robot.screen().lines().count(), whole.lines().count());
    assert!(robot.screen().contains("Inbox · "));
}

#[test]
fn a_stop_comes_back_to_the_whole_screen() {
    let home = tempfile::tempdir().unwrap();
    let robot = sit(home.path(), (80, 24));
    let before = robot.screen();
    robot.press("<C-z>");
    assert_eq!(robot.suspended(), 1);
    assert_eq!(robot.screen(), before, "drawn whole");
    robot.signal(ProcessSignal::SuspendAsked).idle();
    assert_eq!(robot.suspended(), 2);
    robot.signal(ProcessSignal::Continued).idle();
    assert_eq!(robot.screen(), before);
    robot.shell(Suspended::NoShell).press("<C-z>");
    assert!(
        robot.status().contains("there is no shell to go back to"),
        "{}",
        robot.screen()
    );
}

#[test]
fn the_end_comes_by_key_by_signal_and_with_the_line() {
    type Way = fn(&frontdesk::testing::Robot);
    let ways: [Way; 4] = [
        |robot| _ = robot.hammer("q"),
        |robot| _ = robot.signal(ProcessSignal::Terminate),
        |robot| _ = robot.signal(ProcessSignal::HungUp),
        |robot| _ = robot.hang_up(),
    ];
    for way in ways {
        let home = tempfile::tempdir().unwrap();
        let robot = sit(home.path(), (80, 24));
        way(&robot);
        assert_eq!(
            robot.ends().result.unwrap(),
            std::process::ExitCode::SUCCESS
        );
    }
}

#[test]
fn a_terminal_that_takes_nothing_holds_nobody() {
    let home = tempfile::tempdir().unwrap();
    let robot = sit(home.path(), (120, 36));
    find(&robot, "channel:whatsapp still coming");
    robot.press("r");
    let (before, frames) = (robot.screen(), robot.frames());
    robot
        .stall(true)
        .hammer("typed while the line stood still")
        .heard();
    assert_eq!(robot.screen(), before);
    robot.stall(false).idle();
    assert!(robot.screen().contains("typed while the line stood still"));
    assert!(
        robot.frames() <= frames + 3,
        "the frames between were never made"
    );
}

/// With nothing to do, nothing is drawn.
#[test]
fn what_changes_nothing_draws_nothing() {
    let home = tempfile::tempdir().unwrap();
    let robot = sit(home.path(), (80, 24));
    let frames = robot.frames();
    for _ in 0..20 {
        robot.focus(false).focus(true).resize(80, 24).idle();
    }
    // At most a clock on the screen has moved.
    assert!(robot.frames() <= frames + 1);
}

#[test]
fn a_copy_goes_to_the_terminal() {
    let home = tempfile::tempdir().unwrap();
    let robot = sit(home.path(), (120, 36));
    find(&robot, "channel:whatsapp still coming");
    robot.press("yy").sent(b"\x1b]52;c;");
}
