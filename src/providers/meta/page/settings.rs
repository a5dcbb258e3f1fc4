//! What a Facebook page or an Instagram account needs.

use crate::model::Channel;
use crate::providers::http::{BaseUrl, BaseUrlError};
use crate::providers::settings::AccountSettings;
use crate::secrets::SecretRef;
use serde::Deserialize;
use std::time::Duration;

/// The keys of an account with `provider = "messenger"`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessengerSettings {
    /// The id of the page.
    pub page_id: String,
    /// The page's name as people know it.
    #[serde(default)]
    pub name: String,
    /// The page's access token.
    pub token: SecretRef,
    /// The app's secret; without it nothing that is posted to us can be believed, and the page is only polled.
    #[serde(default)]
    pub app_secret: Option<SecretRef>,
    /// The word that we tell Meta when we give it our address.
    #[serde(default)]
    pub verify_token: Option<SecretRef>,
    /// The app may use the human agent tag: people may answer for 7 days instead of 24 hours.
    #[serde(default)]
    pub human_agent: bool,
    /// Comments below the page's newest posts, and visitors' posts, are conversations.
    #[serde(default)]
    pub comments: bool,
    /// How far back the first read goes; 0 for everything that Meta lists.
    #[serde(default = "history")]
    pub history_days: u32,
    /// Seconds between two looks.
    #[serde(default = "poll")]
    pub poll_seconds: u16,
    /// The Graph API with its version; Meta's own if absent.
    #[serde(default)]
    pub base_url: Option<BaseUrl>,
    /// Calls in a second, at most; Meta allows two for conversations.
    #[serde(default = "per_second")]
    pub calls_per_second: u32,
}

/// The keys of an account with `provider = "instagram"`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstagramSettings {
    /// The id of the professional account.
    pub account_id: String,
    /// The page that it is linked to; absent for a login by Instagram itself.
    #[serde(default)]
    pub page_id: Option<String>,
    /// The account's name as people know it.
    #[serde(default)]
    pub name: String,
    /// The page's access token, or the account's for a login by Instagram.
    pub token: SecretRef,
    /// The app's secret; without it nothing that is posted to us can be believed, and the account is only polled.
    #[serde(default)]
    pub app_secret: Option<SecretRef>,
    /// The word that we tell Meta when we give it our address.
    #[serde(default)]
    pub verify_token: Option<SecretRef>,
    /// The app may use the human agent tag: people may answer for 7 days instead of 24 hours.
    #[serde(default)]
    pub human_agent: bool,
    /// Comments below the account's newest media and mentions of it are conversations.
    #[serde(default)]
    pub comments: bool,
    /// How far back the first read goes; 0 for everything that Meta lists.
    #[serde(default = "history")]
    pub history_days: u32,
    /// Seconds between two looks.
    #[serde(default = "poll")]
    pub poll_seconds: u16,
    /// The Graph API with its version; Meta's own if absent.
    #[serde(default)]
    pub base_url: Option<BaseUrl>,
    /// Calls in a second, at most; Meta allows two for conversations.
    #[serde(default = "per_second")]
    pub calls_per_second: u32,
}

/// Meta's own, by a page.
pub(super) const FACEBOOK: &str = "https://graph.facebook.com/v25.0";
/// Meta's own, by Instagram.
pub(super) const INSTAGRAM: &str = "https://graph.instagram.com/v25.0";

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Platform {
    Messenger,
    Instagram,
}

impl Platform {
    /// The word by which Meta filters conversations.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Messenger => "MESSENGER",
            Self::Instagram => "INSTAGRAM",
        }
    }

    pub(super) fn channel(self) -> Channel {
        match self {
            Self::Messenger => Channel::Messenger,
            Self::Instagram => Channel::Instagram,
        }
    }

    /// What a posted body is about.
    pub(super) fn object(self) -> &'static str {
        match self {
            Self::Messenger => "page",
            Self::Instagram => "instagram",
        }
    }
}

