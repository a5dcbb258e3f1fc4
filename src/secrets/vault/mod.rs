//! The vault: typed secrets and login tokens, sealed in the age format.
//!
//! A folder of files, each of which the `age` program can open:
//!
//! - `key.passphrase.age`: the vault's key, sealed by the passphrase. Always there, so that losing a keyring or an SSH
//!   key never locks anybody out.
//! - `key.ssh.age`: the same key, sealed to an SSH key, if wanted.
//! - `secrets.age`: all secrets, sealed to the vault's key.
//!
//! Files are replaced as a whole, under a lock that holds between threads and processes, and what cannot be opened is
//! never written over. The key stays in the memory of one process, the keeper; others of the same user ask it.

mod entries;
mod error;
mod files;
mod keeper;
mod process;
mod seal;
mod settings;
#[cfg(test)]
mod tests;

pub use error::VaultError;
pub use files::Turn;
pub use keeper::Keeping;
pub use process::{current, install};
pub use seal::Key;
pub use settings::VaultSettings;

use entries::{Entries, check_name};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::watch;

/// One vault, open or locked, as this process sees it.
pub struct Vault {
    dir: PathBuf,
    socket: PathBuf,
    settings: VaultSettings,
    state: Mutex<State>,
    /// Whether the key is at hand, for those who wait for it.
    open: watch::Sender<bool>,
    /// One try at a time to open it without a person.
    opening: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    key: Option<Key>,
    /// Somebody typed the passphrase, so that idling locks it.
    by_person: bool,
    /// Somebody locked it: nothing but a person opens it again.
    locked_by_person: bool,
    /// It was locked because nobody was there.
    locked_by_idling: bool,
    last_seen: Option<Instant>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault({})", self.dir.display())
    }
}

impl Vault {
    /// The vault in `dir`, which need not exist yet; processes meet at a socket in `runtime_dir`.
    pub fn at(dir: &Path, runtime_dir: &Path, settings: VaultSettings) -> Self {
        let which = hash(dir.as_os_str().as_encoded_bytes());
        let which = which.get(..12).unwrap_or(&which);
        Self {
            dir: dir.to_owned(),
            socket: runtime_dir.join(format!("vault-{which}.sock")),
            settings,
            state: Mutex::default(),
            open: watch::Sender::new(false),
            opening: tokio::sync::Mutex::default(),
        }
    }

    /// Where it is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What the configuration says about it.
    pub fn settings(&self) -> &VaultSettings {
        &self.settings
    }

    /// Is there one?
    pub fn exists(&self) -> bool {
        self.dir.exists()
    }

    /// Makes it, empty, and opens it.
    pub fn create(&self, passphrase: &SecretString) -> Result<(), VaultError> {
        if self.exists() {
            return Err(VaultError::Exists(self.dir.clone()));
        }
        let key = Key::generate();
        let wrapped = self.wrapped(&key, passphrase)?;
        let secrets = key
            .seal(&Entries::default().to_json())
            .map_err(|why| self.unsealed(why))?;
        let sum = hash(&wrapped);
        files::create(
            &self.dir,
            &[
                (files::KEY, &wrapped),
                (files::SUM, sum.as_bytes()),
                (files::SECRETS, &secrets),
            ],
        )?;
        self.hold(key, true);
        Ok(())
    }

    /// Opens it by its passphrase, which takes about a second. The key stays with this process until it is locked.
    pub fn unlock(&self, passphrase: &SecretString) -> Result<(), VaultError> {
        let key = self.key_by_passphrase(passphrase)?;
        // Not said to be open before it is known to be usable.
        self.read_entries(&key)?;
        self.hold(key, true);
        Ok(())
    }

    /// Opens it with its key, as another process gave it.
    pub fn unlock_with(&self, key: Key) -> Result<(), VaultError> {
        self.read_entries(&key)?;
        self.hold(key, true);
        Ok(())
    }

    /// Forgets the key. Only a person opens it again.
    pub fn lock(&self) {
        let mut state = self.state();
        state.key = None;
        state.locked_by_person = true;
        drop(state);
        self.open.send_replace(false);
    }

    /// Is the key in this process?
    pub fn is_open(&self) -> bool {
        self.state().key.is_some()
    }

    /// Tells when the vault is opened and locked in this process.
    pub fn watch(&self) -> watch::Receiver<bool> {
        self.open.subscribe()
    }

    /// Somebody is there: the time of idling begins anew.
    pub fn touch(&self) {
        self.state().last_seen = Some(Instant::now());
    }

    fn seen_within(&self, time: std::time::Duration) -> bool {
        let seen = self.state().last_seen;
        seen.is_some_and(|seen| seen.elapsed() <= time)
    }

    /// When it is to be locked if nobody is there until then; none while that is not so.
    fn idle_until(&self) -> Option<Instant> {
        let idle = self.settings.idle()?;
        let state = self.state();
        let seen = state.last_seen?;
        (state.by_person && state.key.is_some()).then(|| seen + idle)
    }

