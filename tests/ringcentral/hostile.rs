//! The hostile corpus: bodies and posts as nobody should make them. What can be read is one row, the rest is refused
//! whole, and the next read goes on.

use crate::corpus::{Row, claim, load};
use crate::mirror::Mirror;
use crate::support::fakes::ringcentral::{NUMBER, Ringcentral, iso, now};
use crate::{CUSTOMER, all, messages, open};
use base64::Engine;
use frontdesk::model::{Batch, Clock, Message, SystemClock, Timestamp};
use frontdesk::providers::ringcentral::RingcentralProvider;
use frontdesk::providers::{Provider, ProviderError, RawRequest, WebhookError};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const WORD: &str = "a-word-of-the-suite";

/// What became of a row.
struct Seen {
    /// The messages in the mirror, without the control's.
    kept: Vec<Message>,
    /// The status of an answer to a post; 200 for a read.
    status: u16,
    took: Duration,
}

fn posted<'a>(headers: &'a [(String, String)], body: &'a [u8]) -> RawRequest<'a> {
    RawRequest {
        method: "POST",
        url: "https://desk.example/hook/phone",
        query: "",
        headers,
        body,
        now: SystemClock.now(),
    }
}

async fn listening(fake: &Ringcentral, word: &str) -> RingcentralProvider {
    let phone = open(fake, &format!("verification_token = \"{word}\"\n"));
    assert!(phone.listens());
    phone.unlock_webhook().await.unwrap();
    phone
}

