//! What agents, rules and the program did, as sentences between the messages.

use super::super::super::clock;
use super::super::super::paint::{self, Line};
use super::super::super::theme::Role;
use super::Look;
use crate::model::journal::{Entry, deed};
use crate::model::{Actor, Timestamp};
use serde_json::Value;

/// Columns before the words.
const INDENT: usize = 4;

/// The thin lines of a journal entry; none for what the messages themselves show.
pub(super) fn lines(entry: &Entry, columns: usize, look: &Look<'_>) -> Option<Vec<Line>> {
    let words = sentence(entry, look)?;
    let words = format!("{words}  {}", clock::time(entry.at, look.tz));
    let rows = paint::wrapped(
        &Line::of(Role::Dim, words),
        columns.saturating_sub(INDENT).max(8),
    );
    let rows = rows.into_iter().enumerate().map(|(index, row)| {
        let mut line = Line::of(Role::Dim, if index == 0 { "  · " } else { "    " });
        line.0.extend(row.0);
        line
    });
    Some(rows.collect())
}

fn sentence(entry: &Entry, look: &Look<'_>) -> Option<String> {
    let who = match &entry.actor {
        Actor::Agent(name) if name == look.me => "you",
        Actor::Agent(name) => name,
        Actor::Assistant(_) => "the assistant",
        Actor::System(name) => name,
    };
    let detail = &entry.detail;
    let text = |key: &str| detail.get(key).and_then(Value::as_str).unwrap_or_default();
    let because = || match text("because") {
        "" => String::new(),
        why => format!(": {why}"),
    };
    let quoted = |key: &str| match text(key) {
        "" => String::new(),
        words => format!(": {words}"),
    };
    Some(match entry.verb.as_str() {
        // The messages say these themselves.
        "note" | "read" | "unread" | "send.try" | "send.sent" | "send.retry" | "send.absent" => {
            return None;
        }
        "queue" => format!("{who} queued a reply"),
        "send.stopped" => format!("sending stopped{}", because()),
        "send.failed" => format!("sending failed{}", because()),
        "send.unknown" => format!("outcome unknown{}", because()),
        "send.now" => format!("{who} sent it without waiting"),
        "cancel" => format!("{who} took a send back"),
        "retry" => format!("{who} tried again to send"),
        "settle" => format!("{who} settled what became of a send"),
        "resolve" => format!("{who} resolved it"),
        "reopen" => format!("reopened{}", because()),
        "wake" => format!("came back{}", because()),
        "snooze" => match changed(detail, "snoozed_until").and_then(Value::as_i64) {
            Some(at) => {
                let when = clock::when(Timestamp(at), look.now, look.tz);
                format!("{who} snoozed it until {when}")
            }
            None => format!("{who} snoozed it until the customer writes"),
        },
        "assign" => match changed(detail, "assignee").and_then(Value::as_str) {
            Some(to) if to == who || to == look.me && who == "you" => format!("{who} took it"),
            Some(to) => format!("{who} gave it to {to}"),
            None => format!("{who} gave it to nobody"),
        },
        "priority" => match changed(detail, "priority").and_then(Value::as_str) {
            Some(new) => format!("{who} made it {new}"),
            None => format!("{who} changed its priority"),
        },
        "label" => labelled(detail, who),
        "mute" => match changed(detail, "muted").and_then(Value::as_bool) {
            Some(false) => format!("{who} unmuted it"),
            _ => format!("{who} muted it"),
        },
        "spam" => match changed(detail, "status").and_then(Value::as_str) {
            Some("spam") => format!("{who} marked it as spam"),
            _ => format!("{who} said it is no spam"),
        },
        "remark" => format!("{who} wrote a remark on the person"),
        "move" => {
            let to = detail.get("to");
            let channel = to.and_then(|to| to.get("channel")).and_then(Value::as_str);
            format!("{who} goes on by {}", channel.unwrap_or("another channel"))
        }
        "discard" => format!("{who} threw a draft away"),
        "undo" => format!("{who} took back {}", deed(text("verb"))),
        "join" => "another conversation was joined to it".to_owned(),
        "propose" => "the assistant drafted a reply".to_owned(),
        "draft.none" => format!("the assistant has no draft{}", because()),
        "draft.ask" => format!("{who} asked for a draft{}", quoted("instruction")),
        "approve" => format!("{who} approved the assistant's draft"),
        "edit" => format!("{who} changed and approved the assistant's draft"),
        "reject" => {
            let reason = text("reason").replace('-', " ");
            format!(
                "{who} rejected the assistant's draft: {reason}{}",
                quoted("words")
            )
        }
        "redraft" => format!("{who} asked for another draft{}", quoted("instruction")),
        "proposal" => {
            let state = text("state").replace('_', " ");
            format!("the assistant's draft is {state}{}", because())
        }
        "opt-out" => "the customer asked for no more messages here".to_owned(),
        "opt-in" => "the customer allows messages again".to_owned(),
        "merge" => format!("{who} merged this contact with another{}", because()),
        "merge.refuse" => format!("{who} refused a suggested merge of contacts"),
        "split" => format!("{who} took a merge of contacts apart"),
        "escalate" => format!("{who} paged {}{}", text("to"), quoted("reason")),
        "page.acknowledge" => format!("{who} has the page"),
        "page.close" => format!("{who} closed the page"),
        "page.silence" => format!("{who} silenced the page"),
        other => format!("{who}: {}", other.replace(['.', '_'], " ")),
    })
}