    /// Locks it if nobody was there for too long.
    pub fn lock_if_idle(&self) -> bool {
        let over = self.idle_until().is_some_and(|end| end <= Instant::now());
        if over {
            self.state().locked_by_idling = true;
            self.lock();
        }
        over
    }

    /// Was it locked because nobody was there?
    pub fn locked_by_idling(&self) -> bool {
        self.state().locked_by_idling
    }

    /// Can secrets be had now, by this process's key, the keeper's, or a configured way?
    pub async fn available(&self) -> bool {
        self.key().await.is_ok()
    }

    /// The secret of that name.
    pub async fn get(&self, name: &str) -> Result<SecretString, VaultError> {
        check_name(name)?;
        let key = self.key().await?;
        let mut entries = self.read_entries(&key)?;
        entries
            .0
            .remove(name)
            .ok_or_else(|| VaultError::NoEntry(name.to_owned()))
    }

    /// Puts a secret there; on disk when this returns. One of that name is replaced.
    pub async fn put(&self, name: &str, secret: &SecretString) -> Result<(), VaultError> {
        check_name(name)?;
        if secret.expose_secret().len() > entries::LONGEST {
            return Err(VaultError::TooLong);
        }
        self.change(|entries| {
            entries.0.insert(name.to_owned(), secret.clone());
            true
        })
        .await
        .map(|_| ())
    }

    /// Takes a secret away; false if there was none.
    pub async fn remove(&self, name: &str) -> Result<bool, VaultError> {
        self.change(|entries| entries.0.remove(name).is_some())
            .await
    }

    /// The names of all secrets.
    pub async fn names(&self) -> Result<Vec<String>, VaultError> {
        let key = self.key().await?;
        Ok(self.read_entries(&key)?.0.into_keys().collect())
    }

    /// Seals the key by another passphrase; the old one opens it no longer. The old one must be given.
    pub fn change_passphrase(
        &self,
        old: &SecretString,
        new: &SecretString,
    ) -> Result<(), VaultError> {
        let key = self.key_by_passphrase(old)?;
        let wrapped = self.wrapped(&key, new)?;
        let _writing = files::lock(&self.dir)?;
        files::write(&self.dir, files::KEY, &wrapped)?;
        files::write(&self.dir, files::SUM, hash(&wrapped).as_bytes())
    }

    /// Lets an SSH key open it, too, by a line of its `.pub` file; the one before is forgotten.
    pub async fn allow_ssh(&self, path: &Path, public: &str) -> Result<(), VaultError> {
        let wrapped = self.key().await?.wrap_by_ssh(path, public)?;
        let _writing = files::lock(&self.dir)?;
        files::write(&self.dir, files::SSH, &wrapped)
    }

    /// No SSH key opens it any more; false if none did.
    pub fn forbid_ssh(&self) -> Result<bool, VaultError> {
        let _writing = files::lock(&self.dir)?;
        files::remove(&self.dir, files::SSH)
    }

    /// Does an SSH key open it?
    pub fn has_ssh(&self) -> bool {
        self.dir.join(files::SSH).exists()
    }

