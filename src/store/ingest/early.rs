//! Facts that came before the message they are about. They wait for it, one of each sort.

use super::super::sql::{Json, Result, Sql};
use super::{Ingest, facts};
use crate::model::event::Flags;
use crate::model::{Delivery, MessageId, NewMessage, Party, RemoteId, Timestamp};
use crate::sync::merge;
use rusqlite::params;
use serde::{Deserialize, Serialize};

/// A fact that waits.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Fact {
    Flags(Flags),
    Edited { text: String, at: Timestamp },
    Reaction { by: Party, emoji: String },
    Delivery(Delivery),
}

/// What a fact about a place waits for.
pub(super) fn place(remote: &RemoteId) -> String {
    format!("at\u{1f}{}\u{1f}{}", remote.scope, remote.key)
}

fn sent(reference: &str) -> String {
    format!("sent\u{1f}{reference}")
}

/// Keeps a fact; of one sort the newest, of edits the later.
pub(super) fn keep(ingest: &Ingest<'_>, target: &str, what: &str, fact: &Fact) -> Result<()> {
    if let Fact::Edited { text, at } = fact
        && let Some(Fact::Edited {
            text: before,
            at: then,
        }) = stored(ingest, target, what)?
        && (*at, text) <= (then, &before)
    {
        return Ok(());
    }
    ingest.tx.run(
        "INSERT INTO early(account, target, what, fact, at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT(account, target, what) DO UPDATE SET fact = excluded.fact, at = excluded.at",
        params![
            ingest.account.as_str(),
            target,
            what,
            Json(fact),
            ingest.tx.now.0
        ],
    )?;
    Ok(())
}

/// Keeps a delivery report; of several the highest.
pub(super) fn keep_delivery(ingest: &Ingest<'_>, reference: &str, report: Delivery) -> Result<()> {
    let target = sent(reference);
    let before = match stored(ingest, &target, "delivery")? {
        Some(Fact::Delivery(before)) => Some(before),
        _ => None,
    };
    let report = merge::delivery(before.as_ref(), report);
    keep(ingest, &target, "delivery", &Fact::Delivery(report))
}

fn stored(ingest: &Ingest<'_>, target: &str, what: &str) -> Result<Option<Fact>> {
    Ok(ingest
        .tx
        .value::<Json<Fact>>(
            "SELECT fact FROM early WHERE account = ?1 AND target = ?2 AND what = ?3",
            params![ingest.account.as_str(), target, what],
        )?
        .map(|fact| fact.0))
}

/// Applies what waited for this message.
pub(super) fn apply(ingest: &mut Ingest<'_>, id: MessageId, new: &NewMessage) -> Result<()> {
    let mut targets = vec![place(&new.remote)];
    targets.extend(new.own_reference.iter().map(|reference| sent(reference)));
    for target in targets {
        let waiting = ingest.tx.all(
            "SELECT fact FROM early WHERE account = ?1 AND target = ?2 ORDER BY what",
            params![ingest.account.as_str(), target],
            |row| Ok(row.get::<_, Json<Fact>>(0)?.0),
        )?;
        if waiting.is_empty() {
            continue;
        }
        for fact in waiting {
            match fact {
                Fact::Flags(flags) => facts::flags(ingest, id, flags)?,
                Fact::Edited { text, at } => facts::edited(ingest, id, &text, at)?,
                Fact::Reaction { by, emoji } => facts::reaction(ingest, id, &by, &emoji)?,
                Fact::Delivery(report) => facts::delivery(ingest.tx, id, report)?,
            }
        }
        ingest.tx.run(
            "DELETE FROM early WHERE account = ?1 AND target = ?2",
            params![ingest.account.as_str(), target],
        )?;
    }
    Ok(())
}
