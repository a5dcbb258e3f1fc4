//! Reading what Meta says, field by field: one of the wrong kind costs that field, never the message.

use crate::model::Timestamp;
use serde_json::Value;

/// A text that is there and not empty.
pub(super) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str().filter(|text| !text.is_empty())
}

/// An id: a text, or a number as some events write it.
pub(super) fn id(value: &Value, key: &str) -> Option<String> {
    match value.get(key)? {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Number(id) if id.is_u64() => Some(id.to_string()),
        _ => None,
    }
}

/// A list, or the `data` of an object that holds one; empty where it is none.
pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    let Some(value) = value.get(key) else {
        return &[];
    };
    value
        .as_array()
        .or_else(|| value.get("data")?.as_array())
        .map_or(&[], Vec::as_slice)
}

/// Where the next page of a listing begins. A short page is not the end; a missing `next` is.
pub(super) fn after(listing: &Value) -> Option<&str> {
    let paging = listing.get("paging")?;
    text(paging, "next")?;
    text(paging.get("cursors")?, "after")
}

/// `2026-01-02T03:04:05+0000`, or a number of seconds or milliseconds.
pub(super) fn moment(value: &Value, key: &str) -> Option<Timestamp> {
    match value.get(key)? {
        Value::String(at) => {
            let parsed = jiff::fmt::strtime::parse("%Y-%m-%dT%H:%M:%S%z", at).ok();
            let parsed = parsed.and_then(|at| at.to_timestamp().ok());
            let parsed = parsed.or_else(|| at.parse::<jiff::Timestamp>().ok())?;
            Some(Timestamp(parsed.as_millisecond()))
        }
        Value::Number(at) => {
            let at = at.as_i64().filter(|at| *at > 0)?;
            Some(Timestamp(if at > 100_000_000_000 {
                at
            } else {
                at * 1_000
            }))
        }
        _ => None,
    }
}

/// Bytes as Meta would write them; what nothing else names is named by it.
pub(super) fn fingerprint(value: &Value) -> String {
    use sha2::Digest;
    let hash = sha2::Sha256::digest(value.to_string());
    crate::model::outgoing::hex(&hash[..12])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn moments_in_every_form() {
        let table = [
            (json!("2026-01-02T03:04:05+0000"), Some(1_767_323_045_000)),
            (json!("2026-01-02T04:04:05+0100"), Some(1_767_323_045_000)),
            (json!("2026-01-02T03:04:05Z"), Some(1_767_323_045_000)),
            (json!(1_767_323_045), Some(1_767_323_045_000)),
            (json!(1_767_323_045_123_i64), Some(1_767_323_045_123)),
            (json!("-9999-99-99T00:00:00+0000"), None),
            (json!(-5), None),
            (json!(1e300), None),
            (json!(null), None),
        ];
        for (at, wanted) in table {
            let value = json!({ "at": at });
            assert_eq!(moment(&value, "at"), wanted.map(Timestamp), "{value}");
        }
    }

    #[test]
    fn ids_and_pages() {
        assert_eq!(id(&json!({ "id": 5 }), "id").as_deref(), Some("5"));
        assert_eq!(id(&json!({ "id": [] }), "id"), None);
        let page = json!({ "data": [1], "paging": { "cursors": { "after": "x" } } });
        assert_eq!(after(&page), None, "no next, no page");
        assert_eq!(list(&json!({ "a": page }), "a").len(), 1);
    }
}
