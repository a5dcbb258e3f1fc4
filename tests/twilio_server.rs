//! A whole conversation through the real program and a Twilio that others made: what it posts it signs itself, the same
//! message is listed and posted, the network's word on an answer comes back, and the engine is killed in between. Nothing
//! is lost and nothing comes twice.
//!
//! That server has no files, no WhatsApp, no recordings and always answers: these parts, and a kill between a send and its
//! answer, are tried in `twilio`, `twilio_program` and `all_channels`.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use base64::Engine as _;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use support::program::{self, Engine};
use support::serve::free_port;
use support::wait::{PATIENCE, until};

const ACCOUNT: &str = "AC00000000000000000000000000000000";
const TOKEN: &str = "token-of-the-suite";
const NUMBER: &str = "+15551234567";
const CUSTOMER: &str = "+15557654321";

/// The server made by others.
struct Server {
    dir: PathBuf,
    port: u16,
}

impl Server {
    /// `None` where this run leaves it out, after one line that says so. Posts to `hook`.
    fn start(hook: &str) -> Option<Self> {
        if std::env::var_os("FRONTDESK_SERVERS").is_none_or(|value| value == "0") {
            support::left_out(
                env!("CARGO_CRATE_NAME"),
                "needs npm; run .ci/run or FRONTDESK_SERVERS=1 cargo test",
            );
            return None;
        }
        let base = std::env::var_os("FRONTDESK_SERVERS_DIR").map_or_else(
            || PathBuf::from("/var/cache/frontdesk-servers"),
            PathBuf::from,
        );
        let server = Self {
            dir: base.join("emulate"),
            port: free_port(),
        };
        let started = server.script("start", &[&server.port.to_string(), hook]);
        assert!(
            started,
            "emulate.sh start: was tests/servers/install.sh run?"
        );
        Some(server)
    }

    fn script(&self, verb: &str, more: &[&str]) -> bool {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers/emulate.sh");
        let done = Command::new(script)
            .arg(verb)
            .arg(&self.dir)
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status();
        done.unwrap().success()
    }

    /// Asks, with a form if there is one.
    fn ask(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        let body = body.extend_pairs(form).finish();
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{ACCOUNT}:{TOKEN}"));
        let method = if form.is_empty() { "GET" } else { "POST" };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Basic {basic}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        let (head, body) = said.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 20"), "{said}");
        let from = body.find('{').unwrap();
        let to = body.rfind('}').unwrap();
        serde_json::from_str(&body[from..=to]).unwrap()
    }

    /// A customer writes: it is listed, and posted to whoever listens.
    fn customer_writes(&self, text: &str) {
        let form = [("To", NUMBER), ("From", CUSTOMER), ("Body", text)];
        self.ask("/_twilio/simulate/inbound-message", &form);
    }

    /// What the customer got, with its SID.
    fn customer_got(&self) -> Vec<(String, String)> {
        let list = self.ask(
            &format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json?PageSize=100"),
            &[],
        );
        let all = list["messages"].as_array().unwrap().iter().rev();
        all.filter(|one| one["direction"] == "outbound-api")
            .map(|one| {
                let word = |key: &str| one[key].as_str().unwrap().to_owned();
                (word("body"), word("sid"))
            })
            .collect()
    }

    fn network_says(&self, sid: &str, status: &str) {
        let form = [("MessageSid", sid), ("Status", status)];
        self.ask("/_twilio/simulate/message-status", &form);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.script("stop", &[]);
    }
}

struct Desk {
    dir: tempfile::TempDir,
    port: u16,
}

impl Desk {
    fn command(&self, arguments: &[&str]) -> Command {
        program::command(self.dir.path(), arguments)
    }

    fn run(&self, arguments: &[&str]) -> String {
        let done = self.command(arguments).output().unwrap();
        let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
        assert!(done.status.success(), "{arguments:?}: {said}");
        assert!(!said.contains(TOKEN), "{said}");
        said
    }

    fn engine(&self) -> Engine {
        let engine = Engine::start(self.command(&["sync", "--listen"]));
        until("the listener", PATIENCE, || {
            TcpStream::connect(("127.0.0.1", self.port)).ok()
        });
        engine
    }

    /// Every message: direction, text, state.
    fn messages(&self) -> Vec<(String, String, Value)> {
        let lines = self.run(&["export"]);
        let lines = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        lines
            .map(|line: Value| {
                let word = |key: &str| line["message"][key].as_str().unwrap().to_owned();
                let state = line["message"]["delivery"]["state"].clone();
                (word("direction"), word("body"), state)
            })
            .collect()
    }

