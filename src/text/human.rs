//! Lengths of time, sizes and times of day in as few columns as they need.

use super::moment::Moment;
use jiff::tz::TimeZone;

/// A length of time in milliseconds: `12s`, `38m`, `2h10`, `1d`, `3y`. Its sign is ignored.
pub fn span(ms: i64) -> String {
    let seconds = ms.unsigned_abs() / 1000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match () {
        () if seconds < 60 => format!("{seconds}s"),
        () if minutes < 60 => format!("{minutes}m"),
        () if hours < 24 && minutes % 60 == 0 => format!("{hours}h"),
        () if hours < 24 => format!("{hours}h{:02}", minutes % 60),
        () if days < 1000 => format!("{days}d"),
        () => format!("{}y", days / 365),
    }
}

/// A number of bytes: `999 B`, `1.2 kB`, `25 MB`. Three digits at most, in powers of 1000.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut tenths = u128::from(bytes) * 10 / 1000;
    let mut unit = 0;
    // What would round up to 1000 belongs to the next unit.
    while tenths >= 9_995 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    if tenths < 100 {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
    } else {
        format!("{} {}", tenths / 10, UNITS[unit])
    }
}

/// A point in time as seen from now: `10:02` today, `Tue 10:02` within six days, `18 Nov` within
/// the year, else `2025-11-18`. Empty for times out of range.
pub fn stamp<M: Moment>(at: M, now: M, tz: &TimeZone) -> String {
    let zoned = |t: M| {
        jiff::Timestamp::from_millisecond(t.millis())
            .ok()
            .map(|t| t.to_zoned(tz.clone()))
    };
    let (Some(at), Some(now)) = (zoned(at), zoned(now)) else {
        return String::new();
    };
    let days = now
        .date()
        .since(at.date())
        .map_or(i32::MAX, |s| s.get_days());
    let form = match days {
        0 => "%H:%M",
        -6..=6 => "%a %H:%M",
        _ if at.year() == now.year() => "%-d %b",
        _ => "%Y-%m-%d",
    };
    at.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;
    use crate::model::time::{DAY, HOUR, MINUTE, SECOND};

    #[test]
    fn spans() {
        for (ms, want) in [
            (0, "0s"),
            (59 * SECOND, "59s"),
            (38 * MINUTE, "38m"),
            (2 * HOUR + 10 * MINUTE, "2h10"),
            (2 * HOUR + 5 * MINUTE, "2h05"),
            (3 * HOUR, "3h"),
            (DAY, "1d"),
            (-38 * MINUTE, "38m"),
            (400 * DAY, "400d"),
            (1200 * DAY, "3y"),
            (i64::MIN, "292471208y"),
        ] {
            assert_eq!(span(ms), want);
        }
    }

    #[test]
    fn sizes() {
        for (bytes, want) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (1234, "1.2 kB"),
            (99_900, "99 kB"),
            (999_499, "999 kB"),
            (999_999, "0.9 MB"),
            (25_000_000, "25 MB"),
            (u64::MAX, "18 EB"),
        ] {
            assert_eq!(size(bytes), want);
        }
    }

    #[test]
    fn stamps() {
        let tz = TimeZone::UTC;
        let at = |text: &str| {
            let t: jiff::Timestamp = text.parse().unwrap();
            Timestamp(t.as_millisecond())
        };
        let now = at("2026-11-21T12:00:00Z");
        for (text, want) in [
            ("2026-11-21T10:02:00Z", "10:02"),
            ("2026-11-17T10:02:00Z", "Tue 10:02"),
            ("2026-11-24T09:00:00Z", "Tue 09:00"),
            ("2026-11-08T10:02:00Z", "8 Nov"),
            ("2025-11-18T10:02:00Z", "2025-11-18"),
        ] {
            assert_eq!(stamp(at(text), now, &tz), want);
        }
        assert_eq!(stamp(Timestamp(i64::MAX), now, &tz), "");
    }
}
