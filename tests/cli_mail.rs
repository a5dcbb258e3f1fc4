//! The command line on real mail: set up, read, answer, verify, against Dovecot and Postfix.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use support::imap_client::ImapClient;
use support::mail::Mail;
use support::pty::Launch;
use support::servers::{Imap, Servers, User, required};
use support::smtp_client::{ask, deliver};

/// A home of its own; what it needs of the environment and no more.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.path())
            .env("USER", "nina")
            .env("TZ", "UTC")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Must succeed; gives the lines of JSON.
    fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let mut with = arguments.to_vec();
        with.push("--json");
        let output = self.run(&with);
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        let out = String::from_utf8(output.stdout).unwrap();
        out.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The account, added and tested by the command itself.
    fn with_account(servers: &Servers, user: &User) -> Self {
        let home = Self::new();
        let secret = home.path().join("secret");
        std::fs::write(&secret, &user.password).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&secret, mode).unwrap();
        let imap = format!("localhost:{}", servers.imaps(Imap::Full));
        let smtp = format!("localhost:{}", servers.smtps());
        let added = home.json(&[
            "account",
            "add",
            "care",
            "--address",
            &user.address,
            "--imap",
            &imap,
            "--smtp",
            &smtp,
            "--ca-file",
            servers.ca().to_str().unwrap(),
            "--password-file",
            secret.to_str().unwrap(),
        ]);
        assert_eq!(added[0]["ok"], true, "{added:?}");
        let file = home.path().join(".config/frontdesk/config.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{text}\n[desk.hold]\nseconds = 0\n")).unwrap();
        home
    }

    fn sync(&self) {
        let output = self.run(&["sync", "--once"]);
        assert!(output.status.success(), "{}", said(&output));
    }
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn a_question_is_read_answered_once_and_all_of_it_proven() {
    let Some(servers) = required() else {
        return;
    };
    let (desk, ann) = (User::fresh_at_desk(), User::fresh_customer());
    let home = Home::with_account(servers, &desk);
    let words = ("Invoice 4410", "Charged twice?");
    let question = ask(servers.mx(), &ann.address, &desk.address, words);
    ImapClient::inbox(servers, &desk).wait_for("ALL");
    home.sync();
    let listed = home.json(&["list"]);
    assert_eq!(listed.len(), 1, "{listed:?}");
    let number = listed[0]["id"].to_string();

    let answer = home.json(&["reply", &number, "-m", "Once only, *sorry*.", "--wait"]);
    assert_eq!(answer.last().unwrap()["state"], "sent", "{answer:?}");
    let mut inbox = ImapClient::inbox(servers, &ann);
    let uid = inbox.wait_for("ALL")[0];
    let arrived = inbox.fetch(uid);
    assert!(
        arrived.contains(&format!("In-Reply-To: <{}>", question.id)),
        "{arrived}"
    );
    assert!(arrived.contains("Subject: Re: Invoice 4410"), "{arrived}");

    // The copy in Sent is the same message; the customer's next one joins the same conversation.
    let reference = answer.last().unwrap()["out"]["reference"]
        .as_str()
        .unwrap()
        .to_owned();
    let more =
        Mail::new(&ann.address, &desk.address, "Re: Invoice 4410", "Thanks").answering(&reference);
    deliver(servers.mx(), &ann.address, &desk.address, &more.to_string());
    ImapClient::inbox(servers, &desk).wait_for("HEADER Subject Re");
    home.sync();
    let shown = home.json(&["show", &number]);
    let messages = shown[0]["messages"]["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 3, "{messages:?}");
    assert_eq!(home.json(&["list", "all"]).len(), 1);
    home.sync();
    assert_eq!(inbox.wait_for("ALL").len(), 1, "the answer left once");

    let proof = home.json(&["verify"]);
    assert!(
        proof
            .iter()
            .filter(|line| line.get("feed").is_some())
            .all(|line| line["complete"] == true),
        "{proof:?}"
    );
    assert!(proof.iter().any(|line| line["at_server"] == 2), "{proof:?}");
}

#[test]
fn what_the_mirror_does_not_have_is_a_gap() {
    let Some(servers) = required() else {
        return;
    };
    let (desk, ann) = (User::fresh_at_desk(), User::fresh_customer());
    let home = Home::with_account(servers, &desk);
    home.sync();
    let late = Mail::new(&ann.address, &desk.address, "Late", "x");
    deliver(servers.mx(), &ann.address, &desk.address, &late.to_string());
    ImapClient::inbox(servers, &desk).wait_for("ALL");
    let output = home.run(&["verify", "--json"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(
        said(&output).contains("\"missing_count\":1"),
        "{}",
        said(&output)
    );
    home.sync();
    assert!(home.run(&["verify"]).status.success());
}

#[test]
fn backfill_reads_what_the_first_read_left_out() {
    let Some(servers) = required() else {
        return;
    };
    let (desk, ann) = (User::fresh_at_desk(), User::fresh_customer());
    let home = Home::with_account(servers, &desk);
    for number in 0..5 {
        let mail = Mail::new(&ann.address, &desk.address, &format!("Case {number}"), "x");
        deliver(servers.mx(), &ann.address, &desk.address, &mail.to_string());
    }
    let mut inbox = ImapClient::inbox(servers, &desk);
    while inbox.wait_for("ALL").len() < 5 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let file = home.path().join(".config/frontdesk/config.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let limited = text.replace(
        "\nprovider = \"email\"",
        "\nprovider = \"email\"\nhistory_messages = 2",
    );
    std::fs::write(&file, limited).unwrap();
    home.sync();
    assert_eq!(home.json(&["list"]).len(), 2);
    let read = home.json(&["backfill", "--since", "30d"]);
    assert_eq!(read[0]["new"], 3, "{read:?}");
    assert_eq!(home.json(&["list"]).len(), 5);
}

#[test]
fn a_wrong_password_is_told_in_words_and_nothing_is_saved() {
    let Some(servers) = required() else {
        return;
    };
    let user = User::fresh_at_desk();
    let home = Home::new();
    let imap = format!("localhost:{}", servers.imaps(Imap::Full));
    let mut command = home.command(&[
        "account",
        "add",
        "care",
        "--address",
        &user.address,
        "--imap",
        &imap,
        "--ca-file",
        servers.ca().to_str().unwrap(),
        "--password-env",
        "WRONG",
    ]);
    let output = command.env("WRONG", "not-the-password").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(!said(&output).contains("not-the-password"));
    assert!(!home.path().join(".config/frontdesk/config.toml").exists());
}

#[test]
fn init_asks_tests_and_saves() {
    let Some(servers) = required() else {
        return;
    };
    let user = User::fresh_at_desk();
    let home = Home::new();
    let ca = servers.ca().to_str().unwrap();
    let mut pty = Launch::new(&["init", "--ca-file", ca])
        .home(home.path())
        .size(120, 36)
        .start();
    let imap = format!("localhost:{}", servers.imaps(Imap::Full));
    let smtp = format!("localhost:{}", servers.smtps());
    for (question, answer) in [
        ("Your name among the agents", "nina"),
        ("Mail address", user.address.as_str()),
        ("A short name for this account", "care"),
        ("display name", ""),
        ("IMAP server", &imap),
        ("SMTP server", &smtp),
        ("Login name", ""),
        ("Password: type it", "f"),
        ("Password (not shown)", &user.password),
    ] {
        pty.wait_for(question);
        pty.send(format!("{answer}\r").as_bytes());
    }
    pty.wait_for("care is saved in");
    assert_eq!(pty.wait_exit().exit_code(), 0, "{}", pty.screen());
    assert!(!String::from_utf8_lossy(&pty.raw()).contains(&user.password));
    let secret = home.path().join(".config/frontdesk/secrets/care");
    let mode = std::fs::metadata(&secret).unwrap().permissions();
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777,
        0o600
    );
    let tested = home.json(&["account", "test", "care"]);
    assert_eq!(tested[0]["ok"], true, "{tested:?}");
}

#[test]
fn an_account_that_is_wrong_is_not_saved_and_says_why() {
    let Some(servers) = required() else {
        return;
    };
    let user = User::fresh_at_desk();
    let home = Home::new();
    let (imap, smtp) = (
        format!("localhost:{}", servers.imaps(Imap::Full)),
        format!("localhost:{}", servers.smtps()),
    );
    let ca = servers.ca().to_str().unwrap();
    let right = user.password.as_str();
    let table = [
        ("password", imap.as_str(), "not-the-password", ca, "login"),
        ("no authority", &imap, right, "", "certificate"),
        ("nobody there", "localhost:1", right, ca, "refused"),
        (
            "no host",
            "imap.nowhere.invalid",
            right,
            ca,
            "imap.nowhere.invalid",
        ),
        ("all right", &imap, right, ca, "is saved"),
    ];
    for (what, imap, password, ca, says) in table {
        let mut words = vec![
            "account",
            "add",
            "care",
            "--address",
            &user.address,
            "--imap",
            imap,
            "--smtp",
            &smtp,
            "--password-env",
            "MAIL_PASSWORD",
        ];
        if !ca.is_empty() {
            words.extend(["--ca-file", ca]);
        }
        let mut command = home.command(&words);
        let output = command.env("MAIL_PASSWORD", password).output().unwrap();
        let said = said(&output);
        assert!(said.contains(says), "{what}: {said}");
        assert!(!said.contains(password), "{what}: {said}");
        let right = what == "all right";
        assert_eq!(
            output.status.code(),
            Some(i32::from(!right)),
            "{what}: {said}"
        );
        let file = home.path().join(".config/frontdesk/config.toml");
        let saved = std::fs::read_to_string(file).unwrap_or_default();
        assert_eq!(saved.contains("[accounts.care]"), right, "{what}: {saved}");
    }
}
