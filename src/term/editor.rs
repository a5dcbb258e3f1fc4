//! Writing a draft in the agent's own editor.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::argv::{ArgvError, split};
use super::launch::{LaunchError, Launcher, how};

/// A draft longer than this is not read back.
const LONGEST: u64 = 4 * 1024 * 1024;

/// What came of an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edited {
    /// The new text: line ends are `\n`, none at the end. It may hold any character; sanitise.
    Changed(String),
    /// Saved as it was, or not saved.
    Unchanged,
    /// The editor ended with an error; the draft stays as it was. `:cq` in vi is the usual way.
    Refused {
        /// The exit status in words.
        how: String,
        /// What the file held, when it differed from the draft: for "the editor crashed".
        left: Option<String>,
    },
}

/// Why a draft could not be edited.
#[derive(Debug, thiserror::Error)]
pub enum EditorError {
    /// The editor could not be run.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// `$VISUAL` or `$EDITOR` is no command.
    #[error("the editor setting is wrong: {0}")]
    Command(#[from] ArgvError),
    /// The file for it could not be written or read.
    #[error("the draft could not be handed to the editor: {0}")]
    File(#[from] io::Error),
    /// It came back too long.
    #[error("the text from the editor is longer than 4 MiB; the draft stays as it was")]
    TooLong,
}

/// The command of the agent's editor: `configured`, else `$VISUAL`, else `$EDITOR`, else `vi`.
pub fn editor_command(configured: Option<&str>) -> Result<Vec<String>, ArgvError> {
    choose(configured, &|name| std::env::var(name).ok())
}

fn choose(
    configured: Option<&str>,
    var: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<String>, ArgvError> {
    let command = configured
        .map(str::to_owned)
        .or_else(|| var("VISUAL"))
        .filter(|c| !c.trim().is_empty())
        .or_else(|| var("EDITOR"))
        .filter(|c| !c.trim().is_empty())
        .unwrap_or_else(|| "vi".to_owned());
    split(&command)
}

/// Where the file for the editor lies: `$XDG_RUNTIME_DIR` (memory, private), else `mirror`.
pub fn edit_dir(mirror: &Path) -> PathBuf {
    std::env::var_os("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .filter(|dir| dir.is_absolute() && dir.is_dir())
        .unwrap_or_else(|| mirror.to_owned())
}

/// Lets the agent edit `text` with the editor `argv`, on a lent terminal.
///
/// The text lies in a new directory (0700) below `dir`, in a new file (0600), and is removed
/// afterwards together with whatever the editor left beside it. `text` must be sanitised: editors
/// send what they show to the terminal.
pub async fn edit(
    launcher: &Launcher,
    argv: &[String],
    text: &str,
    dir: &Path,
) -> Result<Edited, EditorError> {
    let place = Place::create(dir)?;
    let file = place.0.join("draft.md");
    let mut before = text.to_owned();
    if !before.is_empty() && !before.ends_with('\n') {
        before.push('\n');
    }
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&file)?
        .write_all(before.as_bytes())?;
    let argv = with_file(argv, &file, &resolve(argv));
    let status = launcher.on_terminal(&argv, None).await?;
    let after = read_back(&file);
    let changed = |after: &String| after.trim_end_matches('\n') != before.trim_end_matches('\n');
    if !status.success() {
        return Ok(Edited::Refused {
            how: how(status),
            left: after.ok().filter(changed),
        });
    }
    let after = after?;
    Ok(if changed(&after) {
        Edited::Changed(after)
    } else {
        Edited::Unchanged
    })
}

/// The arguments with the file, and with modelines off in vim: the text quotes a customer, and a
/// modeline in it would be an order to the editor.
fn with_file(argv: &[String], file: &Path, program: &str) -> Vec<String> {
    let mut words: Vec<String> = argv.to_vec();
    let vim = ["vim", "nvim", "gvim"];
    if vim
        .iter()
        .any(|name| program == *name || program.starts_with("vim."))
    {
        words.splice(
            1..1,
            ["--cmd".to_owned(), "set nomodeline modelines=0".to_owned()],
        );
    }
    words.push(file.to_string_lossy().into_owned());
    words
}

/// The file name behind the command, through links: `vi` is often vim.
fn resolve(argv: &[String]) -> String {
    let Some(program) = argv.first() else {
        return String::new();
    };
    let path = if program.contains('/') {
        Some(PathBuf::from(program))
    } else {
        std::env::var_os("PATH").and_then(|dirs| {
            std::env::split_paths(&dirs)
                .map(|dir| dir.join(program))
                .find(|path| path.is_file())
        })
    };
    path.and_then(|path| path.canonicalize().ok())
        .and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
        .unwrap_or_default()
}

fn read_back(file: &Path) -> Result<String, EditorError> {
    // Not through a link: somebody who could put one there could make us send another file.
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
        .open(file)?;
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        return Err(EditorError::TooLong);
    }
    let mut text = String::from_utf8_lossy(&bytes)
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    text.truncate(text.trim_end_matches('\n').len());
    Ok(text)
}

/// A private directory that disappears with this value.
struct Place(PathBuf);

impl Place {
    fn create(dir: &Path) -> io::Result<Self> {
        for attempt in 0..1_000 {
            let path = dir.join(format!("frontdesk-edit-{}-{attempt}", std::process::id()));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(e),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // A rest that cannot be removed is private and named after us.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn which_editor() {
        type Table = [(
            Option<&'static str>,
            [Option<&'static str>; 2],
            &'static [&'static str],
        )];
        let table: &Table = &[
            (None, [None, None], &["vi"]),
            (None, [None, Some("nano -w")], &["nano", "-w"]),
            (
                None,
                [Some("code --wait"), Some("nano")],
                &["code", "--wait"],
            ),
            (None, [Some(" "), Some("nano")], &["nano"]),
            (Some("'my ed'"), [Some("x"), Some("y")], &["my ed"]),
        ];
        for (configured, [visual, editor], expected) in table {
            let var = |name: &str| {
                match name {
                    "VISUAL" => *visual,
                    _ => *editor,
                }
                .map(str::to_owned)
            };
            assert_eq!(choose(*configured, &var).unwrap(), *expected);
        }
    }

    #[test]
    fn modelines_are_off_in_vim() {
        let argv = ["vi".to_owned(), "-x".to_owned()];
        let file = Path::new("/r/draft.md");
        let words = with_file(&argv, file, "vim.basic");
        assert_eq!(
            words,
            [
                "vi",
                "--cmd",
                "set nomodeline modelines=0",
                "-x",
                "/r/draft.md"
            ]
        );
        assert_eq!(with_file(&argv, file, "nvi"), ["vi", "-x", "/r/draft.md"]);
    }

    /// A script stands for the editor; the test's own output stands for the terminal.
    async fn with_script(script: &str, text: &str) -> (Result<Edited, EditorError>, String) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("editor");
        std::fs::write(
            &path,
            format!(
                "#!/bin/sh\nls -la \"$1\" \"$(dirname \"$1\")\" > {0}/seen\n{script}\n",
                dir.path().display()
            ),
        )
        .unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        let rooms = dir.path().join("rooms");
        std::fs::create_dir(&rooms).unwrap();
        let argv = [path.to_string_lossy().into_owned()];
        let edited = edit(&Launcher::default(), &argv, text, &rooms).await;
        assert_eq!(
            std::fs::read_dir(&rooms).unwrap().count(),
            0,
            "nothing is left behind"
        );
        let seen = std::fs::read_to_string(dir.path().join("seen")).unwrap();
        (edited, seen)
    }

    #[tokio::test]
    async fn what_comes_back() {
        let (edited, seen) = with_script(
            "printf 'new\\r\\ntext\\n\\n' > \"$1\"; touch \"$1~\"",
            "old",
        )
        .await;
        assert_eq!(edited.unwrap(), Edited::Changed("new\ntext".to_owned()));
        assert!(
            seen.contains("-rw-------") && seen.contains("drwx------"),
            "{seen}"
        );
        let (edited, _) = with_script("true", "old").await;
        assert_eq!(edited.unwrap(), Edited::Unchanged);
        let (edited, _) = with_script("mv \"$1\" \"$1.x\"; cp \"$1.x\" \"$1\"", "old\n").await;
        assert_eq!(edited.unwrap(), Edited::Unchanged);
    }

    #[tokio::test]
    async fn an_error_keeps_the_draft() {
        let (edited, _) = with_script("exit 3", "old").await;
        let how = "exit code 3".to_owned();
        assert_eq!(edited.unwrap(), Edited::Refused { how, left: None });
        let (edited, _) = with_script("echo more >> \"$1\"; kill -9 $$", "old").await;
        let expected = Edited::Refused {
            how: "signal 9".to_owned(),
            left: Some("old\nmore".to_owned()),
        };
        assert_eq!(edited.unwrap(), expected);
        let (edited, _) = with_script("rm \"$1\"; ln -s /etc/passwd \"$1\"", "old").await;
        assert!(matches!(edited, Err(EditorError::File(_))), "{edited:?}");
        let (edited, _) = with_script("head -c 5000000 /dev/zero > \"$1\"", "old").await;
        assert!(matches!(edited, Err(EditorError::TooLong)));
    }
}
