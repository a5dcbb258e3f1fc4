use super::*;
use crate::secrets::SecretRef;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

const PHRASE: &str = "correct horse";

fn settings() -> VaultSettings {
    VaultSettings {
        work_factor: 2,
        ..VaultSettings::default()
    }
}

fn vault(root: &Path) -> Vault {
    Vault::at(&root.join("data/vault"), &root.join("run"), settings())
}

fn made(root: &Path) -> Vault {
    let vault = vault(root);
    vault.create(&PHRASE.into()).unwrap();
    vault
}

fn bytes(vault: &Vault, name: &str) -> Vec<u8> {
    std::fs::read(vault.dir().join(name)).unwrap()
}

#[tokio::test]
async fn what_is_put_in_is_there_after_a_start_and_closed_to_others() {
    let root = tempfile::tempdir().unwrap();
    let first = made(root.path());
    first.put("support", &"hunter2".into()).await.unwrap();
    first
        .put("login:a.b_c-d", &"\u{1f511} \"x\"\\".into())
        .await
        .unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(first.dir()), 0o700);
    for entry in std::fs::read_dir(first.dir()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        let content = std::fs::read(&path).unwrap();
        assert!(!content.windows(7).any(|part| part == b"hunter2"));
        assert!(!content.windows(7).any(|part| part == b"support"));
    }

    let second = vault(root.path());
    assert_eq!(second.get("support").await.unwrap_err(), VaultError::Locked);
    assert_eq!(
        second.unlock(&"wrong".into()).unwrap_err(),
        VaultError::WrongPassphrase
    );
    assert!(!second.is_open());
    second.unlock(&PHRASE.into()).unwrap();
    assert_eq!(
        second.get("support").await.unwrap().expose_secret(),
        "hunter2"
    );
    assert_eq!(second.names().await.unwrap(), ["login:a.b_c-d", "support"]);
    assert!(second.remove("support").await.unwrap());
    assert!(!second.remove("support").await.unwrap());
    assert_eq!(
        first.get("support").await.unwrap_err(),
        VaultError::NoEntry("support".into())
    );
    second.lock();
    assert_eq!(second.names().await.unwrap_err(), VaultError::Locked);
    let shown = format!("{second:?} {:?}", Key::generate());
    assert!(!shown.contains("AGE-SECRET"), "{shown}");
}

#[test]
fn there_is_one_vault_and_it_is_not_made_again() {
    let root = tempfile::tempdir().unwrap();
    let empty = vault(root.path());
    assert_eq!(
        empty.unlock(&PHRASE.into()).unwrap_err(),
        VaultError::Missing
    );
    assert_eq!(
        empty.create(&"".into()).unwrap_err(),
        VaultError::EmptyPassphrase
    );
    let first = made(root.path());
    let before = bytes(&first, files::SECRETS);
    assert!(matches!(
        vault(root.path()).create(&"other".into()),
        Err(VaultError::Exists(_))
    ));
    assert_eq!(bytes(&first, files::SECRETS), before);
    assert_eq!(
        std::fs::read_dir(root.path().join("data")).unwrap().count(),
        1
    );
}

#[tokio::test]
async fn a_damaged_vault_says_so_and_is_left_as_it_is() {
    for name in [files::KEY, files::SECRETS] {
        let root = tempfile::tempdir().unwrap();
        let made = made(root.path());
        made.put("a", &"secret of a".into()).await.unwrap();
        let whole = bytes(&made, name);
        let mut damages: Vec<Vec<u8>> = (0..whole.len())
            .step_by(7)
            .map(|n| whole[..n].to_vec())
            .collect();
        for at in (0..whole.len()).step_by(23) {
            let mut changed = whole.clone();
            changed[at] ^= 0x41;
            damages.push(changed);
        }
        damages.push([whole.as_slice(), b"more"].concat());
        damages.push(b"hello".to_vec());
        for damage in damages {
            let path = made.dir().join(name);
            std::fs::write(&path, &damage).unwrap();
            let again = vault(root.path());
            let error = again.unlock(&PHRASE.into()).unwrap_err();
            assert!(
                matches!(
                    error,
                    VaultError::Damaged { .. } | VaultError::OtherKey(_)
                    // The work stands in clear in the header.
                    | VaultError::TooMuchWork { .. }
                ),
                "{name}: {error}"
            );
            // One that is open already must not write over it either.
            if name == files::SECRETS {
                assert!(made.put("b", &"x".into()).await.is_err());
            }
            assert_eq!(std::fs::read(&path).unwrap(), damage);
        }
        std::fs::remove_file(made.dir().join(name)).unwrap();
        let error = vault(root.path()).unlock(&PHRASE.into()).unwrap_err();
        assert!(error.to_string().contains("it is gone"), "{error}");
        if name == files::SECRETS {
            assert!(made.put("b", &"x".into()).await.is_err());
            assert!(!made.dir().join(name).exists());
        }
    }
}

