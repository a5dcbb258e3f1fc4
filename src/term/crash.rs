//! What a panic leaves behind: a terminal that works and a file that says what happened.

use std::backtrace::Backtrace;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::Restorer;

/// Makes every panic write a crash file into `dir` (created with mode 0700, files 0600).
///
/// When the drawing thread panics (without a screen: the main thread), the terminal is given back
/// first and one line on standard error tells where the file is. A panic in any other thread leaves
/// the screen alone and is logged: its task is restarted by whoever supervises it. Call once at the
/// start.
pub fn install_crash_hook(dir: PathBuf) {
    std::panic::set_hook(Box::new(move |info| {
        let session = Restorer::active();
        let ends_the_program = session.as_ref().map_or_else(
            || std::thread::current().name() == Some("main"),
            Restorer::is_drawing_thread,
        );
        if ends_the_program && let Some(session) = &session {
            session.restore();
        }
        let written = write_report(&dir, &report(info));
        if ends_the_program {
            let line = match written {
                Ok(path) => format!(
                    "frontdesk stopped because of a bug; what happened is in {}. Drafts and queued replies are saved.\n",
                    path.display()
                ),
                Err(e) => format!(
                    "frontdesk stopped because of a bug, and no crash file could be written to {}: {e}. Drafts and queued replies are saved.\n",
                    dir.display()
                ),
            };
            // Not `eprintln!`: it panics when the terminal is gone, and that would abort.
            let _ = io::stderr().write_all(line.as_bytes());
        } else {
            let file = written.as_ref().map(|path| path.display().to_string());
            tracing::error!(?file, "a task failed because of a bug");
        }
    }));
}

/// The text of a crash file: version, thread, place, message and a backtrace. The message is
/// escaped, as it may quote a customer.
fn report(info: &PanicHookInfo<'_>) -> String {
    let message = info
        .payload_as_str()
        .unwrap_or("(no message)")
        .escape_debug()
        .to_string();
    let place = info
        .location()
        .map_or_else(|| "unknown place".to_owned(), ToString::to_string);
    let thread = std::thread::current();
    format!(
        "frontdesk {version}\nthread: {thread}\nplace: {place}\nmessage: {message}\n\n{backtrace}\n",
        version = env!("CARGO_PKG_VERSION"),
        thread = thread.name().unwrap_or("unnamed"),
        backtrace = Backtrace::force_capture(),
    )
}

fn write_report(dir: &Path, text: &str) -> io::Result<PathBuf> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let millis = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |d| d.as_millis());
    for attempt in 0..100 {
        let path = dir.join(format!(
            "crash-{millis}-{}-{attempt}.txt",
            std::process::id()
        ));
        let open = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path);
        match open {
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                return Ok(path);
            }
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn reports_are_private_and_never_overwrite() {
        let dir = tempfile::tempdir().unwrap();
        let inside = dir.path().join("crashes");
        let first = write_report(&inside, "one").unwrap();
        let second = write_report(&inside, "two").unwrap();
        assert_ne!(first, second);
        assert_eq!(std::fs::read_to_string(&first).unwrap(), "one");
        let mode = |p: &Path| std::fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&first), mode(&inside)), (0o600, 0o700));
    }
}
