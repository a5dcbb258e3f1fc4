//! A desk: configuration, secrets and mirror in a folder of its own, and the processes that run on it.

use crate::support::mail::unique;
use crate::support::servers::{Imap, Servers, User};
use crate::support::wait::{PATIENCE, until};
use serde_json::Value;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Everything a run of the program left behind.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Run {
    /// The lines of standard output as JSON.
    pub fn json(&self) -> Vec<Value> {
        let lines = self.out.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {self:?}")))
            .collect()
    }
}

/// One desk.
pub struct Home {
    dir: tempfile::TempDir,
    accounts: Vec<(String, User)>,
    /// Port that mail is handed to.
    submission: u16,
    more: String,
    hold: u32,
    ca: PathBuf,
    imaps: u16,
}

impl Home {
    /// A desk with these accounts on the full server, each with a mailbox of its own.
    pub fn new(servers: &Servers, names: &[&str]) -> Self {
        let account = |name: &&str| ((*name).to_owned(), User::fresh_at_desk());
        let home = Self {
            dir: tempfile::tempdir().unwrap(),
            accounts: names.iter().map(account).collect(),
            submission: servers.smtps(),
            more: String::new(),
            hold: 0,
            ca: servers.ca().to_owned(),
            imaps: servers.imaps(Imap::Full),
        };
        home.write();
        home
    }

    /// Hands its mail to another port.
    pub fn submitting_to(mut self, port: u16) -> Self {
        self.submission = port;
        self.write();
        self
    }

    /// Holds what leaves for so many seconds.
    pub fn holding(mut self, seconds: u32) -> Self {
        self.hold = seconds;
        self.write();
        self
    }

    /// Adds lines to every account.
    pub fn with(mut self, lines: &str) -> Self {
        self.more = lines.to_owned();
        self.write();
        self
    }

    /// The mailbox of an account.
    pub fn user(&self, name: &str) -> &User {
        let found = self.accounts.iter().find(|(account, _)| account == name);
        &found.unwrap().1
    }

    /// The folder of the mirror.
    pub fn mirror(&self) -> PathBuf {
        self.dir.path().join("data/frontdesk/mirror")
    }

