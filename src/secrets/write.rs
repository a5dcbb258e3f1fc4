//! Putting a secret that was typed into a file that only its owner can read.

use super::{SecretError, SecretRef};
use rustix::fs::{Mode, OFlags};
use secrecy::{ExposeSecret, SecretString};
use std::fs::File;
use std::io::Write;
use std::path::Path;

/// Writes `secret` to `dir/name` (0600, replaced as a whole, on disk when this returns) and says where it is.
///
/// `dir` is made with mode 0700 when it is not there. `name` must be a plain file name.
pub fn to_file(dir: &Path, name: &str, secret: &SecretString) -> Result<SecretRef, SecretError> {
    let path = dir.join(name);
    let failed = |error: std::io::Error| SecretError::File {
        path: path.clone(),
        why: error.to_string(),
    };
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\0']) {
        return Err(SecretError::Kind { path });
    }
    let mut builder = std::fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(builder.recursive(true), 0o700);
    builder.create(dir).map_err(failed)?;
    let fresh = dir.join(format!(".{name}.new"));
    let directory = File::open(dir).map_err(failed)?;
    // What an interrupted run left behind is ours and worthless.
    let _ = std::fs::remove_file(&fresh);
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let fd = rustix::fs::open(&fresh, flags, Mode::RUSR | Mode::WUSR)
        .map_err(|error| failed(error.into()))?;
    let mut file = File::from(fd);
    file.write_all(secret.expose_secret().as_bytes())
        .and_then(|()| file.write_all(b"\n"))
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(&fresh, &path))
        .and_then(|()| directory.sync_all())
        .map_err(failed)?;
    Ok(SecretRef::File(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[tokio::test]
    async fn what_is_written_can_be_read_by_us_alone() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("secrets");
        to_file(&dir, "support", &"old".into()).unwrap();
        let source = to_file(&dir, "support", &"new one".into()).unwrap();
        assert_eq!(source.resolve().await.unwrap().expose_secret(), "new one");
        let SecretRef::File(path) = source else {
            panic!("not a file")
        };
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(&dir), 0o700);
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 1);
    }

    #[test]
    fn a_name_cannot_leave_the_directory() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["", "..", "a/b", ".hidden"] {
            assert!(to_file(dir.path(), name, &"x".into()).is_err(), "{name}");
        }
    }
}
