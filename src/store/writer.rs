//! The one thread that writes, with group commit.
//!
//! Jobs come by a queue. The thread begins a transaction for the first, runs it and whatever else waits, each in a
//! savepoint of its own, commits, and only then answers: an answer means that it is on disk (`synchronous=FULL`).
//! A job that fails takes only its own changes with it.

use super::ballast;
use super::change::Change;
use super::error::StoreError;
use super::fold::Folding;
use super::open::{self, Use};
use super::sql::Result;
use crate::desk::Policy;
use crate::model::{Clock, ConversationId, Timestamp};
use rusqlite::Connection;
use std::cell::RefCell;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, mpsc};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::{broadcast, oneshot};

/// Rows after which a group is committed though more waits.
const GROUP_ROWS: u64 = 1_000;
/// Time after which a group is committed though more waits.
const GROUP_TIME: Duration = Duration::from_millis(10);

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
}

/// What every job of a group sees.
#[derive(Clone, Copy)]
struct Around<'a> {
    now: Timestamp,
    host: &'a str,
    dir: &'a Path,
    policy: &'a Policy,
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

    /// Notes that lists or counts changed.
    pub fn lists(&self) {
        self.change.borrow_mut().lists = true;
    }

    /// Notes that the outbox changed.
    pub fn outbox(&self) {
        self.change.borrow_mut().outbox = true;
    }

    /// Notes that an account's health changed.
    pub fn health(&self) {
        self.change.borrow_mut().health = true;
    }
}

/// Something to be done inside a transaction, and whom to tell.
trait Job: Send {
    /// It writes so much that it gets a transaction of its own, without a savepoint: SQLite keeps the old pages of
    /// everything inside a savepoint in a list, and every statement would walk it.
    fn large(&self) -> bool;
    /// Does it; false when its changes are to be taken back.
    fn run(&mut self, tx: &Tx<'_>) -> bool;
    /// Tells, after the commit or its failure.
    fn finish(self: Box<Self>, committed: std::result::Result<(), StoreError>);
}

struct Work<T, F, R> {
    large: bool,
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
    fn large(&self) -> bool {
        self.large
    }

    fn run(&mut self, tx: &Tx<'_>) -> bool {
        if let Some(work) = self.todo.take() {
            let done = catch_unwind(AssertUnwindSafe(|| work(tx)));
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
        let connection = if read_only {
            open::connect_read_only(&path)?
        } else {
            open::connect(&path, Use::Write)?
        };
        let looked = Arc::new(AtomicI64::new(0));
        let mut thread = Thread {
            looked: looked.clone(),
            connection: Some(connection),
            read_only,
            path,
            dir,
            clock,
            policy,
            changes,
            host: host(),
            version: 0,
            ahead: None,
            light: false,
            folding: None,
        };
        if !read_only {
            thread.folding = Some(Folding::start(&thread.path));
        }
        thread.version = thread.data_version();
        let handle = std::thread::Builder::new()
            .name("mirror-writer".to_owned())
            .spawn(move || thread.run(&items))
            .map_err(|error| StoreError::io("a thread", error))?;
        let writer = Self {
            queue,
            looked,
            read_only,
        };
        Ok((writer, handle))
    }

    /// Ends the thread once all that was asked before is done.
    pub fn end(&self) {
        let _ = self.queue.send(Item::End);
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
        self.ask(work, false).await
    }

    /// [`Writer::write`] for work of hundreds of rows: in a transaction of its own.
    pub async fn write_much<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.ask(work, true).await
    }

    async fn ask<T, F>(&self, work: F, large: bool) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        // Nobody may be waiting any more; what is done is done.
        let tell = |result| drop(reply.send(result));
        self.put(work, large, tell)?;
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
        self.put(work, false, told)
    }

    fn put<T, F, R>(&self, work: F, large: bool, reply: R) -> std::result::Result<(), StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T> + Send + 'static,
        R: FnOnce(Result<T>) + Send + 'static,
    {
        if self.read_only {
            return Err(StoreError::ReadOnly);
        }
        let job = Work {
            large,
            todo: Some(work),
            result: None,
            reply,
        };
        self.queue
            .send(Item::Job(Box::new(job)))
            .map_err(|_| StoreError::Closed)
    }
}

fn host() -> String {
    let name = rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned();
    crate::text::sanitize_line(&name).text
}

struct Thread {
    looked: Arc<AtomicI64>,
    connection: Option<Connection>,
    read_only: bool,
    path: PathBuf,
    dir: PathBuf,
    clock: Arc<dyn Clock>,
    policy: SharedPolicy,
    changes: broadcast::Sender<Change>,
    host: String,
    version: i64,
    /// Taken from the queue and left for the next transaction.
    ahead: Option<Box<dyn Job>>,
    /// The ballast was given up.
    light: bool,
    folding: Option<Folding>,
}

impl Thread {
    fn run(&mut self, items: &mpsc::Receiver<Item>) {
        let mut ending = false;
        loop {
            let item = match self.ahead.take() {
                Some(job) => Some(Item::Job(job)),
                None if ending => items.try_recv().ok(),
                None => items.recv().ok(),
            };
            match item {
                Some(Item::Job(job)) => ending |= self.group(job, items),
                Some(Item::LookForOthers) => self.look_for_others(),
                Some(Item::End) => ending = true,
                None => break,
            }
        }
        self.folding = None;
        // Leaves a small WAL behind; the last connection to close removes it.
        if let (Some(connection), false) = (&self.connection, self.read_only) {
            let _ = connection.execute_batch("PRAGMA optimize");
        }
    }

