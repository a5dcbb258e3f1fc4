//! Setting up an account.

use super::app::App;

/// The vault was opened: what waited for it goes on.
pub(super) fn vault_opened(_app: &mut App) {}

/// Nobody opened the vault: what waited for it does not go on.
pub(super) fn vault_left(_app: &mut App) {}
