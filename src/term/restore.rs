//! Giving the terminal back, exactly once, from wherever the program ends.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use rustix::termios::Termios;

use super::port::Port;
use super::{Modes, Tty};

/// How long bytes on their way may still take before the screen is given back.
const GRACE: Duration = Duration::from_millis(250);
/// How long the terminal has to take the restoring bytes.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// The session that owns the terminal now, for the crash hook and the watcher.
static ACTIVE: Mutex<Option<Restorer>> = Mutex::new(None);

#[derive(Debug)]
struct Inner {
    tty: Arc<Tty>,
    port: Arc<Port>,
    before: SavedSettings,
    modes: Modes,
    restored: AtomicBool,
    drawing: Mutex<ThreadId>,
}

/// The line settings from before; opaque in debug output because they are forty numbers.
struct SavedSettings(Termios);

impl std::fmt::Debug for SavedSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SavedSettings")
    }
}

/// A handle that gives the terminal back. Cheap to clone; the first [`Restorer::restore`] works,
/// later ones do nothing.
#[derive(Debug, Clone)]
pub struct Restorer(Arc<Inner>);

impl Restorer {
    pub(super) fn new(tty: Arc<Tty>, port: Arc<Port>, before: Termios, modes: Modes) -> Self {
        let restorer = Self(Arc::new(Inner {
            tty,
            port,
            before: SavedSettings(before),
            modes,
            restored: AtomicBool::new(false),
            drawing: Mutex::new(thread::current().id()),
        }));
        *ACTIVE.lock().unwrap_or_else(PoisonError::into_inner) = Some(restorer.clone());
        restorer
    }

    /// The session that owns the terminal now, if any.
    pub(super) fn active() -> Option<Self> {
        ACTIVE
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .filter(|r| !r.0.restored.load(Ordering::SeqCst))
            .cloned()
    }

    /// Remembers that this thread is the one that draws: a panic elsewhere leaves the screen be.
    pub(super) fn drawing_here(&self) {
        *self
            .0
            .drawing
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = thread::current().id();
    }

    /// Whether this thread is the one that draws.
    pub(super) fn is_drawing_thread(&self) -> bool {
        *self
            .0
            .drawing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            == thread::current().id()
    }

    /// Puts screen, modes and line settings back as they were. Never waits longer than a second,
    /// never prints, and does nothing to a terminal that is gone.
    pub fn restore(&self) {
        if self.0.restored.swap(true, Ordering::SeqCst) {
            return;
        }
        self.0.port.close(GRACE);
        if !self.0.tty.is_gone() {
            self.0
                .tty
                .write_within(self.0.modes.leave().as_bytes(), LAST_WORDS);
            // Nothing is left to be done about a refusal at this point.
            let _ = self.0.tty.apply(&self.0.before.0);
        }
    }
}
