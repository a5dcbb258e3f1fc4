//! Facts as a provider reports them: raw, hostile, in any order, possibly twice.

use super::{Channel, DeliveryState, Direction, MessageKind, Party, Timestamp, message::Content};
use serde::{Deserialize, Serialize};

/// Where a message is at the provider. Unique within an account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RemoteId {
    /// The feed it is in: a mail folder, a chat; empty where there is just one.
    pub scope: String,
    /// The provider's id in that feed; for mail `uidvalidity:uid`.
    pub key: String,
}

/// How far a feed was read; the provider's own words, opaque to everybody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub String);

/// A proof: everything of `feed` from `low` to `high`, both included, is in this or earlier batches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Which feed.
    pub feed: String,
    /// A new generation voids the ranges of older ones (UIDVALIDITY).
    pub generation: u64,
    /// Lowest item proven (UID, or milliseconds for feeds by time).
    pub low: u64,
    /// Highest item proven.
    pub high: u64,
    /// The lowest item that exists or is wanted, so that a gap below `low` is known as one.
    pub floor: u64,
}

/// What one read of a feed brought.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// Facts, in the order in which they should be applied.
    pub events: Vec<Event>,
    /// Where to go on; stored in the same transaction as the events.
    pub cursor: Option<Cursor>,
    /// What is proven complete once the events are stored.
    pub coverage: Vec<Coverage>,
    /// There is more at once; pull again.
    pub more: bool,
    /// Items known to be at the provider and not yet read.
    pub behind: u64,
}

/// One fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A message exists. Told twice, it is one row.
    Message(Box<NewMessage>),
    /// Something we sent got this far.
    Delivery(DeliveryUpdate),
    /// Everything we sent in a chat until some time got this far.
    DeliveredUntil(Watermark),
    /// Flags at the provider are now these.
    Flags {
        /// Of which message.
        remote: RemoteId,
        /// All of them.
        flags: Flags,
    },
    /// It is no longer at this place. The mirror keeps the message.
    Gone {
        /// The place.
        remote: RemoteId,
    },
    /// All remote ids of the scope are void (UIDVALIDITY changed); messages stay.
    ScopeReset {
        /// The scope.
        scope: String,
    },
    /// Its author replaced the text.
    Edited {
        /// Of which message.
        remote: RemoteId,
        /// The new text.
        text: String,
        /// When.
        at: Timestamp,
    },
    /// Somebody reacted, or took it back with an empty emoji.
    Reaction {
        /// To which message.
        remote: RemoteId,
        /// Who.
        by: Party,
        /// With what.
        emoji: String,
    },
    /// An opt-out (or its end) by the provider's or the customer's word.
    Consent {
        /// The address.
        address: String,
        /// On which channel.
        channel: Channel,
        /// No more messages, please.
        opted_out: bool,
        /// When.
        at: Timestamp,
    },
}

/// How far everything in a chat got that was sent up to some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watermark {
    /// The chat ([`ThreadHints::thread`]).
    pub thread: String,
    /// How far.
    pub state: DeliveryState,
    /// What was sent until then, this moment included.
    pub until: Timestamp,
    /// When.
    pub at: Timestamp,
}

/// How far something we sent got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryUpdate {
    /// Our own reference ([`super::Outgoing::reference`]) or the provider's id from the receipt.
    pub reference: String,
    /// How far.
    pub state: DeliveryState,
    /// When.
    pub at: Timestamp,
    /// Why, raw.
    pub detail: Option<String>,
}

/// Flags that a provider keeps and other programs may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Flags {
    /// Read.
    pub seen: bool,
    /// Answered.
    pub answered: bool,
    /// Starred.
    pub flagged: bool,
    /// Marked as spam.
    pub junk: bool,
    /// A draft at the provider.
    pub draft: bool,
}

/// What a provider knows about where a message belongs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ThreadHints {
    /// The provider's thread or chat id: decisive for chats, a hint for mail.
    pub thread: Option<String>,
    /// True where `thread` alone decides (chats).
    pub thread_decides: bool,
    /// Mail: its Message-ID without brackets.
    pub message_id: Option<String>,
    /// Mail: In-Reply-To ids without brackets.
    pub in_reply_to: Vec<String>,
    /// Mail: References, oldest first, without brackets.
    pub references: Vec<String>,
}

