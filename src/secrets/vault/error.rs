//! Why the vault gives or takes nothing, and what to do about it.

use std::path::PathBuf;

/// Why the vault gives or takes nothing. The words never hold any part of a secret or a passphrase.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// There is none yet.
    #[error("there is no vault yet; `frontdesk vault create` makes one")]
    Missing,
    /// There is one already.
    #[error("there is a vault in {} already; nothing was changed", .0.display())]
    Exists(PathBuf),
    /// Nobody has given the passphrase.
    #[error("the vault is locked; run `frontdesk vault unlock`")]
    Locked,
    /// Not that one.
    #[error("that is not the vault's passphrase")]
    WrongPassphrase,
    /// An empty passphrase protects nothing.
    #[error("a passphrase cannot be empty")]
    EmptyPassphrase,
    /// A file of the vault is cut off or changed.
    #[error(
        "{} is damaged ({why}); it was left as it is: put it back from a backup, or move the folder away and begin a new vault",
        path.display()
    )]
    Damaged {
        /// Which.
        path: PathBuf,
        /// In which way.
        why: String,
    },
    /// The secrets were sealed by another key than the one at hand.
    #[error(
        "{} belongs to another vault's key; put the files of the vault back together, from one backup",
        .0.display()
    )]
    OtherKey(PathBuf),
    /// A file that asks for minutes and gigabytes was not written by us.
    #[error(
        "{} asks for too much work (2^{work}, at most 2^{max}), so frontdesk did not write it; put it back from a backup",
        path.display(),
        max = super::seal::MOST_WORK
    )]
    TooMuchWork {
        /// Which.
        path: PathBuf,
        /// The exponent it asks for.
        work: u8,
    },
    /// A file of the vault cannot be read or written.
    #[error("{} cannot be used ({why})", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// The system's words.
        why: String,
    },
    /// Others could read or change it.
    #[error("{} has mode {mode:04o}, so others can reach it; run `chmod {right} {}`", path.display(), path.display())]
    Mode {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// What they should be.
        right: &'static str,
    },
    /// It belongs to somebody else.
    #[error("{} belongs to another user; a vault must be your own", .0.display())]
    Owner(PathBuf),
    /// Another process has been writing for too long.
    #[error("another frontdesk is writing to the vault and does not come to an end; try again")]
    Busy,
    /// No such secret.
    #[error("the vault holds no `{0}`; `frontdesk vault add {0}` puts it there")]
    NoEntry(String),
    /// Not a name.
    #[error("`{0}` cannot be a secret's name; up to 80 letters, digits, `.`, `_`, `-` or `:`")]
    Name(String),
    /// Longer than anything that is a secret.
    #[error("that is more than {} KiB; a secret is shorter", super::entries::LONGEST / 1024)]
    TooLong,
    /// The SSH key cannot be used.
    #[error("the SSH key {} cannot be used ({why})", path.display())]
    Ssh {
        /// Which.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// The way to the process that holds the vault open failed.
    #[error("the frontdesk that holds the vault open does not answer ({0})")]
    Keeper(String),
}
