//! The vault's files: private, written as a whole, one writer at a time.

use super::VaultError;
use rustix::fs::{Mode, OFlags};
use std::fs::{File, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The largest file that is read.
const LIMIT: u64 = 4 << 20;
/// How long a writer waits for another.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is sealed by the passphrase.
pub(super) const KEY: &str = "key.passphrase.age";
/// The checksum of [`KEY`], by which a changed file is told from a wrong passphrase.
pub(super) const SUM: &str = "key.passphrase.sum";
/// What is sealed to an SSH key.
pub(super) const SSH: &str = "key.ssh.age";
/// The secrets.
pub(super) const SECRETS: &str = "secrets.age";
const LOCK: &str = "lock";

pub(super) fn failed(path: &Path, error: &std::io::Error) -> VaultError {
    VaultError::File {
        path: path.to_owned(),
        why: error.to_string(),
    }
}

/// Reads a file that must be ours and closed to others; none when it is not there.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, VaultError> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOFOLLOW;
    let fd = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(fd) => fd,
        Err(rustix::io::Errno::NOENT) => return Ok(None),
        Err(error) => return Err(failed(path, &error.into())),
    };
    let stat = rustix::fs::fstat(&fd).map_err(|error| failed(path, &error.into()))?;
    if !rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file() {
        return Err(VaultError::Damaged {
            path: path.to_owned(),
            why: "it is not a file".to_owned(),
        });
    }
    private(path, stat.st_uid, stat.st_mode, "600")?;
    let mut bytes = Vec::new();
    File::from(fd)
        .take(LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(path, &error))?;
    if bytes.len() as u64 > LIMIT {
        return Err(VaultError::Damaged {
            path: path.to_owned(),
            why: "it is larger than any vault".to_owned(),
        });
    }
    Ok(Some(bytes))
}

/// The folder must be ours and closed to others.
pub(super) fn check_dir(dir: &Path) -> Result<(), VaultError> {
    let stat = rustix::fs::stat(dir).map_err(|error| failed(dir, &error.into()))?;
    private(dir, stat.st_uid, stat.st_mode, "700")
}

fn private(path: &Path, owner: u32, mode: u32, right: &'static str) -> Result<(), VaultError> {
    if owner != rustix::process::geteuid().as_raw() {
        return Err(VaultError::Owner(path.to_owned()));
    }
    let mode = mode & 0o7777;
    if mode & 0o077 != 0 {
        return Err(VaultError::Mode {
            path: path.to_owned(),
            mode,
            right,
        });
    }
    Ok(())
}

/// Writes the whole file (0600); on disk when this returns, and never half. The caller holds the lock.
pub(super) fn write(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), VaultError> {
    let path = dir.join(name);
    let fresh = dir.join(format!(".{name}.new"));
    let wrong = |error: std::io::Error| failed(&path, &error);
    // What an interrupted writer left behind is worthless.
    let _ = std::fs::remove_file(&fresh);
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let fd = rustix::fs::open(&fresh, flags, Mode::RUSR | Mode::WUSR)
        .map_err(|error| wrong(error.into()))?;
    let mut file = File::from(fd);
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(&fresh, &path))
        .and_then(|()| File::open(dir)?.sync_all())
        .map_err(wrong)
}

/// Takes a file away, if it is there.
pub(super) fn remove(dir: &Path, name: &str) -> Result<bool, VaultError> {
    let path = dir.join(name);
    match std::fs::remove_file(&path).and_then(|()| File::open(dir)?.sync_all()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed(&path, &error)),
    }
}

/// Makes the folder (0700) with these files, all of them or nothing: a vault without its key would be no vault.
pub(super) fn create(dir: &Path, files: &[(&str, &[u8])]) -> Result<(), VaultError> {
    let parent = dir.parent().unwrap_or(Path::new("/"));
    let mut private = std::fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(private.recursive(true), 0o700);
    private
        .create(parent)
        .map_err(|error| failed(parent, &error))?;
    let fresh = PathBuf::from(format!("{}.new-{}", dir.display(), std::process::id()));
    let _ = std::fs::remove_dir_all(&fresh);
    private
        .recursive(false)
        .create(&fresh)
        .map_err(|error| failed(&fresh, &error))?;
    let made = files
        .iter()
        .try_for_each(|(name, bytes)| write(&fresh, name, bytes))
        .and_then(|()| {
            // A folder that is there and not empty cannot be renamed over, which is what we want.
            std::fs::rename(&fresh, dir).map_err(|error| match error.kind() {
                std::io::ErrorKind::DirectoryNotEmpty | std::io::ErrorKind::AlreadyExists => {
                    VaultError::Exists(dir.to_owned())
                }
                _ => failed(dir, &error),
            })
        });
    if made.is_err() {
        let _ = std::fs::remove_dir_all(&fresh);
    }
    made?;
    File::open(parent)
        .and_then(|parent| parent.sync_all())
        .map_err(|error| failed(parent, &error))
}

/// Held while something of the vault is read and written anew: by one thread of one process.
#[derive(Debug)]
pub struct Turn {
    _file: File,
}

/// Waits until nobody else writes.
pub(super) fn lock(dir: &Path) -> Result<Turn, VaultError> {
    held(&dir.join(LOCK), PATIENCE)
}

/// Waits until nobody else renews; a server is asked meanwhile, which takes longer than writing.
pub(super) fn wait_turn(path: &Path) -> Result<Turn, VaultError> {
    held(path, PATIENCE * 3)
}

fn held(path: &Path, patience: Duration) -> Result<Turn, VaultError> {
    let file = lock_file(path)?;
    let until = Instant::now() + patience;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Turn { _file: file }),
            Err(TryLockError::WouldBlock) if Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(TryLockError::WouldBlock) => return Err(VaultError::Busy),
            Err(TryLockError::Error(error)) => return Err(failed(path, &error)),
        }
    }
}

/// A file to lock by, made if it is not there.
pub(super) fn lock_file(path: &Path) -> Result<File, VaultError> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let fd = rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)
        .map_err(|error| failed(path, &error.into()))?;
    Ok(File::from(fd))
}
