//! What the configuration says about one mail account.
//!
//! These types are the configuration's `[accounts.NAME]` table as it is written, minus the provider's name.

use crate::providers::settings::AccountSettings;
use crate::secrets::SecretRef;
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;

/// One mail account: where it is read and by which servers it sends.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailSettings {
    /// The account's own address, and the sender unless a sending server says otherwise.
    pub address: String,
    /// The sender's display name.
    #[serde(default)]
    pub name: String,
    /// Further addresses that are ours: never contacts, never recipients of a reply-all, allowed as sender.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The server that is read.
    pub imap: ImapSettings,
    /// The servers that send; the first whose `for` covers every recipient is taken.
    #[serde(default)]
    pub smtp: Vec<SmtpSettings>,
    /// Folders to read, by name. Empty: INBOX, Sent, Archive and Junk; at Gmail All Mail, Junk and Trash.
    #[serde(default)]
    pub folders: Vec<String>,
    /// Whether we put a copy of what we sent into the Sent folder.
    #[serde(default)]
    pub sent_copy: SentCopy,
    /// Plain text that every reply and new message begins with, below the usual `-- ` line; the agent sees and may change it.
    #[serde(default)]
    pub signature: String,
    /// Seconds between two looks where the server cannot tell of news by itself.
    #[serde(default = "default_poll")]
    pub poll_seconds: u64,
    /// The first read goes back so many days; 0 for everything.
    #[serde(default)]
    pub history_days: u32,
    /// The first read takes at most so many messages of each folder; 0 for everything.
    #[serde(default)]
    pub history_messages: u32,
    /// Larger messages come without their attachments, in MiB (at most 50).
    #[serde(default = "default_limit")]
    pub message_limit_mib: u32,
    /// The name by which our own receiving server signs `Authentication-Results`; without it no sender counts as
    /// verified.
    #[serde(default)]
    pub authserv_id: Option<String>,
}

/// The IMAP server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImapSettings {
    /// Its name, as in its certificate.
    pub host: String,
    /// Its port; 993 for implicit TLS, 143 for STARTTLS.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is encrypted.
    #[serde(default)]
    pub tls: TlsMode,
    /// Login name; the account's address if empty.
    #[serde(default)]
    pub user: String,
    /// How to log in.
    #[serde(default)]
    pub auth: AuthMethod,
    /// The password, or the access token for the two OAuth methods; asked for at each login.
    pub password: SecretRef,
    /// A PEM file with one more authority to trust, for private certificates.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
}

impl ImapSettings {
    /// The port, by its usual number unless configured.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            TlsMode::Implicit => 993,
            TlsMode::Starttls => 143,
        })
    }
}

/// A server that sends.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSettings {
    /// Its name, as in its certificate.
    pub host: String,
    /// Its port; 465 for implicit TLS, 587 for STARTTLS.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is encrypted.
    #[serde(default)]
    pub tls: TlsMode,
    /// Login name; the IMAP login if empty.
    #[serde(default)]
    pub user: String,
    /// How to log in.
    #[serde(default)]
    pub auth: AuthMethod,
    /// The password or token; the IMAP one if absent.
    #[serde(default)]
    pub password: Option<SecretRef>,
    /// A PEM file with one more authority to trust; the IMAP one if absent.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// The sender's address for mail by this server; the account's if absent.
    #[serde(default)]
    pub from: Option<String>,
    /// The sender's display name for mail by this server; the account's if absent.
    #[serde(default)]
    pub from_name: Option<String>,
    /// Recipients this server is for: `desk.example`, `*.desk.example`, `boss@other.example`. Empty: everybody.
    #[serde(default, rename = "for")]
    pub recipients: Vec<String>,
}

impl SmtpSettings {
    /// The port, by its usual number unless configured.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            TlsMode::Implicit => 465,
            TlsMode::Starttls => 587,
        })
    }
}

/// How a connection is encrypted; there is no way without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TlsMode {
    /// From the first byte.
    #[default]
    Implicit,
    /// By command, before anything else is said.
    Starttls,
}

/// How to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthMethod {
    /// Name and password.
    #[default]
    Password,
    /// Google's and Microsoft's bearer token scheme.
    Xoauth2,
    /// RFC 7628.
    Oauthbearer,
}

