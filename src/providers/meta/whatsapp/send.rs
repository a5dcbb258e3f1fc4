//! Sending: one call per message, so that it leaves whole or not at all.

use super::{TEXT_LIMIT, WhatsappProvider, template};
use crate::model::files::{FileRules, TextWithFiles};
use crate::model::outgoing::OutgoingAttachment;
use crate::model::{Outgoing, Receipt};
use crate::providers::http::Effect;
use crate::providers::{ProviderError, Result};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde::Deserialize;
use serde_json::{Value, json};

/// Characters of a text below a file.
const CAPTION_LIMIT: usize = 1_024;

/// Sound files, which have no caption.
const SOUND: [&str; 5] = [
    "audio/aac",
    "audio/mp4",
    "audio/mpeg",
    "audio/amr",
    "audio/ogg",
];
/// One file in a message, with its caption.
pub(super) const FILES: FileRules = FileRules {
    most: Some(1),
    pictures: None,
    text: TextWithFiles::Below {
        limit: CAPTION_LIMIT,
        but: &SOUND,
    },
};

#[derive(Debug, Deserialize)]
struct Accepted {
    #[serde(default)]
    messages: Vec<AcceptedMessage>,
}

#[derive(Debug, Deserialize)]
struct AcceptedMessage {
    id: String,
    message_status: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Uploaded {
    id: String,
}

impl WhatsappProvider {
    pub(super) async fn deliver(&self, out: &Outgoing) -> Result<Receipt> {
        let to = recipient(out)?;
        let mut body = json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "biz_opaque_callback_data": out.reference,
        });
        // A user id stands in another place than a number.
        match to.strip_prefix('+') {
            Some(number) => body["to"] = number.into(),
            None => body["recipient"] = to.into(),
        }
        let (kind, object) = match (&out.template, out.attachments.as_slice()) {
            (Some(filled), []) => ("template", template::object(filled)),
            (Some(_), _) => return Err(refused("a template leaves without files of ours")),
            (None, []) => ("text", text(&out.body)?),
            (None, [file]) => self.file(file, &out.body).await?,
            (None, _) => {
                return Err(refused(
                    "WhatsApp takes one file with a message; send the others one by one",
                ));
            }
        };
        body["type"] = kind.into();
        body[kind] = object;
        let answer = self.message(&body, Effect::Write).await;
        let answer = match answer {
            // It said yes in words that we cannot read.
            Err(ProviderError::Bug(words)) => return Err(ProviderError::Ambiguous(words)),
            answer => answer?,
        };
        let accepted = Accepted::deserialize(&answer)
            .ok()
            .and_then(|accepted| accepted.messages.into_iter().next());
        let Some(message) = accepted else {
            return Err(ProviderError::Ambiguous(
                "it was taken without an id".to_owned(),
            ));
        };
        Ok(Receipt {
            provider_id: Some(message.id),
            at: self.clock.now(),
            detail: message.message_status.filter(|status| status != "accepted"),
            refused: Vec::new(),
        })
    }

    /// Uploads a file, which no customer sees yet, and gives the message's type and object.
    async fn file(&self, file: &OutgoingAttachment, body: &str) -> Result<(&'static str, Value)> {
        let (kind, limit) = sort(&file.mime);
        if file.size > limit {
            return Err(refused(&format!(
                "WhatsApp takes files of this kind up to {} MB",
                limit / 1_000_000
            )));
        }
        if body.chars().count() > CAPTION_LIMIT || (kind == "audio" && !body.trim().is_empty()) {
            return Err(refused(&if kind == "audio" {
                "WhatsApp takes no text with a sound file; send it before or after".to_owned()
            } else {
                format!("the text below a file may have {CAPTION_LIMIT} characters")
            }));
        }
        let bytes = tokio::fs::read(&file.path).await.map_err(|error| {
            ProviderError::Transient(format!("the file {} cannot be read: {error}", file.name))
        })?;
        let part = Part::bytes(bytes)
            .file_name(file.name.clone())
            .mime_str(&file.mime)
            .map_err(|_| refused("the file's type is none that can be sent"))?;
        let form = Form::new()
            .text("messaging_product", "whatsapp")
            .text("type", file.mime.clone())
            .part("file", part);
        let graph = self.graph()?;
        let parts = [self.settings.phone_number_id.as_str(), "media"];
        let request = graph.request(Method::POST, &parts).await?.multipart(form);
        let uploaded: Uploaded = graph.finish(request, Effect::Read).await?.json()?;
        let mut object = json!({ "id": uploaded.id });
        if !body.trim().is_empty() {
            object["caption"] = body.into();
        }
        if kind == "document" {
            object["filename"] = file.name.as_str().into();
        }
        Ok((kind, object))
    }
}

fn recipient(out: &Outgoing) -> Result<&str> {
    let mut all = out.recipients.all();
    match (all.next(), all.next()) {
        (Some(party), None) if !party.address.trim().is_empty() => Ok(&party.address),
        (None, _) => Err(refused("there is nobody to send it to")),
        _ => Err(refused("WhatsApp takes one recipient")),
    }
}

fn text(body: &str) -> Result<Value> {
    if body.trim().is_empty() {
        return Err(refused("the text is empty"));
    }
    if body.chars().count() > TEXT_LIMIT {
        return Err(refused(&format!(
            "the text may have {TEXT_LIMIT} characters"
        )));
    }
    Ok(json!({ "body": body, "preview_url": false }))
}

/// The type under which a file is sent, and its largest size in bytes.
fn sort(mime: &str) -> (&'static str, u64) {
    match mime {
        "image/jpeg" | "image/png" => ("image", 5_000_000),
        "video/mp4" | "video/3gpp" => ("video", 16_000_000),
        sound if SOUND.contains(&sound) => ("audio", 16_000_000),
        _ => ("document", 100_000_000),
    }
}

fn refused(reason: &str) -> ProviderError {
    ProviderError::Rejected {
        reason: reason.to_owned(),
        permanent: true,
    }
}
