//! The desk's policy in the mirror: set at the start, and conversations follow when its promises change.

use super::Store;
use super::derived;
use super::error::StoreError;
use super::sql::Sql;
use crate::desk::Policy;
use crate::model::ConversationId;
use rusqlite::params;
use std::sync::{Arc, PoisonError};

/// Conversations whose due times are made anew in one transaction.
const AT_ONCE: u32 = 500;

impl Store {
    /// Sets the promises and rules by which everything is kept from now on. Due times that are on disk follow with
    /// [`Store::renew_promises`].
    pub fn set_policy(&self, policy: Policy) {
        *self
            .0
            .policy
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
    }

    /// Makes the due times of waiting conversations anew if the promises are others than when they were made; a few
    /// hundred at a time, so that nobody waits for it.
    ///
    /// # Errors
    /// When the mirror cannot be written.
    pub async fn renew_promises(&self) -> Result<(), StoreError> {
        let mut after = 0_i64;
        loop {
            let next = self
                .write(move |tx| {
                    let mark = tx.policy.mark();
                    let kept: Option<String> =
                        tx.value("SELECT value FROM fact WHERE name = 'promises'", [])?;
                    if after == 0 && kept.as_deref() == Some(mark) {
                        return Ok(None);
                    }
                    let ids = tx.all(
                        "SELECT id FROM conversation WHERE id > ?1 AND waiting_since IS NOT NULL ORDER BY id LIMIT ?2",
                        params![after, AT_ONCE],
                        |row| Ok(ConversationId(row.get(0)?)),
                    )?;
                    for id in &ids {
                        derived::refresh(tx, *id)?;
                    }
                    if ids.len() < AT_ONCE as usize {
                        tx.run(
                            "INSERT INTO fact(name, value) VALUES ('promises', ?1)
                             ON CONFLICT(name) DO UPDATE SET value = excluded.value",
                            [mark],
                        )?;
                        return Ok(None);
                    }
                    Ok(ids.last().map(|id| id.0))
                })
                .await?;
            match next {
                Some(last) => after = last,
                None => return Ok(()),
            }
        }
    }
}
