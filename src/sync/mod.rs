//! One supervised task per account: pull, subscribe, push back, and start again after whatever goes wrong.
//!
//! The tasks reach the screen only through the store's changes and [`EngineEvent`]s. Nothing here decides by the words
//! of an error; [`backoff`] and [`condition`] decide by its variant.

pub mod account;
pub mod backoff;
mod bulletin;
pub mod condition;
pub mod fetch;
pub mod merge;
pub mod supervisor;
pub mod templates;
pub mod transcribe;

use crate::model::AccountId;
use crate::store::Arrival;
use tokio::sync::{mpsc, oneshot};

/// What the engine tells whoever listens (notifications, the log of a headless run).
#[derive(Debug, Clone)]
pub enum EngineEvent {
    /// These came in.
    Arrivals {
        /// On which account.
        account: AccountId,
        /// What, in the order stored.
        arrivals: Vec<Arrival>,
        /// The first read of the backlog is still going on: old mail, not news.
        backlog: bool,
    },
    /// An account needs a person.
    Broken {
        /// Which.
        account: AccountId,
        /// What is wrong and what to do.
        says: String,
    },
}

/// Asks an account's task to pull at once; answered once what came is in the mirror.
#[derive(Debug)]
pub struct PullNow {
    /// Told whether the pull succeeded.
    pub done: Option<oneshot::Sender<bool>>,
}

/// The way to an account's task.
#[derive(Debug, Clone)]
pub struct Nudge(mpsc::Sender<PullNow>);

impl Nudge {
    /// A nudge and the end that the account's task listens on.
    pub fn new() -> (Self, mpsc::Receiver<PullNow>) {
        let (sender, receiver) = mpsc::channel(16);
        (Self(sender), receiver)
    }

    /// Pull soon; no answer wanted. Dropped when the task has enough of them waiting already.
    pub fn pull(&self) {
        let _ = self.0.try_send(PullNow { done: None });
    }

    /// Pull now and wait until what came is in the mirror. False when that failed or the task is gone.
    pub async fn pull_and_wait(&self) -> bool {
        let (done, answer) = oneshot::channel();
        if self.0.send(PullNow { done: Some(done) }).await.is_err() {
            return false;
        }
        answer.await.unwrap_or(false)
    }
}
