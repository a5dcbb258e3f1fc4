//! The built binary in a real pseudo-terminal, and an emulator that shows what it drew.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal};
use tempfile::TempDir;

use super::keys;
use super::wait::PATIENCE;

/// How to start the binary.
pub struct Launch {
    program: OsString,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    home: Option<PathBuf>,
    columns: u16,
    rows: u16,
}

impl Launch {
    /// With these arguments, in 80x24, with nothing in the environment but a home of its own.
    pub fn new(arguments: &[&str]) -> Self {
        // The gate presses keys in the released program too.
        let program = std::env::var_os("FRONTDESK_BIN")
            .unwrap_or_else(|| env!("CARGO_BIN_EXE_frontdesk").into());
        Self {
            program,
            arguments: arguments.iter().map(ToString::to_string).collect(),
            environment: Vec::new(),
            home: None,
            columns: 80,
            rows: 24,
        }
    }

    /// Another program instead, to try the driver itself.
    #[must_use]
    pub fn program(mut self, program: &str) -> Self {
        self.program = program.into();
        self
    }

    #[must_use]
    pub fn size(mut self, columns: u16, rows: u16) -> Self {
        (self.columns, self.rows) = (columns, rows);
        self
    }

    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A home that outlives the run: the next one finds what this one left.
    #[must_use]
    pub fn home(mut self, home: &Path) -> Self {
        self.home = Some(home.to_owned());
        self
    }

    /// Starts it.
    pub fn start(self) -> Pty {
        let own_home = TempDir::new().unwrap();
        let home = self.home.as_deref().unwrap_or(own_home.path()).to_owned();
        let size = PtySize {
            rows: self.rows,
            cols: self.columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(&self.program);
        command.args(&self.arguments);
        command.cwd(&home);
        command.env_clear();
        for (name, value) in environment(&home) {
            command.env(name, value);
        }
        for (name, value) in self.environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        // The reader sees the end of the output only when nobody holds this side open.
        drop(pair.slave);
        let shared = Arc::new(Shared::new(self.rows, self.columns));
        let writer = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let reader = pair.master.try_clone_reader().unwrap();
        let (to, answers) = (Arc::clone(&shared), Arc::clone(&writer));
        std::thread::spawn(move || read_all(reader, &to, &answers));
        Pty {
            child,
            master: pair.master,
            writer,
            shared,
            home,
            _own_home: own_home,
        }
    }
}

fn environment(home: &Path) -> Vec<(&'static str, PathBuf)> {
    let mut all = vec![
        ("HOME", home.to_owned()),
        ("TERM", "xterm-256color".into()),
        ("LANG", "C.UTF-8".into()),
        ("TZ", "UTC".into()),
        ("PATH", std::env::var_os("PATH").unwrap_or_default().into()),
    ];
    for (name, folder) in [
        ("XDG_CONFIG_HOME", ".config"),
        ("XDG_DATA_HOME", ".local/share"),
        ("XDG_STATE_HOME", ".local/state"),
        ("XDG_CACHE_HOME", ".cache"),
        ("XDG_RUNTIME_DIR", ".run"),
    ] {
        let path = home.join(folder);
        std::fs::create_dir_all(&path).unwrap();
        all.push((name, path));
    }
    all
}

/// What the reading thread keeps.
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    terminal: vt100::Parser,
    raw: Vec<u8>,
    /// The beginning of a frame whose end has not come.
    unfinished: Vec<u8>,
    last: Instant,
    ended: bool,
}

