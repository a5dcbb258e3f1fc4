//! Times as people type them: `2h`, `tomorrow`, `tue 9am`, `next week`, `2026-12-01 10:00`.

use super::moment::Moment;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use thiserror::Error;

/// The hour meant when only a day is named.
const MORNING: i8 = 9;
/// The hour of "this evening" and "tonight".
const EVENING: i8 = 18;
/// Nothing is put off for longer than ten years, in milliseconds.
const MAX_AHEAD: i64 = 3660 * 24 * 60 * 60 * 1000;

/// Why a time was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WhenError {
    /// Not understood.
    #[error(
        "\"{0}\" is no time; write it like 2h, tomorrow, tue 9am, next week or 2026-12-01 10:00."
    )]
    Unknown(String),
    /// Not after now.
    #[error("\"{0}\" is already past; give a later time.")]
    Past(String),
    /// More than ten years away.
    #[error("\"{0}\" is more than ten years away; give an earlier time.")]
    TooFar(String),
}

/// The time after `now` that is meant. Days and hours of the clock are those of `tz`.
///
/// A day without an hour means nine in the morning; a weekday or an hour means the next one.
pub fn parse_when<M: Moment>(text: &str, now: M, tz: &TimeZone) -> Result<M, WhenError> {
    let shown = || {
        let cut = text.floor_char_boundary(60);
        super::sanitize_line(text[..cut].trim()).text
    };
    let here = jiff::Timestamp::from_millisecond(now.millis())
        .map(|t| t.to_zoned(tz.clone()))
        .map_err(|_| WhenError::Unknown(shown()))?;
    let lower = text.trim().to_lowercase();
    let meant = read(&lower, &here).ok_or_else(|| WhenError::Unknown(shown()))?;
    let meant = M::from_millis(meant.timestamp().as_millisecond());
    if meant <= now {
        return Err(WhenError::Past(shown()));
    }
    if meant.millis().saturating_sub(now.millis()) > MAX_AHEAD {
        return Err(WhenError::TooFar(shown()));
    }
    Ok(meant)
}

fn read(text: &str, now: &Zoned) -> Option<Zoned> {
    if text.len() > 60 {
        return None;
    }
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c == ',' || c == 't' && iso_t(text))
        .filter(|w| !matches!(*w, "" | "at" | "on" | "in" | "um"))
        .collect();
    if let Some(later) = duration(&words, now) {
        return Some(later);
    }
    let (day, rest) = day(&words, now)?;
    let time = match rest {
        [] => None,
        _ => Some(time(rest)?),
    };
    match (day, time) {
        (Day::Fixed(date, default), time) => at(date, time.unwrap_or(default), now),
        (Day::Weekday(weekday), time) => {
            let time = time.or_else(|| clock(MORNING, 0))?;
            let mut date = now.date();
            for _ in 0..8 {
                let meant = at(date, time, now)?;
                if date.weekday() == weekday && meant > *now {
                    return Some(meant);
                }
                date = date.tomorrow().ok()?;
            }
            None
        }
        (Day::Next, time) => {
            let time = time?;
            let today = at(now.date(), time, now)?;
            if today > *now {
                Some(today)
            } else {
                at(now.date().tomorrow().ok()?, time, now)
            }
        }
    }
}

/// `2026-12-01T10:00`: the `t` parts day and hour.
fn iso_t(text: &str) -> bool {
    text.as_bytes().get(10) == Some(&b't') && text.starts_with(|c: char| c.is_ascii_digit())
}

fn at(date: Date, time: Time, now: &Zoned) -> Option<Zoned> {
    date.to_datetime(time)
        .to_zoned(now.time_zone().clone())
        .ok()
}

fn clock(hour: i8, minute: i8) -> Option<Time> {
    Time::new(hour, minute, 0, 0).ok()
}

/// `2h`, `90 min`, `2h30`, `1d 4h`. Hours are hours; days keep the hour of the clock.
fn duration(words: &[&str], now: &Zoned) -> Option<Zoned> {
    let mut rest = words.concat();
    let mut span = jiff::Span::new();
    let mut hours = false;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let n: i32 = rest[..digits].parse().ok().filter(|n| *n <= 100_000)?;
        let letters = rest[digits..]
            .bytes()
            .take_while(u8::is_ascii_alphabetic)
            .count();
        let unit = &rest[digits..digits + letters];
        span = match unit {
            "" if hours && digits + letters == rest.len() => span.try_minutes(n),
            "m" | "min" | "mins" | "minute" | "minutes" => span.try_minutes(n),
            "h" | "hr" | "hrs" | "hour" | "hours" => span.try_hours(n),
            "d" | "day" | "days" => span.try_days(n),
            "w" | "wk" | "week" | "weeks" => span.try_weeks(n),
            "mo" | "month" | "months" => span.try_months(n),
            _ => return None,
        }
        .ok()?;
        hours = unit.starts_with('h');
        rest = rest[digits + letters..].to_owned();
    }
    now.checked_add(span).ok()
}

