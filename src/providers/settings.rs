//! What is asked of every provider's own settings, so that nobody else has to know which provider it is.

use crate::secrets::SecretRef;
use std::time::Duration;

/// One account's own settings.
pub trait AccountSettings {
    /// Our address or number there, for people.
    fn address(&self) -> &str;

    /// Which server is spoken to, for people.
    fn server(&self) -> String;

    /// Every secret that is needed.
    fn secrets(&self) -> Vec<&SecretRef>;

    /// How often to pull where nothing is pushed.
    fn poll(&self) -> Duration;
}
