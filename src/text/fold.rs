//! Folding for search: what looks the same is found by the same keys.
//!
//! The index and the query go through the same door. Case and accents are left to the index.

use super::charclass::{Class, class};
use std::borrow::Cow;

/// Full-width forms become ASCII, half-width kana stay; invisible characters and controls go
/// (line ends and tabs become spaces). Free for plain text of one line, cheap for more of them.
pub fn fold(text: &str) -> Cow<'_, str> {
    let printable = |b: u8| (0x20..0x7f).contains(&b);
    if text.bytes().all(printable) {
        return Cow::Borrowed(text);
    }
    if text.bytes().all(|b| printable(b) || b == b'\n') {
        return Cow::Owned(text.replace('\n', " "));
    }
    Cow::Owned(text.chars().filter_map(folded).collect())
}

fn folded(c: char) -> Option<char> {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0),
        '\u{3000}' | '\u{a0}' | '\u{2007}' | '\u{202f}' => Some(' '),
        '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' => Some(' '),
        _ => match class(c) {
            Class::Drop | Class::Joiner | Class::Selector | Class::Control => None,
            Class::Separator | Class::Blank => Some(' '),
            Class::Keep | Class::Mark | Class::Replace => Some(c),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table() {
        for (input, want) in [
            ("plain", "plain"),
            ("of\nmore\n\nlines", "of more  lines"),
            ("ＡＤＭＩＮ\u{3000}ｐａｙ", "ADMIN pay"),
            ("ex\u{ad}am\u{200b}ple", "example"),
            ("a\0b\nc", "ab c"),
            ("pay\u{200d}pal", "paypal"),
            ("Amélie", "Amélie"),
            ("漢字", "漢字"),
        ] {
            assert_eq!(fold(input), want, "{input:?}");
        }
    }
}
