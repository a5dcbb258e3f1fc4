//! What the customer used to reach us.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A channel. Which provider carries it is the account's matter.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// E-mail.
    #[default]
    Email,
    /// SMS and MMS.
    Sms,
    /// WhatsApp, by whichever provider.
    Whatsapp,
    /// Facebook Messenger.
    Messenger,
    /// Instagram direct messages and comments.
    Instagram,
    /// Telegram.
    Telegram,
    /// Slack.
    Slack,
    /// Discord.
    Discord,
    /// Calls and voicemail.
    Voice,
    /// Public reviews.
    Review,
    /// A chat window on a web page.
    Webchat,
    /// X direct messages and mentions.
    X,
}

impl Channel {
    /// All channels, in the order in which lists show them.
    pub const ALL: [Self; 12] = [
        Self::Email,
        Self::Sms,
        Self::Whatsapp,
        Self::Messenger,
        Self::Instagram,
        Self::Telegram,
        Self::Slack,
        Self::Discord,
        Self::Voice,
        Self::Review,
        Self::Webchat,
        Self::X,
    ];

    /// The word for people, scripts and the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Whatsapp => "whatsapp",
            Self::Messenger => "messenger",
            Self::Instagram => "instagram",
            Self::Telegram => "telegram",
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Voice => "voice",
            Self::Review => "review",
            Self::Webchat => "webchat",
            Self::X => "x",
        }
    }

    /// Where its reply window is closed, a text that the vendor approved beforehand may be sent; the first message to
    /// somebody must be one.
    pub fn takes_templates(self) -> bool {
        self == Self::Whatsapp
    }

    /// Two letters for the list's first column.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Email => "em",
            Self::Sms => "sm",
            Self::Whatsapp => "wa",
            Self::Messenger => "ms",
            Self::Instagram => "ig",
            Self::Telegram => "tg",
            Self::Slack => "sl",
            Self::Discord => "dc",
            Self::Voice => "vo",
            Self::Review => "rv",
            Self::Webchat => "wc",
            Self::X => "x ",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name is not one of [`Channel::ALL`].
#[derive(Debug, thiserror::Error)]
#[error("there is no channel called `{0}`")]
pub struct UnknownChannel(pub String);

impl FromStr for Channel {
    type Err = UnknownChannel;
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|channel| channel.name() == name)
            .ok_or_else(|| UnknownChannel(name.to_owned()))
    }
}
