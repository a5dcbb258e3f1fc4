//! Writing down what is said in an audio file: `POST {base}/audio/transcriptions`, as OpenAI and the servers that copy
//! it take it (whisper.cpp, faster-whisper, LocalAI, …). It is no [`super::Provider`]: no customer is at its other end.

mod settings;

pub use settings::TranscriptionSettings;

use super::http::{Answer, BaseUrl, Effect, Http};
use super::{ProviderError, Result};
use crate::model::{AccountId, Timestamp};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use secrecy::ExposeSecret;
use serde::Deserialize;
use std::time::Duration;

/// Bytes of an answer: far above the words of an hour.
const ANSWER_LIMIT: usize = 4 << 20;
/// Characters of a server's words that are told.
const WORDS: usize = 200;

/// An audio file to be heard.
#[derive(Debug, Clone)]
pub struct Audio {
    /// A name that says which kind of sound it is: servers go by its ending.
    pub name: String,
    /// MIME type as claimed.
    pub mime: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A server that hears.
pub struct Transcription {
    settings: TranscriptionSettings,
    base: BaseUrl,
    http: Http,
}

#[derive(Deserialize)]
struct Heard {
    text: String,
}

impl Transcription {
    /// The configured server; none where none is. Nothing is connected before it is used.
    ///
    /// # Errors
    /// When there can be no client.
    pub fn new(settings: &TranscriptionSettings) -> Result<Option<Self>> {
        let Some(base) = settings.base_url.clone() else {
            return Ok(None);
        };
        let patience = Duration::from_secs(u64::from(settings.timeout_seconds.max(1)));
        Ok(Some(Self {
            http: Http::with_silence(&base, patience)?,
            settings: settings.clone(),
            base,
        }))
    }

    /// The server's host, as the journal names it.
    pub fn server(&self) -> String {
        let url = self.base.as_url();
        url.host_str().unwrap_or_default().to_owned()
    }

    /// What is said in `audio`, raw: a stranger's words as a machine understood them.
    ///
    /// # Errors
    /// [`ProviderError::Auth`] and [`ProviderError::Locked`] where a person must mend the token,
    /// [`ProviderError::RateLimited`] and [`ProviderError::Transient`] where the server takes nothing now,
    /// [`ProviderError::Ambiguous`] where it took the file and failed, others for good.
    pub async fn hear(&self, account: &AccountId, audio: Audio, now: Timestamp) -> Result<String> {
        if self.settings.refuses(account).is_some() {
            return Err(ProviderError::Unsupported("audio of this account"));
        }
        let part = Part::bytes(audio.bytes).file_name(file_name(&audio.name, &audio.mime));
        let mut form = Form::new()
            .text("model", self.settings.model.clone())
            .text("response_format", "json")
            .part("file", part);
        if let Some(language) = self.settings.languages.get(account.as_str()) {
            form = form.text("language", language.clone());
        }
        let url = self.base.at(["audio", "transcriptions"]);
        let mut request = self.http.request(Method::POST, url).multipart(form);
        if let Some(token) = &self.settings.token {
            let token = token.resolve().await.map_err(ProviderError::from)?;
            request = request.bearer_auth(token.expose_secret());
        }
        // Hearing a file twice harms nobody, but a file that the server has and does not answer for is not the same as
        // a server that cannot be reached.
        let answer = self
            .http
            .exchange(request, Effect::Write, ANSWER_LIMIT)
            .await?;
        if !answer.is_success() {
            return Err(refused(&answer, now));
        }
        let heard: Heard = answer
            .json()
            .map_err(|_| rejected("the transcription server's answer holds no text".to_owned()))?;
        Ok(heard.text)
    }
}

/// What a refusal means.
fn refused(answer: &Answer, now: Timestamp) -> ProviderError {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Says {
        error: serde_json::Value,
        message: Option<String>,
    }
    let says: Says = answer.json().unwrap_or_default();
    let words = says.error["message"]
        .as_str()
        .or_else(|| says.error.as_str())
        .or(says.message.as_deref())
        .unwrap_or_default();
    let words: String = words.chars().take(WORDS).collect();
    match answer.status {
        403 => ProviderError::Auth(if words.is_empty() {
            "status 403".to_owned()
        } else {
            words
        }),
        413 => rejected("the file is too large for the transcription server".to_owned()),
        300..=399 => rejected(
            "the transcription server sends us elsewhere, where audio is not sent; set its own address"
                .to_owned(),
        ),
        _ => answer.failure(Effect::Write, &words, now),
    }
}

fn rejected(reason: String) -> ProviderError {
    ProviderError::Rejected {
        reason,
        permanent: true,
    }
}

/// A plain name with an ending that servers know. Whose file it is and how they called it stays here.
fn file_name(name: &str, mime: &str) -> String {
    let kind = mime.split(';').next().unwrap_or_default().trim();
    let known = match kind.to_ascii_lowercase().as_str() {
        "audio/ogg" | "audio/opus" => Some("ogg"),
        "audio/mpeg" | "audio/mp3" => Some("mp3"),
        "audio/mp4" | "audio/m4a" | "audio/x-m4a" | "audio/aac" => Some("m4a"),
        "audio/wav" | "audio/x-wav" | "audio/wave" => Some("wav"),
        "audio/webm" => Some("webm"),
        "audio/flac" | "audio/x-flac" => Some("flac"),
        _ => None,
    };
    let own = name.rsplit_once('.').map(|(_, ending)| ending);
    let own = own.filter(|ending| {
        (1..=4).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    format!("audio.{}", known.or(own).unwrap_or("mp3"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_kind_and_nothing_else() {
        for (name, mime, expected) in [
            ("Ana calls about 4711.ogg", "audio/ogg", "audio.ogg"),
            ("voice.bin", "audio/ogg; codecs=opus", "audio.ogg"),
            ("x", "audio/mpeg", "audio.mp3"),
            ("note.amr", "audio/amr", "audio.amr"),
            ("note.\"\r\nX: y", "audio/strange", "audio.mp3"),
            ("note", "audio/strange", "audio.mp3"),
        ] {
            assert_eq!(file_name(name, mime), expected, "{name} {mime}");
        }
    }
}
