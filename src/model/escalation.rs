//! A page to a person, who must acknowledge it.

use super::{ConversationId, EscalationId, OutboxId, Timestamp};
use serde::{Deserialize, Serialize};

/// Where a page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EscalationState {
    /// Nobody has taken it.
    Open,
    /// Somebody has it.
    Acknowledged,
    /// Quiet until `silenced_until`.
    Silenced,
    /// Over.
    Closed,
}

impl EscalationState {
    /// The word for people and scripts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Silenced => "silenced",
            Self::Closed => "closed",
        }
    }
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    /// Identifier.
    pub id: EscalationId,
    /// About which conversation.
    pub conversation: ConversationId,
    /// Its subject or contact, for the list.
    pub about: String,
    /// Who is paged, by roster name.
    pub to: String,
    /// Who paged.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// Where it stands.
    pub state: EscalationState,
    /// Who acknowledged, and when.
    pub acknowledged: Option<(String, Timestamp)>,
    /// Until when it keeps quiet.
    pub silenced_until: Option<Timestamp>,
    /// The mails and commands that carry it.
    pub outbox: Vec<OutboxId>,
}
