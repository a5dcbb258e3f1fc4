//! The system's keyring: Secret Service on Linux, Keychain on macOS. Only with the feature `keyring`.

use super::SecretError;
use secrecy::zeroize::Zeroizing;
use std::time::Duration;

/// The service under which our entries stand.
#[cfg(feature = "keyring")]
const SERVICE: &str = "frontdesk";

/// The entry's secret. A keyring that asks its owner for a passphrase has `patience` to get it.
#[cfg(feature = "keyring")]
pub(super) async fn get(
    name: String,
    patience: Duration,
) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let entry = name.clone();
    let read = tokio::task::spawn_blocking(move || {
        let entry = keyring::Entry::new(SERVICE, &entry)?;
        entry.get_password()
    });
    let failed = |why: String| SecretError::Keyring {
        name: name.clone(),
        why,
    };
    match tokio::time::timeout(patience, read).await {
        Err(_) => Err(failed("it does not answer".to_owned())),
        Ok(Err(_)) => Err(failed("asking it failed".to_owned())),
        Ok(Ok(Err(error))) => Err(failed(error.to_string())),
        Ok(Ok(Ok(password))) => Ok(Zeroizing::new(password.into_bytes())),
    }
}

/// This program was built without it.
#[cfg(not(feature = "keyring"))]
pub(super) async fn get(name: String, _: Duration) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    Err(SecretError::Keyring {
        name,
        why: "this frontdesk was built without it; build with --features keyring".to_owned(),
    })
}
