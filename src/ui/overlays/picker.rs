//! Choose one from a list, narrowing it by typing.

use super::super::line_edit::LineEdit;
use super::super::paint::Line;
use super::super::theme::{Role, Theme};
use super::choices;
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
    /// Copy a number to call.
    CopyNumber(String),
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
        let all = self.items.iter();
        let texts = all.map(|(name, more, _)| (name.as_str(), more.as_str()));
        choices::rank(self.line.text(), texts)
    }

    /// The choice under the cursor.
    pub fn current(&self) -> Option<&Picked> {
        let index = *self.matching().get(self.cursor)?;
        self.items.get(index).map(|(_, _, picked)| picked)
    }

    /// Draws it; returns where the caret is.
    pub fn draw(&self, theme: &Theme, body: Rect, plain: bool, buffer: &mut Buffer) -> (u16, u16) {
        let lines: Vec<_> = self
            .matching()
            .iter()
            .filter_map(|index| self.items.get(*index))
            .map(|(name, more, _)| {
                Line::of(Role::Text, name.as_str()).and(Role::Dim, format!("  {more}"))
            })
            .collect();
        let (title, look) = (&self.title, (theme, plain));
        choices::draw(title, &self.line, &lines, self.cursor, look, body, buffer)
    }
}
