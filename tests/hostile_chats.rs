//! The hostile corpus against Meta's channels and Telegram: bodies and posts as nobody should make them. What can be
//! read is one row, the rest is refused whole, and the next read goes on. No forged post is believed, and no file is
//! fetched from elsewhere.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "hostile/corpus.rs"]
#[allow(dead_code)]
mod corpus;
#[path = "conformance/mirror.rs"]
#[allow(dead_code)]
mod mirror;
mod support;

use base64::Engine;
use corpus::{Row, claim, load};
use frontdesk::model::{Batch, Clock, Message, SystemClock, Timestamp};
use frontdesk::providers::meta::page::PageProvider;
use frontdesk::providers::meta::whatsapp::WhatsappProvider;
use frontdesk::providers::telegram::TelegramProvider;
use frontdesk::providers::{Provider, ProviderError, RawRequest};
use frontdesk::text::sanitize_block;
use hmac::{Hmac, Mac};
use mirror::Mirror;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::fakes::meta_page::{MetaPage, now};
use wiremock::matchers::{method, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

const SECRET: &str = "test_secret_do_not_use";
/// Unoptimised code may take so much longer than the limit, which is meant for the product.
const SLACK: u32 = if cfg!(debug_assertions) { 15 } else { 1 };

/// What became of a row that was delivered twice.
struct Seen {
    kept: Vec<Message>,
    /// Of the answer to a post; 200 for a read.
    status: u16,
    /// The body was refused whole.
    refused: bool,
    took: Duration,
}

/// The account that a row of Meta's is for.
fn account(row: &str) -> Arc<dyn Provider> {
    let more = format!("token = \"t\"\napp_secret = \"{SECRET}\"\nverify_token = \"{SECRET}\"\n");
    let clock = Arc::new(SystemClock);
    let with = |own: &str| format!("{own}\n{more}");
    if row.contains("messenger") {
        let settings = toml::from_str(&with("page_id = \"P1\"")).unwrap();
        Arc::new(PageProvider::messenger(settings, clock))
    } else if row.contains("instagram") {
        let settings = toml::from_str(&with("account_id = \"I1\"")).unwrap();
        Arc::new(PageProvider::instagram(settings, clock))
    } else {
        let settings = toml::from_str(&with("phone_number_id = \"100\"")).unwrap();
        Arc::new(WhatsappProvider::new(settings, clock))
    }
}

fn signature(body: &[u8]) -> Vec<(String, String)> {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body);
    let hex = frontdesk::model::outgoing::hex(&mac.finalize().into_bytes());
    vec![("x-hub-signature-256".to_owned(), format!("sha256={hex}"))]
}

/// Posts a row as genuine, twice.
async fn posted(row: &Row) -> Seen {
    let provider = account(&row.id);
    provider.unlock_webhook().await.unwrap();
    let mirror = Mirror::new(provider.as_ref()).await;
    let headers = signature(&row.payload);
    let (mut status, mut refused) = (200, false);
    let began = Instant::now();
    for _ in 0..2 {
        let request = RawRequest {
            method: "POST",
            url: "https://desk.example/hook/x",
            query: "",
            headers: &headers,
            body: &row.payload,
            now: SystemClock.now(),
        };
        match provider.webhook(&request) {
            Ok(heard) => {
                let events = heard.events;
                let batch = Batch {
                    events,
                    ..Batch::default()
                };
                mirror.take(batch).await;
            }
            Err(error) => (status, refused) = (error.status(), true),
        }
    }
    let took = began.elapsed();
    Seen {
        kept: mirror.with("").await,
        status,
        refused,
        took,
    }
}

/// Answers a long poll with a row, twice, and with something good after it.
async fn polled(row: &Row) -> Seen {
    let server = MockServer::start().await;
    let answer = |update: &[u8]| {
        let mut body = br#"{"ok":true,"result":["#.to_vec();
        body.extend_from_slice(update);
        body.extend_from_slice(b"]}");
        ResponseTemplate::new(200).set_body_raw(body, "application/json")
    };
    let good = json!({ "update_id": 1_001, "message": { "message_id": 6, "date": 1_767_225_600,
        "chat": { "id": 43, "type": "private" }, "from": { "id": 43, "first_name": "Control" }, "text": "control" } });
    Mock::given(method("POST"))
        .and(path_regex("getUpdates$"))
        .respond_with(answer(&row.payload))
        .up_to_n_times(2)
        .with_priority(1)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path_regex("getUpdates$"))
        .respond_with(answer(good.to_string().as_bytes()))
        .with_priority(2)
        .mount(&server)
        .await;
    let settings = format!(
        "username = \"acme_bot\"\ntoken = \"99:AAEx\"\nbase_url = \"{}\"\n",
        server.uri()
    );
    let settings = toml::from_str(&settings).unwrap();
    let bot = TelegramProvider::new(settings, Arc::new(SystemClock));
    let mirror = Mirror::new(&bot).await;
    let mut refused = false;
    let began = Instant::now();
    for _ in 0..3 {
        let cursor = mirror.store.cursor(&mirror.account).await.unwrap();
        match bot.pull(cursor).await {
            Ok(batch) => drop(mirror.take(batch).await),
            Err(error) => {
                assert!(
                    matches!(error, ProviderError::Bug(_)),
                    "{}: {error:?}",
                    row.id
                );
                refused = true;
            }
        }
    }
    let took = began.elapsed();
    let kept = mirror.with("").await;
    let (control, kept): (Vec<_>, Vec<_>) = kept.into_iter().partition(|one| one.body == "control");
    assert_eq!(control.len(), 1, "{}: the next read goes on", row.id);
    Seen {
        kept,
        status: 200,
        refused,
        took,
    }
}

