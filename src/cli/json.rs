//! JSON that is safe to look at: what could act on a terminal is written as `\u….`, which loses nothing.

use crate::text::charclass::{Class, class};
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use std::io::{self, Write};

/// One value as one line of JSON, without the line end.
pub fn line<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<String> {
    let mut bytes = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut bytes, Safe))?;
    String::from_utf8(bytes).map_err(serde::ser::Error::custom)
}

struct Safe;

impl Formatter for Safe {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        text: &str,
    ) -> io::Result<()> {
        let mut from = 0;
        for (at, c) in text.char_indices() {
            if matches!(class(c), Class::Keep | Class::Mark) {
                continue;
            }
            out.write_all(&text.as_bytes()[from..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            from = at + c.len_utf8();
        }
        out.write_all(&text.as_bytes()[from..])
    }
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn nothing_that_acts_is_written_and_nothing_is_lost() {
        let hostile = "a\u{1b}[2J\u{9b}x\u{202e}\u{2028}\u{e0041}\u{7f}\n\"é日👩\u{200d}👧";
        let text = line(&serde_json::json!({ "k": hostile })).unwrap();
        assert!(text.contains("é日👩"), "{text}");
        for c in text.chars() {
            assert!(
                !c.is_control() && c != '\u{202e}' && c != '\u{2028}',
                "{text:?}"
            );
        }
        let back: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(back["k"], hostile);
    }
}
