//! What the drafter works with.

use crate::model::outgoing::Recipients;
use crate::model::{Conversation, Message, MessageId, ProposalId, Timestamp};
use serde::{Deserialize, Serialize};

/// A conversation that wants a draft.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftJob {
    /// The conversation.
    pub conversation: Conversation,
    /// Its newest public messages, oldest first, at most twenty. Notes are never among them.
    pub messages: Vec<Message>,
    /// What an agent asked for.
    pub instruction: Option<String>,
    /// The draft that is to be replaced.
    pub earlier: Option<ProposalId>,
    /// Where an answer would go.
    pub reply: ReplyTarget,
}

/// Where an answer goes and what it answers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReplyTarget {
    /// To whom.
    pub recipients: Recipients,
    /// Its subject; empty where the channel has none.
    pub subject: String,
    /// The newest inbound message.
    pub answers: Option<MessageId>,
    /// The newest public message.
    pub head: Option<MessageId>,
    /// Message-ID answered, without brackets.
    pub in_reply_to: Option<String>,
    /// References, oldest first, without brackets.
    pub references: Vec<String>,
    /// The provider's thread or chat.
    pub thread: Option<String>,
    /// What a person should know before sending: the answer goes to another address than the one written from.
    pub warning: Option<String>,
}

/// Where a passage comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PassageKind {
    /// A file of knowledge.
    Knowledge,
    /// A canned reply.
    Canned,
    /// What an agent answered to a similar question.
    PastAnswer,
}

impl PassageKind {
    /// The word in the mirror.
    pub fn name(self) -> &'static str {
        match self {
            Self::Knowledge => "knowledge",
            Self::Canned => "canned",
            Self::PastAnswer => "past_answer",
        }
    }
}

/// A piece of text that answers may be made of.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Passage {
    /// Name of what it is from (`arrival-times`, `refund`).
    pub name: String,
    /// The heading above it.
    pub heading: String,
    /// Its text.
    pub text: String,
    /// File path or address, or `#812` for a conversation.
    pub address: String,
    /// When it was last changed.
    pub as_of: Option<Timestamp>,
    /// Language, ISO 639-1, if said.
    pub language: Option<String>,
}

/// A passage that fits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FoundPassage {
    /// The passage.
    pub passage: Passage,
    /// Where it is from.
    pub kind: PassageKind,
    /// How well it fits, higher is better; comparable within one answer only.
    pub rank: f64,
    /// For past answers: the question that was answered.
    pub question: Option<String>,
}
