//! Keys, pastes, mouse, focus and size changes as a stream that can be dropped.

use std::io::{self, PipeReader, PipeWriter, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread::JoinHandle;
use std::time::Duration;

use crossterm::event::Event;
use futures::Stream;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::termios::SpecialCodeIndex;
use signal_hook::SigId;
use signal_hook::consts::SIGWINCH;
use signal_hook::low_level::{pipe, unregister};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::tty::timespec;
use super::{Decoder, Pending, TermError, Tty};

/// Events that may wait for the screen; behind them the bytes wait in the kernel.
const WAITING: usize = 256;

/// The terminal's events.
///
/// The end of the stream means that the terminal is gone. Dropping the source stops its thread
/// before `drop` returns, so that an editor started next gets every key; what was typed but not
/// yet taken from the stream is lost, as it was meant for a screen that is no longer there.
#[derive(Debug)]
pub struct EventSource {
    events: Receiver<Event>,
    stop: PipeWriter,
    resized: SigId,
    thread: Option<JoinHandle<()>>,
}

impl EventSource {
    /// Starts reading the terminal behind standard input. Call it while a
    /// [`Session`](super::Session) is entered: in line mode nothing would come before Enter.
    pub fn start() -> Result<Self, TermError> {
        let failed = |e: io::Error| TermError::io("be read", e);
        let tty = Arc::new(Tty::open()?);
        let (stopped, stop) = io::pipe().map_err(failed)?;
        let (winch, winch_in) = UnixStream::pair().map_err(failed)?;
        winch.set_nonblocking(true).map_err(failed)?;
        let erase = tty
            .settings()
            .map_or(0x7f, |s| s.special_codes[SpecialCodeIndex::VERASE]);
        let resized = pipe::register(SIGWINCH, winch_in).map_err(failed)?;
        let (send, events) = channel(WAITING);
        let reader = Reader {
            tty,
            stopped,
            winch: winch.into(),
            decoder: Decoder::new(erase),
            send,
        };
        let thread = std::thread::Builder::new()
            .name("tty-reader".to_owned())
            .spawn(move || reader.run())
            .map_err(|e| {
                unregister(resized);
                failed(e)
            })?;
        Ok(Self {
            events,
            stop,
            resized,
            thread: Some(thread),
        })
    }

    /// The next event; `None` when the terminal is gone, and from then on.
    pub async fn next(&mut self) -> Option<Event> {
        self.events.recv().await
    }

    /// The next event that has arrived already.
    pub fn try_next(&mut self) -> Option<Event> {
        self.events.try_recv().ok()
    }
}

impl Stream for EventSource {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.events.poll_recv(cx)
    }
}

impl Drop for EventSource {
    fn drop(&mut self) {
        unregister(self.resized);
        // A reader that waits for room in the channel is freed by this, one that waits for a key
        // by the pipe.
        self.events.close();
        let _ = self.stop.write(&[0]);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Reader {
    tty: Arc<Tty>,
    stopped: PipeReader,
    winch: OwnedFd,
    decoder: Decoder,
    send: Sender<Event>,
}

/// What woke the reader.
#[derive(Default)]
struct Woken {
    stop: bool,
    resized: bool,
    input: bool,
    gone: bool,
}

impl Reader {
    fn run(mut self) {
        let mut buffer = [0u8; 8192];
        let mut events = Vec::new();
        loop {
            let woken = self.wait();
            if woken.stop {
                return;
            }
            if woken.resized {
                self.drain_winch();
                let size = self.tty.size();
                events.push(Event::Resize(size.width, size.height));
            }
            if woken.input {
                match rustix::io::read(self.tty.input(), &mut buffer) {
                    // End of file without a hang-up: Ctrl-D while something left the terminal in
                    // line mode.
                    Ok(0) if !self.tty.is_gone() => {}
                    Ok(0) => return,
                    Ok(read) => self.decoder.push(&buffer[..read], &mut events),
                    Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                    Err(_) => return,
                }
            } else if woken.gone {
                return;
            } else if !woken.resized {
                self.decoder.time_is_up(&mut events);
            }
            for event in events.drain(..) {
                if self.send.blocking_send(event).is_err() {
                    return;
                }
            }
        }
    }

    /// Waits for something to do; nothing set means that the time for a pending sequence is up.
    fn wait(&self) -> Woken {
        let limit = match self.decoder.pending() {
            Pending::Nothing => None,
            Pending::Key => Some(Duration::from_millis(50)),
            Pending::Sequence => Some(Duration::from_secs(1)),
            Pending::Paste => Some(Duration::from_secs(5)),
        };
        let limit = limit.map(timespec);
        let input = self.tty.input();
        loop {
            let mut fds = [
                PollFd::from_borrowed_fd(input, PollFlags::IN),
                PollFd::from_borrowed_fd(self.stopped.as_fd(), PollFlags::IN),
                PollFd::from_borrowed_fd(self.winch.as_fd(), PollFlags::IN),
            ];
            match poll(&mut fds, limit.as_ref()) {
                Ok(_) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(_) => {
                    return Woken {
                        stop: true,
                        ..Woken::default()
                    };
                }
            }
            let [tty, stop, winch] = fds.map(|fd| fd.revents());
            return Woken {
                stop: !stop.is_empty(),
                resized: winch.contains(PollFlags::IN),
                input: tty.contains(PollFlags::IN),
                gone: tty.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL),
            };
        }
    }

    /// Any number of size changes are one.
    fn drain_winch(&self) {
        let mut bytes = [0u8; 64];
        while matches!(rustix::io::read(&self.winch, &mut bytes), Ok(1..)) {}
    }
}
