//! When an answer is due.

use super::hours::{BusinessHours, minutes};
use super::settings::SlaSettings;
use crate::model::{Channel, Priority, Timestamp};

/// What of a conversation decides when its answer is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Since when the customer waits; none when we wait for the customer.
    pub since: Option<Timestamp>,
    /// We never answered in this conversation.
    pub first: bool,
    /// On which channel.
    pub channel: Channel,
    /// How urgent agents say it is.
    pub priority: Priority,
}

/// When the answer is due: the shortest promise that applies, counted from when the customer began to wait. None
/// when nobody waits or nothing is promised.
pub fn due_at(
    settings: &SlaSettings,
    hours: &BusinessHours,
    waiting: Waiting,
) -> Option<Timestamp> {
    let since = waiting.since?;
    let usual = if waiting.first {
        settings.first_minutes
    } else {
        settings.next_minutes
    };
    let promised = [
        usual,
        settings.channels.get(&waiting.channel).copied(),
        settings.priorities.get(&waiting.priority).copied(),
    ]
    .into_iter()
    .flatten()
    .min()?;
    if settings.within_hours {
        hours.after_open(since, minutes(promised))
    } else {
        Some(since + minutes(promised))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::{DAY, MINUTE};
    use jiff::tz::TimeZone;

    #[test]
    fn the_shortest_promise_counts() {
        let settings: SlaSettings = toml::from_str(
            "first_minutes = 60\nnext_minutes = 240\nchannels = { whatsapp = 15 }\npriorities = { urgent = 10 }",
        )
        .unwrap();
        let hours = BusinessHours::always(TimeZone::UTC);
        let t = Timestamp(1_000);
        let base = Waiting {
            since: Some(t),
            first: true,
            channel: Channel::Email,
            priority: Priority::Normal,
        };
        for (waiting, want) in [
            (base, Some(60)),
            (
                Waiting {
                    first: false,
                    ..base
                },
                Some(240),
            ),
            (
                Waiting {
                    channel: Channel::Whatsapp,
                    ..base
                },
                Some(15),
            ),
            (
                Waiting {
                    priority: Priority::Urgent,
                    channel: Channel::Whatsapp,
                    ..base
                },
                Some(10),
            ),
            (
                Waiting {
                    since: None,
                    ..base
                },
                None,
            ),
        ] {
            assert_eq!(
                due_at(&settings, &hours, waiting),
                want.map(|m| t + m * MINUTE)
            );
        }
        assert_eq!(due_at(&SlaSettings::default(), &hours, base), None);
    }

    #[test]
    fn hours_count_unless_told_otherwise() {
        let mut settings: SlaSettings = toml::from_str("first_minutes = 60").unwrap();
        let hours = toml::from_str("mon = \"09:00-10:00\"").unwrap();
        let hours = BusinessHours::new(&hours, TimeZone::UTC).unwrap();
        // 1970-01-01 was a Thursday; the next Monday is the 5th.
        let waiting = Waiting {
            since: Some(Timestamp(0)),
            first: true,
            channel: Channel::Sms,
            priority: Priority::Low,
        };
        assert_eq!(
            due_at(&settings, &hours, waiting),
            Some(Timestamp(4 * DAY + 600 * MINUTE))
        );
        settings.within_hours = false;
        assert_eq!(
            due_at(&settings, &hours, waiting),
            Some(Timestamp(60 * MINUTE))
        );
    }
}
