//! A terminal in memory: the loop draws on it and hears from it as from the real one.

use super::dump;
use crate::term::{Doing, Drawn, Heard, Rest, Suspended, TermError, Terminal};
use crossterm::event::{Event, KeyEvent};
use ratatui::Frame;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, watch};

/// What both sides of the terminal see.
pub(super) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// The terminal's side of things, for the robot to look at.
pub(super) struct State {
    pub size: Size,
    /// The newest frame as text.
    pub screen: String,
    /// The same with its colours.
    pub picture: Buffer,
    /// Where the cursor is, if it is shown.
    pub cursor: Option<(u16, u16)>,
    /// Frames that differed from the one before.
    pub frames: usize,
    /// Sequences beside frames: clipboard, bells, notifications.
    pub sequences: Vec<u8>,
    /// What was said to the loop, and how much of it was taken.
    pub said: usize,
    pub taken: usize,
    pub doing: Doing,
    pub suspended: usize,
    /// What the next Ctrl-Z finds.
    pub shell: Suspended,
    /// Another program has the terminal; keys are its own.
    pub lent: bool,
    pub elsewhere: Vec<KeyEvent>,
    /// The terminal was given back.
    pub left: bool,
    /// The line dropped: drawing fails.
    pub gone: bool,
    pub ended: bool,
}

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and wakes whoever waits for a change.
    pub(super) fn change<R>(&self, work: impl FnOnce(&mut State) -> R) -> R {
        let result = work(&mut self.lock());
        self.changed.notify_all();
        result
    }

    /// Waits for a change, at most so long.
    pub(super) fn wait<'a>(
        &'a self,
        state: MutexGuard<'a, State>,
        limit: std::time::Duration,
    ) -> MutexGuard<'a, State> {
        self.changed
            .wait_timeout(state, limit)
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }
}

/// The loop's side.
pub struct FakeTerminal {
    shared: Arc<Shared>,
    picture: ratatui::Terminal<TestBackend>,
    heard: mpsc::UnboundedReceiver<Heard>,
    /// Taken from the queue, but no event.
    kept: Option<Heard>,
    stalled: watch::Receiver<bool>,
}

/// The other side's ways in.
pub(super) struct Line {
    pub shared: Arc<Shared>,
    pub say: mpsc::UnboundedSender<Heard>,
    pub stall: watch::Sender<bool>,
}

impl FakeTerminal {
    /// A terminal of this size, and the line to it.
    #[allow(clippy::expect_used, reason = "the backend is in memory")]
    pub(super) fn new(columns: u16, rows: u16) -> (Self, Line) {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                size: Size::new(columns, rows),
                screen: String::new(),
                picture: Buffer::default(),
                cursor: None,
                frames: 0,
                sequences: Vec::new(),
                said: 0,
                taken: 0,
                doing: Doing::Working,
                suspended: 0,
                shell: Suspended::Resumed,
                lent: false,
                elsewhere: Vec::new(),
                left: false,
                gone: false,
                ended: false,
            }),
            changed: Condvar::new(),
        });
        let (say, heard) = mpsc::unbounded_channel();
        let (stall, stalled) = watch::channel(false);
        let backend = TestBackend::new(columns, rows);
        let terminal = Self {
            shared: shared.clone(),
            picture: ratatui::Terminal::new(backend).expect("in memory"),
            heard,
            kept: None,
            stalled,
        };
        let line = Line { shared, say, stall };
        (terminal, line)
    }

    /// Something said was taken; from this moment on the loop works on it.
    fn took(&self) {
        self.shared.change(|state| {
            state.taken += 1;
            state.doing = Doing::Working;
        });
    }

    /// What another program would have left on the screen is gone: the next frame is drawn whole.
    fn repaint(&mut self) {
        // A terminal in memory refuses nothing.
        let _ = self.picture.clear();
        self.shared.change(|state| state.screen.clear());
    }
}

impl Drop for FakeTerminal {
    fn drop(&mut self) {
        self.shared.change(|state| {
            state.left = true;
            state.ended = true;
        });
    }
}

impl Terminal for FakeTerminal {
    fn size(&self) -> Size {
        self.shared.lock().size
    }

    fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<Drawn> {
        let (gone, size) = {
            let state = self.shared.lock();
            (state.gone, state.size)
        };
        if gone {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if *self.stalled.borrow() {
            return Ok(Drawn::Deferred);
        }
        let backend = self.picture.backend_mut();
        if backend.buffer().area.as_size() != size {
            backend.resize(size.width, size.height);
        }
        let before = backend.buffer().clone();
        if self.picture.draw(render).is_err() {
            return Err(io::ErrorKind::Other.into());
        }
        let backend = self.picture.backend();
        let cursor = backend.cursor_visible().then(|| {
            let at = backend.cursor_position();
            (at.x, at.y)
        });
        let text = dump::text(backend.buffer());
        let picture = backend.buffer().clone();
        let same = picture == before;
        self.shared.change(|state| {
            let same = same && state.cursor == cursor && state.screen == text;
            state.frames += usize::from(!same);
            state.cursor = cursor;
            state.screen = text;
            state.picture = picture;
            Ok(if same {
                Drawn::Unchanged
            } else {
                Drawn::Painted
            })
        })
    }

    async fn next(&mut self, deferred: bool) -> Heard {
        if let Some(kept) = self.kept.take() {
            return kept;
        }
        let heard = tokio::select! {
            biased;
            heard = self.heard.recv() => Some(heard.unwrap_or(Heard::Gone)),
            _ = self.stalled.wait_for(|stalled| !stalled), if deferred => None,
        };
        match heard {
            Some(heard) => {
                self.took();
                heard
            }
            None => Heard::Writable,
        }
    }

    fn try_next(&mut self) -> Option<Event> {
        if self.kept.is_some() {
            return None;
        }
        let heard = self.heard.try_recv().ok()?;
        self.took();
        match heard {
            Heard::Event(event) => Some(event),
            other => {
                self.kept = Some(other);
                None
            }
        }
    }

    fn send(&self, sequence: &[u8]) -> bool {
        self.shared.change(|state| {
            state.sequences.extend_from_slice(sequence);
        });
        true
    }

    fn suspend(&mut self) -> Result<Suspended, TermError> {
        let shell = self.shared.change(|state| {
            state.suspended += 1;
            state.shell
        });
        if shell == Suspended::Resumed {
            self.repaint();
        }
        Ok(shell)
    }

    async fn lend<R>(&mut self, work: impl Future<Output = R>) -> Result<R, TermError> {
        // What was typed for the screen that is no longer there is lost, as with the real one.
        while self.try_next().is_some() {}
        self.shared.change(|state| state.lent = true);
        let result = work.await;
        self.shared.change(|state| state.lent = false);
        self.repaint();
        Ok(result)
    }

    fn refresh(&mut self) -> Result<(), TermError> {
        self.repaint();
        Ok(())
    }

    fn leave(&mut self) {
        self.shared.change(|state| state.left = true);
    }

    fn rest(&self) -> Rest {
        let shared = self.shared.clone();
        Rest::telling(move |doing| shared.change(|state| state.doing = doing))
    }
}
