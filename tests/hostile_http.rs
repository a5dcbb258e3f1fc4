//! The corpus's requests that are odd as HTTP, each sent as bytes to a listener with accounts behind it: an odd header is
//! refused or ignored, never obeyed, whether the post is signed or not.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "hostile/corpus.rs"]
#[allow(dead_code)]
mod corpus;

use base64::Engine as _;
use corpus::{Row, claim, load};
use frontdesk::listen::{ListenSettings, Listener, Plan};
use frontdesk::model::{AccountId, Channel, Clock, SystemClock};
use frontdesk::providers::http::BaseUrl;
use frontdesk::providers::meta::whatsapp::WhatsappProvider;
use frontdesk::providers::twilio::TwilioProvider;
use frontdesk::store::{AccountInfo, HeardRequest, Options, Store};
use hmac::{Hmac, Mac};
use serde_json::json;
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

const SECRET: &str = "test_secret_do_not_use";
const PUBLIC: &str = "https://hooks.desk.test";
const TWILIO: &str = "ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

/// A listener with a WhatsApp number and a Twilio number.
struct Desk {
    store: Store,
    address: SocketAddr,
    end: oneshot::Sender<()>,
    served: tokio::task::JoinHandle<()>,
    _dir: tempfile::TempDir,
}

impl Desk {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = Store::open(Options {
            dir: dir.path().join("mirror"),
            clock: clock.clone(),
            read_only: false,
        })
        .unwrap();
        for (name, channel) in [("wa", Channel::Whatsapp), ("tw", Channel::Sms)] {
            let info = AccountInfo {
                provider: name.to_owned(),
                channels: vec![channel],
                own_addresses: Vec::new(),
                default_hold_ms: 0,
                reply_window_ms: None,
                sla_ms: None,
            };
            let account = AccountId::new(name);
            store.ensure_account(&account, info).await.unwrap();
        }
        let number = format!(
            "phone_number_id = \"106\"\ntoken = \"t\"\napp_secret = \"{SECRET}\"\nverify_token = \"{SECRET}\"\n"
        );
        let phone = format!(
            "account_sid = \"{TWILIO}\"\nauth_token = \"{SECRET}\"\nnumbers = [\"+15550001111\"]\nbase_url = \"http://127.0.0.1:9\"\n"
        );
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = Listener::bind(Plan {
            store: store.clone(),
            clock: clock.clone(),
            settings: ListenSettings {
                address: any,
                status: any,
                public_url: Some(BaseUrl::new(PUBLIC).unwrap()),
                ..ListenSettings::default()
            },
            accounts: vec![
                (
                    AccountId::new("wa"),
                    Arc::new(WhatsappProvider::new(
                        toml::from_str(&number).unwrap(),
                        clock.clone(),
                    )),
                ),
                (
                    AccountId::new("tw"),
                    Arc::new(TwilioProvider::new(toml::from_str(&phone).unwrap(), clock)),
                ),
            ],
            news: None,
            pull: None,
        })
        .await
        .unwrap();
        let address = listener.address().unwrap();
        let (end, ended) = oneshot::channel::<()>();
        let served = tokio::spawn(listener.serve(async move { drop(ended.await) }));
        Self {
            store,
            address,
            end,
            served,
            _dir: dir,
        }
    }

    /// All that comes back until the listener closes or is silent.
    fn sends(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let patience = Some(Duration::from_millis(800));
        stream.set_read_timeout(patience).unwrap();
        // A listener that refuses early closes while this still writes.
        let _ = stream.write_all(request);
        let (mut answer, mut part) = (Vec::new(), [0_u8; 4096]);
        while let Ok(read @ 1..) = stream.read(&mut part) {
            answer.extend_from_slice(&part[..read]);
        }
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// The status of a post to this path, with these headers besides the needed ones.
    fn posts(&self, path: &str, headers: &str, body: &[u8]) -> u16 {
        status(&self.sends(&post(path, "hooks.desk.test", headers, body)))
    }

    async fn kept(&self, account: &str) -> Vec<HeardRequest> {
        self.store
            .heard(&AccountId::new(account), 100)
            .await
            .unwrap()
    }
}

fn post(path: &str, host: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let headers = headers.trim_end();
    let end = if headers.is_empty() { "" } else { "\r\n" };
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}{end}Content-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn status(answer: &str) -> u16 {
    let word = answer.split(' ').nth(1);
    word.and_then(|word| word.parse().ok()).unwrap_or(0)
}

