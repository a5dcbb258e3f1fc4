//! What a login has, as it stands in the vault.

use super::http::Tokens;
use super::{Client, OauthError};
use crate::secrets::vault::{Vault, VaultError};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::time::{SystemTime, UNIX_EPOCH};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A token that ends sooner is renewed first: clocks differ, and a login takes a while.
const MARGIN: u64 = 60;

/// The name of a login's entry in the vault.
pub fn entry(name: &str) -> String {
    format!("login:{name}")
}

/// Forgets a login.
pub async fn forget(vault: &Vault, name: &str) -> Result<bool, OauthError> {
    Ok(vault.remove(&entry(name)).await?)
}

/// One login.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(super) struct Stored {
    /// Of this form.
    version: u32,
    pub token_url: String,
    pub client_id: String,
    #[serde(default)]
    pub client_secret: Option<String>,
    pub refresh_token: String,
    pub access_token: String,
    /// Seconds since 1970.
    pub expires_at: u64,
    /// When renewing was last begun: written first, so that a vault that takes nothing is known before a token is used
    /// up.
    #[serde(default)]
    pub renewing_since: u64,
    /// The server has said that it is over, in these words.
    #[serde(default)]
    pub over: Option<String>,
}

impl Stored {
    pub fn new(client: &Client, tokens: &Tokens) -> Result<Self, OauthError> {
        let text = |secret: &SecretString| secret.expose_secret().to_owned();
        Ok(Self {
            version: 1,
            token_url: client.token_url.to_string(),
            client_id: client.id.clone(),
            client_secret: client.secret.as_ref().map(text),
            refresh_token: tokens
                .refresh
                .as_ref()
                .map(text)
                .ok_or(OauthError::NoRefresh)?,
            access_token: text(&tokens.access),
            expires_at: now().saturating_add(tokens.expires_in),
            renewing_since: 0,
            over: None,
        })
    }

    /// Takes what a renewal gave. A server that gives no new refresh token leaves the old one in force.
    pub fn renew(&mut self, tokens: &Tokens) {
        self.access_token.zeroize();
        self.access_token = tokens.access.expose_secret().to_owned();
        if let Some(refresh) = &tokens.refresh {
            self.refresh_token.zeroize();
            self.refresh_token = refresh.expose_secret().to_owned();
        }
        self.expires_at = now().saturating_add(tokens.expires_in);
    }

    pub fn is_fresh(&self) -> bool {
        self.expires_at > now().saturating_add(MARGIN)
    }

    pub async fn read(vault: &Vault, name: &str) -> Result<Self, OauthError> {
        let text = match vault.get(&entry(name)).await {
            Ok(text) => text,
            Err(VaultError::NoEntry(_) | VaultError::Missing) => {
                return Err(OauthError::NoLogin(name.to_owned()));
            }
            Err(error) => return Err(error.into()),
        };
        // The parser's words could quote a token.
        serde_json::from_str(text.expose_secret()).map_err(|_| OauthError::Again {
            name: name.to_owned(),
            why: "its entry in the vault makes no sense".to_owned(),
        })
    }

    pub async fn write(&self, vault: &Vault, name: &str) -> Result<(), OauthError> {
        let mut text = Zeroizing::new(Vec::with_capacity(64 * 1024));
        // Strings and numbers into memory: cannot fail.
        let _ = serde_json::to_writer(&mut *text, self);
        let text = String::from_utf8_lossy(&text).into_owned();
        Ok(vault.put(&entry(name), &text.into()).await?)
    }
}

pub(super) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
