//! The life of a proposal as a pure state machine, and the check that an approval still means what was seen.
//!
//! Decisions of people are refused once a proposal is decided or stale. Facts of the world (a new message, a closed
//! window) are always accepted and change only proposals that still wait.

use crate::model::outgoing::Recipients;
use crate::model::{MessageId, Proposal, ProposalState, Status, Timestamp, Verdict};

/// Version of all gates and rules together; part of what an approval is bound to. Raise it with any change of a gate:
/// what was proposed under other rules can no longer be approved.
pub const POLICY_VERSION: u32 = 1;

/// What happened to a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// All gates have spoken; this is the worst of them.
    GatesDone(Verdict),
    /// A person approved it as shown.
    Approve,
    /// A person approved it with changes.
    ApproveEdited,
    /// A person turned it down.
    Reject,
    /// A person wants another.
    AskRedraft,
    /// A person leaves it undecided on purpose.
    Ignore,
    /// The approved message was taken back while it was held.
    TakenBack,
    /// The rejection was taken back, the conversation still being what the draft answers.
    RejectionTakenBack,
    /// The customer wrote.
    NewInbound,
    /// One of us answered, here or elsewhere.
    PublicReply,
    /// The conversation was resolved.
    Resolved,
    /// The assignee changed.
    Reassigned,
    /// The status changed in another way (spam, reopened).
    StatusChanged,
    /// The conversation's recipients changed.
    RecipientsChanged,
    /// A message that it is based on was edited or deleted.
    SourceEdited,
    /// The contact was merged with another, or split.
    ContactMerged,
    /// The provider takes no free replies any more.
    WindowClosed,
    /// Its time ran out.
    Expire,
    /// The program takes it back.
    Withdraw,
}

impl Event {
    /// One of each, for tables and property tests.
    pub const ALL: [Self; 21] = [
        Self::GatesDone(Verdict::Pass),
        Self::GatesDone(Verdict::Warn),
        Self::GatesDone(Verdict::Block),
        Self::Approve,
        Self::ApproveEdited,
        Self::Reject,
        Self::AskRedraft,
        Self::Ignore,
        Self::TakenBack,
        Self::RejectionTakenBack,
        Self::NewInbound,
        Self::PublicReply,
        Self::Resolved,
        Self::Reassigned,
        Self::StatusChanged,
        Self::RecipientsChanged,
        Self::SourceEdited,
        Self::ContactMerged,
        Self::WindowClosed,
        Self::Expire,
        Self::Withdraw,
    ];

    /// The event's name in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::GatesDone(Verdict::Pass) => "gates-pass",
            Self::GatesDone(Verdict::Warn) => "gates-warn",
            Self::GatesDone(Verdict::Block) => "gates-block",
            Self::Approve => "approve",
            Self::ApproveEdited => "approve-edited",
            Self::Reject => "reject",
            Self::AskRedraft => "ask-redraft",
            Self::Ignore => "ignore",
            Self::TakenBack => "taken-back",
            Self::RejectionTakenBack => "rejection-taken-back",
            Self::NewInbound => "new-inbound",
            Self::PublicReply => "public-reply",
            Self::Resolved => "resolved",
            Self::Reassigned => "reassigned",
            Self::StatusChanged => "status-changed",
            Self::RecipientsChanged => "recipients-changed",
            Self::SourceEdited => "source-edited",
            Self::ContactMerged => "contact-merged",
            Self::WindowClosed => "window-closed",
            Self::Expire => "expire",
            Self::Withdraw => "withdraw",
        }
    }

    /// Why a proposal is stale after it, in words for people; empty for decisions.
    pub fn because(self) -> &'static str {
        match self {
            Self::NewInbound => "the customer wrote again",
            Self::PublicReply => "the conversation was answered",
            Self::Resolved => "the conversation was resolved",
            Self::Reassigned => "the conversation was given to somebody else",
            Self::StatusChanged => "the conversation's status changed",
            Self::RecipientsChanged => "the recipients changed",
            Self::SourceEdited => "a message that it answers was changed",
            Self::ContactMerged => "the contact was merged with another",
            Self::WindowClosed => "the reply window closed",
            Self::Expire => "its time ran out",
            Self::Withdraw => "it was taken back",
            _ => "",
        }
    }

    /// A fact of the world: accepted in every state.
    pub fn is_fact(self) -> bool {
        !self.because().is_empty()
    }
}

/// What must be done besides writing the new state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Nothing.
    None,
    /// In the same transaction: record the decision and put the message into the outbox.
    Queue,
    /// Keep what the agent had changed in it as the agent's own draft.
    KeepEdit,
    /// Ask the drafter for another one.
    Redraft,
}

/// The new state and what goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Step {
    /// Where the proposal stands now.
    pub state: ProposalState,
    /// What else must be done.
    pub effect: Effect,
}

/// The decision cannot be taken on a proposal in this state; nothing is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a draft that is {} takes no `{}`", .state.name(), .event.name())]
pub struct Illegal {
    /// Where the proposal stands.
    pub state: ProposalState,
    /// What was tried.
    pub event: Event,
}

