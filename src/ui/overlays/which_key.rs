//! After a prefix such as `g`: what may follow.

use super::super::action::Action;
use super::super::key::{self, Key};
use super::super::paint::{self, Line};
use super::super::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Columns of one entry.
const CELL: u16 = 20;

/// Draws what may follow `keys`.
pub fn draw(
    keys: &[Key],
    following: &[(Vec<Key>, Action)],
    theme: &Theme,
    body: Rect,
    plain: bool,
    buffer: &mut Buffer,
) {
    let columns = (body.width / CELL).max(1);
    let rows = u16::try_from(following.len())
        .unwrap_or(0)
        .div_ceil(columns);
    let inside = super::sheet(theme, body, rows, &key::show(keys), plain, buffer);
    for (index, (rest, action)) in following.iter().enumerate() {
        let index = u16::try_from(index).unwrap_or(u16::MAX);
        let (column, row) = (index / rows.max(1), index % rows.max(1));
        let line = Line::of(Role::Key, format!(" {:<4}", key::show(rest)))
            .and(Role::Text, action.row().short);
        let area = paint::row(inside, usize::from(row));
        let x = area.x + (column * CELL).min(area.width);
        let width = CELL.min(area.right().saturating_sub(x));
        paint::line(buffer, theme, Rect { x, width, ..area }, &line);
    }
}
