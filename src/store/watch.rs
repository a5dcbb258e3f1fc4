//! Notices the commits of other processes: the write-ahead log changes, so somebody wrote.
//!
//! The kernel tells (inotify and its kin); nobody polls but while the log is written without end, as in a first read of
//! a mailbox: telling of each page then costs a process half as much again. Our own commits wake this thread too. The writer compares
//! `PRAGMA data_version`, which only changes by others, after each of them; so where the log was not written since then
//! there is but one more look, for what others wrote in the same moment.
//!
//! The log is written first and the commit counts once the disk has it, which the kernel does not tell. On a busy disk
//! that takes longer than any wait one would like, so there is more than one look.

use super::open::FILE;
use super::writer::Poke;
use notify::{EventKind, RecursiveMode, Watcher as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, SystemTime};

/// Signs that come so soon after the first are one with it; then the writer looks.
const TOGETHER: Duration = Duration::from_millis(50);
/// The writer looks again so many milliseconds later, and so many after that, until there is another sign.
const LOOKS: [u64; 5] = [100, 250, 600, 1_500, 3_000];
/// While it is written without end, so often in a row it must be found as it was until the kernel is listened to again.
const QUIET: u32 = 4;
/// The same looks after a commit of its own.
const LATE: [u64; 1] = [3_000];

/// Watches until dropped.
pub(super) struct Watch {
    // Dropping what is in it ends the stream of events and with it the thread.
    ears: Ears,
}

/// What the kernel tells by, to be had by the thread and by whoever ends it.
#[derive(Clone, Default)]
struct Ears(Arc<Mutex<Option<Open>>>);

struct Open {
    watcher: notify::RecommendedWatcher,
    dir: PathBuf,
}

impl Ears {
    /// Listens, or does not: each page that is written while one listens costs its writer as much again.
    fn listen(&self, on: bool) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Open { watcher, dir }) = open.as_mut() else {
            return;
        };
        let done = if on {
            watcher.watch(dir, RecursiveMode::NonRecursive)
        } else {
            watcher.unwatch(dir)
        };
        if let Err(error) = done {
            tracing::debug!(%error, "the kernel does not tell of changes");
        }
    }
}

