//! What a Telegram bot needs.

use crate::providers::http::{BaseUrl, BaseUrlError};
use crate::providers::settings::AccountSettings;
use crate::secrets::SecretRef;
use serde::Deserialize;
use std::time::Duration;

/// The keys of an account with `provider = "telegram"`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelegramSettings {
    /// The bot's user name, with or without `@`.
    pub username: String,
    /// Our name as customers know it.
    #[serde(default)]
    pub name: String,
    /// The token that @BotFather gave.
    pub token: SecretRef,
    /// The word that Telegram shows when it posts to us; with it the bot is posted to, without it polled.
    #[serde(default)]
    pub webhook_secret: Option<SecretRef>,
    /// What is taken from groups.
    #[serde(default)]
    pub groups: Groups,
    /// Seconds that Telegram holds a question for news open.
    #[serde(default = "long_poll")]
    pub long_poll_seconds: u16,
    /// Seconds between reads besides the long poll.
    #[serde(default = "poll")]
    pub poll_seconds: u16,
    /// The Bot API server; Telegram's own if absent.
    #[serde(default)]
    pub base_url: Option<BaseUrl>,
}

/// What is taken from groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Groups {
    /// What names the bot, answers it, or is a command.
    #[default]
    Addressed,
    /// Everything that the bot sees.
    All,
    /// Nothing.
    None,
}

/// Telegram's own server.
pub(super) const BASE: &str = "https://api.telegram.org";

impl TelegramSettings {
    /// Where the Bot API is.
    pub fn base(&self) -> Result<BaseUrl, BaseUrlError> {
        self.base_url.clone().map_or_else(|| BaseUrl::new(BASE), Ok)
    }

    /// The user name without `@`.
    pub fn user(&self) -> &str {
        self.username.trim().trim_start_matches('@')
    }

    /// How long a question for news may stay open; Telegram cuts at 50 s.
    pub fn long_poll(&self) -> Duration {
        Duration::from_secs(self.long_poll_seconds.clamp(1, 50).into())
    }
}

impl AccountSettings for TelegramSettings {
    fn address(&self) -> &str {
        &self.username
    }

    fn server(&self) -> String {
        self.base_url
            .as_ref()
            .map_or(BASE, |url| url.as_url().as_str())
            .to_owned()
    }

    fn secrets(&self) -> Vec<&SecretRef> {
        std::iter::once(&self.token)
            .chain(self.webhook_secret.as_ref())
            .collect()
    }

    fn poll(&self) -> Duration {
        Duration::from_secs(self.poll_seconds.max(1).into())
    }
}

fn long_poll() -> u16 {
    50
}

fn poll() -> u16 {
    60
}
