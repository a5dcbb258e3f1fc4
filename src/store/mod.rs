//! The mirror: everything this program knows, in one SQLite file beside its attachments.
//!
//! - One thread writes, with group commit: what was answered is on disk through power loss.
//! - A few threads read, each answer from one snapshot; nothing runs on the caller's thread.
//! - Every action is one transaction that changes state and appends to the hash-chained journal.
//! - Several processes may have the same mirror open. One holds the engine ([`EngineLock`]); all see one another's
//!   commits ([`Store::changes`]).
//! - Rows never leave as rows: questions are [`crate::model::Query`], actions [`crate::model::Command`].

mod accounts;
mod answer;
mod apply;
mod approvals;
mod ballast;
#[cfg(test)]
mod bare_file;
mod change;
mod conditions;
mod conversations;
mod counts;
mod coverage;
mod derived;
mod desk_facts;
mod drafting;
mod drafts;
mod engine_lock;
mod error;
mod escalations;
mod facts;
mod files;
mod fold;
mod heard;
mod housekeeping;
mod inbox;
mod index;
mod ingest;
mod journal;
mod list;
mod making;
mod messages;
mod moving;
mod news;
mod open;
mod outbox;
mod passages;
mod past_answers;
mod people;
#[cfg(test)]
mod plan_tests;
mod preview;
mod priority;
mod promises;
mod queue;
mod reader;
mod remote_changes;
mod reply;
mod rows;
mod runs;
mod search;
mod sending;
mod sql;
mod templates;
#[cfg(test)]
mod timeline_tests;
mod transcripts;
mod undo;
mod watch;
mod writer;

pub use change::{Change, NAMED};
pub use drafting::{DraftJob, FoundPassage, Passage, PassageKind, ReplyTarget};
pub use engine_lock::{EngineGuard, EngineLock, Holder};
pub use error::{ApplyError, StoreError};
pub use escalations::RosterPerson;
pub use facts::{AccountInfo, Arrival, Ingested, LedgerRow};
pub use files::StoredFile;
pub use heard::{HeardRequest, Waiting};
pub use inbox::{Inbox, Kept};
pub use ingest::ReadyBatch;
pub use journal::JournalReport;
pub use making::FileInMaking;
pub use news::{News, NewsMark};
pub use sending::{Claimed, SendResult};
pub use transcripts::{AudioJob, AudioWanted};

use crate::model::Clock;
use reader::Readers;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::broadcast;
use watch::Watch;
use writer::{How, SharedPolicy, Tx, Writer};

/// Notices kept for a listener that is slow; after that it is told that it missed some.
const NOTICES: usize = 256;

/// How to open a mirror.
pub struct Options {
    /// Its folder; made if it is not there.
    pub dir: PathBuf,
    /// Tells the time of everything written.
    pub clock: Arc<dyn Clock>,
    /// Look only: every write is refused.
    pub read_only: bool,
}

/// An open mirror. Clones share its threads; the last one to go waits for what was asked to be written.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    dir: PathBuf,
    clock: Arc<dyn Clock>,
    writer: Writer,
    writing: Option<JoinHandle<()>>,
    readers: Readers,
    watch: Option<Watch>,
    policy: SharedPolicy,
    changes: broadcast::Sender<Change>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.watch = None;
        self.writer.end();
        if let Some(thread) = self.writing.take() {
            let _ = thread.join();
        }
        self.readers.close();
    }
}

impl Store {
    /// Opens the mirror in `options.dir`, making or migrating it first. Blocks; call it before anything is drawn or
    /// off the async threads.
    ///
    /// # Errors
    /// When the folder is on a network, the file is not ours or of a newer program, or it cannot be used.
    pub fn open(options: Options) -> Result<Self, StoreError> {
        let Options {
            dir,
            clock,
            read_only,
        } = options;
        let path = open::prepare(&dir, read_only)?;
        if !read_only {
            ballast::load(&dir);
        }
        let (changes, _) = broadcast::channel(NOTICES);
        let policy = SharedPolicy::default();
        let (writer, writing) = Writer::start(
            path.clone(),
            dir.clone(),
            clock.clone(),
            read_only,
            policy.clone(),
            changes.clone(),
        )?;
        let watch = Watch::start(&dir, writer.poke());
        let readers = Readers::start(&path, read_only)?;
        Ok(Self(Arc::new(Inner {
            dir,
            clock,
            writer,
            writing: Some(writing),
            readers,
            watch: Some(watch),
            policy,
            changes,
        })))
    }

    /// For a process with a screen: on a busy processor drawing and reading come before writing.
    pub fn give_way(&self) {
        self.0.writer.give_way();
    }

    /// There is a mirror in `dir` and it can be read, not written: it must be opened with [`Options::read_only`].
    pub fn is_read_only_place(dir: &Path) -> bool {
        let path = dir.join(open::FILE);
        path.exists() && !open::is_writable(&path)
    }

    /// The mirror's folder.
    pub fn dir(&self) -> &Path {
        &self.0.dir
    }

    /// Tells after each commit what changed, commits of other processes included.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.0.changes.subscribe()
    }

    /// The way to become the process that runs the engine.
    pub fn engine_lock(&self) -> EngineLock {
        EngineLock::new(self.clone())
    }

    async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> sql::Result<T> + Send + 'static,
    {
        self.write_as(How::Grouped, work).await
    }

    async fn write_as<T, F>(&self, how: How, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> sql::Result<T> + Send + 'static,
    {
        self.0
            .writer
            .write_as(how, work)
            .await
            .map_err(StoreError::from)
    }

    async fn read<T, F>(&self, read: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> sql::Result<T> + Send + 'static,
    {
        self.0.readers.read(read).await.map_err(StoreError::from)
    }
}
