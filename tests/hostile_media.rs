//! Files and their addresses as nobody should give them: bombs that are fetched as bytes and never opened, answers that lie
//! about their length or never end, and addresses that lead elsewhere. Each is tried by every provider over HTTP whose
//! files are fetched by name; nothing but the configured server is ever asked, and the login goes nowhere else.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "hostile/corpus.rs"]
#[allow(dead_code)]
mod corpus;
#[path = "conformance/mirror.rs"]
#[allow(dead_code)]
mod mirror;
mod support;

use corpus::{Row, claim, load};
use frontdesk::model::message::Attachment;
use frontdesk::model::{Batch, Clock, SystemClock};
use frontdesk::providers::meta::page::PageProvider;
use frontdesk::providers::meta::whatsapp::WhatsappProvider;
use frontdesk::providers::telegram::TelegramProvider;
use frontdesk::providers::twilio::TwilioProvider;
use frontdesk::providers::{FileSink, Provider, ProviderError, RawRequest};
use frontdesk::runtime::Fetching;
use mirror::Mirror;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::fakes::twilio::Twilio;
use support::small_server;
use support::wait::{PATIENCE, until};

const ACCOUNT: &str = "AC00000000000000000000000000000001";
/// Unoptimised code may take so much longer than the limit, which is meant for the product.
const SLACK: u32 = if cfg!(debug_assertions) { 15 } else { 1 };

/// Bytes that any one file may take of the memory, by the corpus.
const MEMORY: u64 = 64 << 20;
/// Only one test at a time, so that each is charged with its own.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Compares what comes with what should, and holds none of it.
struct Compared<'a> {
    wanted: &'a [u8],
    at: usize,
    same: bool,
}

impl<'a> Compared<'a> {
    fn with(wanted: &'a [u8]) -> Self {
        Self {
            wanted,
            at: 0,
            same: true,
        }
    }

    fn whole(&self) -> bool {
        self.same && self.at == self.wanted.len()
    }
}

impl FileSink for Compared<'_> {
    fn take(&mut self, bytes: &[u8]) -> frontdesk::providers::Result<()> {
        let wanted = self.wanted.get(self.at..self.at + bytes.len());
        self.same &= wanted == Some(bytes);
        self.at += bytes.len();
        Ok(())
    }
}

/// A line of a process's `status` in bytes: `VmHWM`, `VmRSS`.
fn memory(process: &str, line: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|found| found.starts_with(line))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes << 10)
}

/// What a file is answered with.
#[derive(Clone)]
enum File {
    /// These bytes, with these headers.
    Bytes(String, Vec<u8>),
    /// Chunks without end.
    Endless,
}

#[derive(Default)]
struct Kept {
    file: Option<File>,
    /// The address that the vendor's interface tells; below the server itself if absent.
    place: Option<String>,
    asked: Vec<String>,
}

/// A server that says where a file is, and gives it.
#[derive(Clone)]
struct Server {
    url: String,
    kept: Arc<Mutex<Kept>>,
}

impl Server {
    fn start() -> Self {
        let kept: Arc<Mutex<Kept>> = Arc::default();
        let own = kept.clone();
        let answer = move |url: &str, first: &str, stream| Self::answer(&own, url, first, stream);
        Self {
            url: small_server::listen(answer),
            kept,
        }
    }

    fn answer(
        kept: &Mutex<Kept>,
        url: &str,
        first: &str,
        mut stream: TcpStream,
    ) -> std::io::Result<()> {
        let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
        let (file, place) = {
            let mut kept = kept.lock().unwrap();
            kept.asked.push(path.clone());
            (kept.file.clone(), kept.place.clone())
        };
        let own = format!("{url}/cdn/x");
        let told = place.unwrap_or(own);
        let said = if path.contains("getFile") {
            json!({ "ok": true, "result": { "file_id": "x", "file_path": told.replace(url, "") } })
        } else if path.starts_with("/777") {
            json!({ "id": "777", "url": told, "mime_type": "image/jpeg" })
        } else if path.starts_with("/m_1") {
            json!({ "id": "m_1", "attachments": { "data": [{ "id": "1", "name": "x.jpg", "file_url": told }] } })
        } else {
            return give(
                &mut stream,
                &file.unwrap_or(File::Bytes(String::new(), b"x".to_vec())),
            );
        };
        give(
            &mut stream,
            &File::Bytes(String::new(), said.to_string().into_bytes()),
        )
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.kept.lock().unwrap().asked)
    }
}

