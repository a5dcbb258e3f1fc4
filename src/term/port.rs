//! The one way out to the tty: a thread with a one-frame mailbox.
//!
//! A terminal that stops taking bytes (XOFF, a slow line) holds this thread and nobody else. While
//! it is held no further frame is accepted, so the next one drawn shows the newest state and the
//! ones between are never made.

use std::io::{self, PipeReader, PipeWriter, Write};
use std::os::fd::AsFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::{TermError, Tty};

/// Bytes beside frames (clipboard, notifications) that may wait; more are refused.
const MOST_WAITING: usize = 256 * 1024;

#[derive(Debug, Default)]
struct State {
    /// Everything that waits, in the order in which it was handed over.
    waiting: Vec<u8>,
    /// Whether a frame is among it.
    frame: bool,
    writing: bool,
    closing: bool,
    parked: bool,
    failed: bool,
}

impl State {
    fn idle(&self) -> bool {
        self.waiting.is_empty() && !self.writing
    }
}

/// Hands bytes to the writer thread.
#[derive(Debug)]
pub(super) struct Port {
    tty: Arc<Tty>,
    state: Mutex<State>,
    changed: Condvar,
    free: Notify,
    wake: PipeWriter,
}

impl Port {
    /// Starts the writer thread for `tty`.
    pub(super) fn start(tty: Arc<Tty>) -> Result<Arc<Self>, TermError> {
        let (woken, wake) = io::pipe().map_err(|e| TermError::io("be written to", e))?;
        let port = Arc::new(Self {
            tty,
            state: Mutex::default(),
            changed: Condvar::new(),
            free: Notify::new(),
            wake,
        });
        let writer = Arc::clone(&port);
        std::thread::Builder::new()
            .name("tty-writer".to_owned())
            .spawn(move || writer.run(&woken))
            .map_err(|e| TermError::io("be written to", e))?;
        Ok(port)
    }

    /// Whether a frame would be taken now.
    pub(super) fn is_free(&self) -> bool {
        let state = self.lock();
        !state.frame && !state.writing
    }

    /// Waits until a frame would be taken.
    pub(super) async fn free(&self) {
        loop {
            let free = self.free.notified();
            if self.is_free() {
                return;
            }
            free.await;
        }
    }

    /// Puts a frame into the mailbox. Only after [`Port::is_free`]: frames are differences, so
    /// one that is dropped would leave the screen wrong.
    ///
    /// What the terminal takes at once is written here: between a key and its bytes no other thread has to wake up.
    pub(super) fn put_frame(&self, bytes: &[u8]) {
        let mut state = self.lock();
        let may_write = state.idle() && !state.closing && !state.failed && self.tty.never_waits();
        // An error is met again, and dealt with, by the thread.
        let taken = if may_write {
            self.tty.write_some(bytes).unwrap_or_default()
        } else {
            0
        };
        let Some(rest) = bytes.get(taken..).filter(|rest| !rest.is_empty()) else {
            return;
        };
        state.waiting.extend_from_slice(rest);
        state.frame = true;
        self.changed.notify_all();
    }

    /// Queues bytes that are no frame; refused (`false`) when too many wait already.
    pub(super) fn put_aside(&self, bytes: &[u8]) -> bool {
        let mut state = self.lock();
        if state.waiting.len() + bytes.len() > MOST_WAITING {
            return false;
        }
        state.waiting.extend_from_slice(bytes);
        self.changed.notify_all();
        true
    }

    /// Whether the terminal refused bytes for good.
    pub(super) fn has_failed(&self) -> bool {
        self.lock().failed
    }

    /// Stops the thread: what is on its way gets `grace` to leave, the rest is dropped.
    /// When this returns nobody else writes to the tty.
    pub(super) fn close(&self, grace: Duration) {
        let end = Instant::now() + grace;
        let mut state = self.lock();
        while !state.idle() && !state.failed && !state.parked {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        state.closing = true;
        self.changed.notify_all();
        drop(state);
        // A full pipe means that it is awake already.
        let _ = (&self.wake).write(&[0]);
        let end = Instant::now() + Duration::from_millis(300);
        let mut state = self.lock();
        while !state.parked {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is plain data: valid whoever panicked while holding it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, woken: &PipeReader) {
        let mut state = self.lock();
        loop {
            if state.closing {
                state.parked = true;
                self.changed.notify_all();
                self.free.notify_waiters();
                return;
            }
            if state.idle() {
                state = self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let bytes = std::mem::take(&mut state.waiting);
            state.frame = false;
            state.writing = true;
            let failed = state.failed;
            drop(state);
            let ok = !failed && self.write(&bytes, woken);
            state = self.lock();
            state.writing = false;
            state.failed |= !ok && !state.closing;
            self.changed.notify_all();
            // `notify_one` stores a permit, so a waiter that comes a moment later is not missed.
            self.free.notify_one();
        }
    }

    /// Writes all of it, however long the terminal takes; `false` when closing or gone.
    fn write(&self, mut bytes: &[u8], woken: &PipeReader) -> bool {
        while !bytes.is_empty() {
            match self.tty.write_some(bytes) {
                Ok(taken) => bytes = &bytes[taken..],
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                    self.tty.wait_writable(woken.as_fd(), None);
                    if self.lock().closing || self.tty.is_gone() {
                        return false;
                    }
                }
                Err(_) => return false,
            }
        }
        true
    }
}
