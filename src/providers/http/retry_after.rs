//! How long a server asks to wait.

use crate::model::Timestamp;
use std::time::Duration;

/// The longest wait that is believed; what is longer is asked again then.
const LONGEST: Duration = Duration::from_hours(1);

/// `Retry-After` (RFC 9110 section 10.2.3): seconds, whole or not, or a date. Clamped to an hour; `None` where it is
/// neither.
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        return (seconds.is_finite() && seconds >= 0.0)
            .then(|| Duration::from_secs_f64(seconds.min(LONGEST.as_secs_f64())));
    }
    let until = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    let millis = until.as_millisecond().saturating_sub(now.0);
    Some(Duration::from_millis(millis.max(0).unsigned_abs()).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_dates_and_nonsense() {
        let now = Timestamp(1_800_000_000_000);
        let table = [
            ("0", Some(0)),
            ("120", Some(120_000)),
            (" 1.5 ", Some(1_500)),
            ("999999999", Some(3_600_000)),
            ("-1", None),
            ("NaN", None),
            ("inf", None),
            ("soon", None),
            ("", None),
            ("Fri, 15 Jan 2027 08:00:30 GMT", Some(30_000)),
            ("Fri, 15 Jan 2021 08:00:30 GMT", Some(0)),
        ];
        for (value, millis) in table {
            assert_eq!(
                retry_after(value, now).map(|wait| wait.as_millis()),
                millis,
                "{value}"
            );
        }
    }
}
