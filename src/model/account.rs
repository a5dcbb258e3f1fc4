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
    /// Waits for the vault to be opened.
    Locked,
    /// Switched off by the agent or by a restored mirror.
    Paused,
}

impl AccountState {
    /// In a word or two.
    pub fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Catching => "catching up",
            Self::Ok => "ok",
            Self::Retrying => "retrying",
            Self::Broken => "needs you",
            Self::Locked => "locked",
            Self::Paused => "paused",
        }
    }
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
    /// How far the newest message was behind when it came, from the provider's time to ours, in milliseconds.
    #[serde(default)]
    pub lag_ms: Option<i64>,
    /// The error before, once things work again.
    #[serde(default)]
    pub past: Option<PastError>,
    /// How much of what the provider allows is used, where that is known.
    #[serde(default)]
    pub budgets: Vec<Budget>,
}

/// An error that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastError {
    /// When it was last met.
    pub at: Timestamp,
    /// What went wrong, cleaned.
    pub error: String,
}

/// How much of one sort of calls is used of what the provider allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// What is counted: the provider's name for it, or what it is about.
    pub group: String,
    /// Used of `limit`; above it counts as all.
    pub used: u64,
    /// The whole; 100 where the provider tells percent.
    pub limit: u64,
    /// When all of it is free again if nothing more is asked.
    pub resets_at: Option<Timestamp>,
    /// Nothing is asked before this: the provider said so, or there is nothing left.
    pub paused_until: Option<Timestamp>,
}

impl Budget {
    /// Used of the limit at `now`: nothing once the time of its renewal has passed.
    pub fn used_at(&self, now: Timestamp) -> u64 {
        if self.resets_at.is_some_and(|at| at <= now) {
            0
        } else {
            self.used.min(self.limit)
        }
    }

    /// Paused until then, if that is still to come.
    pub fn paused_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.paused_until.filter(|until| *until > now)
    }
}
