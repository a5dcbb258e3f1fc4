//! Mails as people may read them: the HTML within one, and one that is attached to another.

pub mod limits;

use super::html_to_text;
use limits::Within;
use mail_parser::{Address, Message, MessageParser, MimeHeaders, PartType};
use std::fmt::Write as _;

/// The HTML of a mail's body as it was sent, decoded; none when it has none or is built to exhaust its reader.
/// Not clean: whoever shows it cleans it.
pub fn html(raw: &[u8]) -> Option<String> {
    let Within::All(bytes) = limits::within(raw) else {
        return None;
    };
    let parsed = MessageParser::default().parse(bytes.as_ref())?;
    parsed.html_bodies().find_map(|part| match &part.body {
        PartType::Html(html) => Some(limits::cut(html.clone().into_owned(), limits::HTML)),
        _ => None,
    })
}

/// A mail as text: its heads, its text, the names of its files. Not clean: whoever shows it cleans it.
pub fn letter(raw: &[u8]) -> Option<String> {
    let parser = MessageParser::default();
    let bytes = match limits::within(raw) {
        Within::All(bytes) => bytes,
        Within::HeaderOnly(bytes, why) => {
            let parsed = parser.parse_headers(bytes.as_ref())?;
            return Some(format!("{}\n({why}; it is not shown)", heads(&parsed)));
        }
    };
    let parsed = parser.parse(bytes.as_ref())?;
    let mut out = heads(&parsed);
    out.push('\n');
    let text = parsed
        .text_bodies()
        .find_map(|part| match &part.body {
            PartType::Text(text) => Some(text.clone().into_owned()),
            _ => None,
        })
        .filter(|text| !text.trim().is_empty());
    let html = || parsed.html_bodies().find_map(|part| part.text_contents());
    match (text, html()) {
        (Some(text), _) => out.push_str(&limits::cut(text, limits::TEXT)),
        (None, Some(html)) => out.push_str(&html_to_text(html).text),
        (None, None) => out.push_str("(no text)"),
    }
    for file in parsed.attachments().take(limits::DEPTH) {
        let name = file.attachment_name().unwrap_or("a file without a name");
        let _ = write!(out, "\n[{name}]");
    }
    Some(out)
}

fn heads(parsed: &Message<'_>) -> String {
    let mut out = String::new();
    let all = |address: Option<&Address<'_>>| -> String {
        let people = address.into_iter().flat_map(Address::iter).take(20);
        let shown: Vec<String> = people
            .map(|one| match (one.name(), one.address()) {
                (Some(name), Some(address)) => format!("{name} <{address}>"),
                (name, address) => name.or(address).unwrap_or_default().to_owned(),
            })
            .collect();
        shown.join(", ")
    };
    let date = parsed.date().map(mail_parser::DateTime::to_rfc822);
    for (name, value) in [
        ("From", all(parsed.from())),
        ("To", all(parsed.to())),
        ("Cc", all(parsed.cc())),
        ("Date", date.unwrap_or_default()),
        ("Subject", parsed.subject().unwrap_or_default().to_owned()),
    ] {
        if !value.is_empty() {
            let _ = writeln!(out, "{name}: {value}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &str = "From: Ana <a@b.example>\r\nTo: help@shop.example\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\n\
        Date: Tue, 18 Nov 2025 10:00:00 +0000\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n\
        --m\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n\
        --x\r\nContent-Type: text/plain\r\n\r\nplain\r\n\
        --x\r\nContent-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        <p>caf=E9 <b>bold</b></p>\r\n--x--\r\n\
        --m\r\nContent-Type: application/pdf; name=\"a.pdf\"\r\nContent-Disposition: attachment\r\n\r\nxx\r\n--m--\r\n";

    #[test]
    fn the_html_is_what_was_sent() {
        assert_eq!(
            html(MAIL.as_bytes()).unwrap().trim(),
            "<p>café <b>bold</b></p>"
        );
        assert_eq!(html(b"Subject: x\r\n\r\nonly text"), None);
        assert_eq!(html(b""), None);
    }

    #[test]
    fn a_mail_within_a_mail_is_read() {
        let text = letter(MAIL.as_bytes()).unwrap();
        assert_eq!(
            text.lines().map(str::trim_end).collect::<Vec<_>>(),
            [
                "From: Ana <a@b.example>",
                "To: help@shop.example",
                "Date: Tue, 18 Nov 2025 10:00:00 +0000",
                "Subject: café",
                "",
                "plain",
                "[a.pdf]"
            ]
        );
        let deep = "Content-Type: message/rfc822\r\n\r\n".repeat(5000);
        let closed = letter(format!("Subject: bomb\r\n{deep}").as_bytes()).unwrap();
        assert!(
            closed.contains("bomb") && closed.contains("not shown"),
            "{closed}"
        );
    }
}
