//! JSON of vendors who pass on what a phone sent: one broken character must not hide the rest.

use serde_json::Value;

/// An answer's JSON. A byte that is no UTF-8 and half a surrogate pair become U+FFFD: one such text in a page must not
/// hide the others, now and each time it is asked for again.
pub fn read_lenient(body: &[u8]) -> Option<Value> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn half_a_pair_costs_one_character() {
        let table: [(&[u8], Option<Value>); 7] = [
            (br#"{"a":"\ud83d\ude00"}"#, Some(json!({"a": "😀"}))),
            (br#"{"a":"x\ud800y"}"#, Some(json!({"a": "x\u{fffd}y"}))),
            (br#"{"a":"\\ud800"}"#, Some(json!({"a": "\\ud800"}))),
            (b"{\"a\":\"\xff\"}", Some(json!({"a": "\u{fffd}"}))),
            ("\u{feff}{\"a\":1}".as_bytes(), Some(json!({"a": 1}))),
            (br#"{"a":"\ud8"#, None),
            (b"{\"a\":\"\\", None),
        ];
        for (body, wanted) in table {
            assert_eq!(
                read_lenient(body),
                wanted,
                "{}",
                String::from_utf8_lossy(body)
            );
        }
    }
}
