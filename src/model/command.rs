//! Everything a person (or rule) can do to the mirror. The screen, the command line and rules all speak this;
//! `store` carries each out in one transaction that also writes the journal.

use super::outgoing::Recipients;
use super::{
    ContactId, ConversationId, Draft, DraftId, EscalationId, IdentityId, JournalId, MergeId,
    MessageId, OutboxId, Priority, ProposalId, RejectReason, Timestamp,
};
use serde::{Deserialize, Serialize};

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "name", rename_all = "snake_case")]
pub enum Actor {
    /// One of us, by configured name.
    Agent(String),
    /// The assistant.
    Assistant(String),
    /// The engine or a rule.
    System(String),
}

impl Actor {
    /// The name alone.
    pub fn name(&self) -> &str {
        match self {
            Self::Agent(name) | Self::Assistant(name) | Self::System(name) => name,
        }
    }
}

/// One verb with its operands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "snake_case")]
pub enum Command {
    /// Done with these.
    Resolve {
        /// Which.
        ids: Vec<ConversationId>,
    },
    /// Open again.
    Reopen {
        /// Which.
        ids: Vec<ConversationId>,
    },
    /// Hide until a time.
    Snooze {
        /// Which.
        ids: Vec<ConversationId>,
        /// Until when; none is "until the customer writes".
        until: Option<Timestamp>,
        /// Come back early when the customer writes.
        wake_on_reply: bool,
    },
    /// Give to somebody, or to nobody.
    Assign {
        /// Which.
        ids: Vec<ConversationId>,
        /// To whom.
        to: Option<String>,
    },
    /// Add and remove labels; never replaces the others.
    Label {
        /// Which.
        ids: Vec<ConversationId>,
        /// To add.
        add: Vec<String>,
        /// To remove.
        remove: Vec<String>,
    },
    /// Set the urgency.
    SetPriority {
        /// Which.
        ids: Vec<ConversationId>,
        /// To what.
        priority: Priority,
    },
    /// Keep from coming back by itself, or no longer.
    Mute {
        /// Which.
        ids: Vec<ConversationId>,
        /// Muted or not.
        on: bool,
    },
    /// Judge as spam, or not.
    Spam {
        /// Which.
        ids: Vec<ConversationId>,
        /// Spam or not.
        on: bool,
    },
    /// An agent opened it: all its inbound messages are seen. Goes to the provider too. No journal entry: looking is no
    /// action.
    Look {
        /// Which.
        id: ConversationId,
    },
    /// Mark all inbound messages as seen, or the newest as unseen, on purpose. Goes to the provider too.
    MarkRead {
        /// Which.
        ids: Vec<ConversationId>,
        /// Seen or not.
        read: bool,
    },
    /// Keep a draft as it is now. No journal entry: it is typed text, not an action.
    SaveDraft(Box<Draft>),
    /// Throw a draft away; can be undone.
    DiscardDraft {
        /// Which.
        id: DraftId,
    },
    /// Go on with a text on another channel of the same person; an unsent text that is there already is not touched.
    MoveDraft {
        /// As it was.
        from: Box<Draft>,
        /// As it goes on.
        to: Box<Draft>,
    },
    /// Write a note. It can never leave.
    Note {
        /// Where.
        conversation: ConversationId,
        /// Text.
        body: String,
    },
    /// Freeze a draft into the outbox.
    Queue(Box<QueueDraft>),
    /// Take back what has not left.
    CancelSend {
        /// Which.
        id: OutboxId,
    },
    /// Try again what failed or needs attention; not for unknown.
    RetrySend {
        /// Which.
        id: OutboxId,
    },
    /// Send now what is held or scheduled.
    SendNow {
        /// Which.
        id: OutboxId,
    },
    /// A person looked: it was sent, or it was not (and is to be sent again, or dropped).
    SettleUnknown {
        /// Which.
        id: OutboxId,
        /// What the person found.
        as_: Settled,
    },
    /// Let it go out exactly as shown.
    Approve {
        /// Which.
        id: ProposalId,
        /// Hash of what was on the screen ([`super::Proposal::bound_hash`]).
        hash: String,
        /// Milliseconds of hold.
        hold_ms: i64,
    },
    /// Let it go out as the agent changed it.
    ApproveEdited {
        /// Which.
        id: ProposalId,
        /// Hash of the proposal the edit began from.
        hash: String,
        /// Subject as edited.
        subject: String,
        /// Text as edited.
        body: String,
        /// Recipients as seen.
        recipients: Recipients,
        /// Milliseconds of hold.
        hold_ms: i64,
    },
    /// Turn it down.
    Reject {
        /// Which.
        id: ProposalId,
        /// Why.
        reason: RejectReason,
        /// More words.
        words: String,
    },
    /// Ask for another draft.
    Redraft {
        /// Which.
        id: ProposalId,
        /// What should be different.
        instruction: String,
    },
    /// Ask for a draft where there is none.
    AskDraft {
        /// Where.
        conversation: ConversationId,
        /// What it should say.
        instruction: String,
    },
    /// Page somebody: assigns the conversation and queues the page.
    Escalate {
        /// About what.
        conversation: ConversationId,
        /// Roster name.
        to: String,
        /// Why.
        reason: String,
    },
    /// I have it.
    Acknowledge {
        /// Which page.
        id: EscalationId,
    },
    /// It is over.
    CloseEscalation {
        /// Which page.
        id: EscalationId,
    },
    /// Keep quiet for a while.
    Silence {
        /// Which page.
        id: EscalationId,
        /// Until when.
        until: Timestamp,
    },
    /// Keep a search as a view of the sidebar.
    SaveView {
        /// Its name.
        name: String,
        /// Its query.
        query: String,
    },
    /// Forget a saved view.
    DeleteView {
        /// Its name.
        name: String,
    },
    /// Write down something about a person.
    Remark {
        /// Conversation whose contact is meant.
        conversation: ConversationId,
        /// The whole remark.
        text: String,
    },
    /// Two contacts are one person.
    MergeContacts {
        /// One.
        a: ContactId,
        /// The other.
        b: ContactId,
        /// All addresses of both as they were on the screen: refused when there are others by now. Empty asks nothing.
        seen: Vec<IdentityId>,
    },
    /// Two contacts are not one person: it is not suggested again.
    RefuseMerge {
        /// One.
        a: ContactId,
        /// The other.
        b: ContactId,
    },
    /// Take a merge apart, whoever made it and whatever happened since.
    SplitContact {
        /// Which merge.
        merge: MergeId,
    },
    /// Take back an action of the journal.
    Undo {
        /// Which; none is the actor's newest that can be undone.
        id: Option<JournalId>,
    },
}

