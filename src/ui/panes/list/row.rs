//! The list drawn: a title, then two lines a conversation.

use super::super::super::paint::{self, Line};
use super::super::super::theme::Role;
use super::super::conversation::Look;
use super::super::urgency;
use super::{ConversationList, ListRow};
use crate::model::query::View;
use crate::model::{Conversation, Priority, Status};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Columns that words of the second line keep before labels and assignee may take any.
const WORDS: u16 = 18;

/// Draws the list: a title, then two lines a conversation.
pub fn draw(list: &ConversationList, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
    if area.width == 0 || area.height == 0 {
        return;
    }
    let (name, sort) = list.title();
    // What an action is about matters more than the order.
    let mut parts = vec![Line::of(Role::Accent, format!(" {name}"))];
    if !list.marked.is_empty() {
        let words = format!(" · {} marked", list.marked.len());
        parts.push(Line::of(Role::Accent, words));
    }
    parts.push(Line::of(Role::Dim, format!(" · {sort}")));
    let top = paint::row(area, 0);
    let total = list.total.map(|total| format!("{total} "));
    let total = Line::of(Role::Dim, total.unwrap_or_default());
    let wide = paint::right(buffer, look.theme, top, &total);
    let room = Rect {
        width: area.width.saturating_sub(wide + 1),
        ..top
    };
    let title = paint::fitting(parts, usize::from(room.width));
    paint::line(buffer, look.theme, room, &title);
    let body = Rect {
        y: area.y + 1,
        height: area.height - 1,
        ..area
    };
    if list.rows.is_empty() {
        draw_absence(list, look, body, buffer);
        return;
    }
    let fit = usize::from(body.height / 2).max(1);
    let first = (list.cursor / fit) * fit;
    for (index, row) in list.rows.iter().enumerate().skip(first).take(fit) {
        let y = body.y + u16::try_from((index - first) * 2).unwrap_or(0);
        let area = Rect {
            y,
            height: 2.min(body.bottom().saturating_sub(y)),
            ..body
        };
        let marked = list.marked.contains(&row.conversation.id);
        draw_row(row, index == list.cursor, marked, look, area, buffer);
    }
}

fn draw_absence(list: &ConversationList, look: &Look<'_>, body: Rect, buffer: &mut Buffer) {
    let (role, words, hint) = match (&list.error, list.loaded) {
        (Some(error), _) => (
            Role::Urgent,
            format!("This list cannot be read: {error}"),
            "C-l tries again",
        ),
        (None, false) => (Role::Dim, "reading …".to_owned(), ""),
        (None, true) => {
            let (words, hint) = empty(list);
            (Role::Text, words.to_owned(), hint)
        }
    };
    let mut area = Rect {
        x: body.x + 2.min(body.width),
        y: body.y + 1.min(body.height),
        width: body.width.saturating_sub(3),
        height: body.height.saturating_sub(1),
    };
    let used = paint::sentence(buffer, look.theme, area, role, &words);
    area.y += used;
    area.height -= used;
    if !hint.is_empty() {
        paint::sentence(buffer, look.theme, area, Role::Dim, hint);
    }
}

fn empty(list: &ConversationList) -> (&'static str, &'static str) {
    if !list.filter.is_empty() {
        return ("Nothing matches the filter.", "\\ Enter shows all again");
    }
    if !list.accounts {
        return (
            "No account is set up yet.",
            "g + sets one up in a minute; :account add does the same",
        );
    }
    match list.view {
        View::Inbox => (
            "Nothing waits. Well done.",
            "g s snoozed · g r resolved · / search",
        ),
        View::Mine => ("Nothing is assigned to you.", "g u shows what nobody has"),
        View::Unassigned => ("Everything has somebody.", "g i inbox"),
        View::Waiting => ("No customer waits for an answer.", "g i inbox"),
        View::Snoozed => ("Nothing is snoozed.", "b snoozes a conversation"),
        _ => ("Nothing here.", "g i inbox"),
    }
}

