//! Tables of bytes and the events they mean.

use std::fmt::Write;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;

use super::{Decoder, Pending};

fn decode(bytes: &[u8]) -> Vec<Event> {
    let mut out = Vec::new();
    let mut decoder = Decoder::new(0x7f);
    decoder.push(bytes, &mut out);
    if decoder.pending() != Pending::Nothing {
        decoder.time_is_up(&mut out);
    }
    out
}

/// Short names, so that a table reads as what is pressed.
fn name(event: &Event) -> String {
    match event {
        Event::Key(KeyEvent {
            code, modifiers, ..
        }) => {
            let mut text = String::new();
            for (modifier, letter) in [
                (KeyModifiers::CONTROL, "C-"),
                (KeyModifiers::ALT, "A-"),
                (KeyModifiers::SHIFT, "S-"),
            ] {
                if modifiers.contains(modifier) {
                    text.push_str(letter);
                }
            }
            match code {
                KeyCode::Char(c) => text.push(*c),
                other => write!(text, "{other:?}").unwrap(),
            }
            text
        }
        Event::Paste(text) => format!("paste({text})"),
        Event::FocusGained => "focus".into(),
        Event::FocusLost => "blur".into(),
        Event::Mouse(m) => format!("{:?}@{},{}", m.kind, m.column, m.row),
        Event::Resize(..) => "resize".into(),
    }
}

fn names(bytes: &[u8]) -> String {
    decode(bytes).iter().map(name).collect::<Vec<_>>().join(" ")
}

#[test]
fn keys() {
    let table: &[(&[u8], &str)] = &[
        (b"jG", "j S-G"),
        ("é€😀".as_bytes(), "é € 😀"),
        (b"\r\t\x7f\x08", "Enter Tab Backspace C-h"),
        (b"\n", "C-j"),
        (b"\x00\x01\x1a\x1c\x1f", "C-  C-a C-z C-\\ C-_"),
        (b"\x1b", "Esc"),
        (b"\x1b\x1b", "Esc Esc"),
        (b"\x1bj\x1b\r", "A-j A-Enter"),
        (b"\x1b[", "A-["),
        (b"\x1bO", "A-S-O"),
        (b"\x1b]", "A-]"),
        (b"\x1b[A\x1bOB\x1b[1;5C\x1b[1;2D", "Up Down C-Right S-Left"),
        (
            b"\x1b[H\x1b[F\x1b[1~\x1b[4~\x1b[5~\x1b[6~",
            "Home End Home End PageUp PageDown",
        ),
        (b"\x1b[2~\x1b[3;3~", "Insert A-Delete"),
        (
            b"\x1bOP\x1b[15~\x1b[24~\x1b[[C\x1b[1;2R",
            "F(1) F(5) F(12) F(3) S-F(3)",
        ),
        (b"\x1b[Z", "S-BackTab"),
        (b"\x1b[13;5u\x1b[27;5;9~\x1b[97;5u", "C-Enter C-Tab C-a"),
        (b"\x1b[I\x1b[O", "focus blur"),
        (b"\x1b[<0;10;5M\x1b[<0;10;5m", "Down(Left)@9,4 Up(Left)@9,4"),
        (
            b"\x1b[<64;1;1M\x1b[<34;3;4M",
            "ScrollUp@0,0 Drag(Right)@2,3",
        ),
        (b"\x1b[M !!", "Down(Left)@0,0"),
    ];
    for (bytes, expected) in table {
        assert_eq!(
            names(bytes),
            *expected,
            "for {:?}",
            bytes.escape_ascii().to_string()
        );
    }
}