    /// Runs jobs until none waits or the group is large enough, commits, answers. True when the end was asked for.
    fn group(&mut self, first: Box<dyn Job>, items: &mpsc::Receiver<Item>) -> bool {
        let mut done: Vec<Box<dyn Job>> = Vec::new();
        let (mut change, mut end) = (Change::default(), false);
        let committed = self.fill(first, items, &mut done, &mut change, &mut end);
        if matches!(
            &committed,
            Err(StoreError::Sql(_) | StoreError::Busy | StoreError::Corrupt(_))
        ) {
            // After a failed write to disk nothing that this connection believes may be trusted.
            self.connection = None;
        }
        if committed.is_ok() && !change.is_empty() {
            // Nobody may be listening. Told first: whoever is answered may begin to listen, and is told of later ones.
            let _ = self.changes.send(change);
        }
        let large = done.iter().any(|job| job.large());
        for job in done {
            job.finish(committed.clone());
        }
        match &committed {
            // What an agent does finds room on the next try; what comes in waits until there is some.
            Err(StoreError::Full) if !large && ballast::drop_it(&self.dir) => {
                tracing::error!("the disk is full; the last reserve is used for what agents do");
                self.light = true;
            }
            Ok(()) if self.light && large => {
                ballast::load(&self.dir);
                self.light = false;
            }
            _ => {}
        }
        if let (Some(connection), Some(folding)) = (&self.connection, &mut self.folding) {
            folding.written(connection.total_changes());
        }
        self.look_for_others();
        end
    }

    fn fill(
        &mut self,
        first: Box<dyn Job>,
        items: &mpsc::Receiver<Item>,
        done: &mut Vec<Box<dyn Job>>,
        change: &mut Change,
        end: &mut bool,
    ) -> std::result::Result<(), StoreError> {
        let now = self.clock.now();
        let policy = self
            .policy
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let mut next = Some(first);
        let begun = self.connection().and_then(|connection| {
            connection
                .execute_batch("BEGIN IMMEDIATE")
                .map_err(StoreError::from)
        });
        if let Err(error) = begun {
            done.extend(next);
            return Err(error);
        }
        let Some(connection) = &self.connection else {
            done.extend(next);
            return Err(StoreError::Closed);
        };
        let around = Around {
            now,
            host: &self.host,
            dir: &self.dir,
            policy: &policy,
        };
        if let Some(mut job) = next.take_if(|job| job.large()) {
            let (kept, touched) = attempt(connection, job.as_mut(), around);
            done.push(job);
            change.merge(touched);
            return finish(connection, kept);
        }
        let (began, rows) = (Instant::now(), connection.total_changes());
        while let Some(mut job) = next.take() {
            let ran = one(connection, job.as_mut(), around);
            done.push(job);
            match ran {
                Ok(touched) => change.merge(touched),
                Err(error) => {
                    let _ = connection.execute_batch("ROLLBACK");
                    return Err(error);
                }
            }
            if began.elapsed() < GROUP_TIME && connection.total_changes() - rows < GROUP_ROWS {
                while let Ok(item) = items.try_recv() {
                    match item {
                        Item::Job(job) if job.large() => {
                            self.ahead = Some(job);
                            break;
                        }
                        Item::Job(job) => {
                            next = Some(job);
                            break;
                        }
                        Item::LookForOthers => {}
                        Item::End => *end = true,
                    }
                }
            }
        }
        finish(connection, true)
    }

    fn connection(&mut self) -> std::result::Result<&Connection, StoreError> {
        if self.connection.is_none() {
            self.connection = Some(open::connect(&self.path, Use::Write)?);
            self.version = self.data_version();
        }
        self.connection.as_ref().ok_or(StoreError::Closed)
    }

    /// Tells listeners when another process has committed since the last look.
    fn look_for_others(&mut self) {
        self.looked
            .store(millis(SystemTime::now()), Ordering::Relaxed);
        let version = self.data_version();
        if version != self.version {
            self.version = version;
            let _ = self.changes.send(Change::foreign());
        }
    }

    /// Changes when a connection other than this one has committed.
    fn data_version(&self) -> i64 {
        self.connection
            .as_ref()
            .and_then(|connection| {
                connection
                    .pragma_query_value(None, "data_version", |row| row.get(0))
                    .ok()
            })
            .unwrap_or(self.version)
    }
}

/// Ends the transaction. One that SQLite has rolled back by itself (disk full, I/O error) is an error.
fn finish(connection: &Connection, keep: bool) -> std::result::Result<(), StoreError> {
    if connection.is_autocommit() {
        return Err(StoreError::Full);
    }
    if !keep {
        return Ok(connection.execute_batch("ROLLBACK")?);
    }
    connection.execute_batch("COMMIT").map_err(|error| {
        let _ = connection.execute_batch("ROLLBACK");
        error.into()
    })
}

/// Runs a job: whether its changes are to be kept, and what it touched.
fn attempt(connection: &Connection, job: &mut dyn Job, around: Around<'_>) -> (bool, Change) {
    let tx = Tx {
        connection,
        now: around.now,
        host: around.host,
        dir: around.dir,
        policy: around.policy,
        change: RefCell::default(),
    };
    let keep = job.run(&tx);
    let change = if keep {
        tx.change.into_inner()
    } else {
        Change::default()
    };
    (keep, change)
}

/// One job in its savepoint: what it touched.
fn one(
    connection: &Connection,
    job: &mut dyn Job,
    around: Around<'_>,
) -> std::result::Result<Change, StoreError> {
    connection.execute_batch("SAVEPOINT job")?;
    let (keep, change) = attempt(connection, job, around);
    if connection.is_autocommit() {
        return Err(StoreError::Full);
    }
    connection.execute_batch(if keep {
        "RELEASE job"
    } else {
        "ROLLBACK TO job; RELEASE job"
    })?;
    Ok(change)
}
