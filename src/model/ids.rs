//! Identifiers. Each is its own type, so that a message's number cannot be used as a conversation's.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

id!(
    /// A conversation; shown to people as `#1042`.
    ConversationId
);
id!(
    /// A message, note or unreadable item of the mirror.
    MessageId
);
id!(
    /// A person.
    ContactId
);
id!(
    /// One address of a person.
    IdentityId
);
id!(
    /// One attachment of a message or draft.
    AttachmentId
);
id!(
    /// A text that has not been sent.
    DraftId
);
id!(
    /// A draft of the assistant that awaits a decision.
    ProposalId
);
id!(
    /// A row of the outbox.
    OutboxId
);
id!(
    /// A page to a person.
    EscalationId
);
id!(
    /// An entry of the journal.
    JournalId
);
id!(
    /// Two contacts that were merged.
    MergeId
);

/// The name of a configured account, unique in the configuration (`support`, `sales`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub Arc<str>);

impl AccountId {
    /// The account of this name.
    pub fn new(name: &str) -> Self {
        Self(Arc::from(name))
    }

    /// The name as configured.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
