//! What agents answered to questions like this one, whatever the size of the mirror.
//!
//! Ranking by the index's own measure visits every message that holds any of the words, once for its frequency and once
//! for its rank: seconds for each draft on a million messages. Here each word names the newest messages that hold it,
//! and how far back those reach tells how rare it is.

use super::drafting::{FoundPassage, Passage, PassageKind};
use super::index::PER_SECOND;
use super::sql::{Result, Sql};
use crate::model::Timestamp;
use rusqlite::{Connection, params};
use std::collections::HashMap;

/// Messages that one word names.
const NEWEST: i64 = 300;
/// Questions whose answers are looked up.
const QUESTIONS: usize = 200;
/// Answers older than this are of another time, in rows of the index.
const REACH: i64 = 400 * 86_400 * PER_SECOND;

/// The newest row of the index; without the condition, which is that of the index on these rows, each message is read.
pub(super) const NEWEST_ROW: &str = "SELECT max(fts) FROM message WHERE fts IS NOT NULL";
/// What a customer asked in this row of the index.
pub(super) const QUESTION: &str = "SELECT conversation, at, body FROM message
     WHERE fts = ?1 AND direction = 'inbound' AND kind = 'normal'";
/// What agents answered in this conversation after that time.
pub(super) const ANSWER: &str =
    "SELECT m.body, m.at, m.subject FROM message m LEFT JOIN outbox o ON o.id = m.outbox
     WHERE m.conversation = ?1 AND m.direction = 'outbound' AND m.kind = 'normal' AND m.at > ?2
       AND m.delivery IN ('sent', 'delivered', 'read') AND (o.id IS NULL OR o.origin = 'agent')
     ORDER BY m.at LIMIT 1";

/// Replies of agents that followed a question with the same words, best first. What the assistant wrote is never learned
/// from. The words are quoted, each once.
pub(super) fn past_answers(
    connection: &Connection,
    words: &[String],
    limit: u32,
) -> Result<Vec<FoundPassage>> {
    let mut out: Vec<FoundPassage> = Vec::new();
    for (row, rank) in messages_with(connection, words)? {
        if out.len() >= limit as usize {
            break;
        }
        let Some((conversation, at, question)) = question(connection, row)? else {
            continue;
        };
        let Some(passage) = answer(connection, conversation, at)? else {
            continue;
        };
        if out.iter().any(|found| found.passage.text == passage.text) {
            continue;
        }
        out.push(FoundPassage {
            passage,
            kind: PassageKind::PastAnswer,
            rank,
            question: Some(question),
        });
    }
    Ok(out)
}

/// Rows of the index that hold most of what is rare among the words; of equals the newest first.
fn messages_with(connection: &Connection, words: &[String]) -> Result<Vec<(i64, f64)>> {
    let newest: i64 = connection.value(NEWEST_ROW, [])?.unwrap_or(0);
    let messages: i64 = connection
        .value("SELECT max(id) FROM message", [])?
        .unwrap_or(0);
    let mut ranks: HashMap<i64, f64> = HashMap::new();
    for word in words {
        let rows: Vec<i64> = connection.all(
            "SELECT rowid FROM message_fts WHERE message_fts MATCH ?1 AND rowid > ?2 ORDER BY rowid DESC LIMIT ?3",
            params![word, newest - REACH, NEWEST],
            |row| row.get(0),
        )?;
        let weight = rarity(&rows, newest, messages);
        for row in rows {
            *ranks.entry(row).or_default() += weight;
        }
    }
    let mut ranked: Vec<(i64, f64)> = ranks.into_iter().collect();
    ranked.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
    ranked.truncate(QUESTIONS);
    Ok(ranked)
}

/// The weight of a word by the newest rows that hold it, newest first: all of them, or as many as are asked for, and then
/// the time that they span tells how many there are in all.
fn rarity(rows: &[i64], newest: i64, messages: i64) -> f64 {
    let Some(oldest) = rows.last() else {
        return 0.0;
    };
    let mut holders = rows.len() as f64;
    if rows.len() as i64 == NEWEST {
        holders *= REACH as f64 / (newest - oldest).max(1) as f64;
    }
    (1.0 + messages as f64 / holders).ln()
}

/// Its conversation, when it was asked, and its text; none if no customer asked it.
fn question(connection: &Connection, row: i64) -> Result<Option<(i64, i64, String)>> {
    connection.one(QUESTION, [row], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })
}

/// What an agent answered first after that time.
fn answer(connection: &Connection, conversation: i64, asked: i64) -> Result<Option<Passage>> {
    connection.one(ANSWER, params![conversation, asked], |row| {
        Ok(Passage {
            name: format!("#{conversation}"),
            text: row.get(0)?,
            as_of: Some(Timestamp(row.get(1)?)),
            heading: row.get(2)?,
            address: format!("#{conversation}"),
            language: None,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_weighs_by_how_far_back_its_newest_rows_reach() {
        let newest = 10 * REACH;
        let one = rarity(&[newest - 5], newest, 1_000_000);
        let (few, many): (Vec<i64>, Vec<i64>) = (0..NEWEST)
            .map(|at| (newest - at * REACH / NEWEST, newest - at))
            .unzip();
        let (few, many) = (
            rarity(&few, newest, 1_000_000),
            rarity(&many, newest, 1_000_000),
        );
        assert!(one > few && few > many && many > 0.0, "{one} {few} {many}");
        assert!(rarity(&[], newest, 1_000_000).abs() < f64::EPSILON);
    }
}
