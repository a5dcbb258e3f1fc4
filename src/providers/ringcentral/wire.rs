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
