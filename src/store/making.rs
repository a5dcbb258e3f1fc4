//! A file of the mirror in the making: it takes bytes as they come, and is there once it is whole.

use super::Store;
use super::error::StoreError;
use super::files::{self, StoredFile};
use crate::model::outgoing::hex;
use crate::text::magic;
use sha2::{Digest, Sha256};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

/// A file whose bytes are still coming. Dropped before it is whole, nothing of it stays.
pub struct FileInMaking {
    file: File,
    making: PathBuf,
    /// The mirror's folder.
    dir: PathBuf,
    hash: Sha256,
    size: u64,
    /// Its beginning, by which its kind is told.
    head: Vec<u8>,
}

impl Store {
    /// Begins a file that is too large to be held. Only what [`Store::fetched`] or [`FileInMaking::finish`] is given is
    /// kept.
    ///
    /// # Errors
    /// When nothing can be written.
    pub fn make_file(&self) -> Result<FileInMaking, StoreError> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let dir = self.dir().to_owned();
        let folder = dir.join("files");
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let making = folder.join(format!(".making-{}-{number}.tmp", std::process::id()));
        let open = || -> std::io::Result<File> {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&folder)?;
            OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&making)
        };
        Ok(FileInMaking {
            file: open().map_err(|error| files::failed(&making, error))?,
            making,
            dir,
            hash: Sha256::new(),
            size: 0,
            head: Vec::new(),
        })
    }
}

impl FileInMaking {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.file
            .write_all(bytes)
            .map_err(|error| files::failed(&self.making, error))?;
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        let missing = magic::NEEDED.saturating_sub(self.head.len());
        self.head
            .extend_from_slice(&bytes[..bytes.len().min(missing)]);
        Ok(())
    }

    /// Bytes taken so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// What it is by its first bytes; see [`magic::found`].
    pub fn found(&self) -> Option<&'static str> {
        magic::found(&self.head)
    }

    /// Names it by its hash; on disk when this returns. It waits for the disk.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> Result<StoredFile, StoreError> {
        let sha256 = hex(&std::mem::take(&mut self.hash).finalize());
        let path = files::path(&self.dir, &sha256);
        let folder = path.parent().unwrap_or(&self.dir).to_owned();
        let name = || -> std::io::Result<()> {
            self.file.sync_all()?;
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&folder)?;
            fs::rename(&self.making, &path)?;
            File::open(&folder)?.sync_all()
        };
        name().map_err(|error| files::failed(&path, error))?;
        Ok(StoredFile {
            sha256,
            size: self.size,
            path,
        })
    }
}

impl Drop for FileInMaking {
    fn drop(&mut self) {
        // After it got its name nothing is there.
        let _ = fs::remove_file(&self.making);
    }
}
