//! People and their addresses.

use super::{Actor, Channel, ContactId, ConversationId, IdentityId, MergeId, Timestamp};
use serde::{Deserialize, Serialize};

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Identifier.
    pub id: ContactId,
    /// Name to show; the best address when none is known.
    pub name: String,
    /// All known addresses.
    pub identities: Vec<Identity>,
    /// Agents' remarks on the person.
    pub remarks: String,
    /// First reply must be written by a person, never by the assistant.
    pub vip: bool,
    /// When the person was first heard of.
    pub since: Timestamp,
    /// What makes several records one person, newest first; each can be taken back.
    pub merges: Vec<Merge>,
    /// Others who may be the same person, the likeliest first; never merged by themselves.
    pub suggestions: Vec<Suggestion>,
}

/// One address of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Identifier.
    pub id: IdentityId,
    /// Where this address is used.
    pub channel: Channel,
    /// Normalised: lower-cased mail, E.164 phone, provider's id.
    pub address: String,
    /// The name that came with it, cleaned.
    pub name: Option<String>,
    /// The provider vouches for it; otherwise it is merely claimed by the sender.
    pub verified: bool,
    /// The person has asked not to be written to on this channel.
    pub opted_out: bool,
    /// What is suspicious about the address itself: letters that only look like others.
    pub warning: Option<String>,
}

/// Two records that count as one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// Identifier, by which it is taken back.
    pub id: MergeId,
    /// The addresses that it connects, one of either record.
    pub addresses: (String, String),
    /// Why, in words.
    pub because: String,
    /// Who merged them.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// The providers' word was enough; nobody decided.
    pub by_itself: bool,
}

/// Somebody who may be the same person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// The other contact.
    pub contact: ContactId,
    /// Its name.
    pub name: String,
    /// Its addresses.
    pub identities: Vec<Identity>,
    /// Its newest conversation.
    pub conversation: Option<ConversationId>,
    /// How much speaks for it.
    pub strength: Strength,
    /// What speaks for it, in words, the strongest first.
    pub reasons: Vec<String>,
}

/// How much speaks for two being one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// It may be chance, or somebody's claim.
    Weak,
    /// It is hardly chance.
    Strong,
}

impl Strength {
    /// The word for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Strong => "strong",
        }
    }
}

/// Why two addresses may be one person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clue {
    /// The same number or mailbox on two channels.
    Same,
    /// The same mailbox, in small or capital letters.
    OtherCase,
    /// The same mailbox, but for what follows a plus.
    Plus,
    /// One wrote the other's address in a message.
    Written,
    /// The same name at the same company.
    NameAndCompany,
}

/// A sender or recipient as a provider reports it: raw, hostile, unverified.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Party {
    /// Address in the provider's own form.
    pub address: String,
    /// Display name, if one came.
    pub name: Option<String>,
}

impl Party {
    /// A party without a name.
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            name: None,
        }
    }

    /// A party with a name.
    pub fn named(address: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            name: Some(name.into()),
        }
    }
}
