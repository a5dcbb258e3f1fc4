//! What will leave, what left, what failed, what nobody knows.

use super::super::clock;
use super::super::paint::Line;
use super::super::theme::Role;
use super::conversation::{Look, outbox_words};
use super::rows::{Entry, Frame, Rows};
use crate::model::OutboxState;
use crate::model::query::OutboxRow;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the outbox: who and how far, what, and what can be done about it.
pub fn draw(rows: &Rows<OutboxRow>, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
    let frame = Frame {
        title: Line::of(Role::Accent, " Outbox").and(Role::Dim, " · what is not done first"),
        total: None,
        empty: "Nothing is on its way.",
        rows: 3,
    };
    rows.draw(&frame, look, area, buffer, |row, current| {
        let to: Vec<_> = row
            .out
            .recipients
            .to
            .iter()
            .map(|party| party.name.as_deref().unwrap_or(&party.address))
            .collect();
        let mut left = Line::of(Role::Dim, format!(" {} ", row.out.channel.tag()))
            .and(Role::Text, format!("{}  ", to.join(", ")));
        left.0.extend(outbox_words(row, look.now).0);
        let words = if row.out.subject.is_empty() {
            &row.out.body
        } else {
            &row.out.subject
        };
        let words = words.lines().find(|line| !line.trim().is_empty());
        let mut below = vec![Line::of(
            Role::Dim,
            format!("     {}", words.unwrap_or("(no text)")),
        )];
        if current && let Some(hint) = hint(row.state) {
            below.push(Line::of(Role::Dim, format!("     {hint}")));
        }
        Entry {
            left,
            right: Line::of(
                Role::Dim,
                format!("{} ", clock::when(row.since, look.now, look.tz)),
            ),
            below,
            marked: false,
        }
    });
}

fn hint(state: OutboxState) -> Option<&'static str> {
    match state {
        OutboxState::Held | OutboxState::Queued => Some("x takes it back · s sends it now"),
        OutboxState::Retry => Some("x takes it back · r tries now"),
        OutboxState::Failed | OutboxState::Attention => {
            Some("r tries again · x makes it a draft again · Enter shows the conversation")
        }
        OutboxState::Unknown => {
            Some("ask the customer or look there: y arrived · n send again · d drop")
        }
        OutboxState::Sending | OutboxState::Sent | OutboxState::Cancelled => None,
    }
}
