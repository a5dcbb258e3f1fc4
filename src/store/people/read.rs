//! A contact as the screen and the command line show it.

use super::super::error::StoreError;
use super::super::sql::{Json, Result, Sql, Word};
use super::{clues, kept_apart, records};
use crate::desk::likeness;
use crate::model::{
    Actor, Channel, Contact, ContactId, ConversationId, Identity, IdentityId, Merge, MergeId,
    Suggestion, Timestamp,
};
use crate::text::identity;
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

/// Suggestions that are told.
const MOST: usize = 8;
/// Reasons that one suggestion tells.
const REASONS: usize = 4;

/// A person with all addresses, what merged them, and who else it may be.
pub(in super::super) fn contact(connection: &Connection, id: ContactId) -> Result<Contact> {
    let all = records(connection, id.0)?;
    let found = connection.one(
        "SELECT coalesce(shown, name), remarks, vip, since FROM contact WHERE id = ?1",
        [id.0],
        |row| {
            Ok(Contact {
                id,
                name: row.get(0)?,
                identities: Vec::new(),
                remarks: row.get(1)?,
                vip: row.get(2)?,
                since: Timestamp(row.get(3)?),
                merges: Vec::new(),
                suggestions: Vec::new(),
            })
        },
    )?;
    let Some(mut contact) = found else {
        return Err(StoreError::Damaged(format!("contact {id} is missing")).into());
    };
    for other in all.iter().filter(|home| **home != id.0) {
        also(connection, *other, &mut contact)?;
    }
    contact.identities = identities(connection, id)?;
    contact.merges = merges(connection, &all)?;
    contact.suggestions = suggestions(connection, &all)?;
    Ok(contact)
}

/// What is known of another record of the person holds for the person.
fn also(connection: &Connection, home: i64, contact: &mut Contact) -> Result<()> {
    let known = connection.one(
        "SELECT remarks, vip, since FROM contact WHERE id = ?1",
        [home],
        |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, bool>(1)?,
                Timestamp(row.get(2)?),
            ))
        },
    )?;
    if let Some((remarks, vip, since)) = known {
        contact.vip |= vip;
        contact.since = contact.since.min(since);
        if !remarks.is_empty() && !contact.remarks.contains(&remarks) {
            if !contact.remarks.is_empty() {
                contact.remarks.push('\n');
            }
            contact.remarks.push_str(&remarks);
        }
    }
    Ok(())
}

fn identities(connection: &Connection, id: ContactId) -> Result<Vec<Identity>> {
    connection.all(
        "SELECT id, channel, address, name, verified, opted_out FROM identity WHERE contact = ?1 ORDER BY id",
        [id.0],
        |row| {
            let address: String = row.get(2)?;
            Ok(Identity {
                id: IdentityId(row.get(0)?),
                channel: row.get::<_, Word<Channel>>(1)?.0,
                warning: identity::warning(&address),
                address,
                name: row.get(3)?,
                verified: row.get(4)?,
                opted_out: row.get(5)?,
            })
        },
    )
}

fn merges(connection: &Connection, all: &[i64]) -> Result<Vec<Merge>> {
    let mut out = Vec::new();
    for home in all {
        out.extend(connection.all(
            "SELECT m.id, a.address, b.address, m.because, m.actor, m.at, m.by_itself FROM contact_merge m
             JOIN identity a ON a.home = m.a JOIN identity b ON b.home = m.b
             WHERE m.a = ?1 AND m.undone_at IS NULL",
            [home],
            |row| {
                Ok(Merge {
                    id: MergeId(row.get(0)?),
                    addresses: (row.get(1)?, row.get(2)?),
                    because: row.get(3)?,
                    by: row.get::<_, Json<Actor>>(4)?.0,
                    at: Timestamp(row.get(5)?),
                    by_itself: row.get(6)?,
                })
            },
        )?);
    }
    out.sort_by_key(|merge| std::cmp::Reverse(merge.id));
    Ok(out)
}

/// Others who may be the same person: whom a clue names, who is not the same already, and of whom nobody said no.
fn suggestions(connection: &Connection, all: &[i64]) -> Result<Vec<Suggestion>> {
    let mut others: BTreeMap<i64, Vec<_>> = BTreeMap::new();
    for home in all {
        for (other, clue) in clues::of_record(connection, *home)? {
            if all.contains(&other) {
                continue;
            }
            let root: Option<i64> =
                connection.value("SELECT contact FROM identity WHERE home = ?1", [other])?;
            if let Some(root) = root {
                others.entry(root).or_default().push((*home, other, clue));
            }
        }
    }
    let mut out = Vec::new();
    for (root, mut found) in others {
        if kept_apart(connection, all, &records(connection, root)?, false)? {
            continue;
        }
        found.sort_by_key(|(.., clue)| (std::cmp::Reverse(likeness::strength(*clue)), *clue));
        let Some((.., best)) = found.first() else {
            continue;
        };
        let strength = likeness::strength(*best);
        let mut reasons = Vec::new();
        for (one, other, clue) in found.iter().take(REASONS) {
            if let (Some(one), Some(other)) =
                (clues::of(connection, *one)?, clues::of(connection, *other)?)
            {
                reasons.push(likeness::words(*clue, one.side(), other.side()));
            }
        }
        let name: Option<String> = connection.value(
            "SELECT coalesce(shown, name) FROM contact WHERE id = ?1",
            [root],
        )?;
        let newest: Option<i64> = connection.value(
            "SELECT id FROM conversation WHERE contact = ?1 ORDER BY last_at DESC LIMIT 1",
            params![root],
        )?;
        out.push(Suggestion {
            contact: ContactId(root),
            name: name.unwrap_or_default(),
            identities: identities(connection, ContactId(root))?,
            conversation: newest.map(ConversationId),
            strength,
            reasons,
        });
    }
    out.sort_by_key(|one| (std::cmp::Reverse(one.strength), one.contact));
    out.truncate(MOST);
    Ok(out)
}
