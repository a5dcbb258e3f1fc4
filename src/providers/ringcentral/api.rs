//! Calls: each with a token, in its rate group's turn, and with refusals in words that say what to do.

use super::auth::Tokens;
use super::rates::{Group, Rates, Told};
use super::settings::RingcentralSettings;
use super::wire::{list, text};
use crate::model::{Clock, Timestamp};
use crate::providers::http::{Answer, BaseUrl, Effect, Http, JSON_LIMIT, retry_after};
use crate::providers::lenient::from_slice;
use crate::providers::{FileSink, ProviderError, Result};
use crate::secrets::ExposeSecret;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// How long a read waits for its group's turn.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// A client for one login.
pub(super) struct Api {
    pub(super) base: BaseUrl,
    media: BaseUrl,
    pub(super) http: Http,
    tokens: Tokens,
    pub(super) rates: Rates,
    clock: Arc<dyn Clock>,
}

/// Why a call failed, with RingCentral's code for it.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: ProviderError,
    pub(super) code: String,
}

impl From<ProviderError> for Failure {
    fn from(error: ProviderError) -> Self {
        Self {
            error,
            code: String::new(),
        }
    }
}

impl From<Failure> for ProviderError {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

/// What is asked, apart from the request itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    pub(super) group: Group,
    pub(super) effect: Effect,
    /// How long to wait for a turn.
    pub(super) patience: Duration,
}

impl Manner {
    pub(super) const fn read(group: Group) -> Self {
        Self {
            group,
            effect: Effect::Read,
            patience: PATIENCE,
        }
    }
}

impl Api {
    /// Nothing is connected before it is used.
    pub(super) fn new(settings: &RingcentralSettings, clock: Arc<dyn Clock>) -> Result<Self> {
        let wrong =
            |error: crate::providers::http::BaseUrlError| ProviderError::Bug(error.to_string());
        let base = settings.base().map_err(wrong)?;
        Ok(Self {
            http: Http::new(&base)?,
            media: settings.media().map_err(wrong)?,
            base,
            tokens: Tokens::new(settings, clock.clone()),
            rates: Rates::new(),
            clock,
        })
    }

