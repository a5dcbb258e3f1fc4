//! Merging contacts and taking merges apart.

use super::super::apply::{invalid, not_found, span};
use super::super::sql::{Json, Result, Sql, Word};
use super::super::undo::Inverse;
use super::super::writer::Tx;
use super::super::{approvals, journal};
use super::{MAX_RECORDS, clues, records};
use crate::assist::machine::Event;
use crate::desk::likeness;
use crate::model::{
    Actor, Channel, ContactId, ConversationId, IdentityId, JournalId, MergeId, Outcome, Timestamp,
};
use rusqlite::{OptionalExtension, params};
use serde_json::json;

/// So many conversations of a person are found by another name at once, the newest.
const FOUND_AGAIN: i64 = 64;

/// Two contacts are one person, an agent says.
pub(in super::super) fn merge(
    tx: &Tx<'_>,
    actor: &Actor,
    (a, b): (ContactId, ContactId),
    seen: &[IdentityId],
) -> Result<Outcome> {
    let (a, b) = (known(tx, a)?, known(tx, b)?);
    let (ours, theirs) = (records(tx, a)?, records(tx, b)?);
    if ours.contains(&b) {
        let how = newest(tx, &ours)?;
        return Err(invalid(format!("they are one contact already{how}")));
    }
    if !seen.is_empty() {
        let mut now = identities(tx, &ours)?;
        now.extend(identities(tx, &theirs)?);
        if now.iter().any(|id| !seen.contains(id)) {
            let mut all = ours.clone();
            all.extend(&theirs);
            let how = newest(tx, &all)?;
            return Err(invalid(format!(
                "one of them has another address by now{how}; look at both again"
            )));
        }
    }
    if ours.len() + theirs.len() > MAX_RECORDS {
        return Err(invalid(format!(
            "a contact has at most {MAX_RECORDS} addresses; these would have {}",
            ours.len() + theirs.len()
        )));
    }
    // The edge is between those whom something connects, so that it lasts when another merge is taken apart.
    let why = clues::between(tx, &ours, &theirs)?.into_iter().next();
    let (pair, because) = match why {
        Some((one, other, clue)) => {
            let sides = (clues::of(tx, one)?, clues::of(tx, other)?);
            let words = match &sides {
                (Some(one), Some(other)) => likeness::words(clue, one.side(), other.side()),
                _ => String::new(),
            };
            ((one, other), words)
        }
        None => ((a, b), "somebody here knows them".to_owned()),
    };
    let (name, other) = (name_of(tx, a)?, name_of(tx, b)?);
    let (_, journal) = join(tx, actor, pair, &because, false)?;
    Ok(Outcome {
        says: format!("{other} and {name} are one contact now"),
        journal: Some(journal),
        undoable: true,
        ..Outcome::default()
    })
}

/// Makes the edge; gives it and its entry in the journal.
pub(super) fn join(
    tx: &Tx<'_>,
    actor: &Actor,
    (one, other): (i64, i64),
    because: &str,
    by_itself: bool,
) -> Result<(MergeId, JournalId)> {
    let (a, b) = (one.min(other), one.max(other));
    tx.run(
        "INSERT INTO contact_merge(a, b, at, actor, because, by_itself) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![a, b, tx.now.0, Json(actor), because, by_itself],
    )?;
    let merge = MergeId(tx.last_insert_rowid());
    let all = records(tx, a)?;
    settle(tx, &all)?;
    let detail = json!({ "merge": merge.0, "records": [a, b], "because": because });
    let at = conversation(tx, &all)?;
    let inverse = Inverse::Merge(merge);
    let journal = journal::append(tx, actor, "merge", at, &detail, Some(&inverse))?;
    Ok((merge, journal))
}

/// Takes a merge apart, an agent says.
pub(in super::super) fn split(tx: &Tx<'_>, actor: &Actor, merge: MergeId) -> Result<Outcome> {
    if !take_apart(tx, actor, merge)? {
        let known = tx.exists("SELECT 1 FROM contact_merge WHERE id = ?1", [merge.0])?;
        return Err(if known {
            invalid("that merge was taken apart already")
        } else {
            not_found(format!("merge {merge}"))
        });
    }
    let detail = json!({ "merge": merge.0 });
    let at = match ends(tx, merge)? {
        Some((a, _)) => conversation(tx, &records(tx, a)?)?,
        None => None,
    };
    let inverse = Inverse::Split(merge);
    let journal = journal::append(tx, actor, "split", at, &detail, Some(&inverse))?;
    Ok(Outcome {
        says: "they are two contacts again".to_owned(),
        journal: Some(journal),
        undoable: true,
        ..Outcome::default()
    })
}

