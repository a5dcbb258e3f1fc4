//! A desk with one WhatsApp number, and Meta's side of it.

use crate::wait::until;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const SECRET: &str = "frontdesk-test-secret";

pub struct Desk {
    dir: tempfile::TempDir,
    meta: MockServer,
    /// Where the listener is.
    pub port: u16,
}

/// The engine with its listener; killed when dropped.
pub struct Engine(Child);

impl Engine {
    /// As a power cut would.
    pub fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Now, as Meta writes it.
pub fn seconds() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    now.as_secs().to_string()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Desk {
    pub async fn new() -> Self {
        let (dir, meta) = (tempfile::tempdir().unwrap(), MockServer::start().await);
        let (port, status) = (free_port(), free_port());
        let config = format!(
            "me = \"nina\"\nmirror = \"{mirror}\"\n[desk.hold]\nseconds = 0\n\
             [listen]\naddress = \"127.0.0.1:{port}\"\nstatus = \"127.0.0.1:{status}\"\n\
             [accounts.wa]\nprovider = \"whatsapp\"\nphone_number_id = \"106\"\nbusiness_account_id = \"102\"\n\
             token = {{ env = \"WA_TOKEN\" }}\napp_secret = {{ env = \"WA_SECRET\" }}\n\
             verify_token = {{ env = \"WA_WORD\" }}\nbase_url = \"{meta}/v23.0\"\n",
            mirror = dir.path().join("mirror").display(),
            meta = meta.uri(),
        );
        let file = dir.path().join("config.toml");
        std::fs::write(&file, config).unwrap();
        let answers = [
            (
                "GET",
                "/v23.0/106",
                json!({"display_phone_number": "+1 555-000-1111", "verified_name": "Example Support",
                    "quality_rating": "GREEN", "messaging_limit_tier": "TIER_1K"}),
            ),
            (
                "GET",
                "/v23.0/102/subscribed_apps",
                json!({"data": [{"whatsapp_business_api_data": {"id": "1"}}]}),
            ),
            (
                "GET",
                "/v23.0/102/message_templates",
                json!({"data": [{"name": "hello", "language": "en_US", "status": "APPROVED", "category": "UTILITY",
                    "components": [{"type": "BODY", "text": "Hi {{1}}"}]}]}),
            ),
        ];
        for (verb, place, answer) in answers {
            Mock::given(method(verb))
                .and(path(place))
                .respond_with(ResponseTemplate::new(200).set_body_json(answer))
                .mount(&meta)
                .await;
        }
        Mock::given(method("POST"))
            .and(path("/v23.0/102/message_templates"))
            .respond_with(
                ResponseTemplate::new(200).set_body_json(
                    json!({"id": "594", "status": "PENDING", "category": "UTILITY"}),
                ),
            )
            .mount(&meta)
            .await;
        Mock::given(method("POST"))
            .and(path("/v23.0/106/messages"))
            .respond_with(ResponseTemplate::new(200).set_body_json(json!({
                "messaging_product": "whatsapp",
                "contacts": [{"input": "15551234567", "wa_id": "15551234567"}],
                "messages": [{"id": "wamid.OUT"}],
            })))
            .with_priority(5)
            .mount(&meta)
            .await;
        Self { dir, meta, port }
    }

    /// From now on Meta refuses messages.
    pub async fn refuse(&self, status: u16, code: u32, words: &str) {
        Mock::given(method("POST"))
            .and(path("/v23.0/106/messages"))
            .respond_with(
                ResponseTemplate::new(status)
                    .set_body_json(json!({"error": {"code": code, "message": words}})),
            )
            .with_priority(1)
            .mount(&self.meta)
            .await;
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_frontdesk"));
        command
            .args(arguments)
            .env("FRONTDESK_CONFIG", self.dir.path().join("config.toml"))
            .env("XDG_CONFIG_HOME", self.dir.path())
            .env("XDG_DATA_HOME", self.dir.path())
            .env("XDG_STATE_HOME", self.dir.path())
            .env("WA_TOKEN", "EAAtoken")
            .env("WA_SECRET", SECRET)
            .env("WA_WORD", "our-word")
            .stdin(Stdio::null());
        command
    }

    /// Whether it went well, and all that it said.
    pub fn run(&self, arguments: &[&str]) -> (bool, String) {
        let output = self.command(arguments).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert!(
            !said.contains("EAAtoken") && !said.contains(SECRET),
            "{said}"
        );
        (output.status.success(), said)
    }

    /// The engine with its listener, once it answers.
    pub fn engine(&self) -> Engine {
        let mut command = self.command(&["sync", "--listen"]);
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let engine = Engine(child);
        until("the listener", super::LONG, || {
            TcpStream::connect(("127.0.0.1", self.port)).ok()
        });
        engine
    }

    pub fn conversations(&self) -> Vec<Value> {
        let (fine, said) = self.run(&["list", "--json"]);
        assert!(fine, "{said}");
        said.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// The messages that Meta was asked to send.
    pub async fn sends(&self) -> Vec<Value> {
        let requests = self.meta.received_requests().await.unwrap();
        requests
            .iter()
            .filter(|request| request.url.path().ends_with("/messages"))
            .map(|request| {
                let token = request.headers["authorization"].to_str().unwrap();
                assert_eq!(token, "Bearer EAAtoken");
                serde_json::from_slice::<Value>(&request.body).unwrap()
            })
            .filter(|body| body["status"].is_null())
            .collect()
    }

    /// Posts as Meta does.
    pub fn signed(&self, body: &Value) -> (u16, String) {
        let body = body.to_string();
        post(self.port, &body, Some(&signature(&body)))
    }

    /// Posts as Meta does to whoever may be gone: true with a 200.
    pub fn is_taken(&self, body: &Value) -> bool {
        let body = body.to_string();
        let answer = asked(self.port, &posting(&body, Some(&signature(&body))));
        answer.is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 "))
    }

    /// What customers wrote, as the mirror has it now.
    pub fn written(&self) -> Vec<String> {
        let file = self.dir.path().join("mirror/mirror.db");
        let mirror = rusqlite::Connection::open(file).unwrap();
        let mut all = mirror
            .prepare("SELECT body FROM message WHERE direction = 'inbound'")
            .unwrap();
        let rows = all.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// Asks as Meta does in its handshake.
    pub fn get(&self, query: &str) -> (u16, String) {
        exchange(
            self.port,
            &format!(
                "GET /hook/wa?{query} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
            ),
        )
    }
}

/// Posts a body, signed or not.
pub fn post(port: u16, body: &str, signature: Option<&str>) -> (u16, String) {
    exchange(port, &posting(body, signature))
}

fn posting(body: &str, signature: Option<&str>) -> String {
    let signature = signature.map_or_else(String::new, |s| format!("x-hub-signature-256: {s}\r\n"));
    format!(
        "POST /hook/wa HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n{signature}\r\n{body}",
        body.len()
    )
}

fn exchange(port: u16, request: &str) -> (u16, String) {
    let answer = asked(port, request).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

fn asked(port: u16, request: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// As Meta signs a body.
pub fn signature(body: &str) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let bytes = mac.finalize().into_bytes();
    format!("sha256={}", frontdesk::model::outgoing::hex(&bytes))
}
