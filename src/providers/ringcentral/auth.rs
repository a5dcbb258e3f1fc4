//! The login: a JWT credential is exchanged for an access token that lives about an hour. Nothing of it is kept on disk:
//! each process has a session of its own, so no process can take another's token away.

use super::rates::{Group, Rates};
use super::settings::RingcentralSettings;
use super::wire::{number, text};
use crate::model::{Clock, Timestamp};
use crate::providers::http::{Answer, BaseUrl, Effect, Http, JSON_LIMIT, retry_after};
use crate::providers::lenient::from_slice;
use crate::providers::{ProviderError, Result};
use crate::secrets::{ExposeSecret, SecretRef, SecretString};
use reqwest::Method;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

const JWT_GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// A token is not used to its last moment.
const MARGIN: Duration = Duration::from_mins(1);
/// A refused login is not tried again by everybody who waited for it.
const REFUSED: Duration = Duration::from_secs(10);

/// The tokens of one login.
pub(super) struct Tokens {
    client_id: String,
    client_secret: SecretRef,
    jwt: SecretRef,
    clock: Arc<dyn Clock>,
    /// Held while somebody logs in: the others wait for that.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    session: Option<Session>,
    serial: u64,
    refused: Option<(Instant, ProviderError)>,
}

struct Session {
    access: SecretString,
    until: Instant,
    refresh: Option<(SecretString, Instant)>,
}

/// A token to use, and which one it is.
#[derive(Clone)]
pub(super) struct Access {
    pub(super) token: SecretString,
    pub(super) serial: u64,
}

impl Tokens {
    pub(super) fn new(settings: &RingcentralSettings, clock: Arc<dyn Clock>) -> Self {
        Self {
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            jwt: settings.jwt.clone(),
            clock,
            state: Mutex::default(),
        }
    }

    /// A token other than the one that was `refused`; of all who ask at once, one logs in.
    pub(super) async fn access(
        &self,
        http: &Http,
        base: &BaseUrl,
        rates: &Rates,
        refused: Option<u64>,
    ) -> Result<Access> {
        let mut state = self.state.lock().await;
        let now = Instant::now();
        if let Some(session) = &state.session
            && session.until > now
            && refused != Some(state.serial)
        {
            return Ok(Access {
                token: session.access.clone(),
                serial: state.serial,
            });
        }
        if let Some((at, error)) = &state.refused
            && now.saturating_duration_since(*at) < REFUSED
        {
            return Err(error.clone());
        }
        let refresh = state
            .session
            .take()
            .and_then(|session| session.refresh)
            .filter(|(_, until)| *until > now);
        let mut answer = Err(ProviderError::Auth(String::new()));
        if let Some((token, _)) = refresh {
            let form = [
                ("grant_type", "refresh_token"),
                ("refresh_token", token.expose_secret()),
            ];
            answer = self.grant(http, base, rates, &form).await;
        }
        // A refresh token that is used up or revoked is no end: the credential makes a new session.
        if let Err(ProviderError::Auth(_)) = answer {
            let jwt = resolve(&self.jwt).await?;
            let form = [
                ("grant_type", JWT_GRANT),
                ("assertion", jwt.expose_secret()),
            ];
            answer = self.grant(http, base, rates, &form).await;
        }
        match answer {
            Ok(session) => {
                let token = session.access.clone();
                state.session = Some(session);
                state.serial += 1;
                state.refused = None;
                Ok(Access {
                    token,
                    serial: state.serial,
                })
            }
            Err(error) => {
                if matches!(error, ProviderError::Auth(_)) {
                    state.refused = Some((now, error.clone()));
                }
                Err(error)
            }
        }
    }

    async fn grant(
        &self,
        http: &Http,
        base: &BaseUrl,
        rates: &Rates,
        form: &[(&str, &str)],
    ) -> Result<Session> {
        rates.turn(Group::Auth, Duration::from_secs(15)).await?;
        let secret = resolve(&self.client_secret).await?;
        let url = base.at(["restapi", "oauth", "token"]);
        let request = http
            .request(Method::POST, url)
            .basic_auth(&self.client_id, Some(secret.expose_secret()))
            .form(form);
        // A token that got lost on the way is no harm: the next one replaces it.
        let answer = http.exchange(request, Effect::Read, JSON_LIMIT).await?;
        let said = from_slice(&answer.body).unwrap_or(Value::Null);
        if !answer.is_success() {
            return Err(refusal(&answer, &said, rates, self.clock.now()));
        }
        let token = text(&said, "access_token").ok_or_else(|| {
            ProviderError::Bug("RingCentral answered the login without a token".to_owned())
        })?;
        let now = Instant::now();
        let lives = |key: &str, or: u64| {
            let seconds = number(&said, key).and_then(|life| u64::try_from(life).ok());
            Duration::from_secs(seconds.unwrap_or(or).min(30 * 24 * 3_600))
        };
        let life = lives("expires_in", 3_600);
        Ok(Session {
            access: SecretString::from(token.to_owned()),
            until: now + life.saturating_sub(MARGIN.min(life / 2)),
            refresh: text(&said, "refresh_token").map(|token| {
                let life = lives("refresh_token_expires_in", 3_600);
                (
                    SecretString::from(token.to_owned()),
                    now + life.saturating_sub(MARGIN),
                )
            }),
        })
    }
}

async fn resolve(secret: &SecretRef) -> Result<SecretString> {
    secret.resolve().await.map_err(ProviderError::from)
}

/// What a refused login means, in words that say what to do.
fn refusal(answer: &Answer, said: &Value, rates: &Rates, now: Timestamp) -> ProviderError {
    let code = text(said, "error").unwrap_or_default();
    match (answer.status, code) {
        (429, _) => {
            let asked = answer.header("retry-after");
            let wait = asked.and_then(|value| retry_after(value, now));
            ProviderError::RateLimited {
                retry_after: Some(rates.refused(Group::Auth, None, wait)),
            }
        }
        (500.. | 408, _) => ProviderError::Transient(format!("status {}", answer.status)),
        (_, "invalid_client") | (401, _) => ProviderError::Auth(
            "RingCentral does not know the client id and secret; copy both from the app's page, and check that it is the app of this server (production or sandbox)"
                .to_owned(),
        ),
        (_, "unauthorized_client") => ProviderError::Auth(
            "this app may not log in by JWT; at developers.ringcentral.com > Apps choose the JWT auth flow for it"
                .to_owned(),
        ),
        _ => ProviderError::Auth(
            "RingCentral does not take the JWT credential: it was revoked, has run out or is not for this app; make another at developers.ringcentral.com > Credentials"
                .to_owned(),
        ),
    }
}
