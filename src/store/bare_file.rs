//! A mirror's file for tests that write past the store, to be quick.

use super::{Options, Store, open};
use crate::model::Timestamp;
use crate::model::time::ManualClock;
use rusqlite::Connection;
use std::sync::Arc;

/// An empty one, made by the store.
pub(super) fn fresh() -> (tempfile::TempDir, Connection) {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        dir: dir.path().to_owned(),
        clock: Arc::new(ManualClock::at(Timestamp(1))),
        read_only: false,
    };
    drop(Store::open(options).unwrap());
    let connection = open::connect(&dir.path().join(open::FILE), open::Use::Write).unwrap();
    (dir, connection)
}
