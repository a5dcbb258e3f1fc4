//! From the place of a secret to the secret.

use super::vault::VaultError;
use super::{SecretError, SecretRef};
use rustix::fs::{Mode, OFlags};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncReadExt;

/// A source may give so many bytes.
pub(super) const LIMIT: usize = 4096;
const PATIENCE: Duration = Duration::from_secs(10);

impl SecretRef {
    /// Gets the secret: the first line of what the source gives, which is how password managers store it.
    ///
    /// A command gets no shell, no input and ten seconds; a file must be our own and closed to others.
    pub async fn resolve(&self) -> Result<SecretString, SecretError> {
        match self {
            Self::Env(name) => {
                let value = std::env::var_os(name)
                    .ok_or_else(|| SecretError::NoVariable(name.clone()))?
                    .into_encoded_bytes();
                first_line(&Zeroizing::new(value), self)
            }
            Self::Command(argv) => {
                let output = run(argv, PATIENCE).await?;
                first_line(&output, self)
            }
            Self::File(path) => {
                let path = expand_home(path);
                let read = tokio::task::spawn_blocking(move || read_private(&path)).await;
                let bytes = read.map_err(|_| SecretError::Empty(self.describe()))??;
                first_line(&bytes, self)
            }
            Self::Keyring(name) => {
                let found = super::keyring::get(name.clone(), PATIENCE).await?;
                first_line(&found, self)
            }
            Self::Vault(name) => {
                let vault = super::vault::current().ok_or(VaultError::Missing)?;
                let secret = vault.get(name).await?;
                first_line(secret.expose_secret().as_bytes(), self)
            }
            Self::Login(name) => {
                let vault = super::vault::current().ok_or(VaultError::Missing)?;
                Ok(super::oauth::access_token(&vault, name).await?)
            }
            Self::Credential(name) => {
                let path = credential(name)?;
                let read = tokio::task::spawn_blocking(move || read_credential(&path)).await;
                let bytes = read.map_err(|_| SecretError::Empty(self.describe()))??;
                first_line(&bytes, self)
            }
            Self::Plain(secret) => Ok(secret.clone()),
        }
    }
}

impl SecretRef {
    /// A server did not take what this gave: the token of a login is renewed at the next asking, whatever its time.
    /// Other secrets stay what they are.
    pub async fn refused(&self, secret: &SecretString) {
        if let (Self::Login(name), Some(vault)) = (self, super::vault::current())
            && let Err(error) = super::oauth::refused(&vault, name, secret).await
        {
            tracing::debug!(%error, "a refused token was not noted");
        }
    }
}

