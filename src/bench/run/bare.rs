//! The least that SQLite must do for the same rows: the yardstick of ingest.
//!
//! It gets the rows ready-made and writes them by prepared statements, in transactions of the same size, to the same
//! tables with the same indexes and the same durability. It reads nothing and decides nothing.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use std::path::Path;
use std::time::{Duration, Instant};

/// Tables whose rows messages bring, in an order in which none needs a later one.
const TABLES: [&str; 8] = [
    "contact",
    "identity",
    "conversation",
    "message",
    "remote",
    "thread_ref",
    "raw",
    "attachment",
];

/// The rows of a mirror, ready to be written again.
pub struct Rows {
    schema: Vec<String>,
    tables: Vec<(String, Vec<Vec<Value>>)>,
    words: Vec<Vec<Value>>,
}

impl Rows {
    /// Reads all rows of the mirror in `dir`, which nobody has open.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(dir: &Path) -> anyhow::Result<Self> {
        let mirror = Connection::open(dir.join("mirror.db"))?;
        let schema = all(
            &mirror,
            // The tables behind an index are made with it.
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND type <> 'trigger'
               AND (type = 'index' OR name NOT LIKE '%fts\\_%' ESCAPE '\\') ORDER BY rowid",
        )?
        .into_iter()
        .filter_map(|row| match row.into_iter().next() {
            Some(Value::Text(sql)) => Some(sql),
            _ => None,
        })
        .collect();
        let mut tables = Vec::new();
        for table in TABLES {
            let columns = all(
                &mirror,
                &format!("SELECT name FROM pragma_table_info('{table}')"),
            )?;
            let columns: Vec<String> = columns
                .into_iter()
                .filter_map(|row| match row.into_iter().next() {
                    Some(Value::Text(name)) => Some(name),
                    _ => None,
                })
                .collect();
            let names = columns.join(", ");
            let rows = all(&mirror, &format!("SELECT {names} FROM {table}"))?;
            let places = vec!["?"; columns.len()].join(", ");
            tables.push((
                format!("INSERT INTO {table}({names}) VALUES ({places})"),
                rows,
            ));
        }
        let words = all(
            &mirror,
            "SELECT fts, subject, body, who FROM message WHERE fts IS NOT NULL ORDER BY id",
        )?;
        Ok(Self {
            schema,
            tables,
            words,
        })
    }

    /// How many messages there are.
    pub fn messages(&self) -> usize {
        self.words.len()
    }

    /// Writes them to a new file in `dir`, so many messages at a time; how long that took.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, dir: &Path, batch: usize) -> anyhow::Result<Duration> {
        let mut file = Connection::open(dir.join("bare.db"))?;
        // As the mirror's own writer.
        file.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;",
        )?;
        for sql in &self.schema {
            file.execute_batch(sql)?;
        }
        file.set_prepared_statement_cache_capacity(32);
        let batches = self.messages().div_ceil(batch).max(1);
        let began = Instant::now();
        for at in 0..batches {
            let part = |rows: usize| rows * at / batches..rows * (at + 1) / batches;
            let all = file.transaction()?;
            for (sql, rows) in &self.tables {
                let mut insert = all.prepare_cached(sql)?;
                for row in rows.get(part(rows.len())).unwrap_or_default() {
                    insert.execute(params_from_iter(row))?;
                }
            }
            let mut insert = all.prepare_cached(
                "INSERT INTO message_fts(rowid, subject, body, who) VALUES (?, ?, ?, ?)",
            )?;
            for row in self.words.get(part(self.words.len())).unwrap_or_default() {
                insert.execute(params_from_iter(row))?;
            }
            drop(insert);
            all.commit()?;
        }
        Ok(began.elapsed())
    }
}

fn all(mirror: &Connection, sql: &str) -> anyhow::Result<Vec<Vec<Value>>> {
    let mut asked = mirror.prepare(sql)?;
    let columns = asked.column_count();
    let rows = asked.query_map([], |row| (0..columns).map(|at| row.get(at)).collect())?;
    Ok(rows.collect::<Result<_, _>>()?)
}
