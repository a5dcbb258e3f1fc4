//! Key strings: `jj<Enter>`, `gi`, `<C-s>`, `r` and a text.

use crate::ui::key::{Code, Key};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// The presses that a key string stands for: every character is a key, `<Name>` is a named one, `<lt>` is `<`.
///
/// # Panics
/// On a name that is no key: the test is wrong.
#[allow(
    clippy::panic,
    reason = "a wrong key string is a wrong test and should end it"
)]
pub fn presses(text: &str) -> Vec<KeyEvent> {
    let mut rest = text;
    let mut all = Vec::new();
    while let Some(first) = rest.chars().next() {
        let named = (first == '<').then(|| rest.find('>')).flatten();
        let name = match named {
            Some(end) => &rest[1..end],
            None => &rest[..first.len_utf8()],
        };
        let key = if name == " " {
            Ok(Key::char(' '))
        } else {
            name.parse::<Key>()
        };
        match key {
            Ok(key) => all.push(event(key)),
            Err(error) => panic!("in the key string {text:?}: {error}"),
        }
        rest = match named {
            Some(end) => &rest[end + 1..],
            None => &rest[first.len_utf8()..],
        };
    }
    all
}

/// The press as a terminal reports it.
pub fn event(key: Key) -> KeyEvent {
    let code = match key.code {
        Code::Char(c) => KeyCode::Char(c),
        Code::Enter => KeyCode::Enter,
        Code::Esc => KeyCode::Esc,
        Code::Tab => KeyCode::Tab,
        Code::BackTab => KeyCode::BackTab,
        Code::Backspace => KeyCode::Backspace,
        Code::Delete => KeyCode::Delete,
        Code::Insert => KeyCode::Insert,
        Code::Up => KeyCode::Up,
        Code::Down => KeyCode::Down,
        Code::Left => KeyCode::Left,
        Code::Right => KeyCode::Right,
        Code::Home => KeyCode::Home,
        Code::End => KeyCode::End,
        Code::PageUp => KeyCode::PageUp,
        Code::PageDown => KeyCode::PageDown,
    };
    let mut modifiers = KeyModifiers::NONE;
    modifiers.set(KeyModifiers::CONTROL, key.ctrl);
    modifiers.set(KeyModifiers::ALT, key.alt);
    KeyEvent::new(code, modifiers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_become_presses() {
        let keys: Vec<_> = presses("g i<C-s><lt><Enter>")
            .into_iter()
            .map(|event| Key::from_event(event).expect("a key").to_string())
            .collect();
        assert_eq!(keys, ["g", "Space", "i", "C-s", "<", "Enter"]);
    }
}
