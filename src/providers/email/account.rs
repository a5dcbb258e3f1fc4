//! One configured account: its settings, and how a connection for it is made.

use super::imap::ImapSession;
use super::map::Ours;
use super::settings::{EmailSettings, SmtpSettings};
use super::smtp::SmtpClient;
use super::sync::Reader;
use crate::model::Clock;
use crate::providers::{ProviderError, Result};
use crate::secrets::{ExposeSecret, SecretRef, SecretString};
use std::path::Path;
use std::sync::Arc;

/// One account.
pub struct Account {
    /// As configured.
    pub settings: EmailSettings,
    /// What it knows of itself.
    pub ours: Ours,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Account {
    /// The account of these settings.
    pub fn new(settings: EmailSettings, clock: Arc<dyn Clock>) -> Self {
        Self {
            ours: Ours {
                addresses: settings.own(),
                authserv: settings.authserv_id.clone(),
            },
            settings,
            clock,
        }
    }

    /// Connects, logs in and looks at which folders there are.
    pub async fn connect(&self) -> Result<Reader> {
        // The secret first: a person who must type a passphrase does not do so on the server's time.
        let secret = resolve(&self.settings.imap.password).await?;
        let mut session = ImapSession::open(&self.settings.imap).await?;
        self.log_in(&mut session, &secret).await?;
        Ok(Reader::new(session).await?)
    }

    /// Logs in to the server that is read.
    pub async fn log_in(&self, session: &mut ImapSession, secret: &SecretString) -> Result<()> {
        let imap = &self.settings.imap;
        let done = session
            .login(
                imap.auth.with(&imap.password),
                self.settings.imap_user(),
                secret.expose_secret(),
                &imap.host,
                imap.port(),
            )
            .await
            .map_err(ProviderError::from);
        if matches!(done, Err(ProviderError::Auth(_))) {
            imap.password.refused(secret).await;
        }
        done
    }

    /// Connects and logs in to a server that sends. Nothing was sent, whatever the error.
    pub async fn submission(&self, server: &SmtpSettings) -> Result<SmtpClient> {
        let secret = self.smtp_secret(server).await?;
        let mut client = SmtpClient::open(server, self.smtp_ca(server)).await?;
        let place = self.smtp_place(server);
        let done = client
            .login(
                server.auth.with(place),
                self.smtp_user(server),
                secret.expose_secret(),
                &server.host,
                server.port(),
            )
            .await
            .map_err(ProviderError::from);
        if matches!(done, Err(ProviderError::Auth(_))) {
            place.refused(&secret).await;
        }
        done.map(|()| client)
    }

    /// The extra authority of a sending server.
    pub fn smtp_ca<'a>(&'a self, server: &'a SmtpSettings) -> Option<&'a Path> {
        server
            .ca_file
            .as_deref()
            .or(self.settings.imap.ca_file.as_deref())
    }

    /// The login of a sending server.
    pub fn smtp_user<'a>(&'a self, server: &'a SmtpSettings) -> &'a str {
        if server.user.is_empty() {
            self.settings.imap_user()
        } else {
            &server.user
        }
    }

    /// The secret of a sending server.
    pub async fn smtp_secret(&self, server: &SmtpSettings) -> Result<SecretString> {
        resolve(self.smtp_place(server)).await
    }

    /// Where the secret of a sending server is.
    fn smtp_place<'a>(&'a self, server: &'a SmtpSettings) -> &'a SecretRef {
        let own = server.password.as_ref();
        own.unwrap_or(&self.settings.imap.password)
    }
}

/// The secret itself, asked for now.
pub async fn resolve(secret: &SecretRef) -> Result<SecretString> {
    secret.resolve().await.map_err(ProviderError::from)
}