enum Day {
    /// That day, and the hour meant when none is given.
    Fixed(Date, Time),
    /// The next such day.
    Weekday(Weekday),
    /// Today, or tomorrow when the hour has passed.
    Next,
}

/// The day at the start of the words, and the words after it.
fn day<'a, 'b>(words: &'a [&'b str], now: &Zoned) -> Option<(Day, &'a [&'b str])> {
    let morning = clock(MORNING, 0)?;
    let evening = clock(EVENING, 0)?;
    let today = now.date();
    let fixed = |date, time, n| Some((Day::Fixed(date, time), &words[n..]));
    match words {
        ["today", ..] => return fixed(today, evening, 1),
        ["tonight", ..] => return fixed(today, evening, 1),
        ["this", "evening", ..] => return fixed(today, evening, 2),
        ["tomorrow" | "tom" | "tmrw", "morning", ..] => {
            return fixed(today.tomorrow().ok()?, morning, 2);
        }
        ["tomorrow" | "tom" | "tmrw", "evening", ..] => {
            return fixed(today.tomorrow().ok()?, evening, 2);
        }
        ["tomorrow" | "tom" | "tmrw", ..] => return fixed(today.tomorrow().ok()?, morning, 1),
        ["next", "week", ..] => {
            let monday = today.nth_weekday(1, Weekday::Monday).ok()?;
            return fixed(monday, morning, 2);
        }
        ["next", "month", ..] => {
            let first = today.first_of_month().checked_add(1.month()).ok()?;
            return fixed(first, morning, 2);
        }
        ["weekend", ..] | ["this" | "next", "weekend", ..] => {
            let n = words.iter().position(|w| *w == "weekend")? + 1;
            return fixed(today.nth_weekday(1, Weekday::Saturday).ok()?, morning, n);
        }
        ["next", name, ..] => return Some((Day::Weekday(weekday(name)?), &words[2..])),
        _ => {}
    }
    let first = *words.first()?;
    if let Some(found) = weekday(first) {
        return Some((Day::Weekday(found), &words[1..]));
    }
    if let Ok(date) = first.parse::<Date>()
        && first.len() == 10
    {
        return fixed(date, morning, 1);
    }
    if let Some((date, n)) = named_date(words, today) {
        return fixed(date, morning, n);
    }
    Some((Day::Next, words))
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "mon" | "monday" => Weekday::Monday,
        "tue" | "tues" | "tuesday" => Weekday::Tuesday,
        "wed" | "weds" | "wednesday" => Weekday::Wednesday,
        "thu" | "thur" | "thurs" | "thursday" => Weekday::Thursday,
        "fri" | "friday" => Weekday::Friday,
        "sat" | "saturday" => Weekday::Saturday,
        "sun" | "sunday" => Weekday::Sunday,
        _ => return None,
    })
}

/// `1 dec`, `dec 1`, `1 dec 2027`; without a year the next one. Also how many words it took.
fn named_date(words: &[&str], today: Date) -> Option<(Date, usize)> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let month = |w: &str| {
        let at = MONTHS
            .iter()
            .position(|m| w.len() >= 3 && m.starts_with(w))?;
        i8::try_from(at + 1).ok()
    };
    let number = |w: &str| {
        w.trim_end_matches(['.', 's', 't', 'n', 'd', 'r', 'h'])
            .parse()
            .ok()
    };
    let (a, b) = (words.first()?, words.get(1)?);
    let (day, month): (i8, i8) = match (number(a), month(b)) {
        (Some(day), Some(month)) => (day, month),
        _ => (number(b)?, month(a)?),
    };
    if let Some(year) = words
        .get(2)
        .filter(|w| w.len() == 4)
        .and_then(|w| w.parse().ok())
    {
        return Some((Date::new(year, month, day).ok()?, 3));
    }
    let date = Date::new(today.year(), month, day).ok()?;
    if date >= today {
        return Some((date, 2));
    }
    Some((Date::new(today.year() + 1, month, day).ok()?, 2))
}

