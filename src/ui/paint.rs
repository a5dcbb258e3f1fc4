//! Putting clean text into the buffer: one line at a time, clipped, never overflowing.

use super::theme::{Role, Theme};
use crate::text::width;
use crate::text::wrap::WrapIndex;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// A line made of pieces with meanings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line(pub Vec<(Role, String)>);

impl Line {
    /// A line of one piece.
    pub fn of(role: Role, text: impl Into<String>) -> Self {
        Self(vec![(role, text.into())])
    }

    /// With another piece.
    #[must_use]
    pub fn and(mut self, role: Role, text: impl Into<String>) -> Self {
        self.0.push((role, text.into()));
        self
    }

    /// Adds a piece.
    pub fn push(&mut self, role: Role, text: impl Into<String>) {
        self.0.push((role, text.into()));
    }

    /// Columns it takes.
    pub fn width(&self) -> usize {
        self.0.iter().map(|(_, text)| width::width(text)).sum()
    }

    /// Its text alone.
    pub fn text(&self) -> String {
        self.0.iter().map(|(_, text)| text.as_str()).collect()
    }
}

/// Writes pieces from the left; returns the columns used.
pub fn line(buffer: &mut Buffer, theme: &Theme, area: Rect, line: &Line) -> u16 {
    styled(buffer, theme, area, line, None)
}

/// As [`line`], over a background that selection or the like gives; the pieces' own colours stay.
pub fn styled(
    buffer: &mut Buffer,
    theme: &Theme,
    area: Rect,
    line: &Line,
    over: Option<Style>,
) -> u16 {
    if area.height == 0 {
        return 0;
    }
    let mut used = 0;
    for (role, text) in &line.0 {
        let left = area.width.saturating_sub(used);
        if left == 0 {
            break;
        }
        let style = theme.style(*role);
        let style = over.map_or(style, |over| style.patch(over));
        let text = width::clip(text, usize::from(left));
        let x = put(buffer, area.x + used, area.y, text.as_ref(), left, style);
        used = x.saturating_sub(area.x);
    }
    used
}

/// Writes text at a place, over at most so many columns; the column behind it.
fn put(buffer: &mut Buffer, x: u16, y: u16, text: &str, most: u16, style: Style) -> u16 {
    if text.bytes().any(|byte| !matches!(byte, b' '..=b'~')) {
        return buffer.set_stringn(x, y, text, usize::from(most), style).0;
    }
    // A byte is a cell: most text is so, and needs no look into Unicode's tables.
    let room = buffer.area.right().saturating_sub(x).min(most);
    let end = x + room.min(u16::try_from(text.len()).unwrap_or(room));
    for (column, byte) in (x..end).zip(text.bytes()) {
        buffer[(column, y)]
            .set_char(char::from(byte))
            .set_style(style);
    }
    end
}

/// Writes pieces so that they end at the right edge; returns the columns used.
pub fn right(buffer: &mut Buffer, theme: &Theme, area: Rect, pieces: &Line) -> u16 {
    let wanted = u16::try_from(pieces.width())
        .unwrap_or(u16::MAX)
        .min(area.width);
    let area = Rect {
        x: area.right() - wanted,
        width: wanted,
        ..area
    };
    line(buffer, theme, area, pieces)
}

/// The parts that fit whole into so many columns, the first one always; what does not fit is left out, not cut.
pub fn fitting(parts: impl IntoIterator<Item = Line>, columns: usize) -> Line {
    let mut all = Line::default();
    for part in parts {
        if all.0.is_empty() || all.width() + part.width() <= columns {
            all.0.extend(part.0);
        }
    }
    all
}

/// Clears a rectangle and gives it a style.
pub fn clear(buffer: &mut Buffer, area: Rect, style: Style) {
    let area = area.intersection(buffer.area);
    for place in area.positions() {
        let cell = &mut buffer[place];
        cell.reset();
        cell.set_style(style);
    }
}

/// The `index`th row of an area.
pub fn row(area: Rect, index: usize) -> Rect {
    let index = u16::try_from(index).unwrap_or(u16::MAX);
    if index >= area.height {
        return Rect { height: 0, ..area };
    }
    Rect {
        y: area.y + index,
        height: 1,
        ..area
    }
}

