//! Who is one person: merges of records, what speaks for them, and what people said against them.
//!
//! Every address has a record of its own (`identity.home`). Merges are edges between records; a person is what active
//! edges connect, named by its oldest record (`identity.contact`, `conversation.contact`). What it costs: a new address
//! is compared with at most [`clues::NEAR`] others, found by index; nothing is ever scanned.

pub(super) mod clues;
pub(super) mod merge;
pub(super) mod read;
pub(super) mod upgrade;

use super::sql::{Result, Sql};
use rusqlite::{Connection, params};
use std::collections::BTreeSet;

/// Records of one person that are followed at most: an edge more is refused.
pub(super) const MAX_RECORDS: usize = 64;

/// The records that active merges connect with this one, itself included, oldest first.
pub(super) fn records(connection: &Connection, home: i64) -> Result<Vec<i64>> {
    let mut found = BTreeSet::from([home]);
    let mut open = vec![home];
    while let Some(next) = open.pop() {
        let near = connection.all(
            "SELECT b FROM contact_merge WHERE a = ?1 AND undone_at IS NULL
             UNION ALL SELECT a FROM contact_merge WHERE b = ?1 AND undone_at IS NULL",
            [next],
            |row| row.get::<_, i64>(0),
        )?;
        open.extend(near.into_iter().filter(|other| found.insert(*other)));
    }
    Ok(found.into_iter().collect())
}

/// Whether a person said that somebody of `a` is not somebody of `b`: by refusing a suggestion, or, where `undone`
/// counts too, by taking a merge apart.
pub(super) fn kept_apart(
    connection: &Connection,
    a: &[i64],
    b: &[i64],
    undone: bool,
) -> Result<bool> {
    for one in a {
        for other in b {
            let pair = params![one.min(other), one.max(other)];
            if connection.exists("SELECT 1 FROM refused_pair WHERE a = ?1 AND b = ?2", pair)? {
                return Ok(true);
            }
            let pair = params![one.min(other), one.max(other)];
            if undone
                && connection.exists(
                    "SELECT 1 FROM contact_merge WHERE a = ?1 AND b = ?2 AND undone_at IS NOT NULL",
                    pair,
                )?
            {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
