//! News by the socket: at once, through broken lines, and whatever comes over it.

use crate::support::fakes::ringcentral::{NUMBER, Ringcentral, error, iso, now, until};
use crate::{CUSTOMER, messages, open};
use frontdesk::model::Batch;
use frontdesk::providers::Provider;
use futures::StreamExt;
use futures::stream::BoxStream;
use serde_json::json;
use std::time::{Duration, Instant};

type News<'a> = BoxStream<'a, frontdesk::providers::Result<Batch>>;

async fn next(news: &mut News<'_>) -> Batch {
    let batch = tokio::time::timeout(Duration::from_secs(10), news.next()).await;
    batch
        .expect("news comes")
        .expect("the stream goes on")
        .unwrap()
}

/// The texts of the next batches that bring any, without a sync.
async fn texts(news: &mut News<'_>, wanted: usize) -> Vec<String> {
    let mut found = Vec::new();
    while found.len() < wanted {
        let batch = next(news).await;
        found.extend(messages(&batch).iter().map(|one| one.text.clone()));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sms_is_there_at_once_and_changes_ask_for_a_sync() {
    let fake = Ringcentral::start();
    let phone = open(&fake, "");
    let mut news = phone.subscribe(None).unwrap();
    assert_eq!(
        next(&mut news).await,
        Batch::default(),
        "what came before is read once"
    );
    let (sockets, subscribed) = fake.sockets();
    assert_eq!(sockets, 1);
    assert_eq!(subscribed[0]["deliveryMode"]["transportType"], "WebSocket");
    assert_eq!(subscribed[0]["eventFilters"].as_array().unwrap().len(), 4);
    let (mut soonest, mut id) = (Duration::MAX, 0);
    for text in ["One", "Two", "Three"] {
        let wrote = Instant::now();
        id = fake.customer_writes(CUSTOMER, text);
        assert_eq!(texts(&mut news, 1).await, [text]);
        soonest = soonest.min(wrote.elapsed());
    }
    println!("SMS to batch: {soonest:?}");
    assert!(soonest < Duration::from_secs(1), "{soonest:?}");
    fake.change(id, |record| record["readStatus"] = "Read".into());
    let asked = fake.asked().len();
    assert_eq!(next(&mut news).await, Batch::default());
    assert_eq!(
        fake.asked().len(),
        asked,
        "the engine reads, not the stream"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_line_is_resumed_and_brings_what_was_missed() {
    let fake = Ringcentral::start();
    let phone = open(&fake, "");
    let mut news = phone.subscribe(None).unwrap();
    next(&mut news).await;
    fake.customer_writes(CUSTOMER, "One");
    assert_eq!(texts(&mut news, 1).await, ["One"]);
    fake.hang_up();
    fake.customer_writes(CUSTOMER, "Two");
    assert_eq!(texts(&mut news, 1).await, ["Two"]);
    let (sockets, subscribed) = fake.sockets();
    assert_eq!(
        (sockets, subscribed.len()),
        (2, 1),
        "resumed, not subscribed anew"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_comes_over_the_line_ends_nothing() {
    let fake = Ringcentral::start();
    let phone = open(&fake, "");
    let mut news = phone.subscribe(None).unwrap();
    next(&mut news).await;
    for frame in [
        "",
        "null",
        "[",
        "[[[[",
        "{}",
        "[1,2]",
        "[{\"type\":7}]",
        "[{\"type\":\"ServerNotification\"}]",
    ] {
        fake.says(frame);
    }
    fake.says(&"[".repeat(100_000));
    // Larger than any frame may be: the line ends and is opened again.
    fake.says(&format!("[\"{}\"]", "x".repeat(5 << 20)));
    fake.customer_writes(CUSTOMER, "Still here");
    assert_eq!(texts(&mut news, 1).await, ["Still here"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_permission_it_waits_and_the_probe_says_why() {
    let fake = Ringcentral::start();
    let phone = open(&fake, "");
    let lacks = error(
        "CMN-401",
        "application needs to have [WebsocketsSubscriptions] permission",
    );
    fake.refuses("/wstoken", 403, &lacks);
    let mut news = phone.subscribe(None).unwrap();
    let waited = tokio::time::timeout(Duration::from_secs(4), news.next()).await;
    assert!(waited.is_err(), "no error: the engine reads all the same");
    let tries = fake
        .asked()
        .into_iter()
        .filter(|one| one.path.contains("wstoken"))
        .count();
    assert_eq!(tries, 1, "it is not hammered");
    fake.refuses("/wstoken", 403, &lacks);
    let health = phone.probe().await.unwrap();
    let line = health
        .checks
        .iter()
        .find(|check| check.name == "news")
        .unwrap();
    assert!(
        line.says.contains("WebsocketsSubscriptions") && health.ok(),
        "{line:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missed_call_is_read_soon() {
    let fake = Ringcentral::start();
    let phone = open(&fake, "");
    let cursor = crate::all(&phone, None).await.cursor;
    let mut news = phone.subscribe(cursor.clone()).unwrap();
    next(&mut news).await;
    fake.call(json!({ "id": "c9", "type": "Voice", "direction": "Inbound", "result": "Missed", "duration": 0,
        "startTime": iso(now()), "from": { "phoneNumber": CUSTOMER }, "to": { "phoneNumber": NUMBER } }));
    assert_eq!(next(&mut news).await, Batch::default());
    let batch = phone.pull(cursor).await.unwrap();
    assert_eq!(messages(&batch)[0].remote.key, "c9");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_left_alone_is_closed() {
    let fake = Ringcentral::start();
    let phone = open(&fake, "");
    for round in 1..=3 {
        let mut news = phone.subscribe(None).unwrap();
        next(&mut news).await;
        drop(news);
        until("a socket", || fake.sockets().0 == round).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_cannot_be_resumed_begins_anew_and_asks_for_a_sync() {
    let fake = Ringcentral::start();
    let phone = open(&fake, "");
    let mut news = phone.subscribe(None).unwrap();
    next(&mut news).await;
    fake.customer_writes(CUSTOMER, "One");
    assert_eq!(texts(&mut news, 1).await, ["One"]);
    fake.refuses("/wstoken", 503, &json!({}));
    fake.hang_up();
    // Either is right: what was still told over the old line, or the sync.
    while next(&mut news).await != Batch::default() || fake.sockets().1.len() < 2 {}
    assert_eq!(fake.sockets().1.len(), 2, "subscribed anew");
}
