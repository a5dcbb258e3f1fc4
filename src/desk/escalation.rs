//! The life of a page: somebody must take it.

use crate::model::time::{HOUR, MINUTE};
use crate::model::{Escalation, EscalationState, Timestamp};

/// An open page is sent again after this many milliseconds without an answer.
pub const REMIND_AFTER: i64 = 10 * MINUTE;
/// Reminders per page at most; after that the list alone keeps it.
pub const MAX_REMINDERS: u32 = 5;
/// The longest silence, in milliseconds.
pub const LONGEST_SILENCE: i64 = 24 * HOUR;

/// What happened to a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PageEvent {
    /// Somebody has it.
    Acknowledge,
    /// It is over.
    Close,
    /// Keep quiet until then.
    Silence {
        /// Until when.
        until: Timestamp,
    },
    /// The silence is over.
    Wake,
    /// The conversation was resolved.
    Resolved,
}

impl PageEvent {
    /// One of each, for tables and property tests.
    pub const ALL: [Self; 5] = [
        Self::Acknowledge,
        Self::Close,
        Self::Silence {
            until: Timestamp(0),
        },
        Self::Wake,
        Self::Resolved,
    ];

    /// The event's name in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Close => "close",
            Self::Silence { .. } => "silence",
            Self::Wake => "wake",
            Self::Resolved => "resolved",
        }
    }
}

/// The event cannot happen to a page in this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a page that is {} takes no `{}`", .state.name(), .event.name())]
pub struct Illegal {
    /// Where the page stands.
    pub state: EscalationState,
    /// What was tried.
    pub event: PageEvent,
}

/// Every state, for tables.
pub const STATES: [EscalationState; 4] = [
    EscalationState::Open,
    EscalationState::Acknowledged,
    EscalationState::Silenced,
    EscalationState::Closed,
];

/// Applies one event. Total: every pair either steps or is refused.
pub fn step(state: EscalationState, event: PageEvent) -> Result<EscalationState, Illegal> {
    use EscalationState::{Acknowledged, Closed, Open, Silenced};
    Ok(match (state, event) {
        (Open | Silenced, PageEvent::Acknowledge) => Acknowledged,
        (Open | Acknowledged | Silenced, PageEvent::Close | PageEvent::Resolved) => Closed,
        (Open | Silenced, PageEvent::Silence { .. }) => Silenced,
        (Silenced, PageEvent::Wake) => Open,
        // The conversation may be resolved long after its page was closed.
        (Closed, PageEvent::Resolved) => Closed,
        (state, event) => return Err(Illegal { state, event }),
    })
}

/// The end of a silence: never in the past, never more than a day away.
pub fn silence_until(now: Timestamp, asked: Timestamp) -> Timestamp {
    Timestamp(asked.0.clamp(now.0, (now + LONGEST_SILENCE).0))
}

/// When something happens to the page by itself: the silence ends, or nobody took it and it is sent again.
///
/// `sent` counts how often it went out so far.
pub fn next_at(page: &Escalation, last_sent: Timestamp, sent: u32) -> Option<Timestamp> {
    match page.state {
        EscalationState::Silenced => page.silenced_until,
        EscalationState::Open if sent <= MAX_REMINDERS => Some(last_sent + REMIND_AFTER),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ConversationId, EscalationId};

    /// One column per state, one row per event; `.` is refused.
    const TABLE: &str = "
        #           Open         Acknowledged Silenced     Closed
        acknowledge Acknowledged .            Acknowledged .
        close       Closed       Closed       Closed       .
        silence     Silenced     .            Silenced     .
        wake        .            .            Open         .
        resolved    Closed       Closed       Closed       Closed
    ";

    #[test]
    fn every_pair_is_in_the_table() {
        let rows: Vec<&str> = TABLE
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .collect();
        assert_eq!(rows.len(), PageEvent::ALL.len());
        for (row, event) in rows.iter().zip(PageEvent::ALL) {
            let cells: Vec<&str> = row.split_whitespace().collect();
            assert_eq!(cells[0], event.name());
            for (cell, state) in cells[1..].iter().zip(STATES) {
                let got =
                    step(state, event).map_or_else(|_| ".".to_owned(), |next| format!("{next:?}"));
                assert_eq!(&got, cell, "{state:?} + {event:?}");
            }
        }
    }

    #[test]
    fn open_pages_remind_and_silence_ends() {
        let t = Timestamp(1_000);
        let mut page = Escalation {
            id: EscalationId(12),
            conversation: ConversationId(1),
            about: String::new(),
            to: "night".to_owned(),
            by: "nina".to_owned(),
            reason: String::new(),
            at: t,
            state: EscalationState::Open,
            acknowledged: None,
            silenced_until: None,
            outbox: Vec::new(),
        };
        assert_eq!(next_at(&page, t, 1), Some(t + REMIND_AFTER));
        assert_eq!(next_at(&page, t, MAX_REMINDERS + 1), None);
        page.state = EscalationState::Silenced;
        page.silenced_until = Some(silence_until(t, t + 400 * HOUR));
        assert_eq!(next_at(&page, t, 1), Some(t + LONGEST_SILENCE));
        page.state = EscalationState::Acknowledged;
        assert_eq!(next_at(&page, t, 1), None);
        assert_eq!(silence_until(t, t - 5), t);
    }
}
