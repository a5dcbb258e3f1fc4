//! The line to the terminal.

use crate::home::Home;
use crate::support::wait::{PATIENCE, until};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::Read;
use std::time::{Duration, Instant};

/// The program on a line of which nothing is read but what the test reads.
struct Line {
    /// None once the line is cut.
    master: Option<Box<dyn MasterPty + Send>>,
    child: Box<dyn Child + Send + Sync>,
    pid: u32,
}

const SIZE: PtySize = PtySize {
    rows: 24,
    cols: 80,
    pixel_width: 0,
    pixel_height: 0,
};

impl Line {
    /// `before` is what a shell does before it becomes the program.
    fn open(home: &Home, before: &str, size: PtySize) -> Self {
        let pair = native_pty_system().openpty(size).unwrap();
        let file = home.path().join("pid");
        let _ = std::fs::remove_file(&file);
        let script = format!(
            "{before} sh -c 'echo $$ > \"{}\"; exec \"{}\"'",
            file.display(),
            env!("CARGO_BIN_EXE_frontdesk")
        );
        let mut command = CommandBuilder::new("/bin/sh");
        command.args(["-c", &script]);
        command.cwd(home.path());
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap());
        command.env("TERM", "xterm-256color");
        for (name, value) in home.variables() {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let pid = until("the program", PATIENCE, || {
            std::fs::read_to_string(&file).ok()?.trim().parse().ok()
        });
        Self {
            master: Some(pair.master),
            child,
            pid,
        }
    }

    /// Reads until this is on the line.
    fn read_until(&self, words: &str) {
        let mut reader = self.master.as_ref().unwrap().try_clone_reader().unwrap();
        let (mut seen, mut part) = (Vec::new(), [0; 4096]);
        let end = Instant::now() + PATIENCE;
        while !String::from_utf8_lossy(&seen).contains(words) {
            assert!(Instant::now() < end, "{}", String::from_utf8_lossy(&seen));
            let read = reader.read(&mut part).unwrap();
            seen.extend_from_slice(&part[..read]);
        }
    }

    fn lives(&self) -> bool {
        let state = std::fs::read_to_string(format!("/proc/{}/stat", self.pid));
        state.is_ok_and(|state| !state.rsplit(')').next().unwrap().starts_with(" Z"))
    }

