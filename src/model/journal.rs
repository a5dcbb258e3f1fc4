//! The append-only record of every action.

use super::{Actor, ConversationId, JournalId, Timestamp};
use serde::{Deserialize, Serialize};

/// One entry. Its `hash` covers the entry and the hash before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Identifier, without gaps.
    pub id: JournalId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What: the verb's name (`resolve`, `queue`, `approve`, `send.sent`).
    pub verb: String,
    /// On which conversation.
    pub conversation: Option<ConversationId>,
    /// Before and after, verb-specific.
    pub detail: serde_json::Value,
    /// SHA-256 in hex over the previous hash and this entry's fields.
    pub hash: String,
    /// It can be undone, and has not been.
    pub undoable: bool,
}