impl AuthMethod {
    /// As configured, except that a login's token is never said as a password.
    #[must_use]
    pub fn with(self, secret: &SecretRef) -> Self {
        match (self, secret) {
            (Self::Password, SecretRef::Login(_)) => Self::Xoauth2,
            (method, _) => method,
        }
    }
}

/// Who puts sent mail into the Sent folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SentCopy {
    /// We do, except at Gmail and Microsoft 365, which do it themselves.
    #[default]
    Auto,
    /// We do.
    Append,
    /// The server does.
    Skip,
}

fn default_poll() -> u64 {
    60
}

fn default_limit() -> u32 {
    25
}

impl AccountSettings for EmailSettings {
    fn address(&self) -> &str {
        &self.address
    }

    fn server(&self) -> String {
        format!("{}:{}", self.imap.host, self.imap.port())
    }

    fn secrets(&self) -> Vec<&SecretRef> {
        let others = self.smtp.iter().filter_map(|smtp| smtp.password.as_ref());
        std::iter::once(&self.imap.password).chain(others).collect()
    }

    fn poll(&self) -> Duration {
        Duration::from_secs(self.poll_seconds.max(5))
    }
}

impl EmailSettings {
    /// Bytes above which a message comes without its attachments.
    pub fn message_limit(&self) -> u64 {
        u64::from(self.message_limit_mib.clamp(1, 50)) << 20
    }

    /// The login name for reading.
    pub fn imap_user(&self) -> &str {
        if self.imap.user.is_empty() {
            &self.address
        } else {
            &self.imap.user
        }
    }

    /// Does the server keep a copy of what it sends by itself?
    pub fn server_keeps_sent(&self) -> bool {
        match self.sent_copy {
            SentCopy::Append => false,
            SentCopy::Skip => true,
            SentCopy::Auto => {
                let host = self.imap.host.to_ascii_lowercase();
                [
                    "gmail.com",
                    "googlemail.com",
                    "office365.com",
                    "outlook.com",
                ]
                .iter()
                .any(|known| host == *known || host.ends_with(&format!(".{known}")))
            }
        }
    }

    /// All addresses that are ours, lower-cased: the account's, the aliases, the senders of the sending servers.
    pub fn own(&self) -> Vec<String> {
        let mut own = vec![self.address.to_lowercase()];
        let more = self
            .aliases
            .iter()
            .chain(self.smtp.iter().filter_map(|server| server.from.as_ref()));
        for address in more {
            let address = address.to_lowercase();
            if !own.contains(&address) {
                own.push(address);
            }
        }
        own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<EmailSettings, toml::de::Error> {
        toml::from_str(text)
    }

    #[test]
    fn a_full_table_is_read() {
        let settings = parse(
            r#"
            address = "support@desk.test"
            name = "Desk"
            aliases = ["Help@desk.test"]
            history_days = 90
            sent_copy = "skip"
            [imap]
            host = "mail.desk.test"
            password = { env = "MAIL_PASSWORD" }
            [[smtp]]
            host = "out.desk.test"
            tls = "starttls"
            auth = "xoauth2"
            from = "Team@desk.test"
            for = ["desk.test"]
            [[smtp]]
            host = "smtp.desk.test"
            "#,
        )
        .unwrap();
        assert_eq!(settings.imap.port(), 993);
        assert_eq!(settings.smtp[0].port(), 587);
        assert_eq!(settings.smtp[1].port(), 465);
        assert_eq!(settings.imap_user(), "support@desk.test");
        assert!(settings.server_keeps_sent());
        assert_eq!(
            settings.own(),
            ["support@desk.test", "help@desk.test", "team@desk.test"]
        );
    }

    #[test]
    fn a_misspelt_field_is_an_error() {
        let error = parse("address = \"a@b.test\"\nhistroy_days = 3\n[imap]\nhost = \"h\"\npassword = { env = \"P\" }")
            .unwrap_err();
        assert!(error.to_string().contains("histroy_days"), "{error}");
    }

    #[test]
    fn gmail_and_microsoft_keep_what_they_send() {
        for (host, keeps) in [
            ("imap.gmail.com", true),
            ("outlook.office365.com", true),
            ("imap.notgmail.com", false),
            ("mail.desk.test", false),
        ] {
            let settings = parse(&format!(
                "address = \"a@b.test\"\n[imap]\nhost = \"{host}\"\npassword = {{ env = \"P\" }}"
            ))
            .unwrap();
            assert_eq!(settings.server_keeps_sent(), keeps, "{host}");
        }
    }
}
