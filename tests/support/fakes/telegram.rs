//! A Bot API that remembers: updates wait until they are confirmed, one reader at a time, long polls that stay open.

use super::super::serve::{bind, serve};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::post;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

/// The token that it takes.
pub const TOKEN: &str = "99:AAEfake_token-of-the-suite";
/// The bot's user name.
pub const USER: &str = "acme_bot";

/// A request as it came, for the vendor's description.
#[derive(Debug, Clone)]
pub struct Asked {
    pub path: String,
    pub content_type: String,
    pub body: Vec<u8>,
}

#[derive(Default)]
struct Kept {
    updates: Vec<Value>,
    last_update: i64,
    last_message: i64,
    /// Grows with every reader; the one before ends with 409.
    reader: u64,
    sent: Vec<Value>,
    asked: Vec<Asked>,
    /// Answers to give before anything is done: method, status, body.
    refusals: Vec<(String, u16, Value)>,
    conflicts: u32,
    /// The next send is done and never answered.
    holds: bool,
    /// Address and word, where it posts instead of being asked.
    webhook: Option<(String, String)>,
    /// The last post that was not answered by 200.
    failed: Option<String>,
    /// What posts were answered with.
    calls_back: Vec<Value>,
}

/// A running fake.
#[derive(Clone)]
pub struct Telegram {
    pub url: String,
    kept: Arc<Mutex<Kept>>,
    news: Arc<Notify>,
}

impl Telegram {
    /// Starts one on a port of its own, in a thread that lives as long as the test.
    pub fn start() -> Self {
        let (listener, at) = bind();
        let url = format!("http://{at}");
        let fake = Self {
            url,
            kept: Arc::default(),
            news: Arc::default(),
        };
        serve(
            listener,
            Router::new()
                .route("/{bot}/{method}", post(answer))
                .with_state(fake.clone()),
        );
        let poster = fake.clone();
        std::thread::spawn(move || poster.post_what_waits());
        fake
    }

    /// A customer writes to the bot.
    pub fn customer_writes(&self, customer: i64, text: &str) {
        self.says(customer, json!({ "text": text }));
    }

    /// A customer sends a message of these parts.
    pub fn says(&self, customer: i64, parts: Value) {
        self.happens(|kept| {
            kept.last_message += 1;
            let mut message = parts;
            message["message_id"] = kept.last_message.into();
            message["date"] = now().into();
            message["chat"] = json!({ "id": customer, "type": "private", "first_name": "Ana" });
            message["from"] = json!({ "id": customer, "is_bot": false, "first_name": "Ana" });
            json!({ "message": message })
        });
    }

    /// The next send is done, and its answer never comes.
    pub fn holds_answer(&self) {
        self.kept.lock().unwrap().holds = true;
    }

    /// The customer presses a button below the bot's message.
    pub fn presses(&self, customer: i64, data: &str) {
        self.happens(|kept| {
            kept.last_message += 1;
            let id = format!("press-{}", kept.last_message);
            let by = json!({ "id": customer, "is_bot": false, "first_name": "Ana" });
            let below = json!({ "message_id": 1, "date": 1, "chat": { "id": customer, "type": "private" } });
            json!({ "callback_query": { "id": id, "from": by, "message": below, "data": data } })
        });
    }

    /// Where it posts, and the word that it shows there.
    pub fn webhook(&self) -> Option<(String, String)> {
        self.kept.lock().unwrap().webhook.clone()
    }

    /// Updates that are not yet told.
    pub fn waiting(&self) -> Vec<Value> {
        self.kept.lock().unwrap().updates.clone()
    }

    /// Calls with which posts were answered.
    pub fn calls_back(&self) -> Vec<Value> {
        self.kept.lock().unwrap().calls_back.clone()
    }

    /// Tells an update in both ways, as one that was polled and not yet confirmed when the webhook was set.
    pub fn tells_again(&self, update: Value) {
        self.kept.lock().unwrap().updates.push(update);
    }

    /// Posts what waits, in order, again and again until it is answered by 200.
    fn post_what_waits(&self) {
        loop {
            std::thread::sleep(Duration::from_millis(20));
            let (update, place) = {
                let kept = self.kept.lock().unwrap();
                match (kept.updates.first(), &kept.webhook) {
                    (Some(update), Some(place)) => (update.clone(), place.clone()),
                    _ => continue,
                }
            };
            let body = update.to_string();
            let said = post_to(
                &place.0,
                &[("X-Telegram-Bot-Api-Secret-Token", &place.1)],
                &body,
            );
            let mut kept = self.kept.lock().unwrap();
            match said {
                Ok((200, answer)) => {
                    kept.updates.retain(|one| *one != update);
                    kept.calls_back
                        .extend(serde_json::from_str::<Value>(&answer));
                }
                Ok((status, _)) => {
                    kept.failed = Some(format!("Wrong response from the webhook: {status}"));
                }
                Err(error) => kept.failed = Some(format!("Connection failed: {error}")),
            }
        }
    }

    fn happens(&self, make: impl FnOnce(&mut Kept) -> Value) {
        let mut kept = self.kept.lock().unwrap();
        kept.last_update += 1;
        let mut update = make(&mut kept);
        update["update_id"] = kept.last_update.into();
        kept.updates.push(update);
        drop(kept);
        self.news.notify_waiters();
    }

    /// Everything that the bot sent.
    pub fn sent(&self) -> Vec<Value> {
        self.kept.lock().unwrap().sent.clone()
    }

