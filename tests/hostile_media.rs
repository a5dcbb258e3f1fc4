//! Files and their addresses as nobody should give them: bombs that are fetched as bytes and never opened, answers that lie
//! about their length or never end, and addresses that lead elsewhere. Each is tried by every provider over HTTP whose
//! files are fetched by name; nothing but the configured server is ever asked, and the login goes nowhere else.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "hostile/corpus.rs"]
#[allow(dead_code)]
mod corpus;

use corpus::{Row, claim, load};
use frontdesk::model::SystemClock;
use frontdesk::providers::meta::page::PageProvider;
use frontdesk::providers::meta::whatsapp::WhatsappProvider;
use frontdesk::providers::telegram::TelegramProvider;
use frontdesk::providers::twilio::TwilioProvider;
use frontdesk::providers::{Provider, ProviderError};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const ACCOUNT: &str = "AC00000000000000000000000000000001";
/// Unoptimised code may take so much longer than the limit, which is meant for the product.
const SLACK: u32 = if cfg!(debug_assertions) { 15 } else { 1 };

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
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            kept: Arc::default(),
        };
        let own = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let own = own.clone();
                // Who hangs up ends it with an error; that is theirs to do.
                std::thread::spawn(move || own.answer(stream));
            }
        });
        server
    }

    fn answer(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream);
        let mut first = String::new();
        reader.read_line(&mut first)?;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 || line == "\r\n" {
                break;
            }
        }
        let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
        let (file, place) = {
            let mut kept = self.kept.lock().unwrap();
            kept.asked.push(path.clone());
            (kept.file.clone(), kept.place.clone())
        };
        let own = format!("{}/cdn/x", self.url);
        let told = place.unwrap_or(own);
        let mut stream = reader.into_inner();
        let said = if path.contains("getFile") {
            json!({ "ok": true, "result": { "file_id": "x", "file_path": told.replace(&self.url, "") } })
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
    let mut took = BTreeMap::new();
    for row in load("15_media") {
        server.kept.lock().unwrap().file = Some(file_of(&row));
        let broken = matches!(
            row.id.as_str(),
            "bomb-chunked-endless" | "bomb-content-length-liar"
        );
        let mut longest = Duration::ZERO;
        for (name, provider, key) in providers(&server.url) {
            let began = Instant::now();
            let got = provider.fetch(&key).await;
            longest = longest.max(began.elapsed());
            match got {
                Ok(bytes) => assert!(!broken && bytes == row.payload, "{name}: {}", row.id),
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
    }
    let elsewhere = [(
        "mem_",
        "what is fetched is bounded by the limit of a file: providers::http",
    )];
    claim("15_media", &elsewhere, |row, check| {
        match check {
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