impl Shared {
    fn new(rows: u16, columns: u16) -> Self {
        Self {
            state: Mutex::new(State {
                terminal: vt100::Parser::new(rows, columns, 0),
                raw: Vec::new(),
                unfinished: Vec::new(),
                last: Instant::now(),
                ended: false,
            }),
            changed: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl State {
    /// Shows what was written, a frame only when the whole of it has come: terminals that know synchronized output
    /// never show the half of one.
    fn show(&mut self, bytes: &[u8]) {
        const BEGIN: &[u8] = b"\x1b[?2026h";
        const END: &[u8] = b"\x1b[?2026l";
        self.raw.extend_from_slice(bytes);
        self.unfinished.extend_from_slice(bytes);
        let last = |mark: &[u8]| {
            let mut windows = self.unfinished.windows(mark.len());
            windows.rposition(|window| window == mark)
        };
        let shown = match (last(BEGIN), last(END)) {
            (Some(begin), end) if end.is_none_or(|end| end < begin) => begin,
            // Of the next beginning a part may have come.
            _ => {
                let mut parts = (1..BEGIN.len()).rev().map(|length| &BEGIN[..length]);
                let part = parts.find(|part| self.unfinished.ends_with(part));
                self.unfinished.len() - part.map_or(0, <[u8]>::len)
            }
        };
        let rest = self.unfinished.split_off(shown);
        self.terminal.process(&self.unfinished);
        self.unfinished = rest;
    }

    /// Shows what there is: nothing more comes.
    fn show_all(&mut self) {
        let rest = std::mem::take(&mut self.unfinished);
        self.terminal.process(&rest);
    }
}

type Writer = Arc<Mutex<Box<dyn Write + Send>>>;

fn read_all(mut reader: Box<dyn Read + Send>, to: &Shared, answers: &Writer) {
    let mut buffer = [0; 16 * 1024];
    loop {
        // A pseudo-terminal ends with an error where a file would end with nothing.
        let count = reader.read(&mut buffer).unwrap_or(0);
        let mut state = to.lock();
        if count == 0 {
            state.show_all();
            state.ended = true;
            to.changed.notify_all();
            return;
        }
        let bytes = &buffer[..count];
        state.show(bytes);
        state.last = Instant::now();
        let position = state.terminal.screen().cursor_position();
        drop(state);
        to.changed.notify_all();
        answer_queries(bytes, position, answers);
    }
}

/// A terminal answers when it is asked who it is and where the cursor stands; one that stays silent
/// makes programs wait.
fn answer_queries(bytes: &[u8], (row, column): (u16, u16), writer: &Writer) {
    let asked = |query: &[u8]| bytes.windows(query.len()).any(|window| window == query);
    let mut answer = Vec::new();
    if asked(b"\x1b[6n") {
        answer.extend_from_slice(format!("\x1b[{};{}R", row + 1, column + 1).as_bytes());
    }
    if asked(b"\x1b[c") || asked(b"\x1b[0c") {
        answer.extend_from_slice(b"\x1b[?62;22c");
    }
    if !answer.is_empty() {
        // The program may be gone by now.
        let _ = writer.lock().unwrap().write_all(&answer);
    }
}

/// A running program and its terminal; killed when dropped.
pub struct Pty {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    writer: Writer,
    shared: Arc<Shared>,
    home: PathBuf,
    _own_home: TempDir,
}

impl Pty {
    /// Presses keys, written as in [`keys::bytes_of`].
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        for key in keys::bytes_of(keys) {
            self.send(&key);
            if key == b"\x1b" {
                // Together with the next key it would be that key with Alt.
                std::thread::sleep(Duration::from_millis(60));
            }
        }
        self
    }

    /// Pastes text the way a terminal with bracketed paste does.
    pub fn paste(&mut self, text: &str) -> &mut Self {
        self.send(format!("\x1b[200~{text}\x1b[201~").as_bytes());
        self
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) {
        // What was quiet before says nothing of what these bytes do.
        self.shared.lock().last = Instant::now();
        let mut writer = self.writer.lock().unwrap();
        writer.write_all(bytes).unwrap();
        writer.flush().unwrap();
    }

    /// The screen as text, without the spaces at the ends of lines.
    pub fn screen(&self) -> String {
        text_of(self.shared.lock().terminal.screen())
    }

    /// Looks at the emulator's screen: cells, cursor, modes.
    pub fn look<T>(&self, ask: impl FnOnce(&vt100::Screen) -> T) -> T {
        ask(self.shared.lock().terminal.screen())
    }

    /// Every byte the program has written so far.
    pub fn raw(&self) -> Vec<u8> {
        self.shared.lock().raw.clone()
    }

    /// Waits until the text is on the screen.
    #[track_caller]
    pub fn wait_for(&self, text: &str) -> &Self {
        self.wait_until(&format!("{text:?} on the screen"), PATIENCE, |screen| {
            screen.contains(text)
        });
        self
    }

    /// Waits until the text has left the screen.
    #[track_caller]
    pub fn wait_gone(&self, text: &str) -> &Self {
        self.wait_until(
            &format!("{text:?} to leave the screen"),
            PATIENCE,
            |screen| !screen.contains(text),
        );
        self
    }

    /// Waits until the screen's text is as wanted; gives how long that took.
    #[track_caller]
    pub fn wait_until(
        &self,
        what: &str,
        patience: Duration,
        wanted: impl Fn(&str) -> bool,
    ) -> Duration {
        let begun = Instant::now();
        let mut state = self.shared.lock();
        loop {
            let screen = text_of(state.terminal.screen());
            if wanted(&screen) {
                return begun.elapsed();
            }
            let left = patience.saturating_sub(begun.elapsed());
            if state.ended || left.is_zero() {
                let end = if state.ended {
                    ", the program ended"
                } else {
                    ""
                };
                drop(state);
                panic!("waited in vain for {what}{end}; the screen was:\n{screen}");
            }
            state = self.shared.changed.wait_timeout(state, left).unwrap().0;
        }
    }

    /// Waits until nothing has been written, by either side, for this long, and nobody is at work:
    /// a program that has not been given the processor yet is not quiet.
    #[track_caller]
    pub fn settle(&self, quiet: Duration) -> &Self {
        const GLANCE: Duration = Duration::from_millis(5);
        let begun = Instant::now();
        loop {
            let since = self.shared.lock().last;
            let left = quiet.saturating_sub(since.elapsed());
            if left.is_zero() && !at_work(self.child.process_id()) {
                // Work may have changed hands while one looked from thread to thread.
                std::thread::sleep(GLANCE);
                if !at_work(self.child.process_id()) && self.shared.lock().last == since {
                    return self;
                }
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "waited in vain for a quiet screen; the screen was:\n{}",
                self.screen()
            );
            std::thread::sleep(left.max(GLANCE));
        }
    }

    /// How many bytes the program writes in this time when nobody touches it.
    pub fn bytes_while_idle(&self, time: Duration) -> usize {
        let before = self.shared.lock().raw.len();
        std::thread::sleep(time);
        self.shared.lock().raw.len() - before
    }

    /// Changes the terminal's size, as a user drags its corner.
    pub fn resize(&self, columns: u16, rows: u16) -> &Self {
        let mut state = self.shared.lock();
        state.terminal.screen_mut().set_size(rows, columns);
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        self.master.resize(size).unwrap();
        drop(state);
        self
    }

    /// Where the program finds its home and, below it, its XDG folders.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The process id.
    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.process_id().unwrap().cast_signed()).unwrap()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        rustix::process::kill_process(self.pid(), signal).unwrap();
    }