    /// Every request, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.kept.lock().unwrap().asked.clone()
    }

    /// How often two read at once.
    pub fn conflicts(&self) -> u32 {
        self.kept.lock().unwrap().conflicts
    }

    /// The next call of this method is refused so.
    pub fn refuses(&self, method: &str, status: u16, body: Value) {
        let mut kept = self.kept.lock().unwrap();
        kept.refusals.push((method.to_owned(), status, body));
    }

    async fn updates(&self, body: &Value) -> (u16, Value) {
        let offset = body["offset"].as_i64().unwrap_or(0);
        let limit = body["limit"].as_u64().unwrap_or(100) as usize;
        let wait = Duration::from_secs(body["timeout"].as_u64().unwrap_or(0));
        let end = tokio::time::Instant::now() + wait;
        let mine = {
            let mut kept = self.kept.lock().unwrap();
            if kept.webhook.is_some() {
                return refusal(
                    409,
                    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
                );
            }
            kept.reader += 1;
            // Who asks from a number on has everything below.
            kept.updates
                .retain(|update| update["update_id"].as_i64().unwrap() >= offset);
            kept.reader
        };
        self.news.notify_waiters();
        loop {
            let news = self.news.notified();
            tokio::pin!(news);
            news.as_mut().enable();
            {
                let mut kept = self.kept.lock().unwrap();
                if kept.reader != mine {
                    kept.conflicts += 1;
                    return refusal(
                        409,
                        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                    );
                }
                let found: Vec<Value> = kept.updates.iter().take(limit).cloned().collect();
                if !found.is_empty() || tokio::time::Instant::now() >= end {
                    return (200, json!({ "ok": true, "result": found }));
                }
            }
            let _ = tokio::time::timeout_at(end, news).await;
        }
    }

    fn take(&self, body: &Value) -> (u16, Value) {
        let mut kept = self.kept.lock().unwrap();
        let Some(chat) = body["chat_id"].as_i64() else {
            return refusal(400, "Bad Request: chat_id is empty");
        };
        if body["text"].as_str().is_none_or(str::is_empty) {
            return refusal(400, "Bad Request: message text is empty");
        }
        kept.last_message += 1;
        let message = json!({
            "message_id": kept.last_message, "date": now(),
            "chat": { "id": chat, "type": "private" },
            "from": { "id": 99, "is_bot": true, "first_name": "Acme", "username": USER },
            "text": body["text"], "entities": body["entities"],
        });
        kept.sent.push(message.clone());
        (200, json!({ "ok": true, "result": message }))
    }
}

/// Posts a body as JSON; the status and the body of the answer.
pub fn post_to(url: &str, headers: &[(&str, &str)], body: &str) -> std::io::Result<(u16, String)> {
    use std::io::{Read, Write};
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = std::net::TcpStream::connect(host)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut head = format!(
        "POST /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head = format!("{head}{name}: {value}\r\n");
    }
    stream.write_all(format!("{head}\r\n{body}").as_bytes())?;
    let mut said = String::new();
    stream.read_to_string(&mut said)?;
    let status = said.split(' ').nth(1).and_then(|word| word.parse().ok());
    let status = status.ok_or_else(|| std::io::Error::other("no answer"))?;
    let body = said.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok((status, body.to_owned()))
}

fn refusal(code: u16, words: &str) -> (u16, Value) {
    (
        code,
        json!({ "ok": false, "error_code": code, "description": words }),
    )
}

fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap().as_secs()
}

async fn answer(
    State(fake): State<Telegram>,
    Path((bot, method)): Path<(String, String)>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let refused = {
        let mut kept = fake.kept.lock().unwrap();
        let content_type = headers
            .get("content-type")
            .map(|value| value.to_str().unwrap());
        kept.asked.push(Asked {
            path: format!("/{bot}/{method}"),
            content_type: content_type.unwrap_or_default().to_owned(),
            body: bytes.to_vec(),
        });
        let at = kept.refusals.iter().position(|(of, _, _)| *of == method);
        at.map(|at| kept.refusals.remove(at))
    };
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let (status, said) = match (refused, method.as_str()) {
        (Some((_, status, said)), _) => (status, said),
        (None, _) if bot != format!("bot{TOKEN}") => refusal(401, "Unauthorized"),
        (None, "getUpdates") => fake.updates(&body).await,
        (None, "sendMessage") => {
            let taken = fake.take(&body);
            let held = std::mem::take(&mut fake.kept.lock().unwrap().holds);
            if held {
                std::future::pending::<()>().await;
            }
            taken
        }
        (None, "getMe") => (
            200,
            json!({ "ok": true, "result": { "id": 99, "is_bot": true, "first_name": "Acme", "username": USER } }),
        ),
        (None, "getWebhookInfo") => {
            let kept = fake.kept.lock().unwrap();
            let url = kept.webhook.as_ref().map_or("", |(url, _)| url.as_str());
            let mut info = json!({ "url": url, "pending_update_count": kept.updates.len() });
            if let Some(failed) = &kept.failed {
                info["last_error_date"] = now().into();
                info["last_error_message"] = failed.as_str().into();
            }
            (200, json!({ "ok": true, "result": info }))
        }
        (None, "setWebhook") => {
            let mut kept = fake.kept.lock().unwrap();
            let word = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
            let url = word("url");
            kept.webhook = (!url.is_empty()).then(|| (url, word("secret_token")));
            kept.failed = None;
            // Whoever reads is sent away.
            kept.reader += 1;
            drop(kept);
            fake.news.notify_waiters();
            (200, json!({ "ok": true, "result": true }))
        }
        (None, "deleteWebhook") => {
            fake.kept.lock().unwrap().webhook = None;
            (200, json!({ "ok": true, "result": true }))
        }
        (None, "answerCallbackQuery" | "readBusinessMessage" | "sendChatAction") => {
            (200, json!({ "ok": true, "result": true }))
        }
        _ => refusal(404, "Not Found"),
    };
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Body::from(said.to_string()))
        .unwrap()
}
