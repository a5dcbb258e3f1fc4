//! Where words from outside end that are no screen: logs, crash files, editor files, the listener's paths, errors that
//! repeat what a server said.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "hostile/corpus.rs"]
#[allow(dead_code)]
mod corpus;
#[path = "support/deeds.rs"]
#[allow(dead_code)]
mod deeds;
#[path = "hostile/fake.rs"]
#[allow(dead_code)]
mod fake;
#[path = "hostile/ledger.rs"]
#[allow(dead_code)]
mod ledger;
mod support;
#[path = "hostile_screens/watch.rs"]
#[allow(dead_code)]
mod watch;

use corpus::load;
use fake::{Act, Fake, Tls, say};
use frontdesk::model::SystemClock;
use frontdesk::providers::Provider;
use frontdesk::providers::email::EmailProvider;
use ledger::prove;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use watch::harmless;

/// What every row of a sink says.
fn payload() -> String {
    let rows = load("01_terminal");
    rows.iter()
        .find(|row| row.id == "term-sink-imap-alert")
        .unwrap()
        .text()
}

/// A server that greets, and says the words in this place.
async fn server(place: &'static str) -> Fake {
    let words = payload();
    Fake::start(Tls::Good, "* OK hello\r\n", move || {
        let words = words.clone();
        move |line: &str| {
            let (tag, rest) = line.split_once(' ').unwrap_or((line, ""));
            let verb = rest.split(' ').next().unwrap_or_default().to_uppercase();
            let alert = format!("* OK [ALERT] {words}\r\n");
            match verb.as_str() {
                "CAPABILITY" => say(format!("* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n")),
                "LOGIN" | "AUTHENTICATE" if place == "login" => {
                    say(format!("{alert}{tag} NO [AUTHENTICATIONFAILED] {words}\r\n"))
                }
                "LIST" | "XLIST" => say(format!(
                    "* LIST () \"/\" \"INBOX\"\r\n* LIST (\\Sent) \"/\" {{{}}}\r\n{words}\r\n{tag} OK done\r\n",
                    words.len()
                )),
                "SELECT" | "EXAMINE" if place == "select" => say(format!("{alert}{tag} NO {words}\r\n")),
                _ if place == "cut" => Act::SayAndCut(format!("* BYE {words}\r\n").into_bytes()),
                _ => say(format!("{tag} OK {words}\r\n")),
            }
        }
    })
    .await
}

fn settings(host: &str, port: u16, ca: &Path) -> String {
    format!(
        "address = \"support@desk.test\"\n[imap]\nhost = \"{host}\"\nport = {port}\nca_file = \"{}\"\npassword = \"x\"\n",
        ca.display()
    )
}

#[test]
fn words_of_servers() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut errors = Vec::new();
    runtime.block_on(async {
        for place in ["login", "select", "cut", "folder"] {
            let fake = server(place).await;
            let text = settings("localhost", fake.port, &fake.ca);
            let mail = EmailProvider::new(toml::from_str(&text).unwrap(), Arc::new(SystemClock));
            match mail.pull(None).await {
                Err(error) => errors.push((place, error.to_string())),
                Ok(batch) => assert_eq!(batch.events.len(), 0, "{place}"),
            }
            match mail.probe().await {
                Err(error) => errors.push((place, error.to_string())),
                Ok(report) => errors.push((place, format!("{report:?}"))),
            }
        }
        // A host's name that is told in an error.
        let ca = tempfile::NamedTempFile::new().unwrap();
        let mut table: toml::Table = toml::from_str(&settings("x", 9, ca.path())).unwrap();
        table["imap"]["host"] = payload().into();
        match table.try_into() {
            Ok(told) => {
                let mail = EmailProvider::new(told, Arc::new(SystemClock));
                errors.push(("dns", mail.pull(None).await.unwrap_err().to_string()));
            }
            Err(error) => errors.push((
                "dns",
                frontdesk::text::sanitize_line(&error.to_string()).text,
            )),
        }
    });
    assert!(errors.len() >= 6, "{errors:?}");
    prove("hostile_sinks::words_of_servers", "01_terminal", |_, _| {
        for (place, said) in &errors {
            harmless(place, said, false);
        }
        true
    });
}

/// The program in a home of its own, until it ends or has said something for a while; what it said.
fn program(dir: &Path, config: &str, arguments: &[&str], meanwhile: impl FnOnce()) -> String {
    let file = dir.join("config.toml");
    std::fs::write(&file, config).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_frontdesk"))
        .args(arguments)
        .env_clear()
        .env("HOME", dir)
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("FRONTDESK_CONFIG", &file)
        .env("FRONTDESK_LOG", "trace")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stderr.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut said = Vec::new();
        pipe.read_to_end(&mut said).unwrap();
        said
    });
    meanwhile();
    let _ = child.kill();
    let _ = child.wait();
    String::from_utf8(reader.join().unwrap()).unwrap()
}

