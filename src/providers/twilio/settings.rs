//! What a Twilio account needs.

use crate::model::Channel;
use crate::providers::http::{BaseUrl, BaseUrlError};
use crate::providers::settings::AccountSettings;
use crate::secrets::SecretRef;
use serde::Deserialize;
use std::time::Duration;

/// The keys of an account with `provider = "twilio"`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TwilioSettings {
    /// The account's SID, `AC…`.
    pub account_sid: String,
    /// The account's auth token. Requests that are posted to us are signed with it.
    #[serde(default)]
    pub auth_token: Option<SecretRef>,
    /// An API key's SID (`SK…`), to log in by it rather than by the auth token.
    #[serde(default)]
    pub api_key_sid: Option<String>,
    /// The API key's secret.
    #[serde(default)]
    pub api_secret: Option<SecretRef>,
    /// Our numbers for SMS and calls, with `+` and country; new messages go from the first.
    #[serde(default)]
    pub numbers: Vec<String>,
    /// Our WhatsApp senders, with `+` and country.
    #[serde(default)]
    pub whatsapp: Vec<String>,
    /// The Messaging Service (`MG…`) that SMS leave by.
    #[serde(default)]
    pub messaging_service: Option<String>,
    /// Our name as customers know it.
    #[serde(default)]
    pub name: String,
    /// Which calls are conversations.
    #[serde(default)]
    pub calls: Calls,
    /// The first read goes back so many days; 0 for everything.
    #[serde(default = "history_days")]
    pub history_days: u32,
    /// A command that puts a file where Twilio can fetch it: it gets the file's path as its last argument and prints the
    /// address. Without it no files are sent.
    #[serde(default)]
    pub publish_command: Vec<String>,
    /// Seconds between reads.
    #[serde(default = "poll")]
    pub poll_seconds: u16,
    /// The interface; Twilio's own if absent.
    #[serde(default)]
    pub base_url: Option<BaseUrl>,
    /// Where templates are; Twilio's own if absent.
    #[serde(default)]
    pub content_url: Option<BaseUrl>,
}

/// Which calls are conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Calls {
    /// Those that nobody took, and what callers recorded.
    #[default]
    Missed,
    /// All, with their recordings.
    All,
    /// None, nor recordings.
    None,
}

/// Twilio's own interface.
pub(super) const BASE: &str = "https://api.twilio.com";
/// Where Twilio's own templates are.
pub(super) const CONTENT: &str = "https://content.twilio.com";

impl TwilioSettings {
    /// Where the interface is.
    pub fn base(&self) -> Result<BaseUrl, BaseUrlError> {
        self.base_url.clone().map_or_else(|| BaseUrl::new(BASE), Ok)
    }

    /// Where templates are.
    pub fn content(&self) -> Result<BaseUrl, BaseUrlError> {
        self.content_url
            .clone()
            .map_or_else(|| BaseUrl::new(CONTENT), Ok)
    }

    /// Our senders of a channel in one form.
    pub fn senders(&self, channel: Channel) -> Vec<String> {
        let of = match channel {
            Channel::Whatsapp => &self.whatsapp,
            _ => &self.numbers,
        };
        of.iter()
            .map(|one| super::wire::plain_address(one).1)
            .collect()
    }
}

impl AccountSettings for TwilioSettings {
    fn address(&self) -> &str {
        self.numbers
            .first()
            .or_else(|| self.whatsapp.first())
            .map_or(&self.account_sid, String::as_str)
    }

    fn server(&self) -> String {
        self.base_url
            .as_ref()
            .map_or(BASE, |url| url.as_url().as_str())
            .to_owned()
    }

    fn secrets(&self) -> Vec<&SecretRef> {
        self.auth_token
            .iter()
            .chain(self.api_secret.as_ref())
            .collect()
    }

    fn poll(&self) -> Duration {
        Duration::from_secs(self.poll_seconds.max(1).into())
    }
}

fn history_days() -> u32 {
    90
}

fn poll() -> u16 {
    10
}
