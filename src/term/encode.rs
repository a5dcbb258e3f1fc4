//! Cells as a terminal's bytes, as few of them as can be.
//!
//! What a sequence costs decides: a short gap is written over, a long one skipped; blanks are erased, to the end of
//! the line or by number; of a style only what differs is said. Every sequence here is of those that all terminals of
//! the last thirty years know: CUP, CUF, EL, ECH, SGR.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};
use std::io::Write as _;
use unicode_width::UnicodeWidthStr;

/// Unchanged cells that are rather written again than skipped: skipping costs four bytes.
const GAP: u16 = 3;
/// Blanks from which on erasing them and going on behind costs less than writing them.
const BLANKS: u16 = 10;
/// Blanks from which on erasing them costs less where nothing follows.
const LAST_BLANKS: u16 = 5;
/// What makes a blank visible.
const SEEN_ON_BLANKS: Modifier = Modifier::REVERSED
    .union(Modifier::UNDERLINED)
    .union(Modifier::CROSSED_OUT);

/// How the terminal writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    how: Modifier,
}

const PLAIN: Pen = Pen {
    fg: Color::Reset,
    bg: Color::Reset,
    how: Modifier::empty(),
};

impl Pen {
    fn of(cell: &Cell) -> Self {
        Self {
            fg: cell.fg,
            bg: cell.bg,
            how: cell.modifier,
        }
    }
}

/// What the terminal shows, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Picture {
    width: u16,
    height: u16,
    /// None behind the first column of a wide character, and everywhere until the screen was cleared.
    cells: Vec<Option<Cell>>,
}

impl Picture {
    /// A screen of blanks.
    pub fn cleared(width: u16, height: u16) -> Self {
        Self {
            width,
            height,
            cells: vec![Some(Cell::EMPTY); usize::from(width) * usize::from(height)],
        }
    }

    /// Columns; 0 where nothing is known.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether it is of that size.
    pub fn is_of(&self, width: u16, height: u16) -> bool {
        (self.width, self.height) == (width, height)
    }

    fn place(&self, x: u16, y: u16) -> Option<usize> {
        (x < self.width && y < self.height)
            .then(|| usize::from(y) * usize::from(self.width) + usize::from(x))
    }

    fn at(&self, x: u16, y: u16) -> Option<&Cell> {
        self.place(x, y)
            .and_then(|place| self.cells.get(place))
            .and_then(Option::as_ref)
    }

    /// Notes what will be there.
    pub fn put(&mut self, x: u16, y: u16, cell: &Cell) {
        for column in x..x.saturating_add(columns(cell)) {
            if let Some(kept) = self.place(column, y).and_then(|at| self.cells.get_mut(at)) {
                *kept = (column == x).then(|| cell.clone());
            }
        }
    }

    /// No character of that row takes two columns, as far as is known.
    pub fn is_narrow(&self, y: u16) -> bool {
        (0..self.width).all(|x| self.at(x, y).is_some())
    }

    /// Columns of that row whose wide character has gone: terminals differ in what they leave there.
    pub fn orphans(&self, y: u16) -> Vec<u16> {
        let covered = |x: u16| {
            x.checked_sub(1)
                .and_then(|before| self.at(before, y))
                .is_some_and(|cell| columns(cell) > 1)
        };
        (0..self.width)
            .filter(|x| self.at(*x, y).is_none() && !covered(*x))
            .collect()
    }

    /// The column from which on a row is blank.
    fn tail(&self, y: u16) -> u16 {
        let blanks = (0..self.width)
            .rev()
            .take_while(|x| self.at(*x, y).is_some_and(is_blank));
        self.width - blanks.count() as u16
    }
}

/// The columns of a cell.
pub(super) fn columns(cell: &Cell) -> u16 {
    u16::try_from(cell.symbol().width()).unwrap_or(1).max(1)
}

/// Nothing is to be seen there on any terminal once it was erased.
fn is_blank(cell: &Cell) -> bool {
    cell.symbol() == " " && cell.bg == Color::Reset && !cell.modifier.intersects(SEEN_ON_BLANKS)
}

