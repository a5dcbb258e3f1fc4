//! The client's half of IMAP: RFC 3501 with the extensions that keep a mirror exact and cheap.
//!
//! Written here rather than taken from a crate because the three traps that the usual one has (a refusal read as an
//! empty answer, a line that it does not know ending the session silently, an APPEND that fails when anything else is
//! said first) are the ones that lose mail.

pub mod error;
pub mod folders;
pub mod login;
pub mod response;
pub mod select;
pub mod session;
pub mod uid_set;
pub mod utf7;
pub mod value;

pub use error::ImapError;
pub use folders::{Folder, Role};
pub use response::{Data, Fetch, MailboxStatus};
pub use session::ImapSession;
pub use uid_set::UidSet;
