//! The list of conversations: a window of a few screens on a list of any length.

use super::super::clock;
use super::super::paint::{self, Line};
use super::super::theme::{Role, Theme};
use crate::model::conversation::MostUrgent;
use crate::model::query::{From, Keyset, ListPage, ListQuery, Sort, View};
use crate::model::time::{HOUR, MINUTE};
use crate::model::{Conversation, ConversationId, Priority, Status, Timestamp};
use crate::text::width;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::collections::BTreeSet;

/// Rows asked for at once: a few screens.
const WINDOW: u32 = 120;
/// Rows from the window's edge at which more are asked for.
const EDGE: usize = 30;
/// Rows kept at most; beyond, the far end is dropped.
const KEEP: usize = 480;

/// One row of the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRow {
    /// Its place in the order.
    pub key: Keyset,
    /// The conversation.
    pub conversation: Conversation,
    /// It no longer belongs here; it stays until the cursor leaves it.
    pub gone: bool,
}

/// The list's state.
#[derive(Debug, Clone)]
pub struct ConversationList {
    /// Which list.
    pub view: View,
    /// In which order.
    pub sort: Sort,
    /// Narrowed by.
    pub filter: String,
    /// The window.
    pub rows: Vec<ListRow>,
    /// The row under the cursor.
    pub cursor: usize,
    /// There are rows before the window.
    pub before: bool,
    /// There are rows after it.
    pub after: bool,
    /// How many there are in all, where known.
    pub total: Option<u64>,
    /// Marked for a bulk action.
    pub marked: BTreeSet<ConversationId>,
    /// Where a range began.
    pub range_from: Option<usize>,
    /// It was read at least once.
    pub loaded: bool,
    /// What is wrong, when it could not be read.
    pub error: Option<String>,
    me: String,
    pages: usize,
}

/// Why the list was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// To show it from the top.
    Fresh,
    /// To bring the window up to date.
    Refresh,
    /// For rows after the window.
    After,
    /// For rows before it.
    Before,
    /// To show its end.
    Bottom,
}

impl ConversationList {
    /// The inbox, not yet read.
    pub fn new(me: &str, sort: Sort) -> Self {
        Self {
            view: View::Inbox,
            sort,
            filter: String::new(),
            rows: Vec::new(),
            cursor: 0,
            before: false,
            after: false,
            total: None,
            marked: BTreeSet::new(),
            range_from: None,
            loaded: false,
            error: None,
            me: me.to_owned(),
            pages: 8,
        }
    }

    /// Goes to another list.
    pub fn show(&mut self, view: View) {
        let (me, sort) = (self.me.clone(), self.sort);
        *self = Self {
            view,
            ..Self::new(&me, sort)
        };
    }

    /// The conversation under the cursor.
    pub fn current(&self) -> Option<&Conversation> {
        self.rows.get(self.cursor).map(|row| &row.conversation)
    }

    /// What an action is about: the marked ones, or the one under the cursor.
    pub fn targets(&self) -> Vec<ConversationId> {
        if self.marked.is_empty() {
            self.current()
                .map(|conversation| conversation.id)
                .into_iter()
                .collect()
        } else {
            self.marked.iter().copied().collect()
        }
    }

    /// Tells how many rows fit on the screen.
    pub fn fits(&mut self, rows: usize) {
        self.pages = rows.max(1);
    }

    /// Half a screen of rows.
    pub fn half(&self) -> isize {
        isize::try_from(self.pages / 2).unwrap_or(1).max(1)
    }

    /// The question to ask.
    pub fn query(&self, asked: Asked) -> ListQuery {
        let from = match asked {
            Asked::Fresh => From::Top,
            Asked::Bottom => From::Bottom,
            Asked::Refresh => match self.rows.iter().find(|row| !row.gone) {
                Some(first) if self.before => From::At(first.key),
                _ => From::Top,
            },
            Asked::After => self
                .rows
                .last()
                .map_or(From::Top, |row| From::After(row.key)),
            Asked::Before => self
                .rows
                .first()
                .map_or(From::Top, |row| From::Before(row.key)),
        };
        let limit = match asked {
            Asked::Refresh => u32::try_from(self.rows.len())
                .unwrap_or(WINDOW)
                .clamp(WINDOW, 500),
            _ => WINDOW,
        };
        ListQuery {
            view: self.view.clone(),
            sort: self.sort,
            from,
            limit,
            me: self.me.clone(),
            filter: self.filter.clone(),
        }
    }

