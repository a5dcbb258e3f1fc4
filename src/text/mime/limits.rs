//! How much of a message is looked at. Checked by counting lines, before the real parser sees it.

use std::borrow::Cow;

/// Parts inside one another.
pub const DEPTH: usize = 50;
/// Parts altogether.
pub const PARTS: usize = 1000;
/// Header fields at the top.
const FIELDS: usize = 1000;
/// Bytes of header at the top.
const HEADER_BYTES: usize = 256 * 1024;
/// Bytes of one header field.
const FIELD_BYTES: usize = 64 * 1024;
/// Bytes of plain text that are kept; the rest is in the raw form.
pub const TEXT: usize = 1 << 20;
/// Bytes of HTML that are kept; the rest is in the raw form.
pub const HTML: usize = 5 << 20;

/// The message as it may be parsed.
#[derive(Debug, PartialEq, Eq)]
pub enum Within<'a> {
    /// All of it.
    All(Cow<'a, [u8]>),
    /// Only its header; the body is built to exhaust whoever reads it.
    HeaderOnly(Cow<'a, [u8]>, &'static str),
}

/// Cuts a message to what may be parsed.
pub fn within(raw: &[u8]) -> Within<'_> {
    let end = header_end(raw);
    let header = cut_header(&raw[..end]);
    if let Some(why) = excess(&raw[end..], &raw[..end]) {
        return Within::HeaderOnly(header, why);
    }
    Within::All(match header {
        Cow::Borrowed(_) => Cow::Borrowed(raw),
        Cow::Owned(mut cut) => {
            cut.extend_from_slice(&raw[end..]);
            Cow::Owned(cut)
        }
    })
}

/// Where the empty line after the header begins.
pub fn header_end(raw: &[u8]) -> usize {
    let mut at = 0;
    while at < raw.len() {
        match raw[at..] {
            [b'\n', ..] | [b'\r', b'\n', ..] => return at,
            _ => {}
        }
        at = next_line(raw, at);
    }
    raw.len()
}

fn next_line(raw: &[u8], at: usize) -> usize {
    raw[at..]
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(raw.len(), |found| at + found + 1)
}

/// Whole fields, folded lines included.
fn fields(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= header.len() {
            return None;
        }
        let start = at;
        at = next_line(header, at);
        while matches!(header.get(at), Some(b' ' | b'\t')) {
            at = next_line(header, at);
        }
        Some(&header[start..at])
    })
}

/// Leaves out fields beyond the limits, and the excess of one that is too long.
fn cut_header(header: &[u8]) -> Cow<'_, [u8]> {
    let within = header.len() <= FIELD_BYTES && fields(header).count() <= FIELDS;
    if within {
        return Cow::Borrowed(header);
    }
    let mut out = Vec::new();
    for field in fields(header).take(FIELDS) {
        if out.len() + field.len().min(FIELD_BYTES) > HEADER_BYTES {
            break;
        }
        if field.len() > FIELD_BYTES {
            out.extend_from_slice(&field[..FIELD_BYTES]);
            out.extend_from_slice(b"\r\n");
        } else {
            out.extend_from_slice(field);
        }
    }
    Cow::Owned(out)
}

/// Is the body made of more parts than anybody writes? Counts too much rather than too little.
fn excess(body: &[u8], header: &[u8]) -> Option<&'static str> {
    let (mut nests, mut dashes) = (0, 0);
    let mut boundaries: Vec<&[u8]> = Vec::new();
    let mut pending = false;
    for line in header
        .split(|byte| *byte == b'\n')
        .chain(body.split(|byte| *byte == b'\n'))
    {
        let start = line.first().copied().unwrap_or_default();
        if matches!(start, b'-') && line.starts_with(b"--") {
            dashes += 1;
        }
        let named = starts(line, b"content-type:");
        if named || (pending && matches!(start, b' ' | b'\t')) {
            let value = if named { &line[13..] } else { line };
            let value = value.trim_ascii_start();
            pending = true;
            if starts(value, b"multipart/") || starts(value, b"message/") {
                nests += 1;
            }
            if boundaries.len() <= 2 * PARTS
                && let Some(boundary) = boundary(value)
                && !boundaries.contains(&boundary)
            {
                boundaries.push(boundary);
            }
        } else {
            pending = false;
        }
        if nests > PARTS || boundaries.len() > PARTS {
            return Some("it has more parts inside one another than anybody writes");
        }
    }
    if dashes > PARTS {
        // Many lines begin with dashes in an honest text too: count those that are boundaries.
        let mut parts = 0;
        for line in body.split(|byte| *byte == b'\n') {
            if let Some(rest) = line.strip_prefix(b"--")
                && boundaries.iter().any(|boundary| rest.starts_with(boundary))
            {
                parts += 1;
            }
            if parts > 2 * PARTS {
                return Some("it has more parts than anybody writes");
            }
        }
    }
    None
}

fn starts(line: &[u8], lower: &[u8]) -> bool {
    line.get(..lower.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(lower))
}

fn boundary(value: &[u8]) -> Option<&[u8]> {
    let at = value
        .windows(9)
        .position(|window| window.eq_ignore_ascii_case(b"boundary="))?;
    let value = &value[at + 9..];
    let value = value.strip_prefix(b"\"").unwrap_or(value);
    let end = value
        .iter()
        .position(|byte| matches!(byte, b'"' | b';' | b'\r' | b' '))
        .unwrap_or(value.len());
    Some(&value[..end.min(70)])
}

/// The text cut to so many bytes, at a letter's edge.
pub fn cut(mut text: String, cap: usize) -> String {
    if text.len() > cap {
        let mut end = cap;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_message_is_taken_as_it_is() {
        let raw = b"From: a@b\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhi\r\n--x--\r\n";
        assert_eq!(within(raw), Within::All(Cow::Borrowed(raw)));
        assert_eq!(&raw[header_end(raw)..][..5], b"\r\n--x");
    }

    #[test]
    fn a_huge_header_is_cut_and_the_rest_stays() {
        let raw = format!("Subject: {}\r\nFrom: a@b\r\n\r\nbody", "x".repeat(1 << 20));
        let Within::All(cut) = within(raw.as_bytes()) else {
            panic!("the body is harmless");
        };
        assert!(cut.len() < 70 * 1024);
        assert!(cut.ends_with(b"From: a@b\r\n\r\nbody"));
    }

    #[test]
    fn thousands_of_parts_are_not_parsed() {
        let deep = "Content-Type: message/rfc822\r\n\r\n".repeat(5000);
        assert!(matches!(within(deep.as_bytes()), Within::HeaderOnly(..)));
        let wide = format!(
            "Content-Type: multipart/mixed; boundary=x\r\n\r\n{}",
            "--x\r\n".repeat(9000)
        );
        assert!(matches!(within(wide.as_bytes()), Within::HeaderOnly(..)));
        let honest = format!(
            "Subject: a table\r\n\r\n{}",
            "-----------\r\n| a |\r\n".repeat(9000)
        );
        assert!(matches!(within(honest.as_bytes()), Within::All(_)));
    }

    #[test]
    fn a_text_is_cut_between_letters() {
        assert_eq!(cut("aää".to_owned(), 4), "aä");
        assert_eq!(cut("abc".to_owned(), 4), "abc");
    }
}