/// What was said besides the time.
fn timeless(answer: &str) -> String {
    let lines = answer.lines();
    lines
        .filter(|line| !line.to_lowercase().starts_with("date:"))
        .collect()
}

/// The header by which Meta shows that it wrote this.
fn signed(body: &[u8]) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body);
    let hex = mac
        .finalize()
        .into_bytes()
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    format!("X-Hub-Signature-256: sha256={hex}")
}

/// The header by which Twilio shows that it posted this to that address.
fn signed_for(url: &str, body: &[u8]) -> String {
    let mut pairs: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
    pairs.sort();
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(url.as_bytes());
    for (name, value) in &pairs {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    let signature = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
    format!("X-Twilio-Signature: {signature}")
}

/// A WhatsApp message.
fn message(id: &str) -> Vec<u8> {
    serde_json::to_vec(&json!({"object": "whatsapp_business_account", "entry": [{"id": "W", "changes": [{
        "field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550001111", "phone_number_id": "106"},
            "messages": [{"from": "15550002222", "id": id, "timestamp": "1767225600", "type": "text",
                "text": {"body": "hi"}}],
        }}]}]}))
    .unwrap()
}

/// What a row says: headers, or a request line, and a body.
fn parts(row: &Row) -> (String, String) {
    let fields = row.fields();
    (fields["headers"].clone(), fields["body"].clone())
}

/// An odd header counts for nothing: unsigned is refused, signed is taken.
async fn ignored(desk: &Desk, row: &Row, header: &str) {
    let before = desk.kept("wa").await.len();
    let body = message(&row.id);
    assert_eq!(desk.posts("/hook/wa", header, &body), 401, "{}", row.id);
    assert_eq!(desk.kept("wa").await.len(), before, "{}", row.id);
    let both = format!("{header}\r\n{}", signed(&body));
    assert_eq!(desk.posts("/hook/wa", &both, &body), 200, "{}", row.id);
    let kept = desk.kept("wa").await;
    assert_eq!(kept.len(), before + 1, "{}", row.id);
    assert_eq!((kept[0].method.as_str(), &kept[0].body), ("POST", &body));
}

/// Answered like an account that nobody has, and nothing is kept.
fn unknown(desk: &Desk, row: &Row, line: &str) {
    let path = line.split(' ').nth(1).unwrap();
    let (body, nobody) = (message(&row.id), "/hook/nobody-has-this");
    let none = desk.sends(&post(nobody, "hooks.desk.test", &signed(&body), &body));
    assert_eq!(status(&none), 404, "{}", row.id);
    for headers in [signed(&body), String::new()] {
        let said = desk.sends(&post(path, "hooks.desk.test", &headers, &body));
        assert_eq!(timeless(&said), timeless(&none), "{}: {path}", row.id);
    }
}

