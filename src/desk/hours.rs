//! When somebody is at the desk, in the desk's own time zone, through daylight saving time and holidays.

use super::settings::HoursSettings;
use crate::model::Timestamp;
use crate::model::time::MINUTE;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// Minutes of a day.
const DAY_MINUTES: u16 = 24 * 60;
/// How many days ahead an open minute is looked for: more than any run of holidays.
const HORIZON_DAYS: u32 = 400;

/// A value of the configuration that is no time, day or span.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// Hours of a day.
    #[error(
        "`{0}` is not a list of hours: write `09:00-17:30`, several with commas, or nothing for a day off"
    )]
    Hours(String),
    /// A date.
    #[error("`{0}` is not a date: write `2026-12-25`")]
    Date(String),
    /// A time of day.
    #[error("`{0}` is not a time of day: write `09:00`")]
    Time(String),
    /// A time zone.
    #[error("`{0}` is not a time zone: write a name such as `Europe/Stockholm`")]
    Zone(String),
}

/// Minutes since midnight, written `09:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// Hour and minute; values past the end of the day are the end of the day.
    pub const fn at(hour: u16, minute: u16) -> Self {
        let minutes = hour * 60 + minute;
        Self(if minutes > DAY_MINUTES {
            DAY_MINUTES
        } else {
            minutes
        })
    }

    /// As a civil time; `24:00` is the day's last minute.
    pub fn civil(self) -> Time {
        let minutes = self.0.min(DAY_MINUTES - 1);
        // In range by the line above.
        Time::new((minutes / 60) as i8, (minutes % 60) as i8, 0, 0).unwrap_or_default()
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = HoursError;
    fn try_from(text: String) -> Result<Self, HoursError> {
        let parse = || {
            let (hour, minute) = text.trim().split_once(':')?;
            let digits =
                |s: &str| s.bytes().all(|b| b.is_ascii_digit()) && (1..=2).contains(&s.len());
            if !digits(hour) || !digits(minute) || minute.len() != 2 {
                return None;
            }
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
            let minutes = hour * 60 + minute;
            (minute < 60 && minutes <= DAY_MINUTES).then_some(Self(minutes))
        };
        parse().ok_or_else(|| HoursError::Time(text.clone()))
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// The hours of one weekday, written `09:00-12:30, 13:00-17:30`. A span whose end is not after its beginning ends on
/// the next day. Empty is a day off.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DayHours(Vec<(TimeOfDay, TimeOfDay)>);

impl TryFrom<String> for DayHours {
    type Error = HoursError;
    fn try_from(text: String) -> Result<Self, HoursError> {
        let wrong = |_| HoursError::Hours(text.clone());
        text.split(',')
            .map(str::trim)
            .filter(|span| !span.is_empty())
            .map(|span| {
                let (from, to) = span
                    .split_once(['-', '–'])
                    .ok_or_else(|| HoursError::Hours(text.clone()))?;
                Ok((
                    TimeOfDay::try_from(from.trim().to_owned()).map_err(wrong)?,
                    TimeOfDay::try_from(to.trim().to_owned()).map_err(wrong)?,
                ))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl From<DayHours> for String {
    fn from(day: DayHours) -> Self {
        let spans: Vec<String> = day
            .0
            .iter()
            .map(|(from, to)| format!("{from}-{to}"))
            .collect();
        spans.join(", ")
    }
}

/// When somebody is at the desk.
#[derive(Debug, Clone)]
pub struct BusinessHours {
    zone: TimeZone,
    /// Monday first.
    week: [DayHours; 7],
    holidays: BTreeSet<Date>,
}

impl Default for BusinessHours {
    /// Always.
    fn default() -> Self {
        Self::always(TimeZone::UTC)
    }
}

impl BusinessHours {
    /// Always.
    pub fn always(zone: TimeZone) -> Self {
        Self {
            zone,
            week: Default::default(),
            holidays: BTreeSet::new(),
        }
    }

    /// As configured; `zone` is used where the table names none.
    pub fn new(settings: &HoursSettings, zone: TimeZone) -> Result<Self, HoursError> {
        let zone = match &settings.timezone {
            Some(name) => TimeZone::get(name).map_err(|_| HoursError::Zone(name.clone()))?,
            None => zone,
        };
        let s = settings.clone();
        Ok(Self {
            zone,
            week: [s.mon, s.tue, s.wed, s.thu, s.fri, s.sat, s.sun],
            holidays: s.holidays.into_iter().map(|day| day.0).collect(),
        })
    }

    /// The zone in which the hours are meant.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// No hours are configured at all: somebody is always there, holidays or not.
    pub fn is_always(&self) -> bool {
        self.week.iter().all(|day| day.0.is_empty())
    }

    /// Is somebody there?
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.is_always()
            || self
                .spans_from(at)
                .next()
                .is_some_and(|(from, to)| from <= at && at < to)
    }

    /// The next time at which somebody is there, `at` itself if they are; none if that is never.
    pub fn next_open(&self, at: Timestamp) -> Option<Timestamp> {
        if self.is_always() {
            return Some(at);
        }
        self.spans_from(at).next().map(|(from, _)| from.max(at))
    }

    /// The time at which `ms` of open time have passed since `from`; none if there never are so many.
    pub fn after_open(&self, from: Timestamp, ms: i64) -> Option<Timestamp> {
        if self.is_always() {
            return Some(from + ms);
        }
        let mut left = ms.max(0);
        for (begins, ends) in self.spans_from(from) {
            let begins = begins.max(from);
            let open = ends.since(begins);
            if left <= open {
                return Some(begins + left);
            }
            left -= open;
        }
        None
    }

    /// Milliseconds of open time between two times; 0 if `to` is not later.
    pub fn open_between(&self, from: Timestamp, to: Timestamp) -> i64 {
        if self.is_always() {
            return to.since(from).max(0);
        }
        self.spans_from(from)
            .take_while(|(begins, _)| *begins < to)
            .map(|(begins, ends)| ends.min(to).since(begins.max(from)).max(0))
            .sum()
    }

    /// Open spans that end after `at`, in order, not overlapping, within the horizon.
    fn spans_from(&self, at: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
        let first = self.local(at).date().yesterday().ok();
        let mut reached = Timestamp(i64::MIN);
        first
            .into_iter()
            .flat_map(|day| day.series(jiff::Span::new().days(1)))
            .take(HORIZON_DAYS as usize)
            .flat_map(move |day| self.spans_of(day))
            .filter_map(move |(from, to)| {
                // Overlapping spans (an overnight one and the next morning's) count once.
                let from = from.max(reached);
                reached = reached.max(to);
                (from < to && to > at).then_some((from, to))
            })
    }

    /// The spans that begin on a day.
    fn spans_of(&self, day: Date) -> Vec<(Timestamp, Timestamp)> {
        if self.holidays.contains(&day) {
            return Vec::new();
        }
        let index = usize::from(day.weekday().to_monday_zero_offset().unsigned_abs());
        let mut spans: Vec<(Timestamp, Timestamp)> = self.week[index]
            .0
            .iter()
            .filter_map(|(from, to)| {
                let begins = self.instant(day, from.0)?;
                let minutes = if to > from { to.0 } else { to.0 + DAY_MINUTES };
                let ends = self.instant(day, minutes)?;
                (begins < ends).then_some((begins, ends))
            })
            .collect();
        spans.sort_unstable();
        spans
    }

    /// Minutes after the midnight of `day` on the wall clock. In the hour that daylight saving time skips, the
    /// clock's time after the gap; in the hour that it repeats, the first one.
    fn instant(&self, day: Date, minutes: u16) -> Option<Timestamp> {
        let day = if minutes >= DAY_MINUTES {
            day.tomorrow().ok()?
        } else {
            day
        };
        let time = TimeOfDay(minutes % DAY_MINUTES).civil();
        let at = self.zone.to_timestamp(day.to_datetime(time)).ok()?;
        Some(Timestamp(at.as_millisecond()))
    }

    /// The wall clock at a time.
    pub fn local(&self, at: Timestamp) -> DateTime {
        local(&self.zone, at)
    }
}

/// The wall clock of a zone; times outside the calendar are its ends.
pub fn local(zone: &TimeZone, at: Timestamp) -> DateTime {
    let instant = jiff::Timestamp::from_millisecond(at.0).unwrap_or(if at.0 < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    });
    zone.to_datetime(instant)
}

/// The time at which the wall clock of a zone shows `at`.
pub fn instant(zone: &TimeZone, at: DateTime) -> Option<Timestamp> {
    let instant = zone.to_timestamp(at).ok()?;
    Some(Timestamp(instant.as_millisecond()))
}

/// Minutes in the unit of [`Timestamp`].
pub fn minutes(count: u32) -> i64 {
    i64::from(count) * MINUTE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::HOUR;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        let at: jiff::Timestamp = text.parse().unwrap();
        Timestamp(at.as_millisecond())
    }

    fn hours(toml: &str) -> BusinessHours {
        BusinessHours::new(&toml::from_str(toml).unwrap(), TimeZone::UTC).unwrap()
    }

    fn office() -> BusinessHours {
        hours(
            r#"
            timezone = "Europe/Stockholm"
            mon = "09:00-12:00, 13:00-17:00"
            tue = "09:00-17:00"
            wed = "09:00-17:00"
            thu = "09:00-17:00"
            fri = "09:00-15:00"
            holidays = ["2026-12-25"]
        "#,
        )
    }

    #[test]
    fn open_and_shut() {
        let office = office();
        for (time, open) in [
            ("2026-11-16T07:59:59Z", false), // Monday 08:59 in Stockholm
            ("2026-11-16T08:00:00Z", true),
            ("2026-11-16T11:00:00Z", false), // lunch
            ("2026-11-16T12:00:00Z", true),
            ("2026-11-16T16:00:00Z", false),
            ("2026-11-21T10:00:00Z", false), // Saturday
            ("2026-12-25T10:00:00Z", false), // holiday, a Friday
            ("2026-07-01T07:00:00Z", true),  // summer time
        ] {
            assert_eq!(office.is_open(at(time)), open, "{time}");
        }
        assert_eq!(
            office.next_open(at("2026-12-24T20:00:00Z")),
            Some(at("2026-12-28T08:00:00Z"))
        );
    }

    #[test]
    fn promises_run_only_while_open() {
        let office = office();
        for (from, ms, due) in [
            ("2026-11-16T08:00:00Z", HOUR, "2026-11-16T09:00:00Z"),
            ("2026-11-16T10:30:00Z", HOUR, "2026-11-16T12:30:00Z"),
            ("2026-11-20T13:30:00Z", HOUR, "2026-11-23T08:30:00Z"),
            ("2026-11-21T09:00:00Z", 2 * HOUR, "2026-11-23T10:00:00Z"),
        ] {
            assert_eq!(office.after_open(at(from), ms), Some(at(due)), "{from}");
            assert_eq!(office.open_between(at(from), at(due)), ms);
        }
    }

    #[test]
    fn nights_and_clock_changes() {
        // Clocks go back on 2026-10-25 at 03:00 in Stockholm: the night has an hour more.
        let night = hours("timezone = \"Europe/Stockholm\"\nsat = \"22:00-06:00\"");
        assert_eq!(
            night.open_between(at("2026-10-24T00:00:00Z"), at("2026-10-26T00:00:00Z")),
            9 * HOUR
        );
        let spring = hours("timezone = \"Europe/Stockholm\"\nsat = \"22:00-06:00\"");
        assert_eq!(
            spring.open_between(at("2026-03-28T00:00:00Z"), at("2026-03-30T00:00:00Z")),
            7 * HOUR
        );
        let overlap = hours("sat = \"22:00-06:00\"\nsun = \"05:00-07:00\"");
        assert_eq!(
            overlap.open_between(at("2026-11-21T00:00:00Z"), at("2026-11-23T00:00:00Z")),
            9 * HOUR
        );
        let round = hours("mon = \"00:00-24:00\"");
        assert_eq!(
            round.open_between(at("2026-11-16T00:00:00Z"), at("2026-11-17T00:00:00Z")),
            24 * HOUR
        );
    }

    #[test]
    fn without_hours_it_is_always_open() {
        let always = BusinessHours::always(TimeZone::UTC);
        assert!(always.is_open(Timestamp(5)));
        assert_eq!(always.after_open(Timestamp(5), 7), Some(Timestamp(12)));
    }

    #[test]
    fn never_open_again_has_an_end() {
        let gone = hours("mon = \"09:00-09:00\"\nholidays = []");
        // 09:00 to 09:00 is a whole day, not nothing.
        assert!(gone.is_open(at("2026-11-16T23:00:00Z")));
        let office = office();
        assert_eq!(
            office.after_open(at("2026-11-16T08:00:00Z"), i64::MAX),
            None
        );
        assert!(!office.is_open(Timestamp(i64::MAX)));
        assert!(!office.is_open(Timestamp(i64::MIN)));
    }

    proptest! {
        #[test]
        fn open_time_adds_up(from in 1_700_000_000_000i64..1_900_000_000_000, a in 0i64..200 * HOUR, b in 0i64..200 * HOUR) {
            let office = office();
            let from = Timestamp(from);
            let mid = from + a;
            let end = mid + b;
            prop_assert_eq!(office.open_between(from, end), office.open_between(from, mid) + office.open_between(mid, end));
            let due = office.after_open(from, a).unwrap();
            prop_assert_eq!(office.open_between(from, due), a);
        }
    }
}
