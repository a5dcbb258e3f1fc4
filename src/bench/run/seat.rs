//! A program in a terminal of its own, and when which of its bytes came.

use anyhow::Context;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::termios::Winsize;
use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Columns and rows of every measurement.
pub const SIZE: (u16, u16) = (120, 40);

/// What to start, and in which surroundings.
pub struct Launch {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Variables beside those of every terminal.
    pub variables: Vec<(&'static str, OsString)>,
}

/// A running program and the other side of its terminal.
pub struct Seat {
    child: Child,
    master: OwnedFd,
    /// When it was started.
    pub began: Instant,
    /// What its terminal shows.
    screen: vt100::Parser,
}

/// What one key did.
#[derive(Debug, Clone, Copy)]
pub struct Pressed {
    /// Until its first byte; none when nothing was written.
    pub first: Option<Duration>,
    /// Bytes until it was quiet.
    pub bytes: usize,
}

impl Launch {
    /// Starts it. The terminal becomes its controlling one.
    ///
    /// # Errors
    /// When there is no pseudo-terminal or the program cannot be started.
    pub fn start(&self) -> anyhow::Result<Seat> {
        let master =
            rustix::pty::openpt(rustix::pty::OpenptFlags::RDWR | rustix::pty::OpenptFlags::NOCTTY)
                .context("there is no pseudo-terminal")?;
        rustix::pty::grantpt(&master)?;
        rustix::pty::unlockpt(&master)?;
        let name = rustix::pty::ptsname(&master, Vec::new())?;
        let slave = rustix::fs::open(
            name.as_c_str(),
            OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC,
            Mode::empty(),
        )?;
        rustix::termios::tcsetwinsize(
            &master,
            Winsize {
                ws_col: SIZE.0,
                ws_row: SIZE.1,
                ws_xpixel: 0,
                ws_ypixel: 0,
            },
        )?;
        rustix::io::fcntl_setfd(&master, rustix::io::FdFlags::CLOEXEC)?;
        let own = std::env::current_exe().context("this program's own file")?;
        let mut command = Command::new(own);
        command
            .args(["bench", "seat", "--"])
            .arg(&self.program)
            .args(&self.arguments)
            .env("TERM", "xterm-256color")
            .env("COLORTERM", "truecolor")
            .env("LANG", "C.UTF-8")
            .env_remove("TMUX")
            .env_remove("LC_ALL")
            .stdin(Stdio::from(slave.try_clone()?))
            .stdout(Stdio::from(slave.try_clone()?))
            .stderr(Stdio::from(slave));
        for (name, value) in &self.variables {
            command.env(name, value);
        }
        let began = Instant::now();
        let child = command
            .spawn()
            .with_context(|| format!("{} cannot be started", self.program.display()))?;
        Ok(Seat {
            child,
            master,
            began,
            screen: vt100::Parser::new(SIZE.1, SIZE.0, 0),
        })
    }

    /// This very program on a mirror, with a configuration of its own in `home`.
    ///
    /// # Errors
    /// When this program's file is not known.
    pub fn frontdesk(home: &Path, mirror: &Path) -> anyhow::Result<Self> {
        let home = home.as_os_str().to_owned();
        let mut config = PathBuf::from(&home);
        config.push("config.toml");
        Ok(Self {
            program: std::env::current_exe().context("this program's own file")?,
            arguments: vec!["--mirror".into(), mirror.as_os_str().to_owned()],
            variables: vec![
                ("FRONTDESK_CONFIG", config.into_os_string()),
                ("HOME", home.clone()),
                ("XDG_CONFIG_HOME", home.clone()),
                ("XDG_DATA_HOME", home.clone()),
                ("XDG_STATE_HOME", home.clone()),
                ("XDG_CACHE_HOME", home.clone()),
                ("XDG_RUNTIME_DIR", home),
            ],
        })
    }
}

impl Seat {
    /// The program's process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Presses keys, as the bytes of a terminal.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn keys(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        rustix::io::write(&self.master, bytes).context("the program has gone")?;
        Ok(())
    }

    /// Takes what comes within `wait`; the number of bytes, 0 when nothing came.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn take(&mut self, wait: Duration) -> anyhow::Result<usize> {
        let mut fds = [PollFd::new(&self.master, PollFlags::IN)];
        let wait = Timespec {
            tv_sec: i64::try_from(wait.as_secs())?,
            tv_nsec: i64::from(wait.subsec_nanos()),
        };
        if poll(&mut fds, Some(&wait))? == 0 {
            return Ok(0);
        }
        let mut buffer = [0; 16_384];
        let read = rustix::io::read(&self.master, &mut buffer).context("the program has ended")?;
        anyhow::ensure!(read > 0, "the program has ended");
        self.screen.process(&buffer[..read]);
        Ok(read)
    }

    /// Presses keys and waits until nothing was written for `quiet`, after the first byte not longer than three times
    /// that: a screen on which news comes in is never quiet.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn press(&mut self, bytes: &[u8], quiet: Duration) -> anyhow::Result<Pressed> {
        // What was on its way before is no answer.
        while self.take(Duration::ZERO)? > 0 {}
        let began = Instant::now();
        self.keys(bytes)?;
        let mut pressed = Pressed {
            first: None,
            bytes: 0,
        };
        // The first may take its time; the rest follows at once.
        let mut wait = Duration::from_secs(1);
        loop {
            let read = self.take(wait)?;
            if read == 0 {
                return Ok(pressed);
            }
            let first = *pressed.first.get_or_insert_with(|| began.elapsed());
            pressed.bytes += read;
            wait = quiet.min((first + quiet * 3).saturating_sub(began.elapsed()));
            if wait.is_zero() {
                return Ok(pressed);
            }
        }
    }

    /// Waits until nothing was written for `quiet`, not longer than ten times that; the number of bytes that came.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn settle(&mut self, quiet: Duration) -> anyhow::Result<usize> {
        let (began, mut all) = (Instant::now(), 0);
        loop {
            let read = self.take(quiet)?;
            if read == 0 || began.elapsed() > quiet * 10 {
                return Ok(all);
            }
            all += read;
        }
    }

    /// Waits until one of `words` is shown; how long after the start that was.
    ///
    /// # Errors
    /// When none is shown within `most` of the start, or the program ends.
    pub fn wait_for(&mut self, words: &[String], most: Duration) -> anyhow::Result<Duration> {
        loop {
            let shown = self.screen.screen().contents();
            if words.iter().any(|words| shown.contains(words.as_str())) {
                return Ok(self.began.elapsed());
            }
            let left = most.saturating_sub(self.began.elapsed());
            if left.is_zero() {
                anyhow::bail!("none of {words:?} was shown, but this:\n{shown}");
            }
            self.take(left)?;
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Becomes `program` on the terminal that standard input is, which becomes its controlling one.
///
/// # Errors
/// When that cannot be; it does not return otherwise.
pub fn sit_down(program: &[OsString]) -> anyhow::Result<std::convert::Infallible> {
    use std::os::unix::process::CommandExt as _;
    let [name, arguments @ ..] = program else {
        anyhow::bail!("name a program");
    };
    rustix::process::setsid()?;
    rustix::process::ioctl_tiocsctty(std::io::stdin())?;
    Err(Command::new(name).args(arguments).exec().into())
}
