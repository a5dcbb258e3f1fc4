//! People and their addresses. An address is one identity per channel; nobody is merged by what they claim.

use super::super::people::{clues, merge, records};
use super::super::sql::{Result, Sql, Word};
use super::super::writer::Tx;
use crate::model::{Channel, ContactId, Timestamp};
use rusqlite::params;

/// Who a message is from or to.
#[derive(Debug, Clone)]
pub(in super::super) struct Person {
    /// The person, of however many records.
    pub contact: ContactId,
    /// The record of this address alone.
    pub home: ContactId,
    /// The address as it is kept.
    pub address: String,
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
    let known = match find(tx, channel, address)? {
        // An earlier schema kept mailboxes in small letters, so this may be the one it means.
        None if channel == Channel::Email => {
            let small = address.to_lowercase();
            find(tx, channel, &small)?.filter(|known| known.folded)
        }
        known => known,
    };
    match known {
        Some(known) => known.update(tx, name, verified, at),
        None => new(tx, channel, address, name, verified, at),
    }
}

fn find(tx: &Tx<'_>, channel: Channel, address: &str) -> Result<Option<Known>> {
    tx.one(
        "SELECT i.home, i.contact, i.name, i.name_at, i.verified, i.opted_out, c.name, c.named, c.since,
           coalesce(r.shown, r.name), i.folded, i.address, i.channel = 'email'
         FROM identity i JOIN contact c ON c.id = i.home JOIN contact r ON r.id = i.contact
         WHERE i.channel = ?1 AND i.address = ?2",
        params![Word(channel), address],
        |row| {
            Ok(Known {
                home: row.get(0)?,
                contact: ContactId(row.get(1)?),
                name: row.get(2)?,
                name_at: row.get(3)?,
                verified: row.get(4)?,
                opted_out: row.get(5)?,
                own_name: row.get(6)?,
                named: row.get(7)?,
                since: row.get(8)?,
                shown: row.get(9)?,
                folded: row.get(10)?,
                address: row.get(11)?,
                mail: row.get(12)?,
            })
        },
    )
}

struct Known {
    home: i64,
    contact: ContactId,
    name: Option<String>,
    name_at: i64,
    verified: bool,
    opted_out: bool,
    own_name: String,
    named: bool,
    since: i64,
    shown: String,
    folded: bool,
    address: String,
    mail: bool,
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
        let proven = verified && !self.verified;
        if newer.is_some() || proven {
            tx.run(
                "UPDATE identity SET name = coalesce(?2, name), name_at = CASE WHEN ?2 IS NULL THEN name_at ELSE ?3 END,
                   verified = max(verified, ?4) WHERE home = ?1",
                params![self.home, newer, at.0, verified],
            )?;
        }
        if let Some(name) = newer.filter(|name| !self.named && *name != self.own_name) {
            tx.run(
                "UPDATE contact SET name = ?2 WHERE id = ?1",
                params![self.home, name],
            )?;
            merge::rename(tx, &records(tx, self.home)?, false)?;
            shown = tx
                .value(
                    "SELECT coalesce(shown, name) FROM contact WHERE id = ?1",
                    [self.contact.0],
                )?
                .unwrap_or(shown);
        }
        if at.0 < self.since {
            tx.run(
                "UPDATE contact SET since = ?2 WHERE id = ?1",
                params![self.home, at.0],
            )?;
        }
        let mut contact = self.contact;
        if proven || (self.mail && newer.is_some_and(|name| Some(name) != self.name.as_deref())) {
            clues::met(tx, self.home, false)?;
            contact = now(tx, self.home, &mut shown)?;
        }
        Ok(Person {
            contact,
            home: ContactId(self.home),
            address: self.address,
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
    let mut shown = name.unwrap_or(address).to_owned();
    tx.run(
        "INSERT INTO contact(name, since) VALUES (?1, ?2)",
        params![shown, at.0],
    )?;
    let home = tx.last_insert_rowid();
    tx.run(
        "INSERT INTO identity(contact, home, channel, address, name, name_at, verified)
         VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            home,
            Word(channel),
            address,
            name,
            if name.is_some() { at.0 } else { 0 },
            verified
        ],
    )?;
    clues::met(tx, home, true)?;
    let contact = now(tx, home, &mut shown)?;
    Ok(Person {
        contact,
        home: ContactId(home),
        address: address.to_owned(),
        name: shown,
        opted_out: false,
    })
}

/// The person that a record belongs to after it was compared with others, and the name.
fn now(tx: &Tx<'_>, home: i64, shown: &mut String) -> Result<ContactId> {
    let found = tx.one(
        "SELECT r.id, coalesce(r.shown, r.name) FROM identity i JOIN contact r ON r.id = i.contact WHERE i.home = ?1",
        [home],
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)),
    )?;
    Ok(match found {
        Some((contact, name)) => {
            *shown = name;
            ContactId(contact)
        }
        None => ContactId(home),
    })
}

/// Sets or ends an opt-out; the latest word counts. Of a mailbox it counts for every case in which it is known: who has
/// asked for no more mail must get none.
pub(super) fn consent(
    tx: &Tx<'_>,
    channel: Channel,
    address: &str,
    opted_out: bool,
    at: Timestamp,
) -> Result<()> {
    let known = tx.exists(
        "SELECT 1 FROM identity WHERE channel = ?1 AND address = ?2 COLLATE NOCASE",
        params![Word(channel), address],
    )?;
    if !known {
        person(tx, channel, address, None, false, at)?;
    }
    tx.run(
        "UPDATE identity SET opted_out = ?3, consent_at = ?4
         WHERE channel = ?1 AND address = ?2 COLLATE NOCASE AND (consent_at < ?4 OR (consent_at = ?4 AND opted_out < ?3))",
        params![Word(channel), address, opted_out, at.0],
    )?;
    tx.lists();
    Ok(())
}
