//! What the assistant proposes and what a person decided.

use super::outgoing::{OutgoingAttachment, Recipients};
use super::{
    AccountId, Channel, ConversationId, MessageId, OutboxId, Party, ProposalId, Status, Timestamp,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How sure the drafter is, in three steps; the raw number is kept beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Read every word.
    Low,
    /// As usual.
    Standard,
    /// Evidence covers all of it.
    High,
}

impl Confidence {
    /// The word for people and scripts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Standard => "standard",
            Self::High => "high",
        }
    }
}

/// Where a claim of the draft comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The sentence of the draft.
    pub claim: String,
    /// Name of the source: `kb:arrival-times`, `canned:refund`, `#812`.
    pub source: String,
    /// The words of the source.
    pub quote: String,
    /// File path or address of the source.
    pub address: String,
    /// When the source was last changed.
    pub as_of: Option<Timestamp>,
}

/// What a gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing to say.
    Pass,
    /// Look at this.
    Warn,
    /// Not without a person writing it.
    Block,
}

/// One gate's result; gates are plain code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateResult {
    /// Name of the gate.
    pub gate: String,
    /// What it says.
    pub verdict: Verdict,
    /// Why, in a sentence.
    pub reason: String,
    /// Version of the gate's rules.
    pub version: u32,
}

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalState {
    /// Just made.
    Proposed,
    /// A gate blocks it.
    Blocked,
    /// Waits for a decision.
    Pending,
    /// Approved as it was.
    Approved,
    /// Approved after an agent changed it.
    Edited,
    /// Turned down with a reason.
    Rejected,
    /// Left undecided on purpose.
    Ignored,
    /// A new one was asked for.
    RedraftAsked,
    /// What it was based on changed.
    Superseded,
    /// Its time ran out.
    Expired,
    /// A human's answer won.
    Withdrawn,
}

impl ProposalState {
    /// The word for people and scripts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Blocked => "blocked",
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Edited => "edited",
            Self::Rejected => "rejected",
            Self::Ignored => "ignored",
            Self::RedraftAsked => "redraft asked",
            Self::Superseded => "superseded",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Why a proposal was turned down; feeds the drafter's examples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RejectReason {
    /// It says something untrue.
    WrongFact,
    /// It says it badly.
    Tone,
    /// We do not do that.
    Policy,
    /// It is about somebody else.
    WrongCustomer,
    /// It is too late.
    Stale,
    /// It was said already.
    Duplicate,
    /// No answer is needed.
    NotNeeded,
}

impl RejectReason {
    /// All, in the order shown.
    pub const ALL: [Self; 7] = [
        Self::WrongFact,
        Self::Tone,
        Self::Policy,
        Self::WrongCustomer,
        Self::Stale,
        Self::Duplicate,
        Self::NotNeeded,
    ];

    /// The word for people and scripts (`wrong-fact`).
    pub fn name(self) -> &'static str {
        match self {
            Self::WrongFact => "wrong-fact",
            Self::Tone => "tone",
            Self::Policy => "policy",
            Self::WrongCustomer => "wrong-customer",
            Self::Stale => "stale",
            Self::Duplicate => "duplicate",
            Self::NotNeeded => "not-needed",
        }
    }
}

/// What the conversation was like when the draft was made. If any of it changes, the proposal is superseded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// Newest public message.
    pub head: MessageId,
    /// SHA-256 in hex of that message's body.
    pub head_hash: String,
    /// Newest inbound message.
    pub last_inbound: MessageId,
    /// Status then.
    pub status: Status,
    /// Assignee then.
    pub assignee: Option<String>,
}

/// A draft of the assistant with everything a decision needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// Its row; 0 before it is stored.
    pub id: ProposalId,
    /// Where it belongs.
    pub conversation: ConversationId,
    /// By which login it would leave.
    pub account: AccountId,
    /// On which channel.
    pub channel: Channel,
    /// Who proposes: `passages@1`, later backend, model and prompt version.
    pub proposer: String,
    /// When.
    pub created_at: Timestamp,
    /// What it was based on.
    pub base: Base,
    /// Sender identity.
    pub from: Option<Party>,
    /// To whom, frozen.
    pub recipients: Recipients,
    /// Subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// Files.
    pub attachments: Vec<OutgoingAttachment>,
    /// In three steps.
    pub confidence: Confidence,
    /// The raw number, 0 to 1.
    pub score: f64,
    /// How it came about.
    pub score_because: String,
    /// What the customer wants, in a word.
    pub topic: String,
    /// Language of the draft, ISO 639-1.
    pub language: String,
    /// For each claim where it comes from.
    pub evidence: Vec<Evidence>,
    /// Sentences that nothing supports.
    pub unsupported: Vec<String>,
    /// Dates, refunds, discounts that the draft promises.
    pub promises: Vec<String>,
    /// What the gates said.
    pub gates: Vec<GateResult>,
    /// Version of the gates and rules; part of the hash.
    pub policy_version: u32,
    /// After which it is worthless.
    pub expires_at: Option<Timestamp>,
    /// When the answer is due.
    pub due_at: Option<Timestamp>,
    /// When the reply window closes.
    pub window_closes_at: Option<Timestamp>,
    /// Where it stands.
    pub state: ProposalState,
    /// Who decided, when, on which host, and why (free text), once decided.
    pub decision: Option<Decision>,
    /// What became of it.
    pub outbox: Option<OutboxId>,
    /// The draft it replaces, for the diff.
    pub earlier: Option<ProposalId>,
}

/// A recorded decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Who.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// On which machine.
    pub host: String,
    /// The verb: approve, edit, reject, redraft, ignore.
    pub verb: String,
    /// For rejections.
    pub reason: Option<RejectReason>,
    /// Free text, or the instruction for a redraft.
    pub words: String,
}

impl Proposal {
    /// What an approval is bound to: body, recipients, attachments, channel, base head and policy version.
    ///
    /// SHA-256 in hex.
    pub fn bound_hash(&self) -> String {
        let content = super::outgoing::content_hash(
            self.account.as_str(),
            self.channel,
            &self.recipients,
            &self.subject,
            &self.body,
            self.attachments.iter().map(|a| a.sha256.as_str()),
        );
        let mut hash = Sha256::new();
        hash.update(content.as_bytes());
        hash.update(self.base.head.0.to_be_bytes());
        hash.update(self.base.head_hash.as_bytes());
        hash.update(self.policy_version.to_be_bytes());
        super::outgoing::hex(&hash.finalize())
    }

    /// The worst verdict of its gates.
    pub fn worst(&self) -> Verdict {
        self.gates
            .iter()
            .map(|gate| gate.verdict)
            .max()
            .unwrap_or(Verdict::Pass)
    }
}
