//! A ratatui backend that makes bytes and touches nothing.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

use super::Tty;
use super::encode::{Encoder, Picture, columns};

/// Collects what one frame changes, as bytes.
///
/// It guarantees that an unchanged frame makes no byte at all (the
/// cursor included), the terminal is never asked a question whose answer would have to be read
/// from the keyboard, no control character leaves in a cell, whoever put it there, and text whose
/// width terminals do not agree on displaces nothing and leaves nothing behind.
#[derive(Debug)]
pub struct ScreenBackend {
    bytes: Vec<u8>,
    size: SizeFrom,
    cursor_shown: Option<bool>,
    cursor_at: Option<Position>,
    /// What the screen shows; none before the first frame, when it is blank.
    picture: Option<Picture>,
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
            picture: None,
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
    /// Brings changed cells of a row into an order that is right whatever width the terminal gives to
    /// doubtful text: what such text covered is blanked first, and the cursor is placed after it.
    fn runs(&mut self, y: u16, cells: Vec<(u16, Cell)>) -> Runs {
        let mut runs = Runs::default();
        for (x, cell) in cells {
            let columns = columns(&cell);
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
        let mut rows: BTreeMap<u16, Vec<(u16, Cell)>> = BTreeMap::new();
        for (x, y, cell) in content {
            let cell = clean(cell).unwrap_or_else(|| cell.clone());
            rows.entry(y).or_default().push((x, cell));
        }
        if rows.is_empty() {
            return Ok(());
        }
        self.cursor_at = None;
        let size = Backend::size(self)?;
        let mut picture = match self.picture.take() {
            Some(picture) if picture.is_of(size.width, size.height) => picture,
            // Of another size nothing is known until it was cleared.
            Some(_) => Picture::default(),
            None => Picture::cleared(size.width, size.height),
        };
        let mut bytes = std::mem::take(&mut self.bytes);
        let mut encoder = Encoder::new(&mut bytes, size.width);
        for (y, mut cells) in rows {
            let mut narrow = picture.is_narrow(y);
            for (x, cell) in &cells {
                picture.put(*x, y, cell);
            }
            let orphans = picture.orphans(y);
            if !orphans.is_empty() {
                for x in orphans {
                    picture.put(x, y, &Cell::EMPTY);
                    cells.push((x, Cell::EMPTY));
                }
                cells.sort_by_key(|(x, _)| *x);
            }
            narrow &= picture.is_narrow(y);
            let mut before = self.doubtful.range((y, 0)..=(y, u16::MAX));
            let doubtful =
                before.next().is_some() || cells.iter().any(|(_, cell)| is_doubtful(cell.symbol()));
            if narrow && !doubtful && picture.width() > 0 {
                let changed: Vec<u16> = cells.iter().map(|(x, _)| *x).collect();
                encoder.row(y, &changed, &picture);
                continue;
            }
            for run in self.runs(y, cells).0 {
                encoder.lost();
                for (x, y, cell) in run {
                    encoder.put(x, y, &cell);
                }
            }
        }
        encoder.end();
        self.bytes = bytes;
        self.picture = Some(picture);
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
        let size = Backend::size(self)?;
        self.picture = Some(Picture::cleared(size.width, size.height));
        self.out().clear()
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        if clear_type == ClearType::All {
            return self.clear();
        }
        self.picture = Some(Picture::default());
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

    /// Whatever is drawn, a terminal shows the same as from the whole picture.
    #[test]
    fn the_fewest_bytes_paint_the_same_picture() {
        use ratatui::style::{Color, Modifier, Style};
        let (width, height) = (40, 6);
        let backend = ScreenBackend::detached(Size::new(width, height));
        let mut terminal = Terminal::new(backend).unwrap();
        let mut screen = vt100::Parser::new(height, width, 0);
        let mut rng = fastrand::Rng::with_seed(4);
        let words = [
            "Ana ",
            "           ",
            "x",
            "refund 退款",
            "é",
            "              ",
            "   ",
            "─────",
        ];
        let colours = [
            Color::Reset,
            Color::Red,
            Color::Indexed(200),
            Color::Rgb(1, 2, 3),
        ];
        let marks = [
            Modifier::empty(),
            Modifier::BOLD,
            Modifier::DIM,
            Modifier::BOLD | Modifier::ITALIC,
            Modifier::REVERSED,
            Modifier::UNDERLINED,
        ];
        let (mut sparing, mut all) = (0, 0);
        for _ in 0..400 {
            let mut drawn =
                ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, width, height));
            for y in 0..height {
                let mut x = rng.u16(0..width);
                while x < width && rng.u8(..) < 200 {
                    let behind = colours[rng.usize(..colours.len())];
                    let style = Style::new()
                        .fg(colours[rng.usize(..colours.len())])
                        .bg(if rng.bool() { Color::Reset } else { behind })
                        .add_modifier(marks[rng.usize(..marks.len())]);
                    let word = words[rng.usize(..words.len())];
                    x = drawn
                        .set_stringn(x, y, word, usize::from(width - x), style)
                        .0
                        + rng.u16(0..3);
                }
            }
            terminal
                .draw(|frame| frame.buffer_mut().clone_from(&drawn))
                .unwrap();
            let bytes = terminal.backend_mut().take_bytes();
            screen.process(&bytes);
            let mut fresh =
                Terminal::new(ScreenBackend::detached(Size::new(width, height))).unwrap();
            fresh
                .draw(|frame| frame.buffer_mut().clone_from(&drawn))
                .unwrap();
            sparing += bytes.len();
            all += fresh.backend_mut().take_bytes().len();
            for y in 0..height {
                for x in 0..width {
                    let (wanted, shown) = (&drawn[(x, y)], screen.screen().cell(y, x).unwrap());
                    let at = format!("{x},{y}: {wanted:?} is {shown:?}");
                    if shown.is_wide_continuation() {
                        continue;
                    }
                    let text = if shown.has_contents() {
                        shown.contents()
                    } else {
                        " "
                    };
                    assert_eq!(wanted.symbol(), text, "{at}");
                    let colour = |colour| match colour {
                        Color::Red => vt100::Color::Idx(1),
                        Color::Indexed(number) => vt100::Color::Idx(number),
                        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
                        _ => vt100::Color::Default,
                    };
                    assert_eq!(colour(wanted.bg), shown.bgcolor(), "{at}");
                    let how = wanted.modifier;
                    assert_eq!(how.contains(Modifier::REVERSED), shown.inverse(), "{at}");
                    assert_eq!(
                        how.contains(Modifier::UNDERLINED),
                        shown.underline(),
                        "{at}"
                    );
                    if text != " " {
                        assert_eq!(colour(wanted.fg), shown.fgcolor(), "{at}");
                        assert_eq!(how.contains(Modifier::BOLD), shown.bold(), "{at}");
                        assert_eq!(how.contains(Modifier::DIM), shown.dim(), "{at}");
                        assert_eq!(how.contains(Modifier::ITALIC), shown.italic(), "{at}");
                    }
                }
            }
        }
        assert!(sparing < all * 2, "{sparing} {all}");
    }
}
