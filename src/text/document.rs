//! Files that people can read as text.

use super::{html_to_text, mime, sanitize_block};

/// Bytes of text that are shown of one file.
pub const SHOWN: usize = 256 * 1024;
/// Bytes of a file that are needed to show its beginning: a mail begins with what it encloses.
pub const NEEDED: u64 = 2 * 1024 * 1024;

/// What a file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readable {
    /// Clean text, lines separated by `\n`.
    pub text: String,
    /// There is more than is shown.
    pub cut: bool,
}

/// Endings of files that are text, whatever type they claim to be.
const TEXT_ENDINGS: [&str; 17] = [
    "txt", "text", "log", "md", "csv", "tsv", "json", "jsonl", "ndjson", "xml", "yaml", "yml",
    "toml", "ini", "ics", "vcf", "diff",
];

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Json,
    Html,
    Mail,
}

fn kind(name: &str, mime: &str) -> Option<Kind> {
    let mime = mime.split(';').next().unwrap_or_default().trim();
    let mime = mime.to_ascii_lowercase();
    let ending = match name.rsplit_once('.') {
        Some((_, ending)) => ending.to_ascii_lowercase(),
        None => String::new(),
    };
    let plain = ["application/octet-stream", "text/plain", ""].contains(&mime.as_str());
    Some(match (mime.as_str(), ending.as_str()) {
        ("text/html" | "application/xhtml+xml", _) => Kind::Html,
        ("message/rfc822" | "message/global", _) => Kind::Mail,
        (_, "html" | "htm") if plain => Kind::Html,
        (_, "eml") if plain => Kind::Mail,
        ("application/json", _) => Kind::Json,
        (_, "json") if plain => Kind::Json,
        (
            "application/xml"
            | "application/yaml"
            | "application/x-yaml"
            | "application/toml"
            | "application/csv"
            | "application/x-ndjson"
            | "application/ics",
            _,
        ) => Kind::Text,
        (mime, _) if mime.ends_with("+json") => Kind::Json,
        // Pictures made of XML are pictures.
        (mime, _) if mime.ends_with("+xml") && !mime.starts_with("image/") => Kind::Text,
        (mime, _) if mime.starts_with("text/") || mime.starts_with("message/") => Kind::Text,
        (_, ending) if plain && TEXT_ENDINGS.contains(&ending) => Kind::Text,
        _ => return None,
    })
}

/// Whether a file of this name and type is one that can be read.
pub fn is_readable(name: &str, mime: &str) -> bool {
    kind(name, mime).is_some()
}

/// What the file says, if it is of a kind that people read and its bytes are text. `bytes` are its beginning, and
/// `more` says that they are not all.
pub fn read(name: &str, mime: &str, bytes: &[u8], more: bool) -> Option<Readable> {
    let text = match kind(name, mime)? {
        Kind::Mail => mime::letter(bytes)?,
        Kind::Html => html_to_text(&decoded(bytes)?).text,
        Kind::Json => {
            let text = decoded(bytes)?;
            laid_out(&text).unwrap_or(text)
        }
        Kind::Text => decoded(bytes)?,
    };
    let shown = text.floor_char_boundary(SHOWN);
    Some(Readable {
        text: sanitize_block(&text[..shown]).text,
        cut: more || shown < text.len(),
    })
}

/// JSON on one line, laid out; none for what is laid out or broken.
fn laid_out(text: &str) -> Option<String> {
    if text.len() > SHOWN || text.trim().lines().count() > 1 {
        return None;
    }
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    serde_json::to_string_pretty(&value).ok()
}

/// The letters: UTF-8, UTF-16 with its mark, else those of Western Europe. None for what is no text.
fn decoded(bytes: &[u8]) -> Option<String> {
    let wide = |bytes: &[u8], of: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| of([pair[0], pair[1]]));
        char::decode_utf16(units)
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => return Some(wide(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => return Some(wide(rest, u16::from_be_bytes)),
        _ => {}
    }
    if bytes.contains(&0) {
        return None;
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.to_owned()),
        // The beginning of a file may end within a letter.
        Err(error) if error.error_len().is_none() => {
            let whole = bytes.get(..error.valid_up_to())?;
            std::str::from_utf8(whole).ok().map(str::to_owned)
        }
        Err(_) => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_and_how() {
        for (name, mime, bytes, says) in [
            ("a.txt", "text/plain", &b"caf\xc3\xa9"[..], Some("café")),
            (
                "a.txt",
                "text/plain",
                b"caf\xe9 \x1b[31m",
                Some("café ␛[31m"),
            ),
            (
                "a.txt",
                "text/plain; charset=utf-16",
                b"\xff\xfeh\0i\0",
                Some("hi"),
            ),
            (
                "a.csv",
                "application/octet-stream",
                b"a,b\r\n1,2",
                Some("a,b\n1,2"),
            ),
            ("a", "text/csv", b"a;b", Some("a;b")),
            (
                "a.json",
                "application/json",
                b"{\"b\":[1]}",
                Some("{\n  \"b\": [\n    1\n  ]\n}"),
            ),
            ("a.json", "application/json", b"{broken", Some("{broken")),
            ("a.html", "text/html", b"<p>one<p>two", Some("one\n\ntwo")),
            (
                "a.eml",
                "",
                b"Subject: x\r\n\r\nhello",
                Some("Subject: x\n\nhello"),
            ),
            ("a.txt", "text/plain", b"\x7fELF\0\0", None),
            ("a.pdf", "application/pdf", b"%PDF", None),
            ("a.svg", "image/svg+xml", b"<svg/>", None),
            ("a.txt", "image/png", b"text", None),
            ("a", "application/octet-stream", b"text", None),
        ] {
            let got = read(name, mime, bytes, false).map(|one| one.text);
            assert_eq!(got.as_deref(), says, "{name} {mime}");
        }
    }

    #[test]
    fn long_ones_are_cut_between_letters() {
        let long = "é".repeat(SHOWN);
        let read = read("a.txt", "text/plain", &long.as_bytes()[..=SHOWN], true).unwrap();
        assert!(read.cut && read.text.chars().all(|c| c == 'é'));
        assert!(read.text.len() <= SHOWN);
    }
}
