//! Messages laid out as blocks of lines. Wrapping is kept from one layout to the next, so that a key costs the same in a
//! long conversation as in a short one.

use super::super::super::paint::Line;
use super::super::super::theme::Role;
use super::Look;
use crate::model::{Direction, Message, MessageId};
use crate::text::links;
use crate::text::quote::split_quote;
use crate::text::wrap::WrapIndex;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Links of one message that are listed below it at most.
const LINKS: usize = 8;

/// Our mark before every line of a message; text from outside never stands in its columns.
pub(super) type Gutter = (Role, &'static str);

/// The gutter of a message.
pub(super) fn gutter(direction: Direction, plain: bool) -> Gutter {
    match (direction, plain) {
        (Direction::Note, false) => (Role::Note, "▌ "),
        (Direction::Note, true) => (Role::Note, "n "),
        (Direction::Inbound, false) => (Role::Customer, "│ "),
        (Direction::Inbound, true) => (Role::Customer, "< "),
        (Direction::Outbound, false) => (Role::Agent, "┊ "),
        (Direction::Outbound, true) => (Role::Agent, "> "),
    }
}

/// The gutter of the assistant's drafts.
pub(super) fn draft_gutter(plain: bool) -> Gutter {
    (Role::Draft, if plain { "d " } else { "┃ " })
}

/// Some lines that belong together.
#[derive(Debug, Clone)]
pub(super) enum Block {
    /// Ready lines.
    Lines(Vec<Line>),
    /// Wrapped text behind a gutter.
    Text {
        /// The text.
        index: Arc<WrapIndex>,
        /// What stands before each line.
        gutter: Gutter,
        /// How the text is shown.
        role: Role,
    },
}

impl Block {
    /// One line behind a gutter.
    pub fn line_of(gutter: Gutter, role: Role, words: impl Into<String>) -> Self {
        Self::Lines(vec![Line::of(gutter.0, gutter.1).and(role, words)])
    }

    /// A sentence behind a gutter, wrapped.
    pub fn sentence(gutter: Gutter, role: Role, words: &str, columns: usize) -> Self {
        Self::Text {
            index: Arc::new(WrapIndex::new(words, columns)),
            gutter,
            role,
        }
    }

    /// How many lines it has.
    pub fn len(&self) -> usize {
        match self {
            Self::Lines(lines) => lines.len(),
            Self::Text { index, .. } => index.lines(),
        }
    }

    /// One of them.
    pub fn line(&self, at: usize) -> Line {
        match self {
            Self::Lines(lines) => lines.get(at).cloned().unwrap_or_default(),
            Self::Text {
                index,
                gutter,
                role,
            } => Line::of(gutter.0, gutter.1).and(*role, index.line(at).trim_end_matches('\n')),
        }
    }
}

/// A body cut into what is new and what is repeated, wrapped.
#[derive(Debug, Clone)]
struct Wrapped {
    body: Arc<str>,
    columns: usize,
    /// In their order: the text, and whether it is quoted.
    parts: Vec<(Arc<WrapIndex>, bool)>,
    /// Links that do not lead where they seem to.
    notes: Vec<String>,
}

impl Wrapped {
    fn new(body: &str, columns: usize) -> Self {
        let split = split_quote(body);
        let mut parts: Vec<_> = [
            (split.body.clone(), false),
            (split.signature.clone(), false),
            (split.quoted.clone(), true),
        ]
        .into_iter()
        .filter(|(range, _)| !range.is_empty())
        .collect();
        parts.sort_by_key(|(range, _)| range.start);
        let parts = parts
            .into_iter()
            .filter_map(|(range, quoted)| {
                let text = body.get(range)?.trim_matches('\n').trim_end();
                (!text.is_empty()).then(|| (Arc::new(WrapIndex::new(text, columns)), quoted))
            })
            .collect();
        let own = body.get(split.body).unwrap_or(body);
        let notes = links::find(own)
            .into_iter()
            .filter(|found| found.link.needs_note())
            .take(LINKS)
            .map(|found| found.link.label(columns))
            .collect();
        Self {
            body: Arc::from(body),
            columns,
            parts,
            notes,
        }
    }
}

/// Wrapped bodies by message.
#[derive(Debug, Clone, Default)]
pub(super) struct Wraps(BTreeMap<MessageId, Wrapped>);

impl Wraps {
    /// Forgets messages that are no longer shown.
    pub fn keep(&mut self, messages: &[Message]) {
        if self.0.len() > messages.len() {
            self.0
                .retain(|id, _| messages.iter().any(|message| message.id == *id));
        }
    }

    /// The blocks of a message's text.
    pub fn body(
        &mut self,
        message: &Message,
        columns: usize,
        unfolded: bool,
        look: &Look<'_>,
        blocks: &mut Vec<Block>,
    ) {
        if message.body.is_empty() {
            return;
        }
        let gutter = gutter(message.direction, look.plain);
        let role = if message.direction == Direction::Note {
            Role::Note
        } else {
            Role::Text
        };
        let wrapped = self
            .0
            .entry(message.id)
            .and_modify(|old| {
                if old.columns != columns || *old.body != *message.body {
                    *old = Wrapped::new(&message.body, columns);
                }
            })
            .or_insert_with(|| Wrapped::new(&message.body, columns));
        for (index, quoted) in &wrapped.parts {
            if *quoted && !unfolded {
                let mark = if look.plain { "..." } else { "⋯" };
                let count = index.text().lines().count();
                let words = format!("{mark} {count} quoted lines, z unfolds");
                blocks.push(Block::line_of(gutter, Role::Quote, words));
                continue;
            }
            blocks.push(Block::Text {
                index: Arc::clone(index),
                gutter,
                role: if *quoted { Role::Quote } else { role },
            });
        }
        for note in &wrapped.notes {
            blocks.push(Block::line_of(gutter, Role::Warning, note.as_str()));
        }
    }
}
