//! Leaving: asked when something would be left behind, the terminal as it was, nothing on disk that
//! was not asked for.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::Signal;

use crate::desk::{SOON, find, held, open, reply, says, still};
use crate::support::pty::{Launch, Pty};

/// Everything below a folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(below(&path));
        }
        found.push(path);
    }
    found
}

#[track_caller]
fn assert_private(folder: &Path) {
    for path in std::iter::once(folder.to_owned()).chain(below(folder)) {
        let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        let wanted = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode, wanted, "{} has mode {mode:o}", path.display());
    }
}

/// The demo's throw-away mirrors in this home.
fn mirrors(pty: &Pty) -> Vec<PathBuf> {
    let run = std::fs::read_dir(pty.home().join(".run")).unwrap();
    run.flatten().map(|entry| entry.path()).collect()
}

#[track_caller]
fn assert_restored(pty: &Pty) {
    pty.wait_end_of_output();
    pty.look(|screen| {
        assert!(!screen.alternate_screen());
        assert!(!screen.hide_cursor());
        assert!(!screen.bracketed_paste());
        assert!(!screen.application_cursor());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    });
    let raw = pty.raw();
    let count = |sequence: &[u8]| {
        raw.windows(sequence.len())
            .filter(|w| *w == sequence)
            .count()
    };
    for mode in ["1049", "2004", "1004"] {
        let (on, off) = (format!("\x1b[?{mode}h"), format!("\x1b[?{mode}l"));
        assert!(
            count(on.as_bytes()) <= count(off.as_bytes()),
            "mode {mode} stays on"
        );
    }
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn nothing_unsent_nothing_asked_nothing_left() {
    let mut pty = still(80, 24);
    let made = mirrors(&pty);
    assert_eq!(made.len(), 1, "{made:?}");
    assert_private(&made[0]);
    // The page to a colleague that opens the story has left.
    pty.keys("go").wait_for(" Outbox");
    pty.wait_until("nothing on its way", SOON, |screen| {
        screen.contains("raj  sent")
    });
    pty.keys("giq");
    assert_eq!(pty.wait_exit().exit_code(), 0);
    assert_restored(&pty);
    assert_eq!(mirrors(&pty), Vec::<PathBuf>::new());
    assert_eq!(
        below(pty.home())
            .into_iter()
            .filter(|path| path.is_file())
            .count(),
        0
    );
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn it_asks_when_something_is_held() {
    let mut pty = still(80, 24);
    find(&mut pty, "channel:email 4410 charged twice");
    reply(&mut pty, "we look at it");
    pty.wait_until("a countdown", SOON, held);
    pty.keys("<C-c>").wait_for("1 not sent yet");
    pty.keys("n").wait_gone("1 not sent yet");
    assert!(pty.running());
    pty.keys("<C-c>").wait_for("1 not sent yet");
    pty.keys("y");
    assert_eq!(pty.wait_exit().exit_code(), 0);
    assert_restored(&pty);
    assert_eq!(mirrors(&pty), Vec::<PathBuf>::new());
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn signals_end_it_as_a_key_does() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let mut pty = still(80, 24);
        pty.signal(signal);
        pty.wait_exit();
        pty.wait_end_of_output();
        if signal != Signal::HUP {
            assert_restored(&pty);
        }
        assert_eq!(mirrors(&pty), Vec::<PathBuf>::new(), "{signal:?}");
    }
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn a_kept_mirror_is_private_and_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let keep = home.path().join("kept");
    let launch = || {
        let keep = keep.to_str().unwrap();
        let demo = ["demo", "--seed", "7", "--speed", "0.01", "--keep", keep];
        open(Launch::new(&demo).home(home.path()).size(120, 36))
    };
    let mut pty = launch();
    pty.keys(":label +remembered<Enter>").wait_for("remembered");
    find(&mut pty, "channel:whatsapp still coming");
    pty.keys("r");
    says(&pty, "C-s review");
    pty.keys("half a sente")
        .wait_for("half a sente")
        .wait_for("saved");
    assert_private(&keep);
    // As a power cut ends it.
    pty.kill();

    let mut pty = launch();
    pty.wait_for("remembered");
    pty.keys("gd").wait_for("half a sente");
    pty.keys("gi<C-c>");
    assert_eq!(pty.wait_exit().exit_code(), 0);
    assert_restored(&pty);
    assert!(keep.is_dir());
    assert_private(&keep);
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn stopped_and_continued_it_paints_again() {
    let mut pty = still(80, 24);
    pty.keys("?").wait_for("Answer the customer");
    pty.keys("<Esc><C-l>").settle(Duration::from_millis(300));
    pty.wait_for("closing soonest");
    assert!(pty.running());
}