    /// Takes the answer.
    pub fn take(&mut self, asked: Asked, page: ListPage) {
        let here = self.rows.get(self.cursor).cloned();
        let rows = page.rows.into_iter().map(|(key, conversation)| ListRow {
            key,
            conversation,
            gone: false,
        });
        self.error = None;
        self.loaded = true;
        self.total = page.total.or(self.total);
        match asked {
            Asked::Fresh | Asked::Refresh => {
                self.rows = rows.collect();
                self.before = page.before;
                self.after = page.after;
            }
            Asked::Bottom => {
                self.rows = rows.collect();
                (self.before, self.after) = (page.before, false);
                self.cursor = self.rows.len().saturating_sub(1);
                return;
            }
            Asked::After => {
                self.rows.extend(rows);
                self.after = page.after;
            }
            Asked::Before => {
                let mut all: Vec<_> = rows.collect();
                all.append(&mut self.rows);
                self.rows = all;
                self.before = page.before;
            }
        }
        if asked == Asked::Fresh {
            self.cursor = self.cursor.min(self.rows.len().saturating_sub(1));
        } else if let Some(here) = here {
            self.keep_under_cursor(here);
        }
        self.trim();
    }

    /// A row never vanishes under the cursor: it stays, marked as gone, until the cursor leaves.
    fn keep_under_cursor(&mut self, mut here: ListRow) {
        let found = self
            .rows
            .iter()
            .position(|row| row.conversation.id == here.conversation.id);
        self.cursor = match found {
            Some(index) => index,
            None => {
                let index = self.cursor.min(self.rows.len());
                here.gone = true;
                self.rows.insert(index, here);
                index
            }
        };
    }

    fn trim(&mut self) {
        if self.rows.len() <= KEEP {
            return;
        }
        if self.cursor > self.rows.len() / 2 {
            let cut = self.rows.len() - KEEP;
            self.rows.drain(..cut);
            self.cursor -= cut.min(self.cursor);
            self.before = true;
        } else {
            self.rows.truncate(KEEP);
            self.after = true;
        }
    }

    /// Moves the cursor by rows. Returns what should be asked for next.
    pub fn step(&mut self, by: isize) -> Option<Asked> {
        let last = self.rows.len().saturating_sub(1);
        self.go(self.cursor.saturating_add_signed(by).min(last))
    }

    /// To a row of the window. Returns what should be asked for next.
    pub fn go(&mut self, to: usize) -> Option<Asked> {
        let to = to.min(self.rows.len().saturating_sub(1));
        if to != self.cursor {
            let target = self.rows.get(to).map(|row| row.conversation.id);
            self.rows
                .retain(|row| !row.gone || Some(row.conversation.id) == target);
            let index =
                target.and_then(|id| self.rows.iter().position(|row| row.conversation.id == id));
            self.cursor = index.unwrap_or(0);
            if let Some(from) = self.range_from {
                let (low, high) = (from.min(self.cursor), from.max(self.cursor));
                let range = self.rows.get(low..=high).unwrap_or(&[]);
                self.marked
                    .extend(range.iter().map(|row| row.conversation.id));
            }
        }
        if self.after && self.cursor + EDGE >= self.rows.len() {
            Some(Asked::After)
        } else if self.before && self.cursor < EDGE {
            Some(Asked::Before)
        } else {
            None
        }
    }

    /// Marks the row under the cursor, or takes the mark off.
    pub fn mark(&mut self) {
        if let Some(id) = self.current().map(|conversation| conversation.id)
            && !self.marked.remove(&id)
        {
            self.marked.insert(id);
        }
    }

    /// Its name and order, for the title.
    pub fn title(&self) -> (String, String) {
        let mut name = view_name(&self.view);
        if !self.filter.is_empty() {
            name = format!("{name} \\ {}", self.filter);
        }
        (name, self.sort.name().to_owned())
    }
}

/// What people call a view.
pub fn view_name(view: &View) -> String {
    match view {
        View::Inbox => "Inbox".to_owned(),
        View::Mine => "Mine".to_owned(),
        View::Unassigned => "Unassigned".to_owned(),
        View::Waiting => "Waiting on us".to_owned(),
        View::Snoozed => "Snoozed".to_owned(),
        View::Resolved => "Resolved".to_owned(),
        View::Spam => "Spam".to_owned(),
        View::All => "All".to_owned(),
        View::Channel(channel) => channel.name().to_owned(),
        View::Account(account) => format!("account {account}"),
        View::Label(label) => format!("label {label}"),
        View::Saved(name) => name.clone(),
    }
}

