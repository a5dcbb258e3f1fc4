//! Keys, pastes, mouse, focus and size changes as a stream that can be dropped.

use std::collections::VecDeque;
use std::io;
use std::marker::PhantomData;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crossterm::event::Event;
use futures::{Stream, StreamExt};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::termios::SpecialCodeIndex;
use signal_hook::SigId;
use signal_hook::consts::SIGWINCH;
use signal_hook::low_level::{pipe, unregister};

use super::attend::{self, Interest};
use super::tty::timespec;
use super::{Decoder, Pending, TermError, Tty};

/// The terminal's events.
///
/// The end of the stream means that the terminal is gone. Nothing is read ahead of what the stream was asked for but
/// what one read brings; dropping it leaves the rest to whoever reads next, an editor for instance. What was read and
/// not yet taken is lost, as it was meant for a screen that is no longer there.
#[derive(Debug)]
pub struct EventSource {
    tty: Arc<Tty>,
    winch: Arc<OwnedFd>,
    resized: SigId,
    decoder: Decoder,
    /// When a pending sequence is no longer waited for.
    due: Option<Instant>,
    events: VecDeque<Event>,
    gone: bool,
    /// It is waited for where it was started.
    here: PhantomData<*const ()>,
}

impl EventSource {
    /// Reads the terminal behind standard input from now on. Call it while a [`Session`](super::Session) is entered:
    /// in line mode nothing would come before Enter.
    ///
    /// # Errors
    /// When the terminal cannot be read, or this thread does not [`attend`](super::attend) to it.
    pub fn start() -> Result<Self, TermError> {
        let failed = |e: io::Error| TermError::io("be read", e);
        if !attend::is_attending() {
            return Err(failed(io::Error::other("nobody attends to it")));
        }
        let tty = Arc::new(Tty::open()?);
        let (winch, winch_in) = UnixStream::pair().map_err(failed)?;
        winch.set_nonblocking(true).map_err(failed)?;
        let erase = tty
            .settings()
            .map_or(0x7f, |s| s.special_codes[SpecialCodeIndex::VERASE]);
        let resized = pipe::register(SIGWINCH, winch_in).map_err(failed)?;
        Ok(Self {
            tty,
            winch: Arc::new(winch.into()),
            resized,
            decoder: Decoder::new(erase),
            due: None,
            events: VecDeque::new(),
            gone: false,
            here: PhantomData,
        })
    }

    /// The next event; `None` when the terminal is gone, and from then on.
    pub async fn next(&mut self) -> Option<Event> {
        StreamExt::next(self).await
    }

    /// The next event that has arrived already.
    pub fn try_next(&mut self) -> Option<Event> {
        if self.events.is_empty() {
            self.look();
        }
        self.events.pop_front()
    }

    /// Takes what has come, without waiting.
    fn look(&mut self) {
        if self.gone {
            return;
        }
        let woken = self.woken();
        if woken.resized {
            self.drain_winch();
            let size = self.tty.size();
            self.events
                .push_back(Event::Resize(size.width, size.height));
        }
        if woken.input {
            self.read();
        } else if woken.gone {
            self.gone = true;
        } else if self.due.is_some_and(|due| due <= Instant::now()) {
            self.decode(None);
        }
    }

    fn read(&mut self) {
        let mut buffer = [0u8; 8192];
        match rustix::io::read(self.tty.input(), &mut buffer) {
            // End of file without a hang-up: Ctrl-D while something left the terminal in line mode.
            Ok(0) => self.gone = self.tty.is_gone(),
            Ok(read) => self.decode(Some(&buffer[..read])),
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Err(_) => self.gone = true,
        }
    }

    /// These bytes came, or nothing came in time.
    fn decode(&mut self, bytes: Option<&[u8]>) {
        let mut events = Vec::new();
        match bytes {
            Some(bytes) => self.decoder.push(bytes, &mut events),
            None => self.decoder.time_is_up(&mut events),
        }
        self.events.extend(events);
        let limit = match self.decoder.pending() {
            Pending::Nothing => None,
            Pending::Key => Some(Duration::from_millis(50)),
            Pending::Sequence => Some(Duration::from_secs(1)),
            Pending::Paste => Some(Duration::from_secs(5)),
        };
        self.due = limit.map(|limit| Instant::now() + limit);
    }

    fn woken(&self) -> Woken {
        let mut fds = [
            PollFd::from_borrowed_fd(self.tty.input(), PollFlags::IN),
            PollFd::from_borrowed_fd(self.winch.as_fd(), PollFlags::IN),
        ];
        match poll(&mut fds, Some(&timespec(Duration::ZERO))) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => return Woken::default(),
            Err(_) => {
                return Woken {
                    gone: true,
                    ..Woken::default()
                };
            }
        }
        let [tty, winch] = fds.map(|fd| fd.revents());
        Woken {
            resized: winch.contains(PollFlags::IN),
            input: tty.contains(PollFlags::IN),
            gone: tty.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL),
        }
    }

    /// Any number of size changes are one.
    fn drain_winch(&self) {
        let mut bytes = [0u8; 64];
        while matches!(rustix::io::read(&self.winch, &mut bytes), Ok(1..)) {}
    }
}

/// What has come.
#[derive(Default)]
struct Woken {
    resized: bool,
    input: bool,
    gone: bool,
}

impl Stream for EventSource {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Event>> {
        if let Some(event) = self.try_next() {
            return Poll::Ready(Some(event));
        }
        if self.gone {
            return Poll::Ready(None);
        }
        attend::want(Some(Interest {
            tty: Arc::clone(&self.tty),
            winch: Arc::clone(&self.winch),
            due: self.due,
        }));
        Poll::Pending
    }
}

impl Drop for EventSource {
    fn drop(&mut self) {
        unregister(self.resized);
        attend::want(None);
    }
}
