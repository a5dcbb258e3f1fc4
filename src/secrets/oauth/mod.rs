//! Logins by OAuth 2: a browser says yes once, and short-lived tokens are had from then on.
//!
//! What a login has is one entry of the vault, `login:NAME`. A token is refreshed by one process at a time, and the new
//! one is in the vault before it is used: servers that change the refresh token with each use, and that end a login
//! whose old token is used again, never see an old one.

mod device;
mod error;
mod http;
mod loopback;
mod pkce;
mod preset;
mod refresh;
mod settings;
mod stored;
#[cfg(test)]
mod tests;

pub use device::{DevicePrompt, login_by_device};
pub use error::OauthError;
pub use loopback::Redirect;
pub(super) use pkce::random;
pub use preset::{PRESETS, Preset};
pub use refresh::{access_token, refused};
pub use settings::{Client, LoginSettings, Service};
pub use stored::{entry, forget};
