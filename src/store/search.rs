//! Search over messages, newest first: the index is walked from its end and left as soon as there is enough.

use super::conditions::Conditions;
use super::index::{begun, words};
use super::rows::{self, CONVERSATION, CONVERSATION_COLUMNS};
use super::sql::{Result, Sql};
use crate::model::query::{Answer, Hit};
use crate::model::{MessageId, Timestamp};
use crate::text::query::{SearchQuery, fts_match_among, parse};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};
use std::ops::Range;

/// Hits per answer at most.
const MAX_HITS: u32 = 500;
/// Characters of a snippet.
const SNIPPET: usize = 120;
/// Characters of it before the first match.
const BEFORE: usize = 40;

/// What machines heard in the files of a message `m`.
const HEARD: &str =
    "(SELECT coalesce(group_concat(text, char(10)), '') FROM transcript WHERE message = m.id)";

/// Answers a search: its text, and who asks.
pub(super) fn search(
    connection: &Connection,
    (text, me): (&str, &str),
    typing: bool,
    before: Option<MessageId>,
    limit: u32,
    now: Timestamp,
) -> Result<Answer> {
    let query = parse(text);
    let limit = limit.clamp(1, MAX_HITS) as usize;
    let mut conditions = Conditions::default();
    conditions.filters(&query, me, now);
    let mut hits = match fts_match_among(&query, typing, |part| begun(connection, part))? {
        Some(found) => by_words(
            connection,
            &words(&found),
            conditions,
            before,
            limit + 1,
            &query,
        )?,
        None if query.is_empty() => Vec::new(),
        None => {
            conditions.words(connection, &query, typing)?;
            by_filters(connection, conditions, before, limit + 1, &query)?
        }
    };
    let more = hits.len() > limit;
    hits.truncate(limit);
    Ok(Answer::Search {
        hits,
        more,
        remarks: query.remarks,
    })
}

fn by_words(
    connection: &Connection,
    found: &str,
    conditions: Conditions,
    before: Option<MessageId>,
    limit: usize,
    query: &SearchQuery,
) -> Result<Vec<Hit>> {
    let mut values = vec![Value::Text(found.to_owned())];
    let older = match before {
        Some(id) => {
            values.push(Value::Integer(id.0));
            " AND f.rowid < (SELECT fts FROM message WHERE id = ?)"
        }
        None => "",
    };
    let sql = format!(
        "SELECT {CONVERSATION}, m.id, m.at, m.body, m.subject, m.who, {HEARD}
         FROM message_fts f CROSS JOIN message m ON m.fts = f.rowid CROSS JOIN conversation c ON c.id = m.conversation
         WHERE f.message_fts MATCH ?{older} AND {} ORDER BY f.rowid DESC LIMIT {limit}",
        conditions.sql()
    );
    values.extend(conditions.values);
    connection.all(&sql, params_from_iter(values), |row| hit(row, query))
}

/// Without words, the newest message of each conversation that fits.
fn by_filters(
    connection: &Connection,
    mut conditions: Conditions,
    before: Option<MessageId>,
    limit: usize,
    query: &SearchQuery,
) -> Result<Vec<Hit>> {
    if let Some(id) = before {
        conditions.add(
            "(c.last_at, c.id) < (SELECT k.last_at, k.id FROM message n JOIN conversation k ON k.id = n.conversation
              WHERE n.id = ?)",
            [Value::Integer(id.0)],
        );
    }
    let spam = if conditions.sql().contains("c.status = 'spam'") {
        "true"
    } else {
        "c.status <> 'spam'"
    };
    let sql = format!(
        "SELECT {CONVERSATION}, m.id, m.at, m.body, m.subject, m.who, {HEARD}
         FROM conversation c CROSS JOIN message m ON m.id = c.head
         WHERE {spam} AND {} ORDER BY c.last_at DESC, c.id DESC LIMIT {limit}",
        conditions.sql()
    );
    connection.all(&sql, params_from_iter(conditions.values), |row| {
        hit(row, query)
    })
}

