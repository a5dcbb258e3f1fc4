//! Control sequences: arrows, function keys, focus, mouse, paste; everything else is an answer of
//! the terminal and is dropped.

use crossterm::event::{Event, KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::plain::{character, key};
use super::{LONGEST_CSI, Pending, Step};

/// A sequence that starts with `ESC [` and at least one more byte.
pub(super) fn step(bytes: &[u8]) -> Step {
    // The Linux console sends `ESC [ [ A` for F1 to F5.
    if bytes[2] == b'[' {
        return match bytes.get(3) {
            None => Step::Wait(Pending::Sequence),
            Some(c @ b'A'..=b'E') => {
                Step::Event(key(KeyCode::F(c - b'A' + 1), KeyModifiers::NONE), 4)
            }
            Some(_) => Step::Skip(3),
        };
    }
    let Some(end) = bytes[2..].iter().position(|b| !(0x20..=0x3f).contains(b)) else {
        return if bytes.len() > LONGEST_CSI {
            Step::Skip(bytes.len())
        } else {
            Step::Wait(Pending::Sequence)
        };
    };
    let (parameters, last) = (&bytes[2..2 + end], bytes[2 + end]);
    let used = end + 3;
    if end > LONGEST_CSI || !(0x40..=0x7e).contains(&last) {
        // Broken off: the byte that broke it is read anew.
        return Step::Skip(used - 1);
    }
    // Mouse in the old encoding: three bytes follow.
    if last == b'M' && parameters.is_empty() {
        return match bytes.get(3..6) {
            Some(&[cb, x, y]) => {
                let at = |n: u8| u16::from(n.saturating_sub(33));
                mouse(u16::from(cb.saturating_sub(32)), at(x), at(y), None)
                    .map_or(Step::Skip(6), |event| Step::Event(event, 6))
            }
            _ => Step::Wait(Pending::Sequence),
        };
    }
    if parameters == b"200" && last == b'~' {
        return Step::PasteStarts(used);
    }
    match event(parameters, last) {
        Some(event) => Step::Event(event, used),
        None => Step::Skip(used),
    }
}

/// A sequence that starts with `ESC O` and at least one more byte.
pub(super) fn ss3(bytes: &[u8]) -> Step {
    let code = match bytes[2] {
        c @ b'P'..=b'S' => KeyCode::F(c - b'P' + 1),
        // The keypad's Enter in application mode.
        b'M' => KeyCode::Enter,
        c => match named(c) {
            Some(code) => code,
            None => return Step::Skip(if c == 0x1b { 2 } else { 3 }),
        },
    };
    Step::Event(key(code, KeyModifiers::NONE), 3)
}

fn named(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        _ => return None,
    })
}

fn event(parameters: &[u8], last: u8) -> Option<Event> {
    if let [b'<', rest @ ..] = parameters {
        let mut numbers = numbers(rest);
        let (cb, x, y) = (numbers.next()??, numbers.next()??, numbers.next()??);
        let pressed = match last {
            b'M' => true,
            b'm' => false,
            _ => return None,
        };
        return mouse(cb, x.saturating_sub(1), y.saturating_sub(1), Some(pressed));
    }
    if parameters
        .iter()
        .any(|b| !matches!(b, b'0'..=b'9' | b';' | b':'))
    {
        return None;
    }
    let mut fields = numbers(parameters);
    let first = fields.next().flatten();
    let second = fields.next().flatten();
    let third = fields.next().flatten();
    let held = modifiers(second);
    match last {
        b'I' if parameters.is_empty() => Some(Event::FocusGained),
        b'O' if parameters.is_empty() => Some(Event::FocusLost),
        b'Z' => Some(key(KeyCode::BackTab, held | KeyModifiers::SHIFT)),
        b'P' | b'Q' | b'S' if first.unwrap_or(1) == 1 => {
            Some(key(KeyCode::F(last - b'P' + 1), held))
        }
        // `CSI row ; col R` is a cursor report; only the first row could be mistaken for F3, and
        // nothing here asks for reports.
        b'R' if first.unwrap_or(1) == 1 => Some(key(KeyCode::F(3), held)),
        b'~' => tilde(first?, held, third),
        b'u' => unicode(u32::from(first?), held),
        _ => named(last).map(|code| key(code, held)),
    }
}

