//! A folder for mirrors, gone when the run ends.

use std::path::PathBuf;
use std::sync::Mutex;
use tempfile::TempDir;

static PLACE: Mutex<Option<TempDir>> = Mutex::new(None);

/// A folder of that name below it; not made yet.
pub fn dir(name: &str) -> PathBuf {
    let mut place = PLACE.lock().unwrap();
    let place = place.get_or_insert_with(|| tempfile::tempdir().unwrap());
    place.path().join(name)
}

/// Removes it, if there is one: nothing else does, since statics are not dropped.
pub fn remove() {
    drop(PLACE.lock().unwrap().take());
}
