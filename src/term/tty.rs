//! The two ends of the terminal: where keys come from and where bytes go.

use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use ratatui::layout::Size;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::termios::{OptionalActions, Termios};

use super::TermError;

/// A screen larger than this is a mistake or a prank; more would only cost memory.
const LARGEST: Size = Size::new(1_000, 500);
/// What is assumed when the line does not know its size, as serial lines do not.
const UNKNOWN: Size = Size::new(80, 24);
/// One blocking write may not be larger, so that it is over soon after the tty said "writable".
const SMALL_WRITE: usize = 256;

/// The process's terminal, with descriptors of its own.
///
/// Output goes through a separate, non-blocking open of the same device where the system allows
/// it: setting `O_NONBLOCK` on the inherited descriptor would change it for the shell as well.
#[derive(Debug)]
pub struct Tty {
    input: OwnedFd,
    output: OwnedFd,
    blocking: bool,
}

impl Tty {
    /// Opens the terminal behind standard input and output.
    ///
    /// Fails with [`TermError::NotATerminal`] when either is something else.
    pub fn open() -> Result<Self, TermError> {
        if !io::stdin().is_terminal() {
            return Err(TermError::NotATerminal { stream: "input" });
        }
        if !io::stdout().is_terminal() {
            return Err(TermError::NotATerminal { stream: "output" });
        }
        let input = duplicate(io::stdin().as_fd())?;
        let (output, blocking) = match open_again(io::stdout().as_fd()) {
            Some(fd) => (fd, false),
            None => (duplicate(io::stdout().as_fd())?, true),
        };
        Ok(Self {
            input,
            output,
            blocking,
        })
    }

    /// Where keys come from.
    pub fn input(&self) -> BorrowedFd<'_> {
        self.input.as_fd()
    }

    /// Columns and rows, never zero and never absurd.
    pub fn size(&self) -> Size {
        let Ok(size) = rustix::termios::tcgetwinsize(&self.output) else {
            return UNKNOWN;
        };
        if size.ws_col == 0 || size.ws_row == 0 {
            return UNKNOWN;
        }
        Size::new(
            size.ws_col.min(LARGEST.width),
            size.ws_row.min(LARGEST.height),
        )
    }

    /// Whether the other side has hung up. Asks without waiting.
    pub fn is_gone(&self) -> bool {
        let mut fds = [PollFd::new(&self.output, PollFlags::empty())];
        match poll(&mut fds, Some(&timespec(Duration::ZERO))) {
            Ok(_) => fds[0].revents().intersects(PollFlags::HUP | PollFlags::ERR),
            Err(_) => false,
        }
    }

    /// The line settings as they are now.
    pub(super) fn settings(&self) -> Result<Termios, TermError> {
        rustix::termios::tcgetattr(&self.input).map_err(|e| TermError::io("tell its settings", e))
    }

    /// Puts line settings in force at once. It never waits for output to drain, because a stopped
    /// terminal would then hold the program for ever.
    pub(super) fn apply(&self, settings: &Termios) -> Result<(), TermError> {
        rustix::termios::tcsetattr(&self.input, OptionalActions::Now, settings)
            .map_err(|e| TermError::io("change its settings", e))
    }

    /// Whether [`Tty::write_some`] waits for nothing, whatever becomes of the terminal.
    pub(super) fn never_waits(&self) -> bool {
        !self.blocking
    }

    /// Writes what the terminal takes now. `WouldBlock` means: wait with [`Tty::wait_writable`].
    pub(super) fn write_some(&self, bytes: &[u8]) -> io::Result<usize> {
        let bytes = if self.blocking {
            if !self.writable_now() {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            &bytes[..bytes.len().min(SMALL_WRITE)]
        } else {
            bytes
        };
        Ok(rustix::io::write(&self.output, bytes)?)
    }

    /// Waits until the terminal takes bytes, is gone, `other` becomes readable, or time is up.
    pub(super) fn wait_writable(&self, other: BorrowedFd<'_>, limit: Option<Duration>) {
        let limit = limit.map(timespec);
        let mut fds = [
            PollFd::new(&self.output, PollFlags::OUT),
            PollFd::from_borrowed_fd(other, PollFlags::IN),
        ];
        // An interrupted wait is simply tried again by the caller's loop.
        let _ = poll(&mut fds, limit.as_ref());
    }

    /// Writes everything unless that takes longer than `limit`; tells whether it was all taken.
    pub(super) fn write_within(&self, mut bytes: &[u8], limit: Duration) -> bool {
        let end = Instant::now() + limit;
        while !bytes.is_empty() {
            match self.write_some(bytes) {
                Ok(taken) => bytes = &bytes[taken..],
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                    let left = end.saturating_duration_since(Instant::now());
                    if left.is_zero() || self.is_gone() {
                        return false;
                    }
                    let mut fds = [PollFd::new(&self.output, PollFlags::OUT)];
                    let _ = poll(&mut fds, Some(&timespec(left)));
                }
                Err(_) => return false,
            }
        }
        true
    }

    fn writable_now(&self) -> bool {
        let mut fds = [PollFd::new(&self.output, PollFlags::OUT)];
        matches!(poll(&mut fds, Some(&timespec(Duration::ZERO))), Ok(1))
    }
}

/// A duration as the system call wants it.
pub(super) fn timespec(duration: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(duration.subsec_nanos()),
    }
}

/// A descriptor of our own for the same open terminal, closed on exec.
pub(super) fn duplicate(fd: BorrowedFd<'_>) -> Result<OwnedFd, TermError> {
    fd.try_clone_to_owned()
        .map_err(|e| TermError::io("be opened", e))
}

/// A second, non-blocking open of the same device; `None` where the system forbids it, as after
/// `su` to another user.
fn open_again(fd: BorrowedFd<'_>) -> Option<OwnedFd> {
    let name = rustix::termios::ttyname(fd, Vec::new()).ok()?;
    let flags = OFlags::WRONLY | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    rustix::fs::open(name.as_c_str(), flags, Mode::empty()).ok()
}
