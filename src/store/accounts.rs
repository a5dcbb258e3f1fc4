//! Accounts as the mirror knows them, their cursors and their health.

use super::Store;
use super::error::StoreError;
use super::facts::AccountInfo;
use super::ingest::clean::line;
use super::sql::{Json, Result, Sql};
use super::writer::Tx;
use crate::model::{AccountHealth, AccountId, Cursor};
use rusqlite::{Connection, OptionalExtension, params};

/// The cursor of a normal read.
pub(super) const PULL: &str = "pull";
/// The cursor of a backfill.
pub(super) const BACKFILL: &str = "backfill";

impl Store {
    /// Makes the account known, or changes what is known of it.
    ///
    /// # Errors
    /// When the mirror cannot be written.
    pub async fn ensure_account(
        &self,
        account: &AccountId,
        info: AccountInfo,
    ) -> std::result::Result<(), StoreError> {
        let account = account.clone();
        self.write(move |tx| {
            if known(tx, &account)?.as_ref() == Some(&info) {
                return Ok(());
            }
            tx.run(
                "INSERT INTO account(name, info, window_ms, sla_ms) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT(name) DO UPDATE SET info = excluded.info, window_ms = excluded.window_ms,
                   sla_ms = excluded.sla_ms",
                params![
                    account.as_str(),
                    Json(&info),
                    info.reply_window_ms,
                    info.sla_ms
                ],
            )?;
            tx.lists();
            Ok(())
        })
        .await
    }

    /// What is known of an account.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn account(
        &self,
        account: &AccountId,
    ) -> std::result::Result<Option<AccountInfo>, StoreError> {
        let account = account.clone();
        self.read(move |connection| known(connection, &account))
            .await
    }

    /// Where the account's feed was read up to.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn cursor(
        &self,
        account: &AccountId,
    ) -> std::result::Result<Option<Cursor>, StoreError> {
        self.named_cursor(account, PULL).await
    }

    /// Where the account's backfill was read down to.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn backfill_cursor(
        &self,
        account: &AccountId,
    ) -> std::result::Result<Option<Cursor>, StoreError> {
        self.named_cursor(account, BACKFILL).await
    }

    async fn named_cursor(
        &self,
        account: &AccountId,
        name: &'static str,
    ) -> std::result::Result<Option<Cursor>, StoreError> {
        let account = account.clone();
        self.read(move |connection| {
            let value = connection.value(
                "SELECT value FROM cursor WHERE account = ?1 AND name = ?2",
                params![account.as_str(), name],
            )?;
            Ok(value.map(Cursor))
        })
        .await
    }

    /// Sets or forgets where the account's backfill was read down to.
    ///
    /// # Errors
    /// When the mirror cannot be written.
    pub async fn set_backfill_cursor(
        &self,
        account: &AccountId,
        cursor: Option<Cursor>,
    ) -> std::result::Result<(), StoreError> {
        let account = account.clone();
        self.write(move |tx| set_cursor(tx, &account, BACKFILL, cursor.as_ref()))
            .await
    }

    /// Forgets how accounts were that are not among these: they are no longer configured.
    ///
    /// # Errors
    /// When the mirror cannot be written.
    pub async fn keep_health(&self, known: Vec<AccountId>) -> std::result::Result<(), StoreError> {
        let gone = move |rows: Vec<AccountHealth>| -> Vec<AccountId> {
            let mut gone: Vec<AccountId> = rows.into_iter().map(|row| row.account).collect();
            gone.retain(|account| !known.contains(account));
            gone
        };
        let gone = self
            .read(move |connection| Ok(gone(health(connection)?)))
            .await?;
        if gone.is_empty() {
            return Ok(());
        }
        self.write(move |tx| {
            for account in &gone {
                tx.run("DELETE FROM health WHERE account = ?1", [account.as_str()])?;
            }
            tx.health(true);
            Ok(())
        })
        .await
    }

    /// Keeps how an account is; unchanged health writes nothing.
    ///
    /// # Errors
    /// When the mirror cannot be written.
    pub async fn set_health(&self, health: AccountHealth) -> std::result::Result<(), StoreError> {
        let health = shown(health);
        self.write(move |tx| {
            let before = stored(tx, &health.account)?;
            if before.as_ref() == Some(&health) {
                return Ok(());
            }
            tx.run(
                "INSERT INTO health(account, data) VALUES (?1, ?2)
                 ON CONFLICT(account) DO UPDATE SET data = excluded.data",
                params![health.account.as_str(), Json(&health)],
            )?;
            tx.health(before.is_none_or(|before| before.state != health.state));
            Ok(())
        })
        .await
    }
}

fn stored(connection: &Connection, account: &AccountId) -> Result<Option<AccountHealth>> {
    let found = connection
        .prepare_cached("SELECT data FROM health WHERE account = ?1")?
        .query_row([account.as_str()], |row| {
            row.get::<_, Json<AccountHealth>>(0)
        })
        .optional()?;
    Ok(found.map(|health| health.0))
}

/// How all accounts are, by name.
pub(super) fn health(connection: &Connection) -> Result<Vec<AccountHealth>> {
    connection.all("SELECT data FROM health ORDER BY account", [], |row| {
        Ok(row.get::<_, Json<AccountHealth>>(0)?.0)
    })
}

/// What is known of an account.
pub(super) fn known(connection: &Connection, account: &AccountId) -> Result<Option<AccountInfo>> {
    let info = connection.value::<Json<AccountInfo>>(
        "SELECT info FROM account WHERE name = ?1",
        [account.as_str()],
    )?;
    Ok(info.map(|info| info.0))
}

/// Moves a cursor, in the transaction that stores what was read.
pub(super) fn set_cursor(
    tx: &Tx<'_>,
    account: &AccountId,
    name: &str,
    cursor: Option<&Cursor>,
) -> Result<()> {
    match cursor {
        Some(cursor) => tx.run(
            "INSERT INTO cursor(account, name, value, at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT(account, name) DO UPDATE SET value = excluded.value, at = excluded.at",
            params![account.as_str(), name, cursor.0, tx.now.0],
        )?,
        None => tx.run(
            "DELETE FROM cursor WHERE account = ?1 AND name = ?2",
            params![account.as_str(), name],
        )?,
    };
    Ok(())
}

/// What servers said, so that it may be shown.
fn shown(mut health: AccountHealth) -> AccountHealth {
    let past = health.past.as_mut().map(|past| &mut past.error);
    let told = [&mut health.error, &mut health.remedy];
    let words = told.into_iter().filter_map(Option::as_mut);
    for words in words.chain(&mut health.gaps).chain(past) {
        *words = line(words);
    }
    health
}
