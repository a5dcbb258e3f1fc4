//! A desk with one bot and one customer.

use crate::support::fakes::telegram::{TOKEN, Telegram, USER};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub struct Home {
    pub dir: tempfile::TempDir,
    pub fake: Telegram,
}

/// How a run ended, and all that it said.
pub struct Said {
    pub code: Option<i32>,
    pub words: String,
}

impl Home {
    pub fn new() -> Self {
        let (dir, fake) = (tempfile::tempdir().unwrap(), Telegram::start());
        fake.customer_writes(4_711, "Is the lamp in stock?");
        let config = format!(
            "me = \"nina\"\nmirror = \"{}\"\n[desk.hold]\nseconds = 0\n[accounts.desk]\nprovider = \"telegram\"\nusername = \"{USER}\"\n\
             token = \"{TOKEN}\"\nbase_url = \"{}\"\nlong_poll_seconds = 1\n",
            dir.path().join("mirror").display(),
            fake.url
        );
        std::fs::write(dir.path().join("config.toml"), config).unwrap();
        let home = Self { dir, fake };
        assert_eq!(home.run(&["sync", "--once"]).code, Some(0));
        home
    }

    pub fn mirror(&self) -> PathBuf {
        self.dir.path().join("mirror")
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn variables(&self) -> Vec<(&'static str, PathBuf)> {
        let mut all = vec![("FRONTDESK_CONFIG", self.path().join("config.toml"))];
        for name in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"] {
            all.push((name, self.path().to_owned()));
        }
        all
    }

    fn finish(&self, program: &str, words: &[String]) -> Output {
        let mut command = Command::new(program);
        command
            .args(words)
            .stdin(Stdio::null())
            .envs(self.variables());
        command.output().unwrap()
    }

    pub fn run(&self, words: &[&str]) -> Said {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        said(&self.finish(env!("CARGO_BIN_EXE_frontdesk"), &words))
    }

    /// The same while every such call fails in this way from the so-manieth on.
    pub fn run_failing(&self, call: &str, error: &str, from: usize, words: &[&str]) -> Said {
        let inject = format!("inject={call}:error={error}:when={from}+");
        let mut all: Vec<String> = [
            "-f",
            "-q",
            "-o",
            "/dev/null",
            "-e",
            &format!("trace={call}"),
            "-e",
            &inject,
        ]
        .map(str::to_owned)
        .to_vec();
        all.push(env!("CARGO_BIN_EXE_frontdesk").to_owned());
        all.extend(words.iter().map(|word| (*word).to_owned()));
        said(&self.finish("strace", &all))
    }
}

fn said(output: &Output) -> Said {
    let words = [output.stdout.clone(), output.stderr.clone()].concat();
    Said {
        code: output.status.code(),
        words: String::from_utf8(words).unwrap(),
    }
}
