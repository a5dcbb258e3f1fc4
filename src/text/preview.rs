//! One line that says what a message is about.

use super::quote::split_quote;
use super::{sanitize_block, width};

/// Columns of a snippet.
pub const COLUMNS: usize = 140;
/// Bytes of a text that a snippet is made from.
const LOOK: usize = 4096;
/// Bytes in which quoted text is looked for.
const LOOK_FOR_QUOTE: usize = 64 * 1024;

/// The beginning of the new text on one clean line of at most [`COLUMNS`] columns.
///
/// A text that is nothing but quotation gives its own beginning.
pub fn snippet(text: &str) -> String {
    let text = &text[..text.floor_char_boundary(LOOK_FOR_QUOTE)];
    let body = &text[split_quote(text).body];
    let body = body.trim_start();
    let body = &body[..body.floor_char_boundary(LOOK)];
    let clean = sanitize_block(body).text;
    let words = clean.split_whitespace();
    let mut line = String::with_capacity(256);
    for word in words {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    width::clip(&line, COLUMNS).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table() {
        for (input, want) in [
            ("Hello\n\n  there\tyou", "Hello there you"),
            (
                "New.\n\nOn 18 Nov 2026, a@b.example wrote:\n> old\n",
                "New.",
            ),
            ("> only quote", "> only quote"),
            ("Bye\n-- \nAna", "Bye"),
            ("a\u{1b}[31mb\u{202e}c", "a␛[31mbc"),
            ("", ""),
        ] {
            assert_eq!(snippet(input), want, "{input:?}");
        }
    }

    #[test]
    fn never_wider_than_a_line() {
        for text in [
            "漢".repeat(100_000),
            "a ".repeat(100_000),
            "x".repeat(1_000_000),
        ] {
            let line = snippet(&text);
            assert!(width::width(&line) <= COLUMNS);
            assert!(line.ends_with('…'));
        }
    }
}
