//! Takes what a provider read into the mirror: events, cursor and coverage in one transaction.
//!
//! Cleaning and files come first, away from the writer. Inside the transaction every rule is a maximum, a minimum or a
//! choice by a total order (see [`crate::sync::merge`]), and facts about messages that are not here yet wait for them:
//! the same events in another order give the same mirror.

mod after;
pub(super) mod clean;
pub(super) mod contact;
mod desk;
mod early;
pub(super) mod facts;
mod join;
pub(super) mod keep;
mod place;
mod second;

use super::error::StoreError;
use super::facts::{AccountInfo, Ingested};
use super::index::Gathered;
use super::sql::Result;
use super::writer::{How, Tx};
use super::{Store, accounts, coverage, derived, files};
use crate::model::{AccountId, Batch, ConversationId, Coverage, Cursor, Event};
use crate::sync::merge::order_key;
use clean::{Ready, ReadyMessage};
use std::collections::BTreeSet;

/// Facts above which a batch is stored in a transaction of its own.
const MUCH: usize = 20;

impl Store {
    /// Stores a batch: its events, cursor and coverage in one transaction. What was there already is not stored twice.
    ///
    /// # Errors
    /// When the account is not known or the mirror cannot be written; then nothing of the batch is stored.
    pub async fn ingest(
        &self,
        account: &AccountId,
        batch: Batch,
    ) -> std::result::Result<Ingested, StoreError> {
        self.take(account, batch, accounts::PULL).await
    }

    /// Stores a batch of a backfill: like [`Store::ingest`], with a cursor of its own.
    ///
    /// # Errors
    /// As for [`Store::ingest`].
    pub async fn ingest_backfill(
        &self,
        account: &AccountId,
        batch: Batch,
    ) -> std::result::Result<Ingested, StoreError> {
        self.take(account, batch, accounts::BACKFILL).await
    }

    /// Makes a batch fit to be kept, which needs no place in the mirror yet: its texts cleaned, its files on disk.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub async fn make_ready(&self, batch: Batch) -> std::result::Result<ReadyBatch, StoreError> {
        let Batch {
            events,
            cursor,
            coverage,
            ..
        } = batch;
        // A long poll that brought nothing wakes no thread for it.
        let ready = if events.is_empty() {
            Vec::new()
        } else {
            let dir = self.dir().to_owned();
            files::off_thread(move || clean::batch(&dir, events)).await??
        };
        Ok(ReadyBatch {
            ready,
            cursor,
            coverage,
            told_again: false,
        })
    }

    /// Stores what [`Store::make_ready`] made: [`Store::ingest`] is the one after the other.
    ///
    /// # Errors
    /// As for [`Store::ingest`].
    pub async fn ingest_ready(
        &self,
        account: &AccountId,
        batch: ReadyBatch,
    ) -> std::result::Result<Ingested, StoreError> {
        self.keep(account, batch, accounts::PULL).await
    }

    async fn take(
        &self,
        account: &AccountId,
        batch: Batch,
        cursor_name: &'static str,
    ) -> std::result::Result<Ingested, StoreError> {
        let ready = self.make_ready(batch).await?;
        self.keep(account, ready, cursor_name).await
    }

    async fn keep(
        &self,
        account: &AccountId,
        batch: ReadyBatch,
        cursor_name: &'static str,
    ) -> std::result::Result<Ingested, StoreError> {
        let ReadyBatch {
            ready,
            cursor,
            coverage,
            told_again,
        } = batch;
        let account = account.clone();
        let how = match ready.len() > MUCH {
            true if told_again => How::Later,
            true => How::Alone,
            false => How::Grouped,
        };
        let work = move |tx: &Tx<'_>| {
            let done = apply(tx, &account, ready)?;
            if cursor.is_some() {
                accounts::set_cursor(tx, &account, cursor_name, cursor.as_ref())?;
            }
            for proof in &coverage {
                coverage::prove(tx, &account, proof)?;
            }
            Ok(done)
        };
        self.write_as(how, work).await
    }
}

/// A batch that only has to be written.
pub struct ReadyBatch {
    ready: Vec<Ready>,
    cursor: Option<Cursor>,
    coverage: Vec<Coverage>,
    told_again: bool,
}

impl ReadyBatch {
    /// Whoever told this tells it again when asked from the cursor before it, so it need not be on disk at once: a
    /// large one is a second after the last of its kind. Should the power be cut before, neither it nor its cursor is
    /// there.
    #[must_use]
    pub fn told_again(mut self) -> Self {
        self.told_again = true;
        self
    }

    /// There is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.cursor.is_none() && self.coverage.is_empty()
    }
}

/// Applies cleaned facts in a transaction that others share.
pub(super) fn apply(tx: &Tx<'_>, account: &AccountId, ready: Vec<Ready>) -> Result<Ingested> {
    let mut ingest = Ingest::begin(tx, account)?;
    ingest.all(ready)?;
    ingest.end()
}

/// One batch inside its transaction.
struct Ingest<'a> {
    tx: &'a Tx<'a>,
    account: &'a AccountId,
    info: AccountInfo,
    /// Conversations whose messages changed.
    touched: BTreeSet<ConversationId>,
    /// New inbound messages: where, what, and did it begin the conversation.
    inbound: Vec<keep::NewInbound>,
    /// What is to be indexed, all at the end.
    index: Gathered,
    done: Ingested,
}

impl<'a> Ingest<'a> {
    fn begin(tx: &'a Tx<'a>, account: &'a AccountId) -> Result<Self> {
        let info = accounts::known(tx, account)?.ok_or_else(|| {
            StoreError::Damaged(format!("the account {account} is not known to the mirror"))
        })?;
        Ok(Self {
            tx,
            account,
            info,
            touched: BTreeSet::new(),
            inbound: Vec::new(),
            index: Gathered::default(),
            done: Ingested::default(),
        })
    }

    /// Applies facts in their order, but messages that follow one another by their time: parents before children.
    fn all(&mut self, ready: Vec<Ready>) -> Result<()> {
        let mut run: Vec<ReadyMessage> = Vec::new();
        for item in ready {
            match item {
                Ready::Message(message) => run.push(*message),
                Ready::Other(event) => {
                    self.messages(&mut run)?;
                    self.fact(event)?;
                }
            }
        }
        self.messages(&mut run)
    }

    fn messages(&mut self, run: &mut Vec<ReadyMessage>) -> Result<()> {
        let now = self.tx.now;
        let key = |m: &ReadyMessage| {
            let at = order_key(m.new.direction, m.new.sent_at, m.new.received_at, now);
            (at, m.new.dedupe.clone())
        };
        run.sort_by_cached_key(|message| key(message));
        for message in run.drain(..) {
            self.message(message)?;
        }
        Ok(())
    }

    fn fact(&mut self, event: Event) -> Result<()> {
        facts::apply(self, event)
    }

    /// Brings the conversations up to date and says what came.
    fn end(mut self) -> Result<Ingested> {
        for id in std::mem::take(&mut self.touched) {
            if let Some(moved) = derived::refresh(self.tx, id)? {
                keep::come_back(&self, id, moved)?;
            }
        }
        desk::route(&self)?;
        self.done.arrivals = keep::arrivals(&self)?;
        self.index.write(self.tx)?;
        Ok(self.done)
    }
}
