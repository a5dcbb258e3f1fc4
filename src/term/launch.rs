//! Starting other programs: by argument list, never through a shell, without our secrets.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

/// What a program may answer with; the rest is cut off.
const MOST_OUTPUT: u64 = 1024 * 1024;
/// What is kept of its complaints.
const MOST_COMPLAINT: u64 = 8 * 1024;

/// Why another program did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// It could not be started.
    #[error("{program} could not be started: {source}")]
    Start {
        /// The program as it was named.
        program: String,
        /// The system's own error.
        source: std::io::Error,
    },
    /// It ended with an error.
    #[error("{program} failed ({how}){said}")]
    Failed {
        /// The program as it was named.
        program: String,
        /// Its exit status in words.
        how: String,
        /// The first line it wrote to standard error, cleaned, with `: ` before it; else empty.
        said: String,
    },
    /// It took too long and was ended.
    #[error("{program} did not answer within {seconds} s and was stopped")]
    TooSlow {
        /// The program as it was named.
        program: String,
        /// The limit in seconds.
        seconds: u64,
    },
}

/// Starts programs for this process.
#[derive(Debug, Clone, Default)]
pub struct Launcher {
    hidden: Vec<String>,
}

impl Launcher {
    /// A launcher whose children do not see the environment variables `hidden`: those that hold
    /// secrets.
    pub const fn hiding(hidden: Vec<String>) -> Self {
        Self { hidden }
    }

    /// A command for `argv` without the hidden variables. `argv` must not be empty.
    pub(super) fn command(&self, argv: &[String]) -> Command {
        let mut command = Command::new(argv.first().map_or("", String::as_str));
        command.args(argv.get(1..).unwrap_or_default());
        for name in &self.hidden {
            command.env_remove(name);
        }
        command
    }

    /// Runs `argv` apart from the terminal with `input` on its standard input, and returns the
    /// first MiB of what it wrote. It is ended when it takes longer than `limit`.
    ///
    /// The output is as hostile as its input was: sanitise it.
    pub async fn filter(
        &self,
        argv: &[String],
        input: &[u8],
        limit: Duration,
    ) -> Result<Vec<u8>, LaunchError> {
        let mut child = self
            .command(argv)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Its own group: Ctrl-C and hang-ups are not its concern and the tty not its own.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|source| start_error(argv, source))?;
        let work = async {
            let stdin = child.stdin.take();
            let feed = async {
                if let Some(mut stdin) = stdin {
                    // A program that does not want all of it (`head`) is no error.
                    let _ = stdin.write_all(input).await;
                }
            };
            let stdout = child.stdout.take();
            let stderr = child.stderr.take();
            let ((), output, complaint) = tokio::join!(
                feed,
                collect(stdout, MOST_OUTPUT),
                collect(stderr, MOST_COMPLAINT)
            );
            (child.wait().await, output, complaint)
        };
        match tokio::time::timeout(limit, work).await {
            Ok((Ok(status), output, _)) if status.success() => Ok(output),
            Ok((Ok(status), _, complaint)) => Err(LaunchError::Failed {
                program: name(argv),
                how: how(status),
                said: first_line(&complaint),
            }),
            Ok((Err(source), _, _)) => Err(start_error(argv, source)),
            Err(_) => Err(LaunchError::TooSlow {
                program: name(argv),
                seconds: limit.as_secs(),
            }),
        }
    }

    /// Runs `argv` on the terminal, which must have been lent
    /// ([`Session::lend`](super::Session::lend)); `input`, if any, is its standard input, as for a
    /// pager. Waits for its end, however long.
    pub async fn on_terminal(
        &self,
        argv: &[String],
        input: Option<&[u8]>,
    ) -> Result<std::process::ExitStatus, LaunchError> {
        let stdin = if input.is_some() {
            Stdio::piped()
        } else {
            Stdio::inherit()
        };
        let mut child = self
            .command(argv)
            .stdin(stdin)
            .spawn()
            .map_err(|source| start_error(argv, source))?;
        if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
            // A pager that is left early does not want the rest.
            let _ = stdin.write_all(input).await;
        }
        child
            .wait()
            .await
            .map_err(|source| start_error(argv, source))
    }

    /// Starts `argv` apart from the terminal and lets it run. Reports an error when it ends with
    /// one within `watch`.
    pub async fn detach(&self, argv: &[String], watch: Duration) -> Result<(), LaunchError> {
        let mut child: Child = self
            .command(argv)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|source| start_error(argv, source))?;
        match tokio::time::timeout(watch, child.wait()).await {
            Ok(Ok(status)) if !status.success() => Err(LaunchError::Failed {
                program: name(argv),
                how: how(status),
                said: String::new(),
            }),
            Ok(Err(source)) => Err(start_error(argv, source)),
            Ok(Ok(_)) => Ok(()),
            Err(_) => {
                // Somebody has to take its exit status when it ends.
                tokio::spawn(async move { child.wait().await });
                Ok(())
            }
        }
    }
}