    /// Waits for the turn to renew what is called `name`: one process at a time has it, until it is dropped.
    pub async fn turn(&self, name: &str) -> Result<Turn, VaultError> {
        check_name(name)?;
        // A name may hold what a file's may not only in front.
        let path = self.dir.join(format!("turn-{name}.lock"));
        if !self.exists() {
            return Err(VaultError::Missing);
        }
        let waited = tokio::task::spawn_blocking(move || files::wait_turn(&path));
        waited.await.map_err(|_| VaultError::Busy)?
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hold(&self, key: Key, by_person: bool) {
        let mut state = self.state();
        state.key = Some(key);
        state.by_person = by_person;
        state.locked_by_person = false;
        state.locked_by_idling = false;
        state.last_seen = Some(Instant::now());
        drop(state);
        self.open.send_replace(true);
    }

    /// The key leaves this process for the keeper.
    fn give_away(&self) -> Option<Key> {
        let key = self.state().key.take();
        if key.is_some() {
            self.open.send_replace(false);
        }
        key
    }

    fn held(&self) -> Option<Key> {
        self.state().key.clone()
    }

    /// The key: ours, the keeper's, or by a configured way.
    async fn key(&self) -> Result<Key, VaultError> {
        if let Some(key) = self.held() {
            return Ok(key);
        }
        if !self.exists() {
            return Err(VaultError::Missing);
        }
        if let Some(key) = keeper::borrow(&self.socket).await {
            return Ok(key);
        }
        let _one = self.opening.lock().await;
        if let Some(key) = self.held() {
            return Ok(key);
        }
        if self.state().locked_by_person {
            return Err(VaultError::Locked);
        }
        let key = self.key_without_person().await?;
        self.read_entries(&key)?;
        self.hold(key.clone(), false);
        Ok(key)
    }

    /// By the SSH key or the passphrase that the configuration names.
    async fn key_without_person(&self) -> Result<Key, VaultError> {
        let mut why = VaultError::Locked;
        if let Some(private_path) = &self.settings.ssh_key {
            let path = self.dir.join(files::SSH);
            let private_path = crate::secrets::resolve::expand_home(private_path);
            if let Some(sealed) = files::read(&path)? {
                let tried = files::read(&private_path).and_then(|private| {
                    let private = zeroize::Zeroizing::new(private.unwrap_or_default());
                    Key::by_ssh(&path, &sealed, &private_path, &private)
                });
                match tried {
                    Ok(key) => return Ok(key),
                    Err(error) => why = error,
                }
            }
        }
        if let Some(source) = &self.settings.passphrase {
            // Boxed, because a source resolves through the vault's own room.
            match Box::pin(source.resolve()).await {
                Ok(passphrase) => {
                    let wrapped = self.wrapped_key()?;
                    let opened = tokio::task::spawn_blocking(move || wrapped.open(&passphrase));
                    return opened
                        .await
                        .map_err(|error| VaultError::Keeper(error.to_string()))?;
                }
                // Outside of the service that has it, a credential is not there: then somebody types it.
                Err(error) => tracing::debug!(%error, "no passphrase for the vault"),
            }
        }
        Err(why)
    }

    fn key_by_passphrase(&self, passphrase: &SecretString) -> Result<Key, VaultError> {
        self.wrapped_key()?.open(passphrase)
    }

    fn wrapped_key(&self) -> Result<Wrapped, VaultError> {
        if !self.exists() {
            return Err(VaultError::Missing);
        }
        files::check_dir(&self.dir)?;
        let path = self.dir.join(files::KEY);
        let sealed = files::read(&path)?.ok_or_else(|| gone(&path))?;
        let sum = files::read(&self.dir.join(files::SUM))?;
        Ok(Wrapped { path, sealed, sum })
    }

    fn wrapped(&self, key: &Key, passphrase: &SecretString) -> Result<Vec<u8>, VaultError> {
        if passphrase.expose_secret().is_empty() {
            return Err(VaultError::EmptyPassphrase);
        }
        key.wrap_by_passphrase(passphrase, self.settings.work_factor)
            .map_err(|why| self.unsealed(why))
    }

    fn unsealed(&self, why: String) -> VaultError {
        VaultError::File {
            path: self.dir.clone(),
            why,
        }
    }

    fn read_entries(&self, key: &Key) -> Result<Entries, VaultError> {
        files::check_dir(&self.dir)?;
        let path = self.dir.join(files::SECRETS);
        let sealed = files::read(&path)?.ok_or_else(|| gone(&path))?;
        Entries::parse(&path, &key.open(&path, &sealed)?)
    }

    /// Reads, changes and writes under the lock; what cannot be read is not written over.
    async fn change(&self, with: impl FnOnce(&mut Entries) -> bool) -> Result<bool, VaultError> {
        let key = self.key().await?;
        let dir = self.dir.clone();
        let writing = tokio::task::spawn_blocking(move || files::lock(&dir));
        let _writing = writing.await.map_err(|_| VaultError::Busy)??;
        let mut entries = self.read_entries(&key)?;
        let changed = with(&mut entries);
        if changed {
            let sealed = key
                .seal(&entries.to_json())
                .map_err(|why| self.unsealed(why))?;
            files::write(&self.dir, files::SECRETS, &sealed)?;
        }
        Ok(changed)
    }
}

fn gone(path: &Path) -> VaultError {
    VaultError::Damaged {
        path: path.to_owned(),
        why: "it is gone".to_owned(),
    }
}

fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().fold(String::new(), |mut out, byte| {
        let _ = std::fmt::Write::write_fmt(&mut out, format_args!("{byte:02x}"));
        out
    })
}

/// The sealed key as it was read, and the checksum that was written beside it.
struct Wrapped {
    path: PathBuf,
    sealed: Vec<u8>,
    sum: Option<Vec<u8>>,
}

impl Wrapped {
    /// A passphrase that fits nowhere is wrong, unless the file is not as it was written.
    fn open(&self, passphrase: &SecretString) -> Result<Key, VaultError> {
        let changed = || {
            let written = self.sum.as_ref();
            written.is_some_and(|written| written != hash(&self.sealed).as_bytes())
        };
        match Key::by_passphrase(&self.path, &self.sealed, passphrase) {
            Err(VaultError::WrongPassphrase) if changed() => Err(VaultError::Damaged {
                path: self.path.clone(),
                why: "it is not as it was written".to_owned(),
            }),
            other => other,
        }
    }
}
