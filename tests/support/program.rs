//! The real program with one account, as one who types commands has it.

use super::wait::{PATIENCE, until};
use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The program with these words, whose configuration and files are in `dir`. It can ask nobody.
pub fn command(dir: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
    command
        .args(words)
        .env("FRONTDESK_CONFIG", dir.join("config.toml"))
        .env("XDG_CONFIG_HOME", dir)
        .env("XDG_DATA_HOME", dir)
        .env("XDG_STATE_HOME", dir)
        .stdin(Stdio::null());
    command
}

/// Whether it ended well, and all that it said.
pub fn said(mut command: Command) -> (bool, String) {
    let output = command.output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.success(), said)
}

/// What it said as rows for scripts.
pub fn rows(said: &str) -> Vec<Value> {
    let lines = said.lines();
    lines
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// The program with a folder and an account of its own. The account's token is `TOKEN` of its environment.
pub struct Program {
    dir: tempfile::TempDir,
    token: String,
}

impl Program {
    /// `account` is the account's table, without its header.
    pub fn new(account: &str, token: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let program = Self {
            dir,
            token: token.to_owned(),
        };
        program.configured(account, "");
        program
    }

    /// Another table for the account, and more after it.
    pub fn configured(&self, account: &str, more: &str) {
        let config = format!(
            "me = \"nina\"\nmirror = \"{}\"\n[desk.hold]\nseconds = 0\n[accounts.desk]\n{account}\n\
             token = {{ env = \"TOKEN\" }}\n{more}",
            self.dir.path().join("mirror").display()
        );
        std::fs::write(self.dir.path().join("config.toml"), config).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(self.dir.path(), arguments);
        command.env("TOKEN", &self.token);
        command
    }

    /// All that it said; the token is not in it.
    pub fn run(&self, arguments: &[&str]) -> String {
        let (well, said) = self.tries(arguments);
        assert!(well, "{arguments:?}: {said}");
        said
    }

    /// Whether it ended well, and all that it said; the token is not in it.
    pub fn tries(&self, arguments: &[&str]) -> (bool, String) {
        let (well, said) = said(self.command(arguments));
        assert!(!said.contains(&self.token), "the token is told to nobody");
        (well, said)
    }

    /// The engine, in a process of its own.
    pub fn engine(&self) -> Engine {
        self.engine_with(&[])
    }

    /// The same with more words on its command line.
    pub fn engine_with(&self, more: &[&str]) -> Engine {
        let words: Vec<&str> = std::iter::once("sync")
            .chain(more.iter().copied())
            .collect();
        self.starts(&words)
    }

    /// A process that goes on until it is dropped.
    pub fn starts(&self, words: &[&str]) -> Engine {
        Engine::start(self.command(words))
    }

    /// Every conversation, as scripts get it.
    pub fn conversations(&self) -> Vec<Value> {
        rows(&self.run(&["list", "--json"]))
    }

    /// The conversation that shows `text`, and all that it shows.
    pub fn shows(&self, text: &str) -> (Value, String) {
        until(text, PATIENCE * 3, || {
            self.conversations().into_iter().find_map(|row| {
                let shown = self.run(&["show", &row["id"].to_string()]);
                shown.contains(text).then_some((row, shown))
            })
        })
    }
}

/// Killed when dropped, as a power cut would.
pub struct Engine(pub Child);

impl Engine {
    /// Starts it; what it says goes nowhere.
    pub fn start(mut command: Command) -> Self {
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(child.unwrap())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
