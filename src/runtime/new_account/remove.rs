//! Taking an account away.

use super::{NewAccountError, Site};
use crate::config::edit;
use crate::secrets::{SecretRef, oauth};

/// What became of the secrets of an account that was taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// Entries that are no longer in the vault.
    pub wiped: Vec<String>,
    /// Entries that stay there, because the vault is locked.
    pub left: Vec<String>,
}

impl Removed {
    /// In words.
    pub fn words(&self, name: &str) -> String {
        let rest = "its messages stay in the mirror";
        match (self.wiped.is_empty(), self.left.is_empty()) {
            (_, false) => format!(
                "{name} is out of the configuration; {rest}; the vault is locked and still holds {}: `frontdesk vault remove NAME`",
                self.left.join(", ")
            ),
            (false, true) => {
                format!(
                    "{name} is out of the configuration and its secrets are out of the vault; {rest}"
                )
            }
            (true, true) => format!("{name} is out of the configuration; {rest}"),
        }
    }
}

/// Takes an account out of the configuration, and what only it had out of the vault, if that is open. A login stays,
/// since it has a table of its own.
///
/// # Errors
/// When there is no such account or the file cannot be written.
pub async fn remove(site: &Site, name: &str) -> Result<Removed, NewAccountError> {
    let (own, others): (Vec<_>, Vec<_>) = site
        .config
        .accounts
        .iter()
        .partition(|account| account.id.as_str() == name);
    let entries = |secret: &SecretRef| match secret {
        SecretRef::Vault(entry) => Some(entry.clone()),
        SecretRef::Login(login) => Some(oauth::entry(login)),
        _ => None,
    };
    let of = |accounts: &[&crate::config::Account]| -> Vec<String> {
        let all = accounts.iter().flat_map(|one| one.provider.own().secrets());
        all.filter_map(entries).collect()
    };
    let kept = of(&others);
    let mut mine = of(&own);
    mine.sort();
    mine.dedup();
    mine.retain(|entry| !kept.contains(entry));
    edit::remove_account(&site.file, name)?;
    let mut removed = Removed {
        wiped: Vec::new(),
        left: Vec::new(),
    };
    for entry in mine {
        match site.vault.remove(&entry).await {
            Ok(true) => removed.wiped.push(entry),
            Ok(false) | Err(crate::secrets::vault::VaultError::Missing) => {}
            Err(_) => removed.left.push(entry),
        }
    }
    Ok(removed)
}
