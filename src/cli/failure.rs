//! How a command can end other than well, and the exit code that says so.

use crate::model::command::Refusal;
use std::fmt;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// The desk or a provider says no, something is not there, or a check found a gap. Exit code 1.
    Refused(String),
    /// Said already, in the command's own output. Exit code 1.
    Said,
    /// The command line makes no sense. Exit code 2.
    Usage(String),
    /// The program or the machine failed. Exit code 2.
    Broken(anyhow::Error),
    /// Ctrl-C. Exit code 130.
    Interrupted,
    /// Nobody reads the output any more. Exit code 0: that is how `head` ends a pipe.
    Unread,
}

/// What a command gives back.
pub type Done<T = ()> = Result<T, Failure>;

impl Failure {
    /// The process's exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Refused(_) | Self::Said => 1,
            Self::Usage(_) | Self::Broken(_) => 2,
            Self::Interrupted => 130,
            Self::Unread => 0,
        }
    }

    /// The word for scripts.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Refused(_) | Self::Said => "refused",
            Self::Usage(_) => "usage",
            Self::Broken(_) => "failed",
            Self::Interrupted => "interrupted",
            Self::Unread => "unread",
        }
    }

    /// A refusal in our own words.
    pub fn refused(words: impl Into<String>) -> Self {
        Self::Refused(words.into())
    }

    /// What is said on standard error; none when nothing need be said.
    pub fn words(&self) -> Option<String> {
        match self {
            Self::Refused(words) | Self::Usage(words) => Some(words.clone()),
            Self::Broken(error) => Some(format!("{error:#}")),
            Self::Said | Self::Interrupted | Self::Unread => None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().unwrap_or_default())
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.to_string())
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Broken(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::Unread,
            _ => Self::Broken(error.into()),
        }
    }
}

impl From<crate::config::PathError> for Failure {
    fn from(error: crate::config::PathError) -> Self {
        Self::Broken(error.into())
    }
}

impl From<crate::config::edit::EditError> for Failure {
    fn from(error: crate::config::edit::EditError) -> Self {
        Self::Refused(error.to_string())
    }
}

impl From<crate::runtime::new_account::NewAccountError> for Failure {
    fn from(error: crate::runtime::new_account::NewAccountError) -> Self {
        match error {
            crate::runtime::new_account::NewAccountError::Wrong(words) => Self::Usage(words),
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<crate::secrets::SecretError> for Failure {
    fn from(error: crate::secrets::SecretError) -> Self {
        Self::Refused(error.to_string())
    }
}

impl From<crate::secrets::vault::VaultError> for Failure {
    fn from(error: crate::secrets::vault::VaultError) -> Self {
        Self::Refused(error.to_string())
    }
}

impl From<crate::secrets::oauth::OauthError> for Failure {
    fn from(error: crate::secrets::oauth::OauthError) -> Self {
        Self::Refused(error.to_string())
    }
}
