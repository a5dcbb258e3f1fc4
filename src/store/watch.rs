//! Notices the commits of other processes: the write-ahead log changes, so somebody wrote.
//!
//! The kernel tells (inotify and its kin); nobody polls. Our own commits wake this thread too: the writer then
//! compares `PRAGMA data_version`, which only changes by others.
//!
//! The log is written first and the commit counts once the disk has it, which the kernel does not tell. On a busy disk
//! that takes longer than any wait one would like, so there is more than one look.

use super::open::FILE;
use super::writer::Poke;
use notify::{EventKind, RecursiveMode, Watcher as _};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

/// After a sign the writer looks so many milliseconds later, and so many after that, until there is another sign.
const LOOKS: [u64; 6] = [50, 100, 250, 600, 1_500, 3_000];

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
                let _ = thread.spawn(move || follow(&seen, || poke.look()));
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

fn follow(seen: &mpsc::Receiver<()>, look: impl Fn() -> bool) {
    while seen.recv().is_ok() {
        let mut looks = LOOKS.iter();
        while let Some(wait) = looks.next() {
            let wait = Duration::from_millis(*wait);
            if looks.len() + 1 == LOOKS.len() {
                // More signs are awaited together with the first.
                std::thread::sleep(wait);
                while seen.try_recv().is_ok() {}
            } else {
                match seen.recv_timeout(wait) {
                    Ok(()) => {
                        looks = LOOKS.iter();
                        continue;
                    }
                    Err(mpsc::RecvTimeoutError::Timeout) => {}
                    Err(mpsc::RecvTimeoutError::Disconnected) => return,
                }
            }
            if !look() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn a_commit_that_the_disk_is_slow_to_take_is_seen() {
        let (signs, seen) = mpsc::channel();
        let (look, looks) = mpsc::channel();
        let thread =
            std::thread::spawn(move || follow(&seen, || look.send(Instant::now()).is_ok()));
        let sign = Instant::now();
        signs.send(()).unwrap();
        // It counts 300 ms after its sign, and is seen within a second.
        let counts = sign + Duration::from_millis(300);
        let seen_at = looks.iter().find(|at| *at >= counts).unwrap();
        assert!(seen_at - counts < Duration::from_secs(1));
        drop((signs, looks));
        thread.join().unwrap();
    }
}
