//! Text that has not been sent; saved as it is typed.

use super::outgoing::{OutgoingAttachment, Recipients};
use super::{AccountId, Channel, ConversationId, DraftId, MessageId, Party, ProposalId, Timestamp};
use serde::{Deserialize, Serialize};

/// What a draft will become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftKind {
    /// An answer to the customer.
    Reply,
    /// A note among us; can never leave.
    Note,
    /// A message passed on to somebody else.
    Forward,
    /// The first message of a new conversation.
    New,
    /// An edited proposal of the assistant, now the agent's own.
    Approval,
}

/// An unsent text. There is at most one per conversation, kind and author.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Its row; none until first saved.
    pub id: Option<DraftId>,
    /// Where it belongs; none for [`DraftKind::New`].
    pub conversation: Option<ConversationId>,
    /// What it will become.
    pub kind: DraftKind,
    /// By which login it would leave.
    pub account: AccountId,
    /// On which channel.
    pub channel: Channel,
    /// Chosen sender identity.
    pub from: Option<Party>,
    /// To whom.
    pub recipients: Recipients,
    /// Subject.
    pub subject: String,
    /// Markdown.
    pub body: String,
    /// Files.
    pub attachments: Vec<OutgoingAttachment>,
    /// The newest public message when writing began: if it has moved, sending stops and shows what came in.
    pub base: Option<MessageId>,
    /// The message answered or forwarded.
    pub answers: Option<MessageId>,
    /// The proposal it began as.
    pub proposal: Option<ProposalId>,
    /// Who writes.
    pub author: String,
    /// When last changed.
    pub updated_at: Timestamp,
}
