//! From what will leave to its bytes. Pure: the same [`Outgoing`] gives the same bytes, so that a retry sends what was
//! reviewed and not something like it.
//!
//! Nothing reaches the builder but the types of [`crate::text::header`]: what a customer wrote comes back in subjects,
//! names and references, and a builder writes what it is given.

use crate::model::outgoing::{OutgoingAttachment, OutgoingKind, hex};
use crate::model::{Outgoing, Party};
use crate::text::header::{EmailAddress, HeaderError, HeaderValue, Mailbox, MsgId};
use crate::text::markdown::{to_html, to_plain};
use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::date::Date;
use mail_builder::headers::message_id::MessageId;
use mail_builder::headers::text::Text;
use mail_builder::mime::{BodyPart, MimePart};
use sha2::{Digest, Sha256};

/// References that are sent: the first, and the last twenty.
const REFERENCES: usize = 20;

/// Why it cannot be written; each names the field, for the person who has to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// A recipient or the sender is no address.
    #[error("the {field} `{address}` cannot be used: {why}")]
    Address {
        /// `sender`, `To`, `Cc` or `Bcc`.
        field: &'static str,
        /// As it was given, cleaned.
        address: String,
        /// What is wrong with it.
        why: HeaderError,
    },
    /// Nobody to send to.
    #[error("it has no recipient")]
    Nobody,
    /// Our own reference is none; a defect.
    #[error("its Message-ID cannot be used: {0}")]
    Reference(HeaderError),
    /// The builder failed; a defect.
    #[error("it could not be written: {0}")]
    Builder(String),
}

/// A message ready to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    /// The envelope's sender.
    pub from: EmailAddress,
    /// The envelope's recipients, each once.
    pub recipients: Vec<EmailAddress>,
    /// What is sent; Bcc is not in it.
    pub wire: Vec<u8>,
    /// What is kept; with Bcc.
    pub copy: Vec<u8>,
}

/// Writes the message. `files` are the attachments' bytes, in their order.
pub fn compose(
    out: &Outgoing,
    sender: &Party,
    files: &[Vec<u8>],
) -> Result<Composed, ComposeError> {
    let sender = mailbox("sender", sender)?;
    let to = mailboxes("To", &out.recipients.to)?;
    let cc = mailboxes("Cc", &out.recipients.cc)?;
    let bcc = mailboxes("Bcc", &out.recipients.bcc)?;
    let mut recipients: Vec<EmailAddress> = Vec::new();
    for mailbox in to.iter().chain(&cc).chain(&bcc) {
        if !recipients
            .iter()
            .any(|known| known.normalised() == mailbox.address.normalised())
        {
            recipients.push(mailbox.address.clone());
        }
    }
    if recipients.is_empty() {
        return Err(ComposeError::Nobody);
    }
    let reference = MsgId::new(&out.reference).map_err(ComposeError::Reference)?;
    let write = |blind: &[Mailbox]| {
        let mut message = MessageBuilder::new()
            .message_id(MessageId::new(reference.as_str()))
            .date(Date::new(out.queued_at.seconds()))
            .from(address(&sender))
            .subject(Text::new(HeaderValue::cleaned(&out.subject).to_string()));
        message = if to.is_empty() {
            message.to(Address::new_group(
                Some("undisclosed-recipients"),
                Vec::new(),
            ))
        } else {
            message.to(list(&to))
        };
        if !cc.is_empty() {
            message = message.cc(list(&cc));
        }
        if !blind.is_empty() {
            message = message.bcc(list(blind));
        }
        let answered = out
            .in_reply_to
            .as_deref()
            .and_then(|id| MsgId::new(id).ok());
        let references = references(&out.references, answered.as_ref());
        if let Some(id) = &answered {
            message = message.in_reply_to(MessageId::new(id.to_string()));
        }
        if !references.is_empty() {
            message = message.references(MessageId::new_list(references.into_iter()));
        }
        if out.kind == OutgoingKind::Page {
            message = message
                .header("Auto-Submitted", Text::new("auto-generated"))
                .header("X-Auto-Response-Suppress", Text::new("All"));
        }
        message
            .body(body(out, files))
            .write_to_vec()
            .map_err(|error| ComposeError::Builder(error.to_string()))
    };
    let wire = write(&[])?;
    let copy = if bcc.is_empty() {
        wire.clone()
    } else {
        write(&bcc)?
    };
    Ok(Composed {
        from: sender.address,
        recipients,
        wire,
        copy,
    })
}

fn mailbox(field: &'static str, party: &Party) -> Result<Mailbox, ComposeError> {
    Mailbox::with_untrusted_name(party.name.as_deref(), &party.address).map_err(|why| {
        ComposeError::Address {
            field,
            address: super::words::clean(&party.address),
            why,
        }
    })
}

