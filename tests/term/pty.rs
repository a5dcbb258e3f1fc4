//! A pseudo-terminal around a scenario: this test executable again, with a word in its environment.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// The variable that tells the executable which scenario to be.
pub const SCENARIO: &str = "FRONTDESK_TERM_SCENARIO";
/// The variable that names a directory for what the scenario reports.
pub const REPORT: &str = "FRONTDESK_TERM_REPORT";

/// The arguments with which the executable plays a scenario on its main thread.
pub const ARGS: [&str; 4] = ["scenario", "--exact", "--nocapture", "--test-threads=1"];

pub const ROWS: u16 = 24;
pub const COLS: u16 = 80;

/// A scenario running on a terminal of its own.
pub struct Running {
    pub master: Box<dyn MasterPty + Send>,
    pub child: Box<dyn Child + Send + Sync>,
    pub keys: Box<dyn Write + Send>,
    pub seen: Arc<Mutex<Vec<u8>>>,
    pub report: tempfile::TempDir,
    reading: std::thread::JoinHandle<()>,
}

/// A command that plays `scenario`; its `TERM` is xterm's unless changed.
pub fn command(scenario: &str, report: &std::path::Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(ARGS);
    command.env(SCENARIO, scenario);
    command.env(REPORT, report);
    command.env("TERM", "xterm-256color");
    command
}

/// Starts `scenario` on a terminal whose other side is read as fast as it writes.
pub fn start(scenario: &str) -> Running {
    start_with(scenario, |_| {})
}

pub fn start_with(scenario: &str, change: impl FnOnce(&mut CommandBuilder)) -> Running {
    let report = tempfile::tempdir().unwrap();
    let mut command = command(scenario, report.path());
    change(&mut command);
    let pair = native_pty_system()
        .openpty(PtySize {
            rows: ROWS,
            cols: COLS,
            pixel_width: 0,
            pixel_height: 0,
        })
        .unwrap();
    let child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let mut reader = pair.master.try_clone_reader().unwrap();
    let sink = Arc::clone(&seen);
    let reading = std::thread::spawn(move || {
        let mut buffer = [0u8; 8192];
        while let Ok(read @ 1..) = reader.read(&mut buffer) {
            sink.lock().unwrap().extend_from_slice(&buffer[..read]);
        }
    });
    let keys = pair.master.take_writer().unwrap();
    Running {
        master: pair.master,
        child,
        keys,
        seen,
        report,
        reading,
    }
}

impl Running {
    /// Waits until the scenario has reported `name`, and returns what it said.
    pub fn reported(&self, name: &str) -> String {
        let path = self.report.path().join(name);
        wait_for(&format!("report {name}"), || {
            std::fs::read_to_string(&path).ok()
        })
    }

    /// Waits until the bytes written so far contain `text`.
    pub fn shows(&self, text: &str) {
        wait_for(&format!("{text:?} on the screen"), || {
            let seen = self.seen.lock().unwrap();
            seen.windows(text.len())
                .any(|w| w == text.as_bytes())
                .then_some(())
        });
    }

    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits for the end; the exit code (or 1000 for a signal) and the screen as a terminal
    /// would show it.
    pub fn end(mut self) -> (u32, vt100::Parser, Vec<u8>) {
        let status = wait_for("the end of the scenario", || self.child.try_wait().unwrap());
        // The reader gets the rest of what the kernel holds; a child of the scenario may outlive it.
        let end = Instant::now() + Duration::from_secs(1);
        while !self.reading.is_finished() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5));
        }
        let bytes = self.seen.lock().unwrap().clone();
        let mut screen = vt100::Parser::new(ROWS, COLS, 0);
        screen.process(&bytes);
        (status.exit_code(), screen, bytes)
    }
}

/// Asks again and again for at most a minute.
pub fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_mins(1);
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Inside a scenario: leaves `text` for the test under `name`, all at once.
pub fn report(name: &str, text: &str) {
    let dir = PathBuf::from(std::env::var_os(REPORT).unwrap());
    let part = dir.join(format!(".{name}"));
    std::fs::write(&part, text).unwrap();
    std::fs::rename(part, dir.join(name)).unwrap();
}
