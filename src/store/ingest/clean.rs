//! Makes what a provider read fit to be kept: cleaned for display, with its files on disk. Runs before the
//! transaction, away from the writer's thread.

use super::super::error::StoreError;
use super::super::files;
use super::super::index::Words;
use super::super::rows::People;
use crate::model::message::Content;
use crate::model::{Channel, Direction, Event, MessageKind, NewAttachment, NewMessage, Party};
use crate::text::filename::SafeFileName;
use crate::text::preview::snippet;
use crate::text::subject::{base_subject, matter};
use crate::text::{html_to_text, identity, magic, sanitize_block, sanitize_line};
use std::path::Path;

/// Raw messages up to this many bytes are kept in the database, larger ones as files.
const RAW_IN_ROW: usize = 256 * 1024;
/// Bytes of text that are kept for display; the rest is in the raw form.
const MAX_BODY: usize = 1024 * 1024;
/// Ends a text that goes on in the raw form.
const CUT: &str = "\n\n[the rest is in the raw form]";
/// Bytes of a subject or name.
const MAX_LINE: usize = 998;
/// Numbers and mailboxes that are taken from a text.
const MAX_MENTIONED: usize = 3;
/// Addresses kept per header.
const MAX_PARTIES: usize = 200;

/// One fact, ready to be stored.
pub(in crate::store) enum Ready {
    /// A message.
    Message(Box<ReadyMessage>),
    /// Anything else, as it came.
    Other(Event),
}

/// A message, cleaned, its files on disk.
pub(in crate::store) struct ReadyMessage {
    /// As it came; text, HTML, raw bytes and attachments are taken out.
    pub new: NewMessage,
    /// Sender: normalised address.
    pub address: String,
    /// Sender as it is searched for.
    pub who: String,
    /// Sender: cleaned name.
    pub name: Option<String>,
    /// Subject, cleaned.
    pub subject: String,
    /// Its base subject.
    pub base: String,
    /// The same as it is compared; empty when it says nothing.
    pub matter: String,
    /// Text, cleaned.
    pub body: String,
    /// Its beginning on one line.
    pub snippet: String,
    /// What the index holds of subject, text and sender.
    pub words: Option<Words>,
    /// Characters that could not be shown as they were.
    pub hidden: usize,
    /// What it is made of, after choosing between text and HTML.
    pub content: Content,
    /// Numbers and mailboxes that its text names.
    pub mentioned: Vec<String>,
    /// Recipients, cleaned.
    pub people: People,
    /// Attachments, named safely.
    pub attachments: Vec<ReadyAttachment>,
    /// How much the report tells, of two reports of one message.
    pub fullness: crate::sync::merge::Fullness,
    /// The bytes of the wire.
    pub raw: Raw,
}

/// Where the bytes of the wire are kept.
pub(in crate::store) enum Raw {
    None,
    Row(Vec<u8>),
    File(String),
}

/// An attachment, named safely, its bytes on disk if they came.
pub(in crate::store) struct ReadyAttachment {
    pub name: String,
    pub mime: String,
    pub size: u64,
    pub inline: bool,
    pub content_id: Option<String>,
    pub sha256: Option<String>,
    /// What it is by its bytes.
    pub found: Option<&'static str>,
    pub fetch: Option<String>,
}

/// Cleans every fact of a batch.
pub(in crate::store) fn batch(dir: &Path, events: Vec<Event>) -> Result<Vec<Ready>, StoreError> {
    events
        .into_iter()
        .map(|event| match event {
            Event::Message(new) => Ok(Ready::Message(Box::new(message(dir, *new)?))),
            other => Ok(Ready::Other(other)),
        })
        .collect()
}

