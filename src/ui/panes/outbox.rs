//! What will leave, what left, what failed, what nobody knows.

use super::super::clock;
use super::super::paint::{self, Line};
use super::super::theme::Role;
use super::conversation::{Look, outbox_words};
use super::rows::Rows;
use crate::model::OutboxState;
use crate::model::query::OutboxRow;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the outbox: a line of state, a line of text.
pub fn draw(rows: &Rows<OutboxRow>, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
    paint::line(
        buffer,
        look.theme,
        paint::row(area, 0),
        &Line::of(Role::Accent, " Outbox"),
    );
    let body = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    if rows.items.is_empty() {
        let words = if rows.loaded {
            "Nothing is on its way."
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
    let fit = usize::from(body.height / 3).max(1);
    let first = rows.first(fit);
    for (index, row) in rows.items.iter().enumerate().skip(first).take(fit) {
        let top = (index - first) * 3;
        let current = index == rows.cursor;
        let over = current.then(|| look.theme.style(Role::Selection));
        if let Some(over) = over {
            paint::clear(
                buffer,
                Rect {
                    height: 1,
                    ..paint::row(body, top)
                },
                over,
            );
        }
        let to: Vec<_> = row
            .out
            .recipients
            .to
            .iter()
            .map(|party| party.name.as_deref().unwrap_or(&party.address))
            .collect();
        let mark = match (current, look.plain) {
            (true, true) => ">",
            (true, false) => "▸",
            _ => " ",
        };
        let mut line =
            Line::of(Role::Accent, mark).and(Role::Dim, format!(" {} ", row.out.channel.tag()));
        line.push(Role::Text, format!("{}  ", to.join(", ")));
        line.0.extend(outbox_words(row, look.now).0);
        paint::styled(buffer, look.theme, paint::row(body, top), &line, over);
        paint::right(
            buffer,
            look.theme,
            paint::row(body, top),
            &Line::of(
                Role::Dim,
                format!("{} ", clock::when(row.since, look.now, look.tz)),
            ),
        );
        let words = if row.out.subject.is_empty() {
            &row.out.body
        } else {
            &row.out.subject
        };
        let words = words
            .lines()
            .find(|line| !line.trim().is_empty())
            .unwrap_or("");
        paint::line(
            buffer,
            look.theme,
            paint::row(body, top + 1),
            &Line::of(Role::Dim, format!("      {words}")),
        );
        if current && let Some(hint) = hint(row.state) {
            paint::line(
                buffer,
                look.theme,
                paint::row(body, top + 2),
                &Line::of(Role::Dim, format!("      {hint}")),
            );
        }
    }
}

fn hint(state: OutboxState) -> Option<&'static str> {
    match state {
        OutboxState::Held | OutboxState::Queued => Some("x takes it back · s sends it now"),
        OutboxState::Retry => Some("x takes it back · r tries now"),
        OutboxState::Failed | OutboxState::Attention => {
            Some("r tries again · x makes it a draft again · Enter shows the conversation")
        }
        OutboxState::Unknown => {
            Some("look at the customer's side: y it arrived · n send again · d drop")
        }
        OutboxState::Sending | OutboxState::Sent | OutboxState::Cancelled => None,
    }
}
