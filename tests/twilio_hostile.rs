//! Twilio and the hostile corpus: lists and posts as nobody should make them. What can be read is one row, the rest is
//! refused whole, and the next read goes on.

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
use base64::engine::general_purpose::STANDARD;
use corpus::{Row, claim, load};
use frontdesk::model::{Batch, Clock, Message, SystemClock, Timestamp};
use frontdesk::providers::twilio::TwilioProvider;
use frontdesk::providers::{Provider, ProviderError, RawRequest, WebhookError};
use hmac::{Hmac, Mac};
use mirror::Mirror;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::fakes::twilio::{Twilio, now, rfc2822};

/// Who is written to in the corpus.
const NUMBER: &str = "+15550001111";
const ACCOUNT: &str = "ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const TOKEN: &str = "token-of-the-suite";
const URL: &str = "https://desk.example/hooks/twilio?acc=1";

/// What became of a row.
struct Seen {
    /// The messages in the mirror, without the control's.
    kept: Vec<Message>,
    /// The status of an answer to a post; 200 for a read.
    status: u16,
    took: Duration,
}

fn provider(settings: &str) -> TwilioProvider {
    TwilioProvider::new(toml::from_str(settings).unwrap(), Arc::new(SystemClock))
}

/// One that takes posts, signed with this token.
async fn listening(token: &str) -> TwilioProvider {
    let desk = provider(&format!(
        "account_sid = \"{ACCOUNT}\"\nauth_token = \"{token}\"\nnumbers = [\"{NUMBER}\"]\nbase_url = \"http://127.0.0.1:9\"\n"
    ));
    assert!(desk.listens());
    desk.unlock_webhook().await.unwrap();
    desk
}

fn posted<'a>(
    method: &'a str,
    url: &'a str,
    headers: &'a [(String, String)],
    body: &'a [u8],
) -> RawRequest<'a> {
    RawRequest {
        method,
        url,
        query: url.split_once('?').map_or("", |(_, query)| query),
        headers,
        body,
        now: SystemClock.now(),
    }
}

/// What Twilio would sign a form with.
fn signed(body: &[u8]) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
    pairs.sort();
    pairs.dedup();
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap();
    mac.update(URL.as_bytes());
    for (name, value) in &pairs {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    vec![("x-twilio-signature".to_owned(), signature)]
}

/// Posts a row twice, then looks that a message is still taken.
async fn seen_posted(row: &Row) -> Seen {
    let desk = listening(TOKEN).await;
    let mirror = Mirror::new(&desk).await;
    let began = Instant::now();
    let mut status = 200;
    let control: &[u8] = b"MessageSid=SMcccccccccccccccccccccccccccccccc&AccountSid=ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb&From=%2B15550003333&To=%2B15550001111&Body=The+control&NumMedia=0";
    for body in [&row.payload, &row.payload, control] {
        match desk.webhook(&posted("POST", URL, &signed(body), body)) {
            Ok(heard) => {
                mirror
                    .take(Batch {
                        events: heard.events,
                        ..Batch::default()
                    })
                    .await;
            }
            Err(refused) => status = refused.status(),
        }
    }
    let took = began.elapsed();
    let kept = without_control(&row.id, mirror.with("").await);
    Seen { kept, status, took }
}

/// Lists a row twice, then looks that the feed goes on.
async fn seen_listed(row: &Row) -> Seen {
    let fake = Twilio::start();
    let desk = provider(
        &fake
            .settings("calls = \"none\"\nhistory_days = 0\n")
            .replace(support::fakes::twilio::NUMBER, NUMBER),
    );
    let mirror = Mirror::new(&desk).await;
    mirror.catch_up(&desk).await;
    let began = Instant::now();
    for _ in 0..2 {
        let cursor = mirror.store.cursor(&mirror.account).await.unwrap();
        fake.next("/Messages.json", 200, &[], &row.payload, false);
        match desk.pull(cursor).await {
            Ok(batch) => drop(mirror.take(batch).await),
            Err(error) => assert!(
                matches!(error, ProviderError::Transient(_)),
                "{}: {error:?}",
                row.id
            ),
        }
    }
    let took = began.elapsed();
    fake.put(json!({
        "from": "+15550003333", "to": NUMBER, "body": "The control", "direction": "inbound",
        "status": "received", "date_sent": rfc2822(now()), "date_created": rfc2822(now()),
    }));
    mirror.catch_up(&desk).await;
    let kept = without_control(&row.id, mirror.with("").await);
    Seen {
        kept,
        status: 200,
        took,
    }
}

