//! Macros: a named list of steps, run on a selection as ordinary commands.

use super::settings::SnoozeSettings;
use super::snooze;
use crate::model::{Command, ConversationId, Priority, Timestamp};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A macro of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MacroSettings {
    /// What it is for, in a few words.
    #[serde(default)]
    pub description: String,
    /// What it does, in this order.
    pub steps: Vec<Step>,
}

/// One step of a macro: `{ assign = "raj" }`. No step sends anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Resolve, or reopen with `false`.
    Resolve(bool),
    /// Give to somebody; `""` for nobody, `"me"` for who runs it.
    Assign(String),
    /// Add labels.
    Label(Vec<String>),
    /// Remove labels.
    Unlabel(Vec<String>),
    /// Set the priority.
    Priority(Priority),
    /// Hide until a time: `tomorrow`, `monday`, `next week`, `later`; or `reply` for "until the customer writes".
    Snooze(String),
    /// Mute, or no longer.
    Mute(bool),
    /// Spam, or not.
    Spam(bool),
    /// Mark read, or unread.
    Read(bool),
    /// Write a note to each.
    Note(String),
}

/// A step that cannot be carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a time to snooze until; write `tomorrow`, `monday`, `next week`, `later` or `reply`"
)]
pub struct UnknownTime(pub String);

/// The commands of a macro on a selection; none for an empty selection.
pub fn commands(
    settings: &MacroSettings,
    ids: &[ConversationId],
    me: &str,
    now: Timestamp,
    zone: &TimeZone,
    mornings: &SnoozeSettings,
) -> Result<Vec<Command>, UnknownTime> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let all = || ids.to_vec();
    let mut out = Vec::new();
    for step in &settings.steps {
        match step {
            Step::Resolve(true) => out.push(Command::Resolve { ids: all() }),
            Step::Resolve(false) => out.push(Command::Reopen { ids: all() }),
            Step::Assign(to) => out.push(Command::Assign {
                ids: all(),
                to: match to.as_str() {
                    "" => None,
                    "me" => Some(me.to_owned()),
                    name => Some(name.to_owned()),
                },
            }),
            Step::Label(add) => out.push(Command::Label {
                ids: all(),
                add: add.clone(),
                remove: Vec::new(),
            }),
            Step::Unlabel(remove) => out.push(Command::Label {
                ids: all(),
                add: Vec::new(),
                remove: remove.clone(),
            }),
            Step::Priority(priority) => out.push(Command::SetPriority {
                ids: all(),
                priority: *priority,
            }),
            Step::Snooze(word) => {
                let until = snooze::by_name(word, now, zone, mornings)
                    .ok_or_else(|| UnknownTime(word.clone()))?;
                out.push(Command::Snooze {
                    ids: all(),
                    until,
                    wake_on_reply: true,
                });
            }
            Step::Mute(on) => out.push(Command::Mute {
                ids: all(),
                on: *on,
            }),
            Step::Spam(on) => out.push(Command::Spam {
                ids: all(),
                on: *on,
            }),
            Step::Read(read) => out.push(Command::MarkRead {
                ids: all(),
                read: *read,
            }),
            Step::Note(body) => out.extend(ids.iter().map(|id| Command::Note {
                conversation: *id,
                body: body.clone(),
            })),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_become_commands() {
        let settings: MacroSettings = toml::from_str(
            r#"steps = [{ assign = "me" }, { label = ["vip"] }, { unlabel = ["new"] }, { priority = "high" },
                        { snooze = "reply" }, { note = "checked" }, { resolve = true }, { assign = "" }]"#,
        )
        .unwrap();
        let ids = [ConversationId(1), ConversationId(2)];
        let run = |ids: &[ConversationId]| {
            commands(
                &settings,
                ids,
                "nina",
                Timestamp(0),
                &TimeZone::UTC,
                &SnoozeSettings::default(),
            )
        };
        let made = run(&ids).unwrap();
        assert_eq!(made.len(), 9);
        assert_eq!(
            made[0],
            Command::Assign {
                ids: ids.to_vec(),
                to: Some("nina".to_owned())
            }
        );
        assert_eq!(
            made[4],
            Command::Snooze {
                ids: ids.to_vec(),
                until: None,
                wake_on_reply: true
            }
        );
        assert_eq!(
            made[8],
            Command::Assign {
                ids: ids.to_vec(),
                to: None
            }
        );
        assert_eq!(run(&[]).unwrap(), []);
    }

    #[test]
    fn unknown_times_are_refused_whole() {
        let settings = MacroSettings {
            steps: vec![Step::Resolve(true), Step::Snooze("someday".to_owned())],
            ..MacroSettings::default()
        };
        let error = commands(
            &settings,
            &[ConversationId(1)],
            "me",
            Timestamp(0),
            &TimeZone::UTC,
            &SnoozeSettings::default(),
        );
        assert_eq!(error, Err(UnknownTime("someday".to_owned())));
    }
}
