//! `account`: add, list, test, webhook, remove.

use super::context::{Context, run_async};
use super::failure::{Done, Failure};
use super::login::{self, LoginArgs};
use super::new_account::{self, probe};
use super::new_login;
use super::webhook::{self, WebhookArgs};
use super::{guided, prompt, providers, shown_health, unlock};
use crate::model::AccountHealth;
use crate::providers::Health;
use crate::providers::email::servers;
use crate::runtime::new_account::{NewAccount, Password, remove, server};
use crate::secrets::SecretRef;
use clap::{Args, Subcommand};
use serde::Serialize;
use std::path::PathBuf;

/// What about accounts.
#[derive(Debug, Args)]
pub struct AccountArgs {
    /// What.
    #[command(subcommand)]
    pub what: What,
}

/// What about accounts.
#[derive(Debug, Subcommand)]
pub enum What {
    /// Add an account; tested before it is saved. `frontdesk init` asks step by step for mail.
    Add(Box<AddArgs>),
    /// List the configured accounts.
    List,
    /// Log in and look around, changing nothing; exit code 1 if anything fails.
    Test {
        /// Accounts [default: all].
        #[arg(value_name = "ACCOUNT")]
        names: Vec<String>,
    },
    /// Log in by a browser where no password is taken (OAuth 2), for the first time or again.
    Login(LoginArgs),
    /// Have the vendor post to `frontdesk listen`, where that can be told by a call (Telegram).
    Webhook(WebhookArgs),
    /// Take an account out of the configuration, and its secrets out of the vault. Its messages stay in the mirror.
    Remove {
        /// Its name.
        #[arg(value_name = "ACCOUNT")]
        name: String,
    },
}

/// A new account.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// Its name, as you will see it.
    #[arg(value_name = "ACCOUNT")]
    pub name: String,
    /// What speaks for it: email, or one of those that are asked step by step.
    #[arg(long, value_name = "PROVIDER", default_value = "email", value_parser = guided::names())]
    pub provider: String,
    /// An answer to one of the steps, as KEY=VALUE; without a terminal, all of them.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub answers: Vec<String>,
    /// Where a secret of one of the steps is, as KEY=vault:NAME, KEY=env:NAME, KEY=file:PATH or KEY=command:WORDS.
    #[arg(long = "secret", value_name = "KEY=PLACE")]
    pub secrets: Vec<String>,
    /// Mail: its address.
    #[arg(
        long,
        required_if_eq("provider", "email"),
        default_value = "",
        hide_default_value = true
    )]
    pub address: String,
    /// The sender's display name.
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    pub display: String,
    /// The IMAP server, as HOST or HOST:PORT [default: by the address's domain].
    #[arg(long, value_name = "HOST")]
    pub imap: Option<String>,
    /// The SMTP server, as HOST or HOST:PORT [default: by the address's domain].
    #[arg(long, value_name = "HOST")]
    pub smtp: Option<String>,
    /// The IMAP server only speaks STARTTLS.
    #[arg(long)]
    pub imap_starttls: bool,
    /// The SMTP server only speaks STARTTLS.
    #[arg(long)]
    pub smtp_starttls: bool,
    /// Login name [default: the address].
    #[arg(long, default_value = "", hide_default_value = true)]
    pub user: String,
    /// How to log in.
    #[arg(long, value_parser = ["password", "xoauth2", "oauthbearer"], default_value = "password")]
    pub auth: String,
    /// Log in by a browser instead of a password: google, microsoft, or a table [logins.NAME].
    #[arg(long, value_name = "SERVICE", group = "secret")]
    pub login: Option<String>,
    /// With --login: the program's id at the service.
    #[arg(long, value_name = "ID", requires = "login")]
    pub client_id: Option<String>,
    /// With --login: where the program's secret is, as vault:NAME, env:NAME, file:PATH or command:WORDS.
    #[arg(long, value_name = "PLACE", requires = "login")]
    pub client_secret: Option<String>,
    /// One more authority to trust, as a PEM file.
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// The password is in the vault under this name.
    #[arg(long, value_name = "NAME", group = "secret")]
    pub password_vault: Option<String>,
    /// The password is in this environment variable.
    #[arg(long, value_name = "NAME", group = "secret")]
    pub password_env: Option<String>,
    /// The password is the first line of this file (mode 0600).
    #[arg(long, value_name = "FILE", group = "secret")]
    pub password_file: Option<PathBuf>,
    /// The password is the first line that this command prints; no shell is involved.
    #[arg(long, value_name = "COMMAND", group = "secret")]
    pub password_command: Option<String>,
    /// Save without trying the login.
    #[arg(long)]
    pub no_test: bool,
}

pub fn run(args: AccountArgs, context: &mut Context) -> Done {
    match args.what {
        What::Add(args) => add(*args, context),
        What::List => list(context),
        What::Login(args) => login::run(&args, context),
        What::Test { names } => test(&names, context),
        What::Webhook(args) => webhook::run(&args, context),
        What::Remove { name } => {
            let site = context.site();
            let removed = run_async(async { Ok(remove(&site, &name).await?) })?;
            context.out.value(&serde_json::json!({
                "removed": name,
                "secrets_removed": removed.wiped,
                "secrets_left": removed.left,
            }))?;
            context.out.line(&removed.words(&name))
        }
    }
}

