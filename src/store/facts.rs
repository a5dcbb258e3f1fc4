//! What workers tell the mirror about accounts and what it tells them about reading feeds.

use crate::model::{AccountId, Channel, ConversationId, MessageId, MessageKind, Party, Timestamp};
use serde::{Deserialize, Serialize};

/// What the mirror should know of a configured account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountInfo {
    /// Provider's name (`email`, `demo`).
    pub provider: String,
    /// Channels it carries.
    pub channels: Vec<Channel>,
    /// Addresses that are ours here: never contacts, never recipients of a reply to all.
    pub own_addresses: Vec<Party>,
    /// Milliseconds of hold before something leaves, unless the caller says otherwise.
    pub default_hold_ms: i64,
    /// For how many milliseconds after an inbound message free replies are taken; none is for ever.
    pub reply_window_ms: Option<i64>,
    /// Milliseconds of plain time in which this account promises an answer, besides what the desk promises.
    pub sla_ms: Option<i64>,
}

/// A new message of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// Where it is now.
    pub conversation: ConversationId,
    /// The message.
    pub message: MessageId,
    /// The customer's name, cleaned.
    pub contact_name: String,
    /// On which channel.
    pub channel: Channel,
    /// Subject, cleaned.
    pub subject: String,
    /// One cleaned line of it.
    pub snippet: String,
    /// It began a conversation.
    pub new_conversation: bool,
    /// What sort of message.
    pub kind: MessageKind,
}

/// What a batch brought.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ingested {
    /// New inbound messages that no agent has seen, in the order of the batch.
    pub arrivals: Vec<Arrival>,
    /// Messages that were not in the mirror before.
    pub new: usize,
    /// Messages that were.
    pub duplicates: usize,
    /// New messages that could not be parsed.
    pub unreadable: usize,
}

/// What is proven of one feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerRow {
    /// Which account.
    pub account: AccountId,
    /// Which feed.
    pub feed: String,
    /// Generation of the feed that the ranges are of.
    pub generation: u64,
    /// Proven ranges, merged and sorted, both ends included.
    pub proven: Vec<(u64, u64)>,
    /// Ranges between the floor and the newest proven item that nothing proves.
    pub gaps: Vec<(u64, u64)>,
    /// The lowest item that is wanted.
    pub floor: u64,
    /// When something was last proven.
    pub last_proof: Timestamp,
}
