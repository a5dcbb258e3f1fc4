//! What an attachment says, to be read before it is saved or opened.

use super::super::paint::{self, Line};
use super::super::theme::{Role, Theme};
use crate::model::AttachmentId;
use crate::model::query;
use crate::text::human;
use crate::text::wrap::WrapIndex;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The look at one attachment.
#[derive(Debug, Clone)]
pub struct Preview {
    /// Which.
    pub attachment: AttachmentId,
    /// It can be played.
    pub audio: bool,
    title: String,
    /// What it is: type, size, hash, and what is shown.
    facts: Vec<String>,
    text: WrapIndex,
    /// Lines scrolled down.
    pub down: usize,
}

impl Preview {
    /// For a body of so many columns.
    pub fn new(found: query::Preview, columns: u16) -> Self {
        let one = &found.attachment;
        let mut facts = vec![format!("{} · {}", one.mime, human::size(one.size))];
        if let Some(warning) = one.warning() {
            facts.push(format!("Take care: this file {warning}."));
        }
        if let Some(sha256) = &one.sha256 {
            facts.push(format!("sha256 {sha256}"));
        }
        let cut = if found.cut { ", its beginning" } else { "" };
        facts.push(match &found.text {
            Some(_) => format!("{}{cut}:", found.says),
            None => format!("not shown: {}", found.says),
        });
        let mut preview = Self {
            attachment: one.id,
            audio: one.is_audio(),
            title: one.name.clone(),
            facts,
            text: WrapIndex::new(found.text.unwrap_or_default().trim_end(), 80),
            down: 0,
        };
        preview.fits(columns);
        preview
    }

    /// Lays the text out for so many columns.
    pub fn fits(&mut self, columns: u16) {
        self.text
            .rewrap(usize::from(columns).saturating_sub(3).max(8));
    }

    /// Scrolls, as far as there is something to see.
    pub fn scroll(&mut self, by: isize) {
        let last = self.lines().saturating_sub(3);
        self.down = self.down.saturating_add_signed(by).min(last);
    }

    fn wrapped_facts(&self) -> Vec<WrapIndex> {
        let facts = self.facts.iter();
        facts
            .map(|fact| WrapIndex::new(fact.as_str(), self.text.width()))
            .collect()
    }

    fn lines(&self) -> usize {
        let facts: usize = self.wrapped_facts().iter().map(WrapIndex::lines).sum();
        facts + self.shown()
    }

    /// Lines of the text; none where there is none.
    fn shown(&self) -> usize {
        if self.text.text().is_empty() {
            0
        } else {
            self.text.lines()
        }
    }

    /// Draws it.
    pub fn draw(&self, theme: &Theme, body: Rect, plain: bool, buffer: &mut Buffer) {
        let rows = u16::try_from(self.lines()).unwrap_or(u16::MAX);
        let inside = super::sheet(theme, body, rows, &self.title, plain, buffer);
        let facts = self.wrapped_facts();
        let facts = facts
            .iter()
            .flat_map(|fact| (0..fact.lines()).map(|at| fact.line(at).trim_end()))
            .map(|line| Line::of(Role::Dim, format!(" {line}")));
        // A gutter of our own: what a file says cannot pass for what we say.
        let mark = if plain { " | " } else { " │ " };
        let text = (0..self.shown()).map(|at| {
            let line = self.text.line(at).trim_end_matches('\n');
            Line::of(Role::Customer, mark).and(Role::Text, line)
        });
        let lines = facts.chain(text).skip(self.down);
        for (row, line) in lines.take(usize::from(inside.height)).enumerate() {
            paint::line(buffer, theme, paint::row(inside, row), &line);
        }
    }
}
