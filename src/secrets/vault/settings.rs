//! What the configuration says about the vault.

use crate::secrets::SecretRef;
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;

/// `[vault]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VaultSettings {
    /// Where the passphrase is, for an engine that starts without anybody there: a systemd credential, the keyring, a
    /// command. Without it somebody types it.
    pub passphrase: Option<SecretRef>,
    /// A private SSH key without a passphrase that opens the vault, once `vault ssh-key` has sealed it to its public half.
    pub ssh_key: Option<PathBuf>,
    /// Minutes without a key press or a command after which a vault that somebody opened by hand is locked; 0 for never.
    pub idle_minutes: u32,
    /// The work of a new passphrase, as a power of two; more than 18 counts as 18. Less is for slow machines.
    pub work_factor: u8,
}

impl Default for VaultSettings {
    fn default() -> Self {
        Self {
            passphrase: None,
            ssh_key: None,
            idle_minutes: 480,
            work_factor: super::seal::WORK,
        }
    }
}

impl VaultSettings {
    /// How long nobody may be there before the vault is locked; none for ever.
    pub fn idle(&self) -> Option<Duration> {
        (self.idle_minutes > 0).then(|| Duration::from_secs(u64::from(self.idle_minutes) * 60))
    }
}
