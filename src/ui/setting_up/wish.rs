//! What the screen wants done for an account, and what it is told of it.

use super::super::hidden::Hidden;
use crate::model::guide::Check;

/// A form as it was filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// The guide's provider.
    pub provider: &'static str,
    /// The new account's name.
    pub account: String,
    /// The answers by their field's key, in the order of the guide; what was left empty is left out.
    pub answers: Vec<(&'static str, Filling)>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filling {
    /// It may be seen.
    Plain(String),
    /// It may not.
    Hidden(Hidden),
}

/// What is told of an account that is set up or tested. Carries the number of the try, so that a late word of one that
/// was left is dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetupNews {
    /// One thing was tried.
    Tried(Check),
    /// Everything was tried.
    Finished,
    /// It cannot go on, and why.
    Refused(String),
    /// The vault is needed first.
    NeedsVault {
        /// There is one, which is locked.
        exists: bool,
    },
    /// Somebody must say yes in a browser.
    Page {
        /// Where.
        address: String,
        /// To be typed there.
        code: Option<String>,
    },
    /// It is saved.
    Saved(Box<Saved>),
    /// It was taken away; what happened to its secrets.
    Removed(String),
}

/// A saved account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Its name.
    pub account: String,
    /// In which file.
    pub file: String,
    /// What is left to do.
    pub after: Vec<String>,
    /// The address for the vendor's requests, where it has some.
    pub url: Option<String>,
    /// The word for the vendor's handshake.
    pub word: Option<Hidden>,
}
