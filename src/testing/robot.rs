//! Somebody who types, looks and waits: the product's own loop with a robot at the keyboard.

use super::terminal::{FakeTerminal, Line, State};
use super::{dump, keys};
use crate::term::{Doing, Heard, ProcessSignal, Suspended};
use crossterm::event::{Event, KeyEvent};
use std::process::ExitCode;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long anything may take on a busy machine. Nothing waits so long unless something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// The user of one run. Dropped, it drops the line, and the program ends.
pub struct Robot {
    line: Line,
    program: Option<JoinHandle<anyhow::Result<ExitCode>>>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// What the program returned.
    pub result: anyhow::Result<ExitCode>,
    /// The last frame.
    pub screen: String,
}

impl Robot {
    /// Starts `program` on a terminal of this size and a thread of its own.
    ///
    /// # Panics
    /// When there is no thread for it.
    #[allow(clippy::expect_used, reason = "a suite that cannot start should end")]
    pub fn start(
        (columns, rows): (u16, u16),
        program: impl FnOnce(FakeTerminal) -> anyhow::Result<ExitCode> + Send + 'static,
    ) -> Self {
        let (terminal, line) = FakeTerminal::new(columns, rows);
        let program = std::thread::Builder::new()
            .name("program".to_owned())
            .spawn(move || program(terminal))
            .expect("a thread");
        Self {
            line,
            program: Some(program),
        }
    }

    /// Presses keys (see [`keys::presses`]), each after the one before has had all its effects.
    #[track_caller]
    pub fn press(&self, text: &str) -> &Self {
        for key in keys::presses(text) {
            self.key(key);
            self.idle();
        }
        self
    }

    /// Presses keys without looking, as fast as a paste of them.
    pub fn hammer(&self, text: &str) -> &Self {
        for key in keys::presses(text) {
            self.key(key);
        }
        self
    }

    fn key(&self, key: KeyEvent) {
        let lent = self.line.shared.change(|state| {
            if state.lent {
                state.elsewhere.push(key);
            }
            state.lent
        });
        if !lent {
            self.say(Heard::Event(Event::Key(key)));
        }
    }

    /// Pastes.
    #[track_caller]
    pub fn paste(&self, text: &str) -> &Self {
        self.say(Heard::Event(Event::Paste(text.to_owned())));
        self.idle()
    }

    /// Gives the window the focus or takes it.
    pub fn focus(&self, here: bool) -> &Self {
        self.say(Heard::Event(if here {
            Event::FocusGained
        } else {
            Event::FocusLost
        }))
    }

    /// Gives the terminal another size. Does not wait.
    pub fn resize(&self, columns: u16, rows: u16) -> &Self {
        self.line.shared.change(|state| {
            state.size = ratatui::layout::Size::new(columns, rows);
        });
        self.say(Heard::Event(Event::Resize(columns, rows)))
    }

    /// Sends the process a signal.
    pub fn signal(&self, signal: ProcessSignal) -> &Self {
        self.say(Heard::Signal(signal))
    }

    /// Drops the line: the terminal is gone and takes nothing more.
    pub fn hang_up(&self) -> &Self {
        self.line.shared.change(|state| state.gone = true);
        self.say(Heard::Gone)
    }

    /// The terminal stops taking frames, as after Ctrl-S, or takes them again.
    pub fn stall(&self, stalled: bool) -> &Self {
        self.line.stall.send_replace(stalled);
        self
    }

    /// What Ctrl-Z finds from now on.
    pub fn shell(&self, shell: Suspended) -> &Self {
        self.line.shared.change(|state| state.shell = shell);
        self
    }

    fn say(&self, heard: Heard) -> &Self {
        self.line.shared.change(|state| state.said += 1);
        // A program that has ended hears nothing; the next wait says so.
        let _ = self.line.say.send(heard);
        self
    }

    /// Waits until everything said was dealt with and everything asked was answered.
    #[track_caller]
    pub fn idle(&self) -> &Self {
        self.wait("nothing left to do", |state| {
            state.said == state.taken && state.doing == Doing::Idle
        })
    }

    /// Waits until everything said was dealt with, though a frame may wait for the terminal.
    #[track_caller]
    pub fn heard(&self) -> &Self {
        self.wait("everything heard", |state| {
            state.said == state.taken && state.doing != Doing::Working
        })
    }

