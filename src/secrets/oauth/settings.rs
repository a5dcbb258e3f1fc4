//! What the configuration says about a login, and what follows from it.

use super::OauthError;
use super::preset::Preset;
use crate::secrets::SecretRef;
use secrecy::SecretString;
use serde::Deserialize;
use url::{Host, Url};

/// `[logins.NAME]`: who is asked for tokens. Every address is the service's own unless set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginSettings {
    /// Whose login it is.
    #[serde(default)]
    pub service: Service,
    /// The program's id, as registered at the service.
    pub client_id: String,
    /// The program's secret, where the service wants one.
    #[serde(default)]
    pub client_secret: Option<SecretRef>,
    /// Where the browser goes.
    #[serde(default)]
    pub auth_url: Option<String>,
    /// Where tokens are had.
    #[serde(default)]
    pub token_url: Option<String>,
    /// Where a code for another machine's browser is had.
    #[serde(default)]
    pub device_url: Option<String>,
    /// What is asked for.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
    /// The port that the browser comes back to; any free one if 0.
    #[serde(default)]
    pub port: u16,
}

/// Whose login it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Google, for Gmail and Workspace.
    Google,
    /// Microsoft, for Outlook and Microsoft 365.
    Microsoft,
    /// Another one, whose addresses and scopes are all set.
    #[default]
    Other,
}

impl Service {
    /// What is known of it.
    pub fn preset(self) -> Option<&'static Preset> {
        match self {
            Self::Google => Preset::named("google"),
            Self::Microsoft => Preset::named("microsoft"),
            Self::Other => None,
        }
    }
}

/// A login's settings with everything that follows: checked addresses, and the secret itself.
#[derive(Debug, Clone)]
pub struct Client {
    /// The login's name.
    pub name: String,
    /// The program's id.
    pub id: String,
    /// The program's secret.
    pub secret: Option<SecretString>,
    /// Where the browser goes.
    pub auth_url: Url,
    /// Where tokens are had.
    pub token_url: Url,
    /// Where codes are had.
    pub device_url: Option<Url>,
    /// What is asked for, with spaces between.
    pub scope: String,
    /// What else is said in the address for the browser.
    pub extra: &'static [(&'static str, &'static str)],
    /// The name of this machine in the address to come back to.
    pub host: &'static str,
    /// The port to come back to; any if 0.
    pub port: u16,
}

impl Client {
    /// From the settings of the login `name`.
    pub async fn of(name: &str, settings: &LoginSettings) -> Result<Self, OauthError> {
        let preset = settings.service.preset();
        let url = |own: &Option<String>, known: Option<&str>, what| {
            let text = own.as_deref().or(known).ok_or(OauthError::Setting(what))?;
            checked(text)
        };
        let secret = match &settings.client_secret {
            Some(place) => Some(
                Box::pin(place.resolve())
                    .await
                    .map_err(|error| OauthError::ClientSecret(error.to_string()))?,
            ),
            None => None,
        };
        if settings.client_id.trim().is_empty() {
            return Err(OauthError::Setting("client_id"));
        }
        let device = settings
            .device_url
            .as_deref()
            .or(preset.and_then(|preset| preset.device_url));
        Ok(Self {
            name: name.to_owned(),
            id: settings.client_id.trim().to_owned(),
            secret,
            auth_url: url(&settings.auth_url, preset.map(|p| p.auth_url), "auth_url")?,
            token_url: url(
                &settings.token_url,
                preset.map(|p| p.token_url),
                "token_url",
            )?,
            device_url: device.map(checked).transpose()?,
            scope: match (&settings.scopes, preset) {
                (Some(scopes), _) => scopes.join(" "),
                (None, Some(preset)) => preset.scopes.join(" "),
                (None, None) => return Err(OauthError::Setting("scopes")),
            },
            extra: preset.map_or(&[], |preset| preset.extra),
            host: preset.map_or("127.0.0.1", |preset| preset.host),
            port: settings.port,
        })
    }
}

/// Tokens travel encrypted, or not off this machine.
pub(super) fn checked(text: &str) -> Result<Url, OauthError> {
    let wrong = || OauthError::Address(crate::text::sanitize_line(text).text);
    let url = Url::parse(text).map_err(|_| wrong())?;
    let fine = match url.scheme() {
        "https" => url.host().is_some(),
        "http" => on_this_machine(&url),
        _ => false,
    };
    if fine && url.username().is_empty() && url.password().is_none() && url.fragment().is_none() {
        Ok(url)
    } else {
        Err(wrong())
    }
}

pub(super) fn on_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
