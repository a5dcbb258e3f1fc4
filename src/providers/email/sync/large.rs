//! A message that is too large to be fetched whole: its header, its text, and where its attachments are.

use super::bodies::{Fetched, Place, arrived};
use super::structure::{Part, parts};
use super::windows::merge;
use crate::model::{Content, NewAttachment, NewMessage};
use crate::providers::email::ids::message_id;
use crate::providers::email::imap::{Fetch, ImapError, ImapSession, UidSet};
use crate::providers::email::map::{self, Arrived, Ours};
use crate::text::mime::limits;

/// A large message as far as it was fetched.
pub struct Large {
    arrived: Arrived,
    size: u64,
    parts: Vec<Part>,
    text: Option<(Part, Vec<u8>)>,
    html: Option<(Part, Vec<u8>)>,
}

/// Fetches what is wanted of a large message; nothing if it is not there any more.
pub async fn fetch(
    session: &mut ImapSession,
    place: &Place<'_>,
    meta: &Fetch,
    uid: u32,
) -> Result<Option<Fetched>, ImapError> {
    let Some(first) = ask(session, uid, "BODY.PEEK[HEADER] BODYSTRUCTURE").await? else {
        let there = session.search(&format!("UID {uid}")).await?.contains(uid);
        let why = "the server lists the message but does not hand it over".to_owned();
        return Ok(there.then(|| Fetched::Refused(arrived(place, meta, uid, Vec::new()), why)));
    };
    let header = section(&first, "HEADER").unwrap_or_default();
    let parts = first.structure.as_ref().map(parts).unwrap_or_default();
    let mut large = Large {
        arrived: arrived(place, meta, uid, header),
        size: meta.size.unwrap_or(0),
        text: None,
        html: None,
        parts,
    };
    for (mime, cap) in [("text/plain", limits::TEXT), ("text/html", limits::HTML)] {
        let part = large
            .parts
            .iter()
            .find(|part| part.mime == mime && !part.attachment)
            .cloned();
        if let Some(part) = part {
            let what = format!("BODY.PEEK[{}]<0.{cap}>", part.section);
            let got = ask(session, uid, &what).await?;
            let bytes = got.and_then(|fetch| section(&fetch, &part.section));
            let bytes = bytes.map(|bytes| (part, bytes));
            if mime == "text/plain" {
                large.text = bytes;
            } else {
                large.html = bytes;
            }
        }
    }
    Ok(Some(Fetched::Large(Box::new(large))))
}

pub(super) async fn ask(
    session: &mut ImapSession,
    uid: u32,
    what: &str,
) -> Result<Option<Fetch>, ImapError> {
    let asked = format!("{} (UID {what})", UidSet::range(uid, uid));
    let (found, _) = session.fetch_each(&[asked], 1).await?;
    let mut out: Option<Fetch> = None;
    for fetch in found.into_iter().filter(|fetch| fetch.uid == Some(uid)) {
        merge(out.get_or_insert_default(), fetch);
    }
    Ok(out.filter(|fetch| !fetch.sections.is_empty()))
}

fn section(fetch: &Fetch, name: &str) -> Option<Vec<u8>> {
    fetch
        .sections
        .iter()
        .find(|(section, _)| section == name)
        .map(|(_, bytes)| bytes.clone())
}

impl Large {
    /// The facts about it. Its attachments are told of without their bytes.
    pub fn message(self, ours: &Ours) -> NewMessage {
        let remote = self.arrived.remote.clone();
        let mut message = map::message(self.arrived, ours);
        message.content = Content::Text;
        message.text = decoded(self.text.as_ref());
        let html = decoded(self.html.as_ref());
        if !html.is_empty() {
            if message.text.trim().is_empty() {
                message.content = Content::Html;
            }
            message.html = Some(html);
        }
        let shown: Vec<&str> = [&self.text, &self.html]
            .into_iter()
            .flatten()
            .map(|(part, _)| part.section.as_str())
            .collect();
        message.attachments = self
            .parts
            .iter()
            .filter(|part| !shown.contains(&part.section.as_str()))
            .map(|part| NewAttachment {
                name: part
                    .name
                    .clone()
                    .unwrap_or_else(|| format!("part-{}", part.section)),
                mime: part.mime.clone(),
                size: part.size,
                inline: false,
                content_id: part.content_id.as_deref().and_then(message_id),
                data: None,
                fetch: Some(super::part::key(
                    &remote.scope,
                    &remote.key,
                    &part.section,
                    &part.encoding,
                )),
            })
            .collect();
        if self.parts.is_empty() {
            message.content = Content::Unreadable {
                reason: format!(
                    "it has {} bytes, and the server does not tell what it is made of",
                    self.size
                ),
            };
        }
        message
    }
}

/// A part's text, decoded by giving it the header that it has in the message.
fn decoded(part: Option<&(Part, Vec<u8>)>) -> String {
    let Some((part, bytes)) = part else {
        return String::new();
    };
    let word = |text: &str| -> String {
        text.chars()
            .filter(|letter| letter.is_ascii_alphanumeric() || "-_.:".contains(*letter))
            .take(60)
            .collect()
    };
    let charset = part
        .charset
        .as_deref()
        .map_or_else(|| "utf-8".to_owned(), word);
    let mut raw = format!(
        "Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {}\r\n\r\n",
        word(&part.encoding)
    )
    .into_bytes();
    raw.extend_from_slice(bytes);
    let parsed = mail_parser::MessageParser::default().parse(&raw);
    let text = parsed
        .as_ref()
        .and_then(|parsed| parsed.body_text(0))
        .unwrap_or_default();
    limits::cut(text.into_owned(), limits::HTML)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_decoded_as_its_structure_says() {
        let part = Part {
            charset: Some("iso-8859-1".into()),
            encoding: "quoted-printable".into(),
            ..Part::default()
        };
        assert_eq!(decoded(Some(&(part, b"caf=E9".to_vec()))), "café");
    }
}
