//! The vault while an engine or a screen runs: kept for other processes, and told to the accounts when it opens.

use super::holding::SharedNudges;
use crate::secrets::vault;

/// Keeps this process's vault for as long as it lives, and has every account try again when it is opened.
pub(super) fn keep(nudges: Option<SharedNudges>) {
    let Some(vault) = vault::current() else {
        return;
    };
    vault.keep();
    if let Some(nudges) = nudges {
        let mut open = vault.watch();
        tokio::spawn(async move {
            // The value at the start is no news.
            while open.changed().await.is_ok() {
                if *open.borrow_and_update() {
                    nudges.pull_all();
                }
            }
        });
    }
}

/// A key was pressed: the vault is not idle.
pub(super) fn somebody() {
    if let Some(vault) = vault::current() {
        vault.touch();
    }
}
