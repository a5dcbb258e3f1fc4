//! The verbs of the desk on conversations.

use super::apply::invalid;
use super::desk_facts::{self, DeskFacts, FactsChange};
use super::sql::{Json, Result, Sql};
use super::undo::Inverse;
use super::writer::Tx;
use super::{derived, ingest::clean::line, journal};
use crate::model::event::RemoteChange;
use crate::model::{
    AccountId, Actor, ConversationId, MessageId, Outcome, Priority, RemoteId, Status, Timestamp,
};
use rusqlite::params;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Longest label, in characters.
const MAX_LABEL: usize = 64;
/// Messages per conversation of which the provider is told that they are spam.
const SPAM_TOLD: u32 = 50;

/// Applies `change` to each conversation and writes one journal entry for each; one undo takes all back.
fn each(
    tx: &Tx<'_>,
    actor: &Actor,
    verb: &str,
    past: &str,
    ids: &[ConversationId],
    change: impl Fn(&mut DeskFacts) -> Result<()>,
) -> Result<Outcome> {
    let changes = change_all(tx, ids, change)?;
    let Some(last) = changes.len().checked_sub(1) else {
        return Ok(Outcome {
            says: format!("already {past}"),
            ..Outcome::default()
        });
    };
    let mut journal = None;
    for (place, change) in changes.iter().enumerate() {
        let inverse = (place == last).then(|| Inverse::Facts(changes.clone()));
        journal = Some(journal::append(
            tx,
            actor,
            verb,
            Some(change.id),
            &difference(&change.before, &change.after),
            inverse.as_ref(),
        )?);
    }
    Ok(Outcome {
        says: says(past, &changes),
        journal,
        undoable: true,
        ..Outcome::default()
    })
}

/// Applies `change` to each conversation; gives those that it changed.
pub(super) fn change_all(
    tx: &Tx<'_>,
    ids: &[ConversationId],
    change: impl Fn(&mut DeskFacts) -> Result<()>,
) -> Result<Vec<FactsChange>> {
    let mut changes: Vec<FactsChange> = Vec::new();
    let mut seen = BTreeSet::new();
    for id in ids {
        let (id, before) = desk_facts::read(tx, *id)?;
        if !seen.insert(id) {
            continue;
        }
        let mut after = before.clone();
        change(&mut after)?;
        if after != before {
            let change = FactsChange { id, before, after };
            desk_facts::write(tx, &change)?;
            changes.push(change);
        }
    }
    Ok(changes)
}

fn says(past: &str, changes: &[FactsChange]) -> String {
    match changes {
        [one] => format!("{past} #{}", one.id),
        many => format!("{past} {} conversations", many.len()),
    }
}

/// The facts that differ, each as `[before, after]`.
fn difference(before: &DeskFacts, after: &DeskFacts) -> Value {
    let (Ok(Value::Object(before)), Ok(Value::Object(after))) =
        (serde_json::to_value(before), serde_json::to_value(after))
    else {
        return Value::Null;
    };
    let changed: Map<String, Value> = before
        .into_iter()
        .filter_map(|(key, old)| {
            let new = after.get(&key)?;
            (*new != old && key != "answered_at").then(|| (key, json!([old, new])))
        })
        .collect();
    Value::Object(changed)
}

/// Done: the customer waits no more.
pub(super) fn resolved(tx: &Tx<'_>, facts: &mut DeskFacts) {
    if facts.status == Status::Resolved {
        return;
    }
    facts.status = Status::Resolved;
    facts.snoozed_until = None;
    facts.wake_on_reply = false;
    facts.answered_at = facts.answered_at.max(tx.now.0);
}

pub(super) fn resolve(tx: &Tx<'_>, actor: &Actor, ids: &[ConversationId]) -> Result<Outcome> {
    each(tx, actor, "resolve", "resolved", ids, |facts| {
        resolved(tx, facts);
        Ok(())
    })
}

pub(super) fn reopen(tx: &Tx<'_>, actor: &Actor, ids: &[ConversationId]) -> Result<Outcome> {
    each(tx, actor, "reopen", "reopened", ids, |facts| {
        facts.status = Status::Open;
        facts.snoozed_until = None;
        facts.wake_on_reply = false;
        Ok(())
    })
}

pub(super) fn snooze(
    tx: &Tx<'_>,
    actor: &Actor,
    ids: &[ConversationId],
    until: Option<Timestamp>,
    wake_on_reply: bool,
) -> Result<Outcome> {
    if until.is_some_and(|until| until <= tx.now) {
        return Err(invalid("that time is past; choose a later one"));
    }
    each(tx, actor, "snooze", "snoozed", ids, |facts| {
        facts.status = Status::Snoozed;
        facts.snoozed_until = until.map(|until| until.0);
        // What has no time to come back must come back with the customer.
        facts.wake_on_reply = wake_on_reply || until.is_none();
        Ok(())
    })
}