fn mailboxes(field: &'static str, parties: &[Party]) -> Result<Vec<Mailbox>, ComposeError> {
    parties.iter().map(|party| mailbox(field, party)).collect()
}

fn address(mailbox: &Mailbox) -> Address<'static> {
    Address::new_address(
        mailbox.name.as_ref().map(ToString::to_string),
        mailbox.address.to_string(),
    )
}

fn list(mailboxes: &[Mailbox]) -> Address<'static> {
    Address::new_list(mailboxes.iter().map(address).collect())
}

/// The ids that lead to this message, oldest first, the answered one last.
fn references(given: &[String], answered: Option<&MsgId>) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    let valid = given.iter().filter_map(|id| MsgId::new(id).ok());
    for id in valid.chain(answered.cloned()) {
        let id = id.to_string();
        ids.retain(|known| *known != id);
        ids.push(id);
    }
    if ids.len() > REFERENCES + 1 {
        ids.drain(1..ids.len() - REFERENCES);
    }
    ids
}

fn body(out: &Outgoing, files: &[Vec<u8>]) -> MimePart<'static> {
    let written = written(out);
    if files.is_empty() {
        return written;
    }
    let mut parts = vec![written];
    parts.extend(
        out.attachments
            .iter()
            .zip(files)
            .map(|(attachment, bytes)| file(attachment, bytes)),
    );
    multipart("multipart/mixed", out, "m", parts)
}

/// The text: for a page as it is, for a customer as plain text and as HTML made from it.
fn written(out: &Outgoing) -> MimePart<'static> {
    let plain = |text: &str| {
        MimePart::new(
            ContentType::new("text/plain").attribute("charset", "utf-8"),
            crlf(text),
        )
    };
    if out.kind == OutgoingKind::Page {
        return plain(&format!("{}\n", out.body.trim_end()));
    }
    let (body, signature) = split_signature(&out.body);
    let mut text = to_plain(body).trim_end().to_owned();
    let mut html = to_html(body);
    if !signature.is_empty() {
        text = format!("{text}\n\n-- \n{signature}");
        let lines: Vec<String> = signature.lines().map(escape).collect();
        html = format!("{html}<p>-- <br>\n{}</p>\n", lines.join("<br>\n"));
    }
    let html = format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head><body>\n{html}</body></html>\n"
    );
    let parts = vec![
        plain(&format!("{text}\n")),
        MimePart::new(
            ContentType::new("text/html").attribute("charset", "utf-8"),
            crlf(&html),
        ),
    ];
    multipart("multipart/alternative", out, "a", parts)
}

/// What stands under the usual `-- ` line is plain text, not Markdown. Nothing is added: what leaves is what was seen.
fn split_signature(body: &str) -> (&str, &str) {
    match body.split_once("\n-- \n") {
        Some((body, signature)) => (body, signature.trim()),
        None => (body, ""),
    }
}

fn escape(line: &str) -> String {
    line.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn multipart(
    kind: &'static str,
    out: &Outgoing,
    mark: &str,
    parts: Vec<MimePart<'static>>,
) -> MimePart<'static> {
    // The boundary comes from the reference: random enough that no text holds it, and always the same one.
    let digest = hex(&Sha256::digest(format!("{mark}:{}", out.reference)));
    let boundary = format!("=_{mark}{}", &digest[..32]);
    MimePart::new(
        ContentType::new(kind).attribute("boundary", boundary),
        BodyPart::Multipart(parts),
    )
}

fn file(attachment: &OutgoingAttachment, bytes: &[u8]) -> MimePart<'static> {
    MimePart::new(
        ContentType::new(mime(&attachment.mime)),
        BodyPart::Binary(bytes.to_vec().into()),
    )
    .attachment(HeaderValue::cleaned(&attachment.name).to_string())
}

/// The type if it is one that may stand there. A message within a message must not be encoded, so it goes as bytes.
fn mime(claimed: &str) -> String {
    let claimed = claimed.trim().to_ascii_lowercase();
    let token = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    let plain = claimed
        .split_once('/')
        .is_some_and(|(kind, subtype)| token(kind) && token(subtype));
    let composite = claimed.starts_with("message/") || claimed.starts_with("multipart/");
    if plain && !composite && claimed.len() <= 127 {
        claimed
    } else {
        "application/octet-stream".to_owned()
    }
}

