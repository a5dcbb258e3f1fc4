//! What will leave, frozen when it is queued.

use super::{
    AccountId, Channel, ConversationId, FilledTemplate, OutboxId, Party, ProposalId, Timestamp,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Where a row of the outbox stands.
///
/// `Held -> Queued -> Sending -> Sent | Retry | Failed | Unknown`; a row may be cancelled until it is sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboxState {
    /// Undo is still possible until `due_at`.
    Held,
    /// Will be sent once `due_at` has come (send later, or at once).
    Queued,
    /// Was handed to the provider, or is about to be; after a crash its fate is open.
    Sending,
    /// The provider took it.
    Sent,
    /// Surely not sent; will be tried again at `due_at`.
    Retry,
    /// Surely not sent, and will not be.
    Failed,
    /// May have been sent; only a person or a look-up may move it.
    Unknown,
    /// Taken back before it left.
    Cancelled,
    /// Stopped before the provider was called because what it was based on changed.
    Attention,
}

impl OutboxState {
    /// The word for people and scripts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Retry => "retry",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Cancelled => "cancelled",
            Self::Attention => "needs attention",
        }
    }

    /// Nothing more will happen by itself and nothing needs a person.
    pub fn is_done(self) -> bool {
        matches!(self, Self::Sent | Self::Cancelled)
    }
}

/// Who gets it, frozen at queueing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Recipients {
    /// To.
    pub to: Vec<Party>,
    /// Cc.
    pub cc: Vec<Party>,
    /// Bcc.
    pub bcc: Vec<Party>,
}

impl Recipients {
    /// Every address, To first.
    pub fn all(&self) -> impl Iterator<Item = &Party> {
        self.to.iter().chain(&self.cc).chain(&self.bcc)
    }
}

/// What sort of thing leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutgoingKind {
    /// An answer in a conversation.
    Reply,
    /// The first message of a conversation.
    New,
    /// A customer's message passed on.
    Forward,
    /// A page to one of us.
    Page,
}

/// A file that leaves with it; the bytes are a file of the mirror named by their hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutgoingAttachment {
    /// Safe file name.
    pub name: String,
    /// MIME type.
    pub mime: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in hex.
    pub sha256: String,
    /// Where the bytes are on disk.
    pub path: std::path::PathBuf,
}

/// One thing that will leave: everything a provider needs, frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// Its row.
    pub id: OutboxId,
    /// By which login.
    pub account: AccountId,
    /// On which channel.
    pub channel: Channel,
    /// In which conversation.
    pub conversation: Option<ConversationId>,
    /// What sort.
    pub kind: OutgoingKind,
    /// Sender identity where an account has several; address and display name.
    pub from: Option<Party>,
    /// To whom.
    pub recipients: Recipients,
    /// Subject; empty where the channel has none.
    pub subject: String,
    /// Markdown as the agent saw it; what the customer gets is made from it by a pure function.
    pub body: String,
    /// Files.
    pub attachments: Vec<OutgoingAttachment>,
    /// The provider's thread or chat to answer in.
    pub thread: Option<String>,
    /// Message-ID answered, without brackets.
    pub in_reply_to: Option<String>,
    /// References, oldest first, without brackets.
    pub references: Vec<String>,
    /// Our own reference, made once at queueing and never again: for mail the Message-ID without brackets,
    /// elsewhere the idempotency key.
    pub reference: String,
    /// When it was queued; mail's Date.
    pub queued_at: Timestamp,
    /// Who wrote or approved it.
    pub author: String,
    /// The vendor's template to use instead of free text; `body` is then what the customer will see of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<FilledTemplate>,
    /// The proposal it came from, if the assistant wrote it.
    pub proposal: Option<ProposalId>,
}

impl Outgoing {
    /// SHA-256 in hex over account, channel, recipients, subject, body and attachments, each length-prefixed, and over
    /// name, language and values of the template where there is one.
    ///
    /// The same bytes seen on the review screen give the same hash right before the provider is called.
    pub fn content_hash(&self) -> String {
        let hash = content_hash(
            self.account.as_str(),
            self.channel,
            &self.recipients,
            &self.subject,
            &self.body,
            self.attachments.iter().map(|a| a.sha256.as_str()),
        );
        with_template(hash, self.template.as_ref())
    }
}

/// The hash of something that leaves as a filled template: over the hash of the rest and the template's id, language and
/// values. Without a template the hash stays as it is.
pub fn with_template(hash: String, template: Option<&FilledTemplate>) -> String {
    let Some(filled) = template else { return hash };
    let mut over = Sha256::new();
    let values = filled.values.iter().flat_map(|(name, value)| [name, value]);
    for text in [&hash, &filled.id, &filled.language]
        .into_iter()
        .chain(values)
    {
        over.update((text.len() as u64).to_be_bytes());
        over.update(text.as_bytes());
    }
    hex(&over.finalize())
}

/// The hash of [`Outgoing::content_hash`], for things that are not queued yet.
pub fn content_hash<'a>(
    account: &str,
    channel: Channel,
    recipients: &Recipients,
    subject: &str,
    body: &str,
    attachments: impl Iterator<Item = &'a str>,
) -> String {
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    part(account);
    part(channel.name());
    for (mark, list) in [
        ("to", &recipients.to),
        ("cc", &recipients.cc),
        ("bcc", &recipients.bcc),
    ] {
        part(mark);
        for party in list {
            part(&party.address);
        }
    }
    part("subject");
    part(subject);
    part(body);
    for sha in attachments {
        part(sha);
    }
    hex(&hash.finalize())
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The provider's word that it took an [`Outgoing`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The provider's id for it, where it gives one.
    pub provider_id: Option<String>,
    /// When.
    pub at: Timestamp,
    /// What it said, raw.
    pub detail: Option<String>,
    /// Recipients it refused while taking the others: address and reason.
    pub refused: Vec<(String, String)>,
}
