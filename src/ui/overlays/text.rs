//! Some lines to read: why, remarks, results.

use super::super::paint::{self, Line};
use super::super::theme::{Role, Theme};
use crate::text::wrap::WrapIndex;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Lines to read; any key closes it.
#[derive(Debug, Clone)]
pub struct TextBox {
    /// Its title.
    pub title: String,
    /// Its sentences.
    pub sentences: Vec<String>,
}

impl TextBox {
    /// Draws it.
    pub fn draw(&self, theme: &Theme, body: Rect, plain: bool, buffer: &mut Buffer) {
        let columns = usize::from(body.width).saturating_sub(3).max(8);
        let wrapped: Vec<_> = self
            .sentences
            .iter()
            .map(|sentence| WrapIndex::new(sentence.as_str(), columns))
            .collect();
        let rows: usize = wrapped.iter().map(WrapIndex::lines).sum();
        let inside = super::sheet(
            theme,
            body,
            u16::try_from(rows).unwrap_or(u16::MAX),
            &self.title,
            plain,
            buffer,
        );
        let lines = wrapped
            .iter()
            .flat_map(|index| (0..index.lines()).map(|at| index.line(at)));
        for (index, text) in lines.take(usize::from(inside.height)).enumerate() {
            paint::line(
                buffer,
                theme,
                paint::row(inside, index),
                &Line::of(Role::Text, format!(" {}", text.trim_end())),
            );
        }
    }
}
