//! The agent's unsent texts.

use super::super::clock;
use super::super::paint::Line;
use super::super::theme::Role;
use super::conversation::Look;
use super::rows::{Entry, Frame, Rows};
use crate::model::{Conversation, Draft, DraftKind};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the drafts.
pub fn draw(
    rows: &Rows<(Draft, Option<Conversation>)>,
    look: &Look<'_>,
    area: Rect,
    buffer: &mut Buffer,
) {
    let frame = Frame {
        title: Line::of(Role::Accent, " Drafts").and(Role::Dim, " · your unsent texts"),
        total: Some(rows.items.len()).filter(|_| rows.loaded),
        empty: "No unsent text. What you type is kept here until it is sent or thrown away.",
        rows: 2,
    };
    rows.draw(&frame, look, area, buffer, |(draft, conversation), _| {
        let kind = match draft.kind {
            DraftKind::Reply | DraftKind::Approval => "reply to",
            DraftKind::Note => "note on",
            DraftKind::Forward => "forward of",
            DraftKind::New => "new to",
        };
        let nobody = || {
            let first = draft.recipients.to.first();
            first.map_or("nobody yet", |party| party.address.as_str())
        };
        let whom = conversation
            .as_ref()
            .map_or_else(nobody, |conversation| conversation.contact_name.as_str());
        let words = draft.body.lines().find(|line| !line.trim().is_empty());
        Entry {
            left: Line::of(Role::Dim, format!(" {} {kind} ", draft.channel.tag()))
                .and(Role::Text, whom),
            right: Line::of(
                Role::Dim,
                format!("{} ", clock::when(draft.updated_at, look.now, look.tz)),
            ),
            below: vec![Line::of(
                Role::Dim,
                format!("     {}", words.unwrap_or("(empty)")),
            )],
            marked: false,
        }
    });
}
