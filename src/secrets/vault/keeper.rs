//! The keeper: the one process that holds the vault's key, and how others of the same user ask it.
//!
//! Over a socket of mode 0600, where the kernel tells who is at the other end, one line is asked and one answered:
//! `status`, `lock`, `touch`, `unlock KEY` and `key`. Whoever runs as the same user may ask, as with an SSH agent.

use super::{Key, Vault, files};
use secrecy::ExposeSecret;
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use zeroize::Zeroizing;

/// One question and its answer take no longer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest line.
const LINE: u64 = 4096;
/// How often idling is looked at, and whether another keeper has gone.
const LOOK: Duration = Duration::from_secs(5);
/// Questions that are answered at the same time.
const AT_ONCE: usize = 16;

/// How the keeper is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// No process keeps the vault.
    Nobody,
    /// A process keeps it and has the key.
    Open,
    /// A process keeps it and waits for the passphrase.
    Locked,
}

impl Vault {
    /// How the keeper is.
    pub async fn keeping(&self) -> Keeping {
        match ask(&self.socket, "status")
            .await
            .as_ref()
            .map(|line| line.as_str())
        {
            Some("open") => Keeping::Open,
            Some(_) => Keeping::Locked,
            None => Keeping::Nobody,
        }
    }

    /// Tells the keeper to forget the key; false if there is no keeper.
    pub async fn lock_keeper(&self) -> bool {
        ask(&self.socket, "lock").await.is_some()
    }

    /// Tells the keeper that somebody is there, and notes it here.
    pub async fn seen(&self) {
        self.touch();
        if !self.is_open() {
            ask(&self.socket, "touch").await;
        }
    }

    /// Gives the keeper the key that this process has; false if there is no keeper or no key. With the keeper having
    /// it, this process forgets its own: locking the keeper locks everybody.
    pub async fn hand_over(&self) -> bool {
        let Some(key) = self.held() else {
            return false;
        };
        let line = Zeroizing::new(format!("unlock {}", key.to_text().expose_secret()));
        let taken = ask(&self.socket, &line)
            .await
            .is_some_and(|answer| answer.as_str() == "ok");
        if taken {
            self.give_away();
        }
        taken
    }

