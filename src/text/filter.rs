//! The filters of the search language: `key:value`.

use super::moment::Moment;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// One thing that must hold for a conversation or message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Filter {
    /// Part of the customer's name or address.
    From(String),
    /// A label, whole.
    Label(String),
    /// A state.
    Is(Is),
    /// Something it carries.
    Has(Has),
    /// Older than the beginning of a day.
    Before(Day),
    /// Not older than the beginning of a day.
    After(Day),
    /// By which channel: one of [`CHANNELS`].
    Channel(&'static str),
    /// On which login, by its name.
    Account(String),
    /// Whose it is.
    Assignee(Assignee),
    /// How urgent: one of [`PRIORITIES`].
    Priority(&'static str),
}

/// The values of `channel:`; the model's names.
pub const CHANNELS: [&str; 12] = [
    "email",
    "sms",
    "whatsapp",
    "messenger",
    "instagram",
    "telegram",
    "slack",
    "discord",
    "voice",
    "review",
    "webchat",
    "x",
];

/// The values of `priority:`; the model's names.
pub const PRIORITIES: [&str; 4] = ["low", "normal", "high", "urgent"];

/// The values of `is:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Is {
    /// Waits for somebody.
    Open,
    /// Hidden until later.
    Snoozed,
    /// Done.
    Resolved,
    /// Judged to be spam.
    Spam,
    /// Has messages that no agent has seen.
    Unread,
    /// The customer waits for an answer.
    Waiting,
    /// Nobody's.
    Unassigned,
    /// The searching agent's.
    Mine,
    /// Does not come back by itself.
    Muted,
    /// Starred at the provider.
    Flagged,
}

impl Is {
    const ALL: [(&'static str, Self); 10] = [
        ("open", Self::Open),
        ("snoozed", Self::Snoozed),
        ("resolved", Self::Resolved),
        ("spam", Self::Spam),
        ("unread", Self::Unread),
        ("waiting", Self::Waiting),
        ("unassigned", Self::Unassigned),
        ("mine", Self::Mine),
        ("muted", Self::Muted),
        ("flagged", Self::Flagged),
    ];
}

/// The values of `has:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Has {
    /// A file came with it.
    Attachment,
    /// An agent's unsent reply.
    Draft,
    /// Agents wrote a note.
    Note,
    /// An assistant's draft awaits a decision.
    Proposal,
    /// Something failed to leave or ended unknown.
    Failure,
    /// An open page.
    Page,
}

impl Has {
    const ALL: [(&'static str, Self); 6] = [
        ("attachment", Self::Attachment),
        ("draft", Self::Draft),
        ("note", Self::Note),
        ("proposal", Self::Proposal),
        ("failure", Self::Failure),
        ("page", Self::Page),
    ];
}

/// The values of `assignee:`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Assignee {
    /// The searching agent.
    Me,
    /// Nobody.
    Nobody,
    /// This agent.
    Named(String),
}

/// A day, fixed or counted back from today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Day {
    /// That day.
    On(Date),
    /// So many days before today.
    DaysAgo(u16),
}

impl Day {
    /// When that day begins.
    pub fn start<M: Moment>(self, now: M, tz: &TimeZone) -> M {
        let date = match self {
            Self::On(date) => Some(date),
            Self::DaysAgo(days) => jiff::Timestamp::from_millisecond(now.millis())
                .ok()
                .and_then(|now| {
                    let today = now.to_zoned(tz.clone()).date();
                    today.checked_sub(i32::from(days).days()).ok()
                }),
        };
        date.and_then(|date| date.to_zoned(tz.clone()).ok())
            .map_or(M::from_millis(0), |zoned| {
                M::from_millis(zoned.timestamp().as_millisecond())
            })
    }

    fn read(text: &str) -> Option<Self> {
        match text.to_lowercase().as_str() {
            "today" => return Some(Self::DaysAgo(0)),
            "yesterday" => return Some(Self::DaysAgo(1)),
            _ => {}
        }
        if let Some((at, unit)) = text.char_indices().next_back()
            && let Ok(n) = text[..at].parse::<u16>()
        {
            let days = match unit {
                'd' => Some(1),
                'w' => Some(7),
                'm' => Some(30),
                'y' => Some(365),
                _ => None,
            };
            if let Some(days) = days {
                return Some(Self::DaysAgo(n.saturating_mul(days)));
            }
        }
        let mut parts = text.split('-');
        let year = parts
            .next()?
            .parse()
            .ok()
            .filter(|y| (1970..=9998).contains(y))?;
        let mut small = || match parts.next() {
            Some(part) => part.parse().ok(),
            None => Some(1i8),
        };
        let (month, day) = (small()?, small()?);
        if parts.next().is_some() {
            return None;
        }
        Date::new(year, month, day).ok().map(Self::On)
    }
}

/// Why a piece is no filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FieldError {
    /// The key is none of ours.
    NoSuchField,
    /// Nothing after the colon.
    NoValue,
    /// The value is none of the key's; a sentence for people.
    BadValue(String),
}

