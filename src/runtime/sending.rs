//! Waiting for one thing to leave, for the one-line verbs.

use super::accounts;
use crate::config::Config;
use crate::model::query::OutboxRow;
use crate::model::{AccountId, Clock, OutboxId, OutboxState, Query, SystemClock};
use crate::outbox::worker::OutboxTask;
use crate::store::Store;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// The longest wait.
const LONGEST: Duration = Duration::from_mins(3);

/// Waits until a row of the outbox has come to an end, and returns it. Where no other process runs the engine, this one
/// sends it.
///
/// # Errors
/// When the mirror cannot be read, or the row is not there.
pub async fn send_wait(config: &Config, store: &Store, id: OutboxId) -> anyhow::Result<OutboxRow> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let mut guard = None;
    let mut changes = store.changes();
    let until = tokio::time::Instant::now() + LONGEST;
    loop {
        let row = find(store, id).await?;
        let ended = !matches!(
            row.state,
            OutboxState::Held | OutboxState::Queued | OutboxState::Sending
        );
        if ended || tokio::time::Instant::now() >= until {
            return Ok(row);
        }
        if guard.is_none() {
            // Asked again each time: whoever held the engine may have ended meanwhile.
            guard = store.engine_lock().try_hold().await?;
        }
        let due = row.due_at.unwrap_or_default().since(clock.now());
        if guard.is_some() && due <= 0 {
            send(config, store, &clock, &row.out.account).await?;
        }
        let wait = Duration::from_millis(u64::try_from(due).unwrap_or(0).clamp(50, 1_000));
        let _ = tokio::time::timeout(wait, changes.recv()).await;
    }
}

/// Sends what is due on one account, after looking up what an engine before this one left open.
async fn send(
    config: &Config,
    store: &Store,
    clock: &Arc<dyn Clock>,
    wanted: &AccountId,
) -> anyhow::Result<()> {
    for account in accounts::engine_accounts(config, clock) {
        if account.id != *wanted {
            continue;
        }
        store
            .ensure_account(&account.id, account.info.clone())
            .await?;
        let (trouble, _told) = mpsc::channel(8);
        let task = OutboxTask {
            account: account.id,
            provider: account.provider,
            store: store.clone(),
            clock: clock.clone(),
            fresh: None,
            trouble,
        };
        task.settle_stranded().await?;
        task.send_due().await?;
    }
    Ok(())
}

async fn find(store: &Store, id: OutboxId) -> anyhow::Result<OutboxRow> {
    let answer = store.answer(Query::Outbox { limit: 500 }).await?;
    answer
        .outbox_row(id)
        .cloned()
        .ok_or_else(|| anyhow::anyhow!("there is no message {id} in the outbox"))
}