/// What a terminal answers never becomes a key press, whole or in pieces.
#[test]
fn answers_are_swallowed() {
    let answers: &[&[u8]] = &[
        b"\x1b[?62;22;52c",
        b"\x1b[>41;354;0c",
        b"\x1b[24;80R",
        b"\x1b[?2026;2$y",
        b"\x1b[8;24;80t",
        b"\x1b]11;rgb:0000/0000/0000\x07",
        b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
        b"\x1b]52;c;cm0gLXJmIC8N\x1b\\",
        b"\x1bP1$r0m\x1b\\",
        b"\x1bP>|XTerm(370)\x1b\\",
        b"\x1b_Gi=1;OK\x1b\\",
    ];
    for answer in answers {
        let mut bytes = answer.to_vec();
        bytes.push(b'q');
        assert_eq!(names(&bytes), "q", "{}", answer.escape_ascii());
        for cut in 3..answer.len() {
            let mut out = Vec::new();
            let mut decoder = Decoder::new(0x7f);
            decoder.push(&bytes[..cut], &mut out);
            assert_ne!(
                decoder.pending(),
                Pending::Nothing,
                "{}",
                answer.escape_ascii()
            );
            decoder.push(&bytes[cut..], &mut out);
            assert_eq!(out.len(), 1, "{} cut at {cut}", answer.escape_ascii());
        }
    }
}

#[test]
fn a_paste_is_one_piece_and_never_keys() {
    assert_eq!(
        names(b"a\x1b[200~one\rtwo\x1b[A\x03\x1b[201~b"),
        "a paste(one\rtwo\u{1b}[A\u{3}) b"
    );
    assert_eq!(names(b"\x1b[200~\x1b[201~b"), "b");
}

#[test]
fn a_paste_whose_end_is_lost_gives_the_keys_back() {
    let mut out = Vec::new();
    let mut decoder = Decoder::new(0x7f);
    decoder.push(b"\x1b[200~lost", &mut out);
    assert_eq!(decoder.pending(), Pending::Paste);
    assert!(out.is_empty());
    decoder.time_is_up(&mut out);
    decoder.push(b"q", &mut out);
    assert_eq!(
        out.iter().map(name).collect::<Vec<_>>(),
        ["paste(lost)", "q"]
    );
}

#[test]
fn a_huge_paste_comes_in_bounded_whole_character_pieces() {
    let text = "é€😀".repeat(100_000);
    let mut bytes = b"\x1b[200~".to_vec();
    bytes.extend_from_slice(text.as_bytes());
    bytes.extend_from_slice(b"\x1b[201~");
    let mut out = Vec::new();
    let mut decoder = Decoder::new(0x7f);
    for piece in bytes.chunks(4093) {
        decoder.push(piece, &mut out);
    }
    let mut together = String::new();
    for event in &out {
        let Event::Paste(piece) = event else {
            panic!("a key came out of a paste: {event:?}")
        };
        assert!(piece.len() < 300 * 1024);
        together.push_str(piece);
    }
    assert!(out.len() > 1);
    assert_eq!(together, text);
}

#[test]
fn backspace_follows_the_line_settings() {
    let mut out = Vec::new();
    Decoder::new(0x08).push(b"\x08\x7f", &mut out);
    assert_eq!(
        out.iter().map(name).collect::<Vec<_>>(),
        ["Backspace", "Backspace"]
    );
}

proptest! {
    /// No input makes it panic, hold bytes without end, or wait when told that time is up.
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut out = Vec::new();
        let mut decoder = Decoder::new(0x7f);
        decoder.push(&bytes, &mut out);
        decoder.time_is_up(&mut out);
        out.clear();
        decoder.push(b"\x18q", &mut out);
        prop_assert!(out.iter().any(|e| name(e) == "q"), "{out:?}");
    }

    /// How the bytes were split over reads makes no difference.
    #[test]
    fn splits_do_not_matter(
        parts in proptest::collection::vec(proptest::sample::select(vec![
            &b"j"[..], b"\x1b[A", b"\x1b[1;5C", b"\x1b[<0;3;4M", b"\x1b[I", "é".as_bytes(),
            b"\x1b[200~a\nb\x1b[201~", b"\x1b]11;rgb:1/2/3\x1b\\", b"\x1b[?1;2c", b"\r",
        ]), 1..12),
        at in 1usize..7,
    ) {
        let bytes = parts.concat();
        let mut split = Vec::new();
        let mut decoder = Decoder::new(0x7f);
        for piece in bytes.chunks(at) {
            decoder.push(piece, &mut split);
        }
        prop_assert_eq!(split, decode(&bytes));
    }
}
