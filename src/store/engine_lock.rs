//! Who runs the engine: one process per mirror, by a lock that the kernel gives back when its holder dies.

use super::Store;
use super::error::StoreError;
use super::open::private;
use super::sql::Sql;
use crate::model::Timestamp;
use rusqlite::params;
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::PathBuf;
use tokio::sync::oneshot;

/// The way to become the engine's holder.
#[derive(Clone)]
pub struct EngineLock {
    store: Store,
    path: PathBuf,
}

/// Held while this process runs the engine; dropped, or by the holder's death, another takes over.
#[derive(Debug)]
pub struct EngineGuard {
    _file: File,
}

/// The process that runs the engine, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// Its machine.
    pub host: String,
    /// Since when.
    pub since: Timestamp,
}

impl EngineLock {
    pub(super) fn new(store: Store) -> Self {
        let path = store.dir().join("engine.lock");
        Self { store, path }
    }

    /// Takes the engine if nobody has it.
    ///
    /// # Errors
    /// When the lock's file cannot be used.
    pub async fn try_hold(&self) -> Result<Option<EngineGuard>, StoreError> {
        let file = self.open()?;
        match file.try_lock() {
            Ok(()) => self.held(file).await.map(Some),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(StoreError::io(&self.path, error)),
        }
    }

    /// Somebody has it, in this process or another.
    ///
    /// # Errors
    /// When the lock's file cannot be used.
    pub fn is_held(&self) -> Result<bool, StoreError> {
        let file = self.open()?;
        // A shared look: two who look at the same time do not take each other for the holder.
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(StoreError::io(&self.path, error)),
        }
    }

    /// Waits until the engine is free and takes it. The kernel wakes the waiter; nothing polls.
    ///
    /// # Errors
    /// When the lock's file cannot be used.
    pub async fn wait(&self) -> Result<EngineGuard, StoreError> {
        let file = self.open()?;
        let (send, locked) = oneshot::channel();
        // A thread of its own: a waiter may wait for days and must not hold up the end of the program.
        std::thread::Builder::new()
            .name("engine-wait".to_owned())
            .spawn(move || {
                let result = file.lock().map(|()| file);
                // If nobody waits any more, dropping the file gives the lock back.
                let _ = send.send(result);
            })
            .map_err(|error| StoreError::io("a thread", error))?;
        let file = locked
            .await
            .map_err(|_| StoreError::Closed)?
            .map_err(|error| StoreError::io(&self.path, error))?;
        self.held(file).await
    }

    /// Who holds it, as last written down; it may have died since.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn holder(&self) -> Result<Option<Holder>, StoreError> {
        self.store
            .read(|connection| {
                connection.one("SELECT pid, host, since FROM holder", [], |row| {
                    Ok(Holder {
                        pid: row.get(0)?,
                        host: row.get(1)?,
                        since: Timestamp(row.get(2)?),
                    })
                })
            })
            .await
    }

    /// Who runs the engine now; none when nobody does, whatever was written down. Writes nothing, so that it works on
    /// a disk that cannot be written.
    ///
    /// # Errors
    /// When the mirror or the lock's file cannot be read.
    pub async fn running(&self) -> Result<Option<Holder>, StoreError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::io(&self.path, error)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => self.holder().await,
            Err(TryLockError::Error(error)) => Err(StoreError::io(&self.path, error)),
        }
    }

    fn open(&self) -> Result<File, StoreError> {
        private(&self.path).map_err(|error| StoreError::io(&self.path, error))
    }

    async fn held(&self, file: File) -> Result<EngineGuard, StoreError> {
        self.store
            .write(|tx| {
                tx.run(
                    "INSERT INTO holder(one, pid, host, since) VALUES (1, ?1, ?2, ?3)
                     ON CONFLICT(one) DO UPDATE SET pid = excluded.pid, host = excluded.host, since = excluded.since",
                    params![std::process::id(), tx.host, tx.now.0],
                )?;
                tx.health(true);
                Ok(())
            })
            .await?;
        Ok(EngineGuard { _file: file })
    }
}
