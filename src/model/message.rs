//! One message, note or unreadable item, as the mirror shows it: all text cleaned.

use super::{
    AccountId, AttachmentId, Channel, ContactId, ConversationId, MessageId, OutboxId, Party,
    Timestamp, Transcript,
};
use serde::{Deserialize, Serialize};

/// Which way a message went. A note can never leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From the customer.
    Inbound,
    /// From us.
    Outbound,
    /// Among us.
    Note,
}

/// Who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Author {
    /// The customer or somebody on their side.
    Customer {
        /// The person.
        contact: ContactId,
        /// Cleaned name or address.
        name: String,
    },
    /// One of us.
    Agent {
        /// Name as configured; empty when sent from elsewhere.
        name: String,
    },
    /// A rule or the program.
    System {
        /// Name of the rule.
        name: String,
    },
}

/// What sort of message it is; automatic ones are never answered by us automatically.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// Written by a person for us.
    #[default]
    Normal,
    /// Vacation notice or the like (RFC 3834).
    AutoReply,
    /// Delivery report about something we sent (RFC 3464).
    Bounce,
    /// Read receipt (RFC 8098).
    ReadReceipt,
    /// From a mailing list or bulk sender.
    Bulk,
}

/// What the message is made of, besides attachments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// Text in `body`.
    Text,
    /// Text in `body`, rendered from HTML; the source is in the raw form.
    Html,
    /// A voice note or voicemail; `body` holds the transcript if there is one.
    Voice {
        /// Length in milliseconds.
        millis: u32,
    },
    /// A call without content (missed, ended).
    Call {
        /// Length in milliseconds; 0 when missed.
        millis: u32,
    },
    /// A review with stars.
    Review {
        /// 1 to 5.
        stars: u8,
    },
    /// A kind this program does not know; the raw form is kept.
    Unsupported {
        /// The provider's name for it.
        what: String,
    },
    /// Could not be parsed; the raw form is kept.
    Unreadable {
        /// Why.
        reason: String,
    },
}

/// How far an outbound message got. Ordered: a state never goes down in rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// In the outbox: held, queued, sending or about to be retried.
    Pending,
    /// May or may not have left; a person decides.
    Unknown,
    /// The provider took it.
    Sent,
    /// It reached the customer's side.
    Delivered,
    /// The customer opened it.
    Read,
    /// It did not arrive and will not.
    Failed,
}

/// Delivery of one outbound message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// How far.
    pub state: DeliveryState,
    /// Since when.
    pub at: Timestamp,
    /// The provider's reason, cleaned.
    pub detail: Option<String>,
}

/// How a message came to be in its conversation; `W` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum ThreadedBy {
    /// It answers a message that we sent, by its id.
    OwnReference {
        /// The id.
        id: String,
    },
    /// Its References or In-Reply-To name a message of the conversation.
    References {
        /// The id.
        id: String,
    },
    /// The provider says so.
    Provider {
        /// The provider's thread.
        id: String,
    },
    /// Same base subject, same sender, same mailbox, recent.
    Subject {
        /// The base subject.
        base: String,
    },
    /// It is the first one.
    First,
    /// An agent put it there.
    Agent,
}

/// One message of the mirror.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Identifier; grows with the order of arrival in the mirror.
    pub id: MessageId,
    /// Where it belongs.
    pub conversation: ConversationId,
    /// By which login it came or went.
    pub account: AccountId,
    /// By which channel.
    pub channel: Channel,
    /// Which way.
    pub direction: Direction,
    /// By whom.
    pub author: Author,
    /// Time by which it is ordered and shown.
    pub at: Timestamp,
    /// Subject, cleaned.
    pub subject: String,
    /// Text, cleaned, lines separated by `\n`.
    pub body: String,
    /// What it is made of.
    pub content: Content,
    /// What sort.
    pub kind: MessageKind,
    /// Attachments.
    pub attachments: Vec<Attachment>,
    /// Outbound only.
    pub delivery: Option<Delivery>,
    /// The outbox row that made it.
    pub outbox: Option<OutboxId>,
    /// Who got it besides the conversation's contact.
    pub to: Vec<Party>,
    /// Copies.
    pub cc: Vec<Party>,
    /// Where the sender wants answers, if not at the sender's address.
    pub reply_to: Option<Party>,
    /// A mail whose sender nobody vouches for: the address may be somebody else's.
    #[serde(default)]
    pub unvouched: bool,
    /// Characters taken out or neutralised in cleaning.
    pub hidden: u32,
    /// An agent has seen it.
    pub seen: bool,
    /// It was removed at the provider; it stays here.
    pub gone: bool,
    /// Why it is in this conversation.
    pub threaded_by: ThreadedBy,
    /// Reactions, cleaned: (who, emoji).
    pub reactions: Vec<(String, String)>,
    /// The body was replaced by its author after it was first read.
    pub edited: bool,
}

/// One attachment. Its bytes are a file of the mirror, if they are here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Identifier.
    pub id: AttachmentId,
    /// A safe file name for display and saving.
    pub name: String,
    /// MIME type as claimed.
    pub mime: String,
    /// MIME type by its first bytes; none where they tell none, or are not here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// What it is, in words (`a Windows program`), where its name or its type claims another thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<String>,
    /// Bytes.
    pub size: u64,
    /// Shown within the text rather than attached.
    pub inline: bool,
    /// The file is in the mirror; otherwise it must be fetched.
    pub stored: bool,
    /// SHA-256 of the bytes in hex, when stored.
    pub sha256: Option<String>,
    /// What a machine heard in it; none where none was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript: Option<Transcript>,
}

impl Attachment {
    /// Sound that a player plays: by what it claims, unless its bytes say another thing.
    pub fn is_audio(&self) -> bool {
        self.is.is_none()
            && self
                .mime
                .get(..6)
                .is_some_and(|start| start.eq_ignore_ascii_case("audio/"))
    }

    /// One sentence for where it is not what it claims: `claims image/jpeg, is a Windows program`.
    pub fn warning(&self) -> Option<String> {
        let is = self.is.as_deref()?;
        let claims = if self.mime.trim().is_empty() {
            "nothing"
        } else {
            self.mime.as_str()
        };
        Some(format!("claims {claims}, is {is}"))
    }
}
