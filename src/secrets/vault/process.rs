//! The vault of this process: one, named at the start, from which `{ vault = "NAME" }` is resolved.

use super::Vault;
use std::sync::{Arc, PoisonError, RwLock};

static CURRENT: RwLock<Option<Arc<Vault>>> = RwLock::new(None);

/// From now on secrets come from this vault.
pub fn install(vault: Arc<Vault>) {
    *CURRENT.write().unwrap_or_else(PoisonError::into_inner) = Some(vault);
}

/// The vault that was named at the start.
pub fn current() -> Option<Arc<Vault>> {
    CURRENT
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}