fn message(dir: &Path, mut new: NewMessage) -> Result<ReadyMessage, StoreError> {
    let fullness = crate::sync::merge::Fullness::of(&new);
    let subject = line(&new.subject);
    let (text, html) = (std::mem::take(&mut new.text), new.html.take());
    let mut content = std::mem::replace(&mut new.content, Content::Text);
    let (body, hidden) = match html {
        Some(html) if text.trim().is_empty() => {
            if content == Content::Text {
                content = Content::Html;
            }
            let rendered = html_to_text(&html);
            let hidden = rendered.neutralised + usize::from(rendered.hidden_text);
            let mut body = rendered.text;
            if rendered.truncated {
                body.push_str(CUT);
            }
            (body, hidden)
        }
        _ => block(&text),
    };
    if let Content::Unsupported { what: words } | Content::Unreadable { reason: words } =
        &mut content
    {
        *words = line(words);
    }
    let people = People {
        to: parties(&new.to),
        cc: parties(&new.cc),
        reply_to: parties(&new.reply_to).into_iter().next(),
        unvouched: new.channel == Channel::Email
            && new.direction == Direction::Inbound
            && !new.from_verified,
    };
    let (address, name) = match new.direction {
        Direction::Inbound => (
            normalised(new.channel, &new.from.address),
            name_of(&new.from),
        ),
        _ => (String::new(), None),
    };
    let mut attachments = Vec::new();
    for attachment in std::mem::take(&mut new.attachments) {
        attachments.push(file(dir, attachment)?);
    }
    let raw = match std::mem::take(&mut new.raw) {
        raw if raw.is_empty() => Raw::None,
        raw if raw.len() <= RAW_IN_ROW => Raw::Row(raw),
        raw => Raw::File(files::put(dir, &raw)?.sha256),
    };
    let who = if new.direction == Direction::Inbound {
        format!("{} {address}", name.as_deref().unwrap_or_default())
    } else {
        let words = people.to.iter().chain(&people.cc).flat_map(|party| {
            let name = party.name.as_deref().unwrap_or_default();
            [name, party.address.as_str()]
        });
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        words.join(" ")
    };
    let personal = new.direction == Direction::Inbound && new.kind == MessageKind::Normal;
    let mentioned = if personal && body.contains(['+', '@']) {
        let parts = crate::text::quote::split_quote(&body);
        let own = parts.body.start..parts.signature.end.max(parts.body.end);
        identity::mentioned(body.get(own).unwrap_or_default(), MAX_MENTIONED)
    } else {
        Vec::new()
    };
    let base = base_subject(&subject);
    Ok(ReadyMessage {
        matter: matter(&base),
        base,
        words: Some(Words::new(&subject, &body, &who)),
        snippet: snippet(&body),
        who: who.trim().to_owned(),
        address,
        name,
        subject,
        body,
        hidden,
        content,
        mentioned,
        people,
        attachments,
        fullness,
        raw,
        new,
    })
}

/// One row of text, cleaned and not longer than a header may be.
pub(in super::super) fn line(raw: &str) -> String {
    let cut = &raw[..raw.floor_char_boundary(MAX_LINE)];
    let spaced = cut.replace(['\r', '\n', '\t'], " ");
    sanitize_line(spaced.trim()).text
}

/// Many rows of text, cleaned; what is too long says so.
pub(in super::super) fn block(raw: &str) -> (String, usize) {
    let cut = raw.floor_char_boundary(MAX_BODY);
    let cleaned = sanitize_block(&raw[..cut]);
    let mut text = cleaned.text;
    text.truncate(text.trim_end().len());
    if cut < raw.len() {
        text.push_str(CUT);
    }
    (text, cleaned.hidden)
}

fn parties(raw: &[Party]) -> Vec<Party> {
    raw.iter().take(MAX_PARTIES).map(party).collect()
}

/// Address and name, cleaned for display; the address keeps its case.
pub(in super::super) fn party(raw: &Party) -> Party {
    Party {
        address: line(&raw.address),
        name: name_of(raw),
    }
}

fn name_of(raw: &Party) -> Option<String> {
    let name = raw.name.as_deref().map(line)?;
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// The form in which addresses are kept and compared; see [`identity`].
pub(in super::super) fn normalised(channel: Channel, address: &str) -> String {
    match channel {
        Channel::Email => identity::mail(address),
        Channel::Sms | Channel::Whatsapp | Channel::Voice => identity::phone(address),
        _ => line(address),
    }
}

/// Two addresses of a channel are the same mailbox, whatever its letters' case: for whoever must not be missed.
pub(in super::super) fn same(channel: Channel, a: &str, b: &str) -> bool {
    normalised(channel, a).eq_ignore_ascii_case(&normalised(channel, b))
}

fn file(dir: &Path, new: NewAttachment) -> Result<ReadyAttachment, StoreError> {
    let (mut size, mut sha256, mut found) = (new.size, None, None);
    if let Some(data) = &new.data {
        found = magic::found(data);
        let stored = files::put(dir, data)?;
        size = stored.size;
        sha256 = Some(stored.sha256);
    }
    Ok(ReadyAttachment {
        name: SafeFileName::from_untrusted(&new.name).as_str().to_owned(),
        mime: line(&new.mime),
        size,
        inline: new.inline,
        content_id: new.content_id.as_deref().map(line),
        sha256,
        found,
        fetch: new.fetch,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_one_form() {
        assert_eq!(
            normalised(Channel::Email, " Ana@Example.ORG "),
            "Ana@example.org"
        );
        assert_eq!(normalised(Channel::Sms, "+49 (170) 123-45"), "+4917012345");
        assert_eq!(normalised(Channel::Telegram, "User_1"), "User_1");
    }
}
