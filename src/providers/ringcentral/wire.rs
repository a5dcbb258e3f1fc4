//! Reading what RingCentral says, field by field: one of the wrong kind costs that field, never the message.

use crate::model::{Party, Timestamp};
use serde_json::Value;
use std::fmt::Write as _;

/// A text that is there and not empty.
pub(super) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str().filter(|text| !text.is_empty())
}

/// A whole number, also one written as text.
pub(super) fn number(value: &Value, key: &str) -> Option<i64> {
    let value = value.get(key)?;
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// An id: a number, or a short text without blanks.
pub(super) fn id(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => {
            let fits =
                (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
            fits.then(|| text.clone())
        }
        _ => None,
    }
}

/// A list, empty where it is none.
pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A moment in ISO 8601; one before 1970 is none.
pub(super) fn moment(value: &Value, key: &str) -> Option<Timestamp> {
    let at: jiff::Timestamp = text(value, key)?.parse().ok()?;
    Some(Timestamp(at.as_millisecond())).filter(|at| at.0 > 0)
}

/// A moment as RingCentral reads it.
pub(super) fn iso(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0.max(0))
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_string()
}

/// Who is at one end: by number, else by extension. `None` for callers who hide theirs.
pub(super) fn party(value: &Value) -> Option<Party> {
    let address = text(value, "phoneNumber")
        .map(|number| {
            crate::text::phone::e164(number, None).unwrap_or_else(|| number.trim().to_owned())
        })
        .or_else(|| id(value, "extensionNumber").map(|number| format!("ext:{number}")))?;
    Some(Party {
        address,
        name: text(value, "name").map(str::to_owned),
    })
}

/// An answer's JSON. A byte that is no UTF-8 and half a surrogate pair become U+FFFD: one such text in a page must not
/// hide the others, now and each time it is asked for again.
pub(super) fn read(body: &[u8]) -> Option<Value> {
    if let Ok(value) = serde_json::from_slice(body) {
        return Some(value);
    }
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}');
    serde_json::from_str(&whole_pairs(text)).ok()
}

/// Replaces escapes of halves of surrogate pairs.
fn whole_pairs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let half = unit(rest);
        let (kept, taken) = match half {
            Some(0xd800..=0xdbff)
                if matches!(rest.get(6..).and_then(unit), Some(0xdc00..=0xdfff)) =>
            {
                (&rest[..12], 12)
            }
            Some(0xd800..=0xdfff) => ("\\ufffd", 6),
            // An escape is two characters at least, so that `\\u` is no beginning of one.
            _ => {
                let second = rest[1..].chars().next().map_or(0, char::len_utf8);
                (&rest[..=second], 1 + second)
            }
        };
        out.push_str(kept);
        rest = &rest[taken..];
    }
    out.push_str(rest);
    out
}

/// The UTF-16 unit that an escape at the beginning of the text stands for.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

/// A short name for something that has none: of its bytes.
pub(super) fn fingerprint(value: &Value) -> String {
    use sha2::Digest;
    let hash = sha2::Sha256::digest(value.to_string());
    hash.iter().take(12).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn half_a_pair_costs_one_character() {
        let table: [(&[u8], Option<Value>); 8] = [
            (br#"{"a":"\ud83d\ude00"}"#, Some(json!({"a": "😀"}))),
            (br#"{"a":"x\ud800y"}"#, Some(json!({"a": "x\u{fffd}y"}))),
            (br#"{"a":"\\ud800"}"#, Some(json!({"a": "\\ud800"}))),
            (
                br#"{"a":"\udc00\ud83d\ude00"}"#,
                Some(json!({"a": "\u{fffd}😀"})),
            ),
            (b"{\"a\":\"\xff\"}", Some(json!({"a": "\u{fffd}"}))),
            ("\u{feff}{\"a\":1}".as_bytes(), Some(json!({"a": 1}))),
            (br#"{"a":"\ud8"#, None),
            (b"{\"a\":\"\\", None),
        ];
        for (body, wanted) in table {
            assert_eq!(read(body), wanted, "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn moments_are_read_or_left() {
        let at = |text: &str| moment(&json!({ "t": text }), "t").map(|at| at.0);
        assert_eq!(at("2026-01-01T00:00:00.000Z"), Some(1_767_225_600_000));
        assert_eq!(at("2026-01-01T00:00:00+01:00"), Some(1_767_222_000_000));
        for bad in ["", "-9999-99-99T00:00:00Z", "soon", "1960-01-01T00:00:00Z"] {
            assert_eq!(at(bad), None, "{bad}");
        }
        assert_eq!(iso(Timestamp(1_767_225_600_500)), "2026-01-01T00:00:00.5Z");
    }

    #[test]
    fn ends_are_numbers_or_extensions() {
        let table = [
            (
                json!({"phoneNumber": "+1 212 555 0111", "name": "Ana"}),
                Some("+12125550111"),
            ),
            (json!({"phoneNumber": "72975"}), Some("72975")),
            (json!({"extensionNumber": "101"}), Some("ext:101")),
            (json!({"extensionNumber": 101}), Some("ext:101")),
            (json!({"name": "Anonymous"}), None),
            (json!([1]), None),
        ];
        for (value, wanted) in table {
            assert_eq!(
                party(&value).map(|one| one.address).as_deref(),
                wanted,
                "{value}"
            );
        }
    }
}