fn crlf(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 32);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' | '\n' => {
                if letter == '\r' && letters.peek() == Some(&'\n') {
                    letters.next();
                }
                out.push_str("\r\n");
            }
            '\0' => {}
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::outgoing::Recipients;
    use crate::model::{AccountId, Channel, OutboxId, Timestamp};
    use mail_parser::{MessageParser, MimeHeaders};

    fn out(subject: &str, body: &str) -> Outgoing {
        Outgoing {
            id: OutboxId(1),
            account: AccountId::new("support"),
            channel: Channel::Email,
            conversation: None,
            kind: OutgoingKind::Reply,
            from: None,
            recipients: Recipients {
                to: vec![Party::named("ann@cust.test", "Änn")],
                ..Recipients::default()
            },
            subject: subject.into(),
            body: body.into(),
            attachments: Vec::new(),
            thread: None,
            in_reply_to: None,
            references: Vec::new(),
            reference: "01.abc@desk.test".into(),
            queued_at: Timestamp(1_770_532_984_000),
            author: "alice".into(),
            template: None,
            proposal: None,
        }
    }

    fn sender() -> Party {
        Party::named("support@desk.test", "Desk")
    }

    #[test]
    fn the_same_thing_gives_the_same_bytes() {
        let mut message = out("Re: x", "Hello **there**\n\n-- \nsig");
        message.attachments.push(OutgoingAttachment {
            name: "a.bin".into(),
            mime: "image/png".into(),
            size: 3,
            sha256: String::new(),
            path: "a.bin".into(),
        });
        let write = || compose(&message, &sender(), &[vec![1, 2, 3]]).unwrap();
        assert_eq!(write(), write());
        let raw = write().wire;
        let parsed = MessageParser::default().parse(&raw).unwrap();
        assert_eq!(parsed.message_id(), Some("01.abc@desk.test"));
        assert_eq!(parsed.date().unwrap().to_timestamp(), 1_770_532_984);
        assert_eq!(
            parsed.body_text(0).unwrap().replace("\r\n", "\n"),
            "Hello there\n\n-- \nsig\n"
        );
        assert!(
            parsed
                .body_html(0)
                .unwrap()
                .contains("<strong>there</strong>")
        );
        let file = parsed.attachment(0).unwrap();
        assert_eq!(
            (file.contents(), file.attachment_name()),
            (&[1_u8, 2, 3][..], Some("a.bin"))
        );
        let text = String::from_utf8(raw).unwrap();
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
        assert_eq!(text.matches('\r').count(), text.matches("\r\n").count());
    }

    #[test]
    fn blind_copies_are_only_in_our_own_copy() {
        let mut message = out("x", "y");
        message.recipients.bcc.push(Party::new("eve@cust.test"));
        message.recipients.cc.push(Party::new("ANN@cust.test"));
        let composed = compose(&message, &sender(), &[]).unwrap();
        let to: Vec<&str> = composed
            .recipients
            .iter()
            .map(EmailAddress::as_str)
            .collect();
        assert_eq!(to, ["ann@cust.test", "eve@cust.test"]);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(!text(&composed.wire).contains("eve@"));
        assert!(text(&composed.copy).contains("Bcc: <eve@cust.test>"));
    }

    #[test]
    fn what_cannot_be_an_address_is_named() {
        let mut message = out("x", "y");
        message
            .recipients
            .cc
            .push(Party::new("a@b\r\nRCPT TO:<e@f>"));
        let error = compose(&message, &sender(), &[]).unwrap_err();
        assert!(
            matches!(error, ComposeError::Address { field: "Cc", .. }),
            "{error}"
        );
        message.recipients = Recipients::default();
        assert_eq!(compose(&message, &sender(), &[]), Err(ComposeError::Nobody));
        let mut message = out("x", "y");
        message.reference = "a@b>\r\nX: y".into();
        assert!(matches!(
            compose(&message, &sender(), &[]),
            Err(ComposeError::Reference(_))
        ));
    }

    #[test]
    fn long_reference_lists_keep_their_ends() {
        let mut message = out("x", "y");
        message.references = (0..50).map(|n| format!("{n}@x")).collect();
        message.in_reply_to = Some("49@x".into());
        let raw = compose(&message, &sender(), &[]).unwrap().wire;
        let parsed = MessageParser::default().parse(&raw).unwrap();
        let ids = parsed.references().as_text_list().unwrap();
        assert_eq!(ids.len(), 21);
        assert_eq!(
            (ids[0].as_ref(), ids[1].as_ref(), ids[20].as_ref()),
            ("0@x", "30@x", "49@x")
        );
        assert_eq!(parsed.in_reply_to().as_text(), Some("49@x"));
    }

    #[test]
    fn a_page_says_that_nobody_needs_to_answer_it() {
        let mut message = out("Server down", "See *now*");
        message.kind = OutgoingKind::Page;
        let raw = compose(&message, &sender(), &[]).unwrap().wire;
        let text = String::from_utf8(raw).unwrap();
        assert!(
            text.contains("Auto-Submitted: auto-generated\r\n"),
            "{text}"
        );
        assert!(text.ends_with("\r\n\r\nSee *now*\r\n"), "{text}");
    }
}
