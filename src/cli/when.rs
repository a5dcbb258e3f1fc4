//! A time as people type it: `tue 9am`, `tomorrow`, `in 3 hours`, `90m`, `17:30`, `2026-12-24 08:00`, `reply`.

use crate::desk::settings::SnoozeSettings;
use crate::desk::snooze;
use crate::model::Timestamp;
use crate::model::time::{DAY, HOUR, MINUTE};
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

/// The words are no time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WhenError {
    /// Not understood.
    #[error("`{0}` is not a time; write `tue 9am`, `tomorrow`, `3h`, `17:30`, `2026-12-24 08:00` or `reply`")]
    Unclear(String),
    /// Understood, but over.
    #[error("`{0}` is in the past")]
    Past(String),
}

/// The time that `words` mean, seen from `now` in `zone`; the inner `None` is "when the customer writes".
///
/// A time of day without a day is the next such moment; a day without a time is that day's morning as configured.
pub fn parse(
    words: &str,
    now: Timestamp,
    zone: &TimeZone,
    settings: &SnoozeSettings,
) -> Result<Option<Timestamp>, WhenError> {
    let text = words.trim().to_lowercase();
    let unclear = || WhenError::Unclear(words.trim().to_owned());
    if let Some(found) = snooze::by_name(&text, now, zone, settings) {
        return Ok(found);
    }
    let at = span(&text)
        .map(|ms| now + ms)
        .or_else(|| clock_time(&text, now, zone))
        .or_else(|| day_and_time(&text, now, zone, settings))
        .ok_or_else(unclear)?;
    if at <= now {
        return Err(WhenError::Past(words.trim().to_owned()));
    }
    Ok(Some(at))
}

/// A point in the past, for `--since`: `90d` is ninety days ago, a date is its midnight.
pub fn parse_past(words: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, WhenError> {
    let text = words.trim().to_lowercase();
    let text = text.strip_suffix("ago").unwrap_or(&text).trim();
    span(text)
        .map(|ms| now - ms)
        .or_else(|| instant(text.parse().ok()?, Time::midnight(), zone))
        .or_else(|| {
            let (day, time) = text.split_once([' ', 't'])?;
            instant(day.parse().ok()?, time_of_day(time)?, zone)
        })
        .ok_or_else(|| WhenError::Unclear(words.trim().to_owned()))
}

/// `3h`, `in 2 days`, `1h30m`: milliseconds.
fn span(text: &str) -> Option<i64> {
    let text = text.strip_prefix("in ").unwrap_or(text);
    let mut rest = text.trim();
    let mut sum = 0i64;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let count: i64 = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start();
        let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let unit = match &rest[..letters] {
            "m" | "min" | "mins" | "minute" | "minutes" => MINUTE,
            "h" | "hour" | "hours" => HOUR,
            "d" | "day" | "days" => DAY,
            "w" | "week" | "weeks" => 7 * DAY,
            _ => return None,
        };
        sum = sum.checked_add(count.checked_mul(unit)?)?;
        rest = rest[letters..].trim_start();
    }
    (sum > 0 && sum < 3_660 * DAY).then_some(sum)
}

/// `9am`, `17:30`: the next such moment.
fn clock_time(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let time = time_of_day(text)?;
    let today = local_date(now, zone)?;
    let at = instant(today, time, zone)?;
    if at > now {
        Some(at)
    } else {
        instant(today.tomorrow().ok()?, time, zone)
    }
}

/// `tue 9am`, `tomorrow 14:00`, `today 18:00`, `2026-12-24`, `2026-12-24 08:00`.
fn day_and_time(
    text: &str,
    now: Timestamp,
    zone: &TimeZone,
    settings: &SnoozeSettings,
) -> Option<Timestamp> {
    let (day, time) = match text.rsplit_once([' ', 't']) {
        Some((day, time)) if time_of_day(time).is_some() => {
            let day = day.trim();
            (day.strip_suffix(" at").unwrap_or(day), time_of_day(time)?)
        }
        _ => (text, settings.morning.civil()),
    };
    let date = if day == "today" {
        local_date(now, zone)?
    } else if let Ok(date) = day.parse::<Date>() {
        date
    } else {
        let morning = snooze::by_name(day, now, zone, settings)??;
        local_date(morning, zone)?
    };
    instant(date, time, zone)
}

