//! What vendors posted to us, as it came: stored first, which is what the vendor waits for, then read.

use super::error::StoreError;
use super::facts::Ingested;
use super::ingest::{self, clean};
use super::sql::{Result, Sql};
use super::writer::{How, Tx};
use super::{Store, files};
use crate::model::{AccountId, Event, Timestamp};
use rusqlite::{Row, params};

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
    /// How many facts it held; `None` where it could not be read, or is read once it is on disk.
    pub events: Option<u32>,
    /// Why it could not be read.
    pub note: Option<String>,
}

impl HeardRequest {
    /// It was not read yet, or it holds facts that are to be stored.
    pub fn waits(&self) -> bool {
        match self.events {
            Some(events) => events > 0,
            None => self.note.is_none(),
        }
    }
}

/// A request that waits to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its place among all requests.
    pub id: i64,
    /// As it came.
    pub request: HeardRequest,
}

impl Store {
    /// The oldest requests of an account that wait to be read, at most `limit`.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn waiting_requests(
        &self,
        account: &AccountId,
        limit: u32,
    ) -> std::result::Result<Vec<Waiting>, StoreError> {
        let account = account.clone();
        self.read(move |connection| {
            connection.all(
                "SELECT h.at, h.method, h.query, h.headers, h.body, h.events, h.note, h.id
                 FROM heard_waiting w JOIN heard h ON h.id = w.heard WHERE w.account = ?1 ORDER BY w.heard LIMIT ?2",
                params![account.as_str(), limit],
                |row| {
                    Ok(Waiting {
                        id: row.get(7)?,
                        request: request(row)?,
                    })
                },
            )
        })
        .await
    }

    /// Stores the facts of requests that waited, which wait no more, in one transaction.
    ///
    /// # Errors
    /// When the account is not known or the mirror cannot be written; then nothing of it is stored and they go on
    /// waiting.
    pub async fn take_requests(
        &self,
        account: &AccountId,
        ids: Vec<i64>,
        events: Vec<Event>,
    ) -> std::result::Result<Ingested, StoreError> {
        let dir = self.dir().to_owned();
        let ready = files::off_thread(move || clean::batch(&dir, events)).await??;
        let account = account.clone();
        let work = move |tx: &Tx<'_>| {
            for id in &ids {
                no_longer(tx, &account, *id)?;
            }
            ingest::apply(tx, &account, ready)
        };
        self.write_as(How::Alone, work).await
    }

    /// Says why a request that waited could not be read; it stays as it came.
    ///
    /// # Errors
    /// When the mirror cannot be written.
    pub async fn leave_request(
        &self,
        account: &AccountId,
        id: i64,
        why: String,
    ) -> std::result::Result<(), StoreError> {
        let account = account.clone();
        self.write(move |tx| {
            no_longer(tx, &account, id)?;
            tx.run(
                "UPDATE heard SET events = NULL, note = ?2 WHERE id = ?1",
                params![id, why],
            )?;
            Ok(())
        })
        .await
    }

    /// Forgets requests that came before `before`, a thousand at a time; true while there is more.
    ///
    /// # Errors
    /// When the mirror cannot be written.
    pub async fn forget_heard(&self, before: Timestamp) -> std::result::Result<bool, StoreError> {
        self.write(move |tx| {
            let gone = tx.run(
                "DELETE FROM heard WHERE id IN (SELECT id FROM heard WHERE at < ?1
                   AND NOT EXISTS (SELECT 1 FROM heard_waiting w WHERE w.account = heard.account AND w.heard = heard.id)
                 ORDER BY at LIMIT 1000)",
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
                request,
            )
        })
        .await
    }
}

fn request(row: &Row<'_>) -> rusqlite::Result<HeardRequest> {
    Ok(HeardRequest {
        at: Timestamp(row.get(0)?),
        method: row.get(1)?,
        query: row.get(2)?,
        headers: row.get(3)?,
        body: row.get(4)?,
        events: row.get(5)?,
        note: row.get(6)?,
    })
}

fn no_longer(tx: &Tx<'_>, account: &AccountId, id: i64) -> Result<()> {
    tx.run(
        "DELETE FROM heard_waiting WHERE account = ?1 AND heard = ?2",
        params![account.as_str(), id],
    )?;
    Ok(())
}

pub(super) fn keep(tx: &Tx<'_>, account: &AccountId, request: &HeardRequest) -> Result<()> {
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
    if request.waits() {
        tx.run(
            "INSERT INTO heard_waiting(account, heard) VALUES (?1, ?2)",
            params![account.as_str(), tx.last_insert_rowid()],
        )?;
    }
    Ok(())
}
