//! frontdesk: the agent inbox for the terminal.
pub mod text;
