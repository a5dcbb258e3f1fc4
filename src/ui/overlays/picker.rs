//! Choose one from a list, narrowing it by typing.

use super::super::line_edit::LineEdit;
use super::super::paint::Line;
use super::super::theme::{Role, Theme};
use super::choices;
use crate::model::{
    AttachmentId, Command, ConversationId, Priority, ProposalId, RejectReason, Timestamp,
};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// What was chosen.
#[derive(Debug, Clone, PartialEq)]
pub enum Picked {
    /// Give it to somebody, or to nobody.
    Assignee(Option<String>),
    /// Set the urgency.
    Priority(Priority),
    /// Snooze until then; none is "until the customer writes".
    Snooze(Option<Timestamp>),
    /// A canned reply.
    Canned(String),
    /// A template to fill.
    Template(Box<crate::model::Template>),
    /// Go on by another way.
    Way(Box<crate::desk::channels::Way>),
    /// No template after all.
    FreeText,
    /// A macro, by index.
    Macro(usize),
    /// What to do about a person.
    Person(Box<Command>),
    /// A reason to reject.
    Reject(ProposalId, RejectReason),
    /// Somebody to page.
    Page(ConversationId, String),
    /// It is there and cannot be chosen; why, in words.
    NoWay(String),
    /// Look at an attachment.
    LookAt(AttachmentId),
    /// Open an attachment.
    OpenAttachment(AttachmentId),
    /// Play an attachment.
    PlayAttachment(AttachmentId),
    /// Have an attachment written down.
    Transcribe(AttachmentId),
    /// Save an attachment.
    SaveAttachment(AttachmentId),
    /// Open a link.
    OpenLink(String),
    /// Copy a number to call.
    CopyNumber(String),
    /// Send at that time; only if the customer has not written by then.
    Later(Timestamp, bool),
}

/// A choice: words, more words, what it means.
pub type Choice = (String, String, Picked);

/// What a time that is typed into the picker's line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeFor {
    /// Hiding a conversation until then.
    Snooze,
    /// Sending then.
    Later,
}

/// The list to choose from.
#[derive(Debug, Clone)]
pub struct Picker {
    /// Its title.
    pub title: String,
    /// All choices.
    pub items: Vec<Choice>,
    /// What was typed to narrow it.
    pub line: LineEdit,
    /// The one under the cursor, of those that match.
    pub cursor: usize,
    /// What may be typed besides a choice's name.
    pub time: Option<TimeFor>,
    /// What was typed, understood: the first choice.
    pub typed: Option<Choice>,
    /// What to say when nothing matches.
    pub none: String,
}

impl Picker {
    /// A picker.
    pub fn new(title: &str, items: Vec<Choice>) -> Self {
        Self {
            title: title.to_owned(),
            items,
            line: LineEdit::default(),
            cursor: 0,
            time: None,
            typed: None,
            none: "nothing matches".to_owned(),
        }
    }

    /// A picker into whose line a time may be typed, too.
    pub fn of_times(title: &str, time: TimeFor, items: Vec<Choice>) -> Self {
        let mut picker = Self::new(title, items);
        picker.time = Some(time);
        picker
    }

    /// The choices that match what was typed, best first.
    pub fn matching(&self) -> Vec<&Choice> {
        let all = self.items.iter();
        let texts = all.map(|(name, more, _)| (name.as_str(), more.as_str()));
        let ranked = choices::rank(self.line.text(), texts);
        let items = ranked.into_iter().filter_map(|at| self.items.get(at));
        self.typed.iter().chain(items).collect()
    }

    /// The choice under the cursor.
    pub fn current(&self) -> Option<&Picked> {
        self.matching()
            .get(self.cursor)
            .map(|(_, _, picked)| picked)
    }

    /// Draws it; returns where the caret is.
    pub fn draw(&self, theme: &Theme, body: Rect, plain: bool, buffer: &mut Buffer) -> (u16, u16) {
        let lines: Vec<_> = self
            .matching()
            .iter()
            .map(|(name, more, _)| {
                Line::of(Role::Text, name.as_str()).and(Role::Dim, format!("  {more}"))
            })
            .collect();
        let list = choices::Choices {
            title: &self.title,
            line: &self.line,
            rows: &lines,
            cursor: self.cursor,
            none: &self.none,
        };
        choices::draw(&list, (theme, plain), body, buffer)
    }
}
