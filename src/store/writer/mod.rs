//! The one thread that writes, with group commit.
//!
//! Jobs come by a queue. The thread begins a transaction for the first, runs it and whatever else waits, each in a
//! savepoint of its own, commits, and only then answers: an answer means that it is on disk (`synchronous=FULL`), but for
//! what a provider tells again ([`How::Later`]). A job that fails takes only its own changes with it.

mod later;
mod thread;

use super::change::Change;
use super::error::StoreError;
use super::index;
use super::priority::GivingWay;
use super::sql::Result;
use crate::desk::Policy;
use crate::model::{Clock, ConversationId, Timestamp};
use rusqlite::Connection;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, RwLock, mpsc};
use std::time::SystemTime;
use thread::Thread;
use tokio::sync::{broadcast, oneshot};

/// What a job sees: the connection inside its transaction.
pub(super) struct Tx<'a> {
    connection: &'a Connection,
    /// The time of the transaction.
    pub now: Timestamp,
    /// This machine's name, for decisions.
    pub host: &'a str,
    /// The mirror's folder.
    pub dir: &'a Path,
    /// The desk's promises and rules.
    pub policy: &'a Policy,
    change: RefCell<Change>,
    /// Conversations whose contact is called otherwise now; whether also messages that tell a name are found by it.
    renamed: RefCell<BTreeMap<ConversationId, bool>>,
    indexed: &'a Cell<bool>,
}

/// The policy, which may change while the mirror is open.
pub(super) type SharedPolicy = Arc<RwLock<Arc<Policy>>>;

impl Deref for Tx<'_> {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        self.connection
    }
}

impl Tx<'_> {
    /// Notes that a conversation changed.
    pub fn touched(&self, id: ConversationId) {
        self.change.borrow_mut().conversation(id);
    }

    /// Notes that a conversation's contact is called otherwise now: by a message that told a name, or (`merged`) because
    /// another person's name is theirs.
    pub fn renamed(&self, id: ConversationId, merged: bool) {
        *self.renamed.borrow_mut().entry(id).or_default() |= merged;
    }

    /// What follows from what a job did, in the same transaction.
    fn follow(&self) -> Result<()> {
        let renamed = self.renamed.take();
        if renamed.is_empty() {
            return Ok(());
        }
        index::renamed(self, &renamed)
    }

    /// Notes that lists or counts changed.
    pub fn lists(&self) {
        self.change.borrow_mut().lists = true;
    }

    /// Notes that the outbox changed.
    pub fn outbox(&self) {
        self.change.borrow_mut().outbox = true;
    }

    /// Notes that the full-text index was written to.
    pub fn indexed(&self) {
        self.indexed.set(true);
    }

    /// Notes that an account's health changed, and whether it is in another `state` by that.
    pub fn health(&self, state: bool) {
        let mut change = self.change.borrow_mut();
        change.health = true;
        change.state |= state;
    }
}

/// How a job is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// With what else waits, in a savepoint.
    Grouped,
    /// It writes so much that it gets a transaction of its own, without a savepoint: SQLite keeps the old pages of
    /// everything inside a savepoint in a list, and every statement would walk it.
    Alone,
    /// Alone, and on disk with the next commit that is not like it, at the latest when there was nothing to do for a
    /// second. A cut of power takes it back whole, the cursor with it.
    Later,
}

