//! A ratatui backend that makes bytes and touches nothing.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use unicode_width::UnicodeWidthStr;

use super::Tty;

/// Collects what one frame changes, as crossterm's bytes.
///
/// It adds four guarantees to [`CrosstermBackend`]: an unchanged frame makes no byte at all (the
/// cursor included), the terminal is never asked a question whose answer would have to be read
/// from the keyboard, no control character leaves in a cell, whoever put it there, and text whose
/// width terminals do not agree on displaces nothing and leaves nothing behind.
#[derive(Debug)]
pub struct ScreenBackend {
    bytes: Vec<u8>,
    size: SizeFrom,
    cursor_shown: Option<bool>,
    cursor_at: Option<Position>,
    /// Where text of doubtful width stands, and how many columns it was given: by row and column.
    doubtful: BTreeMap<(u16, u16), u16>,
}

#[derive(Debug)]
enum SizeFrom {
    Tty(Arc<Tty>),
    Fixed(Size),
}

impl ScreenBackend {
    /// A backend for the real terminal.
    pub(super) fn new(tty: Arc<Tty>) -> Self {
        Self::with(SizeFrom::Tty(tty))
    }

    /// A backend of a fixed size that belongs to no terminal: tests compare its bytes.
    pub fn detached(size: Size) -> Self {
        Self::with(SizeFrom::Fixed(size))
    }

    const fn with(size: SizeFrom) -> Self {
        Self {
            bytes: Vec::new(),
            size,
            cursor_shown: None,
            cursor_at: None,
            doubtful: BTreeMap::new(),
        }
    }

    /// The bytes made since the last call.
    pub fn take_bytes(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// Uses another terminal from now on and forgets what the old one showed.
    pub(super) fn reattach(&mut self, tty: Arc<Tty>) {
        *self = Self::new(tty);
    }

    /// Forgets where the cursor is, so that it is placed anew.
    pub(super) fn forget_cursor(&mut self) {
        self.cursor_shown = None;
        self.cursor_at = None;
    }

    fn out(&mut self) -> CrosstermBackend<&mut Vec<u8>> {
        CrosstermBackend::new(&mut self.bytes)
    }
}

/// A cell that may be written: the replacement character stands in for control characters.
fn clean(cell: &Cell) -> Option<Cell> {
    if cell.symbol().chars().any(char::is_control) {
        let mut safe = cell.clone();
        safe.set_char('\u{fffd}');
        return Some(safe);
    }
    None
}

/// Some terminals give the vowel signs of Indic scripts a column of their own and some do not, and
/// the same goes for joined emoji: only single characters below those planes are certain.
fn is_doubtful(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    match (chars.next(), chars.next()) {
        (Some(first), None) => first >= '\u{1f000}',
        (_, second) => second.is_some(),
    }
}

/// What is sent for one frame: cells in the order of sending, in runs. Within a run the cursor is
/// where the cell before left it; each run begins by placing it.
#[derive(Default)]
struct Runs(Vec<Vec<(u16, u16, Cell)>>);

impl Runs {
    fn push(&mut self, x: u16, y: u16, cell: Cell) {
        match self.0.last_mut() {
            Some(run) => run.push((x, y, cell)),
            None => self.0.push(vec![(x, y, cell)]),
        }
    }

    fn end(&mut self) {
        self.0.push(Vec::new());
    }
}

impl ScreenBackend {
    /// Brings changed cells into an order that is right whatever width the terminal gives to
    /// doubtful text: what such text covered is blanked first, and the cursor is placed after it.
    fn runs<'a>(&mut self, content: impl Iterator<Item = (u16, u16, &'a Cell)>) -> Runs {
        let mut runs = Runs::default();
        for (x, y, cell) in content {
            let cell = clean(cell).unwrap_or_else(|| cell.clone());
            let columns = u16::try_from(cell.symbol().width()).unwrap_or(1).max(1);
            let beyond = x.saturating_add(columns);
            for covered in x..beyond {
                let Some(old) = self.doubtful.remove(&(y, covered)) else {
                    continue;
                };
                for left in covered.saturating_add(1).max(beyond)..covered.saturating_add(old) {
                    runs.push(left, y, Cell::EMPTY);
                }
            }
            if !is_doubtful(cell.symbol()) {
                runs.push(x, y, cell);
                continue;
            }
            self.doubtful.insert((y, x), columns);
            let mut blank = cell.clone();
            blank.set_char(' ');
            for covered in x.saturating_add(1)..beyond {
                runs.push(covered, y, blank.clone());
            }
            runs.push(x, y, cell);
            runs.end();
        }
        runs
    }
}

