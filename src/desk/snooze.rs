//! Until when to hide a conversation: the presets of the snooze menu.

use super::hours::{instant, local};
use super::settings::SnoozeSettings;
use crate::model::Timestamp;
use crate::model::time::HOUR;
use crate::text::when::{WhenError, parse_when};
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

/// One entry of the snooze menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preset {
    /// The key that picks it.
    pub key: char,
    /// Its name.
    pub name: &'static str,
    /// Until when; none for "until the customer writes".
    pub until: Option<Timestamp>,
}

/// The menu, soonest first. "Later today" is left out when it would not be today any more.
pub fn presets(now: Timestamp, zone: &TimeZone, settings: &SnoozeSettings) -> Vec<Preset> {
    let entry = |key, name, until: Option<Timestamp>| {
        until.map(|at| Preset {
            key,
            name,
            until: Some(at),
        })
    };
    let mut menu: Vec<Preset> = [
        entry('h', "in an hour", Some(now + HOUR)),
        entry('l', "later today", later_today(now, zone, settings)),
        entry('t', "tomorrow", tomorrow(now, zone, settings)),
        entry(
            'm',
            "Monday",
            next_weekday(now, zone, settings, Weekday::Monday),
        ),
        entry('w', "next week", next_week(now, zone, settings)),
    ]
    .into_iter()
    .flatten()
    .collect();
    menu.sort_by_key(|preset| preset.until);
    menu.push(Preset {
        key: 'r',
        name: "until the customer writes",
        until: None,
    });
    menu
}

/// The time that a word of a macro or menu means; the outer `None` for words that mean none.
pub fn by_name(
    word: &str,
    now: Timestamp,
    zone: &TimeZone,
    settings: &SnoozeSettings,
) -> Option<Option<Timestamp>> {
    let day = |weekday| next_weekday(now, zone, settings, weekday);
    let until = match word.trim().to_lowercase().as_str() {
        "reply" => return Some(None),
        "hour" => Some(now + HOUR),
        // Late in the evening "later" is still later, if not today.
        "later" | "later today" => Some(now + i64::from(settings.later_hours) * HOUR),
        "tomorrow" => tomorrow(now, zone, settings),
        "next week" => next_week(now, zone, settings),
        "monday" | "mon" => day(Weekday::Monday),
        "tuesday" | "tue" => day(Weekday::Tuesday),
        "wednesday" | "wed" => day(Weekday::Wednesday),
        "thursday" | "thu" => day(Weekday::Thursday),
        "friday" | "fri" => day(Weekday::Friday),
        "saturday" | "sat" => day(Weekday::Saturday),
        "sunday" | "sun" => day(Weekday::Sunday),
        _ => None,
    };
    until.map(Some)
}

/// The time that a person typed: a word of the menu, or anything that [`parse_when`] reads.
pub fn typed(
    text: &str,
    now: Timestamp,
    zone: &TimeZone,
    settings: &SnoozeSettings,
) -> Result<Option<Timestamp>, WhenError> {
    match by_name(text, now, zone, settings) {
        Some(until) => Ok(until),
        None => parse_when(text, now, zone).map(Some),
    }
}

fn morning(day: Date, zone: &TimeZone, settings: &SnoozeSettings) -> Option<Timestamp> {
    instant(zone, day.to_datetime(settings.morning.civil()))
}

fn later_today(now: Timestamp, zone: &TimeZone, settings: &SnoozeSettings) -> Option<Timestamp> {
    let later = now + i64::from(settings.later_hours) * HOUR;
    (local(zone, later).date() == local(zone, now).date()).then_some(later)
}

fn tomorrow(now: Timestamp, zone: &TimeZone, settings: &SnoozeSettings) -> Option<Timestamp> {
    morning(local(zone, now).date().tomorrow().ok()?, zone, settings)
}

/// The morning of the next such day after today.
fn next_weekday(
    now: Timestamp,
    zone: &TimeZone,
    settings: &SnoozeSettings,
    weekday: Weekday,
) -> Option<Timestamp> {
    let day = local(zone, now).date().nth_weekday(1, weekday).ok()?;
    morning(day, zone, settings)
}

/// The morning seven days from today.
fn next_week(now: Timestamp, zone: &TimeZone, settings: &SnoozeSettings) -> Option<Timestamp> {
    let day = local(zone, now).date().checked_add(7.days()).ok()?;
    morning(day, zone, settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        let at: jiff::Timestamp = text.parse().unwrap();
        Timestamp(at.as_millisecond())
    }

    #[test]
    fn the_menu() {
        let zone = TimeZone::get("Asia/Kolkata").unwrap();
        let settings = SnoozeSettings::default();
        // A Friday, 10:00 in Hyderabad.
        let now = at("2026-11-20T04:30:00Z");
        let menu: Vec<(char, Option<Timestamp>)> = presets(now, &zone, &settings)
            .into_iter()
            .map(|preset| (preset.key, preset.until))
            .collect();
        assert_eq!(
            menu,
            [
                ('h', Some(at("2026-11-20T05:30:00Z"))),
                ('l', Some(at("2026-11-20T07:30:00Z"))),
                ('t', Some(at("2026-11-21T03:30:00Z"))),
                ('m', Some(at("2026-11-23T03:30:00Z"))),
                ('w', Some(at("2026-11-27T03:30:00Z"))),
                ('r', None),
            ]
        );
        // 22:00: nothing is later today.
        let late = presets(at("2026-11-20T16:30:00Z"), &zone, &settings);
        assert!(late.iter().all(|preset| preset.key != 'l'));
    }

    #[test]
    fn words() {
        let zone = TimeZone::UTC;
        let settings = SnoozeSettings::default();
        let monday = at("2026-11-23T12:00:00Z");
        let get = |word| by_name(word, monday, &zone, &settings);
        assert_eq!(get("Monday"), Some(Some(at("2026-11-30T09:00:00Z"))));
        assert_eq!(get("tue"), Some(Some(at("2026-11-24T09:00:00Z"))));
        assert_eq!(get("reply"), Some(None));
        assert_eq!(get("someday"), None);
        let typed = |text| typed(text, monday, &zone, &settings);
        assert_eq!(typed("2h"), Ok(Some(at("2026-11-23T14:00:00Z"))));
        assert_eq!(typed("tue"), Ok(Some(at("2026-11-24T09:00:00Z"))));
        assert_eq!(typed("reply"), Ok(None));
        assert!(typed("someday").is_err());
        assert!(presets(Timestamp(i64::MAX), &zone, &settings).len() >= 2);
    }
}