/// Takes the edge out; false when it is out already.
pub(in super::super) fn take_apart(tx: &Tx<'_>, actor: &Actor, merge: MergeId) -> Result<bool> {
    let changed = tx.run(
        "UPDATE contact_merge SET undone_at = ?2, undone_by = ?3 WHERE id = ?1 AND undone_at IS NULL",
        params![merge.0, tx.now.0, Json(actor)],
    )?;
    let (true, Some((a, b))) = (changed > 0, ends(tx, merge)?) else {
        return Ok(false);
    };
    // Whoever is still connected otherwise stays one person.
    settle(tx, &records(tx, a)?)?;
    settle(tx, &records(tx, b)?)?;
    Ok(true)
}

/// Puts the edge back; false when it is there, or they are one person by another one since.
pub(in super::super) fn put_back(tx: &Tx<'_>, merge: MergeId) -> Result<bool> {
    let Some((a, b)) = ends(tx, merge)? else {
        return Ok(false);
    };
    if records(tx, a)?.contains(&b) {
        return Ok(false);
    }
    tx.run(
        "UPDATE contact_merge SET undone_at = NULL, undone_by = NULL WHERE id = ?1",
        [merge.0],
    )?;
    settle(tx, &records(tx, a)?)?;
    Ok(true)
}

/// An agent says that they are not one person: it is not suggested again, and nothing merges them by itself.
pub(in super::super) fn refuse(
    tx: &Tx<'_>,
    actor: &Actor,
    (a, b): (ContactId, ContactId),
) -> Result<Outcome> {
    let (a, b) = (known(tx, a)?, known(tx, b)?);
    let (ours, theirs) = (records(tx, a)?, records(tx, b)?);
    if ours.contains(&b) {
        return Err(invalid("they are one contact; take the merge apart first"));
    }
    let mut pairs: Vec<(i64, i64)> = clues::between(tx, &ours, &theirs)?
        .into_iter()
        .map(|(one, other, _)| (one.min(other), one.max(other)))
        .collect();
    if pairs.is_empty() {
        pairs.push((a.min(b), a.max(b)));
    }
    pairs.sort_unstable();
    pairs.dedup();
    let mut new = Vec::new();
    for (a, b) in pairs {
        let added = tx.run(
            "INSERT INTO refused_pair(a, b, actor, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            params![a, b, Json(actor), tx.now.0],
        )?;
        if added > 0 {
            new.push((a, b));
        }
    }
    if new.is_empty() {
        return Err(invalid("that was refused already"));
    }
    let (name, other) = (name_of(tx, a)?, name_of(tx, b)?);
    for group in [&ours, &theirs] {
        look_again(tx, group)?;
    }
    let at = conversation(tx, &ours)?;
    let detail = json!({ "records": new });
    let inverse = Inverse::Refusal(new);
    let journal = journal::append(tx, actor, "merge.refuse", at, &detail, Some(&inverse))?;
    Ok(Outcome {
        says: format!("{other} and {name} stay two contacts; that is not suggested again"),
        journal: Some(journal),
        undoable: true,
        ..Outcome::default()
    })
}

/// Takes a refusal back; false when nothing was left of it.
pub(in super::super) fn unrefuse(tx: &Tx<'_>, pairs: &[(i64, i64)]) -> Result<bool> {
    let mut any = false;
    for (a, b) in pairs {
        any |= tx.run(
            "DELETE FROM refused_pair WHERE a = ?1 AND b = ?2",
            params![a, b],
        )? > 0;
        look_again(tx, &[*a, *b])?;
    }
    Ok(any)
}

/// Brings addresses, conversations and name of one person up to date with who belongs to it, and supersedes what an
/// assistant proposed to somebody else.
fn settle(tx: &Tx<'_>, all: &[i64]) -> Result<()> {
    let Some(root) = all.first() else {
        return Ok(());
    };
    for home in all {
        let moved = tx
            .prepare_cached(
                "SELECT contact, channel, address FROM identity WHERE home = ?1 AND contact <> ?2",
            )?
            .query_row(params![home, root], |row| {
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get::<_, Word<Channel>>(1)?.0,
                    row.get::<_, String>(2)?,
                ))
            })
            .optional()?;
        if let Some((before, channel, address)) = moved {
            tx.run(
                "UPDATE identity SET contact = ?2 WHERE home = ?1",
                params![home, root],
            )?;
            tx.run(
                "UPDATE conversation SET contact = ?2 WHERE contact = ?1 AND channel = ?3 AND contact_address = ?4",
                params![before, root, Word(channel), address],
            )?;
        }
    }
    rename(tx, all, true)?;
    let proposed = tx.all(
        "SELECT DISTINCT c.id FROM conversation c JOIN proposal p ON p.conversation = c.id
         WHERE c.contact = ?1 AND p.state IN ('proposed', 'blocked', 'pending')",
        [root],
        |row| Ok(ConversationId(row.get(0)?)),
    )?;
    for id in proposed {
        approvals::fact(tx, id, Event::ContactMerged)?;
    }
    look_again(tx, all)
}