/// What a bounce is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BounceInfo {
    /// Message-ID of what bounced, without brackets.
    pub original_message_id: Option<String>,
    /// Per recipient: address, `failed`/`delayed`/`delivered`, status code, diagnostic.
    pub recipients: Vec<BouncedRecipient>,
}

/// One recipient of a delivery report (RFC 3464).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BouncedRecipient {
    /// Final-Recipient, else Original-Recipient.
    pub address: String,
    /// Action, lower-cased.
    pub action: String,
    /// Status, such as `5.1.1`.
    pub status: String,
    /// Diagnostic-Code.
    pub diagnostic: String,
}

/// A message as read from a provider.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMessage {
    /// Where it is.
    pub remote: RemoteId,
    /// Equal for the same message read by different ways (poll and push, two folders).
    pub dedupe: String,
    /// Our own reference, if this is a copy of something we sent (mail: our Message-ID).
    pub own_reference: Option<String>,
    /// Which channel.
    pub channel: Channel,
    /// Inbound, or outbound for copies of replies made elsewhere.
    pub direction: Direction,
    /// Sender.
    pub from: Party,
    /// The provider vouches for the sender's address (DMARC-aligned, platform account).
    pub from_verified: bool,
    /// Recipients.
    pub to: Vec<Party>,
    /// Copies.
    pub cc: Vec<Party>,
    /// Where answers should go.
    pub reply_to: Vec<Party>,
    /// When its author says it was made.
    pub sent_at: Timestamp,
    /// When the provider got it.
    pub received_at: Timestamp,
    /// Subject, raw but decoded.
    pub subject: String,
    /// Plain text, raw but decoded; empty when only HTML came.
    pub text: String,
    /// HTML, if it came.
    pub html: Option<String>,
    /// What it is made of.
    pub content: Content,
    /// What sort.
    pub kind: MessageKind,
    /// Attachments.
    pub attachments: Vec<NewAttachment>,
    /// Flags at the provider.
    pub flags: Flags,
    /// Where it belongs.
    pub thread: ThreadHints,
    /// For bounces.
    pub bounce: Option<BounceInfo>,
    /// The message as it came over the wire.
    pub raw: Vec<u8>,
    /// How long free replies are taken after this inbound message, in milliseconds; `i64::MAX` where there is no such
    /// limit though the account has one elsewhere (public comments).
    pub window_ms: Option<i64>,
}

impl NewMessage {
    /// An empty inbound message of `from` on `channel`, to be filled in.
    pub fn inbound(remote: RemoteId, channel: Channel, from: Party, at: Timestamp) -> Self {
        let dedupe = format!("{}\u{1f}{}", remote.scope, remote.key);
        Self {
            remote,
            dedupe,
            own_reference: None,
            channel,
            direction: Direction::Inbound,
            from,
            from_verified: false,
            to: Vec::new(),
            cc: Vec::new(),
            reply_to: Vec::new(),
            sent_at: at,
            received_at: at,
            subject: String::new(),
            text: String::new(),
            html: None,
            content: Content::Text,
            kind: MessageKind::Normal,
            attachments: Vec::new(),
            flags: Flags::default(),
            thread: ThreadHints::default(),
            bounce: None,
            raw: Vec::new(),
            window_ms: None,
        }
    }
}

/// An attachment as read from a provider.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewAttachment {
    /// File name as claimed.
    pub name: String,
    /// MIME type as claimed.
    pub mime: String,
    /// Size in bytes, if known before fetching.
    pub size: u64,
    /// Referenced from the HTML.
    pub inline: bool,
    /// Content-ID without brackets.
    pub content_id: Option<String>,
    /// The bytes, when they came along.
    pub data: Option<Vec<u8>>,
    /// How to fetch them later, in the provider's words.
    pub fetch: Option<String>,
}

/// A change by the agent that the provider should know of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum RemoteChange {
    /// Set or clear flags; `None` leaves one as it is.
    Flags {
        /// Where.
        remote: RemoteId,
        /// Read.
        seen: Option<bool>,
        /// Answered.
        answered: Option<bool>,
        /// Starred.
        flagged: Option<bool>,
        /// Spam.
        junk: Option<bool>,
    },
}

/// Where somebody writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypingAt {
    /// The provider's thread or chat, where it has one.
    pub thread: Option<String>,
    /// The customer's address.
    pub to: String,
    /// The customer's newest message.
    pub newest: Option<RemoteId>,
}
