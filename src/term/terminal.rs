//! The terminal as the screen's loop uses it: the real one, or one in memory that a suite types into.

use std::io;
use std::sync::Arc;

use crossterm::event::Event;
use ratatui::Frame;
use ratatui::layout::Size;

use super::{Drawn, EventSource, Modes, ProcessSignal, Session, Suspended, TermError, Watcher};

/// What comes from the terminal's side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A key, a paste, the mouse, the focus or a new size.
    Event(Event),
    /// The terminal is gone: save and return.
    Gone,
    /// Something happened to the process.
    Signal(ProcessSignal),
    /// A frame that was put off would be taken now.
    Writable,
}

/// What the loop needs of a terminal. Nothing here waits for a slow one.
pub trait Terminal {
    /// Columns and rows, never zero.
    fn size(&self) -> Size;

    /// Draws a frame; see [`Session::draw`].
    fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<Drawn>;

    /// The next thing that happened; [`Heard::Writable`] only where a frame was `deferred`. May be dropped at any
    /// point without losing anything.
    fn next(&mut self, deferred: bool) -> impl Future<Output = Heard>;

    /// The next event that has arrived already.
    fn try_next(&mut self) -> Option<Event>;

    /// Sends bytes that are no frame; see [`Session::send`].
    fn send(&self, sequence: &[u8]) -> bool;

    /// Stops the process as Ctrl-Z does and takes the terminal again afterwards; see [`Session::suspend`].
    fn suspend(&mut self) -> Result<Suspended, TermError>;

    /// Gives the terminal to another program for as long as `work` runs; see [`Session::lend`].
    fn lend<R>(
        &mut self,
        work: impl Future<Output = R>,
    ) -> impl Future<Output = Result<R, TermError>>;

    /// Puts modes and picture back; see [`Session::refresh`].
    fn refresh(&mut self) -> Result<(), TermError>;

    /// Gives the terminal back. Safe to call twice.
    fn leave(&mut self);

    /// Who is told when the loop sleeps.
    fn rest(&self) -> Rest {
        Rest::default()
    }
}

/// What the loop does while it is not being watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Something came in and is being dealt with.
    Working,
    /// It sleeps, but was not answered everything that it asked.
    Waiting,
    /// It sleeps; nothing more happens by itself before a clock on the screen changes.
    Idle,
}

/// Hears what the loop does: a suite waits for [`Doing::Idle`] and never sleeps. Nobody listens by default.
#[derive(Clone, Default)]
pub struct Rest(Option<Arc<dyn Fn(Doing) + Send + Sync>>);

impl Rest {
    /// Calls this on every change; it must not wait.
    pub fn telling(listener: impl Fn(Doing) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(listener)))
    }

    /// Tells what the loop does now.
    pub fn tell(&self, doing: Doing) {
        if let Some(listener) = &self.0 {
            listener(doing);
        }
    }
}

/// The terminal behind standard input and output.
#[derive(Debug)]
pub struct Console {
    session: Session,
    watcher: Watcher,
    /// None only after it could not be started again.
    source: Option<EventSource>,
}

impl Console {
    /// Takes the terminal and listens to it and to the process's signals. There is one per process.
    ///
    /// # Errors
    /// When there is no terminal or it cannot be taken; it is then as it was.
    pub fn enter(modes: Modes) -> Result<Self, TermError> {
        let session = Session::enter(modes)?;
        let watcher = Watcher::start()?;
        let source = Some(EventSource::start()?);
        Ok(Self {
            session,
            watcher,
            source,
        })
    }
}

impl Terminal for Console {
    fn size(&self) -> Size {
        self.session.size()
    }

    fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<Drawn> {
        self.session.draw(render)
    }

    async fn next(&mut self, deferred: bool) -> Heard {
        let source = &mut self.source;
        let event = async {
            match source {
                Some(source) => source.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            signal = self.watcher.next() => Heard::Signal(signal),
            event = event => event.map_or(Heard::Gone, Heard::Event),
            () = self.session.writable(), if deferred => Heard::Writable,
        }
    }

    fn try_next(&mut self) -> Option<Event> {
        self.source.as_mut().and_then(EventSource::try_next)
    }

    fn send(&self, sequence: &[u8]) -> bool {
        self.session.send(sequence)
    }

    fn suspend(&mut self) -> Result<Suspended, TermError> {
        self.source = None;
        let suspended = self.session.suspend()?;
        self.source = Some(EventSource::start()?);
        Ok(suspended)
    }

    async fn lend<R>(&mut self, work: impl Future<Output = R>) -> Result<R, TermError> {
        let source = match self.source.take() {
            Some(source) => source,
            None => EventSource::start()?,
        };
        let (result, source) = self.session.lend(source, work).await?;
        self.source = Some(source);
        Ok(result)
    }

    fn refresh(&mut self) -> Result<(), TermError> {
        self.session.refresh()
    }

    fn leave(&mut self) {
        self.session.leave();
    }
}
