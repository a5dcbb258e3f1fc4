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

/// What a verb that can be undone did, as people say it: `a label`.
pub fn deed(verb: &str) -> &'static str {
    match verb {
        "queue" => "a send before it left",
        "approve" | "edit" => "an approval before it left",
        "resolve" => "the resolving",
        "reopen" => "the reopening",
        "snooze" => "the snooze",
        "assign" => "the assignment",
        "priority" => "the priority",
        "label" => "a label",
        "mute" => "the muting",
        "spam" => "the spam mark",
        "unread" => "the unread mark",
        "reject" => "the rejection",
        "escalate" => "the page",
        "note" => "a note",
        "remark" => "a remark",
        "merge" => "a merge of contacts",
        "split" => "a split of contacts",
        "merge.refuse" => "a refused suggestion",
        "move" => "going on by another channel",
        "discard" => "throwing a draft away",
        _ => "the last action",
    }
}
