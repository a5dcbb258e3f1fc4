//! Pages to people on call.

use super::super::clock;
use super::super::paint::Line;
use super::super::theme::Role;
use super::conversation::Look;
use super::rows::{Entry, Frame, Rows};
use crate::model::{Escalation, EscalationState};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the pages.
pub fn draw(rows: &Rows<Escalation>, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
    let frame = Frame {
        title: Line::of(Role::Accent, " Pages").and(Role::Dim, " · open ones first"),
        total: Some(rows.items.len()).filter(|_| rows.loaded),
        empty: "Nobody is paged. ^ on a conversation pages a person.",
        rows: 2,
    };
    rows.draw(&frame, look, area, buffer, |page, _| {
        let role = match page.state {
            EscalationState::Open => Role::Urgent,
            EscalationState::Acknowledged => Role::Good,
            EscalationState::Silenced => Role::Warning,
            EscalationState::Closed => Role::Dim,
        };
        let mut left = Line::of(Role::Dim, format!(" {} ", page.id))
            .and(role, page.state.name())
            .and(Role::Text, format!("  {} · {}", page.to, page.about));
        if let Some((who, at)) = &page.acknowledged {
            left.push(
                Role::Dim,
                format!("  by {who} at {}", clock::when(*at, look.now, look.tz)),
            );
        }
        if page.state == EscalationState::Silenced
            && let Some(until) = page.silenced_until
        {
            left.push(
                Role::Dim,
                format!("  until {}", clock::when(until, look.now, look.tz)),
            );
        }
        let when = clock::when(page.at, look.now, look.tz);
        let words = match page.state {
            EscalationState::Open => {
                let since = clock::span(look.now.since(page.at));
                Line::of(Role::Urgent, format!("waits {since} "))
            }
            _ => Line::of(Role::Dim, format!("{when} ")),
        };
        Entry {
            left,
            right: words,
            below: vec![Line::of(
                Role::Dim,
                format!("     {} (paged by {})", page.reason, page.by),
            )],
            marked: false,
        }
    });
}
