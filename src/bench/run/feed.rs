//! A bot on loopback whose customers write without end while they are let, and are silent otherwise.

use crate::bench::generate::line;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::routing::post;
use serde_json::{Value, json};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::Notify;

/// Who the bot is.
pub const USER: &str = "northwind_feed_bot";
/// What its account shows.
pub const TOKEN: &str = "99:AAE_a_token_that_opens_nothing";
/// Messages in one answer, as many as the vendor gives.
const PAGE: i64 = 100;
/// Customers who write.
const CUSTOMERS: i64 = 2_000;

#[derive(Default)]
struct Told {
    pouring: AtomicBool,
    /// Messages a second; 0 for as many as are asked for.
    rate: AtomicU32,
    last: AtomicI64,
    poured: Notify,
}

/// The running bot.
pub struct Feed {
    url: String,
    told: Arc<Told>,
}

impl Feed {
    /// Starts it; it runs as long as the executor does.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let told = Arc::new(Told::default());
        let app = Router::new()
            .route("/{bot}/{method}", post(answer))
            .with_state(told.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { url, told })
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Lets the customers write, or no longer.
    pub fn pour(&self, on: bool) {
        self.told.pouring.store(on, Ordering::SeqCst);
        self.told.poured.notify_waiters();
    }

    /// Lets them write so many messages a second, from now on.
    pub fn pour_at(&self, rate: u32) {
        self.told.rate.store(rate, Ordering::SeqCst);
        self.pour(true);
    }

    /// How many messages were told.
    pub fn told(&self) -> i64 {
        self.told.last.load(Ordering::SeqCst)
    }
}

async fn answer(
    State(told): State<Arc<Told>>,
    Path((_, method)): Path<(String, String)>,
    body: Bytes,
) -> String {
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let result = match method.as_str() {
        "getUpdates" => {
            let wait = Duration::from_secs(asked["timeout"].as_u64().unwrap_or(0));
            if !told.pouring.load(Ordering::SeqCst) {
                let _ = tokio::time::timeout(wait, told.poured.notified()).await;
            }
            if let Some(rate) = NonZeroU32::new(told.rate.load(Ordering::SeqCst)) {
                tokio::time::sleep(Duration::from_secs(PAGE.unsigned_abs()) / rate.get()).await;
            }
            updates(&told)
        }
        "getMe" => json!({ "id": 99, "is_bot": true, "first_name": "Northwind", "username": USER }),
        "getWebhookInfo" => json!({ "url": "", "pending_update_count": 0 }),
        _ => json!(true),
    };
    json!({ "ok": true, "result": result }).to_string()
}

fn updates(told: &Told) -> Value {
    if !told.pouring.load(Ordering::SeqCst) {
        return json!([]);
    }
    let first = told.last.fetch_add(PAGE, Ordering::SeqCst) + 1;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    (first..first + PAGE)
        .map(|number| {
            let customer = 5_000_000 + number % CUSTOMERS;
            let person = json!({ "id": customer, "is_bot": false, "first_name": "Ana" });
            json!({
                "update_id": number,
                "message": {
                    "message_id": number, "date": now, "text": line(number.unsigned_abs()), "from": person,
                    "chat": { "id": customer, "type": "private", "first_name": "Ana" },
                },
            })
        })
        .collect()
}