/// A leading `~/` stands for the home directory.
pub(super) fn expand_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), etcetera::home_dir()) {
        (Ok(rest), Ok(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

fn first_line(bytes: &[u8], source: &SecretRef) -> Result<SecretString, SecretError> {
    if bytes.len() > LIMIT {
        return Err(SecretError::TooLong(source.describe()));
    }
    let line = bytes
        .split(|&byte| byte == b'\n')
        .next()
        .unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = std::str::from_utf8(line).map_err(|_| SecretError::NotText(source.describe()))?;
    if text.is_empty() {
        return Err(SecretError::Empty(source.describe()));
    }
    if text.chars().any(char::is_control) {
        return Err(SecretError::NotText(source.describe()));
    }
    Ok(SecretString::from(text))
}

/// Reads a file after looking at what was really opened, so that nobody can swap it in between.
fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let failed = |error: std::io::Error| SecretError::File {
        path: path.to_owned(),
        why: error.to_string(),
    };
    // Without NONBLOCK, a named pipe in its place would hold up the login for ever.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let fd = rustix::fs::open(path, flags, Mode::empty()).map_err(|e| failed(e.into()))?;
    let stat = rustix::fs::fstat(&fd).map_err(|e| failed(e.into()))?;
    if !rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file() {
        return Err(SecretError::Kind {
            path: path.to_owned(),
        });
    }
    if stat.st_uid != rustix::process::geteuid().as_raw() {
        return Err(SecretError::Owner {
            path: path.to_owned(),
        });
    }
    let mode = stat.st_mode & 0o7777;
    if mode & 0o077 != 0 {
        return Err(SecretError::Mode {
            path: path.to_owned(),
            mode,
        });
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(LIMIT + 1));
    File::from(fd)
        .take(LIMIT as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok(bytes)
}

/// Where the service manager put a credential.
fn credential(name: &str) -> Result<PathBuf, SecretError> {
    let none = || SecretError::NoCredential(name.to_owned());
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\0']) {
        return Err(none());
    }
    let folder = std::env::var_os("CREDENTIALS_DIRECTORY").ok_or_else(none)?;
    Ok(Path::new(&folder).join(name))
}

/// Reads a credential. It belongs to the service manager, which lets nobody but the service in: owner and mode are its
/// business.
fn read_credential(path: &Path) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let failed = |error: std::io::Error| SecretError::File {
        path: path.to_owned(),
        why: error.to_string(),
    };
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOFOLLOW;
    let fd = rustix::fs::open(path, flags, Mode::empty()).map_err(|e| failed(e.into()))?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(LIMIT + 1));
    File::from(fd)
        .take(LIMIT as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok(bytes)
}

async fn run(argv: &[String], patience: Duration) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let Some((program, arguments)) = argv.split_first() else {
        return Err(SecretError::Empty("the command".to_owned()));
    };
    let start = |error: std::io::Error| SecretError::Start {
        program: program.clone(),
        why: error.to_string(),
    };
    let mut child = tokio::process::Command::new(expand_home(Path::new(program)))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(start)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(LIMIT + 1));
    let work = async {
        if let Some(stdout) = child.stdout.take() {
            stdout
                .take(LIMIT as u64 + 1)
                .read_to_end(&mut bytes)
                .await
                .map_err(start)?;
        }
        if bytes.len() > LIMIT {
            return Err(SecretError::TooLong(format!("the command `{program}`")));
        }
        child.wait().await.map_err(start)
    };
    let status =
        tokio::time::timeout(patience, work)
            .await
            .map_err(|_| SecretError::TimedOut {
                program: program.clone(),
                seconds: patience.as_secs(),
            })??;
    if !status.success() {
        return Err(SecretError::Failed {
            program: program.clone(),
            status: status.to_string(),
        });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn command(argv: &[&str]) -> SecretRef {
        SecretRef::Command(argv.iter().map(|&word| word.to_owned()).collect())
    }

    fn file(dir: &Path, content: &[u8], mode: u32) -> SecretRef {
        let path = dir.join(format!("{mode:o}-{}", content.len()));
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        SecretRef::File(path)
    }

    #[tokio::test]
    async fn the_first_line_is_the_secret() {
        let dir = tempfile::tempdir().unwrap();
        for source in [
            command(&["printf", "pw 1\\nuser: nina\\n"]),
            command(&["printf", "pw 1\\r\\n"]),
            file(dir.path(), b"pw 1", 0o600),
            file(dir.path(), b"pw 1\n", 0o400),
            SecretRef::Plain("pw 1".into()),
        ] {
            let secret = source.resolve().await.unwrap();
            assert_eq!(secret.expose_secret(), "pw 1", "{source:?}");
            assert!(!format!("{secret:?}").contains("pw 1"));
        }
    }

    #[tokio::test]
    async fn a_file_others_can_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let error = file(dir.path(), b"pw", 0o640).resolve().await.unwrap_err();
        assert!(error.to_string().contains("chmod 600"), "{error}");
        let error = SecretRef::File(dir.path().to_owned()).resolve().await;
        assert!(matches!(error, Err(SecretError::Kind { .. })), "{error:?}");
        let error = SecretRef::File(dir.path().join("none")).resolve().await;
        assert!(matches!(error, Err(SecretError::File { .. })), "{error:?}");
    }

    #[tokio::test]
    async fn what_is_no_secret_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        for (source, wanted) in [
            (command(&["printf", ""]), "is empty"),
            (command(&["printf", "a\\033b"]), "control character"),
            (
                command(&["head", "-c", "5000", "/dev/zero"]),
                "more than 4096",
            ),
            (command(&["false"]), "failed (exit status: 1)"),
            (command(&["/nonexistent/program"]), "cannot be started"),
            (file(dir.path(), b"\n", 0o600), "is empty"),
            (
                SecretRef::Env("FRONTDESK_NO_SUCH_VARIABLE".into()),
                "not set",
            ),
        ] {
            let error = source.resolve().await.unwrap_err().to_string();
            assert!(error.contains(wanted), "{source:?}: {error}");
        }
    }

    #[tokio::test]
    async fn a_command_that_waits_is_stopped() {
        let error = run(
            &["sleep".to_owned(), "60".to_owned()],
            Duration::from_millis(50),
        )
        .await
        .unwrap_err();
        assert!(matches!(error, SecretError::TimedOut { .. }), "{error}");
    }
}
