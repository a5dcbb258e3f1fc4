//! Sending: one call per message, so that it leaves whole or not at all.

use super::PageProvider;
use super::settings::Platform;
use super::wire::id;
use crate::model::files::{FileRules, TextWithFiles};
use crate::model::outgoing::OutgoingAttachment;
use crate::model::{Outgoing, Receipt};
use crate::providers::http::{Answer, Effect};
use crate::providers::meta::failure::is_window_closed;
use crate::providers::{ProviderError, Result};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

/// Characters of a text at Messenger, and bytes of one at Instagram.
const MESSENGER_TEXT: usize = 2_000;
const INSTAGRAM_TEXT: usize = 1_000;
/// Bytes of a file.
pub(super) const FILE_LIMIT: u64 = 25_000_000;
/// Pictures in one message.
const PICTURES: usize = 30;

/// A text and a file are two messages here.
pub(super) const FILES: FileRules = FileRules {
    most: Some(1),
    pictures: Some(PICTURES),
    text: TextWithFiles::Apart,
};

impl PageProvider {
    pub(super) fn text_limit(&self) -> usize {
        match self.page.platform {
            Platform::Messenger => MESSENGER_TEXT,
            Platform::Instagram => INSTAGRAM_TEXT,
        }
    }

    pub(super) async fn deliver(&self, out: &Outgoing) -> Result<Receipt> {
        if super::comments::is_comment(out) {
            return self.answer_comment(out).await;
        }
        let to = recipient(out)?;
        self.check(out)?;
        let mut message = json!({ "metadata": out.reference });
        if out.attachments.is_empty() {
            message["text"] = out.body.as_str().into();
        } else {
            let files = self.upload(&out.attachments).await?;
            match files.as_slice() {
                [file] => message["attachment"] = file.clone(),
                files => message["attachments"] = files.into(),
            }
        }
        let _sending = self.ours.begin().await;
        let body = json!({
            "recipient": { "id": to },
            "messaging_type": "RESPONSE",
            "message": message,
        });
        let sent = self.attempt(&body, out).await;
        if matches!(sent, Err(ProviderError::Ambiguous(_))) {
            self.ours.unclear(out, to);
        }
        let mid = sent?;
        self.ours.sent(&mid, &out.reference);
        Ok(self.receipt(mid))
    }

    pub(super) fn receipt(&self, id: String) -> Receipt {
        Receipt {
            provider_id: Some(id),
            at: self.clock.now(),
            detail: None,
            refused: Vec::new(),
        }
    }

    /// Sends, and once more with the human agent tag where the day is over and the app may use it: the first call surely
    /// sent nothing.
    async fn attempt(&self, body: &Value, out: &Outgoing) -> Result<String> {
        let answer = self.post(body).await?;
        if answer.is_success() {
            return taken(&answer, "message_id");
        }
        if !is_window_closed(&answer) || !self.page.human_agent {
            return Err(self.graph()?.refused(&answer, Effect::Write).await);
        }
        if out.proposal.is_some() {
            return Err(refused(
                "24 hours have passed, and after that only what a person wrote is taken; write the answer yourself",
            ));
        }
        let mut tagged = body.clone();
        tagged["messaging_type"] = "MESSAGE_TAG".into();
        tagged["tag"] = "HUMAN_AGENT".into();
        let answer = self.post(&tagged).await?;
        if answer.is_success() {
            return taken(&answer, "message_id");
        }
        Err(self.graph()?.refused(&answer, Effect::Write).await)
    }

    pub(super) async fn post(&self, body: &Value) -> Result<Answer> {
        let graph = self.graph()?;
        let parts = [self.page.node.as_str(), "messages"];
        let request = graph.request(Method::POST, &parts).await?.json(body);
        graph.ask(request, Effect::Write).await
    }

