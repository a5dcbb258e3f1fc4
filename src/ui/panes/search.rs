//! Search as you type: newest first, one line for the conversation and one around the match.

use super::super::clock;
use super::super::paint::{self, Line};
use super::super::theme::Role;
use super::conversation::Look;
use super::rows::Rows;
use crate::model::query::Hit;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// What the search pane shows.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// What was typed.
    pub text: String,
    /// The results so far.
    pub hits: Rows<Hit>,
    /// There are older ones.
    pub more: bool,
    /// What was not understood.
    pub remarks: Vec<String>,
    /// It is still being typed.
    pub typing: bool,
    /// It could not be done.
    pub error: Option<String>,
}

/// Draws the line that is typed into and the results. Returns where the caret is while typing.
pub fn draw(
    search: &Search,
    look: &Look<'_>,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<(u16, u16)> {
    let top = paint::row(area, 0);
    let line = Line::of(Role::Key, " / ").and(Role::Text, search.text.clone());
    let used = paint::line(buffer, look.theme, top, &line);
    let caret = search
        .typing
        .then(|| (top.x + used.min(top.width.saturating_sub(1)), top.y));
    let body = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    let mut skip = 0;
    let notes = search
        .error
        .iter()
        .map(|error| (Role::Urgent, error))
        .chain(search.remarks.iter().map(|remark| (Role::Warning, remark)));
    for (role, words) in notes.take(2) {
        paint::line(
            buffer,
            look.theme,
            paint::row(body, skip),
            &Line::of(role, format!("   {words}")),
        );
        skip += 1;
    }
    if search.hits.items.is_empty() {
        let words = if search.text.trim().is_empty() {
            "words, \"a phrase\", from:ana label:billing is:open channel:sms has:attachment before:2026-11-01 -not"
        } else if search.hits.loaded {
            "Nothing found."
        } else {
            "searching …"
        };
        paint::line(
            buffer,
            look.theme,
            paint::row(body, skip + 1),
            &Line::of(Role::Dim, format!("   {words}")),
        );
        return caret;
    }
    let fit = (usize::from(body.height).saturating_sub(skip) / 2).max(1);
    let first = search.hits.first(fit);
    for (index, hit) in search.hits.items.iter().enumerate().skip(first).take(fit) {
        let at = skip + (index - first) * 2;
        let current = index == search.hits.cursor;
        let over = current.then(|| {
            look.theme.style(if search.typing {
                Role::SelectionDim
            } else {
                Role::Selection
            })
        });
        if let Some(over) = over {
            paint::clear(buffer, paint::row(body, at), over);
        }
        let c = &hit.conversation;
        let line = Line::of(Role::Accent, if current { ">" } else { " " })
            .and(Role::Dim, format!(" {} ", c.channel.tag()))
            .and(Role::Text, c.contact_name.clone())
            .and(Role::Dim, format!("  {}", c.subject))
            .and(
                Role::Dim,
                if c.status == crate::model::Status::Open {
                    String::new()
                } else {
                    format!(" · {}", c.status.name())
                },
            );
        let row = paint::row(body, at);
        paint::styled(
            buffer,
            look.theme,
            Rect {
                width: row.width.saturating_sub(12),
                ..row
            },
            &line,
            over,
        );
        paint::right(
            buffer,
            look.theme,
            row,
            &Line::of(
                Role::Dim,
                format!("{} ", clock::when(hit.at, look.now, look.tz)),
            ),
        );
        let mut below = Line::of(Role::Text, "      ");
        let mut from = 0;
        for (start, end) in &hit.marks {
            if let (Some(before), Some(found)) =
                (hit.snippet.get(from..*start), hit.snippet.get(*start..*end))
            {
                below.push(Role::Dim, before);
                below.push(Role::Match, found);
                from = *end;
            }
        }
        below.push(Role::Dim, hit.snippet.get(from..).unwrap_or(""));
        paint::line(buffer, look.theme, paint::row(body, at + 1), &below);
    }
    caret
}
