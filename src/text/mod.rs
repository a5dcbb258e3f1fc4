//! Pure text: what a customer wrote, made safe and measurable.
//!
//! Nothing here knows a screen, a database or a network. Everything that came from outside passes
//! through one of these doors before it reaches a terminal ([`sanitize`]) or a mail header
//! ([`header`]).

mod address;
pub mod charclass;
pub mod display;
pub mod header;
pub mod sanitize;
pub mod subject;
pub mod width;
pub mod wrap;

pub use display::DisplayText;
pub use header::{EmailAddress, HeaderError, HeaderValue, Mailbox, MsgId};
pub use sanitize::{Cleaned, sanitize_block, sanitize_line};
pub use wrap::WrapIndex;
