//! Sending: one call per message, so that it leaves whole or not at all.

use super::TelegramProvider;
use super::api::Failure;
use super::entities::Rich;
use super::map::sent_id;
use super::place::Place;
use super::wire::number;
use crate::model::files::{FileRules, TextWithFiles};
use crate::model::outgoing::OutgoingAttachment;
use crate::model::{Outgoing, Receipt};
use crate::providers::http::Effect;
use crate::providers::{ProviderError, Result};
use reqwest::multipart::{Form, Part};
use serde_json::{Map, Value, json};

/// Units of a text.
pub(super) const TEXT_LIMIT: usize = 4_096;
/// Units of a text below a file.
const CAPTION_LIMIT: usize = 1_024;
/// Bytes of a file that a bot may send.
pub(super) const FILE_LIMIT: u64 = 50_000_000;
/// Bytes of a photo.
const PHOTO_LIMIT: u64 = 10_000_000;
/// Files in one message.
const FILES: usize = 10;
/// What goes along with a text.
pub(super) const RULES: FileRules = FileRules {
    most: Some(FILES),
    pictures: None,
    text: TextWithFiles::Below {
        limit: CAPTION_LIMIT,
        but: &[],
    },
};

/// A file as it leaves.
struct Upload {
    /// The parameter, which is also the type in an album.
    kind: &'static str,
    name: String,
    mime: String,
    bytes: Vec<u8>,
}

impl TelegramProvider {
    pub(super) async fn deliver(&self, out: &Outgoing) -> Result<Receipt> {
        let mut place = place(out)?;
        let rich = Rich::new(&out.body);
        check(&rich, out)?;
        let files = load(&out.attachments).await?;
        let sent = match self.attempt(&place, out, &rich, &files).await {
            // The group moved: nothing was taken at the old place.
            Err(Failure {
                moved_to: Some(chat),
                ..
            }) => {
                place.chat = chat;
                self.attempt(&place, out, &rich, &files).await
            }
            sent => sent,
        };
        let sent = sent.map_err(|failure| failure.error)?;
        let first = sent.get(0).unwrap_or(&sent);
        let Some(id) = number(first, "message_id") else {
            let words = "it was taken without an id".to_owned();
            return Err(ProviderError::Ambiguous(words));
        };
        let chat = number(&first["chat"], "id").unwrap_or(place.chat);
        Ok(Receipt {
            provider_id: Some(sent_id(chat, &id.to_string())),
            at: self.clock.now(),
            detail: None,
            refused: Vec::new(),
        })
    }

    async fn attempt(
        &self,
        place: &Place,
        out: &Outgoing,
        rich: &Rich,
        files: &[Upload],
    ) -> std::result::Result<Value, Failure> {
        let api = self.api()?;
        api.turn().await;
        let mut body = Map::new();
        body.insert("chat_id".to_owned(), place.chat.into());
        if let Some(topic) = place.topic {
            body.insert("message_thread_id".to_owned(), topic.into());
        }
        if let Some(business) = &place.business {
            body.insert(
                "business_connection_id".to_owned(),
                business.as_str().into(),
            );
        }
        if let Some(id) = answered(out) {
            let answered = json!({ "message_id": id, "allow_sending_without_reply": true });
            body.insert("reply_parameters".to_owned(), answered);
        }
        let entities = (!rich.entities.is_empty()).then(|| Value::from(rich.entities.clone()));
        let request = match files {
            [] => {
                body.insert("text".to_owned(), rich.text.as_str().into());
                if let Some(entities) = entities {
                    body.insert("entities".to_owned(), entities);
                }
                api.method("sendMessage").await?.json(&body)
            }
            [file] => {
                if !rich.text.is_empty() {
                    body.insert("caption".to_owned(), rich.text.as_str().into());
                    if let Some(entities) = entities {
                        body.insert("caption_entities".to_owned(), entities);
                    }
                }
                let form = form(body).part(file.kind, part(file)?);
                api.method(method(file.kind)).await?.multipart(form)
            }
            files => {
                let mut media = Vec::new();
                for (index, file) in files.iter().enumerate() {
                    let mut item =
                        json!({ "type": file.kind, "media": format!("attach://file{index}") });
                    if index == 0 && !rich.text.is_empty() {
                        item["caption"] = rich.text.as_str().into();
                        if let Some(entities) = &entities {
                            item["caption_entities"] = entities.clone();
                        }
                    }
                    media.push(item);
                }
                body.insert("media".to_owned(), media.into());
                let mut form = form(body);
                for (index, file) in files.iter().enumerate() {
                    form = form.part(format!("file{index}"), part(file)?);
                }
                api.method("sendMediaGroup").await?.multipart(form)
            }
        };
        api.finish(request, Effect::Write).await
    }
}