/// What both have, in one form.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub(super) platform: Platform,
    /// Where calls about the account go: the page, or the account itself for a login by Instagram.
    pub(super) node: String,
    /// By which id messages name us.
    pub(super) own: String,
    /// Calls go to Instagram's own host.
    pub(super) by_instagram: bool,
    pub(super) name: String,
    pub(super) token: SecretRef,
    pub(super) app_secret: Option<SecretRef>,
    pub(super) verify_token: Option<SecretRef>,
    pub(super) human_agent: bool,
    pub(super) comments: bool,
    pub(super) history_days: u32,
    pub(super) base_url: Option<BaseUrl>,
    pub(super) calls_per_second: u32,
}

impl Page {
    pub(super) fn base(&self) -> Result<BaseUrl, BaseUrlError> {
        let own = if self.by_instagram {
            INSTAGRAM
        } else {
            FACEBOOK
        };
        self.base_url.clone().map_or_else(|| BaseUrl::new(own), Ok)
    }

    /// One of ours: the page as well as the account.
    pub(super) fn is_own(&self, id: &str) -> bool {
        id == self.own || id == self.node
    }

    /// How long free replies are taken after a customer's message, in milliseconds.
    pub(super) fn window_ms(&self) -> i64 {
        use crate::model::time::{DAY, HOUR};
        if self.human_agent { 7 * DAY } else { 24 * HOUR }
    }
}

impl From<MessengerSettings> for Page {
    fn from(settings: MessengerSettings) -> Self {
        Self {
            platform: Platform::Messenger,
            node: settings.page_id.clone(),
            own: settings.page_id,
            by_instagram: false,
            name: settings.name,
            token: settings.token,
            app_secret: settings.app_secret,
            verify_token: settings.verify_token,
            human_agent: settings.human_agent,
            comments: settings.comments,
            history_days: settings.history_days,
            base_url: settings.base_url,
            calls_per_second: settings.calls_per_second,
        }
    }
}

impl From<InstagramSettings> for Page {
    fn from(settings: InstagramSettings) -> Self {
        let by_instagram = settings.page_id.is_none();
        Self {
            platform: Platform::Instagram,
            node: settings
                .page_id
                .unwrap_or_else(|| settings.account_id.clone()),
            own: settings.account_id,
            by_instagram,
            name: settings.name,
            token: settings.token,
            app_secret: settings.app_secret,
            verify_token: settings.verify_token,
            human_agent: settings.human_agent,
            comments: settings.comments,
            history_days: settings.history_days,
            base_url: settings.base_url,
            calls_per_second: settings.calls_per_second,
        }
    }
}

fn named<'a>(name: &'a str, id: &'a str) -> &'a str {
    if name.is_empty() { id } else { name }
}

fn all<'a>(token: &'a SecretRef, others: [Option<&'a SecretRef>; 2]) -> Vec<&'a SecretRef> {
    std::iter::once(token)
        .chain(others.into_iter().flatten())
        .collect()
}

impl AccountSettings for MessengerSettings {
    fn address(&self) -> &str {
        named(&self.name, &self.page_id)
    }

    fn server(&self) -> String {
        let base = self.base_url.as_ref();
        base.map_or(FACEBOOK, |url| url.as_url().as_str())
            .to_owned()
    }

    fn secrets(&self) -> Vec<&SecretRef> {
        let others = [self.app_secret.as_ref(), self.verify_token.as_ref()];
        all(&self.token, others)
    }

    fn poll(&self) -> Duration {
        Duration::from_secs(self.poll_seconds.max(1).into())
    }
}

impl AccountSettings for InstagramSettings {
    fn address(&self) -> &str {
        named(&self.name, &self.account_id)
    }

    fn server(&self) -> String {
        let own = match self.page_id {
            Some(_) => FACEBOOK,
            None => INSTAGRAM,
        };
        let base = self.base_url.as_ref();
        base.map_or(own, |url| url.as_url().as_str()).to_owned()
    }

    fn secrets(&self) -> Vec<&SecretRef> {
        let others = [self.app_secret.as_ref(), self.verify_token.as_ref()];
        all(&self.token, others)
    }

    fn poll(&self) -> Duration {
        Duration::from_secs(self.poll_seconds.max(1).into())
    }
}

fn history() -> u32 {
    30
}

fn poll() -> u16 {
    20
}

fn per_second() -> u32 {
    2
}
