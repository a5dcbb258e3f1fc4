//! Taking the terminal, drawing on it, and giving it back.

use std::io;
use std::sync::Arc;

use ratatui::layout::Size;
use ratatui::{Frame, Terminal};

use super::modes::{FRAME_END, FRAME_START};
use super::port::Port;
use super::{Modes, Restorer, ScreenBackend, TermError, Tty};

/// What became of a call to [`Session::draw`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    /// The change is on its way to the terminal.
    Painted,
    /// Nothing differs from what the terminal shows; no byte was written.
    Unchanged,
    /// The terminal has not taken the frame before this one. Nothing was rendered: wait for
    /// [`Session::writable`] and draw again.
    Deferred,
}

/// The terminal while it is ours.
///
/// Entering and leaving are symmetrical and may be repeated (for an editor, for Ctrl-Z); dropping
/// the session leaves. All bytes to the tty go through it, in order, from a thread of its own, so
/// no call waits for a slow terminal.
#[derive(Debug)]
pub struct Session {
    modes: Modes,
    terminal: Terminal<ScreenBackend>,
    held: Option<Held>,
}

#[derive(Debug)]
struct Held {
    tty: Arc<Tty>,
    port: Arc<Port>,
    restorer: Restorer,
}

impl Session {
    /// Takes the terminal behind standard input and output: raw mode, alternate screen, bracketed
    /// paste and what `modes` asks for.
    ///
    /// On an error the terminal is as it was. Errors say what to do; see
    /// [`TermError::exit_code`].
    pub fn enter(modes: Modes) -> Result<Self, TermError> {
        // Under NO_COLOR crossterm writes an empty SGR that wipes bold and reverse as well; the
        // mono theme is chosen there instead.
        crossterm::style::force_color_output(true);
        let held = Held::take(modes)?;
        let backend = ScreenBackend::new(Arc::clone(&held.tty));
        let terminal = Terminal::new(backend).map_err(|e| TermError::io("be drawn on", e))?;
        Ok(Self {
            modes,
            terminal,
            held: Some(held),
        })
    }

    /// Takes the terminal again after [`Session::leave`]; the next frame is drawn whole. Does
    /// nothing when it is ours already.
    pub fn reenter(&mut self) -> Result<(), TermError> {
        if self.held.is_some() {
            return Ok(());
        }
        let held = Held::take(self.modes)?;
        self.terminal.backend_mut().reattach(Arc::clone(&held.tty));
        self.held = Some(held);
        self.repaint_all()
    }

    /// Gives the terminal back. Safe to call twice.
    pub fn leave(&mut self) {
        if let Some(held) = self.held.take() {
            held.restorer.restore();
        }
        // Bytes that were made for a screen that is no longer shown.
        self.terminal.backend_mut().take_bytes();
    }

    /// Whether the terminal is ours now.
    pub const fn is_entered(&self) -> bool {
        self.held.is_some()
    }

    /// Puts modes and picture back after something else wrote to the terminal, or after the
    /// process was stopped and continued from outside.
    pub fn refresh(&mut self) -> Result<(), TermError> {
        let Some(held) = &self.held else {
            return Ok(());
        };
        let mut raw = held.tty.settings()?;
        raw.make_raw();
        held.tty.apply(&raw)?;
        held.port.put_aside(self.modes.again().as_bytes());
        self.terminal.backend_mut().forget_cursor();
        self.repaint_all()
    }

    /// Draws a frame: renders, and sends what differs from the screen.
    ///
    /// Never waits for the terminal; see [`Drawn::Deferred`]. Fails once the terminal is gone.
    pub fn draw<F>(&mut self, render: F) -> io::Result<Drawn>
    where
        F: FnOnce(&mut Frame<'_>),
    {
        let Some(held) = &self.held else {
            return Ok(Drawn::Deferred);
        };
        if held.port.has_failed() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if !held.port.is_free() {
            return Ok(Drawn::Deferred);
        }
        held.restorer.drawing_here();
        self.terminal.draw(render)?;
        let bytes = self.terminal.backend_mut().take_bytes();
        if bytes.is_empty() {
            return Ok(Drawn::Unchanged);
        }
        if self.modes.synchronized {
            held.port
                .put_frame(&[FRAME_START, &bytes, FRAME_END].concat());
        } else {
            held.port.put_frame(&bytes);
        }
        Ok(Drawn::Painted)
    }

    /// Waits until [`Session::draw`] would not defer. Pending for ever while the terminal is not
    /// ours.
    pub async fn writable(&self) {
        match &self.held {
            Some(held) => held.port.free().await,
            None => std::future::pending().await,
        }
    }

    /// Sends bytes that are no frame, such as a clipboard copy or a notification. They must come
    /// from this program's own sequence writers, never from outside text. `false` when they were
    /// refused because the terminal is not ours or has stopped taking bytes.
    pub fn send(&self, sequence: &[u8]) -> bool {
        self.held
            .as_ref()
            .is_some_and(|held| held.port.put_aside(sequence))
    }

    /// Shows how many conversations wait in the window title. The title never holds text from
    /// outside.
    pub fn title(&self, waiting: Option<u32>) -> bool {
        if !self.modes.title {
            return false;
        }
        let title = match waiting {
            Some(n) if n > 0 => format!("\x1b]2;frontdesk ({n})\x1b\\"),
            _ => "\x1b]2;frontdesk\x1b\\".to_owned(),
        };
        self.send(title.as_bytes())
    }

    /// Columns and rows, never zero.
    pub fn size(&self) -> Size {
        self.held
            .as_ref()
            .map_or(Size::new(80, 24), |held| held.tty.size())
    }

    /// A handle that gives the terminal back from anywhere; `None` while it is not ours.
    pub fn restorer(&self) -> Option<Restorer> {
        self.held.as_ref().map(|held| held.restorer.clone())
    }

    fn repaint_all(&mut self) -> Result<(), TermError> {
        self.terminal
            .clear()
            .map_err(|e| TermError::io("be cleared", e))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.leave();
    }
}

impl Held {
    fn take(modes: Modes) -> Result<Self, TermError> {
        let tty = Arc::new(Tty::open()?);
        let before = tty.settings()?;
        let mut raw = before.clone();
        raw.make_raw();
        tty.apply(&raw)?;
        let port = match Port::start(Arc::clone(&tty)) {
            Ok(port) => port,
            Err(e) => {
                tty.apply(&before)?;
                return Err(e);
            }
        };
        let restorer = Restorer::new(Arc::clone(&tty), Arc::clone(&port), before, modes);
        port.put_aside(modes.enter().as_bytes());
        Ok(Self {
            tty,
            port,
            restorer,
        })
    }
}