/// A sentence wrapped into an area, from its first row on; returns the rows used.
pub fn sentence(buffer: &mut Buffer, theme: &Theme, area: Rect, role: Role, text: &str) -> u16 {
    let wrapped = WrapIndex::new(text, usize::from(area.width).max(8));
    let mut used = 0;
    for at in 0..wrapped.lines().min(usize::from(area.height)) {
        let words = Line::of(role, wrapped.line(at).trim_end());
        line(buffer, theme, row(area, at), &words);
        used += 1;
    }
    used
}

/// Pieces wrapped between words into rows of so many columns. Pieces are broken at blanks only, so that each keeps its
/// role; a piece wider than a row is clipped when drawn.
pub fn wrapped(pieces: &Line, columns: usize) -> Vec<Line> {
    let mut rows = vec![Line::default()];
    let mut used = 0;
    for (role, text) in &pieces.0 {
        for word in text.split_inclusive(' ') {
            let wide = width::width(word.trim_end());
            if used > 0 && used + wide > columns {
                rows.push(Line::default());
                used = 0;
            }
            if let Some(last) = rows.last_mut() {
                let word = if used == 0 { word.trim_start() } else { word };
                used += width::width(word);
                match last.0.last_mut() {
                    Some((before, text)) if before == role => text.push_str(word),
                    _ => last.push(*role, word),
                }
            }
        }
    }
    rows
}

/// Copies what fits from one buffer into another; a wide letter that does not fit whole is left out.
pub fn copy(from: &Buffer, to: &mut Buffer) {
    let both = from.area.intersection(to.area);
    for y in both.top()..both.bottom() {
        for x in both.left()..both.right() {
            let fits = width::width(from[(x, y)].symbol()) <= usize::from(both.right() - x);
            if fits {
                to[(x, y)] = from[(x, y)].clone();
            }
        }
    }
}

/// A thin line over the rest of a row.
pub fn rule(buffer: &mut Buffer, theme: &Theme, area: Rect, plain: bool) {
    if area.height > 0 {
        let mark = if plain { "-" } else { "─" };
        let line = mark.repeat(usize::from(area.width));
        buffer.set_stringn(
            area.x,
            area.y,
            &line,
            usize::from(area.width),
            theme.style(Role::Line),
        );
    }
}

/// What stands before a row: the cursor, a mark, or nothing.
pub fn mark(current: bool, marked: bool, plain: bool) -> (Role, &'static str) {
    match (marked, current, plain) {
        (true, _, true) => (Role::Marked, "x"),
        (true, _, false) => (Role::Marked, "■"),
        (_, true, true) => (Role::Accent, ">"),
        (_, true, false) => (Role::Accent, "▸"),
        _ => (Role::Text, " "),
    }
}

/// A vertical line left of an area.
pub fn rule_left_of(buffer: &mut Buffer, theme: &Theme, area: Rect, plain: bool) {
    if area.width == 0 || area.x == 0 {
        return;
    }
    let mark = if plain { "|" } else { "│" };
    for y in area.top()..area.bottom() {
        buffer.set_stringn(area.x - 1, y, mark, 1, theme.style(Role::Line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::buffer::Cell;

    #[test]
    fn plain_text_is_put_as_any_other() {
        let style = Style::new().bold();
        for text in ["", "abc", "a b", "abcdefghij", "é", "退款 ok", "a\tb"] {
            for (x, most) in [(0, 3), (0, 100), (5, 2), (8, 0), (8, 9)] {
                let mut ours = Buffer::filled(Rect::new(0, 0, 8, 1), Cell::new("."));
                let mut theirs = ours.clone();
                let end = put(&mut ours, x, 0, text, most, style);
                let (wanted, _) = theirs.set_stringn(x, 0, text, usize::from(most), style);
                assert_eq!((ours, end), (theirs, wanted), "{text:?} at {x}, {most}");
            }
        }
    }

    #[test]
    fn pieces_keep_their_roles_when_they_wrap() {
        let line = Line::of(Role::Dim, "to ").and(Role::Text, "ana@example.com, bo@example.com");
        let rows = wrapped(&line, 20);
        let texts: Vec<_> = rows.iter().map(Line::text).collect();
        assert_eq!(texts, ["to ana@example.com, ", "bo@example.com"]);
        assert_eq!(rows[1].0[0].0, Role::Text);
    }
}
