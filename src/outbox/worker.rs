//! Takes what is due from the outbox of one account, calls the provider, records what it said.
//!
//! Every arrow is one durable transaction in the store; the network is only touched while a row is `sending`. What was
//! found in `sending` at start is looked up at the provider and never resent blindly.

use super::look_again::Looked;
use super::machine::{self, SendEvent};
use crate::model::{AccountId, Clock, Timestamp};
use crate::providers::{Provider, ProviderError, Reconciled};
use crate::store::{Claimed, SendResult, Store, StoreError};
use futures::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc};

/// The longest a call of the provider may take before its outcome counts as unknown.
const SEND_LIMIT: Duration = Duration::from_mins(2);
/// The longest wait for the pull that precedes a send.
const FRESH_LIMIT: Duration = Duration::from_secs(15);
/// The wait after the mirror failed to answer.
const MIRROR_WAIT: Duration = Duration::from_secs(5);

/// Reads the account's feed and says whether that worked: what is sent next is checked against what came.
pub type Fresh = Arc<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

/// A send came to an end that somebody should hear of.
#[derive(Debug, Clone)]
pub struct Trouble {
    /// On which account.
    pub account: AccountId,
    /// What happened, in a cleaned sentence.
    pub says: String,
    /// It may have left all the same.
    pub unknown: bool,
}

/// The outbox of one account.
pub struct OutboxTask {
    /// Which account.
    pub account: AccountId,
    /// Its provider.
    pub provider: Arc<dyn Provider>,
    /// The mirror.
    pub store: Store,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Reads the feed before something leaves; none where there is nothing to read.
    pub fresh: Option<Fresh>,
    /// Where trouble is told.
    pub trouble: mpsc::Sender<Trouble>,
}

impl OutboxTask {
    /// Runs until the engine ends.
    pub async fn run(self) {
        let mut changes = self.store.changes();
        let mut looked = Looked::default();
        loop {
            match self.settle_stranded().await {
                Ok(()) => break,
                Err(error) => {
                    tracing::error!(account = %self.account, %error, "outbox cannot be read");
                    tokio::time::sleep(MIRROR_WAIT).await;
                }
            }
        }
        loop {
            let next = match self.send_due().await {
                Ok(next) => next,
                Err(error) => {
                    tracing::error!(account = %self.account, %error, "outbox stopped");
                    Some(self.clock.now() + i64::try_from(MIRROR_WAIT.as_millis()).unwrap_or(0))
                }
            };
            let look = match self.look_again(&mut looked).await {
                Ok(look) => look,
                Err(error) => {
                    tracing::error!(account = %self.account, %error, "outbox is not looked at again");
                    Some(MIRROR_WAIT)
                }
            };
            self.sleep_until(next, look, &mut changes).await;
        }
    }

    /// Sends everything that is due now and returns when something will be due next.
    ///
    /// # Errors
    /// When the mirror cannot be read or written; nothing is lost, rows stay where they are.
    pub async fn send_due(&self) -> Result<Option<Timestamp>, StoreError> {
        loop {
            let now = self.clock.now();
            let due = self.store.outbox_next_due_of(&self.account).await?;
            match due {
                Some(due) if due <= now => {}
                later => return Ok(later),
            }
            if !self.is_fresh().await {
                // The feed cannot be read, so what the agent saw cannot be confirmed to be current; wait for it.
                return Ok(Some(now + 5_000));
            }
            let claimed = self
                .store
                .outbox_claim(self.clock.now(), Some(&self.account));
            if let Some(claimed) = claimed.await? {
                self.send(claimed).await?;
                continue;
            }
            // Due, but stopped by the checks at claiming: it shows as needing attention. Look again.
            if self.store.outbox_next_due_of(&self.account).await? == due {
                return Ok(Some(now + 1_000));
            }
        }
    }

    /// Looks up what was being sent when the last engine died.
    ///
    /// # Errors
    /// When the mirror cannot be read or written.
    pub async fn settle_stranded(&self) -> Result<(), StoreError> {
        for claimed in self.store.outbox_stranded().await? {
            if claimed.row.out.account == self.account {
                self.look_up(claimed, "the program ended while this was being sent")
                    .await?;
            }
        }
        Ok(())
    }

    async fn is_fresh(&self) -> bool {
        match &self.fresh {
            None => true,
            Some(fresh) => tokio::time::timeout(FRESH_LIMIT, fresh())
                .await
                .unwrap_or(false),
        }
    }