fn hit(row: &Row<'_>, query: &SearchQuery) -> rusqlite::Result<Hit> {
    let place = CONVERSATION_COLUMNS;
    let (body, subject, who, heard): (String, String, String, String) = (
        row.get(place + 2)?,
        row.get(place + 3)?,
        row.get(place + 4)?,
        row.get(place + 5)?,
    );
    let terms: Vec<String> = query
        .terms
        .iter()
        .filter(|term| !term.negated)
        .flat_map(|term| term.text.split_whitespace())
        .map(str::to_lowercase)
        .collect();
    let (snippet, marks) = [&body, &heard, &subject, &who]
        .into_iter()
        .map(|text| snippet(text, &terms))
        .find(|(_, marks)| !marks.is_empty())
        .unwrap_or_else(|| snippet(if body.is_empty() { &heard } else { &body }, &[]));
    Ok(Hit {
        message: MessageId(row.get(place)?),
        at: Timestamp(row.get(place + 1)?),
        conversation: rows::conversation(row)?,
        snippet,
        marks: marks
            .into_iter()
            .map(|mark| (mark.start, mark.end))
            .collect(),
    })
}

/// A line around the first match, and where in it the matches are.
fn snippet(text: &str, terms: &[String]) -> (String, Vec<Range<usize>>) {
    let first = matches(text, terms).next().map_or(0, |found| found.start);
    let start = text[..first]
        .char_indices()
        .rev()
        .take(BEFORE)
        .last()
        .map_or(first, |(at, _)| at);
    let mut line = String::new();
    if start > 0 {
        line.push('…');
    }
    let mut blank = true;
    let mut chars = text[start..].chars();
    for c in chars.by_ref() {
        if line.chars().count() >= SNIPPET {
            line.push('…');
            break;
        }
        if c.is_whitespace() {
            if !blank {
                line.push(' ');
            }
            blank = true;
        } else {
            line.push(c);
            blank = false;
        }
    }
    let marks = matches(&line, terms).collect();
    (line, marks)
}

/// Where the terms begin a word, in order, not overlapping.
fn matches<'a>(text: &'a str, terms: &'a [String]) -> impl Iterator<Item = Range<usize>> + 'a {
    let mut at = 0;
    let mut in_word = false;
    std::iter::from_fn(move || {
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let start = at;
            let first = rest.chars().next()?;
            let begins = !in_word || !first.is_ascii();
            let length = begins
                .then(|| {
                    terms
                        .iter()
                        .filter_map(|term| begins_with(rest, term))
                        .max()
                })
                .flatten();
            in_word = first.is_alphanumeric();
            if let Some(length) = length.filter(|length| *length > 0) {
                at += length;
                in_word = true;
                return Some(start..start + length);
            }
            at += first.len_utf8();
        }
        None
    })
}

/// Bytes of `text` that say `term`, whatever their case; none when it does not begin with it.
fn begins_with(text: &str, term: &str) -> Option<usize> {
    let mut wanted = term.chars();
    let mut next = wanted.next()?;
    for (at, c) in text.char_indices() {
        for lower in c.to_lowercase() {
            if lower != next {
                return None;
            }
            match wanted.next() {
                Some(following) => next = following,
                None => return Some(at + c.len_utf8()),
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snippets_show_the_first_match() {
        let terms = ["refund".to_owned(), "order".to_owned()];
        let (line, marks) = snippet("Hello,\n\nwhere is my REFUND for order 12?", &terms);
        assert_eq!(line, "Hello, where is my REFUND for order 12?");
        assert_eq!(
            marks
                .iter()
                .map(|mark| &line[mark.clone()])
                .collect::<Vec<_>>(),
            ["REFUND", "order"]
        );
        let long = format!("{} refund {}", "x ".repeat(500), "y ".repeat(500));
        let (line, marks) = snippet(&long, &terms);
        assert!(line.starts_with('…') && line.ends_with('…'));
        assert_eq!(&line[marks[0].clone()], "refund");
        let (line, marks) = snippet("本日返金をお願いします", &["返金".to_owned()]);
        assert_eq!(&line[marks[0].clone()], "返金");
        assert!(snippet("prefund", &terms).1.is_empty());
    }
}