pub(super) fn assign(
    tx: &Tx<'_>,
    actor: &Actor,
    ids: &[ConversationId],
    to: Option<&str>,
) -> Result<Outcome> {
    let to = to.map(line).filter(|name| !name.is_empty());
    let past = match &to {
        Some(name) => format!("gave {name}"),
        None => "unassigned".to_owned(),
    };
    each(tx, actor, "assign", &past, ids, |facts| {
        facts.assignee.clone_from(&to);
        Ok(())
    })
}

pub(super) fn label(
    tx: &Tx<'_>,
    actor: &Actor,
    ids: &[ConversationId],
    add: &[String],
    remove: &[String],
) -> Result<Outcome> {
    let add = add
        .iter()
        .map(|name| label_name(name))
        .collect::<Result<Vec<_>>>()?;
    let remove: Vec<String> = remove
        .iter()
        .map(|name| line(name).trim().to_owned())
        .collect();
    each(tx, actor, "label", "labelled", ids, |facts| {
        facts.labels.retain(|label| !remove.contains(label));
        facts.labels.extend(add.iter().cloned());
        facts.labels.sort();
        facts.labels.dedup();
        Ok(())
    })
}

fn label_name(raw: &str) -> Result<String> {
    let name = line(raw).trim().to_owned();
    if name.is_empty() || name.chars().count() > MAX_LABEL {
        return Err(invalid(format!("a label has 1 to {MAX_LABEL} characters")));
    }
    Ok(name)
}

pub(super) fn set_priority(
    tx: &Tx<'_>,
    actor: &Actor,
    ids: &[ConversationId],
    priority: Priority,
) -> Result<Outcome> {
    let past = format!("{} priority for", priority.name());
    each(tx, actor, "priority", &past, ids, |facts| {
        facts.priority = priority;
        Ok(())
    })
}

pub(super) fn mute(
    tx: &Tx<'_>,
    actor: &Actor,
    ids: &[ConversationId],
    on: bool,
) -> Result<Outcome> {
    let past = if on { "muted" } else { "unmuted" };
    each(tx, actor, "mute", past, ids, |facts| {
        facts.muted = on;
        Ok(())
    })
}

pub(super) fn spam(
    tx: &Tx<'_>,
    actor: &Actor,
    ids: &[ConversationId],
    on: bool,
) -> Result<Outcome> {
    let past = if on { "marked as spam:" } else { "not spam:" };
    let outcome = each(tx, actor, "spam", past, ids, |facts| {
        if on {
            facts.status = Status::Spam;
            facts.snoozed_until = None;
        } else if facts.status == Status::Spam {
            facts.status = Status::Open;
        }
        Ok(())
    })?;
    for id in ids {
        tell_spam(tx, *id, on)?;
    }
    Ok(outcome)
}

/// Queues for the provider that the newest messages of the customer are spam, or are not.
pub(super) fn tell_spam(tx: &Tx<'_>, id: ConversationId, on: bool) -> Result<()> {
    let messages = tx.all(
        "SELECT id FROM message WHERE conversation = ?1 AND direction = 'inbound' ORDER BY at DESC LIMIT ?2",
        params![id.0, SPAM_TOLD],
        |row| Ok(MessageId(row.get(0)?)),
    )?;
    for message in messages {
        tell(tx, message, |remote| RemoteChange::Flags {
            remote,
            seen: None,
            answered: None,
            flagged: None,
            junk: Some(on),
        })?;
    }
    Ok(())
}

/// All inbound messages are seen. Not in the journal: looking is no action.
pub(super) fn look(tx: &Tx<'_>, id: ConversationId) -> Result<Outcome> {
    let (id, _) = desk_facts::read(tx, id)?;
    set_seen(tx, id, &to_mark(tx, id, true)?, true)?;
    Ok(Outcome::default())
}

/// Marks all inbound messages as seen, or the newest as unseen.
pub(super) fn mark_read(
    tx: &Tx<'_>,
    actor: &Actor,
    ids: &[ConversationId],
    read: bool,
) -> Result<Outcome> {
    let mut marked = Vec::new();
    for id in ids {
        let (id, _) = desk_facts::read(tx, *id)?;
        let messages = to_mark(tx, id, read)?;
        if !messages.is_empty() {
            set_seen(tx, id, &messages, read)?;
            marked.push((id, messages));
        }
    }
    let word = if read { "read" } else { "unread" };
    let Some(last) = marked.len().checked_sub(1) else {
        return Ok(Outcome {
            says: format!("already {word}"),
            ..Outcome::default()
        });
    };
    let mut journal = None;
    for (place, (id, messages)) in marked.iter().enumerate() {
        let detail = json!({ "messages": messages.iter().map(|id| id.0).collect::<Vec<_>>() });
        let inverse = (place == last).then(|| Inverse::Seen {
            conversations: marked.clone(),
            seen: read,
        });
        journal = Some(journal::append(
            tx,
            actor,
            word,
            Some(*id),
            &detail,
            inverse.as_ref(),
        )?);
    }
    Ok(Outcome {
        says: match marked.as_slice() {
            [(id, _)] => format!("marked #{id} as {word}"),
            many => format!("marked {} conversations as {word}", many.len()),
        },
        journal,
        undoable: true,
        ..Outcome::default()
    })
}