/// All terminals give it as many columns as we do.
fn is_certain(cell: &Cell) -> bool {
    let mut chars = cell.symbol().chars();
    match (chars.next(), chars.next()) {
        (Some(one), None) => {
            columns(cell) == 1
                || matches!(one, '\u{3000}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{ff01}'..='\u{ff60}')
        }
        _ => false,
    }
}

/// Writes one frame. Begins and ends with a plain pen.
pub(super) struct Encoder<'a> {
    out: &'a mut Vec<u8>,
    pen: Pen,
    at: Option<(u16, u16)>,
    width: u16,
}

impl<'a> Encoder<'a> {
    /// Adds to `out`, on a terminal of `width` columns; 0 where that is not known.
    pub fn new(out: &'a mut Vec<u8>, width: u16) -> Self {
        Self {
            out,
            pen: PLAIN,
            at: None,
            width,
        }
    }

    /// Writes the cells of a row that changed, in the order of their columns. `picture` holds them already.
    pub fn row(&mut self, y: u16, changed: &[u16], picture: &Picture) {
        let tail = picture.tail(y);
        let mut rest = changed;
        while let Some(&first) = rest.first() {
            if first >= tail {
                self.go(first, y);
                self.blank_pen();
                self.out.extend_from_slice(b"\x1b[K");
                return;
            }
            let (end, count) = segment(rest, y, tail, picture);
            self.segment(first, end, y, picture);
            rest = rest.get(count..).unwrap_or_default();
        }
    }

    fn segment(&mut self, first: u16, end: u16, y: u16, picture: &Picture) {
        let mut x = first;
        while x < end {
            let Some(cell) = picture.at(x, y) else {
                x += 1;
                continue;
            };
            let blanks = (x..end)
                .take_while(|at| picture.at(*at, y).is_some_and(is_blank))
                .count() as u16;
            let last = x + blanks >= end;
            if blanks >= BLANKS || (last && blanks > LAST_BLANKS) {
                self.go(x, y);
                self.blank_pen();
                let _ = write!(self.out, "\x1b[{blanks}X");
                x += blanks;
                continue;
            }
            self.put(x, y, cell);
            x += columns(cell);
        }
    }

    /// Writes a cell where it belongs.
    pub fn put(&mut self, x: u16, y: u16, cell: &Cell) {
        self.go(x, y);
        let to = Pen::of(cell);
        let same_on_blanks = cell.symbol() == " "
            && to.bg == self.pen.bg
            && !(to.how | self.pen.how).intersects(SEEN_ON_BLANKS);
        if !same_on_blanks {
            self.pen(to);
        }
        self.out.extend_from_slice(cell.symbol().as_bytes());
        let beyond = x.saturating_add(columns(cell));
        // In the last column terminals differ in where the cursor is.
        self.at = (is_certain(cell) && beyond < self.width).then_some((beyond, y));
    }

    /// Where the cursor is, is not known any more.
    pub fn lost(&mut self) {
        self.at = None;
    }

    /// Ends the frame.
    pub fn end(&mut self) {
        self.pen(PLAIN);
    }

    fn go(&mut self, x: u16, y: u16) {
        match self.at {
            Some(at) if at == (x, y) => {}
            Some((from, row)) if row == y && from + 1 == x => self.out.extend_from_slice(b"\x1b[C"),
            Some((from, row)) if row == y && from < x => {
                let _ = write!(self.out, "\x1b[{}C", x - from);
            }
            _ => {
                let _ = write!(self.out, "\x1b[{};{}H", y + 1, x + 1);
            }
        }
        self.at = Some((x, y));
    }

    /// A pen with which erasing leaves nothing to be seen.
    fn blank_pen(&mut self) {
        if self.pen.bg != Color::Reset || self.pen.how.intersects(SEEN_ON_BLANKS) {
            self.pen(PLAIN);
        }
    }

    fn pen(&mut self, to: Pen) {
        if self.pen == to {
            return;
        }
        let whole = Codes::whole(to);
        let step = Codes::step(self.pen, to);
        let codes = if whole.0.len() < step.0.len() {
            whole
        } else {
            step
        };
        self.out.extend_from_slice(b"\x1b[");
        self.out.extend_from_slice(codes.0.as_bytes());
        self.out.push(b'm');
        self.pen = to;
    }
}

