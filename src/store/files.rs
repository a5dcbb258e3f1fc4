//! Files of the mirror: attachments and large raw messages, named by the hash of their bytes.

use super::Store;
use super::error::StoreError;
use super::making::FileInMaking;
use super::rows::{self, ATTACHMENT};
use super::sql::Sql;
use crate::model::message::Attachment;
use crate::model::outgoing::hex;
use crate::model::{AccountId, AttachmentId, ConversationId};
use rusqlite::params;
use sha2::{Digest, Sha256};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// A file of the mirror, named by the hash of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// SHA-256 of the bytes in hex.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// Where they are.
    pub path: PathBuf,
}

impl Store {
    /// Keeps bytes as a file named by their hash; on disk when this returns. Putting the same bytes again is free.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn put_file(&self, bytes: Vec<u8>) -> Result<StoredFile, StoreError> {
        let dir = self.dir().to_owned();
        off_thread(move || put(&dir, &bytes)).await?
    }

    /// An attachment and where its bytes are, once they are here.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn attachment(
        &self,
        id: AttachmentId,
    ) -> Result<Option<(Attachment, PathBuf)>, StoreError> {
        let dir = self.dir().to_owned();
        self.read(move |connection| {
            let found = connection.one(
                &format!("SELECT {ATTACHMENT} WHERE a.id = ?1"),
                [id.0],
                rows::attachment,
            )?;
            Ok(found.and_then(|attachment| {
                let path = path(&dir, attachment.sha256.as_deref()?);
                Some((attachment, path))
            }))
        })
        .await
    }

    /// Whose provider has the bytes of an attachment that are not here, and its words for where they are.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn unfetched(
        &self,
        id: AttachmentId,
    ) -> Result<Option<(AccountId, String)>, StoreError> {
        self.read(move |connection| {
            connection.one(
                "SELECT m.account, a.fetch FROM attachment a JOIN message m ON m.id = a.message
                 WHERE a.id = ?1 AND a.sha256 IS NULL AND a.fetch IS NOT NULL",
                [id.0],
                |row| Ok((AccountId::new(&row.get::<_, String>(0)?), row.get(1)?)),
            )
        })
        .await
    }

    /// Keeps the bytes of an attachment that were fetched; on disk when this returns.
    ///
    /// # Errors
    /// When the file or the mirror cannot be written.
    pub async fn fetched(&self, id: AttachmentId, file: FileInMaking) -> Result<(), StoreError> {
        let found = file.found();
        let file = off_thread(move || file.finish()).await??;
        self.write(move |tx| {
            tx.run(
                "UPDATE attachment SET sha256 = ?2, size = ?3, found = ?4 WHERE id = ?1 AND sha256 IS NULL",
                params![id.0, file.sha256, file.size.cast_signed(), found],
            )?;
            let conversation: Option<i64> = tx.value(
                "SELECT m.conversation FROM attachment a JOIN message m ON m.id = a.message WHERE a.id = ?1",
                [id.0],
            )?;
            if let Some(conversation) = conversation {
                tx.touched(ConversationId(conversation));
            }
            Ok(())
        })
        .await
    }
}

/// Runs what takes long away from the async threads.
pub(super) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| StoreError::Damaged(error.to_string()))
}

/// Where the file of this hash is.
pub(super) fn path(dir: &Path, sha256: &str) -> PathBuf {
    let start = sha256.get(..2).unwrap_or("00");
    dir.join("files").join(start).join(sha256)
}

/// Writes to a temporary name, syncs, renames, syncs the folder: the final name holds all bytes or is not there.
pub(super) fn put(dir: &Path, bytes: &[u8]) -> Result<StoredFile, StoreError> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let sha256 = hex(&Sha256::digest(bytes));
    let path = path(dir, &sha256);
    let size = bytes.len() as u64;
    if fs::metadata(&path).is_ok_and(|found| found.len() == size) {
        return Ok(StoredFile { sha256, size, path });
    }
    let folder = path.parent().unwrap_or(dir);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let making = folder.join(format!(".{}-{number}.tmp", std::process::id()));
    let write = || -> std::io::Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&making)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&making, &path)?;
        File::open(folder)?.sync_all()
    };
    write().map_err(|error| {
        let _ = fs::remove_file(&making);
        failed(&path, error)
    })?;
    Ok(StoredFile { sha256, size, path })
}

/// Why a file could not be written.
pub(super) fn failed(path: &Path, error: std::io::Error) -> StoreError {
    match error.kind() {
        std::io::ErrorKind::StorageFull => StoreError::Full,
        _ => StoreError::io(path, error),
    }
}
