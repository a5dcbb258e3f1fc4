//! What Meta posts for WhatsApp. Lenient: unknown keys are ignored, items are parsed one by one so that a strange one
//! stops no other.

use crate::providers::FileSink;
use serde::Deserialize;
use serde_json::Value;
use sha2::Digest;

/// The whole body.
#[derive(Debug, Deserialize)]
pub(super) struct Posted {
    #[serde(default)]
    pub object: String,
    #[serde(default)]
    pub entry: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    #[serde(default)]
    pub changes: Vec<Change>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Change {
    #[serde(default)]
    pub field: String,
    #[serde(default)]
    pub value: Value,
}

/// The value of the fields `messages` and `smb_message_echoes`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ChangeValue {
    pub metadata: Metadata,
    pub contacts: Vec<Value>,
    pub messages: Vec<Value>,
    pub message_echoes: Vec<Value>,
    pub statuses: Vec<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Metadata {
    pub phone_number_id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Contact {
    pub profile: Profile,
    pub wa_id: Option<String>,
    pub user_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Profile {
    pub name: Option<String>,
    pub username: Option<String>,
}

/// What every message has; what it is made of stays a [`Value`] under its type's name.
#[derive(Debug, Deserialize)]
pub(super) struct Message {
    pub id: String,
    /// Seconds since 1970, as text.
    pub timestamp: Option<Value>,
    #[serde(rename = "type", default)]
    pub kind: String,
    pub from: Option<String>,
    pub from_user_id: Option<String>,
    /// Echoes: whom the business wrote to.
    pub to: Option<String>,
    pub to_user_id: Option<String>,
    pub context: Option<Context>,
    pub referral: Option<Referral>,
    #[serde(default)]
    pub errors: Vec<Failure>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Context {
    pub forwarded: bool,
    pub frequently_forwarded: bool,
}

/// The advertisement by which a customer came.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Referral {
    pub headline: Option<String>,
    pub source_url: Option<String>,
}

/// image, video, audio, document, sticker.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Media {
    pub id: String,
    pub mime_type: String,
    pub caption: Option<String>,
    pub filename: Option<String>,
    pub voice: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Failure {
    pub code: i64,
    pub title: String,
    pub message: String,
    pub error_data: Option<FailureData>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FailureData {
    pub details: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Status {
    pub id: String,
    #[serde(default, rename = "status")]
    pub state: String,
    pub timestamp: Option<Value>,
    pub biz_opaque_callback_data: Option<String>,
    pub pricing: Option<Pricing>,
    #[serde(default)]
    pub errors: Vec<Failure>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Pricing {
    pub billable: Option<bool>,
    pub category: Option<String>,
}

/// A number of seconds as text or as a number, in milliseconds; far-off values are none.
pub(super) fn seconds(value: Option<&Value>) -> Option<i64> {
    let seconds = match value? {
        Value::String(text) => text.parse().ok()?,
        Value::Number(number) => number.as_i64()?,
        _ => return None,
    };
    // From 2009, when WhatsApp began, to 2100.
    (1_230_768_000..4_102_444_800)
        .contains(&seconds)
        .then_some(seconds * 1_000)
}

/// Where a file can be had for five minutes.
#[derive(Debug, Deserialize)]
pub(super) struct MediaPlace {
    pub url: String,
    #[serde(default)]
    pub sha256: Option<String>,
}

impl MediaPlace {
    /// The bytes of this digest are those that were sent.
    pub fn check(&self, digest: &[u8; 32]) -> crate::providers::Result<()> {
        let Some(wanted) = &self.sha256 else {
            return Ok(());
        };
        let hex = crate::model::outgoing::hex(digest);
        let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, digest);
        // Descriptions show it in hex, webhooks in base64.
        if wanted.eq_ignore_ascii_case(&hex) || *wanted == base64 {
            Ok(())
        } else {
            Err(crate::providers::ProviderError::Transient(
                "the file came damaged; it is fetched again when asked for".to_owned(),
            ))
        }
    }
}
/// Gives bytes on, and keeps account of what they were.
pub(super) struct Summed<'a> {
    into: &'a mut dyn FileSink,
    hash: sha2::Sha256,
}

impl<'a> Summed<'a> {
    /// Nothing came yet.
    pub fn new(into: &'a mut dyn FileSink) -> Self {
        Self {
            into,
            hash: sha2::Sha256::new(),
        }
    }

    /// SHA-256 of all that came.
    pub fn digest(self) -> [u8; 32] {
        self.hash.finalize().into()
    }
}

impl FileSink for Summed<'_> {
    fn take(&mut self, bytes: &[u8]) -> crate::providers::Result<()> {
        self.hash.update(bytes);
        self.into.take(bytes)
    }
}
