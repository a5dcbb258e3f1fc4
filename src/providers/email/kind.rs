//! What sort of message it is, by the marks that automatic ones carry.

use crate::model::MessageKind;
use mail_parser::{Message, MimeHeaders};

/// The sort of a message; `from` is its sender's address.
pub fn kind(message: &Message<'_>, from: &str) -> MessageKind {
    let field = |name: &str| {
        message
            .headers_raw()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_ascii_lowercase())
    };
    let root = message.parts.first();
    let report = root
        .filter(|part| part.is_content_type("multipart", "report"))
        .and_then(|part| part.content_type())
        .and_then(|kind| kind.attribute("report-type"))
        .map(str::to_ascii_lowercase);
    match report.as_deref() {
        Some("delivery-status") => return MessageKind::Bounce,
        Some("disposition-notification") => return MessageKind::ReadReceipt,
        _ => {}
    }
    let null_sender = field("Return-Path").is_some_and(|path| path == "<>" || path.is_empty());
    let local = from
        .split('@')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let daemon = matches!(
        local.as_str(),
        "mailer-daemon" | "postmaster" | "mail-daemon"
    );
    if daemon && (null_sender || field("X-Failed-Recipients").is_some()) {
        return MessageKind::Bounce;
    }
    let submitted = field("Auto-Submitted").map(|value| {
        value
            .split([';', ' '])
            .next()
            .unwrap_or_default()
            .to_owned()
    });
    let precedence = field("Precedence").unwrap_or_default();
    let suppress = field("X-Auto-Response-Suppress").unwrap_or_default();
    let replies = submitted.as_deref() == Some("auto-replied")
        || precedence == "auto_reply"
        || field("X-Autoreply").is_some_and(|value| value != "no")
        || field("X-Autorespond").is_some()
        || field("X-Autoreply-From").is_some();
    if replies {
        return MessageKind::AutoReply;
    }
    let bulk = matches!(precedence.as_str(), "bulk" | "junk" | "list")
        || message.headers_raw().any(|(name, _)| {
            name.get(..5)
                .is_some_and(|start| start.eq_ignore_ascii_case("list-"))
        });
    if bulk {
        return MessageKind::Bulk;
    }
    let automatic = submitted.is_some_and(|value| !value.is_empty() && value != "no")
        || suppress
            .split(',')
            .any(|word| matches!(word.trim(), "all" | "oof" | "autoreply"))
        || null_sender;
    if automatic {
        MessageKind::AutoReply
    } else {
        MessageKind::Normal
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail_parser::MessageParser;

    #[test]
    fn marks_and_what_they_mean() {
        for (headers, expect) in [
            ("X: y", MessageKind::Normal),
            ("Auto-Submitted: no", MessageKind::Normal),
            ("Auto-Submitted: auto-replied", MessageKind::AutoReply),
            (
                "Auto-Submitted: auto-generated; x=y",
                MessageKind::AutoReply,
            ),
            ("X-Auto-Response-Suppress: DR, OOF", MessageKind::AutoReply),
            // Outlook asks for no delivery reports on ordinary mail.
            ("X-Auto-Response-Suppress: DR, RN, NRN", MessageKind::Normal),
            ("Precedence: bulk", MessageKind::Bulk),
            ("List-Id: <x.y>", MessageKind::Bulk),
            (
                "Auto-Submitted: auto-replied\r\nPrecedence: bulk",
                MessageKind::AutoReply,
            ),
            ("Precedence: auto_reply", MessageKind::AutoReply),
            ("Return-Path: <>", MessageKind::AutoReply),
            ("Return-Path: <ann@x.test>", MessageKind::Normal),
            (
                "Content-Type: multipart/report; report-type=delivery-status; boundary=x",
                MessageKind::Bounce,
            ),
            (
                "Content-Type: multipart/report; report-type=\"disposition-notification\"; boundary=x",
                MessageKind::ReadReceipt,
            ),
        ] {
            let raw = format!("From: ann@x.test\r\n{headers}\r\n\r\n--x\r\n\r\nhi\r\n--x--\r\n");
            let message = MessageParser::default().parse(raw.as_bytes()).unwrap();
            assert_eq!(kind(&message, "ann@x.test"), expect, "{headers}");
        }
        let raw = "Return-Path: <>\r\nFrom: MAILER-DAEMON@x.test\r\n\r\n550 5.1.1 no\r\n";
        let message = MessageParser::default().parse(raw.as_bytes()).unwrap();
        assert_eq!(kind(&message, "MAILER-DAEMON@x.test"), MessageKind::Bounce);
    }
}