fn give(stream: &mut TcpStream, file: &File) -> std::io::Result<()> {
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: image/jpeg\r\n";
    match file {
        File::Bytes(headers, bytes) => {
            let length = if headers.to_lowercase().contains("content-length") {
                String::new()
            } else {
                format!("content-length: {}\r\n", bytes.len())
            };
            stream.write_all(format!("{head}{headers}{length}\r\n").as_bytes())?;
            stream.write_all(bytes)
        }
        File::Endless => {
            stream.write_all(format!("{head}transfer-encoding: chunked\r\n\r\n").as_bytes())?;
            let chunk = [
                b"10000\r\n".to_vec(),
                vec![b'x'; 0x1_0000],
                b"\r\n".to_vec(),
            ]
            .concat();
            loop {
                stream.write_all(&chunk)?;
            }
        }
    }
}

/// Every provider, and the name of a file of its.
fn providers(url: &str) -> Vec<(&'static str, Arc<dyn Provider>, String)> {
    let clock = Arc::new(SystemClock);
    let graph = format!("token = \"t\"\nbase_url = \"{url}\"\n");
    let (message, file) = (format!("SM{:032x}", 1), format!("ME{:032x}", 2));
    vec![
        (
            "twilio",
            Arc::new(TwilioProvider::new(
                toml::from_str(&format!(
                    "account_sid = \"{ACCOUNT}\"\nauth_token = \"t\"\nnumbers = [\"+12125550100\"]\nbase_url = \"{url}\"\n"
                ))
                .unwrap(),
                clock.clone(),
            )),
            format!("message/{message}/{file}"),
        ),
        (
            "telegram",
            Arc::new(TelegramProvider::new(
                toml::from_str(&format!(
                    "username = \"acme_bot\"\ntoken = \"99:AAEx\"\nbase_url = \"{url}\"\n"
                ))
                .unwrap(),
                clock.clone(),
            )),
            "x".to_owned(),
        ),
        (
            "whatsapp",
            Arc::new(WhatsappProvider::new(
                toml::from_str(&format!("phone_number_id = \"100\"\n{graph}")).unwrap(),
                clock.clone(),
            )),
            "777".to_owned(),
        ),
        (
            "messenger",
            Arc::new(PageProvider::messenger(
                toml::from_str(&format!("page_id = \"P1\"\n{graph}")).unwrap(),
                clock,
            )),
            "m_1#0".to_owned(),
        ),
    ]
}

