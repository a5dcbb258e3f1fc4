//! What can be wrong with a terminal, in words an agent can act on.

use std::io;

/// Why the terminal could not be taken over or written to.
#[derive(Debug, thiserror::Error)]
pub enum TermError {
    /// Standard input or output is a file, a pipe or closed.
    #[error(
        "standard {stream} is not a terminal; run frontdesk in one, or use a command such as `frontdesk list`"
    )]
    NotATerminal {
        /// `input` or `output`.
        stream: &'static str,
    },
    /// The operating system refused a request about the terminal.
    #[error("the terminal refused to {what}: {source}")]
    Io {
        /// What was being done, as in "the terminal refused to …".
        what: &'static str,
        /// The system's own error.
        source: io::Error,
    },
}

impl TermError {
    /// Wraps a system error with what was being done.
    pub(super) fn io(what: &'static str, source: impl Into<io::Error>) -> Self {
        Self::Io {
            what,
            source: source.into(),
        }
    }

    /// The exit code of a program that cannot go on: 2 when it was started in the wrong place,
    /// 1 when the system refused.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::NotATerminal { .. } => 2,
            Self::Io { .. } => 1,
        }
    }
}
