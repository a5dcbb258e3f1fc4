//! One `[accounts.NAME]` table: whose it is, which provider speaks for it, and that provider's own settings.

use crate::model::AccountId;
use crate::providers::email::settings::EmailSettings;
use crate::providers::meta::page::settings::{InstagramSettings, MessengerSettings};
use crate::providers::meta::whatsapp::settings::WhatsappSettings;
use crate::providers::ringcentral::settings::RingcentralSettings;
use crate::providers::settings::AccountSettings;
use crate::providers::telegram::settings::TelegramSettings;
use crate::providers::twilio::settings::TwilioSettings;
use serde::Deserialize;

/// One configured login.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its name in the configuration.
    pub id: AccountId,
    /// What holds for every provider.
    pub common: AccountCommon,
    /// What the provider needs.
    pub provider: ProviderSettings,
}

/// The keys that every account may have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountCommon {
    /// Which provider speaks for it.
    pub provider: ProviderName,
    /// Not used while false; its conversations stay readable.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Seconds a send is held for undo; `[desk.hold]` if absent.
    #[serde(default)]
    pub hold_seconds: Option<u16>,
    /// Show the customer that somebody writes, where the channel can. Off: they would see when an agent works, and on
    /// WhatsApp it marks their message as read.
    #[serde(default)]
    pub typing: bool,
}

/// The providers that can be configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProviderName {
    /// IMAP and SMTP.
    Email,
    /// WhatsApp by Meta's Cloud API.
    Whatsapp,
    /// A Telegram bot.
    Telegram,
    /// A RingCentral extension.
    Ringcentral,
    /// A Twilio account.
    Twilio,
    /// A Facebook page's Messenger.
    Messenger,
    /// A professional Instagram account.
    Instagram,
}

impl ProviderName {
    /// The word in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Whatsapp => "whatsapp",
            Self::Telegram => "telegram",
            Self::Ringcentral => "ringcentral",
            Self::Twilio => "twilio",
            Self::Messenger => "messenger",
            Self::Instagram => "instagram",
        }
    }
}

/// A provider's own settings.
#[derive(Debug, Clone)]
pub enum ProviderSettings {
    /// IMAP and SMTP.
    Email(Box<EmailSettings>),
    /// WhatsApp by Meta's Cloud API.
    Whatsapp(Box<WhatsappSettings>),
    /// A Telegram bot.
    Telegram(Box<TelegramSettings>),
    /// A RingCentral extension.
    Ringcentral(Box<RingcentralSettings>),
    /// A Twilio account.
    Twilio(Box<TwilioSettings>),
    /// A Facebook page's Messenger.
    Messenger(Box<MessengerSettings>),
    /// A professional Instagram account.
    Instagram(Box<InstagramSettings>),
}

impl ProviderSettings {
    /// What is asked of every provider's settings.
    pub fn own(&self) -> &dyn AccountSettings {
        match self {
            Self::Email(settings) => settings.as_ref(),
            Self::Whatsapp(settings) => settings.as_ref(),
            Self::Telegram(settings) => settings.as_ref(),
            Self::Ringcentral(settings) => settings.as_ref(),
            Self::Twilio(settings) => settings.as_ref(),
            Self::Messenger(settings) => settings.as_ref(),
            Self::Instagram(settings) => settings.as_ref(),
        }
    }
}

/// The keys of [`AccountCommon`]; the rest of an account's table is its provider's.
pub(super) const COMMON_KEYS: [&str; 4] = ["provider", "enabled", "hold_seconds", "typing"];

fn yes() -> bool {
    true
}