fn add(args: AddArgs, context: &mut Context) -> Done {
    if let Some(guide) = guided::guide(&args.provider) {
        return guided::add(guide, &args, context);
    }
    let no_test = args.no_test;
    let account = described(args, context)?;
    new_account::log_in_first(&account, context)?;
    if !no_test {
        let health = run_async(new_account::test(&account, context))?;
        print(&account.name, &health, context)?;
        if !health.ok() {
            new_account::drop_login(&account, context);
            return Err(Failure::refused(
                "not saved, because the test failed; mend it, or add --no-test",
            ));
        }
    }
    new_account::save(&account, context)?;
    context
        .out
        .value(&serde_json::json!({ "added": account.name }))?;
    let file = context.file.display().to_string();
    context
        .out
        .line(&format!("{} is saved in {file}", account.name))
}

fn described(args: AddArgs, context: &Context) -> Done<NewAccount> {
    let proposed = servers::propose(&args.address);
    let password = match (args.password_env, args.password_file, args.password_command) {
        (Some(name), _, _) => Password::Kept(SecretRef::Env(name)),
        (_, Some(file), _) => Password::Kept(SecretRef::File(file)),
        (_, _, Some(command)) => Password::Kept(SecretRef::Command(
            crate::term::split(&command).map_err(|error| Failure::Usage(error.to_string()))?,
        )),
        _ if args.login.is_some() => {
            let word = args.login.unwrap_or_default();
            let id = args.client_id.as_deref();
            let secret = args.client_secret.as_deref();
            let login = new_login::given(&args.name, &word, id, secret, context)?;
            Password::Login(Box::new(login))
        }
        _ if args.password_vault.is_some() => {
            Password::Kept(SecretRef::Vault(args.password_vault.unwrap_or_default()))
        }
        _ => {
            prompt::needs_person(
                "add --password-vault, --password-env, --password-file or --password-command",
            )?;
            Password::Typed(prompt::hidden("Password")?)
        }
    };
    let imap = server(&args.imap.unwrap_or(proposed.imap), args.imap_starttls)?;
    let starttls = match &args.smtp {
        Some(_) => args.smtp_starttls,
        None => args.smtp_starttls || proposed.smtp_starttls,
    };
    let smtp = server(&args.smtp.unwrap_or(proposed.smtp), starttls)?;
    Ok(NewAccount {
        name: args.name,
        address: args.address,
        display: args.display,
        user: args.user,
        auth: args.auth,
        imap,
        smtp: Some(smtp),
        ca_file: args.ca_file,
        password,
    })
}

#[derive(Serialize)]
struct Listed<'a> {
    account: &'a str,
    provider: &'a str,
    enabled: bool,
    address: &'a str,
    server: String,
    secret: String,
    /// As an engine last found it; none before one has run.
    health: Option<AccountHealth>,
}

fn list(context: &mut Context) -> Done {
    context.say_problems();
    let health = shown_health::of(context);
    let accounts = std::mem::take(&mut context.config.accounts);
    let listed: Vec<Listed<'_>> = accounts
        .iter()
        .map(|account| {
            let own = account.provider.own();
            let secrets = own.secrets();
            Listed {
                account: account.id.as_str(),
                provider: account.common.provider.name(),
                enabled: account.common.enabled,
                address: own.address(),
                server: own.server(),
                secret: secrets.first().map_or_else(String::new, |s| s.describe()),
                health: health.iter().find(|one| one.account == account.id).cloned(),
            }
        })
        .collect();
    for account in &listed {
        context.out.value(account)?;
    }
    let rows: Vec<Vec<String>> = listed
        .iter()
        .map(|account| {
            let state = match &account.health {
                _ if !account.enabled => "not in use",
                Some(health) if health.error.is_some() => health.state.word(),
                _ => "in use",
            };
            [account.account, account.provider, state, account.address]
                .map(str::to_owned)
                .into_iter()
                .chain([account.server.clone(), account.secret.clone()])
                .collect()
        })
        .collect();
    if rows.is_empty() && context.out.is_terminal() {
        context
            .out
            .line("no account is configured; `frontdesk init` sets one up")?;
    }
    context.out.rows(&rows)
}

fn test(names: &[String], context: &mut Context) -> Done {
    context.say_problems();
    unlock::before_use(context)?;
    let accounts = std::mem::take(&mut context.config.accounts);
    for name in names {
        if !accounts.iter().any(|account| account.id.as_str() == name) {
            return Err(Failure::refused(format!("there is no account `{name}`")));
        }
    }
    let chosen: Vec<_> = accounts
        .iter()
        .filter(|account| names.is_empty() || names.iter().any(|name| name == account.id.as_str()))
        .collect();
    if chosen.is_empty() {
        return Err(providers::none(&context.problems));
    }
    let mut ok = true;
    for account in chosen {
        let provider = providers::of(account);
        let health = run_async(probe(provider.as_ref()))?;
        let name = account.id.as_str();
        print(name, &health, context)?;
        if provider.listens() {
            let url = context.config.listen.route(name);
            context
                .out
                .line(&format!("       {name}: its vendor posts to {url}"))?;
        }
        ok &= health.ok();
    }
    if ok { Ok(()) } else { Err(Failure::Said) }
}

/// What a test found, a line for each check.
pub fn print(name: &str, health: &Health, context: &mut Context) -> Done {
    context.out.value(&serde_json::json!({
        "account": name, "ok": health.ok(), "checks": health.checks
    }))?;
    for check in &health.checks {
        let word = if check.ok { "ok    " } else { "FAILED" };
        context
            .out
            .line(&format!("{word} {name}: {}: {}", check.name, check.says))?;
    }
    Ok(())
}
