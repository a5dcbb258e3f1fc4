//! A whole conversation through the real program and a Bot API that others made: a customer writes, the desk answers by
//! one-line verbs, the engine is killed in between; nothing is lost and nothing comes twice.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};
use support::program::Program;
use support::serve::free_port;

const TOKEN: &str = "99:AAEtoken-of-the-suite";
const CUSTOMER: i64 = 4_711;

/// The server made by others.
struct Server {
    dir: PathBuf,
    port: u16,
}

impl Server {
    /// `None` where this run leaves it out, after one line that says so.
    fn start() -> Option<Self> {
        let wanted = std::env::var_os("FRONTDESK_SERVERS").is_some_and(|value| value != "0");
        if !wanted {
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
        let port = free_port();
        let server = Self {
            dir: base.join("telegram"),
            port,
        };
        let started = server.script(&["start", "", &port.to_string()]);
        assert!(
            started,
            "telegram.sh start: was tests/servers/install.sh run?"
        );
        Some(server)
    }

    fn script(&self, arguments: &[&str]) -> bool {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers/telegram.sh");
        let dir = self.dir.display().to_string();
        let arguments = arguments
            .iter()
            .map(|word| if word.is_empty() { dir.as_str() } else { *word });
        let done = Command::new(script)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status();
        done.unwrap().success()
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let body = body.to_string();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        let body = said.split_once("\r\n\r\n").unwrap().1;
        serde_json::from_str(body).unwrap_or_else(|_| panic!("{said}"))
    }

    fn customer_writes(&self, text: &str) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let ana = json!({ "id": CUSTOMER, "is_bot": false, "first_name": "Ana" });
        let mut chat = ana.clone();
        chat["type"] = "private".into();
        let message = json!({ "botToken": TOKEN, "from": ana, "chat": chat, "date": now.as_secs(), "text": text });
        self.post("/sendMessage", &message);
    }

    fn customer_presses(&self, data: &str) {
        let ana = json!({ "id": CUSTOMER, "is_bot": false, "first_name": "Ana" });
        let below =
            json!({ "message_id": 1, "date": 1, "chat": { "id": CUSTOMER, "type": "private" } });
        let press = json!({ "botToken": TOKEN, "from": ana, "message": below, "data": data });
        self.post("/sendCallback", &press);
    }

    /// What the customer has got since the last look.
    fn customer_reads(&self) -> Vec<String> {
        let asked = json!({ "token": TOKEN, "chatId": CUSTOMER });
        let answer = self.post("/getUpdates", &asked);
        let got = answer["result"].as_array().unwrap().iter();
        got.map(|one| one["message"]["text"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.script(&["stop", ""]);
    }
}

#[test]
fn a_whole_conversation_with_a_power_cut() {
    let Some(server) = Server::start() else {
        return;
    };
    let account = format!(
        "provider = \"telegram\"\nusername = \"TestNameBot\"\nbase_url = \"http://127.0.0.1:{}\"",
        server.port
    );
    let desk = Program::new(&account, TOKEN);
    let engine = desk.engine();
    server.customer_writes("Is the lamp in stock?");
    let (row, _) = desk.shows("Is the lamp in stock?");
    assert_eq!(row["contact_name"], "Ana");
    let id = row["id"].to_string();
    desk.run(&["reply", &id, "-m", "It **is**, since Monday.", "--wait"]);
    assert_eq!(server.customer_reads(), ["It is, since Monday."]);
    drop(engine);
    server.customer_writes("Then send me two, please");
    server.customer_presses("two");
    let engine = desk.engine();
    desk.shows("Then send me two, please");
    desk.shows("[pressed: two]");
    desk.run(&["reply", &id, "-m", "On their way.", "--wait"]);
    drop(engine);
    let _engine = desk.engine();
    server.customer_writes("Thanks!");
    let (_, shown) = desk.shows("Thanks!");
    for text in [
        "Is the lamp in stock?",
        "since Monday",
        "Then send me two",
        "On their way.",
    ] {
        assert_eq!(shown.matches(text).count(), 1, "{text}: {shown}");
    }
    assert_eq!(server.customer_reads(), ["On their way."], "once");
    assert_eq!(desk.conversations().len(), 1);
}
