//! What the executable does on the other side of the pseudo-terminal.

use std::os::unix::process::CommandExt;
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent};
use frontdesk::term::{
    Drawn, EventSource, Launcher, Modes, ProcessSignal, Session, Watcher, attend, edit,
    install_crash_hook,
};
use ratatui::widgets::Paragraph;
use rustix::process::{Pid, WaitOptions};

use crate::pty::{ARGS, report};

const ALL: Modes = Modes {
    mouse: true,
    focus: true,
    synchronized: true,
    title: true,
};

fn settings() -> String {
    format!(
        "{:?}",
        rustix::termios::tcgetattr(std::io::stdin()).unwrap()
    )
}

fn paint(session: &mut Session, text: &str) {
    let text = text.to_owned();
    // The frame before may still be on its way.
    let end = Instant::now() + Duration::from_mins(1);
    loop {
        let drawn = session
            .draw(|f| f.render_widget(Paragraph::new(text.as_str()), f.area()))
            .unwrap();
        if drawn != Drawn::Deferred {
            return;
        }
        assert!(Instant::now() < end, "the terminal takes no frame");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Plays `name` and ends the process.
pub fn play(name: &str) -> ! {
    let code = match name {
        "visit" => visit(),
        "keys" => keys(),
        "panic" => panic(),
        "panic-elsewhere" => panic_elsewhere(),
        "not-a-terminal" => match Session::enter(ALL) {
            Ok(_) => 0,
            Err(e) => {
                report("error", &e.to_string());
                e.exit_code().into()
            }
        },
        "unread" => unread(),
        "late" => late(),
        "loop" => run_loop(false),
        "stuck" => run_loop(true),
        "no-watcher" => no_watcher(),
        "holder" => holder(),
        "shell" => shell(),
        "suspended" => suspended(),
        "editor" => editor(),
        "no-shell" => {
            let mut session = Session::enter(ALL).unwrap();
            report("outcome", &format!("{:?}", session.suspend().unwrap()));
            0
        }
        other => panic!("no scenario {other}"),
    };
    std::process::exit(code)
}

/// Enters twice and leaves twice; says whether the line settings are as before.
fn visit() -> i32 {
    let before = settings();
    println!("on the shell's screen");
    let mut session = Session::enter(ALL).unwrap();
    let inside = settings();
    paint(&mut session, "first-visit");
    session.title(Some(3));
    session.leave();
    session.leave();
    let between = settings();
    session.reenter().unwrap();
    session.reenter().unwrap();
    paint(&mut session, "second-visit");
    drop(session);
    report(
        "settings",
        &format!(
            "{} {} {}",
            before != inside,
            before == between,
            before == settings()
        ),
    );
    0
}

/// Shows every event until `q`; gives the reader up and takes it again on `x`.
fn keys() -> i32 {
    let mut session = Session::enter(ALL).unwrap();
    tokio_block(async {
        let mut events = EventSource::start().unwrap();
        report("ready", "");
        let mut lines = Vec::new();
        while let Some(event) = events.next().await {
            match event {
                Event::Key(KeyEvent {
                    code: KeyCode::Char('q'),
                    ..
                }) => break,
                Event::Key(KeyEvent {
                    code: KeyCode::Char('x'),
                    ..
                }) => {
                    drop(events);
                    // What comes now is for somebody else.
                    report("dropped", "");
                    let mut other = [0u8; 1];
                    rustix::io::read(std::io::stdin(), &mut other).unwrap();
                    lines.push(format!("other got {}", char::from(other[0])));
                    events = EventSource::start().unwrap();
                    report("again", "");
                }
                Event::Key(key) => lines.push(format!("{:?}", key.code)),
                other => lines.push(format!("{other:?}")),
            }
        }
        report("events", &lines.join("\n"));
    });
    session.leave();
    0
}

fn panic() -> i32 {
    let dir = std::env::var_os(crate::pty::REPORT).unwrap();
    install_crash_hook(std::path::PathBuf::from(dir).join("crashes"));
    let mut session = Session::enter(ALL).unwrap();
    paint(&mut session, "before the panic");
    loop {
        // Deferred until the frame before is out.
        session
            .draw(|_| panic!("secret of a customer: \x1b[31m"))
            .unwrap();
    }
}

fn panic_elsewhere() -> i32 {
    let dir = std::env::var_os(crate::pty::REPORT).unwrap();
    install_crash_hook(std::path::PathBuf::from(dir).join("crashes"));
    let mut session = Session::enter(ALL).unwrap();
    paint(&mut session, "before the panic");
    std::thread::spawn(|| panic!("in an account's task"))
        .join()
        .unwrap_err();
    paint(&mut session, "and-after-it");
    report("alive", "");
    std::thread::sleep(Duration::from_millis(200));
    0
}

/// Draws for half a second on a terminal that nobody reads.
fn unread() -> i32 {
    let mut session = Session::enter(ALL).unwrap();
    let end = Instant::now() + Duration::from_millis(500);
    let (mut painted, mut deferred, mut slowest) = (0, 0, Duration::ZERO);
    let mut n = 0;
    while Instant::now() < end {
        n += 1;
        let text = format!("{n} ").repeat(2_000);
        let start = Instant::now();
        match session
            .draw(|f| {
                let text =
                    Paragraph::new(text.as_str()).wrap(ratatui::widgets::Wrap { trim: false });
                f.render_widget(text, f.area());
            })
            .unwrap()
        {
            Drawn::Painted => painted += 1,
            Drawn::Deferred => deferred += 1,
            Drawn::Unchanged => {}
        }
        slowest = slowest.max(start.elapsed());
        std::thread::sleep(Duration::from_millis(2));
    }
    let start = Instant::now();
    session.leave();
    report(
        "numbers",
        &format!(
            "{painted} {deferred} {} {}",
            slowest.as_millis(),
            start.elapsed().as_millis()
        ),
    );
    0
}

/// Draws while nobody reads, and once more when somebody does.
fn late() -> i32 {
    let mut session = Session::enter(ALL).unwrap();
    let mut deferred = 0;
    for n in 0..200 {
        let text = format!("state-{n} ").repeat(200);
        let drawn = session.draw(|f| {
            let wrap = ratatui::widgets::Wrap { trim: false };
            f.render_widget(Paragraph::new(text.as_str()).wrap(wrap), f.area());
        });
        deferred += usize::from(drawn.unwrap() == Drawn::Deferred);
        std::thread::sleep(Duration::from_millis(1));
    }
    report("deferred", &deferred.to_string());
    tokio_block(session.writable());
    paint(&mut session, "newest-state");
    tokio_block(session.writable());
    0
}

/// The product's loop in small. When `stuck`, it hears of the end and does not care.
fn run_loop(stuck: bool) -> i32 {
    let mut watcher = Watcher::start().unwrap();
    let mut session = Session::enter(ALL).unwrap();
    paint(&mut session, "running");
    tokio_block(async {
        let mut events = EventSource::start().unwrap();
        report("pid", &std::process::id().to_string());
        let mut heard = Vec::new();
        loop {
            tokio::select! {
                event = events.next(), if !stuck => if event.is_none() {
                    report("told", "end of events");
                    return;
                },
                signal = watcher.next() => {
                    heard.push(format!("{signal:?}"));
                    report("told", &heard.join(" "));
                    if matches!(signal, ProcessSignal::HungUp | ProcessSignal::Terminate) && !stuck {
                        return;
                    }
                }
            }
        }
    });
    0
}

/// Reads events and watches nothing else.
fn no_watcher() -> i32 {
    let mut session = Session::enter(ALL).unwrap();
    paint(&mut session, "running");
    // SIGHUP would end the process by itself.
    signal_hook::flag::register(1, std::sync::Arc::default()).unwrap();
    tokio_block(async {
        let mut events = EventSource::start().unwrap();
        report("pid", &std::process::id().to_string());
        while events.next().await.is_some() {}
    });
    report("told", "end of events");
    0
}

/// Holds the master side of another terminal until it is killed, as sshd does.
fn holder() -> i32 {
    let dir = std::path::PathBuf::from(std::env::var_os(crate::pty::REPORT).unwrap());
    let inner = std::env::var("INNER").unwrap();
    let exe = std::env::current_exe().unwrap();
    let exe = exe.display();
    let args = ARGS.join(" ");
    let script = match std::env::var("HOW").unwrap().as_str() {
        "delivered" => format!("exec {exe} {args}"),
        "ignored" => format!("trap '' HUP; exec {exe} {args}"),
        "child" => format!("trap '' HUP; {exe} {args}; true"),
        // In a background job: the system sends it no signal at all.
        "unsent" => format!("trap '' HUP TTOU TTIN; set -m; {exe} {args} & wait; sleep 5"),
        other => panic!("no way {other}"),
    };
    let pair = portable_pty::native_pty_system()
        .openpty(portable_pty::PtySize {
            rows: 24,
            cols: 80,
            pixel_width: 0,
            pixel_height: 0,
        })
        .unwrap();
    let mut command = portable_pty::CommandBuilder::new("sh");
    command.args(["-c", &script]);
    command.env(crate::pty::SCENARIO, inner);
    command.env(crate::pty::REPORT, dir);
    command.env("TERM", "xterm-256color");
    let _child = pair.slave.spawn_command(command).unwrap();
    let mut reader = pair.master.try_clone_reader().unwrap();
    std::io::copy(&mut reader, &mut std::io::sink()).ok();
    std::thread::sleep(Duration::from_mins(1));
    1
}

/// A shell with job control, in small: one foreground job, told of its stop, then continued.
// It waits as a shell does, for a stop too, which `Child::wait` does not tell.
#[allow(clippy::zombie_processes)]
fn shell() -> i32 {
    let before = settings();
    let job = std::process::Command::new(std::env::current_exe().unwrap())
        .args(ARGS)
        .env(crate::pty::SCENARIO, "suspended")
        .process_group(0)
        .spawn()
        .unwrap();
    let pid = Pid::from_child(&job);
    rustix::termios::tcsetpgrp(std::io::stdin(), pid).unwrap();
    let mut stops = 0;
    loop {
        let (_, status) = rustix::process::waitpid(Some(pid), WaitOptions::UNTRACED)
            .unwrap()
            .unwrap();
        if status.stopped() {
            stops += 1;
            report(
                &format!("stop-{stops}"),
                &(before == settings()).to_string(),
            );
            std::thread::sleep(Duration::from_millis(200));
            rustix::process::kill_process_group(pid, rustix::process::Signal::CONT).unwrap();
        } else {
            report("stops", &stops.to_string());
            return status.exit_status().unwrap_or(99);
        }
    }
}

fn suspended() -> i32 {
    let mut watcher = Watcher::start().unwrap();
    // The foreground group is set a moment after the start.
    let end = Instant::now() + Duration::from_mins(1);
    while rustix::termios::tcgetpgrp(std::io::stdin()).ok() != Some(rustix::process::getpgrp()) {
        assert!(Instant::now() < end);
        std::thread::sleep(Duration::from_millis(1));
    }
    let mut session = Session::enter(ALL).unwrap();
    paint(&mut session, "before the stop");
    let outcome = session.suspend().unwrap();
    paint(&mut session, "after-the-stop");
    let mut told = Vec::new();
    tokio_block(async {
        while let Ok(signal) =
            tokio::time::timeout(Duration::from_millis(300), watcher.next()).await
        {
            told.push(format!("{signal:?}"));
        }
    });
    report("outcome", &format!("{outcome:?} {}", told.join(" ")));
    0
}

/// Lends the terminal to an editor (a script) and takes it again.
fn editor() -> i32 {
    let dir = std::path::PathBuf::from(std::env::var_os(crate::pty::REPORT).unwrap());
    let script = dir.join("editor");
    std::fs::write(
        &script,
        "#!/bin/sh\ntrap '' INT\nstty -a > \"${0%/*}/stty\"\necho editing\nread line\necho \"$line\" > \"$1\"\n",
    )
    .unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(&script, mode).unwrap();
    let mut watcher = Watcher::start().unwrap();
    let mut session = Session::enter(ALL).unwrap();
    tokio_block(async {
        let events = EventSource::start().unwrap();
        paint(&mut session, "before-the-editor");
        let argv = [script.to_string_lossy().into_owned()];
        let launcher = Launcher::default();
        let work = edit(&launcher, &argv, "old", &dir);
        let (edited, mut events) = session.lend(events, work).await.unwrap();
        paint(&mut session, "after-the-editor");
        report("edited", &format!("{:?}", edited.unwrap()));
        let event = events.next().await;
        let signal = tokio::time::timeout(Duration::from_millis(100), watcher.next()).await;
        report(
            "outcome",
            &format!("{} {}", event.is_some(), signal.is_err()),
        );
    });
    0
}

fn tokio_block<F: Future>(future: F) -> F::Output {
    let executor = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    attend(executor.handle(), future).unwrap()
}
