//! Passwords and tokens: the configuration says where a secret is, never what it is.
//!
//! What is typed goes into the [`vault`], unless another place is named.
//!
//! A [`SecretRef`] is resolved late, each time a login needs it, and the result is a
//! [`secrecy::SecretString`] that neither prints nor stays in memory longer than its owner.

mod error;
mod keyring;
pub mod oauth;
mod reference;
mod resolve;
pub mod vault;
pub mod write;

pub use error::SecretError;
pub use reference::SecretRef;
pub use secrecy::{ExposeSecret, SecretString};

/// A word of 43 letters that nobody can guess, for a handshake with a vendor.
///
/// # Errors
/// When the system gives no chance.
pub fn random_word() -> std::io::Result<SecretString> {
    Ok(SecretString::from(oauth::random()?.as_str()))
}
