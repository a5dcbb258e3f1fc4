//! The time within which a channel takes free replies.

use crate::model::Timestamp;
use crate::model::time::HOUR;

/// A window that closes within this many milliseconds is said to be closing.
pub const CLOSING: i64 = HOUR;

/// Whether a free reply is taken now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyWindow {
    /// The channel has no such limit.
    None,
    /// Until then.
    Open {
        /// When it closes.
        closes_at: Timestamp,
    },
    /// The customer has not written yet, and before that only a template is taken.
    Unopened,
    /// It closed; only templates or a new message of the customer help.
    Closed {
        /// When it did.
        at: Timestamp,
    },
}

impl ReplyWindow {
    /// The window of a conversation ([`crate::model::Conversation::window_closes_at`]) at `now`. It is closed at the
    /// very millisecond at which it closes.
    pub fn at(closes_at: Option<Timestamp>, now: Timestamp) -> Self {
        match closes_at {
            None => Self::None,
            Some(closes_at) if now < closes_at => Self::Open { closes_at },
            Some(at) => Self::Closed { at },
        }
    }

    /// May something that is sent at `when` still go?
    pub fn takes(self, when: Timestamp) -> bool {
        match self {
            Self::None => true,
            Self::Open { closes_at } => when < closes_at,
            Self::Closed { .. } | Self::Unopened => false,
        }
    }

    /// Milliseconds left, where there is an open window.
    pub fn left(self, now: Timestamp) -> Option<i64> {
        match self {
            Self::Open { closes_at } => Some(closes_at.since(now)),
            _ => None,
        }
    }

    /// It is open and closes soon.
    pub fn is_closing(self, now: Timestamp) -> bool {
        self.left(now).is_some_and(|left| left <= CLOSING)
    }
}

/// When the window closes after an inbound message: the later of what was known and the new one, so that messages
/// told out of order end the same.
pub fn closes_after_inbound(
    known: Option<Timestamp>,
    at: Timestamp,
    window_ms: Option<i64>,
) -> Option<Timestamp> {
    known.max(window_ms.map(|ms| at + ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_closes_at_its_millisecond() {
        let t = Timestamp(10_000_000);
        let open = ReplyWindow::at(Some(t), t - 1);
        assert_eq!(open, ReplyWindow::Open { closes_at: t });
        assert!(open.takes(t - 1) && !open.takes(t));
        assert!(open.is_closing(t - 1) && !open.is_closing(t - 2 * HOUR));
        assert_eq!(ReplyWindow::at(Some(t), t), ReplyWindow::Closed { at: t });
        assert!(!ReplyWindow::at(Some(t), t).takes(t - 1));
        assert!(ReplyWindow::at(None, t).takes(Timestamp(i64::MAX)));
        assert_eq!(ReplyWindow::None.left(t), None);
    }

    #[test]
    fn inbound_moves_it_only_later() {
        let t = Timestamp(100);
        assert_eq!(closes_after_inbound(None, t, None), None);
        assert_eq!(closes_after_inbound(None, t, Some(50)), Some(t + 50));
        assert_eq!(
            closes_after_inbound(Some(t + 90), t, Some(50)),
            Some(t + 90)
        );
        assert_eq!(closes_after_inbound(Some(t + 9), t, None), Some(t + 9));
    }
}
