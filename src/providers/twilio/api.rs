//! Calls: each with the login, and with refusals in words that say what to do.

use super::codes;
use super::settings::TwilioSettings;
use super::wire::{number, text};
use crate::model::{Clock, Timestamp};
use crate::providers::http::{Answer, BaseUrl, Effect, Http, JSON_LIMIT};
use crate::providers::lenient::from_slice;
use crate::providers::{FileSink, ProviderError, Result, Spent};
use crate::secrets::{ExposeSecret, SecretString};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio::time::Instant;
use url::Url;

/// Hops of a file's address to where it is.
const HOPS: usize = 4;
/// A file may not be there in the moment in which its message is told.
const NOT_YET: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];

/// A client for one login.
pub(super) struct Api {
    pub(super) base: BaseUrl,
    pub(super) content: BaseUrl,
    http: Http,
    settings: TwilioSettings,
    login: OnceCell<(String, SecretString)>,
    load: Mutex<Load>,
    clock: Arc<dyn Clock>,
}

/// How busy the account is, as Twilio told it last.
#[derive(Debug, Default)]
struct Load {
    /// Requests of the account that ran at the same time.
    at_once: Option<u64>,
    /// Too many: none is asked before.
    closed: Option<Instant>,
}

/// A refusal as one too many, without a word on how long.
const PENALTY: Duration = Duration::from_secs(1);

/// Why a call failed, with Twilio's code for it; 0 for none.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: ProviderError,
    pub(super) code: i64,
    pub(super) status: u16,
}

impl From<ProviderError> for Failure {
    fn from(error: ProviderError) -> Self {
        Self {
            error,
            code: 0,
            status: 0,
        }
    }
}

impl From<Failure> for ProviderError {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

impl Api {
    /// Nothing is connected before it is used.
    pub(super) fn new(settings: &TwilioSettings, clock: Arc<dyn Clock>) -> Result<Self> {
        let wrong =
            |error: crate::providers::http::BaseUrlError| ProviderError::Bug(error.to_string());
        let base = settings.base().map_err(wrong)?;
        Ok(Self {
            http: Http::new(&base)?,
            content: settings.content().map_err(wrong)?,
            base,
            settings: settings.clone(),
            login: OnceCell::new(),
            load: Mutex::default(),
            clock,
        })
    }

    /// A resource of the account.
    pub(super) fn of_account<'a>(&'a self, parts: impl IntoIterator<Item = &'a str>) -> Url {
        let account = ["2010-04-01", "Accounts", self.settings.account_sid.trim()];
        self.base.at(account.into_iter().chain(parts))
    }

    /// A page that Twilio named, which must be where we asked.
    pub(super) fn next(&self, next: &str) -> Result<Url> {
        self.base.join_same_host(next).ok_or_else(|| {
            ProviderError::Transient("Twilio named a next page at another server".to_owned())
        })
    }

    async fn login(&self) -> Result<&(String, SecretString)> {
        let make = async || {
            let (user, secret) = match (&self.settings.api_key_sid, &self.settings.api_secret) {
                (Some(key), Some(secret)) => (key, secret),
                (None, None) => match &self.settings.auth_token {
                    Some(token) => (&self.settings.account_sid, token),
                    None => {
                        return Err(ProviderError::Auth(
                            "there is no login; set auth_token, or api_key_sid and api_secret"
                                .to_owned(),
                        ));
                    }
                },
                _ => {
                    return Err(ProviderError::Auth(
                        "api_key_sid and api_secret go together; set both or none".to_owned(),
                    ));
                }
            };
            let secret = secret.resolve().await.map_err(ProviderError::from)?;
            Ok((user.trim().to_owned(), secret))
        };
        self.login.get_or_try_init(make).await
    }

    fn note(&self, answer: &Answer, error: Option<&ProviderError>) {
        let mut load = self.load.lock().unwrap_or_else(PoisonError::into_inner);
        let told = answer.header("twilio-concurrent-requests");
        if let Some(at_once) = told.and_then(|told| told.trim().parse().ok()) {
            load.at_once = Some(at_once);
        }
        if let Some(ProviderError::RateLimited { retry_after }) = error {
            load.closed = Some(Instant::now() + retry_after.unwrap_or(PENALTY));
        }
    }

    /// The requests that ran at the same time; Twilio does not tell how many may.
    pub(super) fn spent(&self) -> Vec<Spent> {
        let load = self.load.lock().unwrap_or_else(PoisonError::into_inner);
        let closed = load
            .closed
            .map(|closed| closed.saturating_duration_since(Instant::now()));
        let closed = closed.filter(|wait| !wait.is_zero());
        if load.at_once.is_none() && closed.is_none() {
            return Vec::new();
        }
        vec![Spent {
            group: "at once".to_owned(),
            used: load.at_once.unwrap_or(0),
            limit: 0,
            resets_in: None,
            paused_for: closed,
        }]
    }