/// What a person found out about a send of unknown outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settled {
    /// The customer has it.
    Sent,
    /// The customer does not have it; send it.
    SendAgain,
    /// The customer does not have it; leave it.
    Drop,
}

/// A draft on its way to the outbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueueDraft {
    /// The draft as shown on the review screen.
    pub draft: Draft,
    /// Hash over what was shown ([`super::outgoing::content_hash`]).
    pub hash: String,
    /// Milliseconds during which it can be undone.
    pub hold_ms: i64,
    /// Send later.
    pub not_before: Option<Timestamp>,
    /// Only if the customer has not written by then.
    pub unless_reply: bool,
    /// Resolve the conversation when it is queued.
    pub resolve: bool,
    /// Queue although the conversation moved since the draft was begun: the agent has seen what came in.
    pub seen_head: Option<MessageId>,
    /// Our own reference, made by the caller once (mail: Message-ID without brackets).
    pub reference: String,
}

/// What an action did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// One sentence for the status line.
    pub says: String,
    /// The journal entry, for undo.
    pub journal: Option<JournalId>,
    /// It can be undone.
    pub undoable: bool,
    /// The outbox row it made.
    pub outbox: Option<OutboxId>,
    /// Until when that row is held.
    pub held_until: Option<Timestamp>,
    /// The draft row it wrote.
    pub draft: Option<DraftId>,
    /// The page it made.
    pub escalation: Option<EscalationId>,
    /// A text that went back to the channel it came from; told only where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_back: Option<MovedBack>,
}

/// A text that went back to the channel it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedBack {
    /// The draft row it was in, which is no more.
    pub gone: DraftId,
    /// The conversation it is in again; none when it is to begin one.
    pub to: Option<ConversationId>,
}

/// Why an action was refused; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Refusal {
    /// No such thing.
    #[error("there is no {what}")]
    NotFound {
        /// What was looked for, with its number.
        what: String,
    },
    /// The conversation has moved on since the draft was begun.
    #[error("{count} message(s) came in since you began to write; read them, then send again")]
    Moved {
        /// The newest public message now.
        head: MessageId,
        /// How many came in.
        count: u32,
    },
    /// What would be sent is not what was shown.
    #[error("what would be sent is not what you saw; look at it again")]
    HashMismatch,
    /// Somebody decided already.
    #[error("already {verb} by {by} {ago} ago")]
    AlreadyDecided {
        /// What was decided.
        verb: String,
        /// By whom.
        by: String,
        /// When, as a span for people.
        ago: String,
    },
    /// The proposal is not pending any more.
    #[error("this draft is {state} and cannot be approved: {because}")]
    NotPending {
        /// Its state now.
        state: String,
        /// Why.
        because: String,
    },
    /// A gate blocks it.
    #[error("blocked by {gate}: {reason}")]
    Gate {
        /// Which.
        gate: String,
        /// Why.
        reason: String,
    },
    /// It is too late: it left, or is leaving.
    #[error("it is too late to take it back: it is {state}")]
    TooLate {
        /// Its state now.
        state: String,
    },
    /// The customer asked not to be written to on this channel.
    #[error("{address} has opted out of {channel}; nothing can be sent there")]
    OptedOut {
        /// The address.
        address: String,
        /// The channel.
        channel: String,
    },
    /// The channel takes no free replies any more.
    #[error("the reply window closed {ago} ago; {}", instead(*.template))]
    WindowClosed {
        /// When, as a span for people.
        ago: String,
        /// A template that the vendor approved may be sent all the same.
        #[serde(default)]
        template: bool,
    },
    /// Anything else that is wrong with the request, in a sentence.
    #[error("{0}")]
    Invalid(String),
}

/// What helps when a reply window is closed.
fn instead(template: bool) -> &'static str {
    if template {
        "only an approved template can be sent now: pick one with t"
    } else {
        "wait until the customer writes, or use another channel"
    }
}