impl Backend for ScreenBackend {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        if content.peek().is_none() {
            // crossterm would write three resets here.
            return Ok(());
        }
        self.cursor_at = None;
        for run in self.runs(content).0 {
            if !run.is_empty() {
                self.out()
                    .draw(run.iter().map(|(x, y, cell)| (*x, *y, cell)))?;
            }
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.cursor_shown == Some(false) {
            return Ok(());
        }
        self.cursor_shown = Some(false);
        self.out().hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if self.cursor_shown == Some(true) {
            return Ok(());
        }
        self.cursor_shown = Some(true);
        self.out().show_cursor()
    }

    /// Where the cursor was last put. The terminal is not asked.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor_at.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        if self.cursor_at == Some(position) {
            return Ok(());
        }
        self.cursor_at = Some(position);
        self.out().set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.doubtful.clear();
        self.out().clear()
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.out().clear_region(clear_type)
    }

    fn size(&self) -> io::Result<Size> {
        Ok(match &self.size {
            SizeFrom::Tty(tty) => tty.size(),
            SizeFrom::Fixed(size) => *size,
        })
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.size()?,
            pixels: Size::ZERO,
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::Terminal;
    use ratatui::widgets::Paragraph;

    fn frame(terminal: &mut Terminal<ScreenBackend>, text: &str) -> Vec<u8> {
        terminal
            .draw(|f| {
                f.render_widget(Paragraph::new(text), f.area());
                f.set_cursor_position((3, 0));
            })
            .unwrap();
        terminal.backend_mut().take_bytes()
    }

    #[test]
    fn an_unchanged_frame_makes_no_byte() {
        let backend = ScreenBackend::detached(Size::new(20, 2));
        let mut terminal = Terminal::new(backend).unwrap();
        assert!(!frame(&mut terminal, "hello").is_empty());
        assert_eq!(frame(&mut terminal, "hello"), b"");
        let change = frame(&mut terminal, "hallo");
        assert!(!change.is_empty() && change.len() < 60, "{change:?}");
        assert_eq!(frame(&mut terminal, "hallo"), b"");
    }

    #[test]
    fn text_of_doubtful_width_leaves_nothing_behind() {
        let backend = ScreenBackend::detached(Size::new(24, 2));
        let mut terminal = Terminal::new(backend).unwrap();
        // The emulator gives vowel signs a column of their own.
        let mut screen = vt100::Parser::new(2, 24, 0);
        let lines = [
            "आरती शर्मा, बिल में गलती",
            "Ana writes",
            "ab आरती cd",
            "xआरती",
            "👩‍👩‍👧 ok ☀️ x",
            "plain again",
            "",
        ];
        for line in lines {
            screen.process(&frame(&mut terminal, line));
            let shown = screen.screen().rows(0, 24).next().unwrap();
            if line.is_ascii() {
                assert_eq!(shown.trim_end(), line);
            } else {
                // What follows doubtful text stands where it belongs.
                let last = line.split(' ').next_back().unwrap();
                if last.is_ascii() {
                    assert!(shown.trim_end().ends_with(last), "{shown:?}");
                }
            }
        }
    }

    #[test]
    fn no_control_character_leaves_in_a_cell() {
        let backend = ScreenBackend::detached(Size::new(20, 1));
        let mut terminal = Terminal::new(backend).unwrap();
        terminal
            .draw(|f| {
                f.buffer_mut()[(0, 0)].set_symbol("\x1b]52;c;aGk=\x07");
                f.buffer_mut()[(1, 0)].set_symbol("\u{9b}31m");
            })
            .unwrap();
        let bytes = String::from_utf8(terminal.backend_mut().take_bytes()).unwrap();
        assert!(
            !bytes.contains("]52") && !bytes.contains('\u{9b}'),
            "{bytes:?}"
        );
        assert!(bytes.contains('\u{fffd}'));
    }
}
