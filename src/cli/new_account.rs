//! A new account: as a table for the file, and as the provider that is tested before anything is saved.

use super::context::{Context, run_async};
use super::failure::{Done, Failure};
use super::new_login::NewLogin;
use super::unlock;
use crate::config::{Account, ProviderSettings, edit, load_text};
use crate::providers::{Health, Provider};
use crate::secrets::{SecretRef, SecretString, write};
use std::path::PathBuf;
use toml_edit::{ArrayOfTables, Item, Table, value};

/// A server with the way to it.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its name.
    pub host: String,
    /// Its port, if not the usual one.
    pub port: Option<u16>,
    /// STARTTLS rather than TLS from the first byte.
    pub starttls: bool,
}

/// Where the password comes from.
#[derive(Debug)]
pub enum Password {
    /// It was typed, and is kept in the vault.
    Typed(SecretString),
    /// It was typed, and is kept in a file of mode 0600.
    InFile(SecretString),
    /// It is somewhere already.
    Kept(SecretRef),
    /// There is none: a browser says yes.
    Login(Box<NewLogin>),
}

/// What is needed for a mail account.
#[derive(Debug)]
pub struct NewAccount {
    /// Its name in the configuration.
    pub name: String,
    /// Its address.
    pub address: String,
    /// The sender's display name; may be empty.
    pub display: String,
    /// Login name; the address if empty.
    pub user: String,
    /// `password`, `xoauth2` or `oauthbearer`.
    pub auth: String,
    /// Where it is read.
    pub imap: Server,
    /// Where it sends.
    pub smtp: Option<Server>,
    /// One more authority to trust.
    pub ca_file: Option<PathBuf>,
    /// The password.
    pub password: Password,
}

impl NewAccount {
    /// As it is written into the file.
    fn table(&self, password: &SecretRef) -> Table {
        let mut table = Table::new();
        table["provider"] = value("email");
        table["address"] = value(&self.address);
        if !self.display.is_empty() {
            table["name"] = value(&self.display);
        }
        let mut imap = self.server(&self.imap);
        imap["password"] = Item::Value(password.to_toml());
        table["imap"] = Item::Table(imap);
        if let Some(smtp) = &self.smtp {
            let mut list = ArrayOfTables::new();
            list.push(self.server(smtp));
            table["smtp"] = Item::ArrayOfTables(list);
        }
        table
    }

    fn server(&self, server: &Server) -> Table {
        let mut table = Table::new();
        table["host"] = value(&server.host);
        if let Some(port) = server.port {
            table["port"] = value(i64::from(port));
        }
        if server.starttls {
            table["tls"] = value("starttls");
        }
        if !self.user.is_empty() && self.user != self.address {
            table["user"] = value(&self.user);
        }
        if self.auth != "password" {
            table["auth"] = value(&self.auth);
        }
        if let Some(file) = &self.ca_file {
            table["ca_file"] = value(file.display().to_string());
        }
        table
    }

    /// Where the password will be.
    fn password_ref(&self, context: &Context) -> SecretRef {
        match &self.password {
            Password::Kept(place) => place.clone(),
            Password::Login(login) => SecretRef::Login(login.name.clone()),
            Password::Typed(_) => SecretRef::Vault(self.name.clone()),
            Password::InFile(_) => SecretRef::File(context.paths.secrets_dir().join(&self.name)),
        }
    }

    /// Logs in by the browser, where that is the account's way; the test then has a token.
    pub fn log_in(&self, context: &Context) -> Done {
        self.is_new(context)?;
        match &self.password {
            Password::Login(login) => login.log_in(&self.address, context),
            _ => Ok(()),
        }
    }

    /// The account is not saved after all.
    pub fn drop_login(&self, context: &Context) {
        if let Password::Login(login) = &self.password {
            login.forget(context);
        }
    }

    fn is_new(&self, context: &Context) -> Done {
        let mut accounts = context.config.accounts.iter();
        if accounts.any(|account| account.id.as_str() == self.name) {
            return Err(edit::EditError::Exists(self.name.clone()).into());
        }
        Ok(())
    }

    /// Reads the table back as the program will, and tries the login.
    pub async fn test(&self, context: &Context) -> Done<Health> {
        let mut account = self.read_back(context)?;
        if let (
            Password::Typed(secret) | Password::InFile(secret),
            ProviderSettings::Email(email),
        ) = (&self.password, &mut account.provider)
        {
            email.imap.password = SecretRef::Plain(secret.clone());
        }
        let provider = super::providers::of(&account);
        probe(provider.as_ref()).await
    }

    fn read_back(&self, context: &Context) -> Done<Account> {
        let mut table = Table::new();
        table.set_implicit(true);
        table[&self.name] = Item::Table(self.table(&self.password_ref(context)));
        let mut document = toml_edit::DocumentMut::new();
        document["accounts"] = Item::Table(table);
        let (config, problems) = load_text(&document.to_string(), &context.file, &context.paths);
        match (config.accounts.into_iter().next(), problems.first()) {
            (Some(account), _) => Ok(account),
            (None, Some(problem)) => Err(Failure::Usage(problem.what.clone())),
            (None, None) => Err(Failure::Usage("the account is incomplete".to_owned())),
        }
    }

    /// Writes the password into the vault or its file, then the account into the configuration.
    pub fn save(&self, context: &Context) -> Done {
        self.is_new(context)?;
        self.read_back(context)?;
        match &self.password {
            Password::Typed(secret) => {
                unlock::before_writing(context)?;
                run_async(async { Ok(context.vault.put(&self.name, secret).await?) })?;
            }
            Password::InFile(secret) => {
                write::to_file(&context.paths.secrets_dir(), &self.name, secret)?;
            }
            Password::Login(login) => login.save(context)?,
            Password::Kept(_) => {}
        }
        edit::add_account(
            &context.file,
            &self.name,
            self.table(&self.password_ref(context)),
        )?;
        Ok(())
    }
}

/// Tries everything that reading and sending need.
pub async fn probe(provider: &dyn Provider) -> Done<Health> {
    provider
        .probe()
        .await
        .map_err(|error| Failure::refused(error.to_string()))
}