#[test]
fn a_file_that_asks_for_hours_of_work_is_refused_at_once() {
    let root = tempfile::tempdir().unwrap();
    let made = made(root.path());
    let text = String::from_utf8_lossy(&bytes(&made, files::KEY)).into_owned();
    let at = text.find(" 2\n").unwrap();
    let mut hostile = bytes(&made, files::KEY);
    hostile.splice(at..at + 2, b" 40".iter().copied());
    std::fs::write(made.dir().join(files::KEY), &hostile).unwrap();
    let begun = Instant::now();
    let error = vault(root.path()).unlock(&PHRASE.into()).unwrap_err();
    assert!(
        matches!(error, VaultError::TooMuchWork { work: 40, .. }),
        "{error}"
    );
    assert!(begun.elapsed().as_secs() < 5);
}

#[test]
fn the_work_of_a_new_vault_can_be_lowered() {
    let key = Key::generate();
    let sealed = key.wrap_by_passphrase(&"x".into(), 3).unwrap();
    assert!(String::from_utf8_lossy(&sealed).contains(" 3\n"));
    const { assert!(seal::WORK < seal::MOST_WORK) };
}

#[tokio::test]
async fn secrets_of_another_vault_are_told_apart() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (one, other) = (made(a.path()), made(b.path()));
    std::fs::write(
        one.dir().join(files::SECRETS),
        bytes(&other, files::SECRETS),
    )
    .unwrap();
    let error = one.names().await.unwrap_err();
    assert!(matches!(error, VaultError::OtherKey(_)), "{error}");
}

#[test]
fn a_vault_open_to_others_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let made = made(root.path());
    let path = made.dir().join(files::KEY);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = made.unlock(&PHRASE.into()).unwrap_err().to_string();
    assert!(error.contains("chmod 600"), "{error}");
    std::fs::set_permissions(made.dir(), std::fs::Permissions::from_mode(0o750)).unwrap();
    let error = made.unlock(&PHRASE.into()).unwrap_err().to_string();
    assert!(error.contains("chmod 700"), "{error}");
}

#[tokio::test]
async fn a_new_passphrase_replaces_the_old() {
    let root = tempfile::tempdir().unwrap();
    let made = made(root.path());
    made.put("a", &"1".into()).await.unwrap();
    assert_eq!(
        made.change_passphrase(&"wrong".into(), &"new".into())
            .unwrap_err(),
        VaultError::WrongPassphrase
    );
    made.change_passphrase(&PHRASE.into(), &"new".into())
        .unwrap();
    let again = vault(root.path());
    assert_eq!(
        again.unlock(&PHRASE.into()).unwrap_err(),
        VaultError::WrongPassphrase
    );
    again.unlock(&"new".into()).unwrap();
    assert_eq!(again.get("a").await.unwrap().expose_secret(), "1");
}

