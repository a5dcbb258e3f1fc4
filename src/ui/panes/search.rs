//! Search as you type: newest first, one line for the conversation and one around the match.

use super::super::clock;
use super::super::line_edit::LineEdit;
use super::super::paint::{self, Line};
use super::super::theme::Role;
use super::conversation::Look;
use super::rows::{Entry, Frame, Rows};
use crate::model::Status;
use crate::model::query::Hit;
use crate::text::width;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// What the search pane shows.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// What was typed.
    pub text: LineEdit,
    /// The results so far.
    pub hits: Rows<Hit>,
    /// There are older ones.
    pub more: bool,
    /// What was not understood.
    pub remarks: Vec<String>,
    /// It is still being typed.
    pub typing: bool,
    /// What stands there is from before: the first letter takes its place, any other key goes on with it.
    pub earlier: bool,
}

/// Draws the line that is typed into and the results. Returns where the caret is while typing.
pub fn draw(
    search: &Search,
    look: &Look<'_>,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<(u16, u16)> {
    let top = paint::row(area, 0);
    let prefix = paint::line(buffer, look.theme, top, &Line::of(Role::Key, " / "));
    let room = Rect {
        x: top.x + prefix,
        width: top.width.saturating_sub(prefix + 1),
        ..top
    };
    let shown = width::clip_start(search.text.text(), usize::from(room.width));
    paint::line(
        buffer,
        look.theme,
        room,
        &Line::of(
            if search.earlier {
                Role::Dim
            } else {
                Role::Text
            },
            shown.as_ref(),
        ),
    );
    let column = u16::try_from(search.text.column()).unwrap_or(u16::MAX);
    let caret = search
        .typing
        .then(|| (room.x + column.min(room.width), top.y));
    let mut body = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    for remark in search.remarks.iter().take(2) {
        let at = Rect {
            x: body.x + 3.min(body.width),
            width: body.width.saturating_sub(3),
            ..body
        };
        let used = paint::sentence(buffer, look.theme, at, Role::Warning, remark);
        body.y += used;
        body.height -= used;
    }
    let empty = if search.text.text().trim().is_empty() {
        "words, \"a phrase\", from:ana label:billing is:open channel:sms has:attachment before:2026-11-01 -not"
    } else {
        "Nothing found."
    };
    let frame = Frame {
        title: Line::default(),
        total: None,
        empty,
        rows: 2,
    };
    // The title's row is the last one above: results begin right below what was typed.
    let rows = Rect {
        y: body.y.saturating_sub(1),
        height: body.height + 1,
        ..body
    };
    search
        .hits
        .draw(&frame, look, rows, buffer, |hit, _| entry(hit, look));
    caret
}

fn entry(hit: &Hit, look: &Look<'_>) -> Entry {
    let c = &hit.conversation;
    let mut left = Line::of(Role::Dim, format!(" {} ", c.channel.tag()))
        .and(Role::Text, c.contact_name.as_str());
    if !c.subject.is_empty() {
        left.push(Role::Dim, format!("  {}", c.subject));
    }
    let mut right = Line::default();
    if c.status != Status::Open {
        right.push(Role::Dim, format!("{} · ", c.status.name()));
    }
    right.push(
        Role::Dim,
        format!("{} ", clock::when(hit.at, look.now, look.tz)),
    );
    let mut below = Line::of(Role::Text, "     ");
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
    // A call or a voice note that nobody has written down has no words of its own.
    if hit.snippet.trim().is_empty() {
        below.push(Role::Dim, c.snippet.as_str());
    }
    Entry {
        left,
        right,
        below: vec![below],
        marked: false,
    }
}
