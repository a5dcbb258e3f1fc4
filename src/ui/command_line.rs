//! `:` — verbs typed out, with completion.

use super::action::{Action, TABLE};
use super::app::{App, Waiting};
use super::overlays::{Overlay, Prompt, Purpose};
use super::panes::sidebar::Target;
use super::{Effect, perform};
use crate::model::query::View;
use crate::model::{AccountId, Command, ConversationId, Priority};
use crate::text::when::parse_when;

/// The verbs that take words, with what they take.
const VERBS: [(&str, &str); 22] = [
    ("resolve", ""),
    ("reopen", ""),
    ("snooze", "WHEN"),
    ("assign", "NAME | none"),
    ("claim", ""),
    ("label", "+ADD -REMOVE"),
    ("priority", "low | normal | high | urgent"),
    ("mute", ""),
    ("unmute", ""),
    ("spam", ""),
    ("read", ""),
    ("note", "TEXT"),
    ("escalate", "NAME WHY"),
    ("remark", "TEXT"),
    ("open", "NUMBER"),
    ("view", "NAME"),
    ("delete-view", "NAME"),
    ("account", "add | test NAME | remove NAME"),
    ("sync", ""),
    ("lock", ""),
    ("unlock", ""),
    ("quit", ""),
];

/// Runs a line.
///
/// # Errors
/// What is wrong with it, in words.
pub fn run(app: &mut App, line: &str) -> Result<(), String> {
    let (verb, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let needs = |what: &str| {
        if rest.is_empty() {
            Err(format!("{verb} needs {what}"))
        } else {
            Ok(())
        }
    };
    let me = app.setup.me.clone();
    match verb {
        "" => {}
        "resolve" => perform::on_targets(app, |ids| Command::Resolve { ids }),
        "reopen" => perform::on_targets(app, |ids| Command::Reopen { ids }),
        "claim" => perform::on_targets(app, |ids| Command::Assign { ids, to: Some(me) }),
        "mute" => perform::on_targets(app, |ids| Command::Mute { ids, on: true }),
        "unmute" => perform::on_targets(app, |ids| Command::Mute { ids, on: false }),
        "spam" => perform::on_targets(app, |ids| Command::Spam { ids, on: true }),
        "read" => perform::on_targets(app, |ids| Command::MarkRead { ids, read: true }),
        "snooze" if rest.is_empty() => perform::perform(app, Action::Snooze),
        "snooze" => {
            let until =
                parse_when(rest, app.now, &app.setup.tz).map_err(|error| error.to_string())?;
            perform::on_targets(app, |ids| Command::Snooze {
                ids,
                until: Some(until),
                wake_on_reply: true,
            });
        }
        "assign" => {
            needs("a name, or `none`")?;
            let to = (rest != "none").then(|| rest.to_owned());
            if let Some(name) = &to
                && !app.setup.agents.contains(name)
            {
                return Err(format!(
                    "there is no agent `{name}`; agents are {}",
                    app.setup.agents.join(", ")
                ));
            }
            perform::on_targets(app, |ids| Command::Assign { ids, to });
        }
        "label" => {
            needs("+label or -label")?;
            let words: Vec<_> = rest.split_whitespace().collect();
            let remove: Vec<_> = words
                .iter()
                .filter_map(|word| word.strip_prefix('-'))
                .map(str::to_owned)
                .collect();
            let add: Vec<_> = words
                .iter()
                .filter(|word| !word.starts_with('-'))
                .map(|word| word.trim_start_matches('+').to_owned())
                .collect();
            perform::on_targets(app, |ids| Command::Label { ids, add, remove });
        }
        "priority" => {
            let priority = Priority::ALL
                .into_iter()
                .find(|priority| priority.name() == rest);
            let priority = priority.ok_or("priorities are low, normal, high and urgent")?;
            perform::on_targets(app, |ids| Command::SetPriority { ids, priority });
        }
        "note" | "remark" | "escalate" => {
            needs("some words")?;
            let conversation = app.subject().ok_or("there is no conversation here")?;
            let text = rest.to_owned();
            match verb {
                "note" => app.act(
                    Waiting::Act,
                    Command::Note {
                        conversation,
                        body: text,
                    },
                ),
                "remark" => app.act(Waiting::Act, Command::Remark { conversation, text }),
                _ => {
                    let (to, reason) = rest
                        .split_once(char::is_whitespace)
                        .ok_or("escalate needs a name and a reason")?;
                    perform::page_person(app, conversation, to, reason.trim());
                }
            }
        }
        "open" => {
            let number: i64 = rest
                .trim_start_matches('#')
                .parse()
                .map_err(|_| "open needs a number such as 1042")?;
            perform::enter(app, ConversationId(number));
        }
        "view" => {
            needs("the name of a saved view")?;
            app.go(Target::View(View::Saved(rest.to_owned())));
        }
        "delete-view" => {
            needs("the name of a saved view")?;
            app.act(
                Waiting::Act,
                Command::DeleteView {
                    name: rest.to_owned(),
                },
            );
        }
        "account" => account(app, rest)?,
        "lock" => perform::perform(app, Action::VaultLock),
        "unlock" => perform::perform(app, Action::VaultUnlock),
        "sync" => app.effects.push(Effect::SyncNow),
        "quit" | "q" => perform::perform(app, Action::Quit),
        other => match Action::by_name(other) {
            Some(action) => perform::perform(app, action),
            None => return Err(format!("there is no command `{other}`; Tab completes")),
        },
    }
    Ok(())
}

/// `account add`, `account test NAME`, `account remove NAME`.
fn account(app: &mut App, rest: &str) -> Result<(), String> {
    let (what, name) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let name = name.trim();
    let mut known: Vec<&str> = Vec::new();
    for health in &app.health.items {
        known.push(health.account.as_str());
    }
    for card in &app.setup.accounts {
        if !known.contains(&card.account.as_str()) {
            known.push(card.account.as_str());
        }
    }
    if matches!(what, "test" | "remove") && !known.contains(&name) {
        let known = known.join(", ");
        return Err(format!("`{name}` is no account; there is {known}"));
    }
    match what {
        "add" => perform::perform(app, Action::AddAccount),
        "test" => super::setting_up::test(app, name),
        "remove" => perform::remove_account(app, AccountId::new(name)),
        _ => return Err("write account add, account test NAME or account remove NAME".to_owned()),
    }
    Ok(())
}

/// After a key: asks for names that only the accounts know where one is typed.
pub fn typed(app: &mut App, prompt: &mut Prompt) {
    if prompt.line.text().starts_with("escalate ") {
        perform::ask_names(app);
    }
    prompt.hints = hints(app, prompt.line.text());
}

/// More names are known now.
pub fn renew_hints(app: &mut App) {
    let Some(Overlay::Prompt(prompt)) = app.overlays.last() else {
        return;
    };
    let hints = hints(app, prompt.line.text());
    if let Some(Overlay::Prompt(prompt)) = app.overlays.last_mut()
        && prompt.purpose == Purpose::Command
    {
        prompt.hints = hints;
    }
}

/// What could be typed next.
pub fn hints(app: &App, line: &str) -> Vec<String> {
    if let Some((verb, rest)) = line.split_once(char::is_whitespace) {
        let off_roster = app.off_roster.as_deref().unwrap_or_default();
        let (names, more): (&[String], &[String]) = match verb {
            "assign" => (&app.setup.agents, &[]),
            "escalate" => (&app.setup.roster, off_roster),
            _ => {
                let takes = VERBS.iter().find(|(name, _)| *name == verb);
                return takes
                    .map(|(_, takes)| (*takes).to_owned())
                    .into_iter()
                    .filter(|takes| !takes.is_empty())
                    .collect();
            }
        };
        return names
            .iter()
            .chain(more)
            .filter(|name| name.starts_with(rest.trim_start()))
            .cloned()
            .collect();
    }
    let verbs = VERBS.iter().map(|(name, _)| *name);
    let actions = TABLE.iter().map(|row| row.name);
    let mut found: Vec<String> = Vec::new();
    for name in verbs.chain(actions) {
        // A verb and the action of the same name are one thing to whoever types.
        let known = found.iter().any(|other| other == name);
        if !line.is_empty() && name.starts_with(line) && !known {
            found.push(name.to_owned());
        }
    }
    found.truncate(8);
    found
}

/// Completes what was typed as far as it is certain.
pub fn complete(app: &App, prompt: &mut Prompt) {
    let text = prompt.line.text().to_owned();
    let found = hints(app, &text);
    let Some(first) = found.first() else { return };
    let mut common = first.clone();
    for other in &found[1..] {
        while !other.starts_with(&common) {
            common.pop();
        }
    }
    let (head, tail) = match text.split_once(char::is_whitespace) {
        Some((verb, rest)) => (format!("{verb} "), rest.trim_start().to_owned()),
        None => (String::new(), text),
    };
    if common.len() >= tail.len() && !common.chars().any(char::is_uppercase) {
        let end = if found.len() == 1 { " " } else { "" };
        prompt.line = super::line_edit::LineEdit::new(format!("{head}{common}{end}"));
    }
    prompt.hints = found;
}
