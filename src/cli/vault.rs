//! `vault`: make, open, lock and fill the vault.

use super::context::{Context, run_async};
use super::failure::{Done, Failure};
use super::{prompt, unlock};
use crate::secrets::vault::{Keeping, Vault};
use crate::secrets::{SecretRef, SecretString};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;
use std::sync::Arc;

/// What about the vault.
#[derive(Debug, Args)]
pub struct VaultArgs {
    /// What.
    #[command(subcommand)]
    pub what: What,
}

/// What about the vault.
#[derive(Debug, Subcommand)]
pub enum What {
    /// Say whether there is a vault, who holds it open, and what opens it.
    Status,
    /// Make it, with a passphrase.
    Create,
    /// Give the passphrase to the running frontdesk.
    Unlock,
    /// Let the running frontdesk forget the key, until somebody unlocks it.
    Lock,
    /// List the names in it; never what they hold.
    List,
    /// Put a secret there, typed or as the first line of standard input; one of that name is replaced.
    Add {
        /// Its name, as in `{ vault = "NAME" }`.
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Take a secret away.
    Remove {
        /// Its name.
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Change the passphrase.
    Passwd,
    /// Let an SSH key open it, too.
    #[command(name = "ssh-key", subcommand)]
    SshKey(SshKey),
}

/// Which SSH key.
#[derive(Debug, Subcommand)]
pub enum SshKey {
    /// Seal the vault's key to this public key; name the private one as `ssh_key` in [vault].
    Add {
        /// The `.pub` file.
        #[arg(value_name = "FILE")]
        public: PathBuf,
    },
    /// No SSH key opens it any more.
    Remove,
}

pub fn run(args: VaultArgs, context: &mut Context) -> Done {
    let vault = context.vault.clone();
    match args.what {
        What::Status => status(&vault, context),
        What::Create => {
            if !vault.exists() {
                unlock::create(&vault)?;
                let dir = vault.dir().display().to_string();
                context.out.value(&serde_json::json!({ "created": dir }))?;
                return context.out.line(&format!("the vault is in {dir}"));
            }
            Err(crate::secrets::vault::VaultError::Exists(vault.dir().to_owned()).into())
        }
        What::Unlock => open(&vault, context),
        What::Lock => {
            let told = run_async(async { Ok(vault.lock_keeper().await) })?;
            context.out.value(&serde_json::json!({ "locked": true }))?;
            context.out.line(if told {
                "the vault is locked"
            } else {
                "no running frontdesk holds the vault open"
            })
        }
        What::List => {
            ready(context)?;
            let names = run_async(async { Ok(vault.names().await?) })?;
            for name in &names {
                context.out.value(&serde_json::json!({ "name": name }))?;
            }
            let rows: Vec<Vec<String>> = names.into_iter().map(|name| vec![name]).collect();
            context.out.rows(&rows)
        }
        What::Add { name } => {
            unlock::before_writing(context)?;
            let secret = typed_or_piped(&name)?;
            run_async(async {
                vault.seen().await;
                Ok(vault.put(&name, &secret).await?)
            })?;
            context.out.value(&serde_json::json!({ "added": name }))?;
            context.out.line(&format!(
                "`{name}` is in the vault; use it as {}",
                SecretRef::Vault(name.clone()).to_toml()
            ))
        }
        What::Remove { name } => {
            ready(context)?;
            if !run_async(async { Ok(vault.remove(&name).await?) })? {
                return Err(Failure::refused(format!("the vault holds no `{name}`")));
            }
            context.out.value(&serde_json::json!({ "removed": name }))?;
            context
                .out
                .line(&format!("`{name}` is no longer in the vault"))
        }
        What::Passwd => {
            prompt::needs_person("a passphrase is typed at a terminal")?;
            if !vault.exists() {
                return Err(crate::secrets::vault::VaultError::Missing.into());
            }
            let old = prompt::hidden("Passphrase of the vault")?;
            // Known to be wrong before anybody makes up a new one.
            vault.unlock(&old)?;
            vault.change_passphrase(&old, &unlock::new_passphrase()?)?;
            context.out.value(&serde_json::json!({ "changed": true }))?;
            context.out.line("the vault has its new passphrase")
        }
        What::SshKey(SshKey::Add { public }) => {
            ready(context)?;
            let text = std::fs::read_to_string(&public).map_err(|error| {
                Failure::refused(format!("{} cannot be read ({error})", public.display()))
            })?;
            run_async(async { Ok(vault.allow_ssh(&public, &text).await?) })?;
            context.out.value(&serde_json::json!({ "ssh_key": true }))?;
            context.out.line(
                "the private key opens the vault from now on; name its file as `ssh_key` in [vault]",
            )
        }
        What::SshKey(SshKey::Remove) => {
            let was = vault.forbid_ssh()?;
            context
                .out
                .value(&serde_json::json!({ "ssh_key": false }))?;
            context.out.line(if was {
                "no SSH key opens the vault any more"
            } else {
                "no SSH key opened the vault"
            })
        }
    }
}

/// Opens it for this command.
fn ready(context: &Context) -> Done {
    if !context.vault.exists() {
        return Err(crate::secrets::vault::VaultError::Missing.into());
    }
    unlock::before_writing(context)
}

fn open(vault: &Arc<Vault>, context: &mut Context) -> Done {
    if !vault.exists() {
        return Err(crate::secrets::vault::VaultError::Missing.into());
    }
    match run_async(async { Ok(vault.keeping().await) })? {
        Keeping::Nobody => {
            return Err(Failure::refused(
                "no frontdesk runs that could hold the vault open; the next one asks when it starts",
            ));
        }
        Keeping::Open => {}
        Keeping::Locked => {
            prompt::needs_person("a passphrase is typed at a terminal, or named in [vault]")?;
            if !unlock::asked(vault)? {
                return Err(Failure::refused("it stays locked"));
            }
            if !unlock::to_keeper(context)? {
                return Err(Failure::refused(
                    "the frontdesk that asked for the passphrase has ended; the next one asks when it starts",
                ));
            }
        }
    }
    context.out.value(&serde_json::json!({ "open": true }))?;
    context.out.line("the vault is open")
}

#[derive(Serialize)]
struct Status {
    vault: String,
    exists: bool,
    kept: bool,
    open: bool,
    passphrase_from: Option<String>,
    ssh_key: bool,
}

fn status(vault: &Vault, context: &mut Context) -> Done {
    let keeping = run_async(async { Ok(vault.keeping().await) })?;
    let source = vault.settings().passphrase.as_ref();
    let status = Status {
        vault: vault.dir().display().to_string(),
        exists: vault.exists(),
        kept: keeping != Keeping::Nobody,
        open: keeping == Keeping::Open,
        passphrase_from: source.map(SecretRef::describe),
        ssh_key: vault.has_ssh(),
    };
    context.out.value(&status)?;
    if !status.exists {
        return context
            .out
            .line("there is no vault yet; `frontdesk vault create` makes one");
    }
    context.out.line(&format!("vault: {}", status.vault))?;
    context.out.line(match keeping {
        Keeping::Nobody => "state: locked; no frontdesk runs that could hold it open",
        Keeping::Open => "state: open, in the running frontdesk",
        Keeping::Locked => {
            "state: locked; `frontdesk vault unlock` opens it in the running frontdesk"
        }
    })?;
    let source = status.passphrase_from.as_deref();
    context
        .out
        .line(&format!("passphrase: {}", source.unwrap_or("typed")))?;
    context.out.line(if status.ssh_key {
        "SSH key: one opens it, too"
    } else {
        "SSH key: none"
    })
}

/// From the person at the terminal, or the first line of standard input.
fn typed_or_piped(name: &str) -> Done<SecretString> {
    if std::io::stdin().is_terminal() {
        return prompt::hidden(&format!("Secret for `{name}`"));
    }
    let mut line = zeroize::Zeroizing::new(String::with_capacity(4096));
    let mut input = std::io::Read::take(std::io::stdin().lock(), 64 * 1024);
    input.read_line(&mut line)?;
    let secret = line.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(Failure::Usage(
            "standard input is empty; its first line is the secret".to_owned(),
        ));
    }
    Ok(SecretString::from(secret))
}
