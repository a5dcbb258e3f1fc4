//! The real program with one account, as one who types commands has it.

use super::wait::{PATIENCE, until};
use serde_json::Value;
use std::process::{Child, Command, Stdio};

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
        let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
        command
            .args(arguments)
            .env("FRONTDESK_CONFIG", self.dir.path().join("config.toml"))
            .env("XDG_CONFIG_HOME", self.dir.path())
            .env("XDG_DATA_HOME", self.dir.path())
            .env("XDG_STATE_HOME", self.dir.path())
            .env("TOKEN", &self.token)
            .stdin(Stdio::null());
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
        let output = self.command(arguments).output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!said.contains(&self.token), "the token is told to nobody");
        (output.status.success(), said)
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
        let mut command = self.command(words);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Engine(child.unwrap())
    }

    /// Every conversation, as scripts get it.
    pub fn conversations(&self) -> Vec<Value> {
        let said = self.run(&["list", "--json"]);
        said.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
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
pub struct Engine(Child);

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