/// Whether a row is as one of its checks wants it.
fn holds(seen: &Seen, row: &Row, check: &str) -> bool {
    let id = &row.id;
    match check {
        // It came as far as this.
        "no_panic" => {
            // Half a character costs only itself.
            assert!(!(id.contains("lone-surrogate") && seen.refused), "{id}");
        }
        "http_2xx_or_4xx" => assert!((200..500).contains(&seen.status), "{id}"),
        "no_partial_row" => {
            // Refused whole, or read.
            assert!(
                !seen.refused || seen.kept.is_empty(),
                "{id}: {:?}",
                seen.kept
            );
        }
        "accept" => {
            assert_eq!(seen.kept.len(), 1, "{id}: {:?}", seen.kept);
            assert_eq!(seen.kept[0].body, "hi", "{id}");
        }
        "idempotent" => {
            let mut places: Vec<_> = seen.kept.iter().map(|one| (one.at, &one.body)).collect();
            places.sort();
            places.dedup();
            assert_eq!(places.len(), seen.kept.len(), "{id}");
            assert!(!seen.kept.is_empty(), "{id}");
        }
        "no_ctrl" | "no_bidi" => {
            for one in &seen.kept {
                assert_eq!(sanitize_block(&one.body).text, one.body, "{id}");
            }
        }
        "time_2s" => {
            // Twice.
            let limit = Duration::from_secs(4) * SLACK;
            assert!(seen.took < limit, "{id} took {:?}", seen.took);
        }
        _ => return false,
    }
    true
}

async fn all(file: &str, telegram: bool) {
    let mut seen = BTreeMap::new();
    for row in load(file) {
        let found = if telegram {
            polled(&row).await
        } else {
            posted(&row).await
        };
        seen.insert(row.id.clone(), found);
    }
    let elsewhere = [("mem_", "memory of the whole program: benches")];
    claim(file, &elsewhere, |row, check| {
        holds(&seen[&row.id], row, check)
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_meta_posts() {
    all("05_meta", false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_that_telegram_gives() {
    all("05_telegram", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signatures_of_meta() {
    let number = account("whatsapp");
    number.unlock_webhook().await.unwrap();
    let shop = account("messenger");
    shop.unlock_webhook().await.unwrap();
    claim("06_meta", &[], |row, check| {
        let fields: Value = serde_json::from_slice(&row.payload).unwrap();
        let url = fields["url"].as_str().unwrap();
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let headers: Vec<(String, String)> = fields["headers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| {
                let word = |at: usize| pair[at].as_str().unwrap().to_owned();
                (word(0).to_lowercase(), word(1))
            })
            .collect();
        let body = base64::engine::general_purpose::STANDARD
            .decode(fields["body_b64"].as_str().unwrap())
            .unwrap();
        let request = RawRequest {
            method: fields["method"].as_str().unwrap(),
            url,
            query,
            headers: &headers,
            body: &body,
            now: Timestamp(fields["now"].as_i64().unwrap() * 1_000),
        };
        let heard = number.webhook(&request);
        match check {
            "accept" => assert_eq!(heard.unwrap().events.len(), 1, "{}", row.id),
            "reject_401" => {
                for answer in [heard, shop.webhook(&request)] {
                    assert_eq!(answer.unwrap_err().status(), 401, "{}", row.id);
                }
            }
            "no_body_parse_before_verify" => {
                // What is no JSON at all is refused in the same way, before anybody looks into it.
                let broken = RawRequest {
                    method: "POST",
                    body: b"{",
                    ..request
                };
                assert_eq!(
                    number.webhook(&broken).unwrap_err().status(),
                    401,
                    "{}",
                    row.id
                );
            }
            _ => return false,
        }
        true
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn files_from_elsewhere() {
    let fake = MetaPage::messenger();
    let settings = toml::from_str(&fake.settings("")).unwrap();
    let page = PageProvider::messenger(settings, Arc::new(SystemClock));
    let mut fetched = BTreeMap::new();
    for row in load("14_ssrf") {
        let url = row.fields()["media_url"].clone();
        let file = json!({ "name": "x", "file_url": url });
        let parts = json!({ "attachments": { "data": [file] } });
        let mid = fake.says("4711", false, now(), parts);
        let began = Instant::now();
        let answer = page.fetch(&format!("{mid}#0")).await;
        // No address was looked up, and no token went anywhere: it is refused by its look.
        assert!(began.elapsed() < Duration::from_mins(1), "{}", row.id);
        fetched.insert(row.id.clone(), answer);
    }
    claim("14_ssrf", &[], |row, check| {
        match check {
            "no_private_connect" | "no_auth_leak" => {
                let error = fetched[&row.id].as_ref().unwrap_err();
                assert!(
                    matches!(error, ProviderError::Bug(_)),
                    "{}: {error:?}",
                    row.id
                );
            }
            _ => return false,
        }
        true
    });
}