/// `9am`, `9:30pm`, `17:30`, `noon`.
fn time_of_day(text: &str) -> Option<Time> {
    if text == "noon" {
        return Time::new(12, 0, 0, 0).ok();
    }
    let (digits, afternoon) = match (text.strip_suffix("am"), text.strip_suffix("pm")) {
        (Some(rest), _) => (rest.trim_end(), Some(false)),
        (_, Some(rest)) => (rest.trim_end(), Some(true)),
        _ => (text, None),
    };
    let (hour, minute) = match digits.split_once(':') {
        Some((hour, minute)) if minute.len() == 2 => (hour, minute.parse::<i8>().ok()?),
        Some(_) => return None,
        None if afternoon.is_some() => (digits, 0),
        None => return None,
    };
    let hour: i8 = hour.parse().ok()?;
    let hour = match afternoon {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(pm) => hour % 12 + if pm { 12 } else { 0 },
    };
    Time::new(hour, minute, 0, 0).ok()
}

fn local_date(at: Timestamp, zone: &TimeZone) -> Option<Date> {
    let at = jiff::Timestamp::from_millisecond(at.0).ok()?;
    Some(zone.to_datetime(at).date())
}

fn instant(date: Date, time: Time, zone: &TimeZone) -> Option<Timestamp> {
    let at = zone.to_timestamp(date.to_datetime(time)).ok()?;
    Some(Timestamp(at.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        let at: jiff::Timestamp = text.parse().unwrap();
        Timestamp(at.as_millisecond())
    }

    #[test]
    fn what_people_type() {
        // A Friday, 10:00 in Lisbon (winter: UTC).
        let zone = TimeZone::get("Europe/Lisbon").unwrap();
        let now = at("2026-11-20T10:00:00Z");
        let get = |words| parse(words, now, &zone, &SnoozeSettings::default());
        for (words, wanted) in [
            ("tue 9am", "2026-11-24T09:00:00Z"),
            ("Tuesday at 9:30pm", "2026-11-24T21:30:00Z"),
            ("fri 9am", "2026-11-27T09:00:00Z"),
            ("tomorrow", "2026-11-21T09:00:00Z"),
            ("tomorrow 14:00", "2026-11-21T14:00:00Z"),
            ("today 18:00", "2026-11-20T18:00:00Z"),
            ("9am", "2026-11-21T09:00:00Z"),
            ("17:30", "2026-11-20T17:30:00Z"),
            ("noon", "2026-11-20T12:00:00Z"),
            ("12am", "2026-11-21T00:00:00Z"),
            ("in 3 hours", "2026-11-20T13:00:00Z"),
            ("1h30m", "2026-11-20T11:30:00Z"),
            ("2d", "2026-11-22T10:00:00Z"),
            ("2026-12-24", "2026-12-24T09:00:00Z"),
            ("2026-12-24 08:15", "2026-12-24T08:15:00Z"),
            ("2026-12-24T08:15", "2026-12-24T08:15:00Z"),
            ("next week", "2026-11-27T09:00:00Z"),
        ] {
            assert_eq!(get(words), Ok(Some(at(wanted))), "{words}");
        }
        assert_eq!(get("reply"), Ok(None));
        for words in ["", "soon", "25:00", "13pm", "9:5", "0h", "99999999999999h", "tue 99", "é"] {
            assert!(matches!(get(words), Err(WhenError::Unclear(_))), "{words}");
        }
        for words in ["today 9:00", "2020-01-01"] {
            assert!(matches!(get(words), Err(WhenError::Past(_))), "{words}");
        }
    }

    #[test]
    fn the_clock_change_moves_no_morning() {
        // Clocks go forward in the night to Sunday, 29 March 2026.
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let now = at("2026-03-28T12:00:00Z");
        let until = parse("sun 9am", now, &zone, &SnoozeSettings::default());
        assert_eq!(until, Ok(Some(at("2026-03-29T07:00:00Z"))));
    }

    #[test]
    fn the_past() {
        let now = at("2026-11-20T10:00:00Z");
        let get = |words| parse_past(words, now, &TimeZone::UTC);
        assert_eq!(get("90d"), Ok(at("2026-08-22T10:00:00Z")));
        assert_eq!(get("2 weeks ago"), Ok(at("2026-11-06T10:00:00Z")));
        assert_eq!(get("2026-01-01"), Ok(at("2026-01-01T00:00:00Z")));
        assert!(get("yesterdayish").is_err());
    }
}
