//! News by a socket. A line that breaks is opened again and resumed where it broke; where that is not possible, a sync
//! brings what was missed. What goes wrong here costs only speed: the engine reads from time to time all the same.

use super::RingcentralProvider;
use super::news;
use super::socket::Line;
use crate::model::Batch;
use crate::providers::{ProviderError, Result};
use futures::stream::{self, BoxStream};
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::Instant;

/// One change is told in several events, which one sync answers.
const DRAIN: Duration = Duration::from_millis(300);
/// The call log has a call a little after it ended.
const CALL_LOG: Duration = Duration::from_secs(3);
/// Between two syncs because of news: fifty a minute are allowed, and others read too.
const SPACING: Duration = Duration::from_secs(2);
/// Between tries to open a line.
const WAITS: (Duration, Duration) = (Duration::from_secs(2), Duration::from_mins(1));
/// Where it is not allowed, a person must act.
const NOT_ALLOWED: Duration = Duration::from_mins(15);

struct Following<'a> {
    provider: &'a RingcentralProvider,
    line: Option<Line>,
    mark: Option<String>,
    /// When the next try may be made.
    try_at: Instant,
    wait: Duration,
    sync_at: Option<Instant>,
    /// When the call log will have what was told.
    calls_at: Option<Instant>,
    synced: Option<Instant>,
}

impl RingcentralProvider {
    /// Batches of what came whole, and empty ones that mean "sync now".
    pub(super) fn follow(&self) -> BoxStream<'_, Result<Batch>> {
        let following = Following {
            provider: self,
            line: None,
            mark: None,
            try_at: Instant::now(),
            wait: WAITS.0,
            sync_at: None,
            calls_at: None,
            synced: None,
        };
        Box::pin(stream::unfold(following, |mut following| async move {
            let batch = following.next().await;
            Some((Ok(batch), following))
        }))
    }
}

impl Following<'_> {
    async fn next(&mut self) -> Batch {
        loop {
            let Some(line) = &mut self.line else {
                if self.opened().await {
                    return Batch::default();
                }
                continue;
            };
            let due = [self.sync_at, self.calls_at].into_iter().flatten().min();
            let sync = async {
                match due {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = sync => {
                    let now = Instant::now();
                    self.sync_at = None;
                    if self.calls_at.is_some_and(|at| at <= now) {
                        self.calls_at = None;
                        self.provider.calls_due.store(true, Ordering::Relaxed);
                    }
                    self.synced = Some(now);
                    return Batch::default();
                }
                event = line.next() => match event {
                    Ok(event) => {
                        let events = self.told(&event);
                        if !events.is_empty() {
                            return Batch { events, ..Batch::default() };
                        }
                    }
                    Err(error) => self.broken(&error),
                },
            }
        }
    }

    fn told(&mut self, event: &serde_json::Value) -> Vec<crate::model::Event> {
        let provider = self.provider;
        let mut news = news::read(event, provider.ours(), provider.clock.now());
        let now = Instant::now();
        if news.call {
            self.calls_at = self.calls_at.or(Some(now + CALL_LOG));
        } else if news.pull {
            let mut at = now + DRAIN;
            if let Some(synced) = self.synced {
                at = at.max(synced + SPACING);
            }
            self.sync_at = self.sync_at.or(Some(at));
        }
        provider.own(&mut news.events);
        news.events
    }

    fn broken(&mut self, error: &ProviderError) {
        tracing::debug!(%error, "the socket ended");
        self.mark = self.line.take().and_then(|line| line.mark());
        self.try_at = Instant::now() + WAITS.0 / 4;
    }

    /// Opens a line; true where a sync must bring what nobody told.
    async fn opened(&mut self) -> bool {
        tokio::time::sleep_until(self.try_at).await;
        let Ok(api) = self.provider.api() else {
            return std::future::pending().await;
        };
        let calls = self.provider.wants_calls();
        match Line::open(api, self.mark.as_deref(), calls).await {
            Ok(line) => {
                let resumed = line.resumed;
                self.line = Some(line);
                self.wait = WAITS.0;
                !resumed
            }
            Err(error) => {
                // Perhaps it was the mark that is not taken: the next line begins anew.
                self.mark = None;
                let wait = match &error {
                    ProviderError::Auth(_)
                    | ProviderError::Locked(_)
                    | ProviderError::Rejected { .. } => NOT_ALLOWED,
                    ProviderError::RateLimited {
                        retry_after: Some(wait),
                    } => *wait,
                    _ => self.wait,
                };
                tracing::warn!(%error, seconds = wait.as_secs(), "no socket; messages are read from time to time");
                self.wait = (self.wait * 2).min(WAITS.1);
                self.try_at = Instant::now() + wait;
                false
            }
        }
    }
}