    /// Keeps the vault while this process lives, as soon as no other does.
    pub fn keep(self: &Arc<Self>) -> tokio::task::JoinHandle<()> {
        let vault = self.clone();
        tokio::spawn(async move {
            let mut turn = tokio::time::interval(LOOK);
            turn.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                turn.tick().await;
                match vault.begin() {
                    Ok(Some((lock, listener))) => vault.serve(&lock, &listener).await,
                    Ok(None) => {
                        vault.hand_over().await;
                        if vault.seen_within(LOOK) {
                            ask(&vault.socket, "touch").await;
                        }
                    }
                    Err(error) => {
                        tracing::warn!(%error, "the vault cannot be shared with other processes");
                        // It still works for this one, and idling still locks it.
                        loop {
                            tokio::time::sleep(LOOK).await;
                            vault.lock_if_idle();
                        }
                    }
                }
            }
        })
    }

    /// The socket, if no other process has it.
    fn begin(&self) -> std::io::Result<Option<(File, UnixListener)>> {
        let folder = self.socket.parent().unwrap_or(Path::new("/"));
        let mut private = std::fs::DirBuilder::new();
        std::os::unix::fs::DirBuilderExt::mode(private.recursive(true), 0o700);
        private.create(folder)?;
        // It may have been there before, open to others or theirs.
        let found = std::fs::metadata(folder)?;
        if std::os::unix::fs::MetadataExt::uid(&found) != rustix::process::geteuid().as_raw() {
            let says = format!("{} belongs to another user", folder.display());
            return Err(std::io::Error::new(ErrorKind::PermissionDenied, says));
        }
        if found.permissions().mode() & 0o777 != 0o700 {
            std::fs::set_permissions(folder, PermissionsExt::from_mode(0o700))?;
        }
        let lock = files::lock_file(&self.socket.with_extension("lock"))
            .map_err(|error| std::io::Error::other(error.to_string()))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => return Ok(None),
            Err(std::fs::TryLockError::Error(error)) => return Err(error),
        }
        // Whoever had it is dead.
        match std::fs::remove_file(&self.socket) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&self.socket)?;
        let private = PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&self.socket, private)?;
        Ok(Some((lock, listener)))
    }

    async fn serve(self: &Arc<Self>, _lock: &File, listener: &UnixListener) {
        let places = Arc::new(tokio::sync::Semaphore::new(AT_ONCE));
        let mut open = self.watch();
        loop {
            // Looked at when it may be over, not now and then: that would wake an idle processor.
            let over = self.idle_until();
            let idled = async {
                match over {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = idled => {
                    if self.lock_if_idle() {
                        tracing::info!("the vault is locked: nobody was here");
                    }
                }
                // What is opened now can idle.
                Ok(()) = open.changed() => {}
                accepted = listener.accept() => {
                    let Ok((stream, _)) = accepted else {
                        // Out of descriptors, say: not to be tried without a breath.
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        continue;
                    };
                    if !same_user(&stream) {
                        continue;
                    }
                    let Ok(place) = places.clone().try_acquire_owned() else {
                        continue;
                    };
                    let vault = self.clone();
                    tokio::spawn(async move {
                        let _ = tokio::time::timeout(PATIENCE, vault.answer(stream)).await;
                        drop(place);
                    });
                }
            }
        }
    }

    async fn answer(&self, mut stream: UnixStream) {
        let Some(line) = line_of(&mut stream).await else {
            return;
        };
        let answer = match line.split_once(' ') {
            None if line.as_str() == "status" => {
                // A way that needs nobody is taken before it is said that somebody is needed.
                let open = self.is_open() || self.key_in_time().await;
                if open { "open" } else { "locked" }.to_owned()
            }
            None if line.as_str() == "lock" => {
                self.lock();
                "ok".to_owned()
            }
            None if line.as_str() == "touch" => {
                self.touch();
                "ok".to_owned()
            }
            None if line.as_str() == "key" => match self.held() {
                Some(key) => format!("key {}", key.to_text().expose_secret()),
                None => "locked".to_owned(),
            },
            Some(("unlock", text)) => {
                let done = Key::from_text(text).map(|key| self.unlock_with(key));
                if matches!(done, Some(Ok(()))) {
                    "ok"
                } else {
                    "no"
                }
                .to_owned()
            }
            _ => "no".to_owned(),
        };
        let answer = Zeroizing::new(format!("{answer}\n"));
        let _ = stream.write_all(answer.as_bytes()).await;
    }

    /// Opens it by the configured way, which must not ask this very keeper.
    async fn key_in_time(&self) -> bool {
        let _one = self.opening.lock().await;
        if self.is_open() {
            return true;
        }
        if self.state().locked_by_person {
            return false;
        }
        match self.key_without_person().await {
            Ok(key) => {
                self.hold(key, false);
                true
            }
            Err(_) => false,
        }
    }
}

/// The keeper's key, for one piece of work; none if nobody keeps the vault or it is locked.
pub(super) async fn borrow(socket: &Path) -> Option<Key> {
    let answer = ask(socket, "key").await?;
    Key::from_text(answer.strip_prefix("key ")?)
}

fn same_user(stream: &UnixStream) -> bool {
    stream
        .peer_cred()
        .is_ok_and(|peer| peer.uid() == rustix::process::geteuid().as_raw())
}

async fn ask(socket: &Path, line: &str) -> Option<Zeroizing<String>> {
    let exchange = async {
        let mut stream = UnixStream::connect(socket).await.ok()?;
        // Another user's process could have made a socket in a folder open to all.
        if !same_user(&stream) {
            return None;
        }
        let line = Zeroizing::new(format!("{line}\n"));
        stream.write_all(line.as_bytes()).await.ok()?;
        line_of(&mut stream).await
    };
    tokio::time::timeout(PATIENCE, exchange)
        .await
        .ok()
        .flatten()
}

async fn line_of(stream: &mut UnixStream) -> Option<Zeroizing<String>> {
    let mut line = Zeroizing::new(String::with_capacity(LINE as usize));
    let mut reader = BufReader::new(stream.take(LINE));
    reader.read_line(&mut line).await.ok()?;
    let cut = line.strip_suffix('\n')?.len();
    line.truncate(cut);
    Some(line)
}
