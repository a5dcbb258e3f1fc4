//! Text that has not been sent; saved as it is typed.

use super::outgoing::{OutgoingAttachment, Recipients, content_hash, with_template};
use super::template::TemplateDraft;
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
    /// The vendor's template that leaves instead of free text; `body` is then the template as it is filled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<Box<TemplateDraft>>,
    /// The proposal it began as.
    pub proposal: Option<ProposalId>,
    /// Who writes.
    pub author: String,
    /// When last changed.
    pub updated_at: Timestamp,
}

impl Draft {
    /// SHA-256 in hex over everything that will leave, as it is shown on the review screen: the same as
    /// [`super::Outgoing::content_hash`] of what is made from it.
    pub fn content_hash(&self) -> String {
        let hash = content_hash(
            self.account.as_str(),
            self.channel,
            &self.recipients,
            &self.subject,
            &self.body,
            self.attachments.iter().map(|file| file.sha256.as_str()),
        );
        with_template(
            hash,
            self.template.as_ref().map(|draft| draft.filled()).as_ref(),
        )
    }
}
