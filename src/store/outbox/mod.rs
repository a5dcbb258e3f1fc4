//! The durable queue of everything that leaves. Which step is legal, [`crate::outbox::machine`] decides; here each is
//! one transaction.

mod by_hand;
mod claim;
mod copies;
mod finish;
mod row;

pub(super) use by_hand::{
    cancel, cancel_by_hand, remove_message, retry, send_now, settle, still_here,
};
pub(super) use finish::proof;
pub(super) use row::{Row, in_conversation, listed};

use super::Store;
use super::error::{ApplyError, StoreError};
use super::sending::{Claimed, SendResult};
use super::sql::{Result, Sql};
use super::writer::Tx;
use crate::model::command::Refusal;
use crate::model::{AccountId, OutboxId, OutboxState, Timestamp};
use crate::outbox::machine::{Illegal, SendEvent, Step, step};
use crate::store::sql::Word;
use rusqlite::{Connection, params};

/// Rows that something happens to by itself.
const WAITS: &str = "state IN ('held', 'queued', 'retry')";

impl Store {
    /// When the next row of the outbox is due; none when nothing waits.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn outbox_next_due(&self) -> std::result::Result<Option<Timestamp>, StoreError> {
        self.read(|connection| next_due(connection, None)).await
    }

    /// When the next row of an account's outbox is due; none when nothing waits.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn outbox_next_due_of(
        &self,
        account: &AccountId,
    ) -> std::result::Result<Option<Timestamp>, StoreError> {
        let account = account.clone();
        self.read(move |connection| next_due(connection, Some(&account)))
            .await
    }

    /// Moves the next due row to `sending` and gives it, once all that it was based on was checked again in the same
    /// transaction. What does not hold any more goes to `needs attention` (or back to a draft) and the next is taken.
    ///
    /// # Errors
    /// When the mirror cannot be written.
    pub async fn outbox_claim(
        &self,
        now: Timestamp,
        account: Option<&AccountId>,
    ) -> std::result::Result<Option<Claimed>, StoreError> {
        let account = account.cloned();
        self.write(move |tx| claim::next(tx, now, account.as_ref()))
            .await
    }

    /// Records how a try ended. A void claim changes nothing, but proof that it left always counts.
    ///
    /// # Errors
    /// When the mirror cannot be written.
    pub async fn outbox_finish(
        &self,
        id: OutboxId,
        fence: i64,
        result: SendResult,
    ) -> std::result::Result<(), StoreError> {
        self.write(move |tx| finish::finish(tx, id, fence, &result))
            .await
    }

    /// Rows found in `sending`: what the engine before this one did not come to record. Their fate is open.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn outbox_stranded(&self) -> std::result::Result<Vec<Claimed>, StoreError> {
        let dir = self.dir().to_owned();
        self.read(move |connection| {
            let sql = format!("{} WHERE state = 'sending' ORDER BY id", row::SELECT);
            let rows = connection.all(&sql, [], row::read)?;
            Ok(rows.into_iter().map(|row| row.claimed(&dir)).collect())
        })
        .await
    }

    /// Rows of an account of which nobody knows whether they left.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn outbox_unknown(
        &self,
        account: &AccountId,
    ) -> std::result::Result<Vec<Claimed>, StoreError> {
        let (dir, account) = (self.dir().to_owned(), account.clone());
        self.read(move |connection| {
            let rows = connection.all(&unknown(), [account.as_str()], row::read)?;
            Ok(rows.into_iter().map(|row| row.claimed(&dir)).collect())
        })
        .await
    }

    /// Puts a row back that surely was not sent, to be sent at once. A void claim changes nothing.
    ///
    /// # Errors
    /// When the mirror cannot be written.
    pub async fn outbox_requeue(
        &self,
        id: OutboxId,
        fence: i64,
    ) -> std::result::Result<(), StoreError> {
        self.write(move |tx| finish::requeue(tx, id, fence)).await
    }
}

/// Rows of an account that may or may not have been sent; the index of open rows is used where a query says so.
pub(super) fn unknown() -> String {
    format!(
        "{} WHERE state = 'unknown' AND state NOT IN ('sent', 'cancelled') AND account = ?1 ORDER BY id",
        row::SELECT
    )
}

fn next_due(connection: &Connection, account: Option<&AccountId>) -> Result<Option<Timestamp>> {
    let due: Option<i64> = match account {
        None => connection.value(
            &format!("SELECT due_at FROM outbox WHERE {WAITS} ORDER BY due_at LIMIT 1"),
            [],
        )?,
        Some(account) => connection.value(
            &format!(
                "SELECT due_at FROM outbox WHERE {WAITS} AND account = ?1 ORDER BY due_at LIMIT 1"
            ),
            [account.as_str()],
        )?,
    };
    Ok(due.map(Timestamp))
}

/// Where the row goes, or the refusal that it is too late.
fn go(state: OutboxState, event: SendEvent) -> Result<Step> {
    step(state, event).map_err(|Illegal { state, .. }| {
        ApplyError::from(Refusal::TooLate {
            state: state.name().to_owned(),
        })
    })
}

/// Writes a row's new state.
fn set(
    tx: &Tx<'_>,
    id: OutboxId,
    state: OutboxState,
    due_at: Option<Timestamp>,
    reason: Option<&str>,
) -> Result<()> {
    tx.run(
        "UPDATE outbox SET state = ?2, since = ?3, due_at = ?4, reason = ?5 WHERE id = ?1",
        params![
            id.0,
            Word(state),
            tx.now.0,
            due_at.map(|at| at.0),
            reason.map(super::ingest::clean::line)
        ],
    )?;
    tx.outbox();
    Ok(())
}
