//! Where audio may be given for transcription, and whose.

use crate::model::AccountId;
use crate::providers::http::{BaseUrl, BaseUrlError};
use crate::secrets::SecretRef;
use serde::Deserialize;

/// The `[transcription]` part of the configuration. Audio leaves this machine only by it: without an address, or for an
/// account that is not named, nothing is sent anywhere.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Written")]
pub struct TranscriptionSettings {
    /// An OpenAI-compatible interface; none for no transcription. In the clear only where `allow_http` says
    /// that this is known.
    pub base_url: Option<BaseUrl>,
    /// The model's name there.
    pub model: String,
    /// The token, where the server wants one.
    pub token: Option<SecretRef>,
    /// The language spoken (ISO 639-1), by account; others are for the server to find out.
    pub languages: std::collections::BTreeMap<String, String>,
    /// Accounts whose audio may be sent there.
    pub accounts: Vec<String>,
    /// Larger files are not sent.
    pub limit_mib: u16,
    /// Audio that came longer ago is sent only when somebody asks.
    pub history_days: u16,
    /// The longest that the server may take for one file.
    pub timeout_seconds: u16,
}

/// The same as it is written down.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Written {
    base_url: Option<String>,
    /// `http` may be used for another machine.
    allow_http: bool,
    model: String,
    token: Option<SecretRef>,
    languages: std::collections::BTreeMap<String, String>,
    accounts: Vec<String>,
    limit_mib: u16,
    history_days: u16,
    timeout_seconds: u16,
}

impl Default for Written {
    fn default() -> Self {
        Self {
            base_url: None,
            allow_http: false,
            model: "whisper-1".to_owned(),
            token: None,
            languages: std::collections::BTreeMap::new(),
            accounts: Vec::new(),
            limit_mib: 25,
            history_days: 7,
            timeout_seconds: 120,
        }
    }
}

impl Default for TranscriptionSettings {
    fn default() -> Self {
        Self::with(None, Written::default())
    }
}

impl TryFrom<Written> for TranscriptionSettings {
    type Error = String;

    fn try_from(mut written: Written) -> Result<Self, Self::Error> {
        let place = written.base_url.take();
        let read = |text: String| {
            if written.allow_http {
                return BaseUrl::new_in_the_clear(&text).map_err(|error| error.to_string());
            }
            BaseUrl::new(&text).map_err(|error| match error {
                BaseUrlError::Clear(_) => format!(
                    "`{text}` is not encrypted: what customers said could be heard on the way; use https, or set \
                     allow_http = true where you know the network"
                ),
                other => other.to_string(),
            })
        };
        let base_url = place.map(read).transpose()?;
        Ok(Self::with(base_url, written))
    }
}

impl TranscriptionSettings {
    fn with(base_url: Option<BaseUrl>, written: Written) -> Self {
        Self {
            base_url,
            model: written.model,
            token: written.token,
            languages: written.languages,
            accounts: written.accounts,
            limit_mib: written.limit_mib,
            history_days: written.history_days,
            timeout_seconds: written.timeout_seconds,
        }
    }

    /// What is to be said at the start, in a sentence: that audio leaves this machine unencrypted.
    pub fn warning(&self) -> Option<String> {
        let base = self.base_url.as_ref()?;
        let host = base.as_url().host_str().unwrap_or_default();
        base.is_in_the_clear().then(|| {
            format!(
                "what customers said goes to {host} unencrypted; everybody on the way can hear it"
            )
        })
    }

    /// The accounts whose audio may be sent; none while there is no address.
    pub fn allowed(&self) -> Vec<AccountId> {
        if self.base_url.is_none() {
            return Vec::new();
        }
        self.accounts
            .iter()
            .map(|name| AccountId::new(name))
            .collect()
    }

    /// Why audio of this account may not be sent; none when it may.
    pub fn refuses(&self, account: &AccountId) -> Option<String> {
        if self.base_url.is_none() {
            return Some(
                "no transcription is set up; [transcription] in the configuration says how"
                    .to_owned(),
            );
        }
        let named = self.accounts.iter().any(|name| name == account.as_str());
        (!named).then(|| {
            format!("audio of the account {account} stays here: it is not among the accounts of [transcription]")
        })
    }

    /// The token's place, where it will be used.
    pub fn secret(&self) -> Option<&SecretRef> {
        self.base_url.as_ref().and(self.token.as_ref())
    }

    /// Bytes of the largest file that is sent.
    pub fn limit(&self) -> u64 {
        u64::from(self.limit_mib) << 20
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_unless_it_is_said_so() {
        let read = |text: &str| toml::from_str::<TranscriptionSettings>(text).unwrap();
        let phone = AccountId::new("phone");
        for (text, may) in [
            ("", false),
            ("accounts = [\"phone\"]", false),
            ("base_url = \"http://127.0.0.1:8000/v1\"", false),
            (
                "base_url = \"http://127.0.0.1:8000/v1\"\naccounts = [\"phone\"]",
                true,
            ),
            (
                "base_url = \"https://api.example.com/v1\"\naccounts = [\"sms\"]",
                false,
            ),
        ] {
            let settings = read(text);
            assert_eq!(settings.refuses(&phone).is_none(), may, "{text}");
            assert_eq!(settings.allowed().contains(&phone), may, "{text}");
        }
        assert_eq!(read("").warning(), None);
    }

    #[test]
    fn voices_travel_in_the_clear_only_where_it_is_said_so() {
        let read = |text: &str| toml::from_str::<TranscriptionSettings>(text);
        for place in [
            "http://speech.example.com/v1",
            "http://192.168.1.20:8000/v1",
        ] {
            let refused = read(&format!("base_url = \"{place}\"")).unwrap_err();
            let words = refused.message().to_owned();
            assert!(words.contains("allow_http = true"), "{words}");
            let allowed = read(&format!("base_url = \"{place}\"\nallow_http = true")).unwrap();
            let warning = allowed.warning().unwrap();
            assert!(warning.contains("unencrypted"), "{warning}");
        }
        for fine in ["https://speech.example.com/v1", "http://127.0.0.1:8000/v1"] {
            let both = read(&format!("base_url = \"{fine}\"\nallow_http = true")).unwrap();
            assert_eq!(both.warning(), None, "{fine}");
        }
        for bad in [
            "ftp://speech.example.com/v1",
            "http://u:p@speech.lan/",
            "speech",
        ] {
            let text = format!("base_url = \"{bad}\"\nallow_http = true");
            assert!(read(&text).is_err(), "{bad}");
        }
        assert!(read("allow_htp = true").is_err());
    }
}