fn tilde(number: u16, held: KeyModifiers, third: Option<u16>) -> Option<Event> {
    let code = match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F((number - 10) as u8),
        17..=21 => KeyCode::F((number - 11) as u8),
        23..=26 => KeyCode::F((number - 12) as u8),
        28 | 29 => KeyCode::F((number - 13) as u8),
        31..=34 => KeyCode::F((number - 14) as u8),
        // xterm's modifyOtherKeys.
        27 => return unicode(u32::from(third?), held),
        _ => return None,
    };
    Some(key(code, held))
}

/// A key named by its code point (`CSI u`, modifyOtherKeys).
fn unicode(code: u32, held: KeyModifiers) -> Option<Event> {
    let code = match code {
        9 if held.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
        9 => KeyCode::Tab,
        13 => KeyCode::Enter,
        27 => KeyCode::Esc,
        8 | 127 => KeyCode::Backspace,
        _ => {
            let c = char::from_u32(code)?;
            return (!c.is_control()).then(|| character(c, held));
        }
    };
    Some(key(code, held))
}

fn modifiers(parameter: Option<u16>) -> KeyModifiers {
    let bits = parameter.unwrap_or(1).saturating_sub(1);
    let mut held = KeyModifiers::NONE;
    for (bit, modifier) in [
        (1, KeyModifiers::SHIFT),
        (2, KeyModifiers::ALT),
        (4, KeyModifiers::CONTROL),
        (8, KeyModifiers::SUPER),
        (16, KeyModifiers::HYPER),
        (32, KeyModifiers::META),
    ] {
        if bits & bit != 0 {
            held |= modifier;
        }
    }
    held
}

/// The numbers between semicolons; sub-parameters after a colon are left out.
fn numbers(parameters: &[u8]) -> impl Iterator<Item = Option<u16>> {
    parameters.split(|b| *b == b';').map(|field| {
        let field = field.split(|b| *b == b':').next().unwrap_or_default();
        std::str::from_utf8(field).ok()?.parse().ok()
    })
}

/// `pressed` is `None` in the old encoding, where a release is button 3.
fn mouse(cb: u16, column: u16, row: u16, pressed: Option<bool>) -> Option<Event> {
    let button = match cb & 3 {
        0 => Some(MouseButton::Left),
        1 => Some(MouseButton::Middle),
        2 => Some(MouseButton::Right),
        _ => None,
    };
    let dragging = cb & 32 != 0;
    let kind = if cb & 64 != 0 {
        match cb & 3 {
            0 => MouseEventKind::ScrollUp,
            1 => MouseEventKind::ScrollDown,
            2 => MouseEventKind::ScrollLeft,
            _ => MouseEventKind::ScrollRight,
        }
    } else if cb & 128 != 0 {
        return None;
    } else {
        match (button, dragging, pressed) {
            (Some(b), true, _) => MouseEventKind::Drag(b),
            (None, true, _) => MouseEventKind::Moved,
            (Some(b), false, Some(false)) => MouseEventKind::Up(b),
            (Some(b), false, _) => MouseEventKind::Down(b),
            (None, false, _) => MouseEventKind::Up(MouseButton::Left),
        }
    };
    let mut held = KeyModifiers::NONE;
    for (bit, modifier) in [
        (4, KeyModifiers::SHIFT),
        (8, KeyModifiers::ALT),
        (16, KeyModifiers::CONTROL),
    ] {
        if cb & bit != 0 {
            held |= modifier;
        }
    }
    Some(Event::Mouse(MouseEvent {
        kind,
        column,
        row,
        modifiers: held,
    }))
}
