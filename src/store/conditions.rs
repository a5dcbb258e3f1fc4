//! The search language as SQL conditions on `conversation c`.

use super::index::words;
use super::sql::{Result, Sql};
use crate::model::{Priority, Timestamp};
use crate::text::filter::{Assignee, Filter, Has, Is};
use crate::text::query::{SearchQuery, fts_exclude, fts_match, like_contains};
use jiff::tz::TimeZone;
use rusqlite::Connection;
use rusqlite::types::Value;

/// Up to so many messages found, their conversations are taken as a set; of more, each conversation is asked.
const FEW: usize = 4_000;

/// Conditions joined by AND, with their values.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    sql: String,
    pub values: Vec<Value>,
    /// The conditions name a few conversations.
    pub few: bool,
}

impl Conditions {
    /// Adds a condition; `?` stands for each of `values` in turn.
    pub fn add(&mut self, sql: &str, values: impl IntoIterator<Item = Value>) {
        if !self.sql.is_empty() {
            self.sql.push_str(" AND ");
        }
        self.sql.push_str(sql);
        self.values.extend(values);
    }

    /// The conditions, or one that always holds.
    pub fn sql(&self) -> &str {
        if self.sql.is_empty() {
            "true"
        } else {
            &self.sql
        }
    }

    /// Adds the filters of a query: everything but its words.
    pub fn filters(&mut self, query: &SearchQuery, me: &str, now: Timestamp) {
        for condition in &query.filters {
            let (sql, values) = filter(&condition.filter, me, now);
            if condition.negated {
                self.add(&format!("NOT coalesce({sql}, false)"), values);
            } else {
                self.add(&sql, values);
            }
        }
    }

    /// Adds the words of a query: some message of the conversation has them all.
    pub fn words(
        &mut self,
        connection: &Connection,
        query: &SearchQuery,
        typing: bool,
    ) -> Result<()> {
        if let Some(found) = fts_match(query, typing) {
            let found = words(&found).into_owned();
            let few: Vec<i64> = connection.all(
                "SELECT DISTINCT m.conversation FROM (SELECT rowid FROM message_fts WHERE message_fts MATCH ?1
                   ORDER BY rowid DESC LIMIT ?2) f JOIN message m ON m.fts = f.rowid",
                rusqlite::params![found, FEW as i64 + 1],
                |row| row.get(0),
            )?;
            if few.len() <= FEW && !too_many(connection, &found)? {
                self.few = true;
                let set = serde_json::to_string(&few)?;
                self.add(
                    "c.id IN (SELECT value FROM json_each(?))",
                    [Value::Text(set)],
                );
            } else {
                self.add(
                    "EXISTS (SELECT 1 FROM message m CROSS JOIN message_fts f ON f.rowid = m.fts
                       WHERE m.conversation = c.id AND f.message_fts MATCH ?)",
                    [Value::Text(found)],
                );
            }
        } else if let Some(excluded) = fts_exclude(query) {
            self.add(
                "NOT EXISTS (SELECT 1 FROM message m CROSS JOIN message_fts f ON f.rowid = m.fts
                   WHERE m.conversation = c.id AND f.message_fts MATCH ?)",
                [Value::Text(words(&excluded).into_owned())],
            );
        }
        Ok(())
    }
}

fn too_many(connection: &Connection, found: &str) -> Result<bool> {
    connection.exists(
        "SELECT 1 FROM message_fts WHERE message_fts MATCH ?1 ORDER BY rowid DESC LIMIT 1 OFFSET ?2",
        rusqlite::params![found, FEW as i64],
    )
}

fn filter(filter: &Filter, me: &str, now: Timestamp) -> (String, Vec<Value>) {
    let text = |text: &str| Value::Text(text.to_owned());
    let plain = |sql: &str| (sql.to_owned(), Vec::new());
    match filter {
        Filter::From(part) => {
            let like = text(&like_contains(part));
            (
                "(c.contact_name LIKE ? ESCAPE '\\' OR c.contact_address LIKE ? ESCAPE '\\')".to_owned(),
                vec![like.clone(), like],
            )
        }
        Filter::Label(label) => (
            "EXISTS (SELECT 1 FROM conversation_label l WHERE l.conversation = c.id AND l.label = ?)".to_owned(),
            vec![text(label)],
        ),
        Filter::Is(is) => match is {
            Is::Open => plain("c.status = 'open'"),
            Is::Snoozed => plain("c.status = 'snoozed'"),
            Is::Resolved => plain("c.status = 'resolved'"),
            Is::Spam => plain("c.status = 'spam'"),
            Is::Unread => plain("c.unread > 0"),
            Is::Waiting => plain("c.waiting_since IS NOT NULL"),
            Is::Unassigned => plain("c.assignee IS NULL"),
            Is::Mine => ("c.assignee = ?".to_owned(), vec![text(me)]),
            Is::Muted => plain("c.muted = 1"),
            Is::Flagged => plain("c.flagged = 1"),
        },
        Filter::Has(has) => plain(match has {
            Has::Attachment => {
                "EXISTS (SELECT 1 FROM message m WHERE m.conversation = c.id AND m.attachments > 0)"
            }
            Has::Note => {
                "EXISTS (SELECT 1 FROM message m WHERE m.conversation = c.id AND m.direction = 'note')"
            }
            Has::Draft => "c.has_draft = 1",
            Has::Proposal => "c.proposals > 0",
            Has::Failure => "c.failures > 0",
            Has::Page => "c.paged = 1",
        }),
        Filter::Before(day) => (
            "c.last_at < ?".to_owned(),
            vec![Value::Integer(day.start(now, &TimeZone::system()).0)],
        ),
        Filter::After(day) => (
            "c.last_at >= ?".to_owned(),
            vec![Value::Integer(day.start(now, &TimeZone::system()).0)],
        ),
        Filter::Channel(channel) => ("c.channel = ?".to_owned(), vec![text(channel)]),
        Filter::Account(account) => ("c.account = ?".to_owned(), vec![text(account)]),
        Filter::Assignee(Assignee::Me) => ("c.assignee = ?".to_owned(), vec![text(me)]),
        Filter::Assignee(Assignee::Nobody) => plain("c.assignee IS NULL"),
        Filter::Assignee(Assignee::Named(name)) => ("c.assignee = ?".to_owned(), vec![text(name)]),
        Filter::Priority(priority) => (
            "c.priority = ?".to_owned(),
            vec![Value::Integer(priority_rank(priority))],
        ),
    }
}

/// The number by which the mirror keeps a priority.
fn priority_rank(name: &str) -> i64 {
    Priority::ALL
        .into_iter()
        .find(|priority| priority.name() == name)
        .unwrap_or_default() as i64
}
