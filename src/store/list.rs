//! Windows on lists of conversations: an index walked from a key, never a sort, never an offset.

use super::conditions::Conditions;
use super::rows::{self, CONVERSATION, CONVERSATION_COLUMNS};
use super::sql::{Result, Sql};
use crate::model::query::{Answer, From, Keyset, ListPage, ListQuery, Sort, View};
use crate::model::{Conversation, ConversationId, Timestamp};
use crate::text::query::{SearchQuery, parse};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

/// Rows per answer at most.
const MAX_ROWS: u32 = 1_000;
/// Conversations that one action may be about.
const MAX_IDS: u32 = 5_000;

/// Where rows come from and in which order.
struct Walk {
    /// After FROM.
    from: String,
    /// The column of the sort key.
    key: &'static str,
    /// Highest key first.
    descending: bool,
    conditions: Conditions,
}

/// One window.
pub(super) fn page(connection: &Connection, query: &ListQuery, now: Timestamp) -> Result<ListPage> {
    let limit = query.limit.clamp(1, MAX_ROWS) as usize;
    let walk = walk(connection, query, now)?;
    let rows = |from: Option<(Keyset, bool)>, backwards: bool, limit: usize| {
        walk.rows(connection, from, backwards, limit)
    };
    let is_any = |from: Keyset, backwards: bool| -> Result<bool> {
        Ok(!rows(Some((from, false)), backwards, 1)?.is_empty())
    };
    let mut page = ListPage::default();
    match query.from {
        From::Top => {
            page.rows = rows(None, false, limit + 1)?;
            page.after = cut(&mut page.rows, limit);
        }
        From::Bottom => {
            page.rows = rows(None, true, limit + 1)?;
            page.before = cut(&mut page.rows, limit);
            page.rows.reverse();
        }
        From::After(place) => {
            page.rows = rows(Some((place, false)), false, limit + 1)?;
            page.after = cut(&mut page.rows, limit);
            page.before = match page.rows.first() {
                Some((first, _)) => is_any(*first, true)?,
                None => !rows(Some((place, true)), true, 1)?.is_empty(),
            };
        }
        From::Before(place) => {
            page.rows = rows(Some((place, false)), true, limit + 1)?;
            page.before = cut(&mut page.rows, limit);
            page.rows.reverse();
            page.after = match page.rows.last() {
                Some((last, _)) => is_any(*last, false)?,
                None => !rows(Some((place, true)), false, 1)?.is_empty(),
            };
        }
        From::At(place) => {
            page.rows = rows(Some((place, true)), false, limit + 1)?;
            page.after = cut(&mut page.rows, limit);
            page.before = match page.rows.first() {
                Some((first, _)) => is_any(*first, true)?,
                None => !rows(Some((place, false)), true, 1)?.is_empty(),
            };
        }
    }
    page.total = total(connection, query)?;
    Ok(page)
}

/// Which conversations a list holds, up to a limit.
pub(super) fn ids(connection: &Connection, query: &ListQuery, now: Timestamp) -> Result<Answer> {
    let limit = query.limit.clamp(1, MAX_IDS) as usize;
    let walk = walk(connection, query, now)?;
    let (sql, values) = walk.select("c.id", None, walk.descending, limit + 1);
    let mut ids = connection.all(&sql, params_from_iter(values), |row| {
        Ok(ConversationId(row.get(0)?))
    })?;
    let more = ids.len() > limit;
    ids.truncate(limit);
    Ok(Answer::Ids { ids, more })
}

/// Drops the row that only showed that there are more; true when it was there.
fn cut(rows: &mut Vec<(Keyset, Conversation)>, limit: usize) -> bool {
    let more = rows.len() > limit;
    rows.truncate(limit);
    more
}

