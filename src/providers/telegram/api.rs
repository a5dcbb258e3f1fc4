//! Calls of the Bot API. The token is part of every address, so no address gets into an error.

use super::settings::TelegramSettings;
use crate::model::Clock;
use crate::providers::http::{Answer, BaseUrl, Effect, Http, JSON_LIMIT, Pace};
use crate::providers::{FileSink, ProviderError, Result, Spent};
use crate::secrets::{ExposeSecret, SecretRef, SecretString};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What is said where Telegram posts elsewhere instead of being asked.
pub(super) const WEBHOOK_SET: &str = "a webhook is set for this bot, so Telegram posts its messages and does not let them be asked for; remove it with `frontdesk account webhook ACCOUNT --remove`, or set `webhook_secret` if it is this desk's own";

/// A client for one bot.
pub(super) struct Api {
    base: BaseUrl,
    http: Http,
    token: SecretRef,
    known: Mutex<Option<SecretString>>,
    pace: Pace,
    clock: Arc<dyn Clock>,
}

/// Why a call failed, and where a group went if it moved.
pub(super) struct Failure {
    pub(super) error: ProviderError,
    pub(super) moved_to: Option<i64>,
}

impl From<ProviderError> for Failure {
    fn from(error: ProviderError) -> Self {
        Self {
            error,
            moved_to: None,
        }
    }
}

impl Api {
    /// Nothing is connected before it is used.
    pub(super) fn new(settings: &TelegramSettings, clock: Arc<dyn Clock>) -> Result<Self> {
        let base = settings
            .base()
            .map_err(|error| ProviderError::Bug(error.to_string()))?;
        let silence = settings.long_poll() + Duration::from_secs(15);
        Ok(Self {
            http: Http::with_silence(&base, silence)?,
            base,
            token: settings.token.clone(),
            known: Mutex::new(None),
            // Telegram takes about 30 messages in a second from one bot.
            pace: Pace::new(20, Duration::from_millis(40)),
            clock,
        })
    }

    /// The token, looked up once until it is refused.
    async fn token(&self) -> Result<SecretString> {
        let known = self
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(token) = known {
            return Ok(token);
        }
        let token = self.token.resolve().await.map_err(ProviderError::from)?;
        let shape = token.expose_secret().split_once(':');
        let fine = shape.is_some_and(|(id, rest)| {
            !id.is_empty()
                && id.bytes().all(|b| b.is_ascii_digit())
                && !rest.is_empty()
                && rest
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        });
        if !fine {
            return Err(ProviderError::Auth(
                "this is no bot token; copy it again from @BotFather, it looks like 123456789:AAE…"
                    .to_owned(),
            ));
        }
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        Ok(token)
    }

    /// The bot's own id, which its token begins with.
    pub(super) async fn own_id(&self) -> Result<i64> {
        let token = self.token().await?;
        let id = token.expose_secret().split(':').next().unwrap_or_default();
        id.parse()
            .map_err(|_| ProviderError::Auth("the bot token begins with no number".to_owned()))
    }

