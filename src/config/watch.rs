//! Notices that configuration files were changed, by whatever editor and in whatever way.
//!
//! Editors write in place, or write another file and rename it; so folders are watched, and files are known by their
//! names in them. Where a file is a link, the folder of what it points to is watched too. The kernel tells; nobody
//! polls, and with nothing changed nothing wakes.

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc;

/// One save is several changes: quiet for so long means that it is done.
const QUIET: Duration = Duration::from_millis(120);
/// But a file that is written for ever is looked at after so many rounds of quiet that were not.
const ROUNDS: usize = 10;

/// Watches until dropped.
pub struct Watch {
    watcher: RecommendedWatcher,
    signs: mpsc::Receiver<()>,
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
    watched: BTreeSet<PathBuf>,
}

impl Watch {
    /// Watches these files, and every `*.toml` in these folders. None of them need exist.
    ///
    /// # Errors
    /// When the system cannot watch.
    pub fn start(files: Vec<PathBuf>, folders: Vec<PathBuf>) -> notify::Result<Self> {
        // One sign is as good as many.
        let (sign, signs) = mpsc::channel(1);
        let mut names: Vec<PathBuf> = files.iter().chain(&folders).cloned().collect();
        names.extend(files.iter().filter_map(|file| file.canonicalize().ok()));
        let rooms = folders.clone();
        let concerns = move |path: &Path| {
            let in_room = path
                .parent()
                .is_some_and(|parent| rooms.iter().any(|room| room == parent))
                && path.extension().is_some_and(|ending| ending == "toml");
            in_room || names.iter().any(|name| name == path)
        };
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let changes = event.is_ok_and(|event| {
                let reads = matches!(event.kind, EventKind::Access(_));
                !reads && event.paths.iter().any(|path| concerns(path))
            });
            if changes {
                // A full channel holds a sign already.
                let _ = sign.try_send(());
            }
        })?;
        let mut watch = Self {
            watcher,
            signs,
            files,
            folders,
            watched: BTreeSet::new(),
        };
        watch.follow();
        Ok(watch)
    }

    /// Waits until something was changed and then left alone. Never ends while nothing is. May be dropped at any
    /// point.
    pub async fn changed(&mut self) {
        if self.signs.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
        for _ in 0..ROUNDS {
            match tokio::time::timeout(QUIET, self.signs.recv()).await {
                Ok(Some(())) => {}
                Ok(None) | Err(_) => break,
            }
        }
        // A folder may have come into being, or a file become a link.
        self.follow();
    }

    /// Watches the folders that are there and not watched yet.
    fn follow(&mut self) {
        let parent = |path: &Path| path.parent().map(Path::to_owned);
        let mut wanted: BTreeSet<PathBuf> = self.folders.iter().cloned().collect();
        wanted.extend(self.folders.iter().filter_map(|folder| parent(folder)));
        for file in &self.files {
            wanted.extend(parent(file));
            wanted.extend(file.canonicalize().ok().and_then(|real| parent(&real)));
        }
        self.watched.retain(|folder| folder.is_dir());
        for folder in wanted {
            if !folder.is_dir() || self.watched.contains(&folder) {
                continue;
            }
            match self.watcher.watch(&folder, RecursiveMode::NonRecursive) {
                Ok(()) => _ = self.watched.insert(folder),
                Err(error) => tracing::warn!(%error, "changes of the configuration are not seen"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(10);

    async fn sees(watch: &mut Watch) -> bool {
        tokio::time::timeout(SOON, watch.changed()).await.is_ok()
    }

    #[tokio::test]
    async fn every_way_of_saving_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        let themes = dir.path().join("themes");
        let mut watch = Watch::start(vec![file.clone()], vec![themes.clone()]).unwrap();
        std::fs::write(&file, "me = 'a'").unwrap();
        assert!(sees(&mut watch).await, "made");
        std::fs::write(&file, "me = 'b'").unwrap();
        assert!(sees(&mut watch).await, "written in place");
        let beside = dir.path().join("config.toml.new");
        std::fs::write(&beside, "me = 'c'").unwrap();
        std::fs::rename(&beside, &file).unwrap();
        assert!(sees(&mut watch).await, "replaced");
        std::fs::write(&file, "me = 'd'").unwrap();
        assert!(sees(&mut watch).await, "written after having been replaced");
        std::fs::create_dir(&themes).unwrap();
        assert!(sees(&mut watch).await, "a folder that was not there");
        std::fs::write(themes.join("mine.toml"), "").unwrap();
        assert!(sees(&mut watch).await, "a file in it");
        std::fs::remove_file(&file).unwrap();
        assert!(sees(&mut watch).await, "removed");
    }

    #[tokio::test]
    async fn what_a_link_points_to_is_seen() {
        let (dir, real) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (file, target) = (dir.path().join("config.toml"), real.path().join("mine"));
        std::fs::write(&target, "me = 'a'").unwrap();
        std::os::unix::fs::symlink(&target, &file).unwrap();
        let mut watch = Watch::start(vec![file], Vec::new()).unwrap();
        std::fs::write(&target, "me = 'b'").unwrap();
        assert!(sees(&mut watch).await);
    }

    #[tokio::test]
    async fn reading_and_other_files_are_no_change() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        std::fs::write(&file, "me = 'a'").unwrap();
        let mut watch = Watch::start(vec![file.clone()], Vec::new()).unwrap();
        for _ in 0..20 {
            std::fs::read_to_string(&file).unwrap();
            std::fs::write(dir.path().join("notes.toml"), "x").unwrap();
        }
        let woken = tokio::time::timeout(Duration::from_millis(500), watch.changed()).await;
        assert!(woken.is_err());
    }
}
