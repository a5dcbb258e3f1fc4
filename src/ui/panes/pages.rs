//! Pages to people on call.

use super::super::clock;
use super::super::paint::{self, Line};
use super::super::theme::Role;
use super::conversation::Look;
use super::rows::Rows;
use crate::model::{Escalation, EscalationState};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the pages.
pub fn draw(rows: &Rows<Escalation>, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
    paint::line(
        buffer,
        look.theme,
        paint::row(area, 0),
        &Line::of(Role::Accent, " Pages"),
    );
    let body = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    if rows.items.is_empty() {
        let words = if rows.loaded {
            "Nobody is paged. ^ on a conversation pages a person."
        } else {
            "reading …"
        };
        paint::line(
            buffer,
            look.theme,
            paint::row(body, 1),
            &Line::of(Role::Dim, format!("  {words}")),
        );
        return;
    }
    let fit = usize::from(body.height / 2).max(1);
    let first = rows.first(fit);
    for (index, page) in rows.items.iter().enumerate().skip(first).take(fit) {
        let top = (index - first) * 2;
        let current = index == rows.cursor;
        let over = current.then(|| look.theme.style(Role::Selection));
        if let Some(over) = over {
            paint::clear(buffer, paint::row(body, top), over);
        }
        let role = match page.state {
            EscalationState::Open => Role::Urgent,
            EscalationState::Acknowledged => Role::Good,
            EscalationState::Silenced => Role::Warning,
            EscalationState::Closed => Role::Dim,
        };
        let mut line = Line::of(Role::Accent, if current { ">" } else { " " })
            .and(Role::Dim, format!(" {:>3} ", page.id))
            .and(role, page.state.name())
            .and(Role::Text, format!("  {} · {}", page.to, page.about));
        if let Some((who, at)) = &page.acknowledged {
            line.push(
                Role::Dim,
                format!("  by {who} at {}", clock::time(*at, look.tz)),
            );
        }
        if page.state == EscalationState::Silenced
            && let Some(until) = page.silenced_until
        {
            line.push(
                Role::Dim,
                format!("  until {}", clock::when(until, look.now, look.tz)),
            );
        }
        paint::styled(buffer, look.theme, paint::row(body, top), &line, over);
        paint::right(
            buffer,
            look.theme,
            paint::row(body, top),
            &Line::of(
                Role::Dim,
                format!("{} ", clock::when(page.at, look.now, look.tz)),
            ),
        );
        let below = Line::of(Role::Dim, format!("        {} by {}", page.reason, page.by));
        paint::line(buffer, look.theme, paint::row(body, top + 1), &below);
    }
}