/// Something to be done inside a transaction, and whom to tell.
trait Job: Send {
    /// How it is to be committed.
    fn how(&self) -> How;
    /// It has a transaction of its own.
    fn large(&self) -> bool {
        self.how() != How::Grouped
    }
    /// Does it; false when its changes are to be taken back.
    fn run(&mut self, tx: &Tx<'_>) -> bool;
    /// Tells, after the commit or its failure.
    fn finish(self: Box<Self>, committed: std::result::Result<(), StoreError>);
}

struct Work<T, F, R> {
    how: How,
    todo: Option<F>,
    result: Option<Result<T>>,
    reply: R,
}

impl<T, F, R> Job for Work<T, F, R>
where
    T: Send,
    F: FnOnce(&Tx<'_>) -> Result<T> + Send,
    R: FnOnce(Result<T>) + Send,
{
    fn how(&self) -> How {
        self.how
    }

    fn run(&mut self, tx: &Tx<'_>) -> bool {
        if let Some(work) = self.todo.take() {
            let done = catch_unwind(AssertUnwindSafe(|| {
                let value = work(tx)?;
                tx.follow()?;
                Ok(value)
            }));
            self.result = Some(done.unwrap_or_else(|_| {
                Err(
                    StoreError::Damaged("a write stopped half-way; nothing was changed".to_owned())
                        .into(),
                )
            }));
        }
        matches!(self.result, Some(Ok(_)))
    }

    fn finish(self: Box<Self>, committed: std::result::Result<(), StoreError>) {
        let result = match (self.result, committed) {
            // A refusal changed nothing, so it stands whatever became of the group.
            (Some(Err(error)), _) => Err(error),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (_, Err(error)) => Err(error.into()),
            (None, Ok(())) => Err(StoreError::Closed.into()),
        };
        (self.reply)(result);
    }
}

enum Item {
    Job(Box<dyn Job>),
    /// The file was written to; find out by whom.
    LookForOthers,
    /// Do what waits, then end.
    End,
}

fn millis(at: SystemTime) -> i64 {
    let since = at.duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}

/// The way to the writer's thread.
pub(super) struct Writer {
    queue: mpsc::Sender<Item>,
    /// When the thread last compared, by the clock that files are dated with.
    looked: Arc<AtomicI64>,
    giving_way: GivingWay,
    read_only: bool,
}

/// Wakes the writer to look for the changes of other processes.
#[derive(Clone)]
pub(super) struct Poke {
    queue: mpsc::Sender<Item>,
    looked: Arc<AtomicI64>,
}

impl Poke {
    /// Asks for a look; false when the writer has ended.
    pub fn look(&self) -> bool {
        self.queue.send(Item::LookForOthers).is_ok()
    }

    /// The writer has looked since the log was last written to, as far as a file's time can tell.
    pub fn wrote_last(&self, written: Option<SystemTime>) -> bool {
        written.is_some_and(|at| millis(at) <= self.looked.load(Ordering::Relaxed))
    }
}

impl Writer {
    /// Starts the thread. It ends after [`Writer::end`].
    pub fn start(
        path: PathBuf,
        dir: PathBuf,
        clock: Arc<dyn Clock>,
        read_only: bool,
        policy: SharedPolicy,
        changes: broadcast::Sender<Change>,
    ) -> std::result::Result<(Self, std::thread::JoinHandle<()>), StoreError> {
        let (queue, items) = mpsc::channel();
        let looked = Arc::new(AtomicI64::new(0));
        let giving_way = GivingWay::default();
        let mut thread = Thread::new(
            (path, dir),
            read_only,
            clock,
            policy,
            changes,
            (looked.clone(), &giving_way),
        )?;
        let handle = std::thread::Builder::new()
            .name("mirror-writer".to_owned())
            .spawn(move || thread.run(&items))
            .map_err(|error| StoreError::io("a thread", error))?;
        let writer = Self {
            queue,
            looked,
            giving_way,
            read_only,
        };
        Ok((writer, handle))
    }

    /// Ends the thread once all that was asked before is done.
    pub fn end(&self) {
        let _ = self.queue.send(Item::End);
    }

    /// Lets whoever draws and reads come first from now on.
    pub fn give_way(&self) {
        self.giving_way.begin();
    }

    /// A way to wake the writer.
    pub fn poke(&self) -> Poke {
        Poke {
            queue: self.queue.clone(),
            looked: self.looked.clone(),
        }
    }

    /// Runs `work` in a transaction and gives its result once that is on disk.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.write_as(How::Grouped, work).await
    }

    /// [`Writer::write`], committed in that way.
    pub async fn write_as<T, F>(&self, how: How, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        // Nobody may be waiting any more; what is done is done.
        let tell = |result| drop(reply.send(result));
        self.put(work, how, tell)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Runs `work` in a transaction and calls `told` with its result once that is on disk, in the writer's thread: it
    /// must neither wait nor write.
    pub fn tell<T, F, R>(&self, work: F, told: R) -> std::result::Result<(), StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
        R: FnOnce(Result<T>) + Send + 'static,
    {
        self.put(work, How::Grouped, told)
    }

    fn put<T, F, R>(&self, work: F, how: How, reply: R) -> std::result::Result<(), StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
        R: FnOnce(Result<T>) + Send + 'static,
    {
        if self.read_only {
            return Err(StoreError::ReadOnly);
        }
        let job = Work {
            how,
            todo: Some(work),
            result: None,
            reply,
        };
        self.queue
            .send(Item::Job(Box::new(job)))
            .map_err(|_| StoreError::Closed)
    }
}
