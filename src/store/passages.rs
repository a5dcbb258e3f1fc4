//! Passages that answers are made of: knowledge, canned replies, and what agents answered before.

use super::Store;
use super::drafting::{FoundPassage, Passage, PassageKind};
use super::error::StoreError;
use super::index::words;
use super::ingest::clean::{block, line};
use super::past_answers::past_answers;
use super::sql::{Result, Sql, Word};
use super::writer::Tx;
use crate::model::Timestamp;
use crate::model::query::Canned;
use crate::text::query::like_contains;
use rusqlite::{Connection, Row, params};

/// Words of a question that are looked for.
const MAX_WORDS: usize = 24;
/// Canned replies per answer.
const MAX_CANNED: i64 = 200;

impl Store {
    /// Replaces all passages of a source; what is unchanged writes nothing.
    ///
    /// # Errors
    /// When the mirror cannot be written.
    pub async fn put_passages(
        &self,
        source: String,
        kind: PassageKind,
        passages: Vec<Passage>,
    ) -> std::result::Result<(), StoreError> {
        let passages: Vec<Passage> = passages.into_iter().map(clean).collect();
        let (name, wanted) = (source.clone(), passages.clone());
        let unchanged = self
            .read(move |connection| Ok(of_source(connection, &name, kind)? == wanted))
            .await?;
        if unchanged {
            return Ok(());
        }
        self.write(move |tx| replace(tx, &source, kind, &passages))
            .await
    }

    /// Passages that share words with a question, best first. Past answers are replies of agents to questions with the
    /// same words.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn find_passages(
        &self,
        words: &str,
        limit: u32,
    ) -> std::result::Result<Vec<FoundPassage>, StoreError> {
        let asked = asked(words);
        self.read(move |connection| {
            if asked.is_empty() {
                return Ok(Vec::new());
            }
            let mut found = from_sources(connection, &asked.join(" OR "), limit)?;
            found.extend(past_answers(connection, &asked, limit)?);
            found.sort_by(|a, b| b.rank.total_cmp(&a.rank));
            found.truncate(limit as usize);
            Ok(found)
        })
        .await
    }
}

fn clean(mut passage: Passage) -> Passage {
    passage.name = line(&passage.name);
    passage.heading = line(&passage.heading);
    passage.text = block(&passage.text).0;
    passage.address = line(&passage.address);
    passage.language = passage.language.as_deref().map(line);
    passage
}

fn read(row: &Row<'_>) -> rusqlite::Result<Passage> {
    Ok(Passage {
        name: row.get(0)?,
        heading: row.get(1)?,
        text: row.get(2)?,
        address: row.get(3)?,
        as_of: row.get::<_, Option<i64>>(4)?.map(Timestamp),
        language: row.get(5)?,
    })
}

fn of_source(connection: &Connection, source: &str, kind: PassageKind) -> Result<Vec<Passage>> {
    connection.all(
        "SELECT name, heading, text, address, as_of, language FROM passage WHERE source = ?1 AND kind = ?2 ORDER BY id",
        params![source, kind.name()],
        read,
    )
}

fn replace(tx: &Tx<'_>, source: &str, kind: PassageKind, passages: &[Passage]) -> Result<()> {
    tx.run(
        "DELETE FROM passage_fts WHERE rowid IN (SELECT id FROM passage WHERE source = ?1 AND kind = ?2)",
        params![source, kind.name()],
    )?;
    tx.run(
        "DELETE FROM passage WHERE source = ?1 AND kind = ?2",
        params![source, kind.name()],
    )?;
    for passage in passages {
        tx.run(
            "INSERT INTO passage(source, kind, name, heading, text, address, as_of, language)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                source,
                kind.name(),
                passage.name,
                passage.heading,
                passage.text,
                passage.address,
                passage.as_of.map(|at| at.0),
                passage.language
            ],
        )?;
        tx.run(
            "INSERT INTO passage_fts(rowid, name, heading, text) VALUES (?1, ?2, ?3, ?4)",
            params![
                tx.last_insert_rowid(),
                words(&passage.name),
                words(&passage.heading),
                words(&passage.text)
            ],
        )?;
    }
    Ok(())
}

/// The words that are looked for: each quoted, so that none is an operator, and each once.
fn asked(text: &str) -> Vec<String> {
    let spaced = words(text).into_owned();
    let mut seen: Vec<String> = Vec::new();
    for word in spaced.split(|c: char| !c.is_alphanumeric()) {
        let long = word.chars().count() > 2 || !word.is_ascii();
        let word = format!("\"{}\"", word.to_lowercase());
        if long && !seen.contains(&word) {
            seen.push(word);
        }
        if seen.len() == MAX_WORDS {
            break;
        }
    }
    seen
}

fn from_sources(connection: &Connection, asked: &str, limit: u32) -> Result<Vec<FoundPassage>> {
    connection.all(
        "SELECT p.name, p.heading, p.text, p.address, p.as_of, p.language, p.kind, -bm25(passage_fts, 3.0, 4.0, 1.0) AS fit
         FROM passage_fts f JOIN passage p ON p.id = f.rowid WHERE f.passage_fts MATCH ?1 ORDER BY fit DESC LIMIT ?2",
        params![asked, limit],
        |row| {
            Ok(FoundPassage {
                passage: read(row)?,
                kind: row.get::<_, Word<PassageKind>>(6)?.0,
                rank: row.get(7)?,
                question: None,
            })
        },
    )
}

/// Canned replies whose name or text has what was typed, those whose name begins with it first.
pub(super) fn canned(connection: &Connection, text: &str) -> Result<Vec<Canned>> {
    let text = text.trim();
    connection.all(
        "SELECT name, text, language FROM passage WHERE kind = 'canned'
           AND (name LIKE ?1 ESCAPE '\\' OR text LIKE ?1 ESCAPE '\\')
         ORDER BY name NOT LIKE ?2 ESCAPE '\\', name LIMIT ?3",
        params![
            like_contains(text),
            like_contains(text).trim_start_matches('%'),
            MAX_CANNED
        ],
        |row| {
            Ok(Canned {
                name: row.get(0)?,
                body: row.get(1)?,
                language: row.get(2)?,
            })
        },
    )
}
