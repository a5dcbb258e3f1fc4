//! Playing an audio file with the agent's program.

use super::launch::{LaunchError, Launcher};
use std::path::Path;
use std::time::Duration;

/// How long a player that fails at once is watched.
const WATCH: Duration = Duration::from_secs(2);
/// What stands for the file among a command's words.
const FILE: &str = "{}";

/// Why a file was not played.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// No program is configured.
    #[error(
        "no player is set up; write `play = [\"mpv\", \"--no-video\", \"{{}}\"]` or the like under [commands] in the configuration"
    )]
    NoPlayer,
    /// The program failed.
    #[error(transparent)]
    Launch(#[from] LaunchError),
}

/// The player's words with the file as a word of its own: in the place of `{}`, else at the end.
fn words(configured: &[String], file: &Path) -> Vec<String> {
    // An absolute path begins with `/` and is never taken for an option.
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let file = file.to_string_lossy().into_owned();
    let mut words = configured.to_vec();
    match words.iter_mut().skip(1).find(|word| *word == FILE) {
        Some(place) => *place = file,
        None => words.push(file),
    }
    words
}

/// Plays `file` apart from the terminal; it goes on when this returns.
///
/// # Errors
/// When no player is configured, or it fails at once.
pub async fn play(
    launcher: &Launcher,
    configured: Option<&[String]>,
    file: &Path,
) -> Result<(), PlayError> {
    let configured = configured.filter(|words| !words.is_empty());
    let words = words(configured.ok_or(PlayError::NoPlayer)?, file);
    Ok(launcher.detach(&words, WATCH).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_one_word() {
        let table: &[(&[&str], &[&str])] = &[
            (&["mpv"], &["mpv", "/m/a b;id.ogg"]),
            (
                &["mpv", "--no-video", "{}"],
                &["mpv", "--no-video", "/m/a b;id.ogg"],
            ),
            (&["sox", "{}", "-d"], &["sox", "/m/a b;id.ogg", "-d"]),
            (&["x", "--file={}"], &["x", "--file={}", "/m/a b;id.ogg"]),
        ];
        for (configured, expected) in table {
            let configured: Vec<String> = configured.iter().map(|&word| word.to_owned()).collect();
            assert_eq!(words(&configured, Path::new("/m/a b;id.ogg")), *expected);
        }
    }

    #[tokio::test]
    async fn a_player_that_is_not_there_or_fails_is_told_in_words() {
        let launcher = Launcher::default();
        let dir = tempfile::tempdir().unwrap();
        let (file, out) = (dir.path().join("note.ogg"), dir.path().join("heard.ogg"));
        std::fs::write(&file, b"sound").unwrap();
        let copy = ["cp", "{}", &out.to_string_lossy()].map(str::to_owned);
        play(&launcher, Some(&copy), &file).await.unwrap();
        assert_eq!(std::fs::read(&out).unwrap(), b"sound");
        let none = play(&launcher, None, &file).await.unwrap_err().to_string();
        assert!(
            none.starts_with("no player is set up; write `play = [\"mpv\""),
            "{none}"
        );
        let missing = ["/no/such/player".to_owned()];
        let missing = play(&launcher, Some(&missing), &file).await.unwrap_err();
        assert!(
            missing
                .to_string()
                .starts_with("/no/such/player could not be"),
            "{missing}"
        );
        let fails = ["false".to_owned()];
        let fails = play(&launcher, Some(&fails), &file).await.unwrap_err();
        assert_eq!(fails.to_string(), "false failed (exit code 1)");
    }
}
