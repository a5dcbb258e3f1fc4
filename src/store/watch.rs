//! Notices the commits of other processes: the write-ahead log changes, so somebody wrote.
//!
//! The kernel tells (inotify and its kin); nobody polls. Our own commits wake this thread too: the writer then
//! compares `PRAGMA data_version`, which only changes by others.

use super::open::FILE;
use super::writer::Poke;
use notify::{EventKind, RecursiveMode, Watcher as _};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

/// After a first sign, more are awaited for so long before the writer looks.
const SETTLE: Duration = Duration::from_millis(50);

/// Watches until dropped.
pub(super) struct Watch {
    // Dropping it ends the stream of events and with it the thread.
    _watcher: Option<notify::RecommendedWatcher>,
}

impl Watch {
    /// Watches the log in `dir`. Where the kernel cannot tell, changes of others are seen with the next commit of ours.
    pub fn start(dir: &Path, poke: Poke) -> Self {
        let (signs, seen) = mpsc::channel();
        let log = format!("{FILE}-wal");
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let Ok(event) = event else { return };
            let writes = matches!(
                event.kind,
                EventKind::Modify(_) | EventKind::Create(_) | EventKind::Remove(_)
            );
            let ours = event
                .paths
                .iter()
                .any(|path| path.file_name().is_some_and(|name| *name == *log));
            if writes && ours {
                let _ = signs.send(());
            }
        });
        let watching = watcher.and_then(|mut watcher| {
            watcher.watch(dir, RecursiveMode::NonRecursive)?;
            Ok(watcher)
        });
        match watching {
            Ok(watcher) => {
                let thread = std::thread::Builder::new().name("mirror-watch".to_owned());
                // Without this thread only the notice of others' changes is late.
                let _ = thread.spawn(move || follow(&seen, &poke));
                Self {
                    _watcher: Some(watcher),
                }
            }
            Err(error) => {
                tracing::warn!(%error, "changes of other processes will be seen late");
                Self { _watcher: None }
            }
        }
    }
}

fn follow(seen: &mpsc::Receiver<()>, poke: &Poke) {
    while seen.recv().is_ok() {
        std::thread::sleep(SETTLE);
        while seen.try_recv().is_ok() {}
        if !poke.look() {
            return;
        }
    }
}
