//! Reads the templates of one account now and then, so that a list of them is at hand at once.

use crate::model::time::{HOUR, MINUTE};
use crate::model::{AccountId, Clock, Timestamp};
use crate::providers::{Provider, ProviderError};
use crate::store::{Store, StoreError};
use std::sync::Arc;
use std::time::Duration;

/// Vendors decide on a template within minutes or days; who waits for one asks with `frontdesk templates --read`.
const AGAIN: i64 = 6 * HOUR;
/// After a reading that failed.
const AFTER_FAILURE: i64 = 15 * MINUTE;
/// The longest that a reading may take.
const LIMIT: Duration = Duration::from_mins(2);

/// Reads an account's templates.
pub struct TemplateTask {
    /// Which account.
    pub account: AccountId,
    /// Its provider.
    pub provider: Arc<dyn Provider>,
    /// The mirror.
    pub store: Store,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

impl TemplateTask {
    /// Runs until the engine ends.
    pub async fn run(self) {
        loop {
            let wait = match self.due().await {
                Ok(due) => due.since(self.clock.now()),
                Err(_) => AFTER_FAILURE,
            };
            if wait > 0 {
                // Looked at anew when it is over: another process may have read meanwhile.
                let wait = Duration::from_millis(wait.unsigned_abs());
                tokio::time::sleep(wait).await;
                continue;
            }
            if let Err(error) = read(&self.account, self.provider.as_ref(), &self.store).await {
                tracing::warn!(account = %self.account, %error, "templates not kept");
                tokio::time::sleep(Duration::from_mins(1)).await;
            }
        }
    }

    async fn due(&self) -> Result<Timestamp, StoreError> {
        let asked = self.store.templates_asked(&self.account).await?;
        Ok(asked.map_or(Timestamp(i64::MIN / 2), |(at, worked)| {
            at + if worked { AGAIN } else { AFTER_FAILURE }
        }))
    }
}

/// Reads the templates of an account and keeps them, or why they could not be read; gives that reason.
///
/// # Errors
/// When the mirror cannot be written.
pub async fn read(
    account: &AccountId,
    provider: &dyn Provider,
    store: &Store,
) -> Result<Option<String>, StoreError> {
    let read = tokio::time::timeout(LIMIT, provider.templates())
        .await
        .unwrap_or_else(|_| Err(ProviderError::Transient("no answer in time".to_owned())))
        .map_err(|error| error.to_string());
    let failed = read.as_ref().err().cloned();
    store.put_templates(account, read).await?;
    Ok(failed)
}
