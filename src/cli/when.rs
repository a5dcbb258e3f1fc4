//! Times on the command line: until when, and since when.

use crate::desk::settings::SnoozeSettings;
use crate::desk::snooze;
use crate::model::Timestamp;
use crate::model::time::DAY;
use crate::text::when::{WhenError, parse_when};
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

/// The time that `words` mean, seen from `now` in `zone`; the inner `None` is "when the customer writes".
///
/// The snooze menu's own words (`tomorrow`, `monday`) mean the morning that is configured.
pub fn parse(
    words: &str,
    now: Timestamp,
    zone: &TimeZone,
    settings: &SnoozeSettings,
) -> Result<Option<Timestamp>, WhenError> {
    match snooze::by_name(words, now, zone, settings) {
        Some(found) => Ok(found),
        None => parse_when(words, now, zone).map(Some),
    }
}

/// A time in the past, for `--since`: `90d` and `2 weeks ago` count back from `now`, a date is its midnight.
pub fn parse_past(words: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, String> {
    let text = words.trim().to_lowercase();
    let text = text.strip_suffix("ago").unwrap_or(&text).trim();
    if let Ok(date) = text.parse::<Date>() {
        let midnight = date.to_datetime(Time::midnight());
        if let Ok(at) = zone.to_timestamp(midnight) {
            return Ok(Timestamp(at.as_millisecond()));
        }
    }
    days(text).map(|days| now - days * DAY).ok_or_else(|| {
        format!(
            "`{}` is no time in the past; write 90d, 2 weeks or 2026-01-01",
            words.trim()
        )
    })
}

fn days(text: &str) -> Option<i64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let count: i64 = text[..digits]
        .parse()
        .ok()
        .filter(|count| *count <= 100_000)?;
    let unit = match text[digits..].trim() {
        "d" | "day" | "days" => 1,
        "w" | "week" | "weeks" => 7,
        "month" | "months" => 30,
        "y" | "year" | "years" => 365,
        _ => return None,
    };
    Some(count * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        let at: jiff::Timestamp = text.parse().unwrap();
        Timestamp(at.as_millisecond())
    }

    #[test]
    fn the_menus_words_mean_the_configured_morning() {
        // A Friday.
        let now = at("2026-11-20T10:00:00Z");
        let settings = SnoozeSettings {
            morning: crate::desk::hours::TimeOfDay::at(7, 30),
            ..SnoozeSettings::default()
        };
        let get = |words| parse(words, now, &TimeZone::UTC, &settings);
        assert_eq!(get("tomorrow"), Ok(Some(at("2026-11-21T07:30:00Z"))));
        assert_eq!(get("tue 9am"), Ok(Some(at("2026-11-24T09:00:00Z"))));
        assert_eq!(get("reply"), Ok(None));
        assert!(get("soon").is_err());
    }

    #[test]
    fn the_past() {
        let now = at("2026-11-20T10:00:00Z");
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let get = |words| parse_past(words, now, &zone);
        assert_eq!(get("90d"), Ok(at("2026-08-22T10:00:00Z")));
        assert_eq!(get("2 weeks ago"), Ok(at("2026-11-06T10:00:00Z")));
        assert_eq!(get("2026-01-01"), Ok(at("2025-12-31T23:00:00Z")));
        for wrong in ["", "d", "soon", "999999999999d", "3"] {
            assert!(get(wrong).is_err(), "{wrong}");
        }
    }
}