    /// Ends the program at once, as a power cut would end it.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        self.wait_exit();
    }

    /// Whether it still runs.
    pub fn running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for the end and gives the exit status.
    #[track_caller]
    pub fn wait_exit(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "still running; the screen was:\n{}",
                self.screen()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until everything written has been read; of use after [`Pty::wait_exit`].
    #[track_caller]
    pub fn wait_end_of_output(&self) {
        super::wait::until("the end of the output", PATIENCE, || {
            self.shared.lock().ended.then_some(())
        });
    }
}

/// Whether a thread of this process runs, waits for the processor or waits for the disk. Without
/// `/proc` nobody knows.
fn at_work(process: Option<u32>) -> bool {
    let Some(process) = process else { return false };
    let Ok(threads) = std::fs::read_dir(format!("/proc/{process}/task")) else {
        return false;
    };
    threads.flatten().any(|thread| {
        let stat = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        // `PID (NAME) STATE ...`, and a name may have brackets of its own.
        let state = stat.rsplit(')').next().unwrap_or_default();
        state.trim_start().starts_with(['R', 'D'])
    })
}

impl Drop for Pty {
    fn drop(&mut self) {
        if self.running() {
            let _ = rustix::process::kill_process(self.pid(), Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

fn text_of(screen: &vt100::Screen) -> String {
    let (_, columns) = screen.size();
    let mut text = String::new();
    for row in screen.rows(0, columns) {
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text
}