    /// A resource of the own extension.
    pub(super) fn own<'a>(&self, parts: impl IntoIterator<Item = &'a str>) -> Url {
        let extension = ["restapi", "v1.0", "account", "~", "extension", "~"];
        self.base.at(extension.into_iter().chain(parts))
    }

    /// A resource of the account.
    pub(super) fn account<'a>(&self, parts: impl IntoIterator<Item = &'a str>) -> Url {
        let account = ["restapi", "v1.0", "account", "~"];
        self.base.at(account.into_iter().chain(parts))
    }

    /// Reads a resource.
    pub(super) async fn get(
        &self,
        group: Group,
        url: Url,
        query: &[(&str, String)],
    ) -> std::result::Result<Value, Failure> {
        let mut url = url;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let make = |http: &Http| Ok(http.request(Method::GET, url.clone()));
        self.json(Manner::read(group), make).await
    }

    /// Calls, and reads the answer as JSON.
    pub(super) async fn json(
        &self,
        manner: Manner,
        make: impl Fn(&Http) -> Result<RequestBuilder>,
    ) -> std::result::Result<Value, Failure> {
        let answer = self.call(manner, JSON_LIMIT, make).await?;
        from_slice(&answer.body).map_err(|_| {
            let says = format!("an answer of {} bytes is no JSON", answer.body.len());
            match manner.effect {
                // A yes that cannot be read leaves open what happened.
                Effect::Write => ProviderError::Ambiguous(says).into(),
                Effect::Read => ProviderError::Transient(says).into(),
            }
        })
    }

    /// Calls; a token that is refused is replaced once, since nothing was done with it.
    pub(super) async fn call(
        &self,
        manner: Manner,
        limit: usize,
        make: impl Fn(&Http) -> Result<RequestBuilder>,
    ) -> std::result::Result<Answer, Failure> {
        self.call_into(manner, limit, None, make).await
    }

    /// The same; the body of a success goes to `into` as it comes, where there is one.
    async fn call_into(
        &self,
        manner: Manner,
        limit: usize,
        mut into: Option<&mut dyn FileSink>,
        make: impl Fn(&Http) -> Result<RequestBuilder>,
    ) -> std::result::Result<Answer, Failure> {
        let mut refused = None;
        loop {
            let access = self
                .tokens
                .access(&self.http, &self.base, &self.rates, refused)
                .await?;
            self.rates.turn(manner.group, manner.patience).await?;
            let request = make(&self.http)?.bearer_auth(access.token.expose_secret());
            let answer = match &mut into {
                Some(into) => self.http.download(request, &mut **into).await?,
                None => self.http.exchange(request, manner.effect, limit).await?,
            };
            self.rates.told(manner.group, told(&answer));
            if answer.is_success() {
                return Ok(answer);
            }
            if answer.status == 401 && refused.is_none() {
                refused = Some(access.serial);
                continue;
            }
            return Err(self.refusal(&answer, manner));
        }
    }

    fn refusal(&self, answer: &Answer, manner: Manner) -> Failure {
        let said = from_slice(&answer.body).unwrap_or(Value::Null);
        let first = list(&said, "errors").first().unwrap_or(&Value::Null);
        let code = text(&said, "errorCode")
            .or_else(|| text(first, "errorCode"))
            .unwrap_or_default();
        let words = text(&said, "message")
            .or_else(|| text(first, "message"))
            .unwrap_or_default();
        let too_many = matches!(
            code,
            "CMN-301" | "CMN-302" | "CMN-303" | "CMN-304" | "MSG-305"
        );
        let error = if answer.status == 429 || too_many {
            let asked = answer.header("retry-after");
            let wait = asked.and_then(|value| retry_after(value, self.clock.now()));
            let named = answer.header("x-rate-limit-group");
            ProviderError::RateLimited {
                retry_after: Some(self.rates.refused(manner.group, named, wait)),
            }
        } else {
            explained(answer, code, words, manner.effect, self.clock.now())
        };
        Failure {
            error,
            code: code.to_owned(),
        }
    }

    /// The bytes of an attachment or recording; `key` is what its listing was given.
    pub(super) async fn download(&self, key: &str, into: &mut dyn FileSink) -> Result<()> {
        let parts: Vec<&str> = key.split('/').collect();
        let account = ["restapi", "v1.0", "account", "~"];
        let (url, group) = match parts.as_slice() {
            ["message", message, attachment] => {
                let below = [
                    "extension",
                    "~",
                    "message-store",
                    message,
                    "content",
                    attachment,
                ];
                (
                    self.media.at(account.into_iter().chain(below)),
                    Group::Medium,
                )
            }
            ["recording", recording] => {
                let below = ["recording", recording, "content"];
                (
                    self.media.at(account.into_iter().chain(below)),
                    Group::Heavy,
                )
            }
            _ => return Err(refused("this file is of another provider")),
        };
        let make = |http: &Http| Ok(http.request(Method::GET, url.clone()));
        let answer = self
            .call_into(Manner::read(group), JSON_LIMIT, Some(into), make)
            .await;
        match answer {
            Ok(_) => Ok(()),
            Err(Failure {
                error: ProviderError::Rejected { .. },
                code,
            }) if code == "CMN-102" || code.is_empty() => {
                Err(refused("RingCentral no longer keeps this file"))
            }
            Err(failure) => Err(failure.error),
        }
    }
}

fn told(answer: &Answer) -> Told<'_> {
    Told {
        group: answer.header("x-rate-limit-group"),
        limit: answer
            .header("x-rate-limit-limit")
            .and_then(|value| value.trim().parse().ok()),
        remaining: answer
            .header("x-rate-limit-remaining")
            .and_then(|value| value.trim().parse().ok()),
        window: answer
            .header("x-rate-limit-window")
            .and_then(|value| value.trim().parse().ok()),
    }
}

fn explained(
    answer: &Answer,
    code: &str,
    words: &str,
    effect: Effect,
    now: Timestamp,
) -> ProviderError {
    let said = match (words, code) {
        ("", "") => String::new(),
        (words, "") => words.to_owned(),
        ("", code) => code.to_owned(),
        (words, code) => format!("{words} ({code})"),
    };
    match (answer.status, code) {
        (401, _) => ProviderError::Auth(
            "RingCentral refuses a token that it just gave; the app or the user may have been disabled"
                .to_owned(),
        ),
        (403, _) | (_, "CMN-401" | "CMN-408") => refused(&format!(
            "{said}: the app or the extension lacks a permission; add it on the app's page at developers.ringcentral.com, then make the JWT anew"
        )),
        (300..=399, _) => refused("RingCentral sends us to another server; check base_url"),
        _ => answer.failure(effect, &said, now),
    }
}

/// Nothing happened there, and will not.
pub(super) fn refused(reason: &str) -> ProviderError {
    ProviderError::Rejected {
        reason: reason.to_owned(),
        permanent: true,
    }
}
