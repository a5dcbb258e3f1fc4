//! Why there is no token, and what to do about it.

use crate::secrets::vault::VaultError;

/// Why there is no token. The words never hold any part of one; what a server said is cleaned and cut.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OauthError {
    /// Nobody has logged in yet.
    #[error("nobody has logged in as `{0}` yet; run `frontdesk account login {0}`")]
    NoLogin(String),
    /// The server has taken the login back, or never gave what renews it.
    #[error(
        "the login `{name}` is no longer valid ({why}); log in again: frontdesk account login {name}"
    )]
    Again {
        /// Which.
        name: String,
        /// The server's reason.
        why: String,
    },
    /// It may work a little later.
    #[error("the login server cannot be used now ({0}); it is tried again")]
    Passing(String),
    /// The server does not take what we ask with.
    #[error(
        "the login server refuses ({0}); check `client_id`, `client_secret` and `scopes` of the login"
    )]
    Refused(String),
    /// A redirect would carry the token to another place.
    #[error(
        "the login server {0} sends elsewhere, which is not followed; check the login's addresses"
    )]
    Redirected(String),
    /// An address that cannot be used.
    #[error(
        "`{0}` cannot be a login server's address; use https (http is taken for this machine only)"
    )]
    Address(String),
    /// The login's settings lack something.
    #[error("the login has no `{0}`; set it in [logins.NAME]")]
    Setting(&'static str),
    /// This service cannot be logged in to by a code.
    #[error("this service takes no codes for mail; log in without --device")]
    NoDevice,
    /// Somebody said no.
    #[error("the login was not allowed ({0})")]
    Denied(String),
    /// Nobody answered.
    #[error("nobody logged in within the time that the server gives; try again")]
    TooLate,
    /// The browser's answer is not for us.
    #[error("that address is no answer to this login; copy all of it, or begin again")]
    NotForUs,
    /// The login works, but cannot be renewed.
    #[error(
        "the login server gave nothing to renew the login with; allow offline access and try again"
    )]
    NoRefresh,
    /// No port, say.
    #[error(
        "this machine cannot take the browser's answer ({0}); use --device if the service has it"
    )]
    Loopback(String),
    /// The vault gives or takes nothing.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The client's secret cannot be had.
    #[error("the login's client secret: {0}")]
    ClientSecret(String),
}

impl OauthError {
    /// Nobody need do anything: it may work a little later.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Passing(_))
    }
}
