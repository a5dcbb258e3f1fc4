//! A new mail account.

use super::{NewAccountError, NewLogin, Site};
use crate::config::{Account, ProviderSettings, edit};
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

/// `HOST` or `HOST:PORT`.
///
/// # Errors
/// When it is neither.
pub fn server(text: &str, starttls: bool) -> Result<Server, NewAccountError> {
    let wrong =
        || NewAccountError::Wrong(format!("`{text}` is not a server; write HOST or HOST:PORT"));
    if text.contains('/') || text.contains(char::is_whitespace) {
        return Err(wrong());
    }
    let (host, port) = match text.rsplit_once(':') {
        // An IPv6 address without brackets has more colons and no port.
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
            let port = port
                .parse()
                .map_err(|_| NewAccountError::Wrong(format!("`{port}` is not a port")))?;
            (host, Some(port))
        }
        _ => (text, None),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() {
        return Err(wrong());
    }
    Ok(Server {
        host: host.to_owned(),
        port,
        starttls,
    })
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
    fn password_ref(&self, site: &Site) -> SecretRef {
        match &self.password {
            Password::Kept(place) => place.clone(),
            Password::Login(login) => SecretRef::Login(login.name.clone()),
            Password::Typed(_) => SecretRef::Vault(self.name.clone()),
            Password::InFile(_) => SecretRef::File(site.paths.secrets_dir().join(&self.name)),
        }
    }

    /// Something goes into the vault.
    pub fn fills_vault(&self) -> bool {
        matches!(self.password, Password::Typed(_) | Password::Login(_))
    }

    /// Reads it back as the program will, with a password that was typed: for the test before saving.
    ///
    /// # Errors
    /// When it would not be taken.
    pub fn account(&self, site: &Site) -> Result<Account, NewAccountError> {
        let mut account = site.read_back(&self.name, self.table(&self.password_ref(site)))?;
        if let (
            Password::Typed(secret) | Password::InFile(secret),
            ProviderSettings::Email(email),
        ) = (&self.password, &mut account.provider)
        {
            email.imap.password = SecretRef::Plain(secret.clone());
        }
        Ok(account)
    }

    /// Writes the password into the vault, which is open, or its file, then the account into the configuration.
    ///
    /// # Errors
    /// When either cannot be written; no account stands in the configuration then.
    pub async fn save(&self, site: &Site) -> Result<(), NewAccountError> {
        site.is_new(&self.name)?;
        let table = self.table(&self.password_ref(site));
        site.read_back(&self.name, table.clone())?;
        match &self.password {
            Password::Typed(secret) => site.vault.put(&self.name, secret).await?,
            Password::InFile(secret) => {
                write::to_file(&site.paths.secrets_dir(), &self.name, secret)?;
            }
            Password::Login(login) => login.save(site).await?,
            Password::Kept(_) => {}
        }
        edit::add_account(&site.file, &self.name, table)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::server;

    #[test]
    fn hosts_and_ports() {
        for (text, host, port) in [
            ("imap.b.test", "imap.b.test", None),
            ("imap.b.test:1993", "imap.b.test", Some(1993)),
            ("[::1]:1993", "::1", Some(1993)),
            ("::1", "::1", None),
        ] {
            let found = server(text, false).unwrap();
            assert_eq!((found.host.as_str(), found.port), (host, port), "{text}");
        }
        for wrong in ["", "a b", "h:x", "h:99999", "https://h"] {
            assert!(server(wrong, false).is_err(), "{wrong}");
        }
    }
}
