//! People and their addresses. An address is one identity per channel; nobody is merged by what they claim.

use super::super::sql::{Result, Sql, Word};
use super::super::writer::Tx;
use crate::model::{Channel, ContactId, Timestamp};
use rusqlite::params;

/// Who a message is from or to.
#[derive(Debug, Clone)]
pub(in super::super) struct Person {
    pub contact: ContactId,
    /// The contact's name as shown.
    pub name: String,
    pub opted_out: bool,
}

/// The person behind an address, made if not known. `name` came with a message of `at`; the newest name is shown.
pub(in super::super) fn person(
    tx: &Tx<'_>,
    channel: Channel,
    address: &str,
    name: Option<&str>,
    verified: bool,
    at: Timestamp,
) -> Result<Person> {
    let known = tx.one(
        "SELECT i.id, i.contact, i.name, i.name_at, i.verified, i.opted_out, c.name, c.named, c.since
         FROM identity i JOIN contact c ON c.id = i.contact WHERE i.channel = ?1 AND i.address = ?2",
        params![Word(channel), address],
        |row| {
            Ok(Known {
                identity: row.get(0)?,
                contact: ContactId(row.get(1)?),
                name: row.get(2)?,
                name_at: row.get(3)?,
                verified: row.get(4)?,
                opted_out: row.get(5)?,
                shown: row.get(6)?,
                named: row.get(7)?,
                since: row.get(8)?,
            })
        },
    )?;
    match known {
        Some(known) => known.update(tx, name, verified, at),
        None => new(tx, channel, address, name, verified, at),
    }
}

struct Known {
    identity: i64,
    contact: ContactId,
    name: Option<String>,
    name_at: i64,
    verified: bool,
    opted_out: bool,
    shown: String,
    named: bool,
    since: i64,
}

impl Known {
    fn update(
        self,
        tx: &Tx<'_>,
        name: Option<&str>,
        verified: bool,
        at: Timestamp,
    ) -> Result<Person> {
        // Of equal times the name that sorts later, so that the order of arrival does not matter.
        let newer = name.filter(|name| (at.0, Some(*name)) > (self.name_at, self.name.as_deref()));
        let mut shown = self.shown;
        if newer.is_some() || (verified && !self.verified) {
            tx.run(
                "UPDATE identity SET name = coalesce(?2, name), name_at = CASE WHEN ?2 IS NULL THEN name_at ELSE ?3 END,
                   verified = max(verified, ?4) WHERE id = ?1",
                params![self.identity, newer, at.0, verified],
            )?;
        }
        if let Some(name) = newer.filter(|name| !self.named && *name != shown) {
            name.clone_into(&mut shown);
            tx.run(
                "UPDATE contact SET name = ?2 WHERE id = ?1",
                params![self.contact.0, name],
            )?;
            tx.run(
                "UPDATE conversation SET contact_name = ?2 WHERE contact = ?1",
                params![self.contact.0, name],
            )?;
        }
        if at.0 < self.since {
            tx.run(
                "UPDATE contact SET since = ?2 WHERE id = ?1",
                params![self.contact.0, at.0],
            )?;
        }
        Ok(Person {
            contact: self.contact,
            name: shown,
            opted_out: self.opted_out,
        })
    }
}

fn new(
    tx: &Tx<'_>,
    channel: Channel,
    address: &str,
    name: Option<&str>,
    verified: bool,
    at: Timestamp,
) -> Result<Person> {
    let shown = name.unwrap_or(address).to_owned();
    tx.run(
        "INSERT INTO contact(name, since) VALUES (?1, ?2)",
        params![shown, at.0],
    )?;
    let contact = ContactId(tx.last_insert_rowid());
    tx.run(
        "INSERT INTO identity(contact, channel, address, name, name_at, verified) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            contact.0,
            Word(channel),
            address,
            name,
            if name.is_some() { at.0 } else { 0 },
            verified
        ],
    )?;
    Ok(Person {
        contact,
        name: shown,
        opted_out: false,
    })
}

/// Sets or ends an opt-out; the latest word counts.
pub(super) fn consent(
    tx: &Tx<'_>,
    channel: Channel,
    address: &str,
    opted_out: bool,
    at: Timestamp,
) -> Result<()> {
    person(tx, channel, address, None, false, at)?;
    tx.run(
        "UPDATE identity SET opted_out = ?3, consent_at = ?4
         WHERE channel = ?1 AND address = ?2 AND (consent_at < ?4 OR (consent_at = ?4 AND opted_out < ?3))",
        params![Word(channel), address, opted_out, at.0],
    )?;
    tx.lists();
    Ok(())
}
