//! The task of one account: catch up, then wait for news, and push the agents' changes back.

use super::backoff::Backoff;
use super::bulletin::Bulletin;
use super::{EngineEvent, PullNow, condition};
use crate::model::{AccountId, AccountState, Batch, Clock, Cursor, Timestamp, event::Event};
use crate::providers::{Provider, ProviderError};
use crate::store::{ReadyBatch, Store, StoreError};
use futures::StreamExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc};
use tokio::time::Instant;

/// Changes pushed back between two looks at the feed.
const PUSH_AT_ONCE: u32 = 64;

/// A stream that ends so soon after a pull ended by it.
const JUST_NOW: Duration = Duration::from_secs(1);

/// Everything the task of an account needs.
pub struct AccountTask {
    /// Which account.
    pub account: AccountId,
    /// Its provider.
    pub provider: Arc<dyn Provider>,
    /// The mirror.
    pub store: Store,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// How long to wait between pulls where nothing is pushed.
    pub poll: Duration,
    /// Where news goes.
    pub events: mpsc::Sender<EngineEvent>,
}

/// Why the task's inner loop came back.
#[derive(Debug, thiserror::Error)]
enum Stop {
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AccountTask {
    /// Runs until the engine ends. Errors never end it: they are shown, and tried again after a wait.
    pub async fn run(self, nudges: &mut mpsc::Receiver<PullNow>) {
        let mut bulletin = Bulletin::new(condition::starting(
            &self.account,
            self.provider.name(),
            self.provider.capabilities().channels,
        ));
        let mut backoff = Backoff::default();
        loop {
            let Err(stop) = self.follow(&mut bulletin, &mut backoff, nudges).await;
            let error = match stop {
                Stop::Provider(error) => error,
                // The disk is full or the mirror is locked: reading goes on elsewhere, this account waits.
                Stop::Store(error) => ProviderError::Transient(format!("the mirror: {error}")),
            };
            let wait = backoff.next(&error, fastrand::f64());
            let retry_at = self.clock.now() + i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
            let was = bulletin.health.state;
            let health = &mut bulletin.health;
            condition::failed(health, &error, self.clock.now(), retry_at);
            tracing::warn!(account = %self.account, error = %health.error.clone().unwrap_or_default(), "account stopped");
            self.tell(&mut bulletin).await;
            let health = &bulletin.health;
            if health.state != was
                && matches!(health.state, AccountState::Broken | AccountState::Locked)
            {
                let says = format!(
                    "{}: {}",
                    health.error.clone().unwrap_or_default(),
                    health.remedy.clone().unwrap_or_default()
                );
                let account = self.account.clone();
                let _ = self
                    .events
                    .send(EngineEvent::Broken { account, says })
                    .await;
            }
            self.wait_out(wait, nudges).await;
        }
    }

    /// Waits, unless somebody asks for a pull: a person pressing the key knows that the network is back.
    async fn wait_out(&self, wait: Duration, nudges: &mut mpsc::Receiver<PullNow>) {
        let until = Instant::now() + wait;
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(until) => return,
                nudge = nudges.recv() => match nudge {
                    // The one who waits for an answer is told no; the next pull may still succeed.
                    Some(PullNow { done: Some(done) }) => { let _ = done.send(false); }
                    Some(PullNow { done: None }) => return,
                    None => tokio::time::sleep_until(until).await,
                },
            }
        }
    }

    /// Tells how it is, if that is new and it is time.
    async fn tell(&self, bulletin: &mut Bulletin) {
        let spent = self.provider.spent();
        condition::spent(&mut bulletin.health, &spent, self.clock.now());
        let Some(health) = bulletin.take() else {
            return;
        };
        if let Err(error) = self.store.set_health(health).await {
            tracing::warn!(account = %self.account, %error, "health not stored");
        }
    }

    /// Catches up, then follows the feed until something fails.
    async fn follow(
        &self,
        bulletin: &mut Bulletin,
        backoff: &mut Backoff,
        nudges: &mut mpsc::Receiver<PullNow>,
    ) -> Result<std::convert::Infallible, Stop> {
        let mut changes = self.store.changes();
        self.catch_up(bulletin).await?;
        backoff.reset();
        let mut stream = None;
        // Where the stream is.
        let mut at = None;
        let mut pulled = Instant::now();
        // Where nothing came and the mirror did not change, there is nothing new to push.
        let mut push = true;
        loop {
            if push {
                self.push_back().await?;
            }
            push = true;
            if stream.is_none() {
                at = self.store.cursor(&self.account).await?;
                stream = self.provider.subscribe(at.clone());
            }
            let poll = tokio::time::sleep(self.poll);
            tokio::pin!(poll);
            let waited = loop {
                let due = bulletin.due();
                let untold = async {
                    match due {
                        Some(due) => tokio::time::sleep_until(due).await,
                        None => std::future::pending().await,
                    }
                };
                let next = async {
                    match stream.as_mut() {
                        Some(stream) => stream.next().await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    item = next => break Waited::News(item),
                    () = &mut poll => break Waited::Poll,
                    Some(nudge) = nudges.recv() => break Waited::Nudge(nudge),
                    () = untold => self.tell(bulletin).await,
                    () = changed_remotely(&mut changes) => {
                        // What was sent meanwhile was counted there, too.
                        self.tell(bulletin).await;
                        if !self.store.remote_changes(&self.account, 1).await?.is_empty() {
                            break Waited::Changes;
                        }
                    }
                }
            };
            match waited {
                Waited::News(Some(Ok(batch)))
                    if batch.events.is_empty() && batch.cursor.is_none() =>
                {
                    self.catch_up(bulletin).await?;
                }
                Waited::News(Some(Ok(batch))) => {
                    let since = at.clone();
                    at = batch.cursor.clone().or(at);
                    let piece = self.piece(batch, since).await?;
                    let more = piece.more;
                    push = more || !piece.ready.is_empty();
                    self.take(piece, bulletin, false).await?;
                    if more {
                        self.catch_up(bulletin).await?;
                    }
                }
                Waited::News(Some(Err(error))) => return Err(error.into()),
                // Where one may read at a time, a pull ended it, and there is nothing to catch up with.
                Waited::News(None) => {
                    stream = None;
                    if pulled.elapsed() > JUST_NOW {
                        self.catch_up(bulletin).await?;
                    }
                }
                Waited::Poll => {
                    self.catch_up(bulletin).await?;
                    pulled = Instant::now();
                }
                Waited::Changes => {}
                Waited::Nudge(nudge) => {
                    let result = self.catch_up(bulletin).await;
                    pulled = Instant::now();
                    if let Some(done) = nudge.done {
                        let _ = done.send(result.is_ok());
                    }
                    result?;
                }
            }
        }
    }

    /// Pulls until there is no more.
    async fn catch_up(&self, bulletin: &mut Bulletin) -> Result<(), Stop> {
        // A first read has no cursor yet: what it brings is backlog, not news.
        let mut cursor = self.store.cursor(&self.account).await?;
        let first = cursor.is_none();
        let mut piece = self.read(cursor.clone()).await?;
        loop {
            let backlog = first || bulletin.health.behind > 0;
            if !piece.more {
                return self.take(piece, bulletin, backlog).await;
            }
            if !self.provider.reads_ahead() {
                self.take(piece, bulletin, backlog).await?;
                cursor = self.store.cursor(&self.account).await?;
                piece = self.read(cursor.clone()).await?;
                continue;
            }
            // The next piece is read while this one is written. Should that fail, nobody hears of the next one.
            cursor = piece.cursor.clone().or(cursor);
            let next = self.read(cursor.clone());
            let (taken, next) = tokio::join!(self.take(piece, bulletin, backlog), next);
            taken?;
            piece = next?;
        }
    }

    /// Reads on and makes what came ready.
    async fn read(&self, since: Option<Cursor>) -> Result<Piece, Stop> {
        let batch = self.provider.pull(since.clone()).await?;
        self.piece(batch, since).await
    }

    async fn piece(&self, mut batch: Batch, since: Option<Cursor>) -> Result<Piece, Stop> {
        // What brings nothing writes nothing.
        if batch.cursor == since {
            batch.cursor = None;
        }
        let newest = batch
            .events
            .iter()
            .filter_map(|event| match event {
                Event::Message(message) => Some(message.received_at),
                _ => None,
            })
            .max();
        Ok(Piece {
            cursor: batch.cursor.clone(),
            more: batch.more,
            behind: batch.behind,
            newest,
            ready: self.store.make_ready(batch).await?,
        })
    }

    /// Stores a piece, then says what came.
    async fn take(&self, piece: Piece, bulletin: &mut Bulletin, backlog: bool) -> Result<(), Stop> {
        let ready = if piece.more && self.provider.reads_ahead() {
            piece.ready.told_again()
        } else {
            piece.ready
        };
        let arrivals = if ready.is_empty() {
            Vec::new()
        } else {
            self.store
                .ingest_ready(&self.account, ready)
                .await?
                .arrivals
        };
        let now = self.clock.now();
        let health = &mut bulletin.health;
        condition::worked(health, now, piece.behind, piece.more);
        match piece.newest {
            // What a backlog brings says nothing of how late news is.
            Some(_) if backlog => health.last_event = Some(now),
            Some(at) => condition::came(health, at, now),
            None => {}
        }
        self.tell(bulletin).await;
        if !arrivals.is_empty() {
            let account = self.account.clone();
            let event = EngineEvent::Arrivals {
                account,
                arrivals,
                backlog,
            };
            let _ = self.events.send(event).await;
        }
        Ok(())
    }

    /// Tells the provider what agents changed. What it refuses for good is noted and left.
    async fn push_back(&self) -> Result<(), Stop> {
        loop {
            let changes = self
                .store
                .remote_changes(&self.account, PUSH_AT_ONCE)
                .await?;
            if changes.is_empty() {
                return Ok(());
            }
            for (id, change) in changes {
                let failed = match self.provider.push(&change).await {
                    Ok(()) => None,
                    Err(
                        error @ (ProviderError::Rejected { .. } | ProviderError::Unsupported(_)),
                    ) => Some(error.to_string()),
                    Err(error) => return Err(error.into()),
                };
                self.store.remote_change_done(id, failed).await?;
            }
        }
    }
}

/// What one pull brought, ready to be stored.
struct Piece {
    ready: ReadyBatch,
    cursor: Option<Cursor>,
    more: bool,
    behind: u64,
    /// When the newest of its messages came.
    newest: Option<Timestamp>,
}

enum Waited {
    News(Option<Result<Batch, ProviderError>>),
    Poll,
    Changes,
    Nudge(PullNow),
}

/// Resolves when the mirror has changed in a way that may have queued something for the provider.
async fn changed_remotely(changes: &mut broadcast::Receiver<crate::store::Change>) {
    loop {
        match changes.recv().await {
            Ok(change) if change.lists || change.foreign => return,
            Ok(_) => {}
            // Too many to be told one by one: surely something changed.
            Err(broadcast::error::RecvError::Lagged(_)) => return,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
#[path = "account_tests.rs"]
mod tests;