/// `9am`, `9:30 pm`, `14:30`, `noon`.
fn time(words: &[&str]) -> Option<Time> {
    let text = words.concat();
    match text.as_str() {
        "noon" => return clock(12, 0),
        "midnight" => return clock(0, 0),
        "morning" => return clock(MORNING, 0),
        "evening" => return clock(EVENING, 0),
        _ => {}
    }
    let (digits, half) = match text.strip_suffix("am") {
        Some(digits) => (digits, Some(0)),
        None => match text.strip_suffix("pm") {
            Some(digits) => (digits, Some(12)),
            None => (text.as_str(), None),
        },
    };
    let (hour, minute) = match digits.split_once([':', '.']) {
        Some((hour, minute)) if minute.len() == 2 => (hour, minute.parse().ok()?),
        Some(_) => return None,
        // A bare number is no hour: it might be a day.
        None => (half.map(|_| digits)?, 0),
    };
    if hour.is_empty() || hour.len() > 2 || !hour.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hour: i8 = hour.parse().ok()?;
    let hour = match half {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(half) => hour % 12 + half,
        None => hour,
    };
    clock(hour, minute)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;
    use proptest::prelude::*;

    fn ms(text: &str) -> Timestamp {
        let z: Zoned = text.parse().unwrap();
        Timestamp(z.timestamp().as_millisecond())
    }

    const ZONE: &str = "[Europe/Berlin]";
    /// A Saturday.
    const NOW: &str = "2026-11-21T12:30:00[Europe/Berlin]";

    #[test]
    fn table() {
        let tz = TimeZone::get("Europe/Berlin").unwrap();
        for (text, want) in [
            ("2h", "2026-11-21T14:30:00"),
            ("in 2 hours", "2026-11-21T14:30:00"),
            ("90 min", "2026-11-21T14:00:00"),
            ("2h30", "2026-11-21T15:00:00"),
            ("1d 4h", "2026-11-22T16:30:00"),
            ("1w", "2026-11-28T12:30:00"),
            ("tomorrow", "2026-11-22T09:00:00"),
            ("Tomorrow at 14:30", "2026-11-22T14:30:00"),
            ("today", "2026-11-21T18:00:00"),
            ("tonight", "2026-11-21T18:00:00"),
            ("this evening", "2026-11-21T18:00:00"),
            ("tomorrow evening", "2026-11-22T18:00:00"),
            ("tue 9am", "2026-11-24T09:00:00"),
            ("next tue 9:30 pm", "2026-11-24T21:30:00"),
            ("sat", "2026-11-28T09:00:00"),
            ("sat 14:00", "2026-11-21T14:00:00"),
            ("next week", "2026-11-23T09:00:00"),
            ("next month", "2026-12-01T09:00:00"),
            ("weekend", "2026-11-28T09:00:00"),
            ("9am", "2026-11-22T09:00:00"),
            ("15:00", "2026-11-21T15:00:00"),
            ("12 am", "2026-11-22T00:00:00"),
            ("noon", "2026-11-22T12:00:00"),
            ("2026-12-01 10:00", "2026-12-01T10:00:00"),
            ("2026-12-01T10:00", "2026-12-01T10:00:00"),
            ("2026-12-01", "2026-12-01T09:00:00"),
            ("1 dec 9am", "2026-12-01T09:00:00"),
            ("dec 1st", "2026-12-01T09:00:00"),
            ("1 jan", "2027-01-01T09:00:00"),
            ("1 dec 2027 8:15", "2027-12-01T08:15:00"),
        ] {
            assert_eq!(
                parse_when(text, ms(NOW), &tz),
                Ok(ms(&format!("{want}{ZONE}"))),
                "{text:?}"
            );
        }
    }

    #[test]
    fn refused() {
        let tz = TimeZone::get("Europe/Berlin").unwrap();
        for text in [
            "",
            "soon",
            "9",
            "25:00",
            "tue 25",
            "13pm",
            "2026-13-01",
            "tomorrow 9am x",
            "0x",
            "h",
            "30 feb",
            "9:5",
            "é",
            "next",
            "99999999999h",
        ] {
            assert!(
                matches!(parse_when(text, ms(NOW), &tz), Err(WhenError::Unknown(_))),
                "{text:?}: {:?}",
                parse_when(text, ms(NOW), &tz)
            );
        }
        for text in ["0m", "2020-01-01", "today 9am"] {
            assert!(
                matches!(parse_when(text, ms(NOW), &tz), Err(WhenError::Past(_))),
                "{text}"
            );
        }
        assert!(matches!(
            parse_when("2099-01-01", ms(NOW), &tz),
            Err(WhenError::TooFar(_))
        ));
    }

    #[test]
    fn a_day_keeps_the_clock_when_the_clocks_change() {
        let tz = TimeZone::get("Europe/Berlin").unwrap();
        let before = ms("2026-10-24T12:00:00[Europe/Berlin]");
        assert_eq!(
            parse_when("1d", before, &tz),
            Ok(ms("2026-10-25T12:00:00[Europe/Berlin]"))
        );
        assert_eq!(
            parse_when("24h", before, &tz),
            Ok(before + 24 * crate::model::time::HOUR)
        );
    }

    proptest! {
        #[test]
        fn total(s in "[0-9a-z:. -]{0,20}|.{0,70}", now in any::<i64>()) {
            let _ = parse_when(&s, Timestamp(now), &TimeZone::UTC);
        }
    }
}
