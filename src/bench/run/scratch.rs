//! Folders of a run. They go when it ends; those of a run that was killed go when the next one begins.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// How their names begin.
const PREFIX: &str = "frontdesk-bench-";
/// The file in each that its run keeps locked.
const HELD: &str = "held";

/// A folder that goes when it is dropped.
pub struct Scratch {
    path: PathBuf,
    _held: File,
}

impl Scratch {
    /// Makes one below `place`.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(place: &Path, name: &str) -> anyhow::Result<Self> {
        sweep(place);
        let number = format!("{name}-{}-{:08x}", std::process::id(), fastrand::u32(..));
        // Under another name until it is locked, so that no other run takes it for one that was left.
        let making = place.join(format!(".{PREFIX}{number}"));
        fs::create_dir_all(&making)?;
        let held = File::create(making.join(HELD))?;
        held.lock()?;
        let path = place.join(format!("{PREFIX}{number}"));
        fs::rename(&making, &path)?;
        Ok(Self { path, _held: held })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Removes what runs left that were killed.
fn sweep(place: &Path) {
    let found = fs::read_dir(place).into_iter().flatten().flatten();
    for path in found.map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // The folder may be one that all users share.
        let own = fs::symlink_metadata(&path)
            .is_ok_and(|at| at.is_dir() && at.uid() == rustix::process::geteuid().as_raw());
        if own
            && name.starts_with(PREFIX)
            && let Ok(held) = File::open(path.join(HELD))
            && held.try_lock().is_ok()
        {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_run_left_goes_with_the_next() {
        let place = tempfile::tempdir().unwrap();
        let left = place.path().join("frontdesk-bench-mail-1-0");
        fs::create_dir(&left).unwrap();
        fs::write(left.join(HELD), "").unwrap();
        let other = place.path().join("frontdesk-bench-notes");
        fs::create_dir(&other).unwrap();
        let one = Scratch::new(place.path(), "mail").unwrap();
        let two = Scratch::new(place.path(), "mail").unwrap();
        assert!(!left.exists() && other.exists());
        assert!(one.path().exists() && two.path().exists());
        let path = one.path().to_owned();
        drop(one);
        assert!(!path.exists() && two.path().exists());
    }
}
