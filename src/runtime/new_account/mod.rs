//! A new account: as a table for the file, as the provider that is tested before anything is saved, and taken away
//! again. The command line and the screen do the same by this room.

mod guided;
mod login;
mod mail;
mod remove;

pub use guided::{Answer, Guided, place_of};
pub use login::{ClientSecret, NewLogin};
pub use mail::{NewAccount, Password, Server, server};
pub use remove::{Removed, remove};

use crate::config::edit::EditError;
use crate::config::{Account, Config, Paths, load_text};
use crate::secrets::oauth::OauthError;
use crate::secrets::vault::{Vault, VaultError};
use std::path::PathBuf;
use std::sync::Arc;
use toml_edit::{Item, Table};

/// Where accounts are kept, as it was when this was made.
#[derive(Debug, Clone)]
pub struct Site {
    /// `config.toml`, which need not exist.
    pub file: PathBuf,
    /// The program's directories.
    pub paths: Paths,
    /// What the file says.
    pub config: Config,
    /// The vault, which need not exist.
    pub vault: Arc<Vault>,
}

/// Why there is no new account.
#[derive(Debug, thiserror::Error)]
pub enum NewAccountError {
    /// What was answered cannot be used.
    #[error("{0}")]
    Wrong(String),
    /// The file cannot be changed so.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// The vault gives or takes nothing.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// There is no token.
    #[error(transparent)]
    Login(#[from] OauthError),
    /// A file for a secret cannot be written.
    #[error(transparent)]
    File(#[from] crate::secrets::SecretError),
}

impl Site {
    /// That no account has this name.
    ///
    /// # Errors
    /// When one has.
    pub fn is_new(&self, name: &str) -> Result<(), NewAccountError> {
        let mut accounts = self.config.accounts.iter();
        if accounts.any(|account| account.id.as_str() == name) {
            return Err(EditError::Exists(name.to_owned()).into());
        }
        Ok(())
    }

    /// Reads an account's table as the program will.
    ///
    /// # Errors
    /// When it would not be taken.
    pub fn read_back(&self, name: &str, own: Table) -> Result<Account, NewAccountError> {
        let mut accounts = Table::new();
        accounts.set_implicit(true);
        accounts[name] = Item::Table(own);
        let mut document = toml_edit::DocumentMut::new();
        document["accounts"] = Item::Table(accounts);
        let (config, problems) = load_text(&document.to_string(), &self.file, &self.paths);
        match (config.accounts.into_iter().next(), problems.first()) {
            (Some(account), _) => Ok(account),
            (None, Some(problem)) => Err(NewAccountError::Wrong(problem.what.clone())),
            (None, None) => Err(NewAccountError::Wrong(
                "the account is incomplete".to_owned(),
            )),
        }
    }
}