    /// Everything that can be known before a call.
    fn check(&self, out: &Outgoing) -> Result<()> {
        if out.template.is_some() {
            return Err(refused("there are no templates here; send it as text"));
        }
        let text = out.body.trim();
        match out.attachments.as_slice() {
            [] if text.is_empty() => return Err(refused("the text is empty")),
            [] => return self.check_text(&out.body),
            _ if !text.is_empty() => {
                return Err(refused(
                    "Meta takes no text together with a file; send the text before or after it",
                ));
            }
            [_] => {}
            files if files.len() > PICTURES || files.iter().any(|file| sort(file) != "image") => {
                return Err(refused(
                    "Meta takes one file with a message, or up to 30 pictures; send the others one by one",
                ));
            }
            _ => {}
        }
        if self.page.by_instagram {
            return Err(refused(
                "files leave by the page that the account is linked to; set `page_id` and the page's token",
            ));
        }
        if let Some(file) = out.attachments.iter().find(|file| file.size > FILE_LIMIT) {
            return Err(refused(&format!(
                "{} is larger than the 25 MB that Meta takes",
                file.name
            )));
        }
        Ok(())
    }

    pub(super) fn check_text(&self, text: &str) -> Result<()> {
        let limit = self.text_limit();
        let (length, unit) = match self.page.platform {
            Platform::Messenger => (text.encode_utf16().count(), "characters"),
            Platform::Instagram => (text.len(), "bytes"),
        };
        if length > limit {
            return Err(refused(&format!(
                "the text may have {limit} {unit}, it has {length}"
            )));
        }
        Ok(())
    }

    /// Uploads files, which no customer sees yet.
    async fn upload(&self, files: &[OutgoingAttachment]) -> Result<Vec<Value>> {
        let mut uploaded = Vec::new();
        for file in files {
            let kind = sort(file);
            let bytes = tokio::fs::read(&file.path).await.map_err(|error| {
                ProviderError::Transient(format!("the file {} cannot be read: {error}", file.name))
            })?;
            let part = Part::bytes(bytes)
                .file_name(file.name.clone())
                .mime_str(&file.mime)
                .map_err(|_| refused("the file's type is none that can be sent"))?;
            let message =
                json!({ "attachment": { "type": kind, "payload": { "is_reusable": true } } });
            let form = Form::new()
                .text("platform", self.page.platform.word())
                .text("message", message.to_string())
                .part("filedata", part);
            let graph = self.graph()?;
            let parts = [self.page.node.as_str(), "message_attachments"];
            let request = graph.request(Method::POST, &parts).await?.multipart(form);
            let answer = graph.finish(request, Effect::Read).await?;
            let said: Value = answer.json()?;
            let Some(id) = id(&said, "attachment_id") else {
                return Err(ProviderError::Transient(
                    "a file was taken without an id".to_owned(),
                ));
            };
            uploaded.push(json!({ "type": kind, "payload": { "attachment_id": id } }));
        }
        Ok(uploaded)
    }
}

/// The one that it goes to.
pub(super) fn recipient(out: &Outgoing) -> Result<&str> {
    let mut all = out.recipients.all();
    match (all.next(), all.next()) {
        (Some(party), None) if !party.address.trim().is_empty() => Ok(party.address.trim()),
        (None, _) => Err(refused("there is nobody to send it to")),
        _ => Err(refused("Meta takes one recipient")),
    }
}

/// The id in a success; without one nobody knows what happened.
pub(super) fn taken(answer: &Answer, key: &str) -> Result<String> {
    let said = answer.json::<Value>().ok();
    said.and_then(|said| id(&said, key))
        .ok_or_else(|| ProviderError::Ambiguous("it was taken without an id".to_owned()))
}

/// The type under which a file is sent.
fn sort(file: &OutgoingAttachment) -> &'static str {
    match file.mime.split('/').next() {
        Some("image") => "image",
        Some("audio") => "audio",
        Some("video") => "video",
        _ => "file",
    }
}

pub(super) fn refused(reason: &str) -> ProviderError {
    ProviderError::Rejected {
        reason: reason.to_owned(),
        permanent: true,
    }
}
