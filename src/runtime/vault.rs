//! The vault while an engine or a screen runs: kept for other processes, and told to the accounts when it opens.

use super::holding::SharedNudges;
use crate::secrets::SecretString;
use crate::secrets::vault::{self, Keeping, Vault, VaultError};
use crate::ui::{Hidden, Msg, VaultNews};
use tokio::sync::mpsc;

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

/// Tells the screen how the vault is, from now on. Where accounts need it and nobody can open it, the screen asks.
pub(super) fn tell(needed: bool, screen: &mpsc::UnboundedSender<Msg>) {
    let Some(vault) = vault::current() else {
        return;
    };
    let screen = screen.clone();
    tokio::spawn(async move {
        let mut open = vault.watch();
        if needed && vault.exists() && !vault.available().await {
            let (ask, idle) = (true, false);
            say(&screen, VaultNews::Locked { ask, idle });
        }
        while open.changed().await.is_ok() {
            if *open.borrow_and_update() {
                say(&screen, VaultNews::Open);
                continue;
            }
            // The key may only have gone to the process that keeps it.
            if vault.keeping().await != Keeping::Open {
                let idle = vault.locked_by_idling();
                say(&screen, VaultNews::Locked { ask: false, idle });
            }
        }
    });
}

/// Opens the vault. Trying a passphrase takes about a second of work, so it is done beside everything else.
pub(super) fn unlock(typed: &Hidden, screen: &mpsc::UnboundedSender<Msg>) {
    with_passphrase(typed, screen, Vault::unlock);
}

/// Makes the vault.
pub(super) fn make(typed: &Hidden, screen: &mpsc::UnboundedSender<Msg>) {
    with_passphrase(typed, screen, Vault::create);
}

fn with_passphrase(
    typed: &Hidden,
    screen: &mpsc::UnboundedSender<Msg>,
    work: fn(&Vault, &SecretString) -> Result<(), VaultError>,
) {
    let (typed, screen) = (SecretString::from(typed.expose()), screen.clone());
    tokio::spawn(async move {
        let Some(vault) = vault::current() else {
            return say(
                &screen,
                VaultNews::Refused("there is no vault here".to_owned()),
            );
        };
        let worker = vault.clone();
        let tried = tokio::task::spawn_blocking(move || work(&worker, &typed)).await;
        match tried {
            Ok(Ok(())) => {
                // Another process may be the one that keeps it, and reads the accounts.
                if vault.keeping().await == Keeping::Locked {
                    vault.hand_over().await;
                }
                say(&screen, VaultNews::Open);
            }
            Ok(Err(VaultError::Missing)) => say(&screen, VaultNews::Missing),
            Ok(Err(error)) => say(&screen, VaultNews::Refused(error.to_string())),
            Err(_) => say(
                &screen,
                VaultNews::Refused("it was not tried; try again".to_owned()),
            ),
        }
    });
}

/// Locks the vault, here and in the process that keeps it.
pub(super) fn lock(screen: &mpsc::UnboundedSender<Msg>) {
    let screen = screen.clone();
    tokio::spawn(async move {
        let vault = vault::current().filter(|vault| vault.exists());
        let Some(vault) = vault else {
            let words = "there is no vault yet; adding an account makes one";
            return say(&screen, VaultNews::Refused(words.to_owned()));
        };
        vault.lock_keeper().await;
        // Whoever watches it here tells that it is locked.
        vault.lock();
    });
}

fn say(screen: &mpsc::UnboundedSender<Msg>, news: VaultNews) {
    let _ = screen.send(Msg::Vault(news));
}
