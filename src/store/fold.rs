//! Folds the write-ahead log into the file while the writer goes on: at a first read of a mailbox that is a seventh of
//! all work, and the writer has none to spare. What this thread does not get done, the writer's own connection does
//! when the log has grown long, and whoever closes the file last.

use super::open::{self, Use};
use super::priority;
use rusqlite::Connection;
use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;

/// Rows written after which the log is folded in.
const ROWS: u64 = 12_000;

/// The thread that folds; it ends, and is waited for, when this is dropped.
pub(super) struct Folding {
    asks: Option<mpsc::SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Rows that had been written when it was last asked.
    rows: u64,
}

impl Folding {
    /// Starts it. Where it cannot run, the writer does everything itself.
    pub fn start(path: &Path, mut priority: priority::Thread) -> Self {
        let (asks, asked) = mpsc::sync_channel(1);
        let path = path.to_owned();
        let thread = std::thread::Builder::new()
            .name("mirror-fold".to_owned())
            .spawn(move || {
                let mut connection: Option<Connection> = None;
                while asked.recv().is_ok() {
                    priority.mind();
                    if connection.is_none() {
                        connection = open::connect(&path, Use::Write).ok();
                    }
                    let done = connection.as_ref().map(|connection| {
                        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
                    });
                    if !matches!(done, Some(Ok(()))) {
                        connection = None;
                    }
                }
            });
        Self {
            asks: Some(asks),
            thread: thread.ok(),
            rows: 0,
        }
    }

    /// `rows` were written since the writer began; asks for a fold when that is many more than at the last one.
    pub fn written(&mut self, rows: u64) {
        if rows.saturating_sub(self.rows) >= ROWS
            && let Some(asks) = &self.asks
        {
            self.rows = rows;
            // One that is asked for already will see these rows, too.
            let _ = asks.try_send(());
        }
    }
}

impl Drop for Folding {
    fn drop(&mut self) {
        self.asks = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