/// How the list is to be drawn.
pub struct Look<'a> {
    /// Colours.
    pub theme: &'a Theme,
    /// The time.
    pub now: Timestamp,
    /// The agent's zone.
    pub tz: &'a TimeZone,
    /// The pane has the keys.
    pub focused: bool,
    /// Words instead of symbols.
    pub plain: bool,
    /// The agent.
    pub me: &'a str,
}

/// Draws the list: a title, then two lines a conversation.
pub fn draw(list: &ConversationList, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
    if area.width == 0 || area.height == 0 {
        return;
    }
    let (name, sort) = list.title();
    let mut title = Line::of(Role::Accent, format!(" {name}")).and(Role::Dim, format!(" · {sort}"));
    if !list.marked.is_empty() {
        title.push(Role::Marked, format!(" · {} marked", list.marked.len()));
    }
    let top = paint::row(area, 0);
    paint::line(
        buffer,
        look.theme,
        Rect {
            width: area.width.saturating_sub(7),
            ..top
        },
        &title,
    );
    if let Some(total) = list.total {
        paint::right(
            buffer,
            look.theme,
            top,
            &Line::of(Role::Dim, format!("{total} ")),
        );
    }
    let body = Rect {
        y: area.y + 1,
        height: area.height - 1,
        ..area
    };
    if list.rows.is_empty() {
        let words = match (&list.error, list.loaded) {
            (Some(error), _) => vec![(Role::Urgent, format!("cannot be read: {error}"))],
            (None, false) => vec![(Role::Dim, "reading …".to_owned())],
            (None, true) => empty(list),
        };
        for (index, (role, words)) in words.into_iter().enumerate() {
            let row = paint::row(body, index + 1);
            paint::line(
                buffer,
                look.theme,
                row,
                &Line::of(role, format!("  {words}")),
            );
        }
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
        draw_row(
            row,
            index == list.cursor,
            list.marked.contains(&row.conversation.id),
            look,
            area,
            buffer,
        );
    }
}

fn empty(list: &ConversationList) -> Vec<(Role, String)> {
    if !list.filter.is_empty() {
        return vec![
            (Role::Text, "Nothing matches the filter.".to_owned()),
            (Role::Dim, "\\ Enter shows all again".to_owned()),
        ];
    }
    let (what, hint) = match list.view {
        View::Inbox => (
            "Nothing waits. Well done.",
            "g s snoozed · g r resolved · / search",
        ),
        View::Mine => ("Nothing is assigned to you.", "g u shows what nobody has"),
        View::Unassigned => ("Everything has somebody.", "g i inbox"),
        View::Waiting => ("No customer waits for an answer.", "g i inbox"),
        View::Snoozed => ("Nothing is snoozed.", "b snoozes a conversation"),
        _ => ("Nothing here.", "g i inbox"),
    };
    vec![(Role::Text, what.to_owned()), (Role::Dim, hint.to_owned())]
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
    let unread = c.unread > 0 && !row.gone;
    let name = if row.gone || c.status == Status::Resolved {
        Role::Dim
    } else if unread {
        Role::Unread
    } else {
        Role::Text
    };
    let edge = match (current, marked) {
        (_, true) => (Role::Marked, if look.plain { "x" } else { "■" }),
        (true, false) => (Role::Accent, if look.plain { ">" } else { "▸" }),
        _ if c.flagged => (Role::Warning, "*"),
        _ => (Role::Text, " "),
    };
    let urgency = match c.priority {
        Priority::Urgent => (Role::Urgent, "!"),
        Priority::High => (Role::Warning, "!"),
        _ => (Role::Text, " "),
    };
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
    let clock = most_urgent(c, row.gone, look);
    let badges = badges(c, look);
    let tail = tail_width(&clock)
        + if badges.0.is_empty() {
            0
        } else {
            badges.width() + 1
        };
    let top = paint::row(area, 0);
    let left = Line::of(edge.0, edge.1)
        .and(urgency.0, urgency.1)
        .and(Role::Dim, c.channel.tag())
        .and(Role::Text, " ")
        .and(name, c.contact_name.clone());
    let room = top
        .width
        .saturating_sub(u16::try_from(tail + 1).unwrap_or(u16::MAX));
    paint::styled(buffer, look.theme, Rect { width: room, ..top }, &left, over);
    let mut right = badges;
    if !right.0.is_empty() {
        right.push(Role::Text, " ");
    }
    right.0.extend(clock.0);
    right.push(Role::Text, " ");
    let wide = u16::try_from(right.width())
        .unwrap_or(u16::MAX)
        .min(top.width);
    let at = Rect {
        x: top.right() - wide,
        width: wide,
        ..top
    };
    paint::styled(buffer, look.theme, at, &right, over);

    let second = paint::row(area, 1);
    let mut below = Line::of(Role::Text, "     ");
    let words = if c.subject.is_empty() {
        c.snippet.clone()
    } else {
        c.subject.clone()
    };
    let words = if words.is_empty() {
        "(no text)".to_owned()
    } else {
        words
    };
    below.push(if unread { Role::Text } else { Role::Dim }, words);
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
    let room = second
        .width
        .saturating_sub(u16::try_from(who.width() + 1).unwrap_or(u16::MAX));
    if room >= 18 || who.0.is_empty() {
        paint::styled(
            buffer,
            look.theme,
            Rect {
                width: room,
                ..second
            },
            &below,
            over,
        );
        let wide = u16::try_from(who.width()).unwrap_or(0).min(second.width);
        let at = Rect {
            x: second.right() - wide,
            width: wide,
            ..second
        };
        paint::styled(buffer, look.theme, at, &who, over);
    } else {
        paint::styled(buffer, look.theme, second, &below, over);
    }
}

