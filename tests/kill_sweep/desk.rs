//! A desk with one customer at a provider of one class; the program is run, traced and killed.

use crate::keyed::{self, Vendor};
use crate::support::fakes::telegram::{TOKEN, Telegram, USER};
use crate::support::fakes::twilio::Twilio;
use frontdesk::model::event::{Batch, Event, NewMessage, RemoteId};
use frontdesk::model::{AccountId, Channel, Clock, Party, SystemClock};
use frontdesk::store::{AccountInfo, Options, Store};
use serde_json::Value;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;

/// What a provider can do about a send of which nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Takes the same key twice for one.
    Key,
    /// Tells what was sent.
    LookUp,
    /// Neither.
    Neither,
}

enum Side {
    Keyed(Vendor),
    Twilio(Twilio),
    Telegram(Telegram),
}

pub struct Desk {
    pub class: Class,
    dir: tempfile::TempDir,
    side: Side,
    conversation: String,
    texts: usize,
}

/// Ended by the signal that strace gave it.
pub fn was_killed(status: ExitStatus) -> bool {
    // strace ends by the signal that ended what it traced.
    status.signal() == Some(9) || status.code() == Some(137)
}

impl Desk {
    pub fn open(class: Class) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (side, account) = match class {
            Class::Key => {
                let vendor = Vendor::default();
                std::fs::write(dir.path().join("port"), vendor.start().to_string()).unwrap();
                let unused = "provider = \"email\"\naddress = \"desk@desk.example\"\n[accounts.desk.imap]\nhost = \"127.0.0.1\"\n\
                    port = 1\npassword = \"x\"\n[[accounts.desk.smtp]]\nhost = \"127.0.0.1\"\nport = 1\npassword = \"x\"\n";
                (Side::Keyed(vendor), unused.to_owned())
            }
            Class::LookUp => {
                let fake = Twilio::start();
                fake.customer_writes("+12125550199", "Hello");
                let account = format!(
                    "provider = \"twilio\"\n{}\n",
                    fake.settings("poll_seconds = 60")
                );
                (Side::Twilio(fake), account)
            }
            Class::Neither => {
                let fake = Telegram::start();
                fake.customer_writes(4_711, "Hello");
                let account = format!(
                    "provider = \"telegram\"\nusername = \"{USER}\"\ntoken = \"{TOKEN}\"\nbase_url = \"{}\"\nlong_poll_seconds = 1\n",
                    fake.url
                );
                (Side::Telegram(fake), account)
            }
        };
        let config = format!(
            "me = \"nina\"\nmirror = \"{}\"\n[desk.hold]\nseconds = 0\n[accounts.desk]\n{account}",
            dir.path().join("mirror").display()
        );
        std::fs::write(dir.path().join("config.toml"), config).unwrap();
        let mut desk = Self {
            class,
            dir,
            side,
            conversation: String::new(),
            texts: 0,
        };
        if class == Class::Key {
            desk.write_in();
        } else {
            assert!(desk.engine(None).success());
        }
        desk.conversation = desk.json(&["list", "--json"])[0]["id"].to_string();
        desk
    }

    /// A customer's message, put in as the engine does.
    fn write_in(&self) {
        let store = Store::open(Options {
            dir: self.dir.path().join("mirror"),
            clock: Arc::new(SystemClock),
            read_only: false,
        })
        .unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let account = AccountId::new("desk");
            let info = AccountInfo {
                provider: "email".to_owned(),
                channels: vec![Channel::Email],
                own_addresses: vec![Party::new("desk@desk.example")],
                default_hold_ms: 0,
                reply_window_ms: None,
                sla_ms: None,
            };
            store.ensure_account(&account, info).await.unwrap();
            let remote = RemoteId {
                scope: "INBOX".to_owned(),
                key: "1:1".to_owned(),
            };
            let from = Party::new("ann@cust.example");
            let mut message = NewMessage::inbound(remote, Channel::Email, from, SystemClock.now());
            message.subject = "Hello".to_owned();
            message.text = "Hello".to_owned();
            let batch = Batch {
                events: vec![Event::Message(Box::new(message))],
                ..Batch::default()
            };
            store.ingest(&account, batch).await.unwrap();
        });
    }

    /// A text of its own.
    pub fn text(&mut self, about: &str) -> String {
        self.texts += 1;
        format!("{about}.{}.", self.texts)
    }

    fn environment(&self, command: &mut Command) {
        command
            .env("FRONTDESK_CONFIG", self.dir.path().join("config.toml"))
            .env("XDG_CONFIG_HOME", self.dir.path())
            .env("XDG_DATA_HOME", self.dir.path())
            .env("XDG_STATE_HOME", self.dir.path())
            .env(keyed::PLACE, self.dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
    }

    /// These words, under strace where it should die or be counted.
    fn run(&self, words: &[String], trace: &[String]) -> std::process::Output {
        let mut all: Vec<String> = Vec::new();
        if !trace.is_empty() {
            all.extend(["strace", "-f", "-q", "-o"].map(str::to_owned));
            all.push(self.trace().display().to_string());
            all.extend_from_slice(trace);
        }
        all.extend_from_slice(words);
        let mut command = Command::new(&all[0]);
        command.args(&all[1..]);
        self.environment(&mut command);
        command.output().unwrap()
    }

    fn trace(&self) -> PathBuf {
        self.dir.path().join("trace")
    }

    fn engine_words(&self) -> Vec<String> {
        if self.class == Class::Key {
            let own = std::env::current_exe().unwrap().display().to_string();
            return [&own, "--exact", "engine_of_the_keyed_class"]
                .map(str::to_owned)
                .to_vec();
        }
        [env!("CARGO_BIN_EXE_frontdesk"), "sync", "--once"]
            .map(str::to_owned)
            .to_vec()
    }

    fn reply_words(&self, text: &str) -> Vec<String> {
        [
            env!("CARGO_BIN_EXE_frontdesk"),
            "reply",
            &self.conversation,
            "-m",
            text,
            "--json",
        ]
        .map(str::to_owned)
        .to_vec()
    }

    /// One round of the engine, killed at the so-manieth of a call.
    pub fn engine(&self, killed: Option<(&str, usize)>) -> ExitStatus {
        let trace = killed.map_or_else(Vec::new, |(call, at)| inject(call, at));
        self.run(&self.engine_words(), &trace).status
    }

    /// How often the busiest thread of a send does this call.
    pub fn count_engine(&mut self, call: &str) -> usize {
        let text = self.text("count");
        self.reply(&text);
        self.run(&self.engine_words(), &count(call));
        self.counted()
    }

    pub fn count_reply(&mut self, call: &str) -> usize {
        let text = self.text("count");
        self.run(&self.reply_words(&text), &count(call));
        let counted = self.counted();
        self.engine(None);
        counted
    }

    /// Calls are counted for each thread by itself.
    fn counted(&self) -> usize {
        let text = std::fs::read_to_string(self.trace()).unwrap();
        let mut threads = std::collections::BTreeMap::<&str, usize>::new();
        for line in text.lines().filter(|line| !line.contains("resumed>")) {
            let (thread, rest) = line.split_once(' ').unwrap_or((line, ""));
            if rest.contains('(') {
                *threads.entry(thread).or_default() += 1;
            }
        }
        threads.into_values().max().unwrap_or(0)
    }

    fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let mut words = vec![env!("CARGO_BIN_EXE_frontdesk").to_owned()];
        words.extend(arguments.iter().map(|word| (*word).to_owned()));
        let run = self.run(&words, &[]);
        let said = String::from_utf8(run.stdout).unwrap();
        assert!(
            run.status.success(),
            "{arguments:?}: {said}{}",
            String::from_utf8_lossy(&run.stderr)
        );
        said.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Queues an answer; gives its row.
    pub fn reply(&self, text: &str) -> i64 {
        let run = self.run(&self.reply_words(text), &[]);
        let said = String::from_utf8_lossy(&run.stdout).into_owned();
        assert!(
            run.status.success(),
            "{said}{}",
            String::from_utf8_lossy(&run.stderr)
        );
        let outcome: Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
        outcome["outbox"]
            .as_i64()
            .unwrap_or_else(|| panic!("{said}"))
    }

    /// The same, killed; gives the row if one was told.
    pub fn reply_under(&self, text: &str, call: &str, at: usize) -> (Option<i64>, ExitStatus) {
        let run = self.run(&self.reply_words(text), &inject(call, at));
        let said = String::from_utf8_lossy(&run.stdout).into_owned();
        let outcome = said
            .lines()
            .next()
            .and_then(|line| serde_json::from_str::<Value>(line).ok());
        (
            outcome.and_then(|outcome| outcome["outbox"].as_i64()),
            run.status,
        )
    }

    /// The row of a text, if there is one.
    pub fn row_of(&self, text: &str) -> Option<i64> {
        let rows = self.json(&["outbox", "--json", "--limit", "500"]);
        let row = rows.iter().find(|row| row["out"]["body"] == text)?;
        row["out"]["id"].as_i64()
    }

    fn row(&self, id: i64) -> Value {
        let rows = self.json(&["outbox", "--json", "--limit", "500"]);
        let row = rows.into_iter().find(|row| row["out"]["id"] == id);
        row.unwrap_or_else(|| panic!("the row {id} is lost"))
    }

    pub fn state(&self, id: i64) -> String {
        self.row(id)["state"].as_str().unwrap().to_owned()
    }

    /// What is said of a row.
    pub fn said(&self, id: i64) -> String {
        self.row(id)["reason"].as_str().unwrap_or("").to_owned()
    }

    /// How often the customer got this text.
    pub fn got(&self, text: &str) -> usize {
        match &self.side {
            Side::Keyed(vendor) => vendor.got(text),
            Side::Twilio(fake) => fake.sent().iter().filter(|one| one["body"] == text).count(),
            Side::Telegram(fake) => fake.sent().iter().filter(|one| one["text"] == text).count(),
        }
    }
}

fn inject(call: &str, at: usize) -> Vec<String> {
    [
        "-e".to_owned(),
        format!("trace={call}"),
        "-e".to_owned(),
        format!("inject={call}:signal=KILL:when={at}"),
    ]
    .to_vec()
}

fn count(call: &str) -> Vec<String> {
    ["-e".to_owned(), format!("trace={call}")].to_vec()
}
