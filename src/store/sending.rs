//! What the outbox's worker gets and reports.

use crate::model::query::OutboxRow;
use crate::model::{Receipt, Timestamp};

/// A row that the caller alone may send now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The row, `sending`.
    pub row: OutboxRow,
    /// Names this claim; a later claim of the same row makes it void.
    pub fence: i64,
    /// When the first try began.
    pub first_try: Timestamp,
}

/// How a try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendResult {
    /// The provider took it.
    Sent(Receipt),
    /// Surely not sent; try again.
    Retry {
        /// When.
        at: Timestamp,
        /// Why, raw.
        reason: String,
    },
    /// Surely not sent, and it will not be.
    Failed {
        /// Why, raw.
        reason: String,
    },
    /// May have been sent; a person decides.
    Unknown {
        /// Why, raw.
        reason: String,
    },
}
