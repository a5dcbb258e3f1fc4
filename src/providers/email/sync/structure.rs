//! What a message is made of, as the server tells it (BODYSTRUCTURE).

use crate::providers::email::imap::value::Value;

/// Parts that are read out of one structure.
const PARTS: usize = 1000;

/// One part that is not itself made of parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// How to ask for it: `1.2`.
    pub section: String,
    /// Its type, lower-cased.
    pub mime: String,
    /// Its character set.
    pub charset: Option<String>,
    /// How it is encoded.
    pub encoding: String,
    /// Its size as encoded.
    pub size: u64,
    /// Its file name.
    pub name: Option<String>,
    /// Its Content-ID.
    pub content_id: Option<String>,
    /// It is meant to be saved rather than shown.
    pub attachment: bool,
}

/// The parts, in their order.
pub fn parts(structure: &Value) -> Vec<Part> {
    let mut out = Vec::new();
    walk(structure, "", &mut out);
    out
}

fn walk(value: &Value, section: &str, out: &mut Vec<Part>) {
    let Some(words) = value.list() else {
        return;
    };
    if out.len() >= PARTS {
        return;
    }
    if words.first().is_some_and(|word| word.list().is_some()) {
        for (at, child) in words
            .iter()
            .take_while(|word| word.list().is_some())
            .enumerate()
        {
            let section = if section.is_empty() {
                format!("{}", at + 1)
            } else {
                format!("{section}.{}", at + 1)
            };
            walk(child, &section, out);
        }
        return;
    }
    let text = |at: usize| words.get(at).and_then(Value::text);
    let mime = format!(
        "{}/{}",
        text(0).unwrap_or_default(),
        text(1).unwrap_or_default()
    )
    .to_lowercase();
    let disposition = words.iter().skip(7).filter_map(Value::list).find(|list| {
        list.first().and_then(Value::text).is_some_and(|kind| {
            kind.eq_ignore_ascii_case("attachment") || kind.eq_ignore_ascii_case("inline")
        })
    });
    let name = disposition
        .and_then(|list| parameter(list.get(1), "filename"))
        .or_else(|| parameter(words.get(2), "name"));
    out.push(Part {
        section: if section.is_empty() {
            "1".to_owned()
        } else {
            section.to_owned()
        },
        charset: parameter(words.get(2), "charset"),
        encoding: text(5).unwrap_or_default(),
        size: words.get(6).and_then(Value::number).unwrap_or(0),
        name,
        content_id: text(3),
        attachment: disposition
            .and_then(|list| list.first().and_then(Value::text))
            .is_some_and(|kind| kind.eq_ignore_ascii_case("attachment")),
        mime,
    });
}

fn parameter(list: Option<&Value>, name: &str) -> Option<String> {
    list?
        .list()?
        .chunks_exact(2)
        .find(|pair| {
            pair[0]
                .text()
                .is_some_and(|key| key.eq_ignore_ascii_case(name))
        })
        .and_then(|pair| pair[1].text())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::email::imap::value::{Piece, words};

    fn structure(text: &str) -> Vec<Part> {
        let read = words(vec![Piece::Line(text.as_bytes().to_vec())]).unwrap();
        parts(&read[0])
    }

    #[test]
    fn text_and_files_with_their_sections() {
        let parts = structure(concat!(
            r#"((("text" "plain" ("charset" "utf-8") NIL NIL "quoted-printable" 120 4 NIL NIL NIL NIL)"#,
            r#"("text" "html" ("charset" "utf-8") NIL NIL "base64" 300 9 NIL NIL NIL NIL) "alternative" ("boundary" "b") NIL NIL NIL)"#,
            r#"("image" "png" ("name" "old.png") "<c1@x>" NIL "base64" 9000 NIL ("attachment" ("filename" "new.png")) NIL NIL)"#,
            r#" "mixed" ("boundary" "a") NIL NIL NIL)"#,
        ));
        let sections: Vec<(&str, &str)> = parts
            .iter()
            .map(|part| (part.section.as_str(), part.mime.as_str()))
            .collect();
        assert_eq!(
            sections,
            [
                ("1.1", "text/plain"),
                ("1.2", "text/html"),
                ("2", "image/png")
            ]
        );
        assert_eq!(parts[0].charset.as_deref(), Some("utf-8"));
        assert_eq!(parts[2].name.as_deref(), Some("new.png"));
        assert_eq!(parts[2].content_id.as_deref(), Some("<c1@x>"));
        assert!(parts[2].attachment && !parts[0].attachment);
    }

    #[test]
    fn a_message_that_is_one_part() {
        let parts = structure(r#"("text" "plain" NIL NIL NIL "7bit" 12 1)"#);
        assert_eq!((parts[0].section.as_str(), parts[0].size), ("1", 12));
        assert_eq!(structure("NIL"), []);
    }
}
