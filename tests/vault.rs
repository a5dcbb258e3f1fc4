//! The vault through the built binary: made and filled at a terminal, opened once per engine, locked by a verb.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "hostile/corpus.rs"]
#[allow(dead_code)]
mod corpus;
mod support;

use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use support::pty::{Launch, Pty};

const PHRASE: &str = "correct horse battery";
/// Cheap passphrases, and a mail account whose server is not there: reaching for it proves that the secret was had.
const CONFIG: &str = r#"
[vault]
work_factor = 2

[accounts.support]
provider = "email"
address = "support@desk.test"
[accounts.support.imap]
host = "127.0.0.1"
port = 1
password = { vault = "support" }
[[accounts.support.smtp]]
host = "127.0.0.1"
port = 1
"#;

struct Home(tempfile::TempDir);

impl Home {
    fn with(config: &str) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        let path = home.path().join(".config/frontdesk/config.toml");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, config).unwrap();
        home
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn vault(&self) -> PathBuf {
        self.path().join(".local/share/frontdesk/vault")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.path())
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("USER", "nina")
            .env("TZ", "UTC")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let mut with = arguments.to_vec();
        with.push("--json");
        let output = self.run(&with);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn pty(&self, arguments: &[&str]) -> Pty {
        Launch::new(arguments)
            .home(self.path())
            .size(120, 36)
            .start()
    }

    /// Answers the questions, and gives back the terminal when the program has ended.
    fn answered(&self, arguments: &[&str], answers: &[(&str, &str)], says: &str) {
        let mut pty = self.pty(arguments);
        for (question, answer) in answers {
            // The question is there a moment before the terminal stops showing what is typed.
            pty.wait_for(question).settle(Duration::from_millis(150));
            pty.send(format!("{answer}\r").as_bytes());
        }
        pty.wait_for(says);
        pty.wait_exit();
        let raw = String::from_utf8_lossy(&pty.raw()).into_owned();
        for (_, answer) in answers {
            assert!(
                answer.is_empty() || !raw.contains(answer),
                "typed secrets are not shown: {raw}"
            );
        }
    }

    fn made(&self) {
        self.answered(
            &["vault", "create"],
            &[("New passphrase", PHRASE), ("The same again", PHRASE)],
            "the vault is in",
        );
    }
}

/// A running engine, and what it logs.
struct Engine {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Engine {
    fn start(home: &Home) -> Self {
        let mut command = home.command(&["sync"]);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let (send, lines) = mpsc::channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        Self { child, lines }
    }

