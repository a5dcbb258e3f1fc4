//! The agent's unsent texts.

use super::super::clock;
use super::super::paint::{self, Line};
use super::super::theme::Role;
use super::conversation::Look;
use super::rows::Rows;
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
    paint::line(
        buffer,
        look.theme,
        paint::row(area, 0),
        &Line::of(Role::Accent, " Drafts"),
    );
    let body = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    if rows.items.is_empty() {
        let words = if rows.loaded {
            "No unsent text."
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
    for (index, (draft, conversation)) in rows.items.iter().enumerate().skip(first).take(fit) {
        let top = (index - first) * 2;
        let current = index == rows.cursor;
        let over = current.then(|| look.theme.style(Role::Selection));
        if let Some(over) = over {
            paint::clear(buffer, paint::row(body, top), over);
        }
        let kind = match draft.kind {
            DraftKind::Reply | DraftKind::Approval => "reply to",
            DraftKind::Note => "note on",
            DraftKind::Forward => "forward of",
            DraftKind::New => "new to",
        };
        let whom = conversation.as_ref().map_or_else(
            || {
                draft
                    .recipients
                    .to
                    .first()
                    .map_or("nobody yet", |party| party.address.as_str())
            },
            |conversation| conversation.contact_name.as_str(),
        );
        let line = Line::of(Role::Accent, if current { ">" } else { " " })
            .and(Role::Dim, format!(" {} {kind} ", draft.channel.tag()))
            .and(Role::Text, whom.to_owned());
        paint::styled(buffer, look.theme, paint::row(body, top), &line, over);
        paint::right(
            buffer,
            look.theme,
            paint::row(body, top),
            &Line::of(
                Role::Dim,
                format!("{} ", clock::when(draft.updated_at, look.now, look.tz)),
            ),
        );
        let words = draft
            .body
            .lines()
            .find(|line| !line.trim().is_empty())
            .unwrap_or("(empty)");
        paint::line(
            buffer,
            look.theme,
            paint::row(body, top + 1),
            &Line::of(Role::Dim, format!("      {words}")),
        );
    }
}