    /// The same where the token was looked up before.
    pub(super) fn known_id(&self) -> Option<i64> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let token = known.as_ref()?.expose_secret();
        token.split(':').next()?.parse().ok()
    }

    /// A request for a method.
    pub(super) async fn method(&self, name: &str) -> Result<RequestBuilder> {
        let token = self.token().await?;
        let bot = format!("bot{}", token.expose_secret());
        Ok(self
            .http
            .request(Method::POST, self.base.at([bot.as_str(), name])))
    }

    /// Calls a method with JSON.
    pub(super) async fn call(&self, name: &str, body: &Value, effect: Effect) -> Result<Value> {
        let mut request = self.method(name).await?;
        // Methods without parameters take no body.
        if body.as_object().is_none_or(|fields| !fields.is_empty()) {
            request = request.json(body);
        }
        self.finish(request, effect)
            .await
            .map_err(|failure| failure.error)
    }

    /// The sends of the moment, and how long Telegram asked to wait.
    pub(super) fn spent(&self) -> Vec<Spent> {
        vec![self.pace.spent("sends")]
    }

    /// Waits for a turn to send.
    pub(super) async fn turn(&self) {
        self.pace.turn().await;
    }

    /// Sends a request and gives its `result`.
    pub(super) async fn finish(
        &self,
        request: RequestBuilder,
        effect: Effect,
    ) -> std::result::Result<Value, Failure> {
        let answer = self.http.exchange(request, effect, JSON_LIMIT).await?;
        let said: Result<Value> = answer.json();
        let said = match said {
            Ok(said) if said["ok"] == true && answer.is_success() => {
                return Ok(said["result"].clone());
            }
            Ok(said) => said,
            // A yes that cannot be read leaves open what happened.
            Err(_) if answer.is_success() && effect == Effect::Write => {
                let words = "it answered in words that make no sense".to_owned();
                return Err(ProviderError::Ambiguous(words).into());
            }
            Err(error) if answer.is_success() => return Err(error.into()),
            Err(_) => Value::Null,
        };
        let failure = Failure {
            error: self.refusal(&answer, &said, effect),
            moved_to: said["parameters"]["migrate_to_chat_id"].as_i64(),
        };
        match &failure.error {
            ProviderError::Auth(_) => {
                *self.known.lock().unwrap_or_else(PoisonError::into_inner) = None;
            }
            ProviderError::RateLimited {
                retry_after: Some(wait),
            } if effect == Effect::Write => self.pace.pause(*wait),
            _ => {}
        }
        Err(failure)
    }

    /// What a refusal means, in words that say what to do.
    fn refusal(&self, answer: &Answer, said: &Value, effect: Effect) -> ProviderError {
        let words = said["description"].as_str().unwrap_or_default();
        let code = said["error_code"]
            .as_u64()
            .and_then(|code| u16::try_from(code).ok())
            .filter(|code| *code >= 400)
            .unwrap_or(answer.status);
        match code {
            401 | 404 => {
                ProviderError::Auth(
                    "Telegram does not know this token; it was revoked or mistyped: ask @BotFather for it (/token)"
                        .to_owned(),
                )
            }
            409 if words.contains("webhook") => ProviderError::Rejected {
                reason: WEBHOOK_SET.to_owned(),
                permanent: false,
            },
            409 => ProviderError::Rejected {
                reason: "another program reads this bot's messages at the same time; stop it, or give this desk a bot of its own"
                    .to_owned(),
                permanent: false,
            },
            420 | 429 => {
                let asked = said["parameters"]["retry_after"].as_f64();
                let asked = asked.filter(|wait| wait.is_finite() && *wait >= 0.0);
                match asked {
                    Some(wait) => ProviderError::RateLimited {
                        retry_after: Some(Duration::from_secs_f64(wait.min(3_600.0))),
                    },
                    None => retry(answer, self.clock.now()),
                }
            }
            403 => ProviderError::Rejected {
                reason: format!("{words}: the customer stopped the bot, or it may not write there"),
                permanent: true,
            },
            400..=499 if code != 408 => ProviderError::Rejected {
                reason: if words.is_empty() { format!("status {code}") } else { words.to_owned() },
                permanent: true,
            },
            _ => {
                let says = format!("status {code}");
                match effect {
                    Effect::Read => ProviderError::Transient(says),
                    Effect::Write => ProviderError::Ambiguous(says),
                }
            }
        }
    }

    /// The bytes of a file of which `getFile` told the place.
    pub(super) async fn download(&self, place: &str, into: &mut dyn FileSink) -> Result<()> {
        let token = self.token().await?;
        let bot = format!("bot{}", token.expose_secret());
        let parts = ["file", bot.as_str()];
        let url = self.base.at(parts
            .into_iter()
            .chain(place.split('/').filter(|part| !part.is_empty())));
        let request = self.http.request(Method::GET, url);
        let answer = self.http.download(request, into).await?;
        if answer.is_success() {
            return Ok(());
        }
        Err(match answer.status {
            404 | 410 => ProviderError::Rejected {
                reason: "Telegram no longer keeps this file".to_owned(),
                permanent: true,
            },
            _ => answer.failure(Effect::Read, "", self.clock.now()),
        })
    }
}

fn retry(answer: &Answer, now: crate::model::Timestamp) -> ProviderError {
    ProviderError::RateLimited {
        retry_after: answer
            .header("retry-after")
            .and_then(|value| crate::providers::http::retry_after(value, now)),
    }
}