impl Walk {
    /// Rows from a place on (`true`: that row too), or from the end where the walk begins.
    fn rows(
        &self,
        connection: &Connection,
        from: Option<(Keyset, bool)>,
        backwards: bool,
        limit: usize,
    ) -> Result<Vec<(Keyset, Conversation)>> {
        let descending = self.descending != backwards;
        let (sql, values) = self.sql(from, descending, limit);
        connection.all(&sql, params_from_iter(values), |row| {
            let conversation = rows::conversation(row)?;
            let key = row.get(CONVERSATION_COLUMNS)?;
            let id = conversation.id.0;
            Ok((Keyset { key, id }, conversation))
        })
    }

    fn sql(
        &self,
        from: Option<(Keyset, bool)>,
        descending: bool,
        limit: usize,
    ) -> (String, Vec<Value>) {
        let columns = format!("{CONVERSATION}, {}", self.key);
        self.select(&columns, from, descending, limit)
    }

    fn select(
        &self,
        columns: &str,
        from: Option<(Keyset, bool)>,
        descending: bool,
        limit: usize,
    ) -> (String, Vec<Value>) {
        let mut values = self.conditions.values.clone();
        let (order, beyond) = if descending {
            ("DESC", "<")
        } else {
            ("ASC", ">")
        };
        let (key, id) = (self.key, self.id());
        let place = from.map_or_else(String::new, |(place, including)| {
            values.push(Value::Integer(place.key));
            values.push(Value::Integer(place.id));
            format!(
                " AND ({key}, {id}) {beyond}{} (?, ?)",
                if including { "=" } else { "" }
            )
        });
        let sql = format!(
            "SELECT {columns} FROM {} WHERE {}{place} ORDER BY {key} {order}, {id} {order} LIMIT {limit}",
            self.from,
            self.conditions.sql(),
        );
        (sql, values)
    }

    fn id(&self) -> &'static str {
        if self.from.starts_with("conversation_label") {
            "l.conversation"
        } else {
            "c.id"
        }
    }
}

fn walk(connection: &Connection, query: &ListQuery, now: Timestamp) -> Result<Walk> {
    let mut conditions = Conditions::default();
    let text = |text: &str| Value::Text(text.to_owned());
    let mut labelled = false;
    let mut saved = SearchQuery::default();
    let mut spam = false;
    match &query.view {
        View::Inbox => conditions.add("c.status = 'open'", []),
        View::Mine => {
            conditions.add("c.status = 'open' AND c.assignee = ?", [text(&query.me)]);
        }
        View::Unassigned => conditions.add("c.status = 'open' AND c.assignee IS NULL", []),
        View::Waiting => {
            conditions.add("c.status = 'open' AND c.waiting_since IS NOT NULL", []);
        }
        View::Snoozed => conditions.add("c.status = 'snoozed'", []),
        View::Resolved => conditions.add("c.status = 'resolved'", []),
        View::Spam => conditions.add("c.status = 'spam'", []),
        View::All => conditions.add("c.status <> 'spam'", []),
        View::Channel(channel) => {
            conditions.add(
                "c.status = 'open' AND c.channel = ?",
                [text(channel.name())],
            );
        }
        View::Account(account) => {
            conditions.add(
                "c.status = 'open' AND c.account = ?",
                [text(account.as_str())],
            );
        }
        View::Label(label) => {
            labelled = true;
            conditions.add("l.label = ? AND l.open = 1", [text(label)]);
        }
        View::Saved(name) => {
            saved = parse(&saved_query(connection, name)?);
            // A saved search that says nothing of spam does not show it.
            spam = asks_for_spam(&saved);
            let status = if spam {
                "c.status = 'spam'"
            } else {
                "c.status <> 'spam'"
            };
            conditions.add(status, []);
        }
    }
    let filter = parse(&query.filter);
    for asked in [&saved, &filter] {
        conditions.filters(asked, &query.me, now);
        conditions.words(connection, asked, true)?;
    }
    let few = conditions.few;
    let (key, descending) = match query.sort {
        Sort::ClosingSoonest => ("k_closing", false),
        Sort::Newest => ("last_at", true),
        Sort::Oldest => ("last_at", false),
        Sort::Priority => ("k_priority", true),
    };
    Ok(Walk {
        from: if labelled {
            "conversation_label l CROSS JOIN conversation c ON c.id = l.conversation".to_owned()
        } else if few {
            // Some conversations are named by what was found in them: they are looked up and sorted.
            "conversation c".to_owned()
        } else {
            // Named, for the planner knows nothing of how few wait among many that are open.
            format!(
                "conversation c INDEXED BY conversation_{}",
                index(if spam { &View::Spam } else { &query.view }, query.sort)
            )
        },
        key: match (labelled, key) {
            (true, "k_closing") => "l.k_closing",
            (true, "last_at") => "l.last_at",
            (true, _) => "l.k_priority",
            (false, "k_closing") => "c.k_closing",
            (false, "last_at") => "c.last_at",
            (false, _) => "c.k_priority",
        },
        descending,
        conditions,
    })
}

