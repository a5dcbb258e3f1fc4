//! Brings addresses that an earlier program kept to the form of this one.

use super::super::error::StoreError;
use crate::text::identity;
use rusqlite::{Connection, params};

/// Rows that are read at once.
const PAGE: i64 = 10_000;

/// Gives every address its look-up form, and mail addresses the present normal form. Where that form is another
/// record's already both stay, and an opt-out of one holds for both.
pub(in super::super) fn upgrade(connection: &Connection) -> Result<(), StoreError> {
    let mut after = 0_i64;
    loop {
        let rows: Vec<(i64, String, String, Option<String>)> = connection
            .prepare_cached(
                "SELECT id, channel, address, name FROM identity WHERE id > ?1 ORDER BY id LIMIT ?2",
            )?
            .query_map(params![after, PAGE], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })?
            .collect::<Result<_, _>>()?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = last.0;
        for (id, channel, address, name) in rows {
            let mail = channel == "email";
            let normal = if mail {
                identity::mail(&address)
            } else {
                address.clone()
            };
            if normal != address {
                rename(connection, id, &channel, (&address, &normal))?;
            }
            let kin = name
                .filter(|_| mail)
                .and_then(|name| identity::kin(&normal, &name));
            connection
                .prepare_cached("UPDATE identity SET likeness = ?2, kin = ?3 WHERE id = ?1")?
                .execute(params![id, identity::likeness(&normal), kin])?;
        }
    }
}

fn rename(
    connection: &Connection,
    id: i64,
    channel: &str,
    (before, after): (&str, &str),
) -> Result<(), StoreError> {
    let taken = connection
        .prepare_cached(
            "UPDATE identity SET opted_out = 1 WHERE channel = ?1 AND address = ?2
               AND (SELECT opted_out FROM identity WHERE id = ?3) = 1",
        )?
        .execute(params![channel, after, id])?
        > 0
        || connection
            .prepare_cached("SELECT 1 FROM identity WHERE channel = ?1 AND address = ?2")?
            .exists(params![channel, after])?;
    if taken {
        return Ok(());
    }
    connection
        .prepare_cached("UPDATE identity SET address = ?2 WHERE id = ?1")?
        .execute(params![id, after])?;
    connection
        .prepare_cached(
            "UPDATE message SET address = ?3 WHERE address = ?2 AND conversation IN (
               SELECT c.id FROM conversation c JOIN identity i ON i.home = c.contact WHERE i.id = ?1)",
        )?
        .execute(params![id, before, after])?;
    connection
        .prepare_cached(
            "UPDATE conversation SET contact_address = ?3 WHERE contact_address = ?2
               AND contact = (SELECT home FROM identity WHERE id = ?1)",
        )?
        .execute(params![id, before, after])?;
    Ok(())
}