/// Where the cells that are written in one go end, and how many of the changed ones they are.
fn segment(changed: &[u16], y: u16, tail: u16, picture: &Picture) -> (u16, usize) {
    let Some(&first) = changed.first() else {
        return (0, 0);
    };
    let wide = |x: u16| picture.at(x, y).map_or(1, columns);
    let (mut end, mut count) = (first + wide(first), 1);
    for &x in changed.iter().skip(1) {
        if x < end {
            // It is covered by the wide character before.
            count += 1;
            continue;
        }
        let pen = picture.at(end - 1, y).map(Pen::of);
        let written_over = |at: u16| {
            picture.at(at, y).is_some_and(|cell| {
                cell.symbol().len() == 1
                    && (Some(Pen::of(cell)) == pen
                        || (is_blank(cell) && pen.is_some_and(|pen| pen.bg == Color::Reset)))
            })
        };
        if x >= tail || x - end > GAP || !(end..x).all(written_over) {
            break;
        }
        end = x + wide(x);
        count += 1;
    }
    (end, count)
}

/// The numbers of a style, separated.
struct Codes(String);

impl Codes {
    fn whole(pen: Pen) -> Self {
        // An empty list means the same as 0.
        let mut codes = Self(String::new());
        if pen == PLAIN {
            return codes;
        }
        codes.add("0");
        codes.marks(pen.how);
        if pen.fg != Color::Reset {
            codes.colour(pen.fg, '3');
        }
        if pen.bg != Color::Reset {
            codes.colour(pen.bg, '4');
        }
        codes
    }

    fn step(from: Pen, to: Pen) -> Self {
        let mut codes = Self(String::new());
        let gone = from.how - to.how;
        let mut come = to.how - from.how;
        let weight = Modifier::BOLD | Modifier::DIM;
        if gone.intersects(weight) {
            // One number ends both.
            codes.add("22");
            come |= to.how & weight;
        }
        for (mark, end) in [
            (Modifier::ITALIC, "23"),
            (Modifier::UNDERLINED, "24"),
            (Modifier::SLOW_BLINK | Modifier::RAPID_BLINK, "25"),
            (Modifier::REVERSED, "27"),
            (Modifier::HIDDEN, "28"),
            (Modifier::CROSSED_OUT, "29"),
        ] {
            if gone.intersects(mark) {
                codes.add(end);
                come |= to.how & mark;
            }
        }
        codes.marks(come);
        if from.fg != to.fg {
            codes.colour(to.fg, '3');
        }
        if from.bg != to.bg {
            codes.colour(to.bg, '4');
        }
        codes
    }

    fn add(&mut self, code: &str) {
        if !self.0.is_empty() {
            self.0.push(';');
        }
        self.0.push_str(code);
    }

    fn marks(&mut self, how: Modifier) {
        for (mark, code) in [
            (Modifier::BOLD, "1"),
            (Modifier::DIM, "2"),
            (Modifier::ITALIC, "3"),
            (Modifier::UNDERLINED, "4"),
            (Modifier::SLOW_BLINK, "5"),
            (Modifier::RAPID_BLINK, "6"),
            (Modifier::REVERSED, "7"),
            (Modifier::HIDDEN, "8"),
            (Modifier::CROSSED_OUT, "9"),
        ] {
            if how.contains(mark) {
                self.add(code);
            }
        }
    }

    /// `layer` is 3 for the text and 4 for what is behind it.
    fn colour(&mut self, colour: Color, layer: char) {
        let number = match colour {
            Color::Reset => {
                self.add(&format!("{layer}9"));
                return;
            }
            Color::Rgb(r, g, b) => {
                self.add(&format!("{layer}8;2;{r};{g};{b}"));
                return;
            }
            Color::Indexed(number) => number,
            Color::Black => 0,
            Color::Red => 1,
            Color::Green => 2,
            Color::Yellow => 3,
            Color::Blue => 4,
            Color::Magenta => 5,
            Color::Cyan => 6,
            Color::Gray => 7,
            Color::DarkGray => 8,
            Color::LightRed => 9,
            Color::LightGreen => 10,
            Color::LightYellow => 11,
            Color::LightBlue => 12,
            Color::LightMagenta => 13,
            Color::LightCyan => 14,
            Color::White => 15,
        };
        // Not the short form: with it, bold would brighten the colour on some terminals.
        self.add(&format!("{layer}8;5;{number}"));
    }
}
