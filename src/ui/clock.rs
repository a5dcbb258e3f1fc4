//! Times as the screen shows them.

use crate::model::Timestamp;
use crate::text::human;
use jiff::tz::TimeZone;

/// A span in at most five columns: `8s`, `38m`, `2h10`, `3d`; what is over is `0s`.
pub fn span(ms: i64) -> String {
    human::span(ms.max(0))
}

fn local(at: Timestamp, tz: &TimeZone) -> Option<jiff::Zoned> {
    jiff::Timestamp::from_millisecond(at.0)
        .ok()
        .map(|at| at.to_zoned(tz.clone()))
}

/// `10:31`.
pub fn time(at: Timestamp, tz: &TimeZone) -> String {
    local(at, tz).map_or_else(|| "--:--".to_owned(), |at| at.strftime("%H:%M").to_string())
}

/// `Tue 18 Nov`, with the year when it is another one than now.
pub fn day(at: Timestamp, now: Timestamp, tz: &TimeZone) -> String {
    let (Some(at), Some(now)) = (local(at, tz), local(now, tz)) else {
        return String::new();
    };
    let format = if at.year() == now.year() {
        "%a %-d %b"
    } else {
        "%a %-d %b %Y"
    };
    at.strftime(format).to_string()
}

/// `10:31` today, else `Tue 10:31` within six days, else `18 Nov`.
pub fn when(at: Timestamp, now: Timestamp, tz: &TimeZone) -> String {
    human::stamp(at, now, tz)
}

/// Whether two times are on one day.
pub fn same_day(a: Timestamp, b: Timestamp, tz: &TimeZone) -> bool {
    match (local(a, tz), local(b, tz)) {
        (Some(a), Some(b)) => a.date() == b.date(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::{DAY, HOUR, MINUTE};

    #[test]
    fn spans_stay_short() {
        for (ms, says) in [
            (-5, "0s"),
            (8_400, "8s"),
            (38 * MINUTE, "38m"),
            (2 * HOUR + 10 * MINUTE, "2h10"),
            (23 * HOUR, "23h"),
            (3 * DAY + HOUR, "3d"),
        ] {
            assert_eq!(span(ms), says);
        }
    }
}