fn draw_row(
    row: &ListRow,
    current: bool,
    marked: bool,
    look: &Look<'_>,
    area: Rect,
    buffer: &mut Buffer,
) {
    let c = &row.conversation;
    let over = current.then(|| {
        look.theme.style(if look.focused {
            Role::Selection
        } else {
            Role::SelectionDim
        })
    });
    if let Some(over) = over {
        paint::clear(buffer, area, over);
    }
    let top = paint::row(area, 0);
    let right = clocks(row, look);
    let wide = u16::try_from(right.width())
        .unwrap_or(u16::MAX)
        .min(top.width);
    let at = Rect {
        x: top.right() - wide,
        width: wide,
        ..top
    };
    paint::styled(buffer, look.theme, at, &right, over);
    let room = Rect {
        width: top.width - wide,
        ..top
    };
    let who = name(row, paint::mark(current, marked, look.plain), look);
    paint::styled(buffer, look.theme, room, &who, over);

    let second = paint::row(area, 1);
    let words = match (c.subject.is_empty(), c.snippet.is_empty()) {
        (false, _) => c.subject.as_str(),
        (true, false) => c.snippet.as_str(),
        (true, true) => "(no text)",
    };
    let role = if c.unread > 0 && !row.gone {
        Role::Text
    } else {
        Role::Dim
    };
    let below = Line::of(role, format!("     {words}"));
    let who = owners(c, look);
    let wide = u16::try_from(who.width()).unwrap_or(u16::MAX);
    let room = second.width.saturating_sub(wide.saturating_add(1));
    if room < WORDS && wide > 0 {
        paint::styled(buffer, look.theme, second, &below, over);
        return;
    }
    let left = Rect {
        width: room,
        ..second
    };
    paint::styled(buffer, look.theme, left, &below, over);
    let at = Rect {
        x: second.right() - wide,
        width: wide,
        ..second
    };
    paint::styled(buffer, look.theme, at, &who, over);
}

/// Cursor, urgency or star, channel, name.
fn name(row: &ListRow, mark: (Role, &'static str), look: &Look<'_>) -> Line {
    let c = &row.conversation;
    let flag = match (c.priority, c.flagged) {
        (Priority::Urgent, _) => (Role::Urgent, "!"),
        (Priority::High, _) => (Role::Warning, "!"),
        (_, true) => (Role::Warning, if look.plain { "*" } else { "★" }),
        _ => (Role::Text, " "),
    };
    let role = if row.gone || c.status == Status::Resolved {
        Role::Dim
    } else if c.unread > 0 {
        Role::Unread
    } else {
        Role::Text
    };
    Line::of(mark.0, mark.1)
        .and(flag.0, flag.1)
        .and(Role::Dim, format!("{} ", c.channel.tag()))
        .and(role, c.contact_name.as_str())
}

/// Badges and the most urgent clock, at the right end of the first line.
fn clocks(row: &ListRow, look: &Look<'_>) -> Line {
    let c = &row.conversation;
    let mut right = Line::default();
    for (role, text) in badges(c, look) {
        right.push(Role::Text, " ");
        right.push(role, text);
    }
    right.push(Role::Text, " ");
    if row.gone && c.status == Status::Open && c.unsent == 0 {
        // It is still open and no longer belongs to this list: filter, assignee or label changed.
        right.push(Role::Dim, "moved");
    } else {
        right.0.extend(urgency::most_urgent(c, look).0);
    }
    right.push(Role::Text, " ");
    right
}

/// Labels and assignee, at the right end of the second line.
fn owners(c: &Conversation, look: &Look<'_>) -> Line {
    let mut who = Line::default();
    for label in c.labels.iter().take(2) {
        who.push(Role::Label, format!(" {label}"));
    }
    if let Some(assignee) = &c.assignee {
        let role = if assignee == look.me {
            Role::Accent
        } else {
            Role::Dim
        };
        who.push(role, format!(" @{assignee}"));
    }
    if !who.0.is_empty() {
        who.push(Role::Text, " ");
    }
    who
}

/// What is going on, most pressing first.
fn badges(c: &Conversation, look: &Look<'_>) -> Vec<(Role, String)> {
    let word = |plain: &str, symbol: &str| if look.plain { plain } else { symbol }.to_owned();
    let mut all = Vec::new();
    if c.failures > 0 {
        all.push((Role::Urgent, word("not sent", "✗ send")));
    }
    if c.paged {
        all.push((Role::Urgent, "page".to_owned()));
    }
    if c.unsent > 0 {
        all.push((Role::Draft, "sending".to_owned()));
    }
    if c.proposals > 0 {
        all.push((Role::Draft, word("ai draft", "✎ ai")));
    }
    if c.has_draft {
        all.push((Role::Draft, "draft".to_owned()));
    }
    if c.muted {
        all.push((Role::Dim, "muted".to_owned()));
    }
    if c.unread > 1 {
        all.push((Role::Unread, c.unread.to_string()));
    }
    all
}
