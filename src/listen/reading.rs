//! Reads what was stored: the facts of requests go into the mirror in the order in which the requests came.
//!
//! A vendor does not wait for this, so a burst is answered as fast as it can be put on disk and read right after. What
//! is not read when the process ends is read at the next start.

use super::News;
use super::count::Counts;
use crate::model::AccountId;
use crate::providers::{Heard, Provider, RawRequest, WebhookError};
use crate::store::{Arrival, HeardRequest, Store, StoreError, Waiting};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// Requests read in one transaction.
const TOGETHER: u32 = 64;
/// So many requests a second are a burst. What comes more slowly is read as it comes.
const BURST: f64 = 2_000.0;
/// In a burst the mirror is left to what comes in for so many times as long as reading took.
const REST: u32 = 10;
/// The longest such rest.
const LONGEST_REST: Duration = Duration::from_millis(500);
/// Before a mirror that cannot be written is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// One account's reader.
pub(super) struct Reading {
    pub account: AccountId,
    pub provider: Arc<dyn Provider>,
    pub store: Store,
    pub counts: Arc<Counts>,
    pub news: Option<mpsc::Sender<News>>,
}

impl Reading {
    /// Reads until nobody can bring more and nothing waits.
    pub async fn run(self, mut fresh: watch::Receiver<()>) {
        let mut open = true;
        loop {
            fresh.mark_unchanged();
            let (began, taken) = (Instant::now(), self.counts.taken());
            match self.some().await {
                Ok(0) if !open => return,
                Ok(0) => open = fresh.changed().await.is_ok(),
                Ok(_) => {
                    let rest = rest(began.elapsed(), self.counts.taken() - taken);
                    if !rest.is_zero() {
                        tokio::time::sleep(rest).await;
                    }
                }
                Err(error) => {
                    tracing::error!(account = %self.account, %error, "requests wait to be read");
                    if !open {
                        return;
                    }
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    /// Reads the oldest that wait; how many there were.
    async fn some(&self) -> Result<usize, StoreError> {
        let waiting = self.store.waiting_requests(&self.account, TOGETHER).await?;
        let (mut ids, mut events, mut facts) = (Vec::new(), Vec::new(), 0);
        for one in &waiting {
            if let Some(heard) = self.read(one).await? {
                ids.push(one.id);
                facts += later(one, &heard);
                events.extend(heard.events);
            }
        }
        if !ids.is_empty() {
            let together = self.store.take_requests(&self.account, ids, events).await;
            match together {
                Ok(ingested) => {
                    self.counts.read(facts);
                    self.tell(ingested.arrivals).await;
                }
                Err(error) if waiting.len() == 1 => self.leave(&waiting[0], &error).await?,
                Err(error) => {
                    tracing::error!(account = %self.account, %error, "requests are read one by one");
                    for one in &waiting {
                        self.alone(one).await?;
                    }
                }
            }
        }
        self.counts.done(waiting.len() as u64);
        Ok(waiting.len())
    }

    /// One by itself, so that one whose facts cannot be stored does not stop the others.
    async fn alone(&self, one: &Waiting) -> Result<(), StoreError> {
        let Some(heard) = self.read(one).await? else {
            return Ok(());
        };
        let facts = later(one, &heard);
        let taken = self
            .store
            .take_requests(&self.account, vec![one.id], heard.events)
            .await;
        match taken {
            Ok(ingested) => {
                self.counts.read(facts);
                self.tell(ingested.arrivals).await;
            }
            Err(error) => self.leave(one, &error).await?,
        }
        Ok(())
    }

    /// A request's facts; one that cannot be read says why and waits no more.
    async fn read(&self, one: &Waiting) -> Result<Option<Heard>, StoreError> {
        match read(self.provider.as_ref(), &one.request) {
            Ok(heard) => Ok(Some(heard)),
            Err(error) => {
                let account = &self.account;
                self.store
                    .leave_request(account, one.id, error.to_string())
                    .await?;
                if one.request.events.is_none() {
                    Counts::add(&self.counts.unreadable);
                }
                Ok(None)
            }
        }
    }

    /// Facts that the mirror does not take stay as they came; a mirror that takes nothing now is tried again.
    async fn leave(&self, one: &Waiting, error: &StoreError) -> Result<(), StoreError> {
        if error.passes() {
            return Err(error.clone());
        }
        tracing::error!(account = %self.account, %error, "a request's facts are not stored");
        let why = format!("its facts could not be stored ({error}); this is how it came");
        self.store.leave_request(&self.account, one.id, why).await
    }

    async fn tell(&self, arrivals: Vec<Arrival>) {
        if let (Some(news), false) = (&self.news, arrivals.is_empty()) {
            let account = self.account.clone();
            let _ = news.send(News { account, arrivals }).await;
        }
    }
}

/// How long the mirror is left alone after reading took so long and so many requests came meanwhile.
fn rest(took: Duration, came: u64) -> Duration {
    if came as f64 > BURST * took.as_secs_f64() {
        (took * REST).min(LONGEST_REST)
    } else {
        Duration::ZERO
    }
}

/// Its facts, where they were not counted when it came.
fn later(one: &Waiting, heard: &Heard) -> u64 {
    match one.request.events {
        Some(_) => 0,
        None => heard.events.len() as u64,
    }
}

fn read(provider: &dyn Provider, kept: &HeardRequest) -> Result<Heard, WebhookError> {
    let headers: Vec<(String, String)> = kept
        .headers
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    provider.reread(&RawRequest {
        method: &kept.method,
        url: "",
        query: &kept.query,
        headers: &headers,
        body: &kept.body,
        now: kept.at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_burst_lets_reading_rest_and_never_for_long() {
        // Milliseconds of reading, requests that came meanwhile, milliseconds of rest.
        let table = [
            (10, 0, 0),
            (10, 19, 0),
            (10, 21, 100),
            (10, 300, 100),
            (1_000, 1_500, 0),
            (1_000, 20_000, 500),
        ];
        for (took, came, wanted) in table {
            let rest = rest(Duration::from_millis(took), came);
            assert_eq!(rest, Duration::from_millis(wanted), "{took} ms, {came}");
        }
    }
}