#[test]
fn log_lines() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut logs = Vec::new();
    for place in ["login", "select", "cut"] {
        let fake = runtime.block_on(server(place));
        let dir = tempfile::tempdir().unwrap();
        let config = format!(
            "me = \"nina\"\nmirror = \"{}\"\n[accounts.a]\nprovider = \"email\"\n{}",
            dir.path().join("mirror").display(),
            settings("localhost", fake.port, &fake.ca).replace("[imap]", "[accounts.a.imap]")
        );
        logs.push(program(dir.path(), &config, &["sync"], || {
            std::thread::sleep(Duration::from_secs(3));
        }));
    }
    let said: usize = logs.iter().map(|log| log.lines().count()).sum();
    assert!(said > 3, "{logs:?}");
    prove("hostile_sinks::log_lines", "01_terminal", |row, _| {
        for log in &logs {
            harmless(&row.id, log, true);
            for line in log.lines() {
                let event: serde_json::Value = serde_json::from_str(line).unwrap();
                assert!(
                    event.is_object(),
                    "{}: one event is one line: {line}",
                    row.id
                );
            }
        }
        true
    });
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

#[test]
fn posted_paths() {
    let (dir, port, status) = (tempfile::tempdir().unwrap(), free_port(), free_port());
    let fake = support::fakes::meta_whatsapp::MetaWhatsapp::start();
    let config = format!(
        "me = \"nina\"\nmirror = \"{}\"\n[listen]\naddress = \"127.0.0.1:{port}\"\nstatus = \"127.0.0.1:{status}\"\n\
         [accounts.wa]\nprovider = \"whatsapp\"\n{}",
        dir.path().join("mirror").display(),
        fake.settings()
    );
    let words = payload();
    let coded: String = words
        .bytes()
        .fold(String::new(), |all, byte| format!("{all}%{byte:02x}"));
    let mut answers = Vec::new();
    let log = program(dir.path(), &config, &["listen"], || {
        let up = || TcpStream::connect(("127.0.0.1", port)).ok();
        support::wait::until("the listener", support::wait::PATIENCE, || up().map(drop));
        for request in [
            format!(
                "POST /hooks/{coded} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: x\r\nContent-Length: 0\r\n\r\n"
            ),
            format!("GET /{words} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"),
            format!(
                "POST /hooks/wa HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: {words}\r\nX-Hub-Signature-256: {words}\r\nContent-Length: 0\r\n\r\n"
            ),
            format!(
                "GET /hooks/wa?hub.mode=subscribe&hub.challenge={coded}&hub.verify_token={coded} HTTP/1.1\r\nHost: {words}\r\n\r\n"
            ),
        ] {
            let mut line = up().unwrap();
            line.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
            line.write_all(request.as_bytes()).unwrap();
            let mut answer = vec![0; 4096];
            let read = line.read(&mut answer).unwrap_or(0);
            answers.push(String::from_utf8_lossy(&answer[..read]).replace("\r\n", "\n"));
        }
    });
    assert!(log.contains("listens"), "{log}");
    assert!(
        answers.iter().all(|answer| !answer.contains(" 200 ")),
        "{answers:?}"
    );
    prove("hostile_sinks::posted_paths", "01_terminal", |row, _| {
        harmless(&row.id, &log, true);
        for answer in &answers {
            harmless(&row.id, answer, true);
        }
        true
    });
}

#[test]
fn panics() {
    const PLACE: &str = "HOSTILE_SINKS_CRASHES";
    if let Some(dir) = std::env::var_os(PLACE) {
        frontdesk::term::install_crash_hook(dir.into());
        panic!("{}", payload());
    }
    let dir = tempfile::tempdir().unwrap();
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "panics", "--nocapture"])
        .env(PLACE, dir.path())
        .output()
        .unwrap();
    assert!(!run.status.success());
    let said = String::from_utf8([run.stdout, run.stderr].concat()).unwrap();
    let files: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(files.len(), 1, "{said}");
    let report = std::fs::read_to_string(files[0].path()).unwrap();
    assert!(report.contains("message: X"), "{report}");
    prove("hostile_sinks::panics", "01_terminal", |row, _| {
        harmless(&row.id, &said, true);
        harmless(&row.id, &report, true);
        true
    });
}

#[test]
fn memory() {
    prove("hostile_sinks::memory", "02_unicode", |row, check| {
        assert_eq!(check, "mem_64mb");
        let text = row.text();
        let before = resident();
        let clean = frontdesk::text::sanitize_block(&text).text;
        let index = frontdesk::text::WrapIndex::new(clean.as_str(), 80);
        assert!(index.lines() > 1_000, "{}", row.id);
        let taken = resident().saturating_sub(before);
        assert!(taken < 64 << 20, "{} takes {taken} bytes", row.id);
        true
    });
}

/// Bytes of memory that are this process's now.
fn resident() -> usize {
    let told = std::fs::read_to_string("/proc/self/statm").unwrap();
    told.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}