/// How a row is given.
fn file_of(row: &Row) -> File {
    match row.id.as_str() {
        "bomb-chunked-endless" => File::Endless,
        "bomb-content-length-liar" => {
            let fields = row.fields();
            File::Bytes(
                format!("{}\r\n", fields["headers"]),
                fields["body"].clone().into_bytes(),
            )
        }
        "bomb-http-gzip-nested" => File::Bytes(
            "content-encoding: gzip, gzip\r\n".to_owned(),
            row.payload.clone(),
        ),
        _ => File::Bytes(String::new(), row.payload.clone()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bombs_are_fetched_as_bytes_and_never_opened() {
    let server = Server::start();
    let _alone = ALONE.lock().await;
    let (mut took, mut most) = (BTreeMap::new(), BTreeMap::new());
    for row in load("15_media") {
        if matches!(row.id.as_str(), "bomb-mime-liar" | "bomb-avatar-url") {
            continue;
        }
        server.kept.lock().unwrap().file = Some(file_of(&row));
        let broken = matches!(
            row.id.as_str(),
            "bomb-chunked-endless" | "bomb-content-length-liar"
        );
        let mut longest = Duration::ZERO;
        // From here on the kernel's highest mark is this row's. The server's copies count, too.
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        let before = memory("self", "VmRSS").unwrap();
        for (name, provider, key) in providers(&server.url) {
            let began = Instant::now();
            let mut sink = Compared::with(&row.payload);
            let got = provider.fetch_into(&key, &mut sink).await;
            longest = longest.max(began.elapsed());
            match got {
                Ok(()) => assert!(!broken && sink.whole(), "{name}: {}", row.id),
                Err(error) => {
                    let words = error.to_string();
                    let fits = matches!(error, ProviderError::Transient(_));
                    assert!(broken && fits, "{name}: {}: {error:?}", row.id);
                    let endless = row.id == "bomb-chunked-endless";
                    assert_eq!(words.contains("larger than"), endless, "{name}: {words}");
                }
            }
        }
        took.insert(row.id.clone(), longest);
        let highest = memory("self", "VmHWM").unwrap();
        most.insert(row.id.clone(), highest.saturating_sub(before));
    }
    println!("bytes of memory per row: {most:?}");
    let liar = liar().await;
    let asked = avatars().await;
    claim("15_media", &[], |row, check| {
        match check {
            "mem_64mb" => assert!(most[&row.id] < MEMORY, "{}: {}", row.id, most[&row.id]),
            "name_safe" => {
                assert_eq!(row.id, "bomb-mime-liar");
                assert_eq!(liar, "claims image/jpeg, is a Windows program");
            }
            "no_net" => {
                assert_eq!(row.id, "bomb-avatar-url");
                assert!(!asked, "somebody asked for an avatar");
            }
            "no_panic" => {}
            "time_2s" => {
                let longest = took[&row.id];
                assert!(
                    longest < Duration::from_secs(2) * SLACK,
                    "{}: {longest:?}",
                    row.id
                );
            }
            _ => return false,
        }
        true
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_lead_elsewhere() {
    let server = Server::start();
    let mut outcome = BTreeMap::new();
    for row in load("14_ssrf") {
        server.kept.lock().unwrap().place = Some(row.fields()["media_url"].clone());
        let mut found = Vec::new();
        for (name, provider, key) in providers(&server.url) {
            let answer = provider.fetch(&key).await;
            found.push((name, answer, server.asked()));
        }
        outcome.insert(row.id.clone(), found);
    }
    claim("14_ssrf", &[], |row, check| {
        if !matches!(check, "no_private_connect" | "no_auth_leak") {
            return false;
        }
        for (name, answer, asked) in &outcome[&row.id] {
            match *name {
                // Told an address: refused by its look, before anybody is asked.
                "whatsapp" | "messenger" => {
                    let error = answer.as_ref().unwrap_err();
                    assert!(
                        matches!(error, ProviderError::Bug(_)),
                        "{name}, {}: {error:?}",
                        row.id
                    );
                    assert_eq!(asked.len(), 1, "{name}, {}", row.id);
                }
                // Told a path, or nothing: it is asked of the configured server, whatever it looks like.
                _ => {
                    let last = asked.last().unwrap();
                    let below = if *name == "twilio" {
                        "/2010-04-01/Accounts/AC"
                    } else {
                        "/file/bot99:AAEx"
                    };
                    let below = [below.to_owned(), below.replace(':', "%3A")];
                    assert!(
                        below.iter().any(|below| last.starts_with(below)),
                        "{name}, {}: {asked:?}",
                        row.id
                    );
                    assert!(!last.contains("/../"), "{name}, {}: {asked:?}", row.id);
                }
            }
        }
        true
    });
}

/// The row of a file that lies about its kind, as it comes with a message, is looked at, saved and opened. Gives what
/// is said of it.
async fn liar() -> String {
    let rows = load("15_media");
    let row = rows.iter().find(|row| row.id == "bomb-mime-liar").unwrap();
    let (twilio, name) = (Twilio::start(), "image/jpeg");
    for (from, mime) in [
        ("+12125550198", name),
        ("+12125550197", "audio/ogg"),
        ("+12125550196", "application/octet-stream"),
    ] {
        let message = twilio.customer_writes(from, "look");
        twilio.file(&message, mime, &row.payload);
    }
    let settings = toml::from_str(&twilio.settings("")).unwrap();
    let provider: Arc<dyn Provider> =
        Arc::new(TwilioProvider::new(settings, Arc::new(SystemClock)));
    let mirror = Mirror::new(provider.as_ref()).await;
    mirror.catch_up(provider.as_ref()).await;
    let fetching = Fetching::of(
        mirror.store.clone(),
        [(mirror.account.clone(), provider)].into(),
    );
    let dir = tempfile::tempdir().unwrap();
    let mut said = String::new();
    for message in mirror.with("look").await {
        let file: &Attachment = &message.attachments[0];
        assert_eq!(file.warning(), None, "nobody has seen its bytes yet");
        let place = |name: &frontdesk::text::SafeFileName| dir.path().join(name);
        let (path, warning) = fetching.save(file.id, place).await.unwrap();
        let warning = warning.unwrap();
        // Where it was saved it cannot be run by its name or its mode.
        let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
        let error = fetching.openable(file.id).await.unwrap_err().to_string();
        assert!(error.contains(&warning), "{error}");
        assert!(!mirror.store.dir().join("opened").exists());
        assert!(fetching.playable(file.id).await.is_err());
        // From then on whoever looks at the message reads it.
        let again = mirror.with("look").await;
        let again = again.iter().find(|one| one.id == message.id).unwrap();
        let file = &again.attachments[0];
        assert_eq!(file.warning().as_deref(), Some(warning.as_str()));
        assert!(!file.is_audio());
        assert!(warning.ends_with("is a Windows program"), "{warning}");
        if file.mime == name {
            said = warning;
        }
    }
    said
}

/// Pictures of people whose addresses lead to this machine: whether anybody went there.
async fn avatars() -> bool {
    let rows = load("15_media");
    let row = rows.iter().find(|row| row.id == "bomb-avatar-url").unwrap();
    let trap = TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let address = row.fields()["avatar_url"]
        .replace("127.0.0.1:2375", &trap.local_addr().unwrap().to_string());
    let picture = json!({ "avatar_url": address, "profile_pic": address, "profile_pic_url": address,
        "picture": { "data": { "url": address } }, "photo": { "big_file_id": address } });
    let person = |more: Value| {
        let mut person = picture.clone();
        person
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        person
    };
    let now = SystemClock.now().0 / 1_000;
    let whatsapp = json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{ "field": "messages",
        "value": { "messaging_product": "whatsapp", "metadata": { "phone_number_id": "100", "display_phone_number": "15550001" },
            "contacts": [person(json!({ "wa_id": "15550002", "profile": person(json!({ "name": "Ana" })) }))],
            "messages": [{ "from": "15550002", "id": "wamid.1", "timestamp": now.to_string(), "type": "text",
                "text": { "body": "avatar" } }] } }] }] });
    let messenger = json!({ "object": "page", "entry": [{ "id": "P1", "time": now * 1_000, "messaging": [{
        "sender": person(json!({ "id": "4711" })), "recipient": { "id": "P1" }, "timestamp": now * 1_000,
        "message": { "mid": "m_1", "text": "avatar" } }] }] });
    let clock = Arc::new(SystemClock);
    let graph = "token = \"t\"\napp_secret = \"s\"\nverify_token = \"s\"\n";
    let accounts: Vec<(Arc<dyn Provider>, Value)> = vec![
        (
            Arc::new(WhatsappProvider::new(
                toml::from_str(&format!("phone_number_id = \"100\"\n{graph}")).unwrap(),
                clock.clone(),
            )),
            whatsapp,
        ),
        (
            Arc::new(PageProvider::messenger(
                toml::from_str(&format!("page_id = \"P1\"\n{graph}")).unwrap(),
                clock,
            )),
            messenger,
        ),
    ];
    for (provider, body) in accounts {
        let mirror = Mirror::new(provider.as_ref()).await;
        let heard = provider.reread(&RawRequest {
            method: "POST",
            url: "https://desk.example/hook/x",
            query: "",
            headers: &[],
            body: body.to_string().as_bytes(),
            now: SystemClock.now(),
        });
        let events = heard.unwrap().events;
        let batch = Batch {
            events,
            ..Batch::default()
        };
        mirror.take(batch).await;
        let kept = mirror.with("avatar").await;
        assert_eq!(kept.len(), 1, "{}", provider.name());
        assert!(kept[0].attachments.is_empty(), "{:?}", kept[0].attachments);
    }
    trap.accept().is_ok()
}

/// The real program saves a file of nearly the limit: its memory stays far below the file's size.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_goes_to_disk_piece_by_piece() {
    const SIZE: usize = 99 << 20;
    let _alone = ALONE.lock().await;
    let twilio = Twilio::start();
    let message = twilio.customer_writes("+12125550199", "a film");
    twilio.file(&message, "video/mp4", &vec![7; SIZE]);
    let dir = tempfile::tempdir().unwrap();
    let config = format!(
        "me = \"nina\"\nmirror = \"{}\"\n[accounts.sms]\nprovider = \"twilio\"\n{}\n",
        dir.path().join("mirror").display(),
        twilio.settings("poll_seconds = 1"),
    );
    std::fs::write(dir.path().join("config.toml"), config).unwrap();
    let command = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_frontdesk"));
        command.args(arguments).current_dir(dir.path());
        command.env("FRONTDESK_CONFIG", dir.path().join("config.toml"));
        for name in ["CONFIG", "DATA", "STATE"] {
            command.env(format!("XDG_{name}_HOME"), dir.path());
        }
        command.stdin(std::process::Stdio::null());
        command
    };
    let said = |arguments: &[&str]| {
        let output = command(arguments).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let mut engine = command(&["sync"]).spawn().unwrap();
    let number = until("the message", PATIENCE * 2, || {
        let list: Value = serde_json::from_str(said(&["list", "--json"]).lines().next()?).ok()?;
        let shown = said(&["show", &list["id"].to_string()]);
        let number = shown.split("attachment ").nth(1)?.split(':').next()?;
        number.trim().parse::<i64>().ok()
    });
    engine.kill().unwrap();
    engine.wait().unwrap();
    let mut child = command(&["attachment", &number.to_string()])
        .spawn()
        .unwrap();
    let process = child.id().to_string();
    let mut highest = 0;
    while child.try_wait().unwrap().is_none() {
        highest = highest.max(memory(&process, "VmHWM").unwrap_or(0));
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(child.wait().unwrap().success());
    let saved = std::fs::read_dir(dir.path()).unwrap();
    let sizes: Vec<u64> = saved
        .map(|one| one.unwrap().metadata().unwrap().len())
        .collect();
    assert!(sizes.contains(&(SIZE as u64)), "{sizes:?}");
    println!("{SIZE} bytes fetched and saved with {highest} of memory");
    assert!(highest > 0 && highest < MEMORY, "{highest}");
}