    fn shows(&self, text: &str, state: &str) {
        until(text, PATIENCE, || {
            let found = self.messages().into_iter().find(|one| one.1 == text)?;
            (state.is_empty() || found.2 == state).then_some(())
        });
    }
}

#[test]
fn a_whole_conversation_with_power_cuts() {
    let port = free_port();
    let Some(server) = Server::start(&format!("http://127.0.0.1:{port}/hook/text")) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let config = format!(
        "me = \"nina\"\nmirror = \"{}\"\n[desk.hold]\nseconds = 0\n[listen]\naddress = \"127.0.0.1:{port}\"\n\
         status = \"127.0.0.1:{}\"\n[accounts.text]\nprovider = \"twilio\"\naccount_sid = \"{ACCOUNT}\"\n\
         auth_token = \"{TOKEN}\"\nnumbers = [\"{NUMBER}\"]\ncalls = \"none\"\npoll_seconds = 1\nbase_url = \"http://127.0.0.1:{}\"\n",
        dir.path().join("mirror").display(),
        free_port(),
        server.port,
    );
    std::fs::write(dir.path().join("config.toml"), config).unwrap();
    let desk = Desk { dir, port };

    // Nobody listens yet: it is only listed.
    server.customer_writes("Is the lamp in stock?");
    let mut engine = desk.engine();
    desk.shows("Is the lamp in stock?", "");
    // Posted, signed by them, and listed.
    server.customer_writes("Às 10 h? ✅ & = +");
    desk.shows("Às 10 h? ✅ & = +", "");
    let metrics = desk.run(&["list", "--json"]);
    let row: Value = serde_json::from_str(metrics.lines().next().unwrap()).unwrap();
    let id = row["id"].to_string();
    desk.run(&["reply", &id, "-m", "It is, since Monday ✅", "--wait"]);
    let sid = server.customer_got()[0].1.clone();
    server.network_says(&sid, "delivered");
    desk.shows("It is, since Monday ✅", "delivered");

    drop(engine);
    server.customer_writes("Then send me two");
    engine = desk.engine();
    desk.shows("Then send me two", "");

    // Kills at several moments of a send.
    let mut answers = vec!["It is, since Monday ✅".to_owned()];
    for pause in [0_u64, 30, 80, 150, 300] {
        let text = format!("Answer after {pause}");
        desk.run(&["reply", &id, "-m", &text]);
        std::thread::sleep(std::time::Duration::from_millis(pause));
        drop(engine);
        engine = desk.engine();
        answers.push(text);
    }
    server.customer_writes("Thanks!");
    desk.shows("Thanks!", "");
    desk.run(&["reply", &id, "-m", "You are welcome", "--wait"]);
    answers.push("You are welcome".to_owned());
    for text in &answers {
        desk.shows(text, "");
    }
    let rows = until("the outbox to be done", PATIENCE, || {
        let rows = desk.run(&["outbox", "--limit", "100", "--json"]);
        let over = |line: &str| {
            let row: Value = serde_json::from_str(line).unwrap();
            matches!(row["state"].as_str().unwrap(), "sent" | "unknown")
        };
        rows.lines().all(over).then_some(rows)
    });
    let got = server.customer_got();
    let shown = desk.messages();
    let mut unsure = 0;
    for text in &answers {
        let copies = got.iter().filter(|(body, _)| body == text).count();
        let row = rows
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let row = row
            .into_iter()
            .find(|row| row["out"]["body"] == text.as_str())
            .unwrap();
        assert!(
            copies == 1 || (copies == 0 && row["state"] == "unknown"),
            "{text}: {copies}, {row}"
        );
        unsure += u32::from(row["state"] == "unknown");
        assert_eq!(
            shown.iter().filter(|one| one.1 == *text).count(),
            1,
            "{text}: {shown:?}"
        );
    }
    assert_eq!(shown.len(), answers.len() + 4, "{shown:?}");
    until("the ledger to be whole", PATIENCE, || {
        let done = desk.command(&["verify"]).output().unwrap();
        done.status.success().then_some(())
    });
    drop(engine);
    eprintln!(
        "measured: 4 messages, {} answers, 6 kills, {unsure} for a person",
        answers.len()
    );
}