fn without_control(id: &str, mut kept: Vec<Message>) -> Vec<Message> {
    let before = kept.len();
    kept.retain(|one| one.body != "The control");
    assert_eq!(before - kept.len(), 1, "{id}: the feed goes on");
    kept
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_of_the_corpus() {
    let file = "05_twilio";
    let mut outcome = BTreeMap::new();
    for row in load(file) {
        let seen = if row.id.starts_with("body-twilio-list-") {
            seen_listed(&row).await
        } else {
            seen_posted(&row).await
        };
        outcome.insert(row.id.clone(), seen);
    }
    claim(file, &[], |row, check| {
        let Seen { kept, status, took } = &outcome[&row.id];
        let hidden = |c: char| {
            (c.is_control() && c != '\n')
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        match check {
            "no_panic" => {}
            "accept" => assert_eq!(kept.len(), 1, "{}", row.id),
            "no_partial_row" => {
                assert!(kept.len() <= 1, "{}: {kept:?}", row.id);
                for one in kept {
                    assert!(!one.body.is_empty(), "{}", row.id);
                    assert!(one.at > Timestamp(0), "{}", row.id);
                }
            }
            "http_2xx_or_4xx" => {
                assert!((200..300).contains(status) || (400..500).contains(status));
            }
            "mem_64mb" => assert!(*took < Duration::from_secs(30), "{took:?}"),
            // It came twice, perhaps on a machine that is busy elsewhere.
            "time_1s" => assert!(*took < Duration::from_secs(20), "{took:?}"),
            "no_ctrl" | "no_bidi" => {
                assert_eq!(kept.len(), 1, "{}", row.id);
                assert!(!kept[0].body.contains(hidden), "{:?}", kept[0].body);
            }
            _ => return false,
        }
        true
    });
    // Which of two values, or whose number that was, nobody knows.
    for id in ["body-twilio-dup-field", "body-twilio-plus-plus"] {
        assert!(outcome[id].kept.is_empty(), "{id}: {:?}", outcome[id].kept);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_of_the_corpus() {
    let file = "06_twilio";
    let mut outcome = BTreeMap::new();
    for row in load(file) {
        let given: Value = serde_json::from_slice(&row.payload).unwrap();
        let word = |name: &str| given[name].as_str().unwrap().to_owned();
        let desk = listening(&word("secret")).await;
        let headers: Vec<(String, String)> =
            serde_json::from_value(given["headers"].clone()).unwrap();
        let headers: Vec<_> = headers
            .into_iter()
            .map(|(name, value)| (name.to_lowercase(), value))
            .collect();
        let body = STANDARD.decode(word("body_b64")).unwrap();
        let (method, url) = (word("method"), word("url"));
        let heard = desk.webhook(&posted(&method, &url, &headers, &body));
        outcome.insert(row.id.clone(), heard);
    }
    claim(file, &[], |row, check| {
        let heard = &outcome[&row.id];
        match check {
            // Nothing here answers calls: one that is genuine is known as such, and no more.
            "accept" => assert!(
                !matches!(heard, Err(WebhookError::Unsigned | WebhookError::Forged)),
                "{}: {heard:?}",
                row.id
            ),
            "reject_401" => assert_eq!(heard.as_ref().unwrap_err().status(), 401, "{}", row.id),
            // Words about what it says would show that it was read.
            "no_body_parse_before_verify" => assert!(
                !matches!(heard, Err(WebhookError::Malformed(_))) || row.checks[0] == "accept",
                "{}: {heard:?}",
                row.id
            ),
            _ => return false,
        }
        true
    });
}
