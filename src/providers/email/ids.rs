//! Message-IDs as others wrote them, and keys made from them.

use crate::model::outgoing::hex;
use sha2::{Digest, Sha256};

/// Longest id that is believed.
const LONGEST: usize = 250;
/// Most References that are kept: the first ones, and the last ones.
const REFERENCES: (usize, usize) = (10, 90);

/// The id without brackets; `None` where it is no id that could be repeated in a header of our own.
pub fn message_id(raw: &str) -> Option<String> {
    let id = raw.trim();
    let id = id.strip_prefix('<').unwrap_or(id);
    let id = id.strip_suffix('>').unwrap_or(id);
    let fits = !id.is_empty()
        && id.len() <= LONGEST
        && id
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>'));
    fits.then(|| id.to_owned())
}

/// The ids that are any, in order, each once, without those in the middle of a list nobody can use.
pub fn message_ids<'a>(raw: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let mut ids: Vec<String> = raw
        .filter_map(message_id)
        .filter(|id| seen.insert(id.clone()))
        .collect();
    let (first, last) = REFERENCES;
    if ids.len() > first + last {
        ids.drain(first..ids.len() - last);
    }
    ids
}

/// Equal for the same message wherever it is found: its id with sender and date, because ids alone are not unique in
/// the wild; without an id, its bytes.
pub fn dedupe(id: Option<&str>, from: &str, date: &str, raw: &[u8]) -> String {
    let mut hash = Sha256::new();
    let Some(id) = id else {
        hash.update(raw);
        return format!("raw:{}", hex(&hash.finalize()));
    };
    for part in [id, &from.to_lowercase(), date] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    format!("id:{}", hex(&hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_could_be_repeated_is_an_id() {
        for (raw, expect) in [
            (" <a.b@c.test> ", Some("a.b@c.test")),
            ("a@b", Some("a@b")),
            ("no-at-sign", Some("no-at-sign")),
            ("<>", None),
            ("<a b@c>", None),
            ("a@b>\r\nBcc: x", None),
            ("<a@b><c@d>", None),
            ("caf\u{e9}@b", None),
        ] {
            assert_eq!(message_id(raw).as_deref(), expect, "{raw:?}");
        }
        assert_eq!(message_id(&"x".repeat(300)), None);
    }

    #[test]
    fn a_long_list_keeps_its_ends() {
        let list: Vec<String> = (0..20_000).map(|n| format!("<{n}@x>")).collect();
        let kept = message_ids(list.iter().map(String::as_str));
        assert_eq!(kept.len(), 100);
        assert_eq!((kept[0].as_str(), kept[99].as_str()), ("0@x", "19999@x"));
        assert_eq!(message_ids(["<a@b>", "a@b", "<a@b>"].into_iter()), ["a@b"]);
    }

    #[test]
    fn keys_differ_where_messages_do() {
        let one = dedupe(Some("a@b"), "Ann@x.test", "d", b"raw");
        assert_eq!(one, dedupe(Some("a@b"), "ann@X.test", "d", b"other raw"));
        assert_ne!(one, dedupe(Some("a@b"), "bob@x.test", "d", b"raw"));
        assert_ne!(one, dedupe(Some("a@b"), "ann@x.test", "e", b"raw"));
        assert_ne!(dedupe(None, "", "", b"1"), dedupe(None, "", "", b"2"));
    }
}