    /// Hundredths of a second of the processor that it has used.
    fn used(&self) -> u64 {
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{}/stat", self.pid)) else {
            return 0;
        };
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap()
            .split_whitespace()
            .collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if self.lives() {
            let pid = rustix::process::Pid::from_raw(i32::try_from(self.pid).unwrap()).unwrap();
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}

/// Whether the line is the program's controlling terminal or not, and whatever a shell before it ignored.
#[test]
fn a_terminal_that_is_gone_ends_it_within_two_seconds() {
    for before in [
        "exec",
        "trap '' HUP; exec",
        "setsid -w",
        "trap '' HUP; setsid -w",
    ] {
        let home = Home::new();
        let mut line = Line::open(&home, before, SIZE);
        line.read_until("Inbox");
        std::thread::sleep(Duration::from_millis(300));
        let used = line.used();
        // Only the line: the program gets no signal but the kernel's own, if that.
        line.master = None;
        let gone = Instant::now();
        let mut most = used;
        while line.lives() {
            most = most.max(line.used());
            assert!(
                gone.elapsed() < Duration::from_secs(2),
                "{before:?}: it lives on"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        let spent = most - used;
        println!(
            "{before:?}: over in {:?}, {spent} hundredths of a second of the processor",
            gone.elapsed()
        );
        assert!(spent < 60, "{before:?}: it spins");
        // What was there is there.
        assert!(home.run(&["list"]).words.contains("lamp"), "{before:?}");
    }
}

/// As after Ctrl-S, or on a link that stands still: frames are not drawn, everything else is done.
#[test]
fn a_terminal_that_nobody_reads_holds_up_nothing() {
    let home = Home::new();
    let line = Line::open(
        &home,
        "exec",
        PtySize {
            rows: 50,
            cols: 200,
            ..SIZE
        },
    );
    line.read_until("Inbox");
    // From now on nobody reads. More comes in than a line takes.
    for n in 0..60 {
        home.fake.customer_writes(
            5_000 + n,
            &format!("{} number {n}", "a long question ".repeat(30)),
        );
    }
    until("all that came in", PATIENCE, || {
        home.run(&["search", "number", "--json"])
            .words
            .contains("number 59")
            .then_some(())
    });
    let id = home.run(&["list", "all", "--json"]).words;
    let id: serde_json::Value = serde_json::from_str(id.lines().next().unwrap()).unwrap();
    let reply = home.run(&[
        "reply",
        &id["id"].to_string(),
        "-m",
        "it leaves nevertheless",
    ]);
    assert_eq!(reply.code, Some(0), "{}", reply.words);
    until("the answer at the vendor", PATIENCE, || {
        let sent = home.fake.sent();
        sent.iter()
            .any(|one| one["text"] == "it leaves nevertheless")
            .then_some(())
    });
    assert!(line.lives());
}

#[test]
fn signals_end_it_and_it_says_nothing_more() {
    use rustix::process::{Pid, Signal, kill_process};
    for signal in [Signal::HUP, Signal::TERM, Signal::INT] {
        let home = Home::new();
        let line = Line::open(&home, "exec", SIZE);
        line.read_until("Inbox");
        kill_process(
            Pid::from_raw(i32::try_from(line.pid).unwrap()).unwrap(),
            signal,
        )
        .unwrap();
        let sent = Instant::now();
        // What it writes at the end must go somewhere.
        let mut reader = line.master.as_ref().unwrap().try_clone_reader().unwrap();
        let mut last = Vec::new();
        let _ = reader.read_to_end(&mut last);
        until("its end", PATIENCE, || (!line.lives()).then_some(()));
        assert!(sent.elapsed() < Duration::from_secs(5), "{signal:?}");
        let last = String::from_utf8_lossy(&last);
        assert!(!last.contains("panicked"), "{signal:?}: {last}");
    }
}

#[test]
fn stopped_and_continued_it_goes_on() {
    use rustix::process::{Pid, Signal, kill_process};
    use std::io::Write;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let home = Home::new();
    let mut line = Line::open(&home, "exec", SIZE);
    line.read_until("Inbox");
    let mut reader = line.master.as_ref().unwrap().try_clone_reader().unwrap();
    let drawn = std::sync::Arc::new(AtomicUsize::new(0));
    let count = drawn.clone();
    std::thread::spawn(move || {
        let mut part = [0; 8_192];
        while let Ok(read @ 1..) = reader.read(&mut part) {
            count.fetch_add(read, Ordering::Relaxed);
        }
    });
    let mut keys = line.master.as_mut().unwrap().take_writer().unwrap();
    let pid = Pid::from_raw(i32::try_from(line.pid).unwrap()).unwrap();
    for stop in [Signal::TSTP, Signal::STOP, Signal::TSTP] {
        // Without a shell to go back to it goes on by itself.
        kill_process(pid, stop).unwrap();
        keys.write_all(b"\x1a").unwrap();
        std::thread::sleep(Duration::from_millis(300));
        kill_process(pid, Signal::CONT).unwrap();
        std::thread::sleep(Duration::from_millis(300));
        let before = drawn.load(Ordering::Relaxed);
        keys.write_all(b"?").unwrap();
        until("the help", PATIENCE, || {
            (drawn.load(Ordering::Relaxed) > before + 200).then_some(())
        });
        keys.write_all(b"\x1b").unwrap();
        std::thread::sleep(Duration::from_millis(300));
    }
    assert!(line.lives());
}

#[test]
fn a_storm_of_sizes_down_to_one_cell() {
    let home = Home::new();
    let line = Line::open(&home, "exec", SIZE);
    line.read_until("Inbox");
    let mut reader = line.master.as_ref().unwrap().try_clone_reader().unwrap();
    std::thread::spawn(move || {
        let mut part = [0; 8_192];
        while reader.read(&mut part).is_ok_and(|read| read > 0) {}
    });
    let used = line.used();
    for n in 0..1_000_u16 {
        let (rows, cols) = match n % 5 {
            0 => (1, 1),
            1 => (0, 0),
            _ => (1 + n % 60, 1 + n % 200),
        };
        line.master
            .as_ref()
            .unwrap()
            .resize(PtySize { rows, cols, ..SIZE })
            .unwrap();
        std::thread::sleep(Duration::from_millis(1));
    }
    line.master.as_ref().unwrap().resize(SIZE).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    assert!(line.lives());
    println!(
        "1000 sizes took {} hundredths of a second of the processor",
        line.used() - used
    );
}

#[test]
fn where_there_is_no_terminal_it_says_so() {
    let home = Home::new();
    for (name, value) in [("TERM", "dumb"), ("TERM", ""), ("LANG", "C")] {
        let run = std::process::Command::new(env!("CARGO_BIN_EXE_frontdesk"))
            .env_clear()
            .envs(home.variables())
            .env(name, value)
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        assert_eq!(run.status.code(), Some(2));
        let said = String::from_utf8(run.stderr).unwrap();
        assert!(said.contains("the screen needs a terminal"), "{said}");
    }
}
