//! The durable queue of what agents changed and the provider should know: read, answered, spam.

use super::Store;
use super::error::StoreError;
use super::sql::{Json, Sql};
use crate::model::AccountId;
use crate::model::event::RemoteChange;
use rusqlite::params;

impl Store {
    /// Changes that the provider was not told of yet, oldest first, with the numbers by which they are reported done.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn remote_changes(
        &self,
        account: &AccountId,
        limit: u32,
    ) -> Result<Vec<(i64, RemoteChange)>, StoreError> {
        let account = account.clone();
        self.read(move |connection| {
            connection.all(
                "SELECT id, change FROM remote_change WHERE account = ?1 AND done_at IS NULL ORDER BY id LIMIT ?2",
                params![account.as_str(), limit],
                |row| Ok((row.get(0)?, row.get::<_, Json<RemoteChange>>(1)?.0)),
            )
        })
        .await
    }

    /// The provider was told, or has refused for good (`failed` says why).
    ///
    /// # Errors
    /// When the mirror cannot be written.
    pub async fn remote_change_done(
        &self,
        id: i64,
        failed: Option<String>,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            tx.run(
                "UPDATE remote_change SET done_at = ?2, failed = ?3 WHERE id = ?1",
                params![
                    id,
                    tx.now.0,
                    failed.as_deref().map(super::ingest::clean::line)
                ],
            )?;
            Ok(())
        })
        .await
    }
}