/// Gives a row to the provider as often as it is delivered, by post or in a sync, then looks that the feed goes on.
async fn seen(row: &Row) -> Seen {
    let fake = Ringcentral::start();
    let phone = listening(&fake, WORD).await;
    let mirror = Mirror::new(&phone).await;
    let began = Instant::now();
    let mut status = 200;
    mirror.catch_up(&phone).await;
    for _ in 0..2 {
        if row.id.starts_with("body-ringcentral-sync-") {
            let cursor = mirror.store.cursor(&mirror.account).await.unwrap();
            fake.answers("message-sync", &row.payload);
            match phone.pull(cursor).await {
                Ok(batch) => drop(mirror.take(batch).await),
                Err(error) => assert!(
                    matches!(error, ProviderError::Transient(_)),
                    "{}: {error:?}",
                    row.id
                ),
            }
        } else {
            let headers = [("verification-token".to_owned(), WORD.to_owned())];
            match phone.webhook(&posted(&headers, &row.payload)) {
                Ok(heard) => {
                    let events = heard.events;
                    mirror
                        .take(Batch {
                            events,
                            ..Batch::default()
                        })
                        .await;
                }
                Err(refused) => status = refused.status(),
            }
        }
    }
    let took = began.elapsed();
    // A token that a hostile answer named is not known there: the sync begins anew.
    fake.customer_writes(CUSTOMER, "The control");
    for _ in 0..3 {
        let cursor = mirror.store.cursor(&mirror.account).await.unwrap();
        match phone.pull(cursor).await {
            Ok(batch) => drop(mirror.take(batch).await),
            Err(error) => panic!("{}: {error:?}", row.id),
        }
    }
    let mut kept = mirror.with("").await;
    let before = kept.len();
    kept.retain(|one| one.body != "The control");
    assert_eq!(before - kept.len(), 1, "{}: the feed goes on", row.id);
    Seen { kept, status, took }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_of_the_corpus() {
    let file = "05_ringcentral";
    let mut outcome = BTreeMap::new();
    for row in load(file) {
        outcome.insert(row.id.clone(), seen(&row).await);
    }
    claim(file, &[], |row, check| {
        let Seen { kept, status, took } = &outcome[&row.id];
        let hidden = |c: char| {
            (c.is_control() && c != '\n')
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        match check {
            "no_panic" => {}
            "idempotent" | "accept" => assert_eq!(kept.len(), 1, "{}", row.id),
            "no_partial_row" => {
                assert!(kept.len() <= 1, "{}: {kept:?}", row.id);
                for one in kept {
                    assert!(!one.body.is_empty(), "{}", row.id);
                    assert!(one.at.0 > Timestamp(0).0, "{}", row.id);
                }
            }
            "http_2xx_or_4xx" => {
                assert!((200..300).contains(status) || (400..500).contains(status));
            }
            // The listener takes a megabyte; what is larger never gets here.
            "mem_64mb" => assert!(row.payload.len() > 1 << 20 && *took < Duration::from_secs(10)),
            "no_ctrl" | "no_bidi" => {
                assert_eq!(kept.len(), 1, "{}", row.id);
                assert!(!kept[0].body.contains(hidden), "{:?}", kept[0].body);
            }
            _ => return false,
        }
        true
    });
    let text = |id: &str| outcome[id].kept.first().map(|one| one.body.clone());
    assert_eq!(
        text("body-ringcentral-sync-lone-surrogate").as_deref(),
        Some("\u{fffd}")
    );
    let at = outcome["body-ringcentral-sync-neg-time"].kept[0].at;
    assert!(
        (now() - at.0).abs() < 60_000,
        "the time of receipt stands in"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_of_the_corpus() {
    let file = "06_ringcentral";
    let fake = Ringcentral::start();
    let mut outcome = BTreeMap::new();
    for row in load(file) {
        let given: Value = serde_json::from_slice(&row.payload).unwrap();
        let phone = listening(&fake, given["secret"].as_str().unwrap()).await;
        let headers: Vec<(String, String)> =
            serde_json::from_value(given["headers"].clone()).unwrap();
        let lower = headers
            .into_iter()
            .map(|(name, value)| (name.to_lowercase(), value));
        let headers: Vec<_> = lower.collect();
        let body = base64::engine::general_purpose::STANDARD
            .decode(given["body_b64"].as_str().unwrap())
            .unwrap();
        let heard = phone.webhook(&posted(&headers, &body));
        // What is not theirs is refused in the same way when it cannot even be read.
        if heard.is_err() {
            let garbage = phone.webhook(&posted(&headers, b"\xff{"));
            assert_eq!(garbage.err(), heard.clone().err(), "{}", row.id);
        }
        outcome.insert(row.id.clone(), heard);
    }
    claim(file, &[], |row, check| {
        let heard = &outcome[&row.id];
        match check {
            "accept" => assert_eq!(heard.as_ref().unwrap().events.len(), 1),
            "reject_401" => assert_eq!(heard.as_ref().unwrap_err().status(), 401),
            "no_body_parse_before_verify" => {
                assert!(!matches!(heard, Err(WebhookError::Malformed(_))));
            }
            _ => return false,
        }
        true
    });
    // Without a word there is no route.
    let closed = open(&fake, "");
    assert!(!closed.listens());
    let headers = [("verification-token".to_owned(), String::new())];
    assert_eq!(
        closed.webhook(&posted(&headers, b"{}")),
        Err(WebhookError::Unsupported)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_gets_its_word_and_an_event_is_the_row_that_the_sync_brings() {
    let fake = Ringcentral::start();
    let phone = listening(&fake, WORD).await;
    let shake = [("validation-token".to_owned(), "d7a1-word".to_owned())];
    let heard = phone.webhook(&posted(&shake, b"")).unwrap();
    assert_eq!(
        heard.answer.headers,
        [("validation-token", "d7a1-word".to_owned())]
    );
    assert!(heard.events.is_empty() && heard.answer.body.is_empty());
    let id = fake.customer_writes(CUSTOMER, "Hello");
    let mut body = fake.record(id);
    body["id"] = id.to_string().into();
    let event = json!({ "uuid": "u", "subscriptionId": "s", "timestamp": iso(now()), "ownerId": "2", "body": body,
        "event": "/restapi/v1.0/account/1/extension/2/message-store/instant?type=SMS" });
    let word = [("verification-token".to_owned(), WORD.to_owned())];
    let mirror = Mirror::new(&phone).await;
    for _ in 0..2 {
        let heard = phone
            .webhook(&posted(&word, event.to_string().as_bytes()))
            .unwrap();
        let events = heard.events;
        mirror
            .take(Batch {
                events,
                ..Batch::default()
            })
            .await;
        mirror.catch_up(&phone).await;
    }
    assert_eq!(mirror.with("").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_fetched_from_the_vendor_whatever_a_record_names() {
    let fake = Ringcentral::start();
    let phone = open(&fake, "");
    let places = [
        "http://169.254.169.254/latest/meta-data/",
        "//127.0.0.1/x",
        "file:///etc/passwd",
        "../../../oauth/token",
        "http://127.0.0.1#@platform.ringcentral.com/",
        "..",
        ".",
        "%2e%2e",
        "5?x=1",
        "5#y",
    ];
    for place in places {
        fake.put(json!({ "type": "SMS", "direction": "Inbound", "creationTime": iso(now()), "subject": place,
            "from": { "phoneNumber": CUSTOMER }, "to": [{ "phoneNumber": NUMBER }],
            "attachments": [{ "id": place, "uri": place, "type": "MmsAttachment", "contentType": "image/png" }] }));
    }
    let batch = all(&phone, None).await;
    let found = messages(&batch);
    assert_eq!(found.len(), places.len());
    for one in found {
        for file in &one.attachments {
            let before = fake.asked().len();
            let error = phone
                .fetch(file.fetch.as_deref().unwrap())
                .await
                .unwrap_err();
            assert!(matches!(error, ProviderError::Rejected { .. }), "{error:?}");
            for asked in &fake.asked()[before..] {
                let below = "/restapi/v1.0/account/~/extension/~/message-store/";
                assert!(
                    asked.path.starts_with(below) && !asked.path.contains(".."),
                    "{}",
                    asked.path
                );
            }
        }
    }
    // A redirect is not followed: the token would go along.
    let id = fake.voicemail(CUSTOMER, "NotAvailable");
    let there = format!("{}/elsewhere", fake.url);
    fake.refuses_with("/content/5", 302, &[("location", &there)], &json!({}));
    phone.fetch(&format!("message/{id}/5")).await.unwrap_err();
    assert!(
        fake.asked()
            .iter()
            .all(|one| !one.path.contains("elsewhere"))
    );
    // Nor when it asks for the credential (srv-oauth-redirect), whose words are not repeated (srv-oauth-error-html).
    let fresh = open(&fake, "");
    fake.refuses_with("/oauth/token", 302, &[("location", &there)], &json!({}));
    fresh.pull(None).await.unwrap_err();
    assert!(
        fake.asked()
            .iter()
            .all(|one| !one.path.contains("elsewhere"))
    );
    let fresh = open(&fake, "");
    let words = json!({ "error": "invalid_grant", "error_description": "\u{1b}[[2J" });
    fake.refuses("/oauth/token", 400, &words);
    let told = fresh.pull(None).await.unwrap_err().to_string();
    assert!(
        told.contains("make another") && !told.contains(char::is_control),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transcription_of_any_size_holds_up_nothing() {
    let fake = Ringcentral::start();
    let phone = open(&fake, "");
    let id = fake.voicemail(CUSTOMER, "InProgress");
    fake.transcribed(id, &"la ".repeat(200_000));
    let mut cursor = None;
    for _ in 0..8 {
        cursor = all(&phone, cursor).await.cursor;
    }
    let tries = fake
        .asked()
        .into_iter()
        .filter(|one| one.path.ends_with("/content/6"))
        .count();
    assert_eq!(tries, 6, "it is given up, and stays an attachment");
}
