//! Choose one from a list, narrowing it by typing.

use super::super::line_edit::LineEdit;
use super::super::paint::{self, Line};
use super::super::theme::{Role, Theme};
use super::palette;
use crate::model::{AttachmentId, ConversationId, Priority, ProposalId, RejectReason, Timestamp};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// What was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picked {
    /// Give it to somebody, or to nobody.
    Assignee(Option<String>),
    /// Set the urgency.
    Priority(Priority),
    /// Snooze until then; none is "until the customer writes".
    Snooze(Option<Timestamp>),
    /// Type a time.
    SnoozeOther,
    /// A canned reply.
    Canned(String),
    /// A macro, by index.
    Macro(usize),
    /// A reason to reject.
    Reject(ProposalId, RejectReason),
    /// Somebody of the roster.
    Page(ConversationId, String),
    /// Add the label, or take it off.
    Label(String, bool),
    /// Type labels.
    LabelOther,
    /// Open an attachment.
    OpenAttachment(AttachmentId),
    /// Save an attachment.
    SaveAttachment(AttachmentId),
    /// Open a link.
    OpenLink(String),
    /// Send at that time.
    Later(Timestamp),
    /// Type a time.
    LaterOther,
}

/// The list to choose from.
#[derive(Debug, Clone)]
pub struct Picker {
    /// Its title.
    pub title: String,
    /// Choices: words, more words, what it means.
    pub items: Vec<(String, String, Picked)>,
    /// What was typed to narrow it.
    pub line: LineEdit,
    /// The one under the cursor, of those that match.
    pub cursor: usize,
}

impl Picker {
    /// A picker.
    pub fn new(title: &str, items: Vec<(String, String, Picked)>) -> Self {
        Self {
            title: title.to_owned(),
            items,
            line: LineEdit::default(),
            cursor: 0,
        }
    }

    /// Indices of the choices that match what was typed, best first.
    pub fn matching(&self) -> Vec<usize> {
        palette::rank(
            self.line.text(),
            self.items
                .iter()
                .map(|(name, more, _)| format!("{name} {more}")),
        )
    }

    /// The choice under the cursor.
    pub fn current(&self) -> Option<&Picked> {
        let index = *self.matching().get(self.cursor)?;
        self.items.get(index).map(|(_, _, picked)| picked)
    }

    /// Draws it; returns where the caret is.
    pub fn draw(&self, theme: &Theme, body: Rect, plain: bool, buffer: &mut Buffer) -> (u16, u16) {
        let matching = self.matching();
        let rows = u16::try_from(self.items.len().max(1))
            .unwrap_or(u16::MAX)
            .min(12)
            + 1;
        let inside = super::sheet(theme, body, rows, &self.title, plain, buffer);
        let used = paint::line(
            buffer,
            theme,
            paint::row(inside, 0),
            &Line::of(Role::Key, " > ").and(Role::Text, self.line.text()),
        );
        let fit = usize::from(inside.height).saturating_sub(1).max(1);
        let first = (self.cursor / fit) * fit;
        for (at, index) in matching.iter().enumerate().skip(first).take(fit) {
            let Some((name, more, _)) = self.items.get(*index) else {
                continue;
            };
            let row = paint::row(inside, at - first + 1);
            let over = (at == self.cursor).then(|| theme.style(Role::Selection));
            if let Some(over) = over {
                paint::clear(buffer, row, over);
            }
            let mark = if at == self.cursor { " > " } else { "   " };
            let line = Line::of(Role::Accent, mark)
                .and(Role::Text, name.clone())
                .and(Role::Dim, format!("  {more}"));
            paint::styled(buffer, theme, row, &line, over);
        }
        if matching.is_empty() {
            paint::line(
                buffer,
                theme,
                paint::row(inside, 1),
                &Line::of(Role::Dim, "   nothing matches"),
            );
        }
        (
            inside.x + used.min(inside.width.saturating_sub(1)),
            inside.y,
        )
    }
}
