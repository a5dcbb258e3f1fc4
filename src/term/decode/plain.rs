//! Characters, control characters and Alt.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

use super::{Pending, Step};

pub(super) fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

pub(super) fn escape() -> Event {
    key(KeyCode::Esc, KeyModifiers::NONE)
}

/// A printable character; upper case carries SHIFT, as crossterm's own decoder has it.
pub(super) fn character(c: char, more: KeyModifiers) -> Event {
    let shift = if c.is_uppercase() {
        KeyModifiers::SHIFT
    } else {
        KeyModifiers::NONE
    };
    key(KeyCode::Char(c), more | shift)
}

/// The key behind a control byte (below 0x20, or 0x7f).
fn control(byte: u8, erase: u8) -> Event {
    let ctrl = |c: char| key(KeyCode::Char(c), KeyModifiers::CONTROL);
    match byte {
        b'\r' => key(KeyCode::Enter, KeyModifiers::NONE),
        b'\t' => key(KeyCode::Tab, KeyModifiers::NONE),
        0x1b => escape(),
        0x7f => key(KeyCode::Backspace, KeyModifiers::NONE),
        0x08 if erase == 0x08 => key(KeyCode::Backspace, KeyModifiers::NONE),
        0x00 => ctrl(' '),
        0x01..=0x1a => ctrl(char::from(byte - 1 + b'a')),
        _ => ctrl(char::from(byte - 0x1c + b'\\')),
    }
}

/// One key that is not an escape sequence.
pub(super) fn step(bytes: &[u8], erase: u8) -> Step {
    let first = bytes[0];
    if first < 0x20 || first == 0x7f {
        return Step::Event(control(first, erase), 1);
    }
    let length = match first {
        0x00..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Step::Skip(1),
    };
    let available = &bytes[..bytes.len().min(length)];
    match std::str::from_utf8(available) {
        Ok(text) => match text.chars().next() {
            // C1 controls are no keys.
            Some(c) if !c.is_control() => Step::Event(character(c, KeyModifiers::NONE), length),
            _ => Step::Skip(length),
        },
        Err(e) if e.error_len().is_none() => Step::Wait(Pending::Sequence),
        Err(_) => Step::Skip(1),
    }
}

/// Escape and then a key: that key with Alt.
pub(super) fn alt(bytes: &[u8], erase: u8) -> Step {
    match step(&bytes[1..], erase) {
        Step::Event(Event::Key(mut event), used) => {
            event.modifiers |= KeyModifiers::ALT;
            Step::Event(Event::Key(event), used + 1)
        }
        Step::Skip(used) => Step::Skip(used + 1),
        other => other,
    }
}

/// What an unfinished sequence was meant as when nothing follows it: Escape alone, or Alt and the
/// key behind it.
pub(super) fn lone(bytes: &[u8], erase: u8, out: &mut Vec<Event>) {
    match bytes {
        [0x1b] => out.push(escape()),
        [0x1b, ..] => {
            if let Step::Event(event, _) = alt(bytes, erase) {
                out.push(event);
            }
        }
        _ => {}
    }
}