    /// Waits until the screen shows this text somewhere.
    #[track_caller]
    pub fn sees(&self, text: &str) -> &Self {
        self.wait(&format!("{text:?}"), |state| state.screen.contains(text))
            .idle()
    }

    /// Waits until the screen does not show this text.
    #[track_caller]
    pub fn misses(&self, text: &str) -> &Self {
        let what = format!("no {text:?}");
        self.wait(&what, |state| !state.screen.contains(text))
            .idle()
    }

    /// Waits until the screen is so.
    #[track_caller]
    pub fn sees_that(&self, what: &str, holds: impl Fn(&str) -> bool) -> &Self {
        self.wait(what, |state| holds(&state.screen)).idle()
    }

    /// Waits until another program has the terminal, or no longer has it.
    #[track_caller]
    pub fn lent(&self, lent: bool) -> &Self {
        self.wait("the terminal lent or back", |state| state.lent == lent)
    }

    /// Waits until sequences beside frames hold these bytes.
    #[track_caller]
    pub fn sent(&self, bytes: &[u8]) -> &Self {
        let what = format!("{:?} on the line", String::from_utf8_lossy(bytes));
        self.wait(&what, |state| {
            state.sequences.windows(bytes.len()).any(|w| w == bytes)
        })
    }

    #[track_caller]
    #[allow(
        clippy::panic,
        reason = "a suite stops at the first thing that does not happen"
    )]
    fn wait(&self, what: &str, holds: impl Fn(&State) -> bool) -> &Self {
        let end = Instant::now() + PATIENCE;
        let mut state = self.line.shared.lock();
        while !holds(&state) {
            let left = end.saturating_duration_since(Instant::now());
            let ended = state.ended;
            if ended || left.is_zero() {
                let doing = state.doing;
                let screen = state.screen.clone();
                drop(state);
                let why = if ended {
                    "the program ended"
                } else {
                    "in vain"
                };
                panic!("waiting for {what}: {why} ({doing:?})\n{screen}");
            }
            state = self.line.shared.wait(state, left);
        }
        self
    }

    /// The text of the screen.
    pub fn screen(&self) -> String {
        self.line.shared.lock().screen.clone()
    }

    /// Its last line that is not empty: keys, or what the last action did.
    pub fn status(&self) -> String {
        let screen = self.screen();
        screen.lines().last().unwrap_or("").trim().to_owned()
    }

    /// Its colours and modifiers (see [`dump::styles`]).
    pub fn styles(&self) -> String {
        dump::styles(&self.line.shared.lock().picture)
    }

    /// Where the cursor is shown: column, row.
    pub fn cursor(&self) -> Option<(u16, u16)> {
        self.line.shared.lock().cursor
    }

    /// So many frames differed from the one before.
    pub fn frames(&self) -> usize {
        self.line.shared.lock().frames
    }

    /// So often the program was suspended.
    pub fn suspended(&self) -> usize {
        self.line.shared.lock().suspended
    }

    /// So many keys went to another program.
    pub fn keys_elsewhere(&self) -> usize {
        self.line.shared.lock().elsewhere.len()
    }

    /// Waits for the program's end.
    ///
    /// # Panics
    /// When it does not end, or ends with the terminal still its own.
    #[track_caller]
    #[allow(
        clippy::panic,
        clippy::missing_panics_doc,
        reason = "a program that panics or stays fails the suite"
    )]
    pub fn ends(mut self) -> Ended {
        let end = Instant::now() + PATIENCE;
        let mut state = self.line.shared.lock();
        while !state.ended {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let screen = state.screen.clone();
                drop(state);
                panic!("the program goes on:\n{screen}");
            }
            state = self.line.shared.wait(state, left);
        }
        assert!(state.left, "the terminal was given back");
        let screen = state.screen.clone();
        drop(state);
        let joined = self.program.take().map(JoinHandle::join);
        match joined {
            Some(Ok(result)) => Ended { result, screen },
            _ => panic!("the program panicked; its last frame:\n{screen}"),
        }
    }
}

impl Drop for Robot {
    fn drop(&mut self) {
        if let Some(program) = self.program.take() {
            self.hang_up();
            let _ = program.join();
        }
    }
}