/// The name of a person: the first that an agent gave, or that came with an address; else the oldest address. `merged`:
/// not because somebody told another name, but because others belong to the person, or do no longer.
pub(in super::super) fn rename(tx: &Tx<'_>, all: &[i64], merged: bool) -> Result<()> {
    let Some(root) = all.first() else {
        return Ok(());
    };
    let mut names = Vec::new();
    for home in all {
        names.extend(tx.one(
            "SELECT c.named, c.name <> i.address, c.name FROM contact c JOIN identity i ON i.home = c.id WHERE c.id = ?1",
            [home],
            |row| Ok((row.get::<_, bool>(0)?, row.get::<_, bool>(1)?, row.get::<_, String>(2)?)),
        )?);
    }
    let shown = names
        .iter()
        .find(|(named, ..)| *named)
        .or_else(|| names.iter().find(|(_, real, _)| *real))
        .or(names.first());
    let Some((_, _, shown)) = shown else {
        return Ok(());
    };
    tx.run(
        "UPDATE contact SET shown = nullif(?2, name) WHERE id = ?1",
        params![root, shown],
    )?;
    let newest: Vec<i64> = tx.all(
        "SELECT id FROM conversation WHERE contact = ?1 AND contact_name <> ?2 ORDER BY last_at DESC LIMIT ?3",
        params![root, shown, FOUND_AGAIN],
        |row| row.get(0),
    )?;
    for id in newest {
        tx.renamed(ConversationId(id), merged);
    }
    tx.run(
        "UPDATE conversation SET contact_name = ?2 WHERE contact = ?1 AND contact_name <> ?2",
        params![root, shown],
    )?;
    Ok(())
}

/// Whoever shows one of their conversations reads it again.
fn look_again(tx: &Tx<'_>, all: &[i64]) -> Result<()> {
    let Some(root) = all.first() else {
        return Ok(());
    };
    let newest = tx.all(
        "SELECT id FROM conversation WHERE contact = ?1 ORDER BY last_at DESC LIMIT 16",
        [root],
        |row| Ok(ConversationId(row.get(0)?)),
    )?;
    for id in newest {
        tx.touched(id);
    }
    tx.lists();
    Ok(())
}

fn known(tx: &Tx<'_>, id: ContactId) -> Result<i64> {
    if tx.exists("SELECT 1 FROM contact WHERE id = ?1", [id.0])? {
        Ok(id.0)
    } else {
        Err(not_found(format!("contact {id}")))
    }
}

fn name_of(tx: &Tx<'_>, home: i64) -> Result<String> {
    Ok(tx
        .value(
            "SELECT coalesce(c.shown, c.name) FROM identity i JOIN contact c ON c.id = i.contact WHERE i.home = ?1",
            [home],
        )?
        .unwrap_or_default())
}

fn identities(tx: &Tx<'_>, all: &[i64]) -> Result<Vec<IdentityId>> {
    let mut out = Vec::new();
    for home in all {
        out.extend(
            tx.value("SELECT id FROM identity WHERE home = ?1", [home])?
                .map(IdentityId),
        );
    }
    Ok(out)
}

fn ends(tx: &Tx<'_>, merge: MergeId) -> Result<Option<(i64, i64)>> {
    tx.one(
        "SELECT a, b FROM contact_merge WHERE id = ?1",
        [merge.0],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// The conversation in whose history a merge is told.
fn conversation(tx: &Tx<'_>, all: &[i64]) -> Result<Option<ConversationId>> {
    let Some(root) = all.first() else {
        return Ok(None);
    };
    Ok(tx
        .value(
            "SELECT id FROM conversation WHERE contact = ?1 ORDER BY last_at DESC LIMIT 1",
            [root],
        )?
        .map(ConversationId))
}

/// Who merged any of these last, as the end of a sentence.
fn newest(tx: &Tx<'_>, all: &[i64]) -> Result<String> {
    let mut found: Option<(i64, Timestamp, Actor)> = None;
    for home in all {
        let near = tx.one(
            "SELECT id, at, actor FROM contact_merge WHERE undone_at IS NULL AND a = ?1
             UNION ALL SELECT id, at, actor FROM contact_merge WHERE undone_at IS NULL AND b = ?1
             ORDER BY id DESC LIMIT 1",
            [home],
            |row| {
                Ok((
                    row.get::<_, i64>(0)?,
                    Timestamp(row.get(1)?),
                    row.get::<_, Json<Actor>>(2)?.0,
                ))
            },
        )?;
        if near.as_ref().map(|row| row.0) > found.as_ref().map(|row| row.0) {
            found = near;
        }
    }
    Ok(found.map_or_else(String::new, |(_, at, by)| {
        format!(": {} merged it {} ago", by.name(), span(tx.now.since(at)))
    }))
}
