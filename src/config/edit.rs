//! Changing the configuration file without losing what its owner wrote: comments, order and spacing stay.

use super::paths::make_private_dir;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use toml_edit::{DocumentMut, Item, Table};

/// The file could not be changed; it is as it was.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// It cannot be read or written.
    #[error("{} cannot be changed: {why}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's words.
        why: String,
    },
    /// It is not TOML now.
    #[error("{} cannot be changed while it has a fault; `frontdesk config check` shows where", path.display())]
    Syntax {
        /// Which.
        path: PathBuf,
    },
    /// There is one already.
    #[error("there is an account `{0}` already; choose another name or remove it first")]
    Exists(String),
    /// There is none.
    #[error("there is no account `{0}`")]
    Missing(String),
}

/// Adds `[accounts.NAME]`. The file is made (from the commented default) when it is not there.
pub fn add_account(file: &Path, name: &str, account: Table) -> Result<(), EditError> {
    change(file, |document| {
        let accounts = document
            .entry("accounts")
            .or_insert_with(|| {
                let mut table = Table::new();
                table.set_implicit(true);
                Item::Table(table)
            })
            .as_table_like_mut()
            .ok_or_else(|| EditError::Syntax {
                path: file.to_owned(),
            })?;
        if accounts.contains_key(name) {
            return Err(EditError::Exists(name.to_owned()));
        }
        accounts.insert(name, Item::Table(account));
        Ok(())
    })
}

/// Adds `[logins.NAME]`, or replaces it.
pub fn set_login(file: &Path, name: &str, login: Table) -> Result<(), EditError> {
    change(file, |document| {
        let logins = document
            .entry("logins")
            .or_insert_with(|| {
                let mut table = Table::new();
                table.set_implicit(true);
                Item::Table(table)
            })
            .as_table_like_mut()
            .ok_or_else(|| EditError::Syntax {
                path: file.to_owned(),
            })?;
        logins.insert(name, Item::Table(login));
        Ok(())
    })
}

/// Takes `[accounts.NAME]` with all its tables out.
pub fn remove_account(file: &Path, name: &str) -> Result<(), EditError> {
    change(file, |document| {
        document
            .get_mut("accounts")
            .and_then(Item::as_table_like_mut)
            .and_then(|accounts| accounts.remove(name))
            .map(|_| ())
            .ok_or_else(|| EditError::Missing(name.to_owned()))
    })
}

/// Sets a key at the top of the file; what stands there already stays.
pub fn set_top(
    file: &Path,
    key: &str,
    value: impl Into<toml_edit::Value>,
) -> Result<(), EditError> {
    change(file, |document| {
        if !document.contains_key(key) {
            document.insert(key, toml_edit::value(value.into()));
        }
        Ok(())
    })
}

fn change(
    file: &Path,
    edit: impl FnOnce(&mut DocumentMut) -> Result<(), EditError>,
) -> Result<(), EditError> {
    let failed = |error: std::io::Error| EditError::Io {
        path: file.to_owned(),
        why: error.to_string(),
    };
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            super::default_file::commented()
        }
        Err(error) => return Err(failed(error)),
    };
    let mut document: DocumentMut = text.parse().map_err(|_| EditError::Syntax {
        path: file.to_owned(),
    })?;
    edit(&mut document)?;
    replace(file, document.to_string().as_bytes()).map_err(failed)
}

/// Writes beside the file and renames, so that there is always a whole one; a link keeps pointing where it did.
fn replace(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let target = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let dir = target.parent().unwrap_or(Path::new("."));
    make_private_dir(dir).map_err(std::io::Error::other)?;
    let fresh = target.with_extension("toml.new");
    let _ = std::fs::remove_file(&fresh);
    let mut out = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)?;
    out.write_all(bytes)?;
    out.sync_all()?;
    std::fs::rename(&fresh, &target)?;
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn account() -> Table {
        let text = "provider = \"email\"\naddress = \"a@b.test\"\n[imap]\nhost = \"h\"\n";
        let document: DocumentMut = text.parse().unwrap();
        document.as_table().clone()
    }

    #[test]
    fn comments_survive_adding_and_removing() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        let before =
            "# mine\nme = \"nina\" # that is me\n\n[accounts.sales] # old\nprovider = \"email\"\n";
        std::fs::write(&file, before).unwrap();
        add_account(&file, "support", account()).unwrap();
        let with = std::fs::read_to_string(&file).unwrap();
        assert!(with.starts_with(before), "{with}");
        assert!(with.contains("[accounts.support]\n"), "{with}");
        assert!(with.contains("[accounts.support.imap]\n"), "{with}");
        assert!(matches!(
            add_account(&file, "support", account()),
            Err(EditError::Exists(_))
        ));
        remove_account(&file, "support").unwrap();
        assert_eq!(
            std::fs::read_to_string(&file).unwrap().trim_end(),
            before.trim_end()
        );
        assert!(matches!(
            remove_account(&file, "x"),
            Err(EditError::Missing(_))
        ));
    }

    #[test]
    fn a_new_file_is_private_and_explains_itself() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("new/config.toml");
        add_account(&file, "support", account()).unwrap();
        let mode = std::fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        assert!(
            std::fs::read_to_string(&file)
                .unwrap()
                .contains("# theme = ")
        );
    }

    #[test]
    fn a_faulty_file_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        std::fs::write(&file, "me = \n").unwrap();
        assert!(matches!(
            add_account(&file, "support", account()),
            Err(EditError::Syntax { .. })
        ));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "me = \n");
    }
}
