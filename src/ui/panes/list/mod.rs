//! The list of conversations: a window of a few screens on a list of any length.

mod row;

pub use row::draw;

use crate::model::query::{From, Keyset, ListPage, ListQuery, Sort, View};
use crate::model::{Conversation, ConversationId};
use std::collections::BTreeSet;

/// Rows asked for at once: a few screens.
const WINDOW: u32 = 120;

/// Rows from the window's edge at which more are asked for.
const EDGE: usize = 30;

/// Conversations that can be marked at once.
const MARKED: u32 = 5_000;

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
    /// There are accounts from which something could come.
    pub accounts: bool,
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
            accounts: true,
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

    /// What to ask for to mark all that match: of this list, what the words narrow it to.
    pub fn mark_query(&self, words: &str) -> ListQuery {
        ListQuery {
            from: From::Top,
            limit: MARKED,
            filter: format!("{} {words}", self.filter).trim().to_owned(),
            ..self.query(Asked::Fresh)
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
                // A row that moved meanwhile is shown once, where it is now.
                let rows: Vec<_> = rows.collect();
                self.rows
                    .retain(|old| !rows.iter().any(|new| same(new, old)));
                self.rows.extend(rows);
                self.after = page.after;
            }
            Asked::Before => {
                let mut all: Vec<_> = rows.collect();
                self.rows
                    .retain(|old| !all.iter().any(|new| same(new, old)));
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
        self.cursor = if let Some(index) = found {
            index
        } else {
            let index = self.cursor.min(self.rows.len());
            here.gone = true;
            self.rows.insert(index, here);
            index
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

    /// A conversation was read anew: a row that stays although it left the list says what it is now.
    pub fn learn(&mut self, conversation: &Conversation) {
        for row in &mut self.rows {
            if row.gone && row.conversation.id == conversation.id {
                row.conversation.clone_from(conversation);
            }
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

fn same(one: &ListRow, other: &ListRow) -> bool {
    one.conversation.id == other.conversation.id
}
