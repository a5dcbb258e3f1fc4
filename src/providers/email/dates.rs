//! Dates as IMAP writes them.

use crate::model::Timestamp;
use jiff::Zoned;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

/// When the server got a message, from ` 7-Feb-2026 22:43:04 -0800`.
pub fn internal_date(text: &str) -> Option<Timestamp> {
    let parsed = strtime::parse("%d-%b-%Y %H:%M:%S %z", text.trim()).ok()?;
    let at = parsed.to_timestamp().ok()?;
    Some(Timestamp(at.as_millisecond()))
}

/// The date of a message that is put into a folder.
pub fn append_date(at: Timestamp) -> String {
    format(at, "%d-%b-%Y %H:%M:%S +0000")
}

/// A day for a search. Servers compare in their own time zone, so it is a day too early rather than one too late.
pub fn search_date(at: Timestamp) -> String {
    format(at - crate::model::time::DAY, "%-d-%b-%Y")
}

fn format(at: Timestamp, how: &str) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    strtime::format(how, &Zoned::new(at, TimeZone::UTC)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        for text in ["07-Feb-2026 22:43:04 -0800", " 7-Feb-2026 22:43:04 -0800"] {
            assert_eq!(
                internal_date(text),
                Some(Timestamp(1_770_532_984_000)),
                "{text}"
            );
        }
        assert_eq!(
            append_date(Timestamp(1_770_532_984_000)),
            "08-Feb-2026 06:43:04 +0000"
        );
        assert_eq!(search_date(Timestamp(1_770_532_984_000)), "7-Feb-2026");
        for wrong in ["", "yesterday", "31-Foo-2026 00:00:00 +0000"] {
            assert_eq!(internal_date(wrong), None);
        }
    }
}