async fn holds(desk: &Desk, row: &Row) {
    let (headers, body) = parts(row);
    match row.id.as_str() {
        "body-http-ct-mismatch" => {
            // Genuine and about something else: kept as it came, and no message.
            let both = format!("{headers}\r\n{}", signed(body.as_bytes()));
            assert_eq!(desk.posts("/hook/wa", &both, body.as_bytes()), 200);
            assert_eq!(desk.kept("wa").await[0].body, body.as_bytes());
            assert_eq!(desk.posts("/hook/wa", &headers, body.as_bytes()), 401);
            ignored(desk, row, &headers).await;
        }
        "body-http-te-cl" => {
            // Who goes by the length sees one request; there is one answer, and what follows is not read as another.
            for path in ["/hook/wa", "/hook/nobody-has-this"] {
                let request = format!(
                    "POST {path} HTTP/1.1\r\nHost: hooks.desk.test\r\n{headers}\r\n\r\n{body}"
                );
                let said = desk.sends(request.as_bytes());
                assert!((400..500).contains(&status(&said)), "{said}");
                assert_eq!(said.matches("HTTP/1.1 ").count(), 1, "{said}");
            }
            // The same beginning, with a second request that would be taken.
            let (inner, before) = (message("smuggled"), desk.kept("wa").await.len());
            let second = post("/hook/wa", "hooks.desk.test", &signed(&inner), &inner);
            for order in [
                "Transfer-Encoding: chunked\r\nContent-Length: 4",
                "Content-Length: 4\r\nTransfer-Encoding: chunked",
            ] {
                let first = format!(
                    "POST /hook/wa HTTP/1.1\r\nHost: hooks.desk.test\r\n{order}\r\n\r\n0\r\n\r\n"
                );
                let said = desk.sends(&[first.as_bytes(), &second].concat());
                assert_eq!(said.matches("HTTP/1.1 ").count(), 1, "{order}: {said}");
            }
            assert_eq!(desk.kept("wa").await.len(), before);
        }
        "body-http-gzip-bomb-ce" => {
            assert!(body.contains("10 MB of zeros"), "{body}");
            let zeros = vec![0_u8; 10 << 20];
            let best = flate2::Compression::best();
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), best);
            packed.write_all(&zeros).unwrap();
            let bomb = packed.finish().unwrap();
            assert_eq!(desk.posts("/hook/wa", &headers, &bomb), 401);
            let both = format!("{headers}\r\n{}", signed(&bomb));
            assert_eq!(desk.posts("/hook/wa", &both, &bomb), 200);
            // Nobody unpacks it: kept as it came, not readable.
            assert_eq!(desk.kept("wa").await[0].body, bomb);
            ignored(desk, row, &headers).await;
        }
        "body-http-host-rebind" => {
            let before = desk.kept("wa").await.len();
            let name = headers.strip_prefix("Host: ").unwrap();
            for body in [body.into_bytes(), message(&row.id)] {
                let said = desk.sends(&post("/hook/wa", name, &signed(&body), &body));
                assert_eq!(status(&said), 421, "{said}");
            }
            assert_eq!(desk.kept("wa").await.len(), before);
        }
        "body-http-xff-spoof" | "body-http-method-override" => ignored(desk, row, &headers).await,
        "body-http-proto-spoof" => {
            ignored(desk, row, &headers).await;
            // What a vendor signs is the address that it was told, whatever a header says of it.
            let form = format!(
                "MessageSid=SMcccccccccccccccccccccccccccccccc&AccountSid={TWILIO}&From=%2B15550003333&To=%2B15550001111&Body=hi&NumMedia=0"
            );
            let kind = "Content-Type: application/x-www-form-urlencoded";
            for (url, wanted) in [
                ("http://evil.example/hook/tw".to_owned(), 401),
                ("https://evil.example/hook/tw".to_owned(), 401),
                ("http://hooks.desk.test/hook/tw".to_owned(), 401),
                (format!("{PUBLIC}/hook/tw"), 200),
            ] {
                let all = format!(
                    "{headers}\r\n{kind}\r\n{}",
                    signed_for(&url, form.as_bytes())
                );
                assert_eq!(
                    desk.posts("/hook/tw", &all, form.as_bytes()),
                    wanted,
                    "{url}"
                );
            }
        }
        "body-http-header-64k" => {
            assert!(headers.len() > 60_000, "{}", headers.len());
            let (body, before) = (message(&row.id), desk.kept("wa").await.len());
            let both = format!("{headers}\r\n{}", signed(&body));
            assert_eq!(desk.posts("/hook/wa", &both, &body), 431);
            assert_eq!(desk.kept("wa").await.len(), before);
        }
        "body-http-path-traversal" => {
            unknown(desk, row, &headers);
            for path in [
                "/hook/../../admin",
                "/hook/../hook/wa",
                "/hook/wa/../../metrics",
                "/hook/%2e%2e/hook/wa",
                "/hook/..%2fwa",
            ] {
                unknown(desk, row, &format!("POST {path} HTTP/1.1"));
            }
        }
        "body-http-double-slash" => {
            unknown(desk, row, &headers);
            unknown(desk, row, "POST //evil.example/hook/wa HTTP/1.1");
            unknown(desk, row, "POST //hook/wa HTTP/1.1");
        }
        "body-http-unknown-account" => {
            unknown(desk, row, &headers);
            unknown(desk, row, "POST /hook/telegram/does-not-exist HTTP/1.1");
            unknown(desk, row, "POST /hook/wa/does-not-exist HTTP/1.1");
        }
        other => panic!("nobody has looked at {other}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn odd_requests() {
    let desk = Desk::new().await;
    let mut held = BTreeSet::new();
    for row in load("05_http") {
        holds(&desk, &row).await;
        // It goes on.
        let body = message(&format!("after-{}", row.id));
        let answer = desk.posts("/hook/wa", &signed(&body), &body);
        assert_eq!(answer, 200, "after {}", row.id);
        held.insert(row.id);
    }
    claim("05_http", &[], |row, check| {
        check == "no_panic" && held.contains(&row.id)
    });
    desk.end.send(()).unwrap();
    // No task of the listener fell over.
    desk.served.await.unwrap();
}
