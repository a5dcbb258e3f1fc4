//! Secrets from the Secret Service.

use crate::{desktop, is_elsewhere, on_a_mute_bus, on_an_empty_bus, without_a_bus};
use frontdesk::secrets::SecretRef;
use secrecy::ExposeSecret;
use std::io::Write;
use std::process::{Command, Stdio};

/// Puts a secret where `{ keyring = "NAME" }` finds it, as people do.
fn keep(name: &str, secret: &str) {
    let mut child = Command::new("secret-tool")
        .args(["store", "--label", "frontdesk", "service", "frontdesk"])
        .args(["username", name])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(secret.as_bytes())
        .unwrap();
    assert!(child.wait().unwrap().success());
}

#[tokio::test]
async fn a_secret_is_read() {
    if desktop().is_none() {
        return;
    }
    keep("support", "pässwörd 1");
    let secret = SecretRef::Keyring("support".to_owned()).resolve().await;
    assert_eq!(secret.unwrap().expose_secret(), "pässwörd 1");
    // A new one counts at once.
    keep("support", "pw 2");
    let secret = SecretRef::Keyring("support".to_owned()).resolve().await;
    assert_eq!(secret.unwrap().expose_secret(), "pw 2");
}

#[tokio::test]
async fn a_missing_one_is_told_in_words() {
    if desktop().is_none() {
        return;
    }
    let missing = SecretRef::Keyring("nobody".to_owned()).resolve().await;
    let words = missing.err().unwrap().to_string();
    assert!(words.contains("no entry frontdesk/nobody"), "{words}");
    assert!(words.contains("use a file or a command"), "{words}");
    assert_eq!(words.lines().count(), 1, "{words}");
}

#[tokio::test]
async fn without_a_keyring_it_is_told_in_words() {
    if is_elsewhere() {
        let start = std::time::Instant::now();
        let missing = SecretRef::Keyring("support".to_owned()).resolve().await;
        let words = missing.err().unwrap().to_string();
        assert!(words.contains("no entry frontdesk/support"), "{words}");
        assert_eq!(words.lines().count(), 1, "{words}");
        assert!(start.elapsed().as_secs() < 12, "{:?}", start.elapsed());
        return;
    }
    if desktop().is_some() {
        without_a_bus("keyring::without_a_keyring_it_is_told_in_words");
        on_an_empty_bus("keyring::without_a_keyring_it_is_told_in_words");
        on_a_mute_bus("keyring::without_a_keyring_it_is_told_in_words");
    }
}
