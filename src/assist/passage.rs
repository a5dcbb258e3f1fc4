//! A piece of text that an answer may be made of.

use crate::model::Timestamp;

/// Where a passage comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// A file of knowledge.
    Knowledge,
    /// A canned reply.
    Canned,
    /// What an agent answered to another customer.
    PastAnswer,
}

impl Source {
    /// The mark before the name in [`crate::model::Evidence::source`].
    pub fn mark(self) -> &'static str {
        match self {
            Self::Knowledge => "kb:",
            Self::Canned => "canned:",
            Self::PastAnswer => "",
        }
    }
}

/// A piece of text that an answer may be made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Where it comes from.
    pub source: Source,
    /// Name of what it is from (`arrival-times`), or `#812` for a conversation.
    pub name: String,
    /// The headings above it and the words by which it is found.
    pub heading: String,
    /// Its text; of canned replies with `{{variables}}`.
    pub text: String,
    /// Where to look it up: `arrival-times.md#same-day-visits`.
    pub address: String,
    /// When it was last changed.
    pub as_of: Option<Timestamp>,
    /// ISO 639-1, if said.
    pub language: Option<String>,
}

impl Passage {
    /// The name with its mark: `kb:arrival-times`.
    pub fn cited(&self) -> String {
        format!("{}{}", self.source.mark(), self.name)
    }
}