    async fn send(&self, claimed: Claimed) -> Result<(), StoreError> {
        let sent = tokio::time::timeout(SEND_LIMIT, self.provider.send(&claimed.row.out)).await;
        let error = match sent {
            Ok(Ok(receipt)) => {
                for (address, reason) in &receipt.refused {
                    self.trouble(format!("{address} was refused: {reason}"), false)
                        .await;
                }
                let (id, fence) = (claimed.row.out.id, claimed.fence);
                return self
                    .store
                    .outbox_finish(id, fence, SendResult::Sent(receipt))
                    .await;
            }
            Ok(Err(error)) => error,
            Err(_) => ProviderError::Ambiguous("the provider did not answer in time".to_owned()),
        };
        if let ProviderError::Ambiguous(reason) = &error {
            let reason = reason.clone();
            return self.look_up(claimed, &reason).await;
        }
        let now = self.clock.now();
        let event = event_of(&error);
        let reason = error.to_string();
        let first = claimed.first_try;
        let result =
            match machine::after_try(event, claimed.row.attempts, first, now, fastrand::f64()) {
                Ok((_, Some(at))) => SendResult::Retry { at, reason },
                Ok((_, None)) => {
                    self.trouble(format!("to {}: {reason}", first_recipient(&claimed)), false)
                        .await;
                    SendResult::Failed { reason }
                }
                // The table has no such pair; a person decides rather than a guess.
                Err(illegal) => SendResult::Unknown {
                    reason: illegal.to_string(),
                },
            };
        self.store
            .outbox_finish(claimed.row.out.id, claimed.fence, result)
            .await
    }

    /// After an unknown outcome: found is sent, surely absent goes back to the queue, else a person decides.
    async fn look_up(&self, claimed: Claimed, because: &str) -> Result<(), StoreError> {
        let can = self.provider.capabilities();
        let (id, fence) = (claimed.row.out.id, claimed.fence);
        let age = self.clock.now().since(claimed.row.since);
        let repeatable = can
            .idempotent_for
            .is_some_and(|window| u128::from(age.unsigned_abs()) < window.as_millis());
        let found = if repeatable {
            // The provider itself refuses the second one: the same key may be sent again.
            Reconciled::Absent
        } else if can.look_up {
            self.reconciled(&claimed).await
        } else {
            Reconciled::CannotTell
        };
        match found {
            Reconciled::Found(receipt) => {
                self.store
                    .outbox_finish(id, fence, SendResult::Sent(receipt))
                    .await
            }
            Reconciled::Absent => self.store.outbox_requeue(id, fence).await,
            // It may be on its way there still; it is looked at again.
            Reconciled::CannotTell | Reconciled::Unlisted { .. } => {
                self.trouble(format!("may or may not have been sent: {because}"), true)
                    .await;
                let reason = because.to_owned();
                self.store
                    .outbox_finish(id, fence, SendResult::Unknown { reason })
                    .await
            }
        }
    }

    /// What the provider knows of it; nothing where it cannot be asked.
    pub(super) async fn reconciled(&self, claimed: &Claimed) -> Reconciled {
        let asked = self.provider.reconcile(&claimed.row.out);
        match tokio::time::timeout(SEND_LIMIT, asked).await {
            Ok(Ok(found)) => found,
            Ok(Err(_)) | Err(_) => Reconciled::CannotTell,
        }
    }

    async fn trouble(&self, says: String, unknown: bool) {
        let says = crate::text::sanitize::sanitize_line(&says).text;
        let account = self.account.clone();
        let _ = self
            .trouble
            .send(Trouble {
                account,
                says,
                unknown,
            })
            .await;
    }

    /// Sleeps until something may be due: at `next`, after `look`, or when the outbox changed.
    async fn sleep_until(
        &self,
        next: Option<Timestamp>,
        look: Option<Duration>,
        changes: &mut broadcast::Receiver<crate::store::Change>,
    ) {
        let wait = next.map(|next| {
            Duration::from_millis(u64::try_from(next.since(self.clock.now())).unwrap_or(0))
        });
        let wait = [wait, look].into_iter().flatten().min();
        let timer = async {
            match wait {
                Some(wait) => tokio::time::sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        let changed = async {
            loop {
                match changes.recv().await {
                    Ok(change) if change.outbox || change.foreign => return,
                    Ok(_) => {}
                    Err(broadcast::error::RecvError::Lagged(_)) => return,
                    Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        tokio::select! {
            () = timer => {}
            () = changed => {}
        }
    }
}

fn first_recipient(claimed: &Claimed) -> &str {
    let first = claimed.row.out.recipients.to.first();
    first.map_or("nobody", |party| party.address.as_str())
}

/// What an error means to the machine. Only errors that guarantee that nothing left come here.
fn event_of(error: &ProviderError) -> SendEvent {
    match error {
        ProviderError::Auth(_) | ProviderError::Locked(_) => SendEvent::Auth,
        ProviderError::RateLimited { retry_after } => SendEvent::RateLimited {
            retry_after: *retry_after,
        },
        ProviderError::Transient(_) => SendEvent::Transient,
        ProviderError::Ambiguous(_) => SendEvent::AmbiguousLoss { key_safe: false },
        ProviderError::Rejected { permanent, .. } => SendEvent::Rejected {
            permanent: *permanent,
        },
        ProviderError::Unsupported(_) | ProviderError::Bug(_) => {
            SendEvent::Rejected { permanent: true }
        }
    }
}
