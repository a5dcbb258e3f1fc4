//! Noticing that the terminal hung up or the process is asked to end, and ending it in time.
//!
//! crossterm cannot be relied on here: its reader spins for ever on a terminal that is gone. This
//! watcher sleeps in `poll(2)` on the tty and on the signals; nothing wakes it otherwise.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::low_level::pipe;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::tty::{duplicate, timespec};
use super::{Restorer, TermError, suspend};

/// What happened to the process; the runtime saves and ends, or redraws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessSignal {
    /// The terminal is gone or said so. Save and return; the process ends within 1.5 s anyway.
    HungUp,
    /// Asked to end (SIGTERM, SIGINT from outside, SIGQUIT). Save and return; the process ends
    /// within 5 s anyway.
    Terminate,
    /// Asked to stop (SIGTSTP from outside). Answer with
    /// [`Session::suspend`](super::Session::suspend).
    SuspendAsked,
    /// Continued after a stop. Answer with [`Session::refresh`](super::Session::refresh).
    Continued,
}

/// How long the runtime has after a hang-up.
const AFTER_HANGUP: Duration = Duration::from_millis(1_500);
/// How long the runtime has after SIGTERM.
const AFTER_TERMINATE: Duration = Duration::from_secs(5);

/// Watches the terminal and the signals of the process, from its start to its end.
///
/// There is one per process and it is never stopped: the signal handlers stay for good.
#[derive(Debug)]
pub struct Watcher {
    signals: UnboundedReceiver<ProcessSignal>,
}

impl Watcher {
    /// Starts watching standard input's terminal (if it is one) and the signals.
    pub fn start() -> Result<Self, TermError> {
        let failed = |e: io::Error| TermError::io("be watched", e);
        let mut pipes = Vec::new();
        for signal in [SIGHUP, SIGTERM, SIGINT, SIGQUIT, SIGTSTP, SIGCONT] {
            let (ours, theirs) = UnixStream::pair().map_err(failed)?;
            ours.set_nonblocking(true).map_err(failed)?;
            pipe::register(signal, theirs).map_err(failed)?;
            pipes.push((signal, OwnedFd::from(ours)));
        }
        let stdin = io::stdin();
        let tty = if io::IsTerminal::is_terminal(&stdin) {
            Some(duplicate(stdin.as_fd())?)
        } else {
            None
        };
        let (send, signals) = unbounded_channel();
        std::thread::Builder::new()
            .name("tty-watcher".to_owned())
            .spawn(move || Watch { tty, pipes, send }.run())
            .map_err(failed)?;
        Ok(Self { signals })
    }

    /// The next thing that happened to the process. Never ends.
    pub async fn next(&mut self) -> ProcessSignal {
        match self.signals.recv().await {
            Some(signal) => signal,
            // The thread ends only together with the process.
            None => std::future::pending().await,
        }
    }
}

struct Watch {
    tty: Option<OwnedFd>,
    pipes: Vec<(i32, OwnedFd)>,
    send: UnboundedSender<ProcessSignal>,
}

/// The end of the process: when, and with which code.
#[derive(Clone, Copy)]
struct Doom {
    at: Instant,
    code: i32,
}

impl Watch {
    fn run(mut self) {
        let mut doom: Option<Doom> = None;
        loop {
            let left = doom.map(|d| d.at.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                end(doom.map_or(1, |d| d.code));
            }
            for happened in self.wait(left) {
                doom = self.react(happened, doom);
            }
        }
    }

    /// Tells the runtime and sets or moves the end of the process.
    fn react(&mut self, happened: Happened, doom: Option<Doom>) -> Option<Doom> {
        let (tell, code, limit) = match happened {
            Happened::Gone => (ProcessSignal::HungUp, 128 + SIGHUP, AFTER_HANGUP),
            Happened::Signal(SIGHUP) => (ProcessSignal::HungUp, 128 + SIGHUP, AFTER_HANGUP),
            Happened::Signal(SIGTSTP) if suspend::was_own_stop() => return doom,
            Happened::Signal(SIGINT | SIGQUIT | SIGTSTP) if suspend::is_lent() => {
                // Keys pressed in the editor reach the whole foreground group. Only a stop
                // concerns us too: the shell waits until all of the job has stopped.
                if happened == Happened::Signal(SIGTSTP) {
                    suspend::stop_process();
                }
                return doom;
            }
            Happened::Signal(SIGTSTP) => {
                // The runtime answers or is about to end; nobody is left to tell in that case.
                let _ = self.send.send(ProcessSignal::SuspendAsked);
                return doom;
            }
            Happened::Signal(SIGCONT) => {
                let _ = self.send.send(ProcessSignal::Continued);
                return doom;
            }
            Happened::Signal(signal) => (ProcessSignal::Terminate, 128 + signal, AFTER_TERMINATE),
        };
        let _ = self.send.send(tell);
        let at = Instant::now() + limit;
        Some(match doom {
            // Asked a second time: at once.
            Some(_) if tell == ProcessSignal::Terminate => Doom {
                at: Instant::now(),
                code,
            },
            Some(earlier) if earlier.at <= at => earlier,
            _ => Doom { at, code },
        })
    }

    fn wait(&mut self, left: Option<Duration>) -> Vec<Happened> {
        let limit = left.map(timespec);
        let mut fds: Vec<PollFd<'_>> = self
            .pipes
            .iter()
            .map(|(_, fd)| PollFd::new(fd, PollFlags::IN))
            .collect();
        if let Some(tty) = &self.tty {
            // No flags: a hang-up is always reported, keys are somebody else's.
            fds.push(PollFd::new(tty, PollFlags::empty()));
        }
        if poll(&mut fds, limit.as_ref()).is_err() {
            return Vec::new();
        }
        let found: Vec<PollFlags> = fds.iter().map(PollFd::revents).collect();
        drop(fds);
        let mut happened = Vec::new();
        for ((signal, fd), flags) in self.pipes.iter().zip(&found) {
            let mut bytes = [0u8; 16];
            if flags.contains(PollFlags::IN) {
                while matches!(rustix::io::read(fd, &mut bytes), Ok(1..)) {}
                happened.push(Happened::Signal(*signal));
            }
        }
        if let Some(flags) = found.get(self.pipes.len()).filter(|f| !f.is_empty()) {
            // Reported for ever from now on, so it is not asked again. NVAL alone means that this
            // system cannot watch terminals; then the signals must do.
            self.tty = None;
            if flags.intersects(PollFlags::HUP | PollFlags::ERR) {
                happened.push(Happened::Gone);
            }
        }
        happened
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Happened {
    Gone,
    Signal(i32),
}

/// Ends the process without running destructors, which could wait for the terminal or print to it.
fn end(code: i32) -> ! {
    if let Some(session) = Restorer::active() {
        session.restore();
    }
    signal_hook::low_level::exit(code)
}
