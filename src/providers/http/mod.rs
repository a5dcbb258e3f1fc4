//! HTTP as every provider over HTTP needs it: one client with limits, and answers that say what surely happened.
//!
//! No redirect is followed (a token must not travel to another host), no body is read past its limit, no URL gets into
//! an error (some vendors put tokens into paths), and a request that may have had an effect is never repeated here.

mod answer;
mod base;
mod pace;
mod retry_after;

pub use answer::Answer;
pub use base::{BaseUrl, BaseUrlError};
pub use pace::Pace;
pub use retry_after::retry_after;

use super::trust;
use super::{FileSink, ProviderError, Result};
use bytes::{Bytes, BytesMut};
use reqwest::{Client, Method, RequestBuilder, redirect};
use std::time::Duration;

/// What it means when a request's answer is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing changes there: it may be asked again.
    Read,
    /// Something may have happened there: [`ProviderError::Ambiguous`].
    Write,
}

/// Bytes of an answer in JSON: far above any page that a vendor sends.
pub const JSON_LIMIT: usize = 32 << 20;

/// Bytes of a media file.
pub const MEDIA_LIMIT: usize = 100 << 20;

const CONNECT: Duration = Duration::from_secs(10);
/// Between two reads of an answer.
const SILENCE: Duration = Duration::from_secs(30);
const WHOLE: Duration = Duration::from_mins(2);

/// A client for one account.
#[derive(Debug, Clone)]
pub struct Http {
    client: Client,
}

impl Http {
    /// A client for requests to `base`. Proxies of the environment are used, except for hosts on this machine.
    pub fn new(base: &BaseUrl) -> Result<Self> {
        Self::with_silence(base, SILENCE)
    }

    /// Like [`Http::new`], for long polls: so much silence is no failure.
    pub fn with_silence(base: &BaseUrl, silence: Duration) -> Result<Self> {
        let tls = trust::client_config(None).map_err(|e| ProviderError::Bug(e.to_string()))?;
        let mut builder = Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(concat!("frontdesk/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
            .read_timeout(silence)
            .timeout(WHOLE.max(silence * 2));
        if base.is_loopback() {
            builder = builder.no_proxy();
        }
        let client = builder
            .build()
            .map_err(|error| ProviderError::Bug(format!("no HTTP client: {error}")))?;
        Ok(Self { client })
    }

    /// Begins a request.
    pub fn request(&self, method: Method, url: url::Url) -> RequestBuilder {
        self.client.request(method, url)
    }

    /// Sends it and reads the whole answer, up to `limit` bytes. Any status is an answer; see [`Answer::failure`].
    pub async fn exchange(
        &self,
        request: RequestBuilder,
        effect: Effect,
        limit: usize,
    ) -> Result<Answer> {
        self.answered(request, effect, limit, None).await
    }

    /// Sends it and gives the body of a success on as it comes, up to [`MEDIA_LIMIT`] bytes: such an answer has none
    /// itself. Any other is read whole, as [`Http::exchange`] does.
    pub async fn download(
        &self,
        request: RequestBuilder,
        into: &mut dyn FileSink,
    ) -> Result<Answer> {
        self.answered(request, Effect::Read, JSON_LIMIT, Some(into))
            .await
    }

    async fn answered(
        &self,
        request: RequestBuilder,
        effect: Effect,
        limit: usize,
        into: Option<&mut dyn FileSink>,
    ) -> Result<Answer> {
        let mut response = request
            .send()
            .await
            .map_err(|error| not_answered(error, effect))?;
        let success = response.status().is_success();
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let mut body = BytesMut::new();
        let mut into = into.filter(|_| success);
        let limit = if into.is_some() { MEDIA_LIMIT } else { limit };
        let mut size = 0;
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if size + chunk.len() > limit => {
                    return Err(broken_off(
                        effect,
                        status,
                        format!("the answer is larger than {limit} bytes"),
                    ));
                }
                Ok(Some(chunk)) => {
                    size += chunk.len();
                    match &mut into {
                        Some(into) => into.take(&chunk)?,
                        None => body.extend_from_slice(&chunk),
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    let words = error.without_url().to_string();
                    return Err(broken_off(effect, status, words));
                }
            }
        }
        Ok(Answer {
            status,
            headers,
            body: Bytes::from(body),
        })
    }
}

/// An answer that began and did not end. A refusal is one even when its words are missing.
fn broken_off(effect: Effect, status: u16, words: String) -> ProviderError {
    match (effect, status) {
        (Effect::Write, 400..=499) => ProviderError::Rejected {
            reason: format!("status {status}; {words}"),
            permanent: true,
        },
        (Effect::Write, _) => ProviderError::Ambiguous(words),
        (Effect::Read, _) => ProviderError::Transient(words),
    }
}

fn not_answered(error: reqwest::Error, effect: Effect) -> ProviderError {
    let error = error.without_url();
    let words = innermost(&error);
    if error.is_builder() {
        ProviderError::Bug(words)
    } else if error.is_connect() || effect == Effect::Read {
        ProviderError::Transient(words)
    } else {
        ProviderError::Ambiguous(words)
    }
}

/// The words at the end of the chain of causes: the ones that say what is wrong.
fn innermost(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests;
