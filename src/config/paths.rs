//! Where files are: XDG on every system, private to the user.

use etcetera::base_strategy::{BaseStrategy, Xdg};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// A place could not be found or made.
#[derive(Debug, thiserror::Error)]
pub enum PathError {
    /// No home directory.
    #[error("there is no home directory; set HOME")]
    NoHome,
    /// A directory could not be made.
    #[error("the directory {} cannot be made: {why}", path.display())]
    Make {
        /// Which.
        path: PathBuf,
        /// The system's words.
        why: std::io::Error,
    },
}

/// The program's directories. None of them need exist yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// `config.toml`, `keymap.toml`, `themes/`, `knowledge/`, `secrets/`.
    pub config_dir: PathBuf,
    /// The mirror: what must not be lost.
    pub data_dir: PathBuf,
    /// Logs and crash reports.
    pub state_dir: PathBuf,
    /// What can be made again.
    pub cache_dir: PathBuf,
    /// Files for `$EDITOR`; gone after the session where the system provides such a place.
    pub runtime_dir: PathBuf,
}

impl Paths {
    /// By `XDG_*`, else `~/.config`, `~/.local/share`, `~/.local/state`, `~/.cache`.
    pub fn find() -> Result<Self, PathError> {
        let xdg = Xdg::new().map_err(|_| PathError::NoHome)?;
        let app = |dir: PathBuf| dir.join("frontdesk");
        let state_dir = app(xdg.state_dir().unwrap_or_else(|| xdg.data_dir()));
        Ok(Self {
            config_dir: app(xdg.config_dir()),
            data_dir: app(xdg.data_dir()),
            runtime_dir: xdg.runtime_dir().map_or_else(|| state_dir.join("run"), app),
            state_dir,
            cache_dir: app(xdg.cache_dir()),
        })
    }

    /// All of them below one directory: for `demo` and tests.
    pub fn below(root: &Path) -> Self {
        Self {
            config_dir: root.join("config"),
            data_dir: root.join("data"),
            state_dir: root.join("state"),
            cache_dir: root.join("cache"),
            runtime_dir: root.join("run"),
        }
    }

    /// `$FRONTDESK_CONFIG`, else `config.toml` in the configuration directory.
    pub fn config_file(&self) -> PathBuf {
        std::env::var_os("FRONTDESK_CONFIG")
            .filter(|path| !path.is_empty())
            .map_or_else(|| self.config_dir.join("config.toml"), PathBuf::from)
    }

    /// Where the mirror is unless configured otherwise.
    pub fn mirror_dir(&self) -> PathBuf {
        self.data_dir.join("mirror")
    }

    /// The vault.
    pub fn vault_dir(&self) -> PathBuf {
        self.data_dir.join("vault")
    }

    /// Where secrets are kept that shall not be in the vault.
    pub fn secrets_dir(&self) -> PathBuf {
        self.config_dir.join("secrets")
    }
}

/// Makes a directory that only its owner can enter (0700), parents included. One that is there stays as it is.
pub fn make_private_dir(path: &Path) -> Result<(), PathError> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|why| PathError::Make {
            path: path.to_owned(),
            why,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_new_directory_is_private() {
        let root = tempfile::tempdir().unwrap();
        let paths = Paths::below(root.path());
        let mirror = paths.mirror_dir();
        make_private_dir(&mirror).unwrap();
        for dir in [&mirror, &paths.data_dir] {
            let mode = std::fs::metadata(dir).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700, "{}", dir.display());
        }
        assert!(make_private_dir(&mirror).is_ok(), "making it again is fine");
    }
}
