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
/// While requests come in, the mirror is left to them for so many times as long as reading took.
const REST: u32 = 3;
/// The longest such rest.
const LONGEST_REST: Duration = Duration::from_millis(100);
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
            let began = Instant::now();
            match self.some().await {
                Ok(0) if !open => return,
                Ok(0) => open = fresh.changed().await.is_ok(),
                Ok(_) if fresh.has_changed().unwrap_or(false) => {
                    tokio::time::sleep((began.elapsed() * REST).min(LONGEST_REST)).await;
                }
                Ok(_) => {}
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
        let (mut ids, mut events) = (Vec::new(), Vec::new());
        for one in &waiting {
            if let Some(heard) = self.read(one).await? {
                ids.push(one.id);
                events.extend(heard.events);
            }
        }
        if !ids.is_empty() {
            let together = self.store.take_requests(&self.account, ids, events).await;
            match together {
                Ok(ingested) => self.tell(ingested.arrivals).await,
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
        let taken = self
            .store
            .take_requests(&self.account, vec![one.id], heard.events)
            .await;
        match taken {
            Ok(ingested) => self.tell(ingested.arrivals).await,
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
