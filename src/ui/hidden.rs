//! A secret while it is typed: never shown, never told by `Debug`, wiped when it is dropped.

use std::fmt;
use zeroize::Zeroizing;

/// Room for the longest secret. Text that outgrew its place would leave a copy behind.
const ROOM: usize = 16 * 1024;

/// A secret that somebody types.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(Zeroizing<String>);

impl Default for Hidden {
    fn default() -> Self {
        Self(Zeroizing::new(String::with_capacity(ROOM)))
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden")
    }
}

impl Hidden {
    /// This text.
    pub fn new(text: &str) -> Self {
        let mut hidden = Self::default();
        hidden.insert(text);
        hidden
    }

    /// Puts text at its end, without line ends and controls; what has no room is left out.
    pub fn insert(&mut self, text: &str) {
        for c in text.chars().filter(|c| !c.is_control()) {
            if self.0.len() + c.len_utf8() <= ROOM {
                self.0.push(c);
            }
        }
    }

    /// Takes the last letter away.
    pub fn pop(&mut self) {
        self.0.pop();
    }

    /// Takes everything away.
    pub fn clear(&mut self) {
        zeroize::Zeroize::zeroize(&mut *self.0);
        self.0.reserve(ROOM);
    }

    /// Nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many letters, for a row of dots.
    pub fn count(&self) -> usize {
        self.0.chars().count()
    }

    /// The secret itself, for the one who keeps it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_typed_and_never_told() {
        let mut hidden = Hidden::new("hun\nter2");
        hidden.pop();
        hidden.insert("3");
        assert_eq!((hidden.expose(), hidden.count()), ("hunter3", 7));
        assert_eq!(format!("{hidden:?}"), "Hidden");
        hidden.clear();
        assert!(hidden.is_empty());
        hidden.insert(&"x".repeat(ROOM * 2));
        assert_eq!(hidden.count(), ROOM);
    }
}
