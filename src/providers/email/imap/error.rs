//! What can go wrong while talking IMAP.

use super::response::StatusLine;
use super::value::Malformed;
use crate::providers::ProviderError;
use crate::providers::email::wire::WireError;
use crate::providers::email::words::clean;

/// Why a command did not do what it should.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ImapError {
    /// The connection is gone or never came about.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The server said good-bye.
    #[error("the server ended the session: {0}")]
    Bye(String),
    /// The server said something outside the protocol; the session cannot be trusted any more.
    #[error("the server does not keep to IMAP: {0}")]
    Protocol(String),
    /// The command was refused; the session goes on.
    #[error("{command} was refused: {text}")]
    Refused {
        /// Its first word.
        command: String,
        /// The response code, upper case, or empty.
        code: String,
        /// The server's words, cleaned.
        text: String,
    },
    /// The login was refused, or cannot be done safely.
    #[error("{0}")]
    Login(String),
}

impl From<Malformed> for ImapError {
    fn from(error: Malformed) -> Self {
        Self::Protocol(error.to_string())
    }
}

impl ImapError {
    /// A refusal as an error.
    pub fn refused(command: &str, line: &StatusLine) -> Self {
        let command = command.split([' ', '\r']).next().unwrap_or_default();
        Self::Refused {
            command: command.to_owned(),
            code: line.code.clone(),
            text: clean(&line.text),
        }
    }

    /// Can the session be used on?
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}

impl From<ImapError> for ProviderError {
    fn from(error: ImapError) -> Self {
        match error {
            ImapError::Login(words) => Self::Auth(words),
            ImapError::Protocol(_) => Self::Bug(error.to_string()),
            ImapError::Refused { ref code, .. } => match code.as_str() {
                "AUTHENTICATIONFAILED" | "AUTHORIZATIONFAILED" | "EXPIRED" | "PRIVACYREQUIRED" => {
                    Self::Auth(error.to_string())
                }
                "LIMIT" | "THROTTLED" => Self::RateLimited { retry_after: None },
                _ => Self::Transient(error.to_string()),
            },
            ImapError::Wire(_) | ImapError::Bye(_) => Self::Transient(error.to_string()),
        }
    }
}
