//! Why a secret could not be had, and what to do about it.

use super::vault::VaultError;
use std::path::PathBuf;

/// Why a secret could not be had. The words never hold any part of the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The environment variable is not set.
    #[error(
        "the environment variable {0} is not set; set it before starting, or name another source"
    )]
    NoVariable(String),
    /// The variable, file or command's output is empty.
    #[error("{0} is empty; put the secret there")]
    Empty(String),
    /// The secret holds a control character, so that no login could use it.
    #[error("{0} holds a control character within its first line; a secret is one line of text")]
    NotText(String),
    /// More than a secret can be.
    #[error("{0} gives more than {max} bytes; it should give just the secret", max = super::resolve::LIMIT)]
    TooLong(String),
    /// The file is not there or cannot be read.
    #[error("{} cannot be read ({why}); create it with mode 0600", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// The system's words.
        why: String,
    },
    /// Others could read or change the file.
    #[error("{} has mode {mode:04o}, so others can read it; run `chmod 600 {}`", path.display(), path.display())]
    Mode {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file belongs to somebody else.
    #[error("{} belongs to another user; a secret's file must be your own", path.display())]
    Owner {
        /// Which.
        path: PathBuf,
    },
    /// A directory, a pipe or a device.
    #[error("{} is not a regular file", path.display())]
    Kind {
        /// Which.
        path: PathBuf,
    },
    /// The vault gives nothing.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A login by OAuth gives no token.
    #[error(transparent)]
    Login(#[from] super::oauth::OauthError),
    /// No service manager gave it.
    #[error(
        "there is no systemd credential `{0}` here; it is only there in a unit with LoadCredential={0} or LoadCredentialEncrypted={0}"
    )]
    NoCredential(String),
    /// The system's keyring has no such entry, is locked, or is not there.
    #[error(
        "the keyring gives no entry frontdesk/{name} ({why}); over SSH there is often no keyring: use a file or a command"
    )]
    Keyring {
        /// Which entry.
        name: String,
        /// Why.
        why: String,
    },
    /// The command is not there or cannot be started.
    #[error("`{program}` cannot be started ({why}); is it installed and in PATH?")]
    Start {
        /// Its name.
        program: String,
        /// The system's words.
        why: String,
    },
    /// The command failed.
    #[error("`{program}` failed ({status}); run it by hand to see why")]
    Failed {
        /// Its name.
        program: String,
        /// How it ended.
        status: String,
    },
    /// The command took too long; it was stopped.
    #[error(
        "`{program}` gave nothing within {seconds} s and was stopped; does it wait for a passphrase?"
    )]
    TimedOut {
        /// Its name.
        program: String,
        /// The limit.
        seconds: u64,
    },
}

impl SecretError {
    /// Nobody need do anything: it may work a little later.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Login(error) if error.is_passing())
    }

    /// It is in the vault, which a person must open.
    pub fn is_locked(&self) -> bool {
        use super::oauth::OauthError;
        matches!(
            self,
            Self::Vault(VaultError::Locked) | Self::Login(OauthError::Vault(VaultError::Locked))
        )
    }
}
