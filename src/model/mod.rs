//! The words of the house as types: pure data, no I/O.
//!
//! Every other room speaks in these. Text fields of *stored* types are already cleaned for display;
//! text fields of types that come from a provider ([`event`]) are raw and hostile until the store's
//! ingest has cleaned them.

pub mod account;
pub mod approval;
pub mod channel;
pub mod command;
pub mod contact;
pub mod conversation;
pub mod draft;
pub mod escalation;
pub mod event;
pub mod files;
pub mod guide;
pub mod ids;
pub mod journal;
pub mod message;
pub mod outgoing;
pub mod query;
pub mod template;
pub mod template_new;
pub mod time;
pub mod transcript;

pub use account::{AccountHealth, AccountState, Budget, PastError};
pub use approval::{
    Confidence, Evidence, GateResult, Proposal, ProposalState, RejectReason, Verdict,
};
pub use channel::Channel;
pub use command::{Actor, Command, Outcome};
pub use contact::{Clue, Contact, Identity, Merge, Party, Strength, Suggestion};
pub use conversation::{Conversation, Priority, Status};
pub use draft::{Draft, DraftKind};
pub use escalation::{Escalation, EscalationState};
pub use event::{Batch, Coverage, Cursor, Event, NewAttachment, NewMessage, RemoteId};
pub use ids::{
    AccountId, AttachmentId, ContactId, ConversationId, DraftId, EscalationId, IdentityId,
    JournalId, MergeId, MessageId, OutboxId, ProposalId,
};
pub use message::{Author, Content, Delivery, DeliveryState, Direction, Message, MessageKind};
pub use outgoing::{OutboxState, Outgoing, Receipt, Recipients};
pub use query::{Answer, Query};
pub use template::{FilledTemplate, Place, Template, TemplateDraft, TemplateList, TemplateStatus};
pub use template_new::{CreatedTemplate, NewTemplate};
pub use time::{Clock, SystemClock, Timestamp};
pub use transcript::Transcript;
