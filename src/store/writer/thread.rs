//! The thread itself: waits, groups, commits, answers.

use super::super::ballast;
use super::super::change::Change;
use super::super::error::StoreError;
use super::super::fold::Folding;
use super::super::open::{self, Use};
use super::super::priority::{self, GivingWay};
use super::super::runs::Runs;
use super::later::Later;
use super::{How, Item, Job, SharedPolicy, Tx, millis};
use crate::desk::Policy;
use crate::model::{Clock, Timestamp};
use rusqlite::Connection;
use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, mpsc};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::broadcast;

/// Rows after which a group is committed though more waits.
const GROUP_ROWS: u64 = 1_000;
/// Time after which a group is committed though more waits.
const GROUP_TIME: Duration = Duration::from_millis(10);

/// What every job of a group sees.
#[derive(Clone, Copy)]
struct Around<'a> {
    now: Timestamp,
    host: &'a str,
    dir: &'a Path,
    policy: &'a Policy,
    indexed: &'a Cell<bool>,
}

pub(super) struct Thread {
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
    runs: Runs,
    later: Later,
    priority: priority::Thread,
}

impl Thread {
    /// Opens the file at the first path, in the folder at the second.
    pub fn new(
        (path, dir): (PathBuf, PathBuf),
        read_only: bool,
        clock: Arc<dyn Clock>,
        policy: SharedPolicy,
        changes: broadcast::Sender<Change>,
        (looked, giving_way): (Arc<AtomicI64>, &GivingWay),
    ) -> std::result::Result<Self, StoreError> {
        let connection = if read_only {
            open::connect_read_only(&path)?
        } else {
            open::connect(&path, Use::Write)?
        };
        let folding = (!read_only).then(|| Folding::start(&path, giving_way.thread()));
        let mut thread = Self {
            looked,
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
            folding,
            runs: Runs::unknown(),
            later: Later::default(),
            priority: giving_way.thread(),
        };
        thread.version = thread.data_version();
        Ok(thread)
    }

    /// Does what comes until the end was asked for, or nobody can ask any more.
    pub fn run(&mut self, items: &mpsc::Receiver<Item>) {
        let mut ending = false;
        loop {
            let item = match self.ahead.take() {
                Some(job) => Some(Item::Job(job)),
                None if ending => items.try_recv().ok(),
                None => self.next(items),
            };
            match item {
                Some(Item::Job(job)) => {
                    self.priority.mind();
                    ending |= self.group(job, items);
                }
                Some(Item::LookForOthers) => self.look_for_others(),
                Some(Item::End) => ending = true,
                None => break,
            }
        }
        if self.later.due().is_some() {
            self.settle();
        }
        // Programs that only come and go leave runs, too. Who is busy with the file does it instead.
        if self.runs.due().is_some()
            && !self.light
            && let Some(connection) = &self.connection
            && connection.busy_timeout(Duration::ZERO).is_ok()
        {
            self.merge(Runs::at_rest);
        }
        self.folding = None;
        // Leaves a small WAL behind; the last connection to close removes it.
        if let (Some(connection), false) = (&self.connection, self.read_only) {
            let _ = connection.execute_batch("PRAGMA optimize");
        }
    }

    /// Waits for what comes next, and does meanwhile what is to be done at rest; none when nobody can ask any more.
    fn next(&mut self, items: &mpsc::Receiver<Item>) -> Option<Item> {
        loop {
            let merge = self.runs.due().filter(|_| !self.light);
            let Some(due) = merge.into_iter().chain(self.later.due()).min() else {
                return items.recv().ok();
            };
            // What waits already comes first, however long a piece is due.
            match items.recv_timeout(due.saturating_duration_since(Instant::now())) {
                Ok(item) => return Some(item),
                Err(mpsc::RecvTimeoutError::Timeout) if merge == Some(due) => {
                    self.merge(Runs::at_rest);
                }
                Err(mpsc::RecvTimeoutError::Timeout) => self.settle(),
                Err(mpsc::RecvTimeoutError::Disconnected) => return None,
            }
        }
    }

    /// Brings to disk what was to be there later.
    fn settle(&mut self) {
        let Some(connection) = &self.connection else {
            self.later = Later::default();
            return;
        };
        if let Err(error) = self.later.settle(connection) {
            tracing::warn!(%error, "what was read last is not surely on disk");
            self.forget();
        }
    }

    /// After what failed: nothing that this connection believes may be trusted.
    fn forget(&mut self) {
        (self.connection, self.runs, self.later) = (None, Runs::unknown(), Later::default());
    }

    /// Merges a piece of the index. Nothing is lost where that fails: what was not merged is searched as it is.
    fn merge(&mut self, piece: fn(&mut Runs, &Connection, &Path) -> rusqlite::Result<()>) {
        let Some(connection) = &self.connection else {
            self.runs = Runs::unknown();
            return;
        };
        let done = piece(&mut self.runs, connection, &self.dir);
        // Another process writes just now: later.
        let busy = Some(rusqlite::ErrorCode::DatabaseBusy);
        if let Err(error) = done.as_ref()
            && error.sqlite_error_code() != busy
        {
            tracing::warn!(%error, "the full-text index could not be merged");
            // What else is written will find out what is wrong.
            self.forget();
        }
        self.wrote();
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
            (self.connection, self.later) = (None, Later::default());
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
        if large && committed.is_ok() && !self.light {
            self.merge(Runs::amid_jobs);
        } else {
            self.wrote();
        }
        end
    }

    /// After each transaction: has the log folded in, and looks at who else wrote.
    fn wrote(&mut self) {
        if let (Some(connection), Some(folding)) = (&self.connection, &mut self.folding) {
            folding.written(connection.total_changes());
        }
        self.look_for_others();
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
        let later = next.as_ref().is_some_and(|job| job.how() == How::Later);
        let begun = self.begin(later);
        if let Err(error) = begun {
            done.extend(next);
            return Err(error);
        }
        let Some(connection) = &self.connection else {
            done.extend(next);
            return Err(StoreError::Closed);
        };
        let indexed = Cell::new(false);
        let around = Around {
            now,
            host: &self.host,
            dir: &self.dir,
            policy: &policy,
            indexed: &indexed,
        };
        if let Some(mut job) = next.take_if(|job| job.large()) {
            let (kept, touched) = attempt(connection, job.as_mut(), around);
            done.push(job);
            change.merge(touched);
            finish(connection, kept)?;
            self.runs.left(indexed.get());
            self.later.committed();
            return Ok(());
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
        finish(connection, true)?;
        self.runs.left(indexed.get());
        self.later.committed();
        Ok(())
    }

    /// Begins a transaction, which will be on disk when it is committed or later.
    fn begin(&mut self, later: bool) -> std::result::Result<(), StoreError> {
        self.connection()?;
        if let Some(connection) = &self.connection {
            self.later.next(connection, later)?;
            connection.execute_batch("BEGIN IMMEDIATE")?;
        }
        Ok(())
    }

    fn connection(&mut self) -> std::result::Result<&Connection, StoreError> {
        if self.connection.is_none() {
            self.connection = Some(open::connect(&self.path, Use::Write)?);
            self.later = Later::default();
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
        renamed: RefCell::default(),
        indexed: around.indexed,
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

fn host() -> String {
    let name = rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned();
    crate::text::sanitize_line(&name).text
}
