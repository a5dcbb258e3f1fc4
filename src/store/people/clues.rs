//! What speaks for two records being one person. Found when an address, its name or its proof is new, by index.

use super::super::sql::{Result, Sql, Word};
use super::super::writer::Tx;
use super::{kept_apart, merge, records};
use crate::desk::likeness::{self, Side};
use crate::model::{Actor, Channel, Clue};
use crate::text::identity;
use rusqlite::{Connection, Row, params};

/// Addresses that a new one is compared with at most.
pub(in super::super) const NEAR: u32 = 8;
/// Numbers and mailboxes that are remembered of what one record wrote.
const MENTIONS: i64 = 8;

/// An address as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Known {
    pub home: i64,
    pub channel: Channel,
    pub address: String,
    pub name: Option<String>,
    pub verified: bool,
}

/// The columns that [`known`] reads.
const COLUMNS: &str = "i.home, i.channel, i.address, i.name, i.verified";

fn known(row: &Row<'_>) -> rusqlite::Result<Known> {
    Ok(Known {
        home: row.get(0)?,
        channel: row.get::<_, Word<Channel>>(1)?.0,
        address: row.get(2)?,
        name: row.get(3)?,
        verified: row.get(4)?,
    })
}

impl Known {
    pub fn side(&self) -> Side<'_> {
        Side {
            channel: self.channel,
            address: &self.address,
            name: self.name.as_deref(),
            verified: self.verified,
        }
    }
}

/// The address of a record.
pub(super) fn of(connection: &Connection, home: i64) -> Result<Option<Known>> {
    connection.one(
        &format!("SELECT {COLUMNS} FROM identity i WHERE i.home = ?1"),
        [home],
        known,
    )
}

/// An address is new, or its name or proof is: compares it with those that are near, and merges what is certain.
pub(in super::super) fn met(tx: &Tx<'_>, home: i64, fresh: bool) -> Result<()> {
    let Some(own) = of(tx, home)? else {
        return Ok(());
    };
    let alike = identity::likeness(&own.address);
    let kin = own
        .name
        .as_deref()
        .filter(|_| own.channel == Channel::Email)
        .and_then(|name| identity::kin(&own.address, name));
    tx.run(
        "UPDATE identity SET likeness = ?2, kin = ?3 WHERE home = ?1 AND (likeness IS NOT ?2 OR kin IS NOT ?3)",
        params![home, alike, kin],
    )?;
    let mut near = Vec::new();
    for (column, value) in [("likeness", &alike), ("kin", &kin)] {
        if let Some(value) = value {
            near.extend(tx.all(
                &format!(
                    "SELECT {COLUMNS} FROM identity i WHERE i.{column} = ?1 AND i.home <> ?2 ORDER BY i.home LIMIT ?3"
                ),
                params![value, home, NEAR],
                known,
            )?);
        }
    }
    for other in near {
        let Some(clue) = likeness::clue(own.side(), other.side()) else {
            continue;
        };
        note(tx, home, other.home, clue)?;
        if likeness::certain(clue, own.side(), other.side()) {
            by_itself(tx, &own, &other, clue)?;
        }
    }
    if let (true, Some(alike)) = (fresh, &alike) {
        let wrote = tx.all(
            "SELECT home FROM mention WHERE likeness = ?1 AND home <> ?2 ORDER BY at LIMIT ?3",
            params![alike, home, NEAR],
            |row| row.get::<_, i64>(0),
        )?;
        for other in wrote {
            note(tx, home, other, Clue::Written)?;
        }
    }
    Ok(())
}

/// A person wrote these numbers and mailboxes: a claim, and a clue where somebody has such an address.
pub(in super::super) fn wrote(tx: &Tx<'_>, home: i64, mentioned: &[String]) -> Result<()> {
    for alike in mentioned {
        let own = tx.exists(
            "SELECT 1 FROM identity WHERE home = ?1 AND likeness = ?2",
            params![home, alike],
        )?;
        if own {
            continue;
        }
        let new = tx.run(
            "INSERT INTO mention(likeness, home, at) SELECT ?1, ?2, ?3
             WHERE (SELECT count(*) FROM mention WHERE home = ?2) < ?4 ON CONFLICT DO NOTHING",
            params![alike, home, tx.now.0, MENTIONS],
        )?;
        if new == 0 {
            continue;
        }
        let theirs = tx.all(
            "SELECT home FROM identity WHERE likeness = ?1 AND home <> ?2 ORDER BY home LIMIT ?3",
            params![alike, home, NEAR],
            |row| row.get::<_, i64>(0),
        )?;
        for other in theirs {
            note(tx, home, other, Clue::Written)?;
        }
    }
    Ok(())
}

fn note(tx: &Tx<'_>, a: i64, b: i64, clue: Clue) -> Result<()> {
    tx.run(
        "INSERT INTO clue(a, b, kind, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        params![a.min(b), a.max(b), Word(clue), tx.now.0],
    )?;
    Ok(())
}

/// Merges what two providers vouch for, unless a person has ever said otherwise about anybody whom that would join.
fn by_itself(tx: &Tx<'_>, own: &Known, other: &Known, clue: Clue) -> Result<()> {
    let (a, b) = (records(tx, own.home)?, records(tx, other.home)?);
    if a.contains(&other.home)
        || a.len() + b.len() > super::MAX_RECORDS
        || kept_apart(tx, &a, &b, true)?
    {
        return Ok(());
    }
    let because = likeness::words(clue, own.side(), other.side());
    let actor = Actor::System("identity".to_owned());
    merge::join(tx, &actor, (own.home, other.home), &because, true)?;
    Ok(())
}

/// The clues between two groups of records, the strongest first: the two records and the clue.
pub(super) fn between(
    connection: &Connection,
    a: &[i64],
    b: &[i64],
) -> Result<Vec<(i64, i64, Clue)>> {
    let mut out = Vec::new();
    for one in a {
        for (other, clue) in of_record(connection, *one)? {
            if b.contains(&other) {
                out.push((*one, other, clue));
            }
        }
    }
    out.sort_by_key(|(_, _, clue)| (std::cmp::Reverse(likeness::strength(*clue)), *clue));
    Ok(out)
}

/// Clues that one record is part of, a few: the other record, and the clue.
pub(super) fn of_record(connection: &Connection, home: i64) -> Result<Vec<(i64, Clue)>> {
    connection.all(
        "SELECT b, kind FROM clue WHERE a = ?1 UNION ALL SELECT a, kind FROM clue WHERE b = ?1 LIMIT 64",
        [home],
        |row| Ok((row.get(0)?, row.get::<_, Word<Clue>>(1)?.0)),
    )
}