impl Filter {
    /// Every key of the language, for help and completion.
    pub const KEYS: [&'static str; 10] = [
        "from", "label", "is", "has", "before", "after", "channel", "account", "assignee",
        "priority",
    ];

    /// The values that a key takes, where they can be listed.
    pub fn values(key: &str) -> Vec<&'static str> {
        match key {
            "is" => Is::ALL.iter().map(|(name, _)| *name).collect(),
            "has" => Has::ALL.iter().map(|(name, _)| *name).collect(),
            "channel" => CHANNELS.to_vec(),
            "priority" => PRIORITIES.to_vec(),
            "assignee" => vec!["me", "nobody"],
            "before" | "after" => vec!["today", "yesterday", "7d"],
            _ => Vec::new(),
        }
    }

    pub(crate) fn read(key: &str, value: &str) -> Result<Self, FieldError> {
        let key = key.to_ascii_lowercase();
        if !Self::KEYS.contains(&key.as_str()) {
            return Err(FieldError::NoSuchField);
        }
        let value = value.trim();
        if value.is_empty() {
            return Err(FieldError::NoValue);
        }
        let word = value.to_lowercase();
        let found = match key.as_str() {
            "from" => Some(Self::From(value.to_owned())),
            "label" => Some(Self::Label(value.to_owned())),
            "account" => Some(Self::Account(value.to_owned())),
            "assignee" => Some(Self::Assignee(match word.as_str() {
                "me" => Assignee::Me,
                "nobody" | "none" => Assignee::Nobody,
                _ => Assignee::Named(value.trim_start_matches('@').to_owned()),
            })),
            "is" => pick(&Is::ALL, &word).map(Self::Is),
            "has" => pick(&Has::ALL, &word).map(Self::Has),
            "channel" => known(&CHANNELS, &word).map(Self::Channel),
            "priority" => known(&PRIORITIES, &word).map(Self::Priority),
            "before" => Day::read(value).map(Self::Before),
            "after" => Day::read(value).map(Self::After),
            _ => None,
        };
        found.ok_or_else(|| FieldError::BadValue(remark(&key, value)))
    }
}

fn pick<T: Copy>(all: &[(&str, T)], word: &str) -> Option<T> {
    all.iter().find(|(name, _)| *name == word).map(|(_, v)| *v)
}

fn known(all: &[&'static str], word: &str) -> Option<&'static str> {
    all.iter().find(|name| **name == word).copied()
}

fn remark(key: &str, value: &str) -> String {
    let value = super::sanitize_line(value).text;
    match key {
        "before" | "after" => format!(
            "{key}:{value} was searched as a word; write a day as {key}:2026-11-01 or {key}:7d."
        ),
        _ => format!(
            "{key}:{value} was searched as a word; {key}: takes {}.",
            Filter::values(key).join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Channel, Priority, Timestamp};
    use jiff::civil::date;

    #[test]
    fn days() {
        for (text, want) in [
            ("2026-11-01", Some(Day::On(date(2026, 11, 1)))),
            ("2026-11", Some(Day::On(date(2026, 11, 1)))),
            ("2026", Some(Day::On(date(2026, 1, 1)))),
            ("7d", Some(Day::DaysAgo(7))),
            ("2W", None),
            ("2w", Some(Day::DaysAgo(14))),
            ("Today", Some(Day::DaysAgo(0))),
            ("2026-13-01", None),
            ("2026-11-01-1", None),
            ("99999", None),
            ("漢", None),
            ("", None),
        ] {
            assert_eq!(Day::read(text), want, "{text:?}");
        }
    }

    #[test]
    fn a_day_begins_where_the_agent_lives() {
        let tz = TimeZone::fixed(jiff::tz::offset(5));
        // 2026-11-20T20:00Z is already the 21st five hours east.
        let now = Timestamp::from_seconds(1_795_204_800);
        assert_eq!(
            Day::On(date(2026, 11, 21)).start(now, &tz),
            Timestamp::from_seconds(1_795_201_200)
        );
        assert_eq!(
            Day::DaysAgo(0).start(now, &tz),
            Timestamp::from_seconds(1_795_201_200)
        );
    }

    #[test]
    fn the_names_are_the_models() {
        assert_eq!(CHANNELS, Channel::ALL.map(Channel::name));
        assert_eq!(PRIORITIES, Priority::ALL.map(Priority::name));
    }

    #[test]
    fn values() {
        assert_eq!(
            Filter::read("ASSIGNEE", "@nina"),
            Ok(Filter::Assignee(Assignee::Named("nina".into())))
        );
        assert_eq!(Filter::read("nosuch", "a"), Err(FieldError::NoSuchField));
        assert_eq!(Filter::read("is", " "), Err(FieldError::NoValue));
        assert_eq!(Filter::read("is", "Open"), Ok(Filter::Is(Is::Open)));
        assert!(matches!(
            Filter::read("channel", "fax"),
            Err(FieldError::BadValue(remark)) if remark.contains("whatsapp")
        ));
    }
}
