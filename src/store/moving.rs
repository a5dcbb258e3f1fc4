//! A draft that goes on on another channel of the same person.

use super::apply::invalid;
use super::drafts;
use super::ingest::clean::line;
use super::sql::{Json, Result, Sql, Word};
use super::writer::Tx;
use super::{desk_facts, journal};
use crate::model::{Actor, Draft, DraftKind, Outcome};
use rusqlite::params;
use serde_json::json;

/// Puts a draft where it goes on, and takes it away where it was. An unsent text that is there already is not touched:
/// the move is refused.
pub(super) fn move_draft(
    tx: &Tx<'_>,
    actor: &Actor,
    from: &Draft,
    mut to: Draft,
) -> Result<Outcome> {
    if !matches!(to.kind, DraftKind::Reply | DraftKind::New) || from.author != to.author {
        return Err(invalid("only a reply of one's own can be moved"));
    }
    if let Some(id) = to.conversation {
        let (id, _) = desk_facts::read(tx, id)?;
        to.conversation = Some(id);
        let there = tx.value::<Json<Draft>>(
            "SELECT data FROM draft WHERE conversation = ?1 AND kind = ?2 AND author = ?3",
            params![id.0, Word(to.kind), to.author],
        )?;
        let other = from.conversation != Some(id) || from.kind != to.kind;
        if let Some(Json(there)) = there
            && other
            && !there.body.trim().is_empty()
        {
            return Err(invalid(format!(
                "an unsent text of yours waits on #{id} already; send it or throw it away first"
            )));
        }
    }
    drafts::forget(tx, from)?;
    to.id = None;
    to.updated_at = tx.now;
    let place = |draft: &Draft| {
        let to: Vec<String> = draft
            .recipients
            .to
            .iter()
            .map(|to| line(&to.address))
            .collect();
        json!({ "channel": draft.channel, "account": draft.account, "to": to,
            "conversation": draft.conversation.map(|id| id.0) })
    };
    let detail = json!({ "from": place(from), "to": place(&to) });
    let about = from.conversation.or(to.conversation);
    let channel = to.channel;
    let draft = drafts::put(tx, to)?;
    if let Some(id) = from.conversation {
        tx.touched(id);
    }
    let journal = journal::append(tx, actor, "move", about, &detail, None)?;
    Ok(Outcome {
        says: format!("goes on by {channel}"),
        journal: Some(journal),
        draft: Some(draft),
        ..Outcome::default()
    })
}
