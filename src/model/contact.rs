//! People and their addresses.

use super::{Channel, ContactId, IdentityId, Timestamp};
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