/// Every state, for tables and property tests.
pub const STATES: [ProposalState; 11] = [
    ProposalState::Proposed,
    ProposalState::Blocked,
    ProposalState::Pending,
    ProposalState::Approved,
    ProposalState::Edited,
    ProposalState::Rejected,
    ProposalState::Ignored,
    ProposalState::RedraftAsked,
    ProposalState::Superseded,
    ProposalState::Expired,
    ProposalState::Withdrawn,
];

/// It still waits: for its gates, for a decision, or for a person who writes instead.
pub fn waits(state: ProposalState) -> bool {
    matches!(
        state,
        ProposalState::Proposed | ProposalState::Blocked | ProposalState::Pending
    )
}

/// Applies one event. Total: every pair either steps or is refused; only decisions are ever refused.
pub fn step(state: ProposalState, event: Event) -> Result<Step, Illegal> {
    use Effect::{KeepEdit, None, Queue, Redraft};
    use Event as E;
    use ProposalState as S;

    let (state, effect) = match (state, event) {
        (S::Proposed, E::GatesDone(Verdict::Block)) => (S::Blocked, None),
        (S::Proposed, E::GatesDone(_)) => (S::Pending, None),

        (S::Pending, E::Approve) => (S::Approved, Queue),
        (S::Pending, E::ApproveEdited) => (S::Edited, Queue),
        // What a gate blocks leaves only if a person writes it: no approval, edited or not.
        (S::Pending | S::Blocked, E::Reject) => (S::Rejected, None),
        (S::Pending | S::Blocked, E::Ignore) => (S::Ignored, None),
        (S::Pending | S::Blocked | S::Superseded | S::Expired | S::Ignored, E::AskRedraft) => {
            (S::RedraftAsked, Redraft)
        }
        (S::Approved | S::Edited, E::TakenBack) => (S::Pending, None),
        // Whether it waits or is blocked, its gates say, as they did before.
        (S::Rejected, E::RejectionTakenBack) => (S::Proposed, None),

        (S::Proposed | S::Blocked | S::Pending, fact) if fact.is_fact() => match fact {
            // The human's answer wins.
            E::PublicReply | E::Withdraw => (S::Withdrawn, KeepEdit),
            E::Expire => (S::Expired, KeepEdit),
            _ => (S::Superseded, KeepEdit),
        },
        (decided, fact) if fact.is_fact() => (decided, None),

        (state, event) => return Err(Illegal { state, event }),
    };
    Ok(Step { state, effect })
}

/// The conversation as it is now, read in the transaction that would decide or send.
#[derive(Debug, Clone, Copy)]
pub struct Current<'a> {
    /// Newest public message.
    pub head: Option<MessageId>,
    /// SHA-256 in hex of its body.
    pub head_hash: &'a str,
    /// Newest inbound message.
    pub last_inbound: Option<MessageId>,
    /// Status.
    pub status: Status,
    /// Assignee.
    pub assignee: Option<&'a str>,
    /// Who an answer goes to now; none where that cannot differ.
    pub recipients: Option<&'a Recipients>,
    /// Version of gates and rules that the program holds.
    pub policy_version: u32,
    /// When the reply window closes, or closed.
    pub window_closes_at: Option<Timestamp>,
    /// The time.
    pub now: Timestamp,
}

/// Why an approval does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Stale {
    /// What would be sent is not what was on the screen.
    #[error("what would be sent is not what you saw")]
    Hash,
    /// The gates and rules changed since it was made.
    #[error("the rules changed since it was made")]
    Policy,
    /// Something happened in the conversation.
    #[error("{}", .0.because())]
    Superseded(Event),
}

/// Is what was seen still what would be sent, and is the conversation still what it answers?
///
/// `seen` is the hash that the decider saw ([`Proposal::bound_hash`]). Called when a decision is taken and again right
/// before the provider is called; then pass the hash stored with the decision, and the same `proposal`.
pub fn check(proposal: &Proposal, seen: &str, current: &Current<'_>) -> Result<(), Stale> {
    if proposal.bound_hash() != seen {
        return Err(Stale::Hash);
    }
    if proposal.policy_version != current.policy_version {
        return Err(Stale::Policy);
    }
    let base = &proposal.base;
    let event = if current.last_inbound != Some(base.last_inbound) {
        Event::NewInbound
    } else if current.head != Some(base.head) {
        Event::PublicReply
    } else if current.head_hash != base.head_hash {
        Event::SourceEdited
    } else if current.status != base.status {
        match current.status {
            Status::Resolved => Event::Resolved,
            _ => Event::StatusChanged,
        }
    } else if current.assignee != base.assignee.as_deref() {
        Event::Reassigned
    } else if current
        .recipients
        .is_some_and(|now| *now != proposal.recipients)
    {
        Event::RecipientsChanged
    } else if current
        .window_closes_at
        .is_some_and(|closes| closes <= current.now)
    {
        Event::WindowClosed
    } else if proposal
        .expires_at
        .is_some_and(|expires| expires <= current.now)
    {
        Event::Expire
    } else {
        return Ok(());
    };
    Err(Stale::Superseded(event))
}

#[cfg(test)]
#[path = "machine_tests.rs"]
pub(super) mod tests;