impl Watch {
    /// Watches the log in `dir`. Where the kernel cannot tell, changes of others are seen with the next commit of ours.
    pub fn start(dir: &Path, poke: Poke) -> Self {
        let file = dir.join(format!("{FILE}-wal"));
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
        let ears = Ears::default();
        match watching {
            Ok(watcher) => {
                let open = Open {
                    watcher,
                    dir: dir.to_owned(),
                };
                *ears.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(open);
                let thread = std::thread::Builder::new().name("mirror-watch".to_owned());
                let of_thread = ears.clone();
                // Without this thread only the notice of others' changes is late.
                let _ = thread.spawn(move || {
                    let log = Log {
                        listen: |on| of_thread.listen(on),
                        written: || written(&file),
                        ours: || poke.wrote_last(written(&file)),
                        look: || poke.look(),
                    };
                    log.follow(&seen);
                });
            }
            Err(error) => tracing::warn!(%error, "changes of other processes will be seen late"),
        }
        Self { ears }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let open = self.ears.0.lock();
        drop(open.unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// When the file was last written to, if there is one.
fn written(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file)
        .and_then(|file| file.modified())
        .ok()
}

/// What following the log needs.
struct Log<Listen, Written, Ours, Look> {
    /// Listens to the kernel, or does not.
    listen: Listen,
    /// When the log was last written to.
    written: Written,
    /// Whether that was by this process.
    ours: Ours,
    /// Lets the writer look who wrote; false where there is no writer any more.
    look: Look,
}

impl<Listen, Written, Ours, Look> Log<Listen, Written, Ours, Look>
where
    Listen: Fn(bool),
    Written: Fn() -> Option<SystemTime>,
    Ours: Fn() -> bool,
    Look: Fn() -> bool,
{
    fn follow(&self, seen: &mpsc::Receiver<()>) {
        let mut sign = seen.recv().is_ok();
        // After a quiet time it may be one commit, for which it is not worth to stop listening and begin again.
        let mut busy = false;
        while sign {
            // More signs are awaited together with the first. What counts only later is seen by the looks that follow.
            if busy {
                (self.listen)(false);
                let goes_on = self.outlast();
                (self.listen)(true);
                if !goes_on {
                    return;
                }
            } else {
                std::thread::sleep(TOGETHER);
            }
            while seen.try_recv().is_ok() {}
            let looks: &[u64] = if (self.ours)() {
                &LATE
            } else {
                if !(self.look)() {
                    return;
                }
                &LOOKS
            };
            sign = false;
            for wait in looks {
                match seen.recv_timeout(Duration::from_millis(*wait)) {
                    Ok(()) => {
                        sign = true;
                        break;
                    }
                    Err(mpsc::RecvTimeoutError::Timeout) => {
                        if !(self.look)() {
                            return;
                        }
                    }
                    Err(mpsc::RecvTimeoutError::Disconnected) => return,
                }
            }
            busy = sign;
            sign = sign || seen.recv().is_ok();
        }
    }

    /// Goes by the file's time until it is no longer written to; false where there is no writer any more.
    fn outlast(&self) -> bool {
        let (mut last, mut quiet) = ((self.written)(), 0);
        while quiet < QUIET {
            std::thread::sleep(TOGETHER);
            let now = (self.written)();
            if now == last {
                quiet += 1;
                continue;
            }
            (last, quiet) = (now, 0);
            if !(self.ours)() && !(self.look)() {
                return false;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::{Cell, RefCell};
    use std::time::Instant;

    #[test]
    fn a_commit_that_the_disk_is_slow_to_take_is_seen() {
        let (signs, seen) = mpsc::channel();
        let (look, looks) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let log = Log {
                listen: |_| {},
                written: || None,
                ours: || false,
                look: || look.send(Instant::now()).is_ok(),
            };
            log.follow(&seen);
        });
        let sign = Instant::now();
        signs.send(()).unwrap();
        // It counts 300 ms after its sign, and is seen within a second.
        let counts = sign + Duration::from_millis(300);
        let seen_at = looks.iter().find(|at| *at >= counts).unwrap();
        assert!(seen_at - counts < Duration::from_secs(1));
        drop((signs, looks));
        thread.join().unwrap();
    }

    #[test]
    fn a_commit_of_ours_is_followed_by_one_late_look() {
        let (signs, seen) = mpsc::channel();
        let (look, looks) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let log = Log {
                listen: |_| {},
                written: || None,
                ours: || true,
                look: || look.send(()).is_ok(),
            };
            log.follow(&seen);
        });
        let began = Instant::now();
        signs.send(()).unwrap();
        looks.recv().unwrap();
        assert!(began.elapsed() >= Duration::from_millis(LATE[0]));
        assert!(looks.recv_timeout(Duration::from_secs(1)).is_err());
        drop((signs, looks));
        thread.join().unwrap();
    }

    #[test]
    fn while_it_is_written_without_end_the_kernel_is_not_listened_to_and_nothing_is_missed() {
        #[derive(Debug, PartialEq)]
        enum Did {
            Listen(bool),
            Look,
        }
        let did = RefCell::new(Vec::new());
        let (signs, seen) = mpsc::channel();
        signs.send(()).unwrap();
        // It is written to three times, of which nobody tells.
        let asked = Cell::new(0);
        let log = Log {
            listen: |on| did.borrow_mut().push(Did::Listen(on)),
            written: || {
                asked.set(asked.get() + 1);
                Some(SystemTime::UNIX_EPOCH + Duration::from_secs(asked.get().min(4)))
            },
            ours: || false,
            look: || {
                did.borrow_mut().push(Did::Look);
                // After the first look there is another sign, so it is no single commit.
                let _ = signs.send(());
                did.borrow().len() < 7
            },
        };
        log.follow(&seen);
        // The last is for what was written before it was listened to again.
        let expected = [
            Did::Look,
            Did::Listen(false),
            Did::Look,
            Did::Look,
            Did::Look,
            Did::Listen(true),
            Did::Look,
        ];
        assert_eq!(did.into_inner(), expected);
    }
}
