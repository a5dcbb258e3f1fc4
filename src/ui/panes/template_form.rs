//! The places of a template being filled, and below them exactly what the customer will see.

use super::super::key::{Code, Key};
use super::super::line_edit::LineEdit;
use super::super::paint::{self, Line};
use super::super::theme::Role;
use super::conversation::Look;
use crate::model::{Template, TemplateDraft};
use crate::text::width;
use crate::text::wrap::WrapIndex;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Columns of a place's name, at most.
const NAME: usize = 16;

/// A template being filled.
#[derive(Debug, Clone)]
pub struct TemplateForm {
    template: Template,
    before: String,
    fields: Vec<LineEdit>,
    at: usize,
}

impl TemplateForm {
    /// The form of a draft; the first empty place is typed into.
    pub fn new(draft: &TemplateDraft) -> Self {
        let fields: Vec<LineEdit> = draft
            .values
            .iter()
            .map(|(_, value)| LineEdit::new(crate::text::sanitize_line(value).text))
            .collect();
        Self {
            at: fields
                .iter()
                .position(|field| field.text().is_empty())
                .unwrap_or(0),
            template: draft.template.clone(),
            before: draft.before.clone(),
            fields,
        }
    }

    /// What was typed so far.
    pub fn draft(&self) -> TemplateDraft {
        let names = self.template.places.iter().map(|place| &place.name);
        let values = self.fields.iter().map(|field| field.text().to_owned());
        TemplateDraft {
            template: self.template.clone(),
            values: names.cloned().zip(values).collect(),
            before: self.before.clone(),
        }
    }

    /// The template.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// Free text that was there before.
    pub fn before(&self) -> &str {
        &self.before
    }

    /// The text as the customer will see it; a place that is not filled stays as the vendor writes it.
    pub fn text(&self) -> String {
        self.draft().text()
    }

    /// Takes a key; true when a value was changed.
    pub fn key(&mut self, key: Key) -> bool {
        match key.code {
            Code::Up | Code::BackTab => self.step(false),
            Code::Down | Code::Enter | Code::Tab => self.step(true),
            _ => {
                return self
                    .fields
                    .get_mut(self.at)
                    .is_some_and(|field| field.key(key));
            }
        }
        false
    }

    /// To the next place, or the one before.
    pub fn step(&mut self, on: bool) {
        let count = self.fields.len().max(1);
        self.at = (self.at + if on { 1 } else { count - 1 }) % count;
    }

    /// Puts text into the place that is typed into.
    pub fn insert(&mut self, text: &str) {
        if let Some(field) = self.fields.get_mut(self.at) {
            field.insert(text);
        }
    }

    /// How far it is filled, in words.
    pub fn measure(&self) -> (Role, String) {
        let filled = self
            .fields
            .iter()
            .filter(|field| !field.text().trim().is_empty());
        let (filled, all) = (filled.count(), self.fields.len());
        if filled < all {
            return (Role::Warning, format!("{filled} of {all} places filled"));
        }
        let long = self.text().chars().count();
        (Role::Dim, format!("filled · {long} characters"))
    }

    /// Draws it; returns where the caret is.
    pub fn draw(&self, look: &Look<'_>, area: Rect, buffer: &mut Buffer) -> Option<(u16, u16)> {
        let rows = usize::from(area.height);
        // What the customer sees needs the room more than a long list of places.
        let shown = self.fields.len().min((rows / 2).max(1)).min(rows);
        let first = self.at.saturating_sub(shown.saturating_sub(1));
        let names = self.template.places.iter();
        let wide = names.map(|place| width::width(&place.name)).max();
        let wide = wide.unwrap_or(0).min(NAME);
        let mut caret = None;
        let places = self.template.places.iter().zip(&self.fields).enumerate();
        for (row, (index, (place, field))) in places.skip(first).take(shown).enumerate() {
            let here = index == self.at;
            let name = width::pad(&width::clip(&place.name, wide), wide);
            let role = if here { Role::Key } else { Role::Dim };
            let row = paint::row(area, row);
            let used = paint::line(
                buffer,
                look.theme,
                row,
                &Line::of(role, format!("{name}  ")),
            );
            let room = Rect {
                x: row.x + used,
                width: row.width.saturating_sub(used),
                ..row
            };
            let columns = usize::from(room.width.saturating_sub(1));
            let column = field.column();
            let value = match (field.text(), &place.example) {
                ("", Some(example)) => Line::of(Role::Dim, format!("such as {example}")),
                ("", None) => Line::default(),
                (text, _) if column > columns => {
                    Line::of(Role::Text, width::clip_start(text, columns).into_owned())
                }
                (text, _) => Line::of(Role::Text, text),
            };
            paint::line(buffer, look.theme, room, &value);
            if here {
                let column = u16::try_from(column.min(columns)).unwrap_or(0);
                caret = Some((room.x + column, room.y));
            }
        }
        let preview = WrapIndex::new(
            self.text(),
            usize::from(area.width).saturating_sub(2).max(8),
        );
        let gutter = if look.plain { "> " } else { "┊ " };
        let room = rows.saturating_sub(shown);
        for at in 0..preview.lines().min(room) {
            let text = preview.line(at);
            let mut line = Line::of(Role::Agent, gutter).and(Role::Text, text.trim_end());
            if at + 1 == room && preview.lines() > room {
                let left = preview.lines() - room + 1;
                line = Line::of(Role::Dim, format!("{left} more lines: C-s shows all"));
            }
            paint::line(buffer, look.theme, paint::row(area, shown + at), &line);
        }
        caret
    }
}