/// The chat that it goes to: the conversation's, else the customer's own.
fn place(out: &Outgoing) -> Result<Place> {
    let mut all = out.recipients.all();
    let party = match (all.next(), all.next()) {
        (Some(party), None) => party,
        (None, _) => return Err(refused("there is nobody to send it to")),
        _ => return Err(refused("Telegram takes one recipient")),
    };
    let thread = out.thread.as_deref().and_then(Place::parse);
    thread
        .or_else(|| Place::parse(party.address.trim()))
        .ok_or_else(|| {
            refused("this is no chat of Telegram; a bot can only write to people who wrote to it")
        })
}

/// The message that it answers, where the conversation names one.
fn answered(out: &Outgoing) -> Option<i64> {
    out.in_reply_to.as_deref()?.rsplit(':').next()?.parse().ok()
}

fn check(rich: &Rich, out: &Outgoing) -> Result<()> {
    if out.template.is_some() {
        return Err(refused("Telegram has no templates; send it as text"));
    }
    if out.attachments.len() > FILES {
        return Err(refused(
            "Telegram takes ten files in a message; send the others after it",
        ));
    }
    if out.attachments.is_empty() {
        if rich.text.trim().is_empty() {
            return Err(refused("the text is empty"));
        }
        if rich.units() > TEXT_LIMIT {
            return Err(refused(&format!(
                "the text may have {TEXT_LIMIT} characters"
            )));
        }
    } else if rich.units() > CAPTION_LIMIT {
        return Err(refused(&format!(
            "the text below a file may have {CAPTION_LIMIT} characters; send it before the file"
        )));
    }
    if let Some(file) = out.attachments.iter().find(|file| file.size > FILE_LIMIT) {
        return Err(refused(&format!(
            "{} is larger than the 50 MB that a bot may send",
            file.name
        )));
    }
    Ok(())
}

/// Reads the files. Pictures and films may share an album; anything else makes all of them documents.
async fn load(files: &[OutgoingAttachment]) -> Result<Vec<Upload>> {
    let alone = files.len() == 1;
    let mixed = !alone
        && !files
            .iter()
            .all(|file| matches!(sort(file), "photo" | "video"));
    let mut loaded = Vec::new();
    for file in files {
        let bytes = tokio::fs::read(&file.path).await.map_err(|error| {
            ProviderError::Transient(format!("the file {} cannot be read: {error}", file.name))
        })?;
        loaded.push(Upload {
            kind: if mixed { "document" } else { sort(file) },
            name: file.name.clone(),
            mime: file.mime.clone(),
            bytes,
        });
    }
    Ok(loaded)
}

fn sort(file: &OutgoingAttachment) -> &'static str {
    match file.mime.as_str() {
        "image/jpeg" | "image/png" if file.size <= PHOTO_LIMIT => "photo",
        "video/mp4" => "video",
        "audio/mpeg" | "audio/mp4" => "audio",
        "audio/ogg" => "voice",
        _ => "document",
    }
}

fn method(kind: &str) -> &'static str {
    match kind {
        "photo" => "sendPhoto",
        "video" => "sendVideo",
        "audio" => "sendAudio",
        "voice" => "sendVoice",
        _ => "sendDocument",
    }
}

/// The parameters as form fields; what is no text is JSON there.
fn form(body: Map<String, Value>) -> Form {
    body.into_iter().fold(Form::new(), |form, (key, value)| {
        let text = match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        form.text(key, text)
    })
}

fn part(file: &Upload) -> Result<Part> {
    Part::bytes(file.bytes.clone())
        .file_name(file.name.clone())
        .mime_str(&file.mime)
        .map_err(|_| refused("the file's type is none that can be sent"))
}

fn refused(reason: &str) -> ProviderError {
    ProviderError::Rejected {
        reason: reason.to_owned(),
        permanent: true,
    }
}
