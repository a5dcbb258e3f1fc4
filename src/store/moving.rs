//! A draft that goes on on another channel of the same person.

use super::apply::invalid;
use super::drafts;
use super::ingest::clean::line;
use super::sql::{Json, Result, Sql, Word};
use super::undo::Inverse;
use super::writer::Tx;
use super::{desk_facts, journal};
use crate::model::command::MovedBack;
use crate::model::{Actor, Draft, DraftId, DraftKind, Outcome};
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
    let went = to.clone();
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
    let inverse = Inverse::Move {
        draft,
        from: Box::new(from.clone()),
        to: Box::new(went),
    };
    let journal = journal::append(tx, actor, "move", about, &detail, Some(&inverse))?;
    Ok(Outcome {
        says: format!("goes on by {channel}"),
        journal: Some(journal),
        undoable: true,
        draft: Some(draft),
        ..Outcome::default()
    })
}

/// Takes a move back: the text as it is by now goes on where it was. None when it is not there any more (it has left, or
/// was thrown away), or became a template, which only that channel has.
pub(super) fn back(
    tx: &Tx<'_>,
    there: DraftId,
    from: &Draft,
    to: &Draft,
) -> Result<Option<(String, MovedBack)>> {
    let found = tx.value::<Json<Draft>>("SELECT data FROM draft WHERE id = ?1", [there.0])?;
    let Some(Json(now)) = found else {
        return Ok(None);
    };
    if now.template.is_some() {
        return Ok(None);
    }
    tx.run("DELETE FROM draft WHERE id = ?1", [there.0])?;
    tx.lists();
    if let Some(conversation) = now.conversation {
        tx.touched(conversation);
    }
    let mut text = from.clone();
    if now.body != to.body {
        text.body = with_ending_of(from, to, &now.body);
        text.template = None;
    }
    text.attachments = now.attachments;
    let channel = text.channel;
    let (_, place) = drafts::restore(tx, text)?;
    let place_words = place.map_or_else(String::new, |id| format!(", on #{id}"));
    let says = format!("goes by {channel} again{place_words}");
    let moved = MovedBack {
        gone: there,
        to: place,
    };
    Ok(Some((says, moved)))
}

/// What was written since, with the ending it had before (a signature) in place of the one it got there.
fn with_ending_of(from: &Draft, to: &Draft, now: &str) -> String {
    let same = from.body.chars().zip(to.body.chars());
    let same: usize = same
        .take_while(|(a, b)| a == b)
        .map(|(a, _)| a.len_utf8())
        .sum();
    // Of two signatures with the same beginning, the whole.
    let same = from.body[..same].rfind("\n\n-- \n").unwrap_or(same);
    match now.strip_suffix(&to.body[same..]) {
        // A template is no ending.
        Some(text) if from.template.is_none() => format!("{text}{}", &from.body[same..]),
        _ => now.to_owned(),
    }
}
