//! Looking at what came in: the source of a message, and what its files say.

use super::error::StoreError;
use super::files;
use super::messages;
use super::rows::{self, ATTACHMENT};
use super::sql::{Json, Result, Sql, Word};
use crate::model::message::Attachment;
use crate::model::query::{Preview, Source, SourceForm};
use crate::model::{AttachmentId, Channel, Content, MessageId, Transcript};
use crate::text::{document, mime, sanitize_block};
use rusqlite::Connection;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// A message's source as people read it: clean, and cut to what one reads.
pub(super) fn source(
    connection: &Connection,
    dir: &Path,
    id: MessageId,
    form: SourceForm,
) -> Result<Option<Source>> {
    if form == SourceForm::Html && !is_mail(connection, id)? {
        return Ok(None);
    }
    let Some(raw) = messages::raw(connection, dir, id)? else {
        return Ok(None);
    };
    let text = match form {
        SourceForm::Raw => {
            // Cut before it is decoded: a raw form may have many megabytes.
            let shown = raw.len().min(document::SHOWN);
            let text = String::from_utf8_lossy(&raw[..shown]).into_owned();
            return Ok(Some(Source {
                text: sanitize_block(&text).text,
                cut: shown < raw.len(),
            }));
        }
        SourceForm::Html => mime::html(&raw),
    };
    Ok(text.map(|text| {
        let shown = text.floor_char_boundary(document::SHOWN);
        Source {
            text: sanitize_block(&text[..shown]).text,
            cut: shown < text.len(),
        }
    }))
}

fn is_mail(connection: &Connection, id: MessageId) -> Result<bool> {
    let channel: Option<Word<Channel>> =
        connection.value("SELECT channel FROM message WHERE id = ?1", [id.0])?;
    Ok(channel.is_some_and(|channel| channel.0 == Channel::Email))
}

/// What an attachment says; none when there is no such attachment.
pub(super) fn preview(
    connection: &Connection,
    dir: &Path,
    id: AttachmentId,
) -> Result<Option<Preview>> {
    let found = connection.one(
        &format!("SELECT {ATTACHMENT} WHERE a.id = ?1"),
        [id.0],
        rows::attachment,
    )?;
    let Some(attachment) = found else {
        return Ok(None);
    };
    if let Some(text) = attachment.transcript.as_ref().and_then(Transcript::text) {
        let text = Some(text.to_owned());
        return Ok(Some(Preview {
            attachment,
            text,
            cut: false,
            says: "transcript (machine)".to_owned(),
        }));
    }
    if attachment.is_audio()
        && let Some(body) = spoken(connection, id)?
    {
        return Ok(Some(Preview {
            attachment,
            text: Some(body),
            cut: false,
            says: "its transcript".to_owned(),
        }));
    }
    let (text, cut, says) = read(dir, &attachment)?;
    Ok(Some(Preview {
        attachment,
        text,
        cut,
        says: says.to_owned(),
    }))
}

/// The text of a voice message that this file belongs to, if there is any.
fn spoken(connection: &Connection, id: AttachmentId) -> Result<Option<String>> {
    let found = connection.one(
        "SELECT m.content, m.body FROM attachment a JOIN message m ON m.id = a.message WHERE a.id = ?1",
        [id.0],
        |row| Ok((row.get::<_, Json<Content>>(0)?.0, row.get::<_, String>(1)?)),
    )?;
    Ok(found.and_then(|(content, body)| {
        let spoken = matches!(content, Content::Voice { .. }) && !body.trim().is_empty();
        spoken.then_some(body)
    }))
}

fn read(dir: &Path, attachment: &Attachment) -> Result<(Option<String>, bool, &'static str)> {
    let (name, mime) = (&attachment.name, &attachment.mime);
    let Some(sha256) = &attachment.sha256 else {
        return Ok((None, false, "its bytes are not in the mirror"));
    };
    if !document::is_readable(name, mime) {
        return Ok((None, false, "not a kind that is shown as text"));
    }
    let path = files::path(dir, sha256);
    let mut bytes = Vec::new();
    File::open(&path)
        .and_then(|file| file.take(document::NEEDED).read_to_end(&mut bytes))
        .map_err(|error| StoreError::io(&path, error))?;
    let more = attachment.size > bytes.len() as u64;
    Ok(match document::read(name, mime, &bytes, more) {
        Some(readable) => (Some(readable.text), readable.cut, "as text"),
        None => (None, false, "no text, whatever it calls itself"),
    })
}
