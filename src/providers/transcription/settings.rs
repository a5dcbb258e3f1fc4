//! Where audio may be given for transcription, and whose.

use crate::model::AccountId;
use crate::providers::http::BaseUrl;
use crate::secrets::SecretRef;
use serde::Deserialize;

/// The `[transcription]` part of the configuration. Audio leaves this machine only by it: without an address, or for an
/// account that is not named, nothing is sent anywhere.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TranscriptionSettings {
    /// An OpenAI-compatible interface; none for no transcription.
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

impl Default for TranscriptionSettings {
    fn default() -> Self {
        Self {
            base_url: None,
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

impl TranscriptionSettings {
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
        let clear = "base_url = \"http://speech.example.com/v1\"";
        assert!(
            toml::from_str::<TranscriptionSettings>(clear).is_err(),
            "customers' voices do not travel in the clear"
        );
    }
}
