//! JSON as vendors write it: they pass on what a phone sent, and some cut texts between the two halves of a character.
//! One broken character must not hide the rest, now and each time it is asked for again.

use serde::de::DeserializeOwned;
use std::borrow::Cow;

/// Reads JSON; half a character, or a byte that is no UTF-8, stands as U+FFFD rather than making all of it unreadable.
///
/// # Errors
/// As `serde_json::from_slice`.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(bytes).or_else(|error| {
        let text = String::from_utf8_lossy(bytes);
        let text = text.trim_start_matches('\u{feff}').as_bytes();
        match mended(text) {
            mended if *mended == *bytes => Err(error),
            mended => serde_json::from_slice(&mended),
        }
    })
}

/// The bytes with every `\u` of half a character replaced.
fn mended(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut out = Cow::Borrowed(bytes);
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        match (unit(bytes, at), unit(bytes, at + 6)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => at += 12,
            (Some(0xD800..=0xDFFF), _) => {
                if let Some(place) = out.to_mut().get_mut(at..at + 6) {
                    place.copy_from_slice(br"\ufffd");
                }
                at += 6;
            }
            // A backslash and what it stands before.
            _ => at += 2,
        }
    }
    out
}

/// The code unit of an escape that begins at `at`.
fn unit(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at.checked_add(6)?)?.strip_prefix(br"\u")?;
    let digits = std::str::from_utf8(digits).ok()?;
    // A sign is no digit.
    let hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    hex.then(|| u32::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_character_costs_only_itself() {
        let table = [
            (r#""plain""#, Some("plain")),
            ("\u{feff}\"marked\"", Some("marked")),
            (r#""\ud83d\ude00""#, Some("😀")),
            (r#""a\ud83d""#, Some("a\u{fffd}")),
            (r#""\ude00b""#, Some("\u{fffd}b")),
            (r#""\ud83d\ud83d\ude00""#, Some("\u{fffd}😀")),
            (r#""\\ud83d""#, Some("\\ud83d")),
            (r#""\ud83d\n""#, Some("\u{fffd}\n")),
            (r#""\ud83"#, None),
            (r#""\u+83d""#, None),
            (r#""\"#, None),
            ("", None),
        ];
        for (json, wanted) in table {
            let read = from_slice::<String>(json.as_bytes()).ok();
            assert_eq!(read.as_deref(), wanted, "{json}");
        }
    }

    #[test]
    fn a_byte_that_is_no_utf_8_costs_only_itself() {
        let read = from_slice::<String>(b"\"a\xff\\ud83d\"").ok();
        assert_eq!(read.as_deref(), Some("a\u{fffd}\u{fffd}"));
        assert!(from_slice::<String>(b"\"a\xff").is_err());
    }
}
