//! Commits that are on disk a little later than the rest: what a first read of a mailbox brings need not wait for the
//! disk at each piece, for the server still has it and the cursor goes with it. A commit of another kind brings them to
//! disk with itself; in any case the writer does when it has had nothing to do for a second.

use rusqlite::Connection;
use std::time::{Duration, Instant};

/// After so long without another of them.
const REST: Duration = Duration::from_secs(1);

/// What is known of them.
#[derive(Debug, Default)]
pub(super) struct Later {
    /// How the connection commits now.
    set: bool,
    /// When they are to be on disk at the latest, given that nothing else is to be done then.
    due: Option<Instant>,
}

impl Later {
    /// Sets how the next transaction is committed; none may be open.
    pub fn next(&mut self, connection: &Connection, later: bool) -> rusqlite::Result<()> {
        if self.set != later {
            // In a write-ahead log a commit that is not synced is whole after a cut of power, or not there.
            let how = if later { "normal" } else { "full" };
            connection.pragma_update(None, "synchronous", how)?;
            self.set = later;
        }
        Ok(())
    }

    /// It was committed. What another commit brought to disk with it is looked after all the same: one that changed
    /// nothing brings nothing.
    pub fn committed(&mut self) {
        if self.set {
            self.due = Some(Instant::now() + REST);
        }
    }

    /// When the disk is to be waited for; none where everything is on it.
    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Waits for the disk, by folding the log into the file: its first step is to sync the log.
    pub fn settle(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let fold = "PRAGMA wal_checkpoint(PASSIVE)";
        let busy: bool = connection.query_row(fold, [], |row| row.get(0))?;
        // Whoever folds just now may have begun before the last of them.
        self.due = busy.then(|| Instant::now() + REST);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_settled_at_rest_whatever_else_was_committed() {
        let dir = tempfile::tempdir().unwrap();
        let file = Connection::open(dir.path().join("file.db")).unwrap();
        file.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))
            .unwrap();
        file.pragma_update(None, "synchronous", "full").unwrap();
        let how = || -> i64 {
            file.pragma_query_value(None, "synchronous", |row| row.get(0))
                .unwrap()
        };
        let mut later = Later::default();
        let commit = |later: &mut Later, this: bool| {
            later.next(&file, this).unwrap();
            file.execute_batch("CREATE TABLE IF NOT EXISTS a (b); INSERT INTO a VALUES (1);")
                .unwrap();
            later.committed();
        };
        commit(&mut later, true);
        assert_eq!((how(), later.due().is_some()), (1, true));
        commit(&mut later, false);
        assert_eq!((how(), later.due().is_some()), (2, true));
        later.settle(&file).unwrap();
        assert_eq!(later.due(), None);
        commit(&mut later, false);
        assert_eq!(later.due(), None);
    }
}