fn tail_width(clock: &Line) -> usize {
    clock.width() + 1
}

/// The most urgent clock, and why.
fn most_urgent(c: &Conversation, gone: bool, look: &Look<'_>) -> Line {
    let left = |at: Timestamp| at.since(look.now);
    let soon = |ms: i64| {
        if ms < 30 * MINUTE {
            Role::Urgent
        } else if ms < 2 * HOUR {
            Role::Warning
        } else {
            Role::Dim
        }
    };
    if gone || c.status == Status::Resolved {
        let word = if gone && c.status == Status::Open {
            "moved"
        } else {
            c.status.name()
        };
        return Line::of(Role::Dim, word);
    }
    if c.opted_out {
        return Line::of(Role::Warning, "opted out");
    }
    match c.most_urgent() {
        MostUrgent::Window(at) if left(at) <= 0 => Line::of(Role::Warning, "window closed"),
        MostUrgent::Window(at) => {
            Line::of(soon(left(at)), format!("closes {}", clock::span(left(at))))
        }
        MostUrgent::Due(at) if left(at) <= 0 => {
            Line::of(Role::Urgent, format!("late {}", clock::span(-left(at))))
        }
        MostUrgent::Due(at) => Line::of(soon(left(at)), format!("due {}", clock::span(left(at)))),
        MostUrgent::Waiting(at) => {
            let waits = look.now.since(at);
            let role = if waits > 4 * HOUR {
                Role::Warning
            } else {
                Role::Dim
            };
            Line::of(role, format!("wait {}", clock::span(waits)))
        }
        MostUrgent::Snoozed(at) => Line::of(
            Role::Dim,
            format!("until {}", clock::when(at, look.now, look.tz)),
        ),
        MostUrgent::Last(at) => Line::of(Role::Dim, clock::when(at, look.now, look.tz)),
    }
}

fn badges(c: &Conversation, look: &Look<'_>) -> Line {
    let mut badges = Line::default();
    let mut badge = |role, text: String| {
        if !badges.0.is_empty() {
            badges.push(Role::Text, " ");
        }
        badges.push(role, text);
    };
    if c.failures > 0 {
        badge(
            Role::Urgent,
            if look.plain {
                "not sent".to_owned()
            } else {
                "✗ send".to_owned()
            },
        );
    }
    if c.paged {
        badge(Role::Urgent, "page".to_owned());
    }
    if c.unsent > 0 {
        badge(Role::Draft, "sending".to_owned());
    }
    if c.proposals > 0 {
        badge(
            Role::Draft,
            if look.plain {
                "ai draft".to_owned()
            } else {
                "✎ ai".to_owned()
            },
        );
    }
    if c.has_draft {
        badge(Role::Draft, "draft".to_owned());
    }
    if c.muted {
        badge(Role::Dim, "muted".to_owned());
    }
    if c.unread > 1 {
        badge(Role::Unread, c.unread.to_string());
    }
    debug_assert!(badges.0.iter().all(|(_, text)| width::width(text) < 40));
    badges
}
