//! Signed WhatsApp posts a second, each on disk before its 200 and in the list soon after: the product's listener against the
//! least that can do it, axum, HMAC and one SQLite thread that commits what waits together. Both take the same posts from the same generator
//! on this machine, one after the other. The loop keeps less of each post than the product (no account, time, headers or
//! place among those that wait) and verifies, stores and answers it in the same way: the raw body's signature, one commit
//! with `synchronous = full` for what waits together, then the 200. Beside the rate, the processor's time per post is told,
//! which a busy machine changes less.
//!
//! `cargo bench --bench listen`; `-- 60000` sends so many posts to each.

// A benchmark stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use frontdesk::listen::{ListenSettings, Listener, Plan};
use frontdesk::model::{AccountId, Channel, Clock, SystemClock};
use frontdesk::providers::meta::whatsapp::WhatsappProvider;
use frontdesk::providers::meta::whatsapp::settings::WhatsappSettings;
use frontdesk::store::{AccountInfo, Options, Store};
use hmac::{Hmac, Mac};
use rusqlite::params;
use serde_json::{Value, json};
use sha2::Sha256;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

const SECRET: &str = "an app's secret";
/// Connections of the generator, each with one post under way; as many as the listener takes by default.
const CONNECTIONS: usize = 64;
/// Posts before anything is measured.
const WARM: usize = 2_000;
/// Customers who write.
const CUSTOMERS: usize = 500;

/// What the listener must do.
const PER_SECOND: f64 = 6_000.0;
const P99: Duration = Duration::from_millis(50);
const OF_BARE: f64 = 0.5;
/// The largest desk's hour, 10,000 messages, in a second's burst must be in the list within ten.
const LISTED: f64 = 1_000.0;

struct Figures {
    per_second: f64,
    p50: Duration,
    p99: Duration,
    /// Microseconds of processor per post, without the generator's; none where it cannot be told.
    cpu: Option<f64>,
}

fn main() -> ExitCode {
    let count = std::env::args()
        .skip(1)
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(30_000);
    let posts = Arc::new(posts(WARM + count));
    let runtime = || {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap()
    };
    let bare = runtime().block_on(bare(posts.clone()));
    let (ours, listed) = runtime().block_on(ours(posts));
    let ratio = ours.per_second / bare.per_second;
    let mut passed = true;
    let mut row = |name: &str, figure: String, limit: String, holds: bool| {
        passed &= holds;
        let word = if holds { "pass" } else { "NOT" };
        println!("{name:<34}{figure:>12}{limit:>16}  {word}");
    };
    println!("{count} posts, {CONNECTIONS} connections");
    row(
        "posts a second",
        format!("{:.0}", ours.per_second),
        format!("{PER_SECOND:.0}"),
        ours.per_second >= PER_SECOND,
    );
    row(
        "of the bare loop",
        format!("{ratio:.2}"),
        format!("{OF_BARE} of {:.0}/s", bare.per_second),
        ratio >= OF_BARE,
    );
    row(
        "p99",
        format!("{:.1?}", ours.p99),
        format!("{P99:?}"),
        ours.p99 < P99,
    );
    row(
        "messages a second in the list",
        format!("{listed:.0}"),
        format!("{LISTED:.0}"),
        listed >= LISTED,
    );
    println!(
        "p50 {:.1?}; the bare loop: p50 {:.1?}, p99 {:.1?}",
        ours.p50, bare.p50, bare.p99
    );
    if let (Some(ours), Some(bare)) = (ours.cpu, bare.cpu) {
        println!(
            "processor per post, without the generator's: {ours:.1} us; the bare loop: {bare:.1} us"
        );
    }
    if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn signature(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body);
    let mut hex = "sha256=".to_owned();
    for byte in mac.finalize().into_bytes() {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// Whole requests, each a message of its own.
fn posts(count: usize) -> Vec<Vec<u8>> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = now.as_secs().to_string();
    let post = |n: usize| {
        let who = format!("1555{:07}", n % CUSTOMERS);
        let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "W", "changes": [{"field": "messages",
        "value": {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550001111", "phone_number_id": "106"},
            "contacts": [{"profile": {"name": format!("Customer {}", n % CUSTOMERS)}, "wa_id": who}],
            "messages": [{"from": who, "id": format!("wamid.{n:08}"), "timestamp": now, "type": "text",
                "text": {"body": format!("Hello, invoice {n} was charged twice. Can you look at it, please?")}}],
        }}]}]});
        let body = serde_json::to_vec(&body).unwrap();
        let head = format!(
            "POST /hook/wa HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             X-Hub-Signature-256: {}\r\nContent-Length: {}\r\n\r\n",
            signature(&body),
            body.len()
        );
        [head.into_bytes(), body].concat()
    };
    (0..count).map(post).collect()
}