/// The new value of a field that an entry changed.
fn changed<'a>(detail: &'a Value, key: &str) -> Option<&'a Value> {
    detail.get(key)?.as_array()?.get(1)
}

fn labelled(detail: &Value, who: &str) -> String {
    let list = |at: usize| -> Vec<&str> {
        let labels = detail.get("labels").and_then(|pair| pair.get(at));
        let labels = labels.and_then(Value::as_array);
        labels
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    };
    let (before, after) = (list(0), list(1));
    let added: Vec<_> = after
        .iter()
        .filter(|label| !before.contains(label))
        .copied()
        .collect();
    let removed: Vec<_> = before
        .iter()
        .filter(|label| !after.contains(label))
        .copied()
        .collect();
    match (added.is_empty(), removed.is_empty()) {
        (false, true) => format!("{who} labelled it {}", added.join(", ")),
        (true, false) => format!("{who} took off the label {}", removed.join(", ")),
        (false, false) => format!(
            "{who} labelled it {} and took off {}",
            added.join(", "),
            removed.join(", ")
        ),
        (true, true) => format!("{who} changed its labels"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ConversationId, JournalId};
    use crate::ui::theme::Theme;
    use jiff::tz::TimeZone;
    use serde_json::json;

    #[test]
    fn deeds_are_told_in_sentences() {
        let theme = Theme::default();
        let look = Look {
            theme: &theme,
            now: Timestamp(0),
            tz: &TimeZone::UTC,
            me: "nina",
            plain: false,
            focused: false,
        };
        let nina = || Actor::Agent("nina".to_owned());
        for (actor, verb, detail, says) in [
            (
                nina(),
                "label",
                json!({"labels": [[], ["warranty"]]}),
                "you labelled it warranty",
            ),
            (
                nina(),
                "assign",
                json!({"assignee": [null, "nina"]}),
                "you took it",
            ),
            (
                Actor::Agent("tom".to_owned()),
                "assign",
                json!({"assignee": [null, "tom"]}),
                "tom took it",
            ),
            (
                nina(),
                "assign",
                json!({"assignee": ["nina", null]}),
                "you gave it to nobody",
            ),
            (nina(), "queue", json!({}), "you queued a reply"),
            (
                nina(),
                "undo",
                json!({"verb": "label"}),
                "you took back a label",
            ),
            (
                Actor::System("outbox".to_owned()),
                "send.unknown",
                json!({"because": "no answer"}),
                "outcome unknown: no answer",
            ),
            (
                Actor::Assistant("passages@1".to_owned()),
                "propose",
                json!({}),
                "the assistant drafted a reply",
            ),
            (
                Actor::Agent("raj".to_owned()),
                "reject",
                json!({"reason": "wrong-fact", "words": "30 days"}),
                "raj rejected the assistant's draft: wrong fact: 30 days",
            ),
        ] {
            let entry = Entry {
                id: JournalId(1),
                at: Timestamp(0),
                actor,
                verb: verb.to_owned(),
                conversation: Some(ConversationId(1)),
                detail,
                hash: String::new(),
                undoable: false,
            };
            assert_eq!(sentence(&entry, &look).as_deref(), Some(says));
            let machine = Entry {
                verb: "send.try".to_owned(),
                ..entry
            };
            assert_eq!(lines(&machine, 40, &look), None);
        }
    }
}