    fn write(&self) {
        let dir = self.dir.path().join("config/frontdesk");
        std::fs::create_dir_all(dir.join("secrets")).unwrap();
        let (ca, imaps, submission) = (self.ca.display(), self.imaps, self.submission);
        let mut text = format!(
            "me = \"nina\"\ntimezone = \"UTC\"\n[desk.hold]\nseconds = {}\n",
            self.hold
        );
        for (number, (name, user)) in self.accounts.iter().enumerate() {
            // The first account's password is in the environment, the others' in files.
            let password = if number == 0 {
                "{ env = \"FIRST_PASSWORD\" }".to_owned()
            } else {
                let file = dir.join("secrets").join(name);
                std::fs::write(&file, format!("{}\n", user.password)).unwrap();
                std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
                format!("{{ file = \"{}\" }}", file.display())
            };
            write!(
                text,
                "[accounts.{name}]\nprovider = \"email\"\naddress = \"{}\"\nname = \"Desk {name}\"\n{}\n\
                 [accounts.{name}.imap]\nhost = \"localhost\"\nport = {imaps}\nca_file = \"{ca}\"\npassword = {password}\n\
                 [[accounts.{name}.smtp]]\nhost = \"localhost\"\nport = {submission}\n",
                user.address, self.more
            )
            .unwrap();
        }
        let file = dir.join("config.toml");
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// The program with these arguments, knowing nothing of the machine's user.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
        command.args(arguments).env_clear();
        for (name, folder) in [
            ("HOME", ""),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_CACHE_HOME", "cache"),
        ] {
            command.env(name, self.dir.path().join(folder));
        }
        command
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC")
            .env("FIRST_PASSWORD", &self.accounts[0].1.password)
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        let output = self.command(arguments).output().unwrap();
        Run {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs a verb that must succeed, and gives what it says to scripts.
    pub fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let run = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(run.code, Some(0), "{arguments:?}: {run:?}");
        run.json()
    }

    /// Starts the engine in a process of its own.
    pub fn sync(&self) -> Engine {
        let log = self.dir.path().join(format!("sync-{}.log", unique()));
        let child = self
            .command(&["sync"])
            .env("FRONTDESK_LOG", "warn,frontdesk=debug")
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        Engine { child, log }
    }

    /// Starts the engine and waits until it holds the mirror and has read every account.
    pub fn synced(&self) -> Engine {
        let engine = self.sync();
        engine.wait_for("Holder");
        for (name, _) in &self.accounts {
            until(
                &format!("{name} to be read; {}", engine.log()),
                PATIENCE,
                || {
                    let run = self.run(&["verify", "--offline", "--json", name]);
                    (run.code == Some(0)).then_some(())
                },
            );
        }
        engine
    }

    /// The conversations of a view.
    pub fn list(&self, view: &str) -> Vec<Value> {
        self.json(&["list", view])
    }

    /// Waits for a conversation whose subject holds these words, and gives it.
    pub fn conversation(&self, subject: &str) -> Value {
        until(&format!("a conversation about {subject}"), PATIENCE, || {
            let rows = self.list("all");
            rows.into_iter()
                .find(|row| row["subject"].as_str().unwrap().contains(subject))
        })
    }

    /// A conversation with its messages.
    pub fn show(&self, id: &str) -> Value {
        self.json(&["show", id, "--messages", "500"]).remove(0)
    }

    /// The messages of a conversation.
    pub fn messages(&self, id: &str) -> Vec<Value> {
        self.show(id)["messages"]["messages"]
            .as_array()
            .unwrap()
            .clone()
    }

    /// Waits until a conversation has so many messages, and gives them.
    pub fn messages_of(&self, id: &str, count: usize) -> Vec<Value> {
        until(&format!("{count} messages in #{id}"), PATIENCE, || {
            Some(self.messages(id)).filter(|messages| messages.len() >= count)
        })
    }

    /// Answers, and gives the row of the outbox.
    pub fn reply(&self, id: &str, text: &str) -> i64 {
        let done = self.json(&["reply", id, "-m", text]);
        done[0]["outbox"].as_i64().unwrap()
    }

    /// A row of the outbox.
    pub fn row(&self, id: i64) -> Value {
        let rows = self.json(&["outbox", "--limit", "500"]);
        let found = rows.into_iter().find(|row| row["out"]["id"] == id);
        found.unwrap_or_else(|| panic!("no row {id} in the outbox"))
    }

    /// The state of a row of the outbox.
    pub fn state(&self, id: i64) -> String {
        self.row(id)["state"].as_str().unwrap().to_owned()
    }

    /// Waits until a row is in this state.
    pub fn wait_state(&self, id: i64, state: &str) -> Value {
        until(
            &format!("row {id} to be {state}, {}", self.row(id)),
            PATIENCE,
            || Some(self.row(id)).filter(|row| row["state"] == state),
        )
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for arguments in [
                &["outbox", "--json"][..],
                &["list", "all", "--json"],
                &["doctor"],
            ] {
                let run = self.run(arguments);
                eprintln!("--- {arguments:?}\n{}{}", run.out, run.err);
            }
        }
    }
}

/// A number as an operand.
pub fn number(value: &Value) -> String {
    value["id"].as_i64().unwrap().to_string()
}

/// A running `frontdesk sync`; ended with the test.
pub struct Engine {
    child: Child,
    log: PathBuf,
}

impl Engine {
    /// What it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Waits until its log holds these words.
    pub fn wait_for(&self, words: &str) -> Duration {
        let began = Instant::now();
        until(&format!("`{words}` in the log"), PATIENCE, || {
            self.log().contains(words).then_some(())
        });
        began.elapsed()
    }

    /// As a power cut would end it.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, as the system does at shutdown.
    pub fn terminate(mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{}", self.log());
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- the engine's log\n{}", self.log());
        }
    }
}