/// Sends all posts, in a thread of its own; the figures are of those after the first.
async fn drive(address: SocketAddr, posts: Arc<Vec<Vec<u8>>>) -> Figures {
    let driven = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let next = Arc::new(AtomicUsize::new(0));
            send(address, &posts, &next, WARM).await;
            let (start, used) = (Instant::now(), cpu());
            let mut took = send(address, &posts, &next, posts.len()).await;
            let (whole, used_then) = (start.elapsed(), cpu());
            let cpu = used.zip(used_then).map(|(before, after)| {
                after.saturating_sub(before).as_secs_f64() * 1e6 / took.len() as f64
            });
            took.sort_unstable();
            let at = |percent: usize| took[(took.len() - 1) * percent / 100];
            Figures {
                per_second: took.len() as f64 / whole.as_secs_f64(),
                p50: at(50),
                p99: at(99),
                cpu,
            }
        })
    });
    driven.await.unwrap()
}

/// What this process used of the processors so far, all threads but this one.
fn cpu() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let after_name = stat.rsplit_once(')')?.1;
    let mut fields = after_name.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    // A tick is a hundredth of a second on every Linux.
    let all = Duration::from_millis((ticks()? + ticks()?) * 10);
    let own = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let own = Duration::from_nanos(own.split_whitespace().next()?.parse().ok()?);
    all.checked_sub(own)
}

async fn send(
    address: SocketAddr,
    posts: &Arc<Vec<Vec<u8>>>,
    next: &Arc<AtomicUsize>,
    until: usize,
) -> Vec<Duration> {
    let connections: Vec<_> = (0..CONNECTIONS)
        .map(|_| tokio::spawn(connection(address, posts.clone(), next.clone(), until)))
        .collect();
    let mut all = Vec::new();
    for connection in connections {
        all.extend(connection.await.unwrap());
    }
    // Each connection took one number too many to see that it was done.
    next.store(until, Ordering::Relaxed);
    all
}

async fn connection(
    address: SocketAddr,
    posts: Arc<Vec<Vec<u8>>>,
    next: Arc<AtomicUsize>,
    until: usize,
) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut took, mut answer) = (Vec::new(), Vec::with_capacity(4_096));
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        if n >= until {
            return took;
        }
        let start = Instant::now();
        stream.write_all(&posts[n]).await.unwrap();
        answer.clear();
        while !whole(&answer) {
            assert!(stream.read_buf(&mut answer).await.unwrap() > 0, "hung up");
        }
        took.push(start.elapsed());
        let text = String::from_utf8_lossy(&answer);
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    }
}

fn whole(answer: &[u8]) -> bool {
    let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return false;
    };
    let text = String::from_utf8_lossy(&answer[..head]).to_lowercase();
    let length = text.lines().find_map(|line| {
        let length = line.strip_prefix("content-length:")?;
        length.trim().parse::<usize>().ok()
    });
    answer.len() >= head + 4 + length.unwrap_or(0)
}

