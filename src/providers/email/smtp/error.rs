//! What can go wrong before a message was handed over.

use super::reply::Reply;
use crate::providers::ProviderError;
use crate::providers::email::wire::WireError;

/// Why no session came about, or a command failed. Nothing was sent.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SmtpError {
    /// The connection is gone or never came about.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The server refused.
    #[error("{what} was refused: {reply}")]
    Refused {
        /// What was asked.
        what: &'static str,
        /// The answer.
        reply: Reply,
    },
    /// The login was refused, or cannot be done.
    #[error("{0}")]
    Login(String),
    /// The server said something outside the protocol.
    #[error("the server does not keep to SMTP: {0}")]
    Protocol(String),
}

impl From<SmtpError> for ProviderError {
    fn from(error: SmtpError) -> Self {
        match &error {
            SmtpError::Login(words) => Self::Auth(words.clone()),
            // 530: the server wants a login that was not given.
            SmtpError::Refused { reply, .. } if reply.code == 530 => Self::Auth(error.to_string()),
            SmtpError::Refused { reply, .. } if reply.is_permanent() => Self::Rejected {
                reason: error.to_string(),
                permanent: true,
            },
            _ => Self::Transient(error.to_string()),
        }
    }
}