#[tokio::test]
async fn names_and_lengths_are_checked() {
    let root = tempfile::tempdir().unwrap();
    let made = made(root.path());
    for name in ["", "a b", "a/b", "\u{1b}[2J", &"x".repeat(81)] {
        let error = made.put(name, &"x".into()).await.unwrap_err();
        assert!(matches!(error, VaultError::Name(_)));
        assert!(!error.to_string().contains('\u{1b}'));
    }
    let long = "x".repeat(70_000);
    assert_eq!(
        made.put("a", &long.into()).await.unwrap_err(),
        VaultError::TooLong
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_wait_for_one_another() {
    let root = tempfile::tempdir().unwrap();
    made(root.path());
    let tasks: Vec<_> = (0..4)
        .map(|writer| {
            let vault = vault(root.path());
            tokio::spawn(async move {
                vault.unlock(&PHRASE.into()).unwrap();
                for n in 0..5 {
                    vault
                        .put(&format!("{writer}-{n}"), &"x".into())
                        .await
                        .unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let vault = vault(root.path());
    vault.unlock(&PHRASE.into()).unwrap();
    assert_eq!(vault.names().await.unwrap().len(), 20);
}

#[tokio::test]
async fn the_passphrase_can_come_from_elsewhere_until_somebody_locks() {
    let root = tempfile::tempdir().unwrap();
    made(root.path()).put("a", &"1".into()).await.unwrap();
    let with = |passphrase: SecretRef| {
        let settings = VaultSettings {
            passphrase: Some(passphrase),
            ..settings()
        };
        Vault::at(
            &root.path().join("data/vault"),
            &root.path().join("run"),
            settings,
        )
    };
    let open = with(SecretRef::Command(vec!["echo".into(), PHRASE.into()]));
    assert_eq!(open.get("a").await.unwrap().expose_secret(), "1");
    open.lock();
    assert_eq!(open.get("a").await.unwrap_err(), VaultError::Locked);
    let wrong = with(SecretRef::Plain("no".into()));
    assert_eq!(
        wrong.get("a").await.unwrap_err(),
        VaultError::WrongPassphrase
    );
    let absent = with(SecretRef::Credential("none".into()));
    assert_eq!(absent.get("a").await.unwrap_err(), VaultError::Locked);
}

#[tokio::test]
async fn idling_locks_what_a_person_opened() {
    let root = tempfile::tempdir().unwrap();
    let made = made(root.path());
    assert!(!made.lock_if_idle());
    let long_ago = Instant::now().checked_sub(std::time::Duration::from_hours(9));
    if long_ago.is_none() {
        return;
    }
    made.state().last_seen = long_ago;
    assert!(made.lock_if_idle());
    assert_eq!(made.names().await.unwrap_err(), VaultError::Locked);
    made.unlock(&PHRASE.into()).unwrap();
    made.state().last_seen = long_ago;
    made.touch();
    assert!(!made.lock_if_idle());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_keeps_the_key_and_others_ask_it() {
    let root = tempfile::tempdir().unwrap();
    made(root.path()).put("a", &"1".into()).await.unwrap();
    let (keeper, other) = (Arc::new(vault(root.path())), Arc::new(vault(root.path())));
    assert_eq!(other.keeping().await, keeper::Keeping::Nobody);
    let task = keeper.keep();
    let patience = Instant::now();
    while other.keeping().await != keeper::Keeping::Locked {
        assert!(patience.elapsed().as_secs() < 20);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(other.get("a").await.unwrap_err(), VaultError::Locked);
    let mut watch = keeper.watch();
    // As `vault unlock` does.
    other.unlock(&PHRASE.into()).unwrap();
    assert!(other.hand_over().await);
    assert!(!other.is_open());
    watch.wait_for(|open| *open).await.unwrap();
    assert_eq!(other.keeping().await, keeper::Keeping::Open);
    assert_eq!(other.get("a").await.unwrap().expose_secret(), "1");
    other.put("b", &"2".into()).await.unwrap();
    assert_eq!(keeper.get("b").await.unwrap().expose_secret(), "2");
    assert!(other.lock_keeper().await);
    assert_eq!(other.get("a").await.unwrap_err(), VaultError::Locked);
    assert_eq!(keeper.get("a").await.unwrap_err(), VaultError::Locked);
    let socket = std::fs::metadata(&keeper.socket).unwrap();
    assert_eq!(socket.permissions().mode() & 0o777, 0o600);
    task.abort();
}

/// A key pair that opens nothing else: what is public, and the file of what is not, as `ssh-keygen` writes them.
fn ssh_key() -> (String, String) {
    const PUBLIC: &str = "oLLSGE8GDTms5NLGZI1kURgJoUHngHLCIZyijXnimoo=";
    const SEED: &str = "M/IVMvGfH+nkvkrWcEmLWTnTcOaYBqZ/KRjRdiUieoQ=";
    fn field(into: &mut Vec<u8>, bytes: &[u8]) {
        into.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
        into.extend(bytes);
    }
    let [public, seed] = [PUBLIC, SEED].map(|text| BASE64_STANDARD.decode(text).unwrap());
    let mut shown = Vec::new();
    field(&mut shown, b"ssh-ed25519");
    field(&mut shown, &public);
    let mut hidden = vec![7; 8];
    hidden.extend(&shown);
    field(&mut hidden, &[seed, public].concat());
    field(&mut hidden, b"test");
    hidden.extend((1..=8).take((8 - hidden.len() % 8) % 8));
    let mut whole = b"openssh-key-v1\0".to_vec();
    for part in [b"none".as_slice(), b"none", b""] {
        field(&mut whole, part);
    }
    whole.extend(1_u32.to_be_bytes());
    field(&mut whole, &shown);
    field(&mut whole, &hidden);
    let label = "OPENSSH PRIVATE KEY";
    let private = BASE64_STANDARD.encode(whole);
    (
        format!("ssh-ed25519 {} test", BASE64_STANDARD.encode(shown)),
        format!("-----BEGIN {label}-----\n{private}\n-----END {label}-----\n"),
    )
}

#[tokio::test]
async fn an_ssh_key_opens_it_too() {
    let root = tempfile::tempdir().unwrap();
    let made = made(root.path());
    made.put("a", &"1".into()).await.unwrap();
    let (shown, hidden) = ssh_key();
    let public = Path::new("id.pub");
    assert!(made.allow_ssh(public, "nonsense").await.is_err());
    made.allow_ssh(public, &shown).await.unwrap();
    let private = root.path().join("id");
    std::fs::write(&private, hidden).unwrap();
    std::fs::set_permissions(&private, std::fs::Permissions::from_mode(0o600)).unwrap();
    let settings = VaultSettings {
        ssh_key: Some(private),
        ..settings()
    };
    let by_ssh = || Vault::at(made.dir(), &root.path().join("run"), settings.clone());
    assert_eq!(by_ssh().get("a").await.unwrap().expose_secret(), "1");
    assert!(made.forbid_ssh().unwrap());
    assert_eq!(by_ssh().get("a").await.unwrap_err(), VaultError::Locked);
}