/// And so many messages a second until the last of them was in the list.
async fn ours(posts: Arc<Vec<Vec<u8>>>) -> (Figures, f64) {
    let dir = tempfile::tempdir().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = Store::open(Options {
        dir: dir.path().join("mirror"),
        clock: clock.clone(),
        read_only: false,
    })
    .unwrap();
    let account = AccountId::new("wa");
    let info = AccountInfo {
        provider: "whatsapp".to_owned(),
        channels: vec![Channel::Whatsapp],
        own_addresses: Vec::new(),
        default_hold_ms: 0,
        reply_window_ms: None,
        sla_ms: None,
    };
    store.ensure_account(&account, info).await.unwrap();
    let secret = dir.path().join("secret");
    let mut file = std::fs::OpenOptions::new();
    let mut file = file
        .create(true)
        .write(true)
        .mode(0o600)
        .open(&secret)
        .unwrap();
    std::io::Write::write_all(&mut file, SECRET.as_bytes()).unwrap();
    let settings: WhatsappSettings = serde_json::from_value(json!({
        "phone_number_id": "106",
        "token": {"file": secret},
        "app_secret": {"file": secret},
        "verify_token": {"file": secret},
    }))
    .unwrap();
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = Listener::bind(Plan {
        store: store.clone(),
        clock: clock.clone(),
        settings: ListenSettings {
            address: any,
            status: any,
            requests_per_second: u32::MAX,
            ..ListenSettings::default()
        },
        accounts: vec![(
            account.clone(),
            Arc::new(WhatsappProvider::new(settings, clock)),
        )],
        news: None,
        pull: None,
    })
    .await
    .unwrap();
    let address = listener.address().unwrap();
    let (end, ended) = oneshot::channel::<()>();
    let served = tokio::spawn(listener.serve(async move { drop(ended.await) }));
    let count = posts.len();
    let began = Instant::now();
    let figures = drive(address, posts).await;
    while !store
        .waiting_requests(&account, 1)
        .await
        .unwrap()
        .is_empty()
    {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let listed = count as f64 / began.elapsed().as_secs_f64();
    drop(end);
    served.await.unwrap();
    drop(store);
    stored(&dir.path().join("mirror").join("mirror.db"), count);
    (figures, listed)
}

/// Every post that was answered is a message.
fn stored(file: &Path, count: usize) {
    let sql = rusqlite::Connection::open(file).unwrap();
    let found: i64 = sql
        .query_row("SELECT count(*) FROM message", [], |row| row.get(0))
        .unwrap();
    assert_eq!(found, i64::try_from(count).unwrap());
}

type Job = (Bytes, oneshot::Sender<()>);

/// The least that is durable before its 200: the signature, and one row of what was posted.
async fn bare(posts: Arc<Vec<Vec<u8>>>) -> Figures {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mirror.db");
    let (jobs, waiting) = std::sync::mpsc::channel::<Job>();
    let path = file.clone();
    let writer = std::thread::spawn(move || commit(&path, &waiting));
    let router = axum::Router::new()
        .route("/hook/wa", axum::routing::post(hook))
        .with_state(jobs);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
    let count = posts.len();
    let figures = drive(address, posts).await;
    server.abort();
    let _ = server.await;
    writer.join().unwrap();
    stored(&file, count);
    figures
}

async fn hook(
    State(jobs): State<std::sync::mpsc::Sender<Job>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let Some(signed) = headers.get("x-hub-signature-256") else {
        return StatusCode::UNAUTHORIZED;
    };
    if signed.as_bytes() != signature(&body).as_bytes() {
        return StatusCode::UNAUTHORIZED;
    }
    let (stored, told) = oneshot::channel();
    if jobs.send((body, stored)).is_err() || told.await.is_err() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    StatusCode::OK
}

fn commit(file: &Path, waiting: &std::sync::mpsc::Receiver<Job>) {
    let sql = rusqlite::Connection::open(file).unwrap();
    sql.execute_batch(
        "PRAGMA journal_mode = wal; PRAGMA synchronous = full;
         CREATE TABLE message(id INTEGER PRIMARY KEY, body BLOB, text TEXT);",
    )
    .unwrap();
    while let Ok(first) = waiting.recv() {
        let mut told = Vec::new();
        sql.execute_batch("BEGIN").unwrap();
        let mut insert = sql
            .prepare_cached("INSERT INTO message(body, text) VALUES (?1, ?2)")
            .unwrap();
        for (body, stored) in std::iter::once(first).chain(waiting.try_iter().take(255)) {
            let value: Value = serde_json::from_slice(&body).unwrap();
            let message = &value["entry"][0]["changes"][0]["value"]["messages"][0];
            insert
                .execute(params![&*body, message["text"]["body"].as_str()])
                .unwrap();
            told.push(stored);
        }
        drop(insert);
        sql.execute_batch("COMMIT").unwrap();
        for stored in told {
            let _ = stored.send(());
        }
    }
}
