//! One line to type, for a purpose.

use super::super::line_edit::LineEdit;
use super::super::paint::{self, Line};
use super::super::theme::{Role, Theme};
use crate::model::{ConversationId, EscalationId, ProposalId, RejectReason};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// What the line is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// A command.
    Command,
    /// Narrow the list.
    Filter,
    /// Mark all of the list that match.
    SelectQuery,
    /// More words for a rejection.
    RejectWords(ProposalId, RejectReason),
    /// What a redraft should do.
    Redraft(ProposalId),
    /// What a draft should say.
    AskDraft(ConversationId),
    /// How many proposals are approved at once.
    ApproveCount(usize),
    /// Why somebody is paged.
    EscalateReason(ConversationId, String),
    /// How long a page keeps quiet.
    Silence(EscalationId),
    /// Recipients.
    To,
    /// Copies.
    Cc,
    /// Hidden copies.
    Bcc,
    /// The subject.
    Subject,
    /// A file to attach.
    Attach,
    /// The name of a view.
    ViewName,
    /// A program for the newest message.
    Pipe,
    /// Where to save an attachment.
    Save(crate::model::AttachmentId),
    /// What is known of the person.
    Remark(ConversationId),
}

impl Purpose {
    /// What Enter does, in a word or two.
    pub fn enter(&self) -> &'static str {
        match self {
            Self::Command => "run",
            Self::Filter => "narrow",
            Self::SelectQuery => "mark",
            Self::RejectWords(..) => "reject",
            Self::Redraft(_) | Self::AskDraft(_) => "ask for it",
            Self::ApproveCount(_) => "approve them",
            Self::EscalateReason(..) => "page",
            Self::Silence(_) => "silence",
            Self::Attach => "attach",
            Self::Pipe => "run",
            Self::Save(_) => "save",
            _ => "take it",
        }
    }

    fn title(&self) -> String {
        match self {
            Self::Command => "command".to_owned(),
            Self::Filter => "filter this list".to_owned(),
            Self::SelectQuery => "mark all that match; empty marks the whole list".to_owned(),
            Self::RejectWords(_, reason) => {
                format!(
                    "reject as {}: a word more, or Enter",
                    reason.name().replace('-', " ")
                )
            }
            Self::Redraft(_) => "what should be different".to_owned(),
            Self::AskDraft(_) => "what should it say (may be empty)".to_owned(),
            Self::ApproveCount(count) => {
                format!("{count} drafts will leave: type {count} to approve them")
            }
            Self::EscalateReason(_, to) => format!("page {to}: why"),
            Self::Silence(_) => "keep quiet until: 30m, 2h, tomorrow".to_owned(),
            Self::To => "to".to_owned(),
            Self::Cc => "cc".to_owned(),
            Self::Bcc => "bcc".to_owned(),
            Self::Subject => "subject".to_owned(),
            Self::Attach => "file to attach".to_owned(),
            Self::ViewName => "name of the view".to_owned(),
            Self::Pipe => "program for the newest message".to_owned(),
            Self::Save(_) => "save to (directory or file; empty for downloads)".to_owned(),
            Self::Remark(_) => "remark on the person".to_owned(),
        }
    }
}

/// The prompt.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// What it is for.
    pub purpose: Purpose,
    /// What was typed.
    pub line: LineEdit,
    /// What is wrong with it.
    pub error: Option<String>,
    /// What could be typed.
    pub hints: Vec<String>,
}

impl Prompt {
    /// An empty prompt.
    pub fn new(purpose: Purpose) -> Self {
        Self::with(purpose, "")
    }

    /// A prompt with text in it.
    pub fn with(purpose: Purpose, text: &str) -> Self {
        Self {
            purpose,
            line: LineEdit::new(text),
            error: None,
            hints: Vec::new(),
        }
    }

    /// Draws it; returns where the caret is.
    pub fn draw(&self, theme: &Theme, body: Rect, plain: bool, buffer: &mut Buffer) -> (u16, u16) {
        let error = self.error.as_ref().map_or_else(Vec::new, |error| {
            let columns = usize::from(body.width.saturating_sub(4)).max(8);
            paint::wrapped(&Line::of(Role::Urgent, error.as_str()), columns)
        });
        let told = u16::try_from(error.len()).unwrap_or(u16::MAX);
        let extra = told.saturating_add(u16::from(!self.hints.is_empty()));
        let inside = super::sheet(
            theme,
            body,
            extra.saturating_add(1),
            &self.purpose.title(),
            plain,
            buffer,
        );
        let mark = if self.purpose == Purpose::Command {
            " :"
        } else {
            " > "
        };
        let used = paint::line(
            buffer,
            theme,
            paint::row(inside, 0),
            &Line::of(Role::Key, mark),
        );
        let room = inside.width.saturating_sub(used + 1);
        let column = u16::try_from(self.line.column()).unwrap_or(u16::MAX);
        let text = crate::text::width::clip_start(self.line.text(), usize::from(room));
        let shown = if column > room {
            text.as_ref()
        } else {
            self.line.text()
        };
        paint::line(
            buffer,
            theme,
            Rect {
                x: inside.x + used,
                width: room,
                ..paint::row(inside, 0)
            },
            &Line::of(Role::Text, shown),
        );
        let mut at = 1;
        for row in error
            .into_iter()
            .take(usize::from(inside.height).saturating_sub(1))
        {
            let mut line = Line::of(Role::Text, "   ");
            line.0.extend(row.0);
            paint::line(buffer, theme, paint::row(inside, at), &line);
            at += 1;
        }
        if !self.hints.is_empty() && at < usize::from(inside.height) {
            paint::line(
                buffer,
                theme,
                paint::row(inside, at),
                &Line::of(Role::Dim, format!("   {}", self.hints.join("  "))),
            );
        }
        (inside.x + used + column.min(room), inside.y)
    }
}
