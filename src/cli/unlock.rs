//! Asking for the vault's passphrase, where somebody is there to be asked.

use super::context::{Context, run_async};
use super::failure::{Done, Failure};
use super::prompt;
use crate::secrets::SecretString;
use crate::secrets::vault::{Keeping, Vault, VaultError};
use std::io::IsTerminal;

/// A passphrase that is wrong so often was forgotten.
const TRIES: u32 = 3;

/// Opens the vault before the accounts need it: by the process that keeps it, by a configured way, or by asking. Where
/// nobody is, or who is there gives an empty answer, the accounts say themselves that it is locked.
pub fn before_use(context: &Context) -> Done {
    if !context.config.needs_vault() || !context.vault.exists() || !somebody() {
        return Ok(());
    }
    if run_async(async { Ok(context.vault.available().await) })? {
        return Ok(());
    }
    prompt::say("the accounts' secrets are in the vault; an empty answer leaves it locked")?;
    match asked(&context.vault) {
        Ok(true) => to_keeper(context).map(|_| ()),
        Ok(false) => Ok(()),
        // A damaged vault is no reason to keep the mirror's messages from being read.
        Err(Failure::Refused(why)) => prompt::say(&why),
        Err(other) => Err(other),
    }
}

/// Opens the vault for this process, made anew if there is none, because a secret is to be put there.
pub fn before_writing(context: &Context) -> Done {
    if !context.vault.exists() {
        prompt::say("typed secrets go into a vault, which is opened by one passphrase")?;
        return create(&context.vault);
    }
    if run_async(async { Ok(context.vault.available().await) })? {
        return Ok(());
    }
    prompt::needs_person("run `frontdesk vault unlock` at a terminal first")?;
    if asked(&context.vault)? {
        Ok(())
    } else {
        Err(VaultError::Locked.into())
    }
}

/// Makes the vault, with a passphrase that is typed twice, or the one that the configuration names.
pub fn create(vault: &Vault) -> Done {
    if let Some(source) = &vault.settings().passphrase {
        let passphrase = run_async(async { Ok(source.resolve().await?) })?;
        return Ok(vault.create(&passphrase)?);
    }
    prompt::needs_person("name a passphrase's place in [vault]")?;
    Ok(vault.create(&new_passphrase()?)?)
}

/// Asks for a new passphrase, twice.
pub fn new_passphrase() -> Done<SecretString> {
    use crate::secrets::ExposeSecret;
    loop {
        let first = prompt::hidden("New passphrase for the vault")?;
        if first.expose_secret().chars().count() < 8 {
            prompt::say("a passphrase has at least 8 characters; five words are easy to keep")?;
            continue;
        }
        let second = prompt::hidden("The same again")?;
        if first.expose_secret() == second.expose_secret() {
            return Ok(first);
        }
        prompt::say("these are two different ones")?;
    }
}

/// Asks for the passphrase; false when nothing is answered.
pub fn asked(vault: &Vault) -> Done<bool> {
    for _ in 0..TRIES {
        let Some(passphrase) = prompt::hidden_or_none("Passphrase of the vault")? else {
            return Ok(false);
        };
        match vault.unlock(&passphrase) {
            Ok(()) => return Ok(true),
            Err(error @ VaultError::WrongPassphrase) => prompt::say(&error.to_string())?,
            Err(error) => return Err(error.into()),
        }
    }
    Err(VaultError::WrongPassphrase.into())
}

/// Gives the key to the process that keeps the vault; false if there is none.
pub fn to_keeper(context: &Context) -> Done<bool> {
    run_async(async {
        match context.vault.keeping().await {
            Keeping::Nobody => Ok(false),
            Keeping::Open | Keeping::Locked => Ok(context.vault.hand_over().await),
        }
    })
}

fn somebody() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}
