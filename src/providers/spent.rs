//! How much of a provider's allowance is used.

use std::time::Duration;

/// How much of one group of calls is used, seen from now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    /// The provider's name for the group, or what the calls are about.
    pub group: String,
    /// Used of `limit`.
    pub used: u64,
    /// The whole; 100 where the provider tells percent.
    pub limit: u64,
    /// After so long all of it is free again, if nothing more is asked.
    pub resets_in: Option<Duration>,
    /// Nothing is asked for so long.
    pub paused_for: Option<Duration>,
}
