//! Merges the runs of the full-text index while nothing else is to be written.
//!
//! Each commit that indexes words leaves a sorted run of them. Left to itself SQLite merges runs within those commits:
//! at a first read of a mailbox a quarter of all that the writer does, while the disk and the customer's list wait for
//! it. Here the writer's thread does it piece by piece when no job has come for a while, and between two jobs only when
//! there are so many runs that a search would feel it.

use super::Store;
use super::error::StoreError;
use rusqlite::Connection;
use std::path::Path;
use std::time::{Duration, Instant};

/// As many on one level are merged: what the schema sets as `usermerge`.
const ENOUGH: u32 = 16;
/// So many cost a search milliseconds.
const MANY: u32 = 128;
/// Pages of a piece at rest: what comes meanwhile waits some five milliseconds for it.
const PIECE: u32 = 64;
/// Pages of a piece between two jobs that index much: more than both leave to be merged.
const LARGE: u32 = 512;
/// So long after the last commit that indexed anything, no batch is coming in.
const CALM: Duration = Duration::from_millis(250);
/// Between two pieces, for others who need the disk or the processor.
const BREATH: Duration = Duration::from_millis(20);
/// Bytes that must be free on the disk: merging writes anew what is there, and what comes in needs its room, too.
const ROOM: u64 = 256 << 20;
/// Until it is looked again whether there is room.
const FULL: Duration = Duration::from_mins(1);

/// What is known of the runs.
pub(super) struct Runs {
    /// Left since there was nothing to merge; what an earlier process left is not among them.
    left: u32,
    /// Not before then is a piece merged at rest.
    next: Instant,
}

impl Runs {
    /// Before anything is known: the first that is left gives cause to look.
    pub fn unknown() -> Self {
        Self {
            left: ENOUGH - 1,
            next: Instant::now(),
        }
    }

    /// A commit has written to the index, and left a run; or it has not.
    pub fn left(&mut self, one: bool) {
        if one {
            self.left = self.left.saturating_add(1);
            self.next = Instant::now() + CALM;
        }
    }

    /// When a piece is to be merged unless a job waits; none while there is nothing to merge.
    pub fn due(&self) -> Option<Instant> {
        (self.left >= ENOUGH).then_some(self.next)
    }

    /// Merges a piece at rest, if the disk of this folder has room.
    pub fn at_rest(&mut self, connection: &Connection, dir: &Path) -> rusqlite::Result<()> {
        self.piece(connection, dir, PIECE)
    }

    /// Merges a piece after a large job where there are too many.
    pub fn amid_jobs(&mut self, connection: &Connection, dir: &Path) -> rusqlite::Result<()> {
        if self.left < MANY {
            return Ok(());
        }
        self.piece(connection, dir, LARGE)
    }

    fn piece(&mut self, connection: &Connection, dir: &Path, pages: u32) -> rusqlite::Result<()> {
        // A disk that does not tell has room until a write fails.
        let free = rustix::fs::statvfs(dir).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
        if free.is_ok_and(|free| free < ROOM) {
            self.next = Instant::now() + FULL;
            return Ok(());
        }
        let done = merge(connection, pages);
        if matches!(done, Ok(false)) {
            self.left = 0;
        }
        self.next = Instant::now() + BREATH;
        done.map(drop)
    }
}

/// Merges so many pages; false where nothing was to be merged.
fn merge(connection: &Connection, pages: u32) -> rusqlite::Result<bool> {
    let before = connection.total_changes();
    connection
        .prepare_cached("INSERT INTO message_fts(message_fts, rank) VALUES ('merge', ?1)")?
        .execute([pages])?;
    // The statement itself counts as one change; it makes no other where nothing is to be merged.
    Ok(connection.total_changes() - before > 1)
}

impl Store {
    /// Merges at once what the full-text index would merge when nothing else is to be done: a mirror that was written
    /// in minutes is then as one that came about in years.
    ///
    /// # Errors
    /// When the mirror cannot be written.
    pub async fn merge_index(&self) -> Result<(), StoreError> {
        while self.write(|tx| Ok(merge(tx, LARGE)?)).await? {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;
    use crate::model::time::ManualClock;
    use crate::store::Options;
    use crate::store::sql::Sql;
    use crate::store::writer::Tx;
    use rusqlite::params;
    use std::sync::Arc;

    fn index() -> Connection {
        let file = Connection::open_in_memory().unwrap();
        file.execute_batch(
            "CREATE VIRTUAL TABLE message_fts USING fts5(body, content = '', contentless_delete = 1);
             INSERT INTO message_fts(message_fts, rank) VALUES ('automerge', 0), ('usermerge', 16), ('crisismerge', 1000);",
        )
        .unwrap();
        file
    }

    fn runs(file: &Connection) -> u32 {
        let count = "SELECT count(DISTINCT segid) FROM message_fts_idx";
        file.query_row(count, [], |row| row.get(0)).unwrap()
    }

    fn add(file: &Connection, runs: &mut Runs, count: u32) {
        for number in 0..count {
            file.execute(
                "INSERT INTO message_fts(body) VALUES (?1)",
                params![format!("word{number} again")],
            )
            .unwrap();
            runs.left(true);
        }
    }

    #[test]
    fn few_are_left_alone_and_many_become_one() {
        let (file, mut known) = (index(), Runs::unknown());
        add(&file, &mut known, 15);
        while known.due().is_some() {
            known.at_rest(&file, Path::new("/")).unwrap();
        }
        assert_eq!(runs(&file), 15);
        add(&file, &mut known, 25);
        assert!(known.due().unwrap() > Instant::now());
        while known.due().is_some() {
            known.at_rest(&file, Path::new("/")).unwrap();
        }
        assert_eq!(runs(&file), 1);
        let found = "SELECT count(*) FROM message_fts WHERE message_fts MATCH 'again'";
        let found: u32 = file.query_row(found, [], |row| row.get(0)).unwrap();
        assert_eq!(found, 40);
    }

    #[test]
    fn amid_jobs_only_too_many_are_merged() {
        let (file, mut known) = (index(), Runs::unknown());
        add(&file, &mut known, 100);
        known.amid_jobs(&file, Path::new("/")).unwrap();
        assert_eq!(runs(&file), 100);
        add(&file, &mut known, 100);
        known.amid_jobs(&file, Path::new("/")).unwrap();
        assert_eq!(runs(&file), 1);
    }

    #[tokio::test]
    async fn the_writer_merges_when_nothing_comes() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(Options {
            dir: dir.path().to_owned(),
            clock: Arc::new(ManualClock::at(Timestamp(0))),
            read_only: false,
        })
        .unwrap();
        for row in 1..=40 {
            let add = move |tx: &Tx<'_>| {
                tx.indexed();
                tx.run(
                    "INSERT INTO message_fts(rowid, body) VALUES (?1, 'again')",
                    [row],
                )
            };
            store.write(add).await.unwrap();
        }
        let file = Connection::open(dir.path().join("mirror.db")).unwrap();
        let asked = Instant::now();
        while runs(&file) > 1 {
            assert!(asked.elapsed() < Duration::from_mins(1), "never merged");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
