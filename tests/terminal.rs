//! The terminal driver of `support` itself, on programs that are older than ours: when this fails,
//! look here before looking at the product.

mod support;

use std::time::Duration;

use support::keys::bytes_of;
use support::pty::{Launch, Pty};

#[test]
fn key_strings_become_bytes() {
    let table: [(&str, &[&[u8]]); 8] = [
        ("jé", &[b"j", "é".as_bytes()]),
        ("<Enter><Esc>", &[b"\r", b"\x1b"]),
        ("<C-s><C-[>", &[b"\x13", b"\x1b"]),
        ("<A-x>", &[b"\x1bx"]),
        ("<Up><PageDown>", &[b"\x1b[A", b"\x1b[6~"]),
        ("<lt>a>", &[b"<", b"a", b">"]),
        ("<none>", &[b"<", b"n", b"o", b"n", b"e", b">"]),
        ("a<", &[b"a", b"<"]),
    ];
    for (keys, bytes) in table {
        assert_eq!(bytes_of(keys), bytes, "{keys}");
    }
}

fn shell(script: &str) -> Pty {
    Launch::new(&["-c", script]).program("/bin/sh").start()
}

#[test]
fn keys_go_in_and_the_screen_comes_out() {
    let mut pty =
        shell("printf 'name? '; read name; printf '\\033[2J\\033[3;5Hhello %s' $name; exit 3");
    pty.wait_for("name?").settle(Duration::from_millis(100));
    pty.keys("ana<Enter>");
    pty.wait_for("hello ana").wait_gone("name?");
    assert_eq!(pty.screen(), "\n\n    hello ana");
    assert_eq!(pty.look(vt100::Screen::cursor_position), (2, 13));
    assert_eq!(pty.wait_exit().exit_code(), 3);
    pty.wait_end_of_output();
    assert!(pty.raw().ends_with(b"hello ana"));
}

#[test]
fn half_a_frame_is_not_shown() {
    let script = r"printf '\033[?2026hhalf'; read a; printf ' whole\033[?20'; read b; printf '26l'";
    let mut pty = shell(&format!(
        "stty -echo; printf before; {script}; read c; printf '\\033[?2026hrest'"
    ));
    let raw = |pty: &Pty, end: &str| {
        support::wait::until(end, support::wait::PATIENCE, || {
            pty.raw().ends_with(end.as_bytes()).then_some(())
        });
    };
    raw(&pty, "half");
    assert_eq!(pty.screen(), "before");
    pty.keys("<Enter>");
    raw(&pty, "[?20");
    assert_eq!(pty.screen(), "before");
    pty.keys("<Enter>").wait_for("beforehalf whole");
    // What a program leaves when it dies within one is seen.
    pty.keys("<Enter>").wait_exit();
    pty.wait_for("beforehalf wholerest");
}

#[test]
fn the_program_sees_the_size_and_its_change() {
    let script = "trap 'stty size' WINCH; stty size; while :; do sleep 0.05; done";
    let mut pty = Launch::new(&["-c", script])
        .program("/bin/sh")
        .size(120, 36)
        .start();
    pty.wait_for("36 120");
    pty.resize(40, 12);
    pty.wait_for("12 40");
    assert!(pty.running());
    pty.kill();
    assert!(!pty.running());
}

#[test]
fn a_terminal_answers_where_its_cursor_is_and_stays_silent_otherwise() {
    let pty = shell("stty -icanon -echo; printf '\\033[2;3H\\033[6n'; head -c 6 | od -c; sleep 30");
    pty.wait_for("033   [   2   ;   3   R")
        .settle(Duration::from_millis(100));
    assert_eq!(pty.bytes_while_idle(Duration::from_millis(300)), 0);
}

#[test]
fn the_program_finds_a_home_of_its_own_and_nothing_else() {
    let mut pty = shell("env | sort; ls -d $XDG_STATE_HOME");
    pty.wait_exit();
    pty.wait_end_of_output();
    let screen = pty.screen();
    let home = pty.home().to_str().unwrap();
    assert!(screen.contains(&format!("HOME={home}")), "{screen}");
    assert!(!screen.contains("CARGO"), "{screen}");
}