/// What is not yet so: all unseen messages of the customer, or the newest if it is seen.
fn to_mark(tx: &Tx<'_>, id: ConversationId, read: bool) -> Result<Vec<MessageId>> {
    let sql = if read {
        "SELECT id FROM message WHERE conversation = ?1 AND seen = 0 AND direction = 'inbound'"
    } else {
        "SELECT id FROM (SELECT id, seen FROM message WHERE conversation = ?1 AND direction = 'inbound'
           ORDER BY at DESC, place DESC, id DESC LIMIT 1) WHERE seen = 1"
    };
    tx.all(sql, [id.0], |row| Ok(MessageId(row.get(0)?)))
}

/// Marks these messages, and tells the provider; those that are so already are left alone. True when any was not.
pub(super) fn set_seen(
    tx: &Tx<'_>,
    id: ConversationId,
    messages: &[MessageId],
    seen: bool,
) -> Result<bool> {
    let mut any = false;
    for message in messages {
        let changed = tx.run(
            "UPDATE message SET seen = ?2 WHERE id = ?1 AND seen <> ?2",
            params![message.0, seen],
        )?;
        if changed > 0 {
            any = true;
            tell(tx, *message, |remote| RemoteChange::Flags {
                remote,
                seen: Some(seen),
                answered: None,
                flagged: None,
                junk: None,
            })?;
        }
    }
    if any {
        derived::refresh(tx, id)?;
    }
    Ok(any)
}

/// Queues a change of a message for the provider, once for each place where it is.
pub(super) fn tell(
    tx: &Tx<'_>,
    message: MessageId,
    change: impl Fn(RemoteId) -> RemoteChange,
) -> Result<()> {
    let places = tx.all(
        "SELECT account, scope, key FROM remote WHERE message = ?1",
        [message.0],
        |row| {
            let account = AccountId::new(&row.get::<_, String>(0)?);
            let remote = RemoteId {
                scope: row.get(1)?,
                key: row.get(2)?,
            };
            Ok((account, remote))
        },
    )?;
    for (account, remote) in places {
        tx.run(
            "INSERT INTO remote_change(account, scope, key, change, at) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                account.as_str(),
                remote.scope,
                remote.key,
                Json(change(remote.clone())),
                tx.now.0
            ],
        )?;
        tx.lists();
    }
    Ok(())
}

pub(super) fn save_view(tx: &Tx<'_>, actor: &Actor, name: &str, query: &str) -> Result<Outcome> {
    let name =
        label_name(name).map_err(|_| invalid("a view needs a name of 1 to 64 characters"))?;
    let before = view(tx, &name)?;
    tx.run(
        "INSERT INTO saved_view(name, query) VALUES (?1, ?2) ON CONFLICT(name) DO UPDATE SET query = excluded.query",
        params![name, line(query)],
    )?;
    view_changed(tx, actor, "view.save", name, before, "saved the view")
}

pub(super) fn delete_view(tx: &Tx<'_>, actor: &Actor, name: &str) -> Result<Outcome> {
    let before = view(tx, name)?;
    if before.is_none() {
        return Err(super::apply::not_found(format!(
            "view called `{}`",
            line(name)
        )));
    }
    tx.run("DELETE FROM saved_view WHERE name = ?1", [name])?;
    view_changed(
        tx,
        actor,
        "view.delete",
        name.to_owned(),
        before,
        "deleted the view",
    )
}

fn view(tx: &Tx<'_>, name: &str) -> Result<Option<String>> {
    tx.value("SELECT query FROM saved_view WHERE name = ?1", [name])
}

fn view_changed(
    tx: &Tx<'_>,
    actor: &Actor,
    verb: &str,
    name: String,
    before: Option<String>,
    says: &str,
) -> Result<Outcome> {
    tx.lists();
    let detail = json!({ "name": name, "before": before });
    let says = format!("{says} {name}");
    let inverse = Inverse::View { name, before };
    let journal = journal::append(tx, actor, verb, None, &detail, Some(&inverse))?;
    Ok(Outcome {
        says,
        journal: Some(journal),
        undoable: true,
        ..Outcome::default()
    })
}

pub(super) fn remark(
    tx: &Tx<'_>,
    actor: &Actor,
    conversation: ConversationId,
    text: &str,
) -> Result<Outcome> {
    let (id, _) = desk_facts::read(tx, conversation)?;
    let (text, _) = super::ingest::clean::block(text);
    let found = tx.one(
        "SELECT k.id, k.remarks FROM conversation c JOIN contact k ON k.id = c.contact WHERE c.id = ?1",
        [id.0],
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)),
    )?;
    let (contact, before) = found.unwrap_or_default();
    tx.run(
        "UPDATE contact SET remarks = ?2 WHERE id = ?1",
        params![contact, text],
    )?;
    tx.touched(id);
    let detail = json!({ "contact": contact, "before": before, "after": text });
    let inverse = Inverse::Remark { contact, before };
    let journal = journal::append(tx, actor, "remark", Some(id), &detail, Some(&inverse))?;
    Ok(Outcome {
        says: "remark kept".to_owned(),
        journal: Some(journal),
        undoable: true,
        ..Outcome::default()
    })
}
