//! A server that ends with whoever started it, also when that one is killed: a process of ours in between waits for the
//! end of its input, which is a pipe that the system closes then.

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long it may take to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server. It ends when this is dropped.
pub struct Kept(Child);

impl Kept {
    /// Starts it, without input and output.
    ///
    /// # Errors
    /// When this program cannot be started once more.
    pub fn start(program: &[&OsStr]) -> anyhow::Result<Self> {
        let own = std::env::current_exe().context("this program's own file")?;
        let child = Command::new(own)
            .args(["bench", "keep", "--"])
            .args(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C ends the one who started it, and by that the server, but not the one in between.
            .process_group(0)
            .spawn()?;
        Ok(Self(child))
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// The process in between: starts `program` and ends it when `input` ends.
///
/// # Errors
/// When it cannot be started.
pub fn keep(program: &[OsString], mut input: impl Read) -> anyhow::Result<()> {
    let [name, arguments @ ..] = program else {
        anyhow::bail!("name a program");
    };
    let mut child = Command::new(name)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("{} cannot be started", name.display()))?;
    let _ = std::io::copy(&mut input, &mut std::io::sink());
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, Signal::TERM);
    }
    let began = Instant::now();
    while matches!(child.try_wait(), Ok(None)) {
        if began.elapsed() > PATIENCE {
            child.kill()?;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    #[test]
    fn a_server_ends_with_the_input_of_its_keeper() {
        let (ours, its) = UnixStream::pair().unwrap();
        let program = ["sleep", "1000"].map(OsString::from);
        let keeper = std::thread::spawn(move || keep(&program, its));
        std::thread::sleep(Duration::from_millis(100));
        assert!(!keeper.is_finished(), "it runs while the input is open");
        // As the system does for one that is killed.
        drop(ours);
        let began = Instant::now();
        keeper.join().unwrap().unwrap();
        assert!(began.elapsed() < PATIENCE);
    }
}
