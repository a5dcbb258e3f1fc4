//! What vendors posted to us, as it came, stored together with the facts that it held.

use super::error::StoreError;
use super::facts::Ingested;
use super::ingest::{self, clean};
use super::sql::{Result, Sql};
use super::writer::Tx;
use super::{Store, files};
use crate::model::{AccountId, Event, Timestamp};
use rusqlite::params;

/// A request as it came. Its sender was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeardRequest {
    /// When.
    pub at: Timestamp,
    /// Method, upper case.
    pub method: String,
    /// Query without `?`, as received.
    pub query: String,
    /// Headers that help to understand it, one per line, `name: value`; no signature and no token.
    pub headers: String,
    /// Body.
    pub body: Vec<u8>,
    /// How many facts it held; `None` where it could not be read.
    pub events: Option<u32>,
    /// Why it could not be read, or what else should be known.
    pub note: Option<String>,
}

impl Store {
    /// Stores requests and the facts that they held in one transaction: when this returns, all of it is on disk and the
    /// vendor may be answered.
    ///
    /// # Errors
    /// When the account is not known or the mirror cannot be written; then nothing of it is stored.
    pub async fn hear(
        &self,
        account: &AccountId,
        requests: Vec<HeardRequest>,
        events: Vec<Event>,
    ) -> std::result::Result<Ingested, StoreError> {
        let dir = self.dir().to_owned();
        let ready = if events.is_empty() {
            Vec::new()
        } else {
            files::off_thread(move || clean::batch(&dir, events)).await??
        };
        let account = account.clone();
        let work = move |tx: &Tx<'_>| {
            for request in &requests {
                keep(tx, &account, request)?;
            }
            if ready.is_empty() {
                return Ok(Ingested::default());
            }
            ingest::apply(tx, &account, ready)
        };
        self.write_much(work).await
    }

    /// Forgets requests that came before `before`, a thousand at a time; true while there is more.
    ///
    /// # Errors
    /// When the mirror cannot be written.
    pub async fn forget_heard(&self, before: Timestamp) -> std::result::Result<bool, StoreError> {
        self.write(move |tx| {
            let gone = tx.run(
                "DELETE FROM heard WHERE id IN (SELECT id FROM heard WHERE at < ?1 ORDER BY at LIMIT 1000)",
                [before.0],
            )?;
            Ok(gone == 1000)
        })
        .await
    }

    /// The newest requests of an account, newest first, at most `limit`.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn heard(
        &self,
        account: &AccountId,
        limit: u32,
    ) -> std::result::Result<Vec<HeardRequest>, StoreError> {
        let account = account.clone();
        self.read(move |connection| {
            connection.all(
                "SELECT at, method, query, headers, body, events, note FROM heard WHERE account = ?1 ORDER BY id DESC LIMIT ?2",
                params![account.as_str(), limit],
                |row| {
                    Ok(HeardRequest {
                        at: Timestamp(row.get(0)?),
                        method: row.get(1)?,
                        query: row.get(2)?,
                        headers: row.get(3)?,
                        body: row.get(4)?,
                        events: row.get(5)?,
                        note: row.get(6)?,
                    })
                },
            )
        })
        .await
    }
}

fn keep(tx: &Tx<'_>, account: &AccountId, request: &HeardRequest) -> Result<()> {
    tx.run(
        "INSERT INTO heard(account, at, method, query, headers, body, events, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            account.as_str(),
            request.at.0,
            request.method,
            request.query,
            request.headers,
            request.body,
            request.events,
            request.note,
        ],
    )?;
    Ok(())
}
