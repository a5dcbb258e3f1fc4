//! `?`: every key of this place, in words.

use super::super::action::{Scope, TABLE};
use super::super::key;
use super::super::keymap::Keymap;
use super::super::paint::{self, Line};
use super::super::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The help screen.
#[derive(Debug, Clone)]
pub struct Help {
    /// A line, and what stands there where it does not fit.
    lines: Vec<(Line, Option<Line>)>,
    /// Lines scrolled down.
    pub down: usize,
}

impl Help {
    /// Help for a place where `scopes` are active.
    pub fn new(keymap: &Keymap, scopes: &[Scope]) -> Self {
        let mut lines = Vec::new();
        for scope in scopes {
            lines.push((Line::of(Role::Accent, format!(" {}", scope.name())), None));
            for row in TABLE.iter().filter(|row| row.scope == *scope) {
                let keys: Vec<_> = keymap
                    .all_keys_of(row.action)
                    .iter()
                    .map(|keys| key::show(keys))
                    .collect();
                if keys.is_empty() {
                    continue;
                }
                let keys = Line::of(Role::Key, format!("  {:<14}", keys.join(", ")));
                let short = keys.clone().and(Role::Text, row.short);
                lines.push((keys.and(Role::Text, row.long), Some(short)));
            }
            lines.push((Line::default(), None));
        }
        Self { lines, down: 0 }
    }

    /// Scrolls.
    pub fn scroll(&mut self, by: isize) {
        self.down = self
            .down
            .saturating_add_signed(by)
            .min(self.lines.len().saturating_sub(3));
    }

    /// Draws it.
    pub fn draw(&self, theme: &Theme, body: Rect, plain: bool, buffer: &mut Buffer) {
        let rows = u16::try_from(self.lines.len()).unwrap_or(u16::MAX);
        let inside = super::sheet(
            theme,
            body,
            rows,
            "keys · j k scroll · Esc closes",
            plain,
            buffer,
        );
        for (index, (line, short)) in self
            .lines
            .iter()
            .skip(self.down)
            .take(usize::from(inside.height))
            .enumerate()
        {
            let fits = line.width() <= usize::from(inside.width);
            let line = short.as_ref().filter(|_| !fits).unwrap_or(line);
            paint::line(buffer, theme, paint::row(inside, index), line);
        }
    }
}
