//! Delivery reports: what did not arrive, and why (RFC 3464, and the older kind written for people).

use crate::model::event::{BounceInfo, BouncedRecipient};
use mail_parser::{Message, MessageParser, MimeHeaders, PartType};

/// Recipients that are read out of one report.
const RECIPIENTS: usize = 100;

/// The report in this message, if it is one.
pub fn report(message: &Message<'_>) -> Option<BounceInfo> {
    let status = message
        .parts
        .iter()
        .find(|part| part.is_content_type("message", "delivery-status"))?;
    Some(BounceInfo {
        original_message_id: original(message),
        recipients: recipients(&String::from_utf8_lossy(status.contents())),
    })
}

/// A report without the parts of RFC 3464: the code and the id are somewhere in the text.
pub fn report_in_text(text: &str) -> BounceInfo {
    let mut info = BounceInfo::default();
    for line in text.lines().take(2000) {
        let line = line.trim();
        if info.original_message_id.is_none()
            && let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("message-id")
        {
            info.original_message_id = super::ids::message_id(value);
        }
        if info.recipients.is_empty()
            && let Some(status) = status_in(line)
        {
            info.recipients.push(BouncedRecipient {
                address: address_in(line).unwrap_or_default(),
                action: "failed".to_owned(),
                status,
                diagnostic: line.to_owned(),
            });
        }
    }
    info
}

fn original(message: &Message<'_>) -> Option<String> {
    message.parts.iter().find_map(|part| match &part.body {
        PartType::Message(inner) => inner.message_id().and_then(super::ids::message_id),
        _ if part.is_content_type("text", "rfc822-headers") => MessageParser::default()
            .parse_headers(part.contents())
            .and_then(|inner| inner.message_id().and_then(super::ids::message_id)),
        _ => None,
    })
}

/// Groups of fields, separated by empty lines; the first is about the whole message, the others about a recipient.
fn recipients(status: &str) -> Vec<BouncedRecipient> {
    let mut out = Vec::new();
    for group in unfolded(status) {
        let field = |name: &str| {
            group
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.as_str())
        };
        let Some(address) = field("Final-Recipient").or_else(|| field("Original-Recipient")) else {
            continue;
        };
        out.push(BouncedRecipient {
            address: untyped(address).to_owned(),
            action: field("Action").unwrap_or_default().to_ascii_lowercase(),
            status: field("Status")
                .and_then(|status| status.split_whitespace().next())
                .unwrap_or_default()
                .to_owned(),
            diagnostic: untyped(field("Diagnostic-Code").unwrap_or_default()).to_owned(),
        });
        if out.len() == RECIPIENTS {
            break;
        }
    }
    out
}

/// `rfc822; someone@example` without its type.
fn untyped(value: &str) -> &str {
    value.split_once(';').map_or(value, |(_, rest)| rest).trim()
}

fn unfolded(status: &str) -> Vec<Vec<(String, String)>> {
    let mut groups: Vec<Vec<(String, String)>> = vec![Vec::new()];
    for line in status.lines() {
        if line.trim().is_empty() {
            if groups.last().is_some_and(|group| !group.is_empty()) {
                groups.push(Vec::new());
            }
            continue;
        }
        let Some(group) = groups.last_mut() else {
            break;
        };
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = group.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            group.push((name.trim().to_owned(), value.trim().to_owned()));
        }
        if groups.len() > RECIPIENTS + 1 {
            break;
        }
    }
    groups
}

/// `550 5.1.1` or `550-5.1.1` in a line: the second half.
fn status_in(line: &str) -> Option<String> {
    let bytes = line.as_bytes();
    bytes.windows(9).enumerate().find_map(|(at, window)| {
        let digit = |index: usize| window[index].is_ascii_digit();
        let starts = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        let right = window[0] == b'5'
            && digit(1)
            && digit(2)
            && matches!(window[3], b' ' | b'-')
            && window[4] == b'5'
            && window[5] == b'.'
            && digit(6)
            && window[7] == b'.'
            && digit(8);
        (starts && right).then(|| String::from_utf8_lossy(&window[4..]).into_owned())
    })
}

fn address_in(line: &str) -> Option<String> {
    let (_, rest) = line.split_once('<')?;
    let (address, _) = rest.split_once('>')?;
    address.contains('@').then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSTFIX: &str = "From: MAILER-DAEMON@mx.desk.test\r\nTo: support@desk.test\r\nSubject: Undelivered Mail\r\n\
        MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"B\"\r\n\r\n\
        --B\r\nContent-Description: Notification\r\nContent-Type: text/plain\r\n\r\nIt was not delivered.\r\n\
        --B\r\nContent-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\n\
        Reporting-MTA: dns; mx.desk.test\r\nArrival-Date: Fri, 20 Nov 2026 10:00:00 +0000\r\n\r\n\
        Final-Recipient: rfc822; over@cust.test\r\nOriginal-Recipient: rfc822;over@cust.test\r\nAction: Failed\r\n\
        Status: 5.2.2\r\nDiagnostic-Code: smtp; 552 5.2.2 mailbox\r\n    is full\r\n\r\n\
        Final-Recipient: rfc822; slow@cust.test\r\nAction: delayed\r\nStatus: 4.4.1 (no answer)\r\n\r\n\
        --B\r\nContent-Description: Undelivered Message\r\nContent-Type: message/rfc822\r\n\r\n\
        From: support@desk.test\r\nMessage-ID: <ours.1@desk.test>\r\nSubject: hi\r\n\r\nbody\r\n\
        --B--\r\n";

    fn parse(raw: &str) -> Option<BounceInfo> {
        report(&MessageParser::default().parse(raw.as_bytes()).unwrap())
    }

    #[test]
    fn every_recipient_with_its_reason() {
        let info = parse(POSTFIX).unwrap();
        assert_eq!(
            info.original_message_id.as_deref(),
            Some("ours.1@desk.test")
        );
        let row = |recipient: &BouncedRecipient| {
            (
                recipient.address.clone(),
                recipient.action.clone(),
                recipient.status.clone(),
                recipient.diagnostic.clone(),
            )
        };
        assert_eq!(
            info.recipients.iter().map(row).collect::<Vec<_>>(),
            [
                (
                    "over@cust.test".into(),
                    "failed".into(),
                    "5.2.2".into(),
                    "552 5.2.2 mailbox is full".into()
                ),
                (
                    "slow@cust.test".into(),
                    "delayed".into(),
                    "4.4.1".into(),
                    String::new()
                ),
            ]
        );
    }

    #[test]
    fn headers_alone_tell_the_original_too() {
        let raw = POSTFIX.replace(
            "Content-Type: message/rfc822",
            "Content-Type: text/rfc822-headers",
        );
        assert_eq!(
            parse(&raw).unwrap().original_message_id.as_deref(),
            Some("ours.1@desk.test")
        );
    }

    #[test]
    fn an_ordinary_message_is_no_report() {
        assert_eq!(parse("From: a@b.test\r\nSubject: x\r\n\r\nhi\r\n"), None);
    }

    #[test]
    fn the_older_kind_is_read_from_its_text() {
        let info = report_in_text(
            "Hi. This is the program.\n<gone@cust.test>: 10.0.0.1 said: 550-5.1.1 no such user\n\n--- below\nMessage-ID: <x.2@desk.test>\n",
        );
        assert_eq!(info.original_message_id.as_deref(), Some("x.2@desk.test"));
        assert_eq!(info.recipients[0].status, "5.1.1");
        assert_eq!(info.recipients[0].address, "gone@cust.test");
        assert_eq!(report_in_text("order 1550 5.1.1 shipped").recipients, []);
    }
}
