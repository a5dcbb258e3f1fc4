//! One line of text being typed.

use super::key::{Code, Key};
use crate::text::width;
use unicode_segmentation::UnicodeSegmentation;

/// A line and the caret in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineEdit {
    text: String,
    /// Byte offset, always at the edge of a grapheme.
    caret: usize,
}

impl LineEdit {
    /// A line with the caret at its end.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            caret: text.len(),
            text,
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Columns before the caret.
    pub fn column(&self) -> usize {
        width::width(&self.text[..self.caret])
    }

    /// Puts text in at the caret; line ends become spaces.
    pub fn insert(&mut self, text: &str) {
        let clean = crate::text::sanitize::sanitize_line(&text.replace(['\n', '\r'], " ")).text;
        self.text.insert_str(self.caret, &clean);
        self.caret += clean.len();
    }

    /// Takes a key; true when it changed the text or moved the caret.
    pub fn key(&mut self, key: Key) -> bool {
        match (key.ctrl, key.code) {
            (false, Code::Char(c)) if !key.alt => {
                self.insert(c.encode_utf8(&mut [0; 4]));
            }
            (false, Code::Backspace) | (true, Code::Char('h')) => {
                let to = self.before();
                self.text.replace_range(to..self.caret, "");
                self.caret = to;
            }
            (false, Code::Delete) => {
                let to = self.after();
                self.text.replace_range(self.caret..to, "");
            }
            (false, Code::Left) | (true, Code::Char('b')) => self.caret = self.before(),
            (false, Code::Right) | (true, Code::Char('f')) => self.caret = self.after(),
            (false, Code::Home) | (true, Code::Char('a')) => self.caret = 0,
            (false, Code::End) | (true, Code::Char('e')) => self.caret = self.text.len(),
            (true, Code::Char('u')) => {
                self.text.replace_range(..self.caret, "");
                self.caret = 0;
            }
            (true, Code::Char('w')) => {
                let head = self.text[..self.caret].trim_end();
                let to = head.rfind(char::is_whitespace).map_or(0, |at| {
                    at + head[at..].chars().next().map_or(1, char::len_utf8)
                });
                self.text.replace_range(to..self.caret, "");
                self.caret = to;
            }
            _ => return false,
        }
        true
    }

    fn before(&self) -> usize {
        self.text[..self.caret]
            .grapheme_indices(true)
            .next_back()
            .map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        let next = self.text[self.caret..].graphemes(true).next();
        self.caret + next.map_or(0, str::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_graphemes_go_as_wholes() {
        let mut line = LineEdit::new("to नमस्ते");
        line.key(Key::plain(Code::Backspace));
        line.key(Key::plain(Code::Left));
        line.insert("x\ny");
        assert!(line.text().contains("x y"));
        line.key("C-w".parse().expect("a key"));
        line.key("C-u".parse().expect("a key"));
        line.key(Key::plain(Code::End));
        for _ in 0..20 {
            line.key(Key::plain(Code::Backspace));
        }
        assert_eq!(line.text(), "");
    }
}
