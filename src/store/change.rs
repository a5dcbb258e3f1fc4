//! What a commit changed, told to whoever listens.

use crate::model::ConversationId;

/// Conversations that one notice names; that there are more only [`Change::lists`] tells.
pub const NAMED: usize = 64;

/// What changed in the mirror with one commit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    /// Conversations whose messages or facts changed; with [`NAMED`] of them there may have been more.
    pub conversations: Vec<ConversationId>,
    /// Lists, counts or queues for the provider changed.
    pub lists: bool,
    /// The outbox changed.
    pub outbox: bool,
    /// The health of an account changed.
    pub health: bool,
    /// An account is in another state than before: not just read once more.
    pub state: bool,
    /// Another process changed something; what, is not known.
    pub foreign: bool,
}

impl Change {
    /// Nothing changed.
    pub fn is_empty(&self) -> bool {
        self == &Self::default()
    }

    /// This conversation changed, and with it the lists it is in.
    pub(super) fn conversation(&mut self, id: ConversationId) {
        self.lists = true;
        if self.conversations.len() < NAMED && !self.conversations.contains(&id) {
            self.conversations.push(id);
        }
    }

    /// Everything may have changed: what another process did is not told in detail.
    pub(super) fn foreign() -> Self {
        Self {
            conversations: Vec::new(),
            lists: true,
            outbox: true,
            health: true,
            state: true,
            foreign: true,
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        for id in other.conversations {
            self.conversation(id);
        }
        self.lists |= other.lists;
        self.outbox |= other.outbox;
        self.health |= other.health;
        self.state |= other.state;
        self.foreign |= other.foreign;
    }
}
