//! A conversation: all messages with one customer about one matter on one account.

use super::{AccountId, Channel, ContactId, ConversationId, MessageId, Timestamp};
use serde::{Deserialize, Serialize};

/// Where a conversation stands in the agents' work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Waits for somebody.
    #[default]
    Open,
    /// Hidden until its time comes or, if so chosen, the customer writes.
    Snoozed,
    /// Done; a new message from the customer reopens it.
    Resolved,
    /// Judged to be spam; does not reopen.
    Spam,
}

impl Status {
    /// The word for people and scripts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Snoozed => "snoozed",
            Self::Resolved => "resolved",
            Self::Spam => "spam",
        }
    }
}

/// How urgent agents say it is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Can wait.
    Low,
    /// As usual.
    #[default]
    Normal,
    /// Before the usual.
    High,
    /// Now.
    Urgent,
}

impl Priority {
    /// All, lowest first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Normal, Self::High, Self::Urgent];

    /// The word for people and scripts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }
}

/// One conversation as the list and the conversation's head show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Identifier, shown as `#id`.
    pub id: ConversationId,
    /// On which login.
    pub account: AccountId,
    /// On which channel.
    pub channel: Channel,
    /// With whom.
    pub contact: ContactId,
    /// The contact's name, cleaned.
    pub contact_name: String,
    /// The address written from, normalised.
    pub contact_address: String,
    /// Subject, cleaned; empty where the channel has none.
    pub subject: String,
    /// Where it stands.
    pub status: Status,
    /// Agents' urgency.
    pub priority: Priority,
    /// Who has it.
    pub assignee: Option<String>,
    /// Labels, sorted.
    pub labels: Vec<String>,
    /// Inbound messages that no agent has seen.
    pub unread: u32,
    /// A muted conversation does not come back by itself.
    pub muted: bool,
    /// Starred at the provider.
    pub flagged: bool,
    /// One cleaned line of the newest public message.
    pub snippet: String,
    /// When the newest public message was made.
    pub last_at: Timestamp,
    /// Since when the customer waits for an answer; none when we wait for the customer.
    pub waiting_since: Option<Timestamp>,
    /// When the provider stops taking free replies.
    pub window_closes_at: Option<Timestamp>,
    /// When we promised to have answered.
    pub due_at: Option<Timestamp>,
    /// Until when it is snoozed.
    pub snoozed_until: Option<Timestamp>,
    /// The newest public message: what an approval is bound to.
    pub head: Option<MessageId>,
    /// An agent's unsent reply is kept.
    pub has_draft: bool,
    /// Proposals that await a decision.
    pub proposals: u32,
    /// Outbox rows that failed or ended unknown and await a person.
    pub failures: u32,
    /// Outbox rows not yet sent.
    pub unsent: u32,
    /// An open page on it.
    pub paged: bool,
    /// The customer asked not to be written to here.
    pub opted_out: bool,
}

/// The most urgent clock of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MostUrgent {
    /// The reply window closes then.
    Window(Timestamp),
    /// The answer is due then.
    Due(Timestamp),
    /// The customer has waited since then.
    Waiting(Timestamp),
    /// Comes back then.
    Snoozed(Timestamp),
    /// Nothing presses; the newest message is from then.
    Last(Timestamp),
}

impl Conversation {
    /// What the list row shows: the earlier of window and due, else how long the customer waits.
    pub fn most_urgent(&self) -> MostUrgent {
        if let (Status::Snoozed, Some(until)) = (self.status, self.snoozed_until) {
            return MostUrgent::Snoozed(until);
        }
        match (self.waiting_since, self.window_closes_at, self.due_at) {
            (Some(_), Some(window), Some(due)) if due < window => MostUrgent::Due(due),
            (Some(_), Some(window), _) => MostUrgent::Window(window),
            (Some(_), None, Some(due)) => MostUrgent::Due(due),
            (Some(since), None, None) => MostUrgent::Waiting(since),
            (None, _, _) => MostUrgent::Last(self.last_at),
        }
    }
}
