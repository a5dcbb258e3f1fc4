//! An answer, read whole.

use super::retry_after;
use crate::model::Timestamp;
use crate::providers::{ProviderError, Result};
use bytes::Bytes;
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, at most as long as allowed.
    pub body: Bytes,
}

impl Answer {
    /// 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header's value, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as this type. An answer outside the protocol is [`ProviderError::Bug`] with the place, never the text:
    /// it may hold what a customer wrote.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        crate::providers::lenient::from_slice(&self.body).map_err(|error| {
            ProviderError::Bug(format!(
                "an answer of {} bytes is not as described, at line {} column {}: {}",
                self.body.len(),
                error.line(),
                error.column(),
                match error.classify() {
                    serde_json::error::Category::Data => "a value of another kind was expected",
                    _ => "it is no JSON",
                }
            ))
        })
    }

    /// The failure that a status stands for at most vendors, for answers that are no success; `words` are the vendor's.
    /// 401 is a login that a person must mend; 408 and 5xx leave open whether a write happened.
    pub fn failure(&self, effect: super::Effect, words: &str, now: Timestamp) -> ProviderError {
        let says = if words.is_empty() {
            format!("status {}", self.status)
        } else {
            format!("{words} (status {})", self.status)
        };
        match self.status {
            401 => ProviderError::Auth(says),
            429 => ProviderError::RateLimited {
                retry_after: self
                    .header("retry-after")
                    .and_then(|value| retry_after(value, now)),
            },
            408 | 500..=599 => match effect {
                super::Effect::Read => ProviderError::Transient(says),
                super::Effect::Write => ProviderError::Ambiguous(says),
            },
            _ => ProviderError::Rejected {
                reason: says,
                permanent: (400..500).contains(&self.status),
            },
        }
    }
}
