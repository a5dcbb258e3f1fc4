//! Hours in which nobody wants to hear anything.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

use crate::model::Timestamp;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY: u16 = 24 * 60;

/// A time as the policy needs it: absolute, and on the agent's wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The time.
    pub at: Timestamp,
    /// The day of the week there, Monday is 0.
    pub weekday: u8,
    /// Minutes since midnight there.
    pub minute: u16,
}

/// One span of quiet: `22:00-07:00`, `sat,sun 00:00-24:00`, `mon-fri 18:30-08:00`.
///
/// A span that ends before it starts goes on into the next day; the days name where it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct QuietHours {
    days: [bool; 7],
    from: u16,
    to: u16,
}

/// Why a span of quiet could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no span of hours; write it as `22:00-07:00` or `sat,sun 00:00-24:00`")]
pub struct QuietHoursError(String);

impl QuietHours {
    /// Whether `moment` lies in the span. The start belongs to it, the end does not.
    pub fn covers(&self, moment: &Moment) -> bool {
        let today = usize::from(moment.weekday % 7);
        let yesterday = (today + 6) % 7;
        let minute = moment.minute;
        if self.from < self.to {
            return self.days[today] && (self.from..self.to).contains(&minute);
        }
        (self.days[today] && minute >= self.from) || (self.days[yesterday] && minute < self.to)
    }
}

impl FromStr for QuietHours {
    type Err = QuietHoursError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(&text.trim().to_lowercase()).ok_or_else(|| QuietHoursError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<QuietHours> {
    let (days, hours) = match text.rsplit_once(' ') {
        Some((days, hours)) => (parse_days(days)?, hours),
        None => ([true; 7], text),
    };
    let (from, to) = hours.split_once('-')?;
    let (from, to) = (parse_minute(from)?, parse_minute(to)?);
    (from < DAY && from != to).then_some(QuietHours { days, from, to })
}

fn parse_days(text: &str) -> Option<[bool; 7]> {
    let number = |name: &str| DAYS.iter().position(|day| *day == name.trim());
    let mut days = [false; 7];
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (number(first)?, number(last)?);
        let mut day = first;
        loop {
            days[day] = true;
            if day == last {
                break;
            }
            day = (day + 1) % 7;
        }
    }
    Some(days)
}

fn parse_minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let two = |s: &str| (s.len() <= 2 && s.bytes().all(|b| b.is_ascii_digit())).then_some(());
    two(hour)?;
    two(minute)?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= DAY).then_some(total)
}

impl fmt::Display for QuietHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.days != [true; 7] {
            let named: Vec<&str> = DAYS
                .iter()
                .zip(self.days)
                .filter_map(|(name, on)| on.then_some(*name))
                .collect();
            write!(f, "{} ", named.join(","))?;
        }
        let (from, to) = (self.from, self.to);
        write!(
            f,
            "{:02}:{:02}-{:02}:{:02}",
            from / 60,
            from % 60,
            to / 60,
            to % 60
        )
    }
}

impl TryFrom<String> for QuietHours {
    type Error = QuietHoursError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<QuietHours> for String {
    fn from(hours: QuietHours) -> Self {
        hours.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        // (span, weekday, "HH:MM", quiet?)
        let table = [
            ("22:00-07:00", 0, "21:59", false),
            ("22:00-07:00", 0, "22:00", true),
            ("22:00-07:00", 3, "06:59", true),
            ("22:00-07:00", 3, "07:00", false),
            ("12:00-13:00", 3, "12:30", true),
            ("12:00-13:00", 3, "13:00", false),
            ("sat,sun 00:00-24:00", 5, "12:00", true),
            ("sat,sun 00:00-24:00", 4, "23:59", false),
            ("mon-fri 18:30-08:00", 5, "07:00", true),
            ("mon-fri 18:30-08:00", 5, "19:00", false),
            ("mon-fri 18:30-08:00", 0, "07:00", false),
            ("sat-mon 00:00-01:00", 0, "00:30", true),
            ("sat-mon 00:00-01:00", 1, "00:30", false),
        ];
        for (span, weekday, clock, expected) in table {
            let hours: QuietHours = span.parse().unwrap();
            let moment = Moment {
                at: Timestamp(0),
                weekday,
                minute: parse_minute(clock).unwrap(),
            };
            assert_eq!(
                hours.covers(&moment),
                expected,
                "{span} day {weekday} {clock}"
            );
            assert_eq!(hours.to_string().parse::<QuietHours>().unwrap(), hours);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "22-7",
            "22:00",
            "24:00-01:00",
            "22:60-23:00",
            "25:00-26:00",
            "08:00-08:00",
            "someday 08:00-09:00",
            "mon 08:00-+9:00",
            "mon-xyz 08:00-09:00",
        ] {
            assert!(text.parse::<QuietHours>().is_err(), "{text}");
        }
    }
}
