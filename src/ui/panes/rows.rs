//! A list with a cursor: what approvals, outbox, pages, drafts and search results have in common.

use super::super::paint::{self, Line};
use super::super::theme::Role;
use super::conversation::Look;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Items, the one under the cursor, and the first one shown.
#[derive(Debug, Clone)]
pub struct Rows<T> {
    /// The items.
    pub items: Vec<T>,
    /// The one under the cursor.
    pub cursor: usize,
    /// They have been read at least once.
    pub loaded: bool,
    /// They could not be read; in words.
    pub error: Option<String>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            cursor: 0,
            loaded: false,
            error: None,
        }
    }
}

impl<T> Rows<T> {
    /// The item under the cursor.
    pub fn current(&self) -> Option<&T> {
        self.items.get(self.cursor)
    }

    /// Takes new items; the cursor stays on the item with the same key, or else at its place.
    pub fn replace<K: PartialEq>(&mut self, items: Vec<T>, key: impl Fn(&T) -> K) {
        let current = self.current().map(&key);
        self.items = items;
        self.loaded = true;
        self.error = None;
        let found =
            current.and_then(|current| self.items.iter().position(|item| key(item) == current));
        self.cursor = found
            .unwrap_or(self.cursor)
            .min(self.items.len().saturating_sub(1));
    }

    /// Moves the cursor; true when it moved.
    pub fn step(&mut self, by: isize) -> bool {
        let last = self.items.len().saturating_sub(1);
        let to = self.cursor.saturating_add_signed(by).min(last);
        std::mem::replace(&mut self.cursor, to) != to
    }

    /// The first item to show so that the cursor is in view, for so many that fit. The view turns by whole pages, so
    /// that moving within one rewrites two rows and not all of them.
    pub fn first(&self, fit: usize) -> usize {
        let fit = fit.max(1);
        (self.cursor / fit) * fit
    }
}

/// How one item is shown: a row with something at its right end, and rows below it.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// From the left.
    pub left: Line,
    /// At the right end.
    pub right: Line,
    /// Below, one line each.
    pub below: Vec<Line>,
    /// It is marked for a bulk action.
    pub marked: bool,
}

/// What stands above a list, and what it says when it is empty.
#[derive(Debug, Clone)]
pub struct Frame<'a> {
    /// The title.
    pub title: Line,
    /// How many there are, when that says something.
    pub total: Option<usize>,
    /// What an empty list says.
    pub empty: &'a str,
    /// Rows of one item.
    pub rows: usize,
}

impl<T> Rows<T> {
    /// Draws title and items; an empty, unread or unreadable list says so in words.
    pub fn draw(
        &self,
        frame: &Frame<'_>,
        look: &Look<'_>,
        area: Rect,
        buffer: &mut Buffer,
        entry: impl Fn(&T, bool) -> Entry,
    ) {
        if area.width == 0 || area.height == 0 {
            return;
        }
        let top = paint::row(area, 0);
        let total = frame.total.map(|total| format!(" {total} "));
        let total = Line::of(Role::Dim, total.unwrap_or_default());
        let wide = paint::right(buffer, look.theme, top, &total);
        let room = Rect {
            width: top.width - wide,
            ..top
        };
        paint::line(buffer, look.theme, room, &frame.title);
        let body = Rect {
            y: area.y + 1,
            height: area.height - 1,
            ..area
        };
        if self.items.is_empty() {
            self.draw_absence(frame.empty, look, body, buffer);
            return;
        }
        let fit = (usize::from(body.height) / frame.rows).max(1);
        let first = self.first(fit);
        for (index, item) in self.items.iter().enumerate().skip(first).take(fit) {
            let top = paint::row(body, (index - first) * frame.rows);
            let current = index == self.cursor;
            let entry = entry(item, current);
            let over = current.then(|| {
                look.theme.style(if look.focused {
                    Role::Selection
                } else {
                    Role::SelectionDim
                })
            });
            let height = u16::try_from(frame.rows)
                .unwrap_or(1)
                .min(body.bottom().saturating_sub(top.y));
            let whole = Rect { height, ..top };
            if let Some(over) = over {
                paint::clear(buffer, whole, over);
            }
            let (role, mark) = paint::mark(current, entry.marked, look.plain);
            let mut left = Line::of(role, mark);
            left.0.extend(entry.left.0);
            let wide = u16::try_from(entry.right.width())
                .unwrap_or(0)
                .min(top.width);
            let at = Rect {
                x: top.right() - wide,
                width: wide,
                ..top
            };
            paint::styled(buffer, look.theme, at, &entry.right, over);
            let room = Rect {
                width: top.width.saturating_sub(wide + u16::from(wide > 0)),
                ..top
            };
            paint::styled(buffer, look.theme, room, &left, over);
            for (at, line) in entry.below.iter().enumerate() {
                paint::styled(buffer, look.theme, paint::row(whole, at + 1), line, over);
            }
        }
    }

    fn draw_absence(&self, empty: &str, look: &Look<'_>, body: Rect, buffer: &mut Buffer) {
        let (role, words) = match (&self.error, self.loaded) {
            (Some(error), _) => (Role::Urgent, format!("cannot be read: {error}")),
            (None, false) => (Role::Dim, "reading …".to_owned()),
            (None, true) => (Role::Dim, empty.to_owned()),
        };
        let area = Rect {
            x: body.x + 2.min(body.width),
            y: body.y + 1.min(body.height),
            width: body.width.saturating_sub(3),
            height: body.height.saturating_sub(1),
        };
        paint::sentence(buffer, look.theme, area, role, &words);
    }
}
