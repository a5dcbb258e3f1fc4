//! A token that is good now: the one in the vault, or a new one, had by one process for all.

use super::OauthError;
use super::http::{Said, tokens};
use super::settings::checked;
use super::stored::{Stored, now};
use crate::secrets::vault::{Turn, Vault};
use secrecy::SecretString;

/// The token of the login `name`. A new one is in the vault before it is given.
pub async fn access_token(vault: &Vault, name: &str) -> Result<SecretString, OauthError> {
    let stored = Stored::read(vault, name).await?;
    if let Some(token) = good(&stored, name)? {
        return Ok(token);
    }
    drop(stored);
    let _turn: Turn = vault.turn(name).await?;
    // Somebody else may have had it renewed meanwhile.
    let mut stored = Stored::read(vault, name).await?;
    if let Some(token) = good(&stored, name)? {
        return Ok(token);
    }
    stored.renewing_since = now();
    stored.write(vault, name).await?;
    let url = checked(&stored.token_url)?;
    let mut form = vec![
        ("grant_type", "refresh_token"),
        ("refresh_token", stored.refresh_token.as_str()),
        ("client_id", stored.client_id.as_str()),
    ];
    if let Some(secret) = &stored.client_secret {
        form.push(("client_secret", secret));
    }
    let said = tokens(&url, &form).await?;
    drop(form);
    match said {
        Said::Tokens(new) => {
            stored.renew(&new);
            stored.write(vault, name).await?;
            Ok(SecretString::from(stored.access_token.as_str()))
        }
        Said::Refused(refusal) => match refusal.code.as_str() {
            // Said once, and not asked again: a server may count it against us.
            "invalid_grant" | "interaction_required" | "consent_required" | "login_required" => {
                stored.over = Some(refusal.words.clone());
                stored.write(vault, name).await?;
                Err(again(name, refusal.words))
            }
            "temporarily_unavailable" | "server_error" | "slow_down" => {
                Err(OauthError::Passing(refusal.words))
            }
            _ => Err(OauthError::Refused(refusal.words)),
        },
    }
}

/// A server did not take this token although its time is not over: the next one asked for is a new one.
pub async fn refused(vault: &Vault, name: &str, token: &SecretString) -> Result<(), OauthError> {
    use secrecy::ExposeSecret;
    let _turn = vault.turn(name).await?;
    let mut stored = Stored::read(vault, name).await?;
    if stored.access_token == token.expose_secret() && stored.expires_at > 0 {
        stored.expires_at = 0;
        stored.write(vault, name).await?;
    }
    Ok(())
}

fn good(stored: &Stored, name: &str) -> Result<Option<SecretString>, OauthError> {
    if let Some(why) = &stored.over {
        return Err(again(name, why.clone()));
    }
    let token = || SecretString::from(stored.access_token.as_str());
    Ok(stored.is_fresh().then(token))
}

fn again(name: &str, why: String) -> OauthError {
    OauthError::Again {
        name: name.to_owned(),
        why,
    }
}