    /// Reads a resource.
    pub(super) async fn get(&self, url: Url) -> std::result::Result<Value, Failure> {
        let request = self.http.request(Method::GET, url);
        self.json(request, Effect::Read).await
    }

    /// Writes one by a form.
    pub(super) async fn post(
        &self,
        url: Url,
        form: &[(&str, String)],
    ) -> std::result::Result<Value, Failure> {
        let request = self.http.request(Method::POST, url).form(form);
        self.json(request, Effect::Write).await
    }

    async fn json(
        &self,
        request: RequestBuilder,
        effect: Effect,
    ) -> std::result::Result<Value, Failure> {
        let (user, secret) = self.login().await?;
        let request = request.basic_auth(user, Some(secret.expose_secret()));
        let answer = self.http.exchange(request, effect, JSON_LIMIT).await?;
        let refused = (!answer.is_success()).then(|| refusal(&answer, effect, self.clock.now()));
        self.note(&answer, refused.as_ref().map(|failure| &failure.error));
        if let Some(failure) = refused {
            return Err(failure);
        }
        from_slice(&answer.body).map_err(|_| {
            let says = format!("an answer of {} bytes is no JSON", answer.body.len());
            match effect {
                // A yes that cannot be read leaves open what happened.
                Effect::Write => ProviderError::Ambiguous(says).into(),
                Effect::Read => ProviderError::Transient(says).into(),
            }
        })
    }

    /// The bytes of a file; `parts` lead to it below the account. Where Twilio sends us to another server, the login
    /// stays here.
    pub(super) async fn download(&self, parts: &[&str], into: &mut dyn FileSink) -> Result<()> {
        let mut tries = NOT_YET.iter();
        loop {
            match self.download_once(parts, into).await {
                Err(failure) if failure.status == 404 => match tries.next() {
                    Some(wait) => tokio::time::sleep(*wait).await,
                    None => return Err(refused("Twilio no longer keeps this file")),
                },
                done => return done.map_err(ProviderError::from),
            }
        }
    }

    async fn download_once(
        &self,
        parts: &[&str],
        into: &mut dyn FileSink,
    ) -> std::result::Result<(), Failure> {
        let (user, secret) = self.login().await?;
        let mut url = self.of_account(parts.iter().copied());
        for hop in 0..HOPS {
            let mut request = self.http.request(Method::GET, url.clone());
            if hop == 0 {
                request = request.basic_auth(user, Some(secret.expose_secret()));
            }
            let answer = self.http.download(request, into).await?;
            if answer.is_success() {
                return Ok(());
            }
            if !(300..400).contains(&answer.status) {
                return Err(refusal(&answer, Effect::Read, self.clock.now()));
            }
            let to = answer.header("location").and_then(|to| url.join(to).ok());
            url = to.filter(|to| self.keeps_files(to)).ok_or_else(|| {
                refused("Twilio sends us to a server that keeps none of its files")
            })?;
        }
        Err(refused("Twilio sends us from server to server for this file").into())
    }

    /// Whether Twilio keeps files at that server, so that nobody makes us ask one inside our network.
    fn keeps_files(&self, url: &Url) -> bool {
        let ours = self.base.join_same_host(url.as_str()).is_some();
        let theirs = url.scheme() == "https"
            && url.port().is_none()
            && url.host_str().is_some_and(|host| {
                [".twiliocdn.com", ".twilio.com", ".amazonaws.com"]
                    .iter()
                    .any(|end| host.ends_with(end))
            });
        ours || theirs
    }
}

fn refusal(answer: &Answer, effect: Effect, now: Timestamp) -> Failure {
    let said = from_slice(&answer.body).unwrap_or(Value::Null);
    let code = number(&said, "code").unwrap_or(0);
    let theirs = text(&said, "message")
        .or_else(|| text(&said, "detail"))
        .or_else(|| text(&said, "title"))
        .unwrap_or_default();
    // Their words may repeat what a customer wrote; ours do not.
    let words = match (codes::words(code), code) {
        (Some(words), _) => format!("{words} ({code})"),
        (None, 0) => String::new(),
        (None, _) => format!("{} ({code})", bounded(theirs)),
    };
    let error = match answer.status {
        401 | 403 if matches!(code, 0 | 20003 | 20005 | 20006) => ProviderError::Auth(format!(
            "{} (status {})",
            codes::words(20003).unwrap_or_default(),
            answer.status
        )),
        400..=499 if codes::later(code) => ProviderError::RateLimited {
            retry_after: match answer.failure(effect, &words, now) {
                ProviderError::RateLimited { retry_after } => retry_after,
                _ => None,
            },
        },
        300..=399 => refused("Twilio sends us to another server; check base_url"),
        _ => answer.failure(effect, &words, now),
    };
    Failure {
        error,
        code,
        status: answer.status,
    }
}

fn bounded(words: &str) -> String {
    words.chars().take(200).collect()
}

/// Nothing happened there, and will not.
pub(super) fn refused(reason: &str) -> ProviderError {
    ProviderError::Rejected {
        reason: reason.to_owned(),
        permanent: true,
    }
}