    fn wait_for(&self, words: &str) {
        let mut all = Vec::new();
        loop {
            let line = self.lines.recv_timeout(Duration::from_mins(1));
            let Ok(line) = line else {
                panic!("the engine never said `{words}`: {all:#?}");
            };
            assert!(!line.contains("hunter2") && !line.contains("AGE-SECRET"));
            if line.contains(words) {
                return;
            }
            all.push(line);
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_engine_waits_for_the_passphrase_and_forgets_it_when_told() {
    let home = Home::with(CONFIG);
    home.made();
    home.answered(
        &["vault", "add", "support"],
        &[
            ("Passphrase of the vault", PHRASE),
            ("Secret for `support`", "hunter2"),
        ],
        "is in the vault",
    );
    let before = home.json(&["vault", "status"]);
    assert_eq!(
        (&before["exists"], &before["kept"]),
        (&true.into(), &false.into())
    );

    // A vault that is locked while nothing runs is as it should be.
    let doctor = home.run(&["doctor", "--json"]);
    let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
    let secrets = said
        .lines()
        .find(|line| line.contains("\"what\":\"secrets\""))
        .unwrap();
    assert!(
        secrets.contains("which is locked") && secrets.contains("\"note\""),
        "{secrets}"
    );

    let engine = Engine::start(&home);
    engine.wait_for("the vault is locked; run `frontdesk vault unlock`");
    // Nobody can be asked here: it is said what to do, and nothing hangs.
    let unlock = home.run(&["vault", "unlock"]);
    assert_eq!(unlock.status.code(), Some(2), "{unlock:?}");
    home.answered(
        &["vault", "unlock"],
        &[
            ("Passphrase of the vault", "not this one"),
            ("that is not the vault's passphrase", ""),
        ],
        "it stays locked",
    );
    home.answered(
        &["vault", "unlock"],
        &[("Passphrase of the vault", PHRASE)],
        "the vault is open",
    );
    // The account tries again by itself, and gets past the vault.
    engine.wait_for("refused");
    assert_eq!(home.json(&["vault", "status"])["open"], true);

    // Other processes of the same user need no passphrase now.
    let mut add = home.command(&["vault", "add", "shop-token"]);
    let mut add = add.stdin(Stdio::piped()).spawn().unwrap();
    add.stdin
        .take()
        .unwrap()
        .write_all(b"hunter2-of-the-shop\nnot this\n")
        .unwrap();
    assert!(add.wait().unwrap().success());
    let listed = home.run(&["vault", "list"]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert_eq!(
        listed.split_whitespace().collect::<Vec<_>>(),
        ["shop-token", "support"]
    );

    assert_eq!(home.json(&["vault", "lock"])["locked"], true);
    assert_eq!(home.json(&["vault", "status"])["open"], false);
    let listed = home.run(&["vault", "list"]);
    assert_eq!(listed.status.code(), Some(2), "{listed:?}");
}

#[test]
fn the_screen_asks_once_and_opens_without_it_too() {
    let home = Home::with(CONFIG);
    home.made();
    home.answered(
        &["vault", "add", "support"],
        &[
            ("Passphrase of the vault", PHRASE),
            ("Secret for `support`", "hunter2"),
        ],
        "is in the vault",
    );
    let mut screen = home.pty(&[]);
    screen
        .wait_for("Passphrase:")
        .settle(Duration::from_millis(150));
    screen.send(b"\x1b");
    screen.wait_for("the vault stays locked");
    // The screen keeps the vault for the commands beside it.
    home.answered(
        &["vault", "unlock"],
        &[("Passphrase of the vault", PHRASE)],
        "the vault is open",
    );
    screen.wait_for("support retrying");
    // A second screen asks nothing.
    let mut second = home.pty(&[]);
    second.wait_for("attached");
    assert!(!String::from_utf8_lossy(&second.raw()).contains("Passphrase"));
    second.kill();
    screen.kill();
    let mut alone = home.pty(&[]);
    alone
        .wait_for("Passphrase:")
        .settle(Duration::from_millis(150));
    alone.send(format!("{PHRASE}\r").as_bytes());
    alone.wait_for("support retrying");
    assert_eq!(home.json(&["vault", "status"])["open"], true);
    alone.kill();
}

#[test]
fn no_core_is_written() {
    let row = corpus::load("17_local")
        .into_iter()
        .find(|row| row.id == "sys-core-dump");
    assert_eq!(row.unwrap().checks, ["no_secret_leak"]);
    let home = Home::with(CONFIG);
    let engine = Engine::start(&home);
    engine.wait_for("there is no vault yet");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", engine.child.id())).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    let pid = rustix::process::Pid::from_child(&engine.child);
    rustix::process::kill_process(pid, rustix::process::Signal::ABORT).unwrap();
    let mut engine = engine;
    let ended = engine.child.wait().unwrap();
    assert!(!std::os::unix::process::ExitStatusExt::core_dumped(&ended));
}

#[test]
fn a_configured_passphrase_needs_nobody() {
    let config = CONFIG.replace(
        "work_factor = 2",
        "work_factor = 2\npassphrase = { credential = \"frontdesk-vault\" }",
    );
    let home = Home::with(&config);
    let credentials = tempfile::tempdir().unwrap();
    std::fs::write(credentials.path().join("frontdesk-vault"), PHRASE).unwrap();
    let with = |arguments: &[&str], input: &str| {
        let mut command = home.command(arguments);
        command.env("CREDENTIALS_DIRECTORY", credentials.path());
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap()
    };
    assert!(with(&["vault", "create"], "").status.success());
    assert!(
        with(&["vault", "add", "support"], "hunter2\n")
            .status
            .success()
    );
    let listed = with(&["vault", "list"], "");
    assert_eq!(String::from_utf8_lossy(&listed.stdout).trim(), "support");
    let once = with(&["sync", "--once"], "");
    let said = String::from_utf8_lossy(&once.stderr).into_owned();
    assert!(said.contains("refused"), "{said}");
    assert!(
        !said.contains("vault") && !said.contains("hunter2"),
        "{said}"
    );
    // Outside of the unit there is no credential; then it is as if none were named.
    let once = home.run(&["sync", "--once"]);
    let said = String::from_utf8_lossy(&once.stderr).into_owned();
    assert!(said.contains("the vault is locked"), "{said}");
}

#[test]
fn a_damaged_vault_stays_as_it_is() {
    let home = Home::with(CONFIG);
    home.made();
    let path = home.vault().join("secrets.age");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.truncate(bytes.len() - 3);
    std::fs::write(&path, &bytes).unwrap();
    home.answered(
        &["vault", "add", "support"],
        &[("Passphrase of the vault", PHRASE)],
        "is damaged",
    );
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[test]
fn typed_secrets_of_a_new_account_go_into_the_vault() {
    let home = Home::with("[vault]\nwork_factor = 2\n");
    home.answered(
        &[
            "account",
            "add",
            "support",
            "--address",
            "support@desk.test",
            "--imap",
            "127.0.0.1:1",
            "--smtp",
            "127.0.0.1:1",
            "--no-test",
        ],
        &[
            ("Password (not shown)", "hunter2"),
            ("New passphrase", PHRASE),
            ("The same again", PHRASE),
        ],
        "support is saved in",
    );
    let config =
        std::fs::read_to_string(home.path().join(".config/frontdesk/config.toml")).unwrap();
    assert!(
        config.contains("password = { vault = \"support\" }"),
        "{config}"
    );
    assert!(!config.contains("hunter2"));
    assert!(!home.path().join(".config/frontdesk/secrets").exists());
    // The terminal asks once, before the account is tried.
    home.answered(
        &["account", "test", "support"],
        &[("Passphrase of the vault", PHRASE)],
        "FAILED",
    );
}
