//! A key as people write it: `j`, `G`, `C-s`, `Enter`, `Tab`, `S-Tab`, `Space`.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt;
use std::str::FromStr;

/// One key press, normalised: a capital letter is itself, never `S-` and the small one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// With Ctrl.
    pub ctrl: bool,
    /// With Alt. Terminals differ too much for it to be the only way to anything.
    pub alt: bool,
    /// Which.
    pub code: Code,
}

/// The key itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A character.
    Char(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift and Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Insert.
    Insert,
    /// Up.
    Up,
    /// Down.
    Down,
    /// Left.
    Left,
    /// Right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
}

const NAMED: [(&str, Code); 17] = [
    ("Enter", Code::Enter),
    ("Esc", Code::Esc),
    ("Tab", Code::Tab),
    ("S-Tab", Code::BackTab),
    ("Backspace", Code::Backspace),
    ("Delete", Code::Delete),
    ("Insert", Code::Insert),
    ("Up", Code::Up),
    ("Down", Code::Down),
    ("Left", Code::Left),
    ("Right", Code::Right),
    ("Home", Code::Home),
    ("End", Code::End),
    ("PageUp", Code::PageUp),
    ("PageDown", Code::PageDown),
    ("Space", Code::Char(' ')),
    ("lt", Code::Char('<')),
];

impl Key {
    /// A plain character.
    pub const fn char(c: char) -> Self {
        Self {
            ctrl: false,
            alt: false,
            code: Code::Char(c),
        }
    }

    /// A key without modifiers.
    pub const fn plain(code: Code) -> Self {
        Self {
            ctrl: false,
            alt: false,
            code,
        }
    }

    /// From the terminal; none for keys that frontdesk has no name for and for releases.
    pub fn from_event(event: KeyEvent) -> Option<Self> {
        if event.kind == crossterm::event::KeyEventKind::Release {
            return None;
        }
        let shift = event.modifiers.contains(KeyModifiers::SHIFT);
        let code = match event.code {
            KeyCode::Char(c) if shift => Code::Char(c.to_uppercase().next().unwrap_or(c)),
            KeyCode::Char(c) => Code::Char(c),
            KeyCode::Enter => Code::Enter,
            KeyCode::Esc => Code::Esc,
            KeyCode::Tab if shift => Code::BackTab,
            KeyCode::Tab => Code::Tab,
            KeyCode::BackTab => Code::BackTab,
            KeyCode::Backspace => Code::Backspace,
            KeyCode::Delete => Code::Delete,
            KeyCode::Insert => Code::Insert,
            KeyCode::Up => Code::Up,
            KeyCode::Down => Code::Down,
            KeyCode::Left => Code::Left,
            KeyCode::Right => Code::Right,
            KeyCode::Home => Code::Home,
            KeyCode::End => Code::End,
            KeyCode::PageUp => Code::PageUp,
            KeyCode::PageDown => Code::PageDown,
            _ => return None,
        };
        Some(Self {
            ctrl: event.modifiers.contains(KeyModifiers::CONTROL),
            alt: event.modifiers.contains(KeyModifiers::ALT),
            code,
        })
    }

    /// The character it types, if it types one.
    pub fn types(self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("C-")?;
        }
        if self.alt {
            f.write_str("M-")?;
        }
        if let Some((name, _)) = NAMED
            .iter()
            .find(|(name, code)| *code == self.code && *name != "lt")
        {
            return f.write_str(name);
        }
        match self.code {
            Code::Char(c) => write!(f, "{c}"),
            _ => Ok(()),
        }
    }
}

/// The text names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a key; write `j`, `G`, `C-s`, `Enter`, `Esc`, `Tab`, `S-Tab`, `Space`, `Up` …"
)]
pub struct NotAKey(pub String);

impl FromStr for Key {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let wrong = || NotAKey(text.to_owned());
        let inner = text
            .strip_prefix('<')
            .and_then(|rest| rest.strip_suffix('>'))
            .filter(|inner| !inner.is_empty())
            .unwrap_or(text);
        let (mut rest, mut ctrl, mut alt) = (inner, false, false);
        while rest.chars().count() > 2 {
            if let Some(after) = rest.strip_prefix("C-") {
                (rest, ctrl) = (after, true);
            } else if let Some(after) = rest.strip_prefix("M-") {
                (rest, alt) = (after, true);
            } else {
                break;
            }
        }
        if let Some((_, code)) = NAMED
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(rest))
        {
            let code = *code;
            return Ok(Self { ctrl, alt, code });
        }
        let mut chars = rest.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) => Ok(Self {
                ctrl,
                alt,
                code: Code::Char(c),
            }),
            _ => Err(wrong()),
        }
    }
}

/// Keys separated by spaces: `g i`, `C-k`, `y y`.
///
/// # Errors
/// Names the part that is no key.
pub fn parse_sequence(text: &str) -> Result<Vec<Key>, NotAKey> {
    let keys: Vec<Key> = text
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    if keys.is_empty() {
        return Err(NotAKey(text.to_owned()));
    }
    Ok(keys)
}

/// A sequence as people write it.
pub fn show(keys: &[Key]) -> String {
    let words: Vec<_> = keys.iter().map(ToString::to_string).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written() {
        for text in [
            "j", "G", "C-s", "Enter", "S-Tab", "Space", "|", "\\", "?", "^",
        ] {
            let key: Key = text.parse().expect("a key");
            assert_eq!(key.to_string(), text);
        }
        assert_eq!("<C-k>".parse(), "C-k".parse::<Key>());
        assert_eq!("<".parse(), Ok(Key::char('<')));
        assert_eq!(parse_sequence("g i").expect("two").len(), 2);
        for wrong in ["", "F1", "jj", "Ctrl-s", "C-"] {
            assert!(parse_sequence(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn shift_is_part_of_the_letter() {
        let event = KeyEvent::new(KeyCode::Char('g'), KeyModifiers::SHIFT);
        assert_eq!(Key::from_event(event), Some(Key::char('G')));
    }
}
