//! How a configured login is doing.

use super::{AccountId, Channel, Timestamp};
use serde::{Deserialize, Serialize};

/// What the status line and the health pane say of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// Never connected since the engine started.
    Starting,
    /// Connected; the first backlog is still coming in.
    Catching,
    /// Connected and proven complete up to `last_proof`.
    Ok,
    /// Will try again by itself at `retry_at`.
    Retrying,
    /// Needs a person: login refused, configuration wrong.
    Broken,
    /// Switched off by the agent or by a restored mirror.
    Paused,
}

/// One row of the health pane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountHealth {
    /// Which account.
    pub account: AccountId,
    /// Provider's name (`email`, `demo`).
    pub provider: String,
    /// Channels it carries.
    pub channels: Vec<Channel>,
    /// State now.
    pub state: AccountState,
    /// When everything up to then was proven to be in the mirror.
    pub last_proof: Option<Timestamp>,
    /// When something last came in.
    pub last_event: Option<Timestamp>,
    /// When the next try happens, while retrying.
    pub retry_at: Option<Timestamp>,
    /// The last error in words for people, cleaned.
    pub error: Option<String>,
    /// What to do about it.
    pub remedy: Option<String>,
    /// Backlog: items known to be at the provider and not yet here.
    pub behind: u64,
    /// Ranges that are known to be missing from the mirror.
    pub gaps: Vec<String>,
    /// Calls left in the provider's rate budget, with its size, where it tells.
    pub budget: Option<(u64, u64)>,
}
