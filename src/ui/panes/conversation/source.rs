//! The source of one message, shown in place of the conversation.

use super::blocks::{self, Block};
use crate::model::query::{Source, SourceForm};
use crate::model::{Channel, Direction, Message, MessageId};
use crate::text::wrap::WrapIndex;
use crate::ui::paint::Line;
use crate::ui::theme::Role;
use std::sync::Arc;

/// A message's source as it is shown now.
#[derive(Debug, Clone)]
pub struct OpenSource {
    message: MessageId,
    form: SourceForm,
    /// The message came by mail, so that it may have HTML.
    mail: bool,
    cut: bool,
    text: Arc<WrapIndex>,
}

impl OpenSource {
    /// The source of this message, none when no such form of it is kept.
    pub fn new(message: &Message, form: SourceForm, found: Option<Source>) -> Self {
        let none = || Source {
            text: "No raw form of this message is kept.".to_owned(),
            cut: false,
        };
        let found = found.unwrap_or_else(none);
        Self {
            message: message.id,
            form,
            mail: message.channel == Channel::Email,
            cut: found.cut,
            text: Arc::new(WrapIndex::new(found.text, 80)),
        }
    }

    /// The message whose HTML is to be shown next; none when the text is.
    pub fn html_next(&self) -> Option<MessageId> {
        (self.form == SourceForm::Raw && self.mail).then_some(self.message)
    }

    /// Laid out for so many columns.
    pub(super) fn blocks(&mut self, columns: usize, plain: bool) -> Vec<Block> {
        if self.text.width() != columns {
            Arc::make_mut(&mut self.text).rewrap(columns);
        }
        let next = if self.html_next().is_some() {
            "the HTML"
        } else {
            "text again"
        };
        let what = match (self.form, self.cut) {
            (SourceForm::Raw, false) => "raw form",
            (SourceForm::Raw, true) => "beginning of the raw form",
            (SourceForm::Html, false) => "HTML",
            (SourceForm::Html, true) => "beginning of the HTML",
        };
        let title = Line::of(Role::Warning, format!("{what}, neutralised · v: {next}"));
        vec![
            Block::Lines(vec![title, Line::default()]),
            Block::Text {
                index: Arc::clone(&self.text),
                gutter: blocks::gutter(Direction::Inbound, plain),
                role: Role::Text,
            },
        ]
    }
}
