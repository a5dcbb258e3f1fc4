//! What can go wrong with the mirror, in words for people.

use crate::model::command::Refusal;
use std::path::PathBuf;
use std::sync::Arc;

/// The mirror could not do what was asked; nothing of it was done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// SQLite said no.
    #[error("the mirror cannot be read or written: {0}")]
    Sql(Arc<rusqlite::Error>),
    /// Another process has held the mirror for longer than it is waited for.
    #[error("another program holds the mirror; nothing was written, try again in a moment")]
    Busy,
    /// The file is not as SQLite wrote it.
    #[error(
        "the mirror is damaged ({0}); copy its folder away, then read anew into another one: what the providers have comes \
         again, notes and drafts are in the newest backup or in the copy"
    )]
    Corrupt(String),
    /// The disk has no room. Reading works on; writing works again once there is room.
    #[error("the disk is full; free some space and try again")]
    Full,
    /// A file or folder of the mirror cannot be used.
    #[error("{path} cannot be used: {reason}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Written by a newer frontdesk.
    #[error(
        "the mirror was written by a newer frontdesk (its schema is {found}, this one knows {known}); \
         install that version again"
    )]
    NewerSchema {
        /// Schema of the file.
        found: i64,
        /// Newest schema this program knows.
        known: i64,
    },
    /// Written by an older frontdesk, and may not be changed.
    #[error(
        "the mirror was written by an older frontdesk (its schema is {found}, this one needs {known}) and is open for \
         reading only; open it once where it can be written"
    )]
    OlderSchema {
        /// Schema of the file.
        found: i64,
        /// Schema this program needs.
        known: i64,
    },
    /// It was not closed, and what is in its log cannot be read where nothing can be written.
    #[error(
        "{0} cannot be written and the mirror in it was not closed; copy the folder to where you can write and open that"
    )]
    LogLeft(PathBuf),
    /// The database is not one of ours.
    #[error("{0} is a database of another program; choose another folder")]
    Foreign(PathBuf),
    /// The SQLite in this program has a bug that corrupts files with two writers.
    #[error("SQLite {0} is too old to be trusted with two processes; 3.51.3 is needed")]
    OldSqlite(String),
    /// Locks do not work there.
    #[error("{path} is on {kind}, where file locks cannot be trusted; choose a local folder")]
    NetworkFiles {
        /// The folder.
        path: PathBuf,
        /// What sort of file system.
        kind: &'static str,
    },
    /// Opened for reading only.
    #[error("the mirror is open for reading only")]
    ReadOnly,
    /// The store is being closed, or its writer is gone.
    #[error("the mirror is closed")]
    Closed,
    /// A row holds what no version of this program writes.
    #[error("the mirror holds something that makes no sense: {0}")]
    Damaged(String),
    /// The request itself was refused.
    #[error("{0}")]
    Refused(Refusal),
}

/// A command was refused, or the mirror failed. Either way nothing was changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ApplyError {
    /// A rule of the desk says no.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// The mirror failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            Some(rusqlite::ErrorCode::ReadOnly) => Self::ReadOnly,
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
                Self::Busy
            }
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
                Self::Corrupt(error.to_string())
            }
            _ => Self::Sql(Arc::new(error)),
        }
    }
}

impl From<rusqlite::Error> for ApplyError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<serde_json::Error> for ApplyError {
    fn from(error: serde_json::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<ApplyError> for StoreError {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Refused(refusal) => Self::Refused(refusal),
            ApplyError::Store(error) => error,
        }
    }
}

impl StoreError {
    /// Whether the mirror may take the same another time.
    pub fn passes(&self) -> bool {
        use rusqlite::ErrorCode;
        match self {
            Self::Full
            | Self::Busy
            | Self::Corrupt(_)
            | Self::Closed
            | Self::ReadOnly
            | Self::Io { .. } => true,
            Self::Sql(sql) => !matches!(
                sql.sqlite_error_code(),
                Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch)
            ),
            _ => false,
        }
    }

    /// An I/O error at `path`.
    pub(super) fn io(path: impl Into<PathBuf>, error: impl std::fmt::Display) -> Self {
        Self::Io {
            path: path.into(),
            reason: error.to_string(),
        }
    }
}