/// The index that is this list in this order.
fn index(view: &View, sort: Sort) -> String {
    let list = match view {
        View::Inbox | View::Snoozed | View::Resolved | View::Spam => "status",
        View::Mine | View::Unassigned => "mine",
        View::Waiting => "waiting",
        View::Channel(_) => "channel",
        View::Account(_) => "account",
        View::All | View::Label(_) | View::Saved(_) => "all",
    };
    let order = match sort {
        Sort::ClosingSoonest => "closing",
        Sort::Newest | Sort::Oldest => "last",
        Sort::Priority => "priority",
    };
    format!("{list}_{order}")
}

fn saved_query(connection: &Connection, name: &str) -> Result<String> {
    Ok(connection
        .value("SELECT query FROM saved_view WHERE name = ?1", [name])?
        .unwrap_or_default())
}

fn asks_for_spam(query: &SearchQuery) -> bool {
    use crate::text::filter::{Filter, Is};
    query
        .filters
        .iter()
        .any(|condition| condition.filter == Filter::Is(Is::Spam) && !condition.negated)
}

/// How many rows the list has, where that number is kept.
fn total(connection: &Connection, query: &ListQuery) -> Result<Option<u64>> {
    if !query.filter.trim().is_empty() {
        return Ok(None);
    }
    let (kind, key) = match &query.view {
        View::Inbox => ("status", "open"),
        View::Mine => ("assignee", query.me.as_str()),
        View::Unassigned => ("assignee", ""),
        View::Waiting => ("waiting", ""),
        View::Snoozed => ("status", "snoozed"),
        View::Resolved => ("status", "resolved"),
        View::Spam => ("status", "spam"),
        View::Channel(channel) => ("channel", channel.name()),
        View::Account(account) => ("account", account.as_str()),
        View::Label(label) => ("label", label.as_str()),
        View::All => {
            let sum: Option<i64> = connection.value(
                "SELECT sum(n) FROM tally WHERE kind = 'status' AND key <> 'spam'",
                [],
            )?;
            return Ok(Some(sum.unwrap_or(0).unsigned_abs()));
        }
        View::Saved(_) => return Ok(None),
    };
    Ok(Some(super::counts::tally(connection, kind, key)?))
}

/// The SQL of a list's first page and of a page from the middle, for tests of the plan.
#[cfg(test)]
pub(super) fn plans(
    connection: &Connection,
    query: &ListQuery,
) -> Result<Vec<(String, Vec<Value>)>> {
    let walk = walk(connection, query, Timestamp(0))?;
    let place = Keyset { key: 5, id: 5 };
    Ok(vec![
        walk.sql(None, walk.descending, 50),
        walk.sql(Some((place, false)), walk.descending, 50),
        walk.sql(Some((place, true)), !walk.descending, 50),
        walk.select("c.id", None, walk.descending, MAX_IDS as usize),
    ])
}
