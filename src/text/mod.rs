//! Pure text: what a customer wrote, made safe and measurable.
//!
//! Nothing here knows a screen, a database or a network. Everything that came from outside passes
//! through one of these doors before it reaches a terminal ([`sanitize`]), a mail header
//! ([`header`]), a path ([`filename`]), a search ([`query`]) or a spreadsheet ([`csv_cell`]).

mod address;
pub mod charclass;
pub mod csv_cell;
pub mod diff;
pub mod display;
pub mod document;
pub mod filename;
pub mod filter;
pub mod fold;
pub mod header;
pub mod html;
pub mod human;
pub mod identity;
pub mod lang;
pub mod links;
pub mod magic;
pub mod markdown;
pub mod mime;
pub mod moment;
pub mod osc;
pub mod phone;
pub mod preview;
pub mod query;
pub mod quote;
pub mod sanitize;
pub mod segments;
pub mod subject;
pub mod template;
pub mod when;
pub mod width;
pub mod wrap;

pub use display::DisplayText;
pub use filename::SafeFileName;
pub use header::{EmailAddress, HeaderError, HeaderValue, Mailbox, MsgId};
pub use html::html_to_text;
pub use links::Link;
pub use sanitize::{Cleaned, sanitize_block, sanitize_line};
pub use wrap::WrapIndex;
