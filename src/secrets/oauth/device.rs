//! The way for machines without a browser: a code is typed into a browser anywhere (RFC 8628).

use super::http::{Said, ask, tokens};
use super::settings::checked;
use super::stored::Stored;
use super::{Client, OauthError};
use crate::secrets::vault::Vault;
use crate::text::sanitize_line;
use secrecy::ExposeSecret;
use serde::Deserialize;
use std::time::Duration;
use tokio::time::Instant;
use zeroize::Zeroizing;

/// The longest time that a code is waited for.
const LONGEST: u64 = 30 * 60;

/// What somebody is to type, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DevicePrompt {
    /// The page.
    pub page: String,
    /// The code.
    pub code: String,
}

#[derive(Deserialize)]
struct Begun {
    device_code: String,
    user_code: String,
    #[serde(alias = "verification_url")]
    verification_uri: String,
    #[serde(default)]
    expires_in: Option<u64>,
    #[serde(default)]
    interval: Option<u64>,
}

/// Shows a code by `show`, waits until somebody has typed it, and puts the tokens into the vault.
pub async fn login_by_device(
    client: &Client,
    vault: &Vault,
    show: impl FnOnce(&DevicePrompt),
) -> Result<(), OauthError> {
    let url = client.device_url.as_ref().ok_or(OauthError::NoDevice)?;
    let form = [
        ("client_id", client.id.as_str()),
        ("scope", client.scope.as_str()),
    ];
    let begun: Begun = ask(url, &form)
        .await?
        .map_err(|refusal| OauthError::Refused(refusal.words))?;
    let code = Zeroizing::new(begun.device_code);
    // Whatever is shown came from outside; a page that is not encrypted is none to log in at.
    let page = checked(&begun.verification_uri)?.to_string();
    let user_code: String = sanitize_line(&begun.user_code).text;
    show(&DevicePrompt {
        page,
        code: user_code.chars().take(40).collect(),
    });
    let until = begun.expires_in.unwrap_or(900).min(LONGEST);
    let until = Instant::now() + Duration::from_secs(until);
    let mut wait = Duration::from_secs(begun.interval.unwrap_or(5).clamp(1, 60));
    let secret = client.secret.clone();
    let mut form = vec![
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", code.as_str()),
        ("client_id", client.id.as_str()),
    ];
    if let Some(secret) = &secret {
        form.push(("client_secret", secret.expose_secret()));
    }
    loop {
        tokio::time::sleep(wait).await;
        if Instant::now() >= until {
            return Err(OauthError::TooLate);
        }
        let refusal = match tokens(&client.token_url, &form).await {
            Ok(Said::Tokens(new)) => {
                let stored = Stored::new(client, &new)?;
                let _turn = vault.turn(&client.name).await?;
                return stored.write(vault, &client.name).await;
            }
            Ok(Said::Refused(refusal)) => refusal,
            // The network came and went: the code is still good.
            Err(error) if error.is_passing() => {
                wait = (wait * 2).min(Duration::from_mins(1));
                continue;
            }
            Err(error) => return Err(error),
        };
        match refusal.code.as_str() {
            "authorization_pending" => {}
            "slow_down" => wait += Duration::from_secs(5),
            "expired_token" => return Err(OauthError::TooLate),
            "access_denied" | "authorization_declined" => {
                return Err(OauthError::Denied(refusal.words));
            }
            _ => return Err(OauthError::Refused(refusal.words)),
        }
    }
}
