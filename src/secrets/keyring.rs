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
    let failed = |why: String| SecretError::Keyring {
        name: name.clone(),
        why,
    };
    let (answer, answered) = tokio::sync::oneshot::channel();
    // A thread of its own: the runtime would wait at its end for one of its blocking threads, and a service that does
    // not answer lets go of it never.
    std::thread::Builder::new()
        .name("keyring".to_owned())
        .spawn(move || {
            let read = keyring::Entry::new(SERVICE, &entry).and_then(|entry| entry.get_password());
            // Nobody listens any more when it took too long.
            let _ = answer.send(read);
        })
        .map_err(|error| failed(error.to_string()))?;
    match tokio::time::timeout(patience, answered).await {
        Err(_) => Err(failed("it does not answer".to_owned())),
        Ok(Err(_)) => Err(failed("asking it failed".to_owned())),
        Ok(Ok(Err(error))) => Err(failed(error.to_string())),
        Ok(Ok(Ok(password))) => Ok(Zeroizing::new(password.into_bytes())),
    }
}

/// This program was built without it.
#[allow(clippy::unused_async)] // As the one that asks.
#[cfg(not(feature = "keyring"))]
pub(super) async fn get(name: String, _: Duration) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    Err(SecretError::Keyring {
        name,
        why: "this frontdesk was built without it; build with --features keyring".to_owned(),
    })
}
