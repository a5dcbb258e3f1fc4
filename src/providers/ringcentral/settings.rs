//! What a RingCentral extension needs.

use crate::providers::http::{BaseUrl, BaseUrlError};
use crate::providers::settings::AccountSettings;
use crate::secrets::SecretRef;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::time::Duration;

/// The keys of an account with `provider = "ringcentral"`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RingcentralSettings {
    /// The extension's numbers that may send SMS, with `+` and country; new messages go from the first.
    #[serde(deserialize_with = "some_numbers")]
    pub numbers: Vec<String>,
    /// Our name as customers know it.
    #[serde(default)]
    pub name: String,
    /// The app's client id.
    pub client_id: String,
    /// The app's client secret.
    pub client_secret: SecretRef,
    /// The JWT credential of the extension's user.
    pub jwt: SecretRef,
    /// Which calls are conversations.
    #[serde(default)]
    pub calls: Calls,
    /// The first read goes back so many days; 0 for everything.
    #[serde(default = "history_days")]
    pub history_days: u32,
    /// The word that a WebHook subscription was made with; without it nothing that is posted to us is taken.
    #[serde(default)]
    pub verification_token: Option<SecretRef>,
    /// Seconds between reads besides the socket.
    #[serde(default = "poll")]
    pub poll_seconds: u16,
    /// The interface; RingCentral's own if absent.
    #[serde(default)]
    pub base_url: Option<BaseUrl>,
    /// Where attachments and recordings are; RingCentral's own if absent, or `base_url` where that is another server.
    #[serde(default)]
    pub media_url: Option<BaseUrl>,
}

/// Which calls are conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Calls {
    /// Those that nobody took.
    #[default]
    Missed,
    /// All, with their recordings.
    All,
    /// None; voicemail comes all the same.
    None,
}

/// RingCentral's own interface.
pub(super) const BASE: &str = "https://platform.ringcentral.com";
const MEDIA: &str = "https://media.ringcentral.com";
const SANDBOX: &str = "platform.devtest.ringcentral.com";
const SANDBOX_MEDIA: &str = "https://media.devtest.ringcentral.com";

impl RingcentralSettings {
    /// Where the interface is.
    pub fn base(&self) -> Result<BaseUrl, BaseUrlError> {
        self.base_url.clone().map_or_else(|| BaseUrl::new(BASE), Ok)
    }

    /// Where attachments are.
    pub fn media(&self) -> Result<BaseUrl, BaseUrlError> {
        match (&self.media_url, &self.base_url) {
            (Some(url), _) => Ok(url.clone()),
            (None, None) => BaseUrl::new(MEDIA),
            (None, Some(base)) => match base.as_url().host_str() {
                Some("platform.ringcentral.com") => BaseUrl::new(MEDIA),
                Some(SANDBOX) => BaseUrl::new(SANDBOX_MEDIA),
                _ => Ok(base.clone()),
            },
        }
    }

    /// Our numbers in E.164.
    pub fn own_numbers(&self) -> Vec<String> {
        let numbers = self.numbers.iter();
        numbers
            .map(|number| {
                crate::text::phone::e164(number, None).unwrap_or_else(|| number.trim().to_owned())
            })
            .collect()
    }
}

impl AccountSettings for RingcentralSettings {
    fn address(&self) -> &str {
        self.numbers.first().map_or("", String::as_str)
    }

    fn server(&self) -> String {
        self.base_url
            .as_ref()
            .map_or(BASE, |url| url.as_url().as_str())
            .to_owned()
    }

    fn secrets(&self) -> Vec<&SecretRef> {
        [&self.client_secret, &self.jwt]
            .into_iter()
            .chain(self.verification_token.as_ref())
            .collect()
    }

    fn poll(&self) -> Duration {
        Duration::from_secs(self.poll_seconds.max(5).into())
    }
}

fn some_numbers<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let numbers = Vec::<String>::deserialize(from)?;
    let fine = |number: &String| crate::text::phone::e164(number, None).is_some();
    if numbers.is_empty() || !numbers.iter().all(fine) {
        let says = "`numbers` must be phone numbers with + and country, like [\"+15550001111\"]";
        return Err(D::Error::custom(says));
    }
    Ok(numbers)
}

fn history_days() -> u32 {
    90
}

fn poll() -> u16 {
    60
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(more: &str) -> RingcentralSettings {
        toml::from_str(&format!(
            "numbers = [\"+1 (212) 555-0111\"]\nclient_id = \"c\"\nclient_secret = \"s\"\njwt = \"j\"\n{more}"
        ))
        .unwrap()
    }

    #[test]
    fn numbers_must_be_numbers() {
        for numbers in ["[]", "[\"5550001111\"]", "[\"+15550001111\", \"desk\"]"] {
            let text = format!(
                "numbers = {numbers}\nclient_id = \"c\"\nclient_secret = \"s\"\njwt = \"j\"\n"
            );
            let error = toml::from_str::<RingcentralSettings>(&text).unwrap_err();
            assert!(error.to_string().contains("with + and country"), "{error}");
        }
    }

    #[test]
    fn files_are_where_the_server_keeps_them() {
        let table = [
            ("", "https://media.ringcentral.com/"),
            (
                "base_url = \"https://platform.devtest.ringcentral.com\"",
                "https://media.devtest.ringcentral.com/",
            ),
            ("base_url = \"http://127.0.0.1:9\"", "http://127.0.0.1:9/"),
            (
                "media_url = \"https://files.example\"",
                "https://files.example/",
            ),
        ];
        for (more, wanted) in table {
            let settings = settings(more);
            assert_eq!(settings.media().unwrap().as_url().as_str(), wanted);
            assert_eq!(settings.own_numbers(), ["+12125550111"]);
        }
    }
}
