//! Who can be paged, how, and when they are on duty.

use super::hours::{BusinessHours, HoursError};
use super::settings::HoursSettings;
use crate::model::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// One `[[roster]]` entry of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RosterEntry {
    /// The name by which one is paged and assigned (`raj`).
    pub name: String,
    /// The name to show, if another.
    #[serde(default)]
    pub title: Option<String>,
    /// Where pages are mailed to.
    #[serde(default)]
    pub email: Option<String>,
    /// By which account they are mailed; the first one that carries mail if not set.
    #[serde(default)]
    pub account: Option<String>,
    /// A number or extension, shown and given to the page command.
    #[serde(default)]
    pub phone: Option<String>,
    /// A command that pages: program and arguments. `{name}`, `{phone}`, `{about}` and `{reason}` are filled in as
    /// whole text of one argument, never read by a shell.
    #[serde(default)]
    pub command: Vec<String>,
    /// When this person is on duty; always if not set.
    #[serde(default)]
    pub hours: HoursSettings,
}

/// One way to reach a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageChannel {
    /// A mail.
    Mail {
        /// To which address.
        address: String,
        /// By which account; none for the first that carries mail.
        account: Option<String>,
    },
    /// A command: program and arguments, filled in.
    Command {
        /// The argument vector.
        argv: Vec<String>,
    },
}

/// A person of the roster.
#[derive(Debug, Clone)]
pub struct RosterPerson {
    /// As configured.
    pub entry: RosterEntry,
    hours: BusinessHours,
}

/// An entry of the roster that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    /// Two of the same name, or none.
    #[error("the roster has {count} entries called `{name}`; each needs a name of its own")]
    Name {
        /// The name.
        name: String,
        /// How many have it.
        count: usize,
    },
    /// Nothing to page by.
    #[error("`{0}` cannot be paged: give an `email` or a `command`")]
    NoChannel(String),
    /// Wrong hours.
    #[error("hours of `{name}`: {error}")]
    Hours {
        /// Whose.
        name: String,
        /// What is wrong.
        error: HoursError,
    },
}

/// What a page is about, for the command's arguments. All of it cleaned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageText<'a> {
    /// The conversation's number and subject.
    pub about: &'a str,
    /// Why.
    pub reason: &'a str,
}

/// Reads the roster; `zone` holds where an entry names none.
pub fn people(entries: &[RosterEntry], zone: &TimeZone) -> Result<Vec<RosterPerson>, RosterError> {
    entries
        .iter()
        .map(|entry| {
            let name = entry.name.clone();
            let count = entries.iter().filter(|other| other.name == name).count();
            if count != 1 || name.trim().is_empty() {
                return Err(RosterError::Name { name, count });
            }
            if entry.email.is_none() && entry.command.is_empty() {
                return Err(RosterError::NoChannel(name));
            }
            let hours = BusinessHours::new(&entry.hours, zone.clone())
                .map_err(|error| RosterError::Hours { name, error })?;
            Ok(RosterPerson {
                entry: entry.clone(),
                hours,
            })
        })
        .collect()
}

impl RosterPerson {
    /// The name to show.
    pub fn title(&self) -> &str {
        self.entry.title.as_deref().unwrap_or(&self.entry.name)
    }

    /// On duty at `now`. One who is not can still be paged; the screen says so.
    pub fn on_duty(&self, now: Timestamp) -> bool {
        self.hours.is_open(now)
    }

    /// When this person is next on duty.
    pub fn next_duty(&self, now: Timestamp) -> Option<Timestamp> {
        self.hours.next_open(now)
    }

    /// Every way to reach this person, filled in for one page.
    pub fn channels(&self, page: PageText<'_>) -> Vec<PageChannel> {
        let mail = self.entry.email.iter().map(|address| PageChannel::Mail {
            address: address.clone(),
            account: self.entry.account.clone(),
        });
        let command = (!self.entry.command.is_empty()).then(|| PageChannel::Command {
            argv: self
                .entry
                .command
                .iter()
                .enumerate()
                .map(|(place, word)| match place {
                    // The program's name is never made from what a customer wrote.
                    0 => word.clone(),
                    _ => self.fill(word, page),
                })
                .collect(),
        });
        mail.chain(command).collect()
    }

    /// Fills one argument, once: what is filled in is not looked at again, and has no control characters.
    fn fill(&self, word: &str, page: PageText<'_>) -> String {
        let mut out = String::new();
        let mut rest = word;
        while let Some(open) = rest.find('{') {
            out.push_str(&rest[..open]);
            rest = &rest[open..];
            let known = [
                ("{name}", self.entry.name.as_str()),
                ("{phone}", self.entry.phone.as_deref().unwrap_or_default()),
                ("{about}", page.about),
                ("{reason}", page.reason),
            ];
            if let Some((mark, value)) = known.iter().find(|(mark, _)| rest.starts_with(mark)) {
                out.extend(value.chars().map(|c| if c.is_control() { ' ' } else { c }));
                rest = &rest[mark.len()..];
            } else {
                out.push('{');
                rest = &rest[1..];
            }
        }
        out.push_str(rest);
        out
    }
}

/// Those on duty first, then the others; in the configuration's order within.
pub fn by_duty(people: &[RosterPerson], now: Timestamp) -> Vec<&RosterPerson> {
    let (mut on, off): (Vec<_>, Vec<_>) = people.iter().partition(|person| person.on_duty(now));
    on.extend(off);
    on
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct File {
        roster: Vec<RosterEntry>,
    }

    fn roster(text: &str) -> Result<Vec<RosterPerson>, RosterError> {
        people(
            &toml::from_str::<File>(text).unwrap().roster,
            &TimeZone::UTC,
        )
    }

    #[test]
    fn people_and_their_channels() {
        let people = roster(
            r#"
            [[roster]]
            name = "day"
            email = "day@example.org"
            hours = { thu = "09:00-17:00" }
            [[roster]]
            name = "night"
            title = "Night shift"
            phone = "4711"
            command = ["page", "--to={phone}", "{about}: {reason} {other}"]
        "#,
        )
        .unwrap();
        // 1970-01-01 00:00 was a Thursday night.
        let names: Vec<&str> = by_duty(&people, Timestamp(0))
            .iter()
            .map(|person| person.title())
            .collect();
        assert_eq!(names, ["Night shift", "day"]);
        assert_eq!(
            people[0].next_duty(Timestamp(0)),
            Some(Timestamp(9 * 3_600_000))
        );
        let page = PageText {
            about: "#7 {reason} $(rm)",
            reason: "gas\nsmell",
        };
        assert_eq!(
            people[1].channels(page),
            [PageChannel::Command {
                argv: vec![
                    "page".to_owned(),
                    "--to=4711".to_owned(),
                    "#7 {reason} $(rm): gas smell {other}".to_owned(),
                ]
            }]
        );
        assert_eq!(
            people[0].channels(page),
            [PageChannel::Mail {
                address: "day@example.org".to_owned(),
                account: None
            }]
        );
    }

    #[test]
    fn entries_that_cannot_work_are_refused() {
        for (text, says) in [
            ("[[roster]]\nname = \"a\"", "cannot be paged"),
            (
                "[[roster]]\nname = \"a\"\nemail = \"a@b.c\"\n[[roster]]\nname = \"a\"\nemail = \"a@b.c\"",
                "2 entries",
            ),
            (
                "[[roster]]\nname = \"a\"\nemail = \"a@b.c\"\nhours = { timezone = \"Mars/Base\" }",
                "Mars/Base",
            ),
        ] {
            assert!(roster(text).unwrap_err().to_string().contains(says));
        }
    }
}
