//! Telling what was read: together, since each request counts against the same group as a send.

use super::RingcentralProvider;
use super::api::{Failure, Manner};
use super::map::MESSAGES;
use super::rates::Group;
use crate::providers::http::{Effect, Http};
use crate::providers::{ProviderError, Result};
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Messages in one request.
const TOGETHER: usize = 50;
/// Between two requests; what comes meanwhile goes with the next.
const SPACING: Duration = Duration::from_secs(2);

/// What is to be told.
#[derive(Debug, Default)]
pub(super) struct Reads {
    waiting: BTreeMap<String, bool>,
    told: Option<Instant>,
}

impl RingcentralProvider {
    fn reads(&self) -> MutexGuard<'_, Reads> {
        self.reads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells that a message was read, or not after all. Soon after another one it waits for the next read of the feed,
    /// which RingCentral's news of the first brings.
    pub(super) async fn mark_read(&self, scope: &str, key: &str, read: bool) -> Result<()> {
        let number = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
        if scope != MESSAGES || !number {
            return Ok(());
        }
        self.reads().waiting.insert(key.to_owned(), read);
        self.tell_reads().await
    }

    /// Tells what waits, if it is time.
    pub(super) async fn tell_reads(&self) -> Result<()> {
        let api = self.api()?;
        let now = Instant::now();
        let (keys, read) = {
            let mut reads = self.reads();
            let soon = reads.told.is_some_and(|told| now < told + SPACING);
            let Some(read) = reads.waiting.values().next().copied() else {
                return Ok(());
            };
            if soon || !api.rates.free(Group::Medium) {
                return Ok(());
            }
            reads.told = Some(now);
            let same = reads.waiting.iter().filter(|(_, one)| **one == read);
            let keys: Vec<String> = same.take(TOGETHER).map(|(key, _)| key.clone()).collect();
            for key in &keys {
                reads.waiting.remove(key);
            }
            (keys, read)
        };
        let url = api.own(["message-store", keys.join(",").as_str()]);
        let status = if read { "Read" } else { "Unread" };
        let make = |http: &Http| {
            let body = json!({ "readStatus": status });
            Ok(http.request(Method::PUT, url.clone()).json(&body))
        };
        // Told twice, it is read once.
        let manner = Manner {
            group: Group::Medium,
            effect: Effect::Read,
            patience: Duration::ZERO,
        };
        match api.call(manner, 4 << 20, make).await {
            Ok(_) => Ok(()),
            // One that is gone there says nothing of the others, which are told by their own.
            Err(Failure {
                error: ProviderError::Rejected { reason, permanent },
                ..
            }) => {
                if keys.len() == 1 {
                    return Err(ProviderError::Rejected { reason, permanent });
                }
                tracing::warn!(reason, count = keys.len(), "what was read is not told");
                Ok(())
            }
            Err(failure) => {
                let mut reads = self.reads();
                for key in keys {
                    reads.waiting.entry(key).or_insert(read);
                }
                drop(reads);
                match failure.error {
                    ProviderError::RateLimited { .. } => Ok(()),
                    error => Err(error),
                }
            }
        }
    }
}