async fn collect(from: Option<impl AsyncRead + Unpin>, most: u64) -> Vec<u8> {
    let mut kept = Vec::new();
    if let Some(mut from) = from {
        // What cannot be read is missing from the output; the exit status tells the rest.
        let _ = (&mut from).take(most).read_to_end(&mut kept).await;
        // Swallow what is over, or the program would wait for ever for somebody to read it.
        let _ = tokio::io::copy(&mut from, &mut tokio::io::sink()).await;
    }
    kept
}

fn name(argv: &[String]) -> String {
    argv.first().cloned().unwrap_or_default()
}

fn start_error(argv: &[String], source: std::io::Error) -> LaunchError {
    LaunchError::Start {
        program: name(argv),
        source,
    }
}

/// An exit status in words.
pub(super) fn how(status: std::process::ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "for an unknown reason".to_owned(),
    }
}

fn first_line(complaint: &[u8]) -> String {
    let text = String::from_utf8_lossy(complaint);
    match text.lines().find(|line| !line.trim().is_empty()) {
        Some(line) => format!(": {}", crate::text::sanitize_line(line.trim()).text),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argv(words: &[&str]) -> Vec<String> {
        words.iter().map(|w| (*w).to_owned()).collect()
    }

    const SOON: Duration = Duration::from_secs(5);

    #[tokio::test]
    async fn filters() {
        let launcher = Launcher::hiding(vec!["CARGO_MANIFEST_DIR".to_owned()]);
        let big = vec![b'x'; 3 * 1024 * 1024];
        let out = launcher.filter(&argv(&["cat"]), &big, SOON).await.unwrap();
        assert_eq!(out.len(), 1024 * 1024, "more than a MiB is cut");
        let out = launcher
            .filter(&argv(&["head", "-c", "3"]), &big, SOON)
            .await;
        assert_eq!(out.unwrap(), b"xxx");
        let out = launcher.filter(&argv(&["env"]), b"", SOON).await.unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(out.contains("PATH=") && !out.contains("CARGO_MANIFEST_DIR="));
        let words = argv(&["printf", "%s|", "$(id)", "; id", "`id`"]);
        let out = launcher.filter(&words, b"", SOON).await.unwrap();
        assert_eq!(out, b"$(id)|; id|`id`|", "no shell looks at the words");
    }

    #[tokio::test]
    async fn failures_in_words() {
        let launcher = Launcher::default();
        let missing = launcher
            .filter(&argv(&["/no/such/program"]), b"", SOON)
            .await;
        assert!(
            missing
                .unwrap_err()
                .to_string()
                .starts_with("/no/such/program could not be")
        );
        let failed = launcher
            .filter(&argv(&["ls", "/no/such\x1b[31m"]), b"", SOON)
            .await;
        let words = failed.unwrap_err().to_string();
        assert!(
            words.starts_with("ls failed (exit code 2): ls: "),
            "{words}"
        );
        assert!(!words.chars().any(char::is_control), "{words:?}");
        let slow = launcher
            .filter(&argv(&["sleep", "60"]), b"", Duration::from_millis(50))
            .await;
        assert!(matches!(slow, Err(LaunchError::TooSlow { .. })));
    }
}
