//! A Graph API that remembers: conversations of one page or Instagram account, newest first and in pages, sends with
//! their window, files behind signed addresses, comments, and every request as it came.

use super::super::serve::{bind, serve};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// The token that it takes.
pub const TOKEN: &str = "EAApage-token-of-the-suite";
/// The page.
pub const PAGE: &str = "1020304050";
/// The Instagram account that is linked to it.
pub const INSTAGRAM: &str = "17841400000000001";
/// Of more messages of a conversation it shows no content.
const SHOWN: usize = 20;

/// A request as it came, for the vendor's description.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub content_type: String,
    pub body: Vec<u8>,
}

#[derive(Debug, Clone)]
struct Message {
    id: String,
    at: u64,
    ours: bool,
    /// As a listing shows it, without id and time.
    parts: Value,
}

#[derive(Debug, Clone, Default)]
struct Chat {
    customer: String,
    messages: Vec<Message>,
}

#[derive(Default)]
struct Kept {
    chats: Vec<Chat>,
    last: u64,
    sent: Vec<Value>,
    asked: Vec<Asked>,
    refusals: Vec<(String, u16, Value)>,
    usage: Option<String>,
    closed: bool,
    files: HashMap<String, Vec<u8>>,
    comments: Vec<Value>,
    /// The next send is done and never answered.
    holds: bool,
}

/// A running fake.
#[derive(Clone)]
pub struct MetaPage {
    /// With the version.
    pub url: String,
    own: &'static str,
    kept: Arc<Mutex<Kept>>,
}

impl MetaPage {
    /// A page's Messenger, on a port of its own, in a thread that lives as long as the test.
    pub fn messenger() -> Self {
        Self::start(PAGE)
    }

    /// An Instagram account that is linked to the page.
    pub fn instagram() -> Self {
        Self::start(INSTAGRAM)
    }

    fn start(own: &'static str) -> Self {
        let (listener, at) = bind();
        let url = format!("http://{at}/v25.0");
        let fake = Self {
            url,
            own,
            kept: Arc::default(),
        };
        serve(
            listener,
            Router::new().fallback(answer).with_state(fake.clone()),
        );
        fake
    }

    /// The settings of an account on it.
    pub fn settings(&self, more: &str) -> String {
        let ids = if self.own == PAGE {
            format!("page_id = \"{PAGE}\"")
        } else {
            format!("account_id = \"{INSTAGRAM}\"\npage_id = \"{PAGE}\"")
        };
        format!(
            "{ids}\ntoken = \"{TOKEN}\"\nbase_url = \"{}\"\ncalls_per_second = 1000\n{more}\n",
            self.url
        )
    }

    /// A customer writes to the page; gives the message's id.
    pub fn customer_writes(&self, customer: &str, text: &str) -> String {
        self.says(customer, false, now(), json!({ "message": text }))
    }

    /// Somebody writes, now or at another time, with these parts.
    pub fn says(&self, customer: &str, ours: bool, at: u64, parts: Value) -> String {
        let mut kept = self.kept.lock().unwrap();
        kept.last += 1;
        let id = format!("m_{}", kept.last);
        let message = Message {
            id: id.clone(),
            at,
            ours,
            parts,
        };
        let known = kept.chats.iter_mut().find(|chat| chat.customer == customer);
        match known {
            Some(chat) => chat.messages.push(message),
            None => kept.chats.push(Chat {
                customer: customer.to_owned(),
                messages: vec![message],
            }),
        }
        id
    }

    /// Keeps the bytes of a file; gives its signed address.
    pub fn file(&self, name: &str, bytes: &[u8]) -> String {
        let mut kept = self.kept.lock().unwrap();
        kept.files.insert(name.to_owned(), bytes.to_vec());
        format!("{}/cdn/{name}?oh=signed", self.url)
    }

    /// A comment below a post, as a listing shows it.
    pub fn comments(&self, comment: Value) {
        self.kept.lock().unwrap().comments.push(comment);
    }

    /// Everything that was sent or done, as it was asked for.
    pub fn sent(&self) -> Vec<Value> {
        self.kept.lock().unwrap().sent.clone()
    }

    /// Every request, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.kept.lock().unwrap().asked.clone()
    }

    /// The next call whose path ends so is refused.
    pub fn refuses(&self, path: &str, status: u16, error: &Value) {
        let mut kept = self.kept.lock().unwrap();
        kept.refusals
            .push((path.to_owned(), status, json!({ "error": error })));
    }

    /// The next send is done, and its answer never comes.
    pub fn holds_answer(&self) {
        self.kept.lock().unwrap().holds = true;
    }

    /// From now on 24 hours have passed since the customers wrote.
    pub fn a_day_passes(&self) {
        self.kept.lock().unwrap().closed = true;
    }

    /// From now on every answer tells this usage.
    pub fn usage(&self, header: &str) {
        self.kept.lock().unwrap().usage = Some(header.to_owned());
    }

    fn message(&self, chat: &Chat, index: usize, fields: &str) -> Value {
        let message = &chat.messages[index];
        let mut shown = json!({ "id": message.id, "created_time": stamp(message.at) });
        if chat.messages.len() - index > SHOWN || !fields.contains("from") {
            return shown;
        }
        let us = json!({ "id": self.own, "name": "Example" });
        let them = json!({ "id": chat.customer, "name": "Ana Ramos" });
        let (from, to) = if message.ours { (us, them) } else { (them, us) };
        shown["from"] = from;
        shown["to"] = json!({ "data": [to] });
        for (key, value) in message.parts.as_object().unwrap() {
            shown[key] = value.clone();
        }
        shown
    }

    fn messages(&self, chat: &Chat, query: &HashMap<String, String>, fields: &str) -> Value {
        let skip: usize = query.get("after").map_or(0, |after| after.parse().unwrap());
        let all = chat.messages.len();
        let newest_first = (0..all).rev().skip(skip).take(SHOWN);
        let data: Vec<Value> = newest_first
            .map(|index| self.message(chat, index, fields))
            .collect();
        page(&data, skip, all)
    }

    fn conversations(&self, kept: &Kept, query: &HashMap<String, String>) -> Value {
        let mut chats: Vec<&Chat> = kept.chats.iter().collect();
        if let Some(user) = query.get("user_id") {
            chats.retain(|chat| chat.customer == *user);
        }
        let changed = |chat: &Chat| chat.messages.iter().map(|one| one.at).max().unwrap();
        chats.sort_by_key(|chat| std::cmp::Reverse(changed(chat)));
        let limit: usize = query
            .get("limit")
            .map_or(25, |limit| limit.parse().unwrap());
        let skip: usize = query.get("after").map_or(0, |after| after.parse().unwrap());
        let fields = query.get("fields").map_or("", String::as_str);
        let data: Vec<Value> = chats
            .iter()
            .skip(skip)
            .take(limit)
            .map(|chat| {
                let mut shown = json!({
                    "id": format!("t_{}", chat.customer),
                    "updated_time": stamp(changed(chat)),
                });
                if fields.contains("participants") {
                    shown["participants"] = json!({ "data": [
                        { "id": chat.customer, "name": "Ana Ramos" }, { "id": self.own, "name": "Example" },
                    ] });
                }
                if fields.contains("messages") {
                    shown["messages"] = self.messages(chat, &HashMap::new(), fields);
                }
                shown
            })
            .collect();
        page(&data, skip, chats.len())
    }

    fn take(kept: &mut Kept, body: &Value) -> (u16, Value) {
        let refused = |code: u32, sub: u32, words: &str| {
            let error = json!({ "message": words, "code": code, "error_subcode": sub });
            (400, json!({ "error": error }))
        };
        if let Some(comment) = body["recipient"]["comment_id"].as_str() {
            kept.sent.push(body.clone());
            return (
                200,
                json!({ "recipient_id": "4711", "message_id": format!("m_private_{comment}") }),
            );
        }
        let Some(to) = body["recipient"]["id"].as_str() else {
            return refused(100, 0, "(#100) recipient is needed");
        };
        if body.get("sender_action").is_some() {
            return (200, json!({ "recipient_id": to }));
        }
        let tagged = body["tag"] == "HUMAN_AGENT";
        if kept.closed && !tagged {
            return refused(
                10,
                2_018_278,
                "(#10) This message is sent outside of allowed window.",
            );
        }
        let message = &body["message"];
        let files = message
            .get("attachment")
            .or_else(|| message.get("attachments"));
        if message["text"].as_str().is_none_or(str::is_empty) && files.is_none() {
            return refused(100, 0, "(#100) Param message must be not empty");
        }
        kept.sent.push(body.clone());
        kept.last += 1;
        let id = format!("m_{}", kept.last);
        let kept_message = Message {
            id: id.clone(),
            at: now(),
            ours: true,
            parts: json!({ "message": message["text"].as_str().unwrap_or_default() }),
        };
        let chat = kept.chats.iter_mut().find(|chat| chat.customer == to);
        match chat {
            Some(chat) => chat.messages.push(kept_message),
            None => kept.chats.push(Chat {
                customer: to.to_owned(),
                messages: vec![kept_message],
            }),
        }
        (200, json!({ "recipient_id": to, "message_id": id }))
    }

    fn get(&self, kept: &Kept, parts: &[&str], query: &HashMap<String, String>) -> (u16, Value) {
        let fields = query.get("fields").map_or("", String::as_str);
        match parts {
            [node, "conversations"] if *node == PAGE => (200, self.conversations(kept, query)),
            [chat, "messages"] => {
                let found = kept
                    .chats
                    .iter()
                    .find(|one| format!("t_{}", one.customer) == **chat);
                found.map_or_else(no_such, |chat| (200, self.messages(chat, query, fields)))
            }
            [INSTAGRAM] if fields.starts_with("mentioned_comment") => (
                200,
                json!({ "mentioned_comment": { "id": "178", "text": "@example how much?",
                    "timestamp": stamp(now()), "from": { "id": "77", "username": "bob" } } }),
            ),
            [id] if [PAGE, INSTAGRAM].contains(id) => (200, json!({ "id": id, "name": "Example" })),
            [id] if id.starts_with("m_") => {
                let all = kept.chats.iter().flat_map(|chat| &chat.messages);
                let found = all.into_iter().find(|message| message.id == *id);
                found.map_or_else(no_such, |message| (200, message.parts.clone()))
            }
            [_, "feed" | "media"] => {
                let data = json!([{ "id": "post1", "message": "Our new lamp", "caption": "Our new lamp",
                    "updated_time": stamp(now()), "comments": { "data": kept.comments } }]);
                (200, json!({ "data": data }))
            }
            [_] => (200, json!({ "name": "Ana Ramos" })),
            _ => no_such(),
        }
    }

    fn post(kept: &mut Kept, parts: &[&str], body: &Value, raw: &[u8]) -> (u16, Value) {
        match parts {
            [node, "messages"] if *node == PAGE => Self::take(kept, body),
            [_, "message_attachments"] => {
                assert!(raw.windows(8).any(|part| part == b"filedata"));
                kept.last += 1;
                (200, json!({ "attachment_id": kept.last.to_string() }))
            }
            [comment, "comments" | "replies" | "mentions"] => {
                kept.sent.push(json!({ "comment": comment, "asked": body }));
                kept.last += 1;
                (200, json!({ "id": format!("{comment}_{}", kept.last) }))
            }
            [comment] => {
                kept.sent.push(json!({ "comment": comment, "asked": body }));
                (200, json!({ "success": true }))
            }
            _ => no_such(),
        }
    }
}

fn page(data: &[Value], skip: usize, all: usize) -> Value {
    let mut page = json!({ "data": data });
    let end = skip + data.len();
    if !data.is_empty() {
        page["paging"] = json!({ "cursors": { "before": "0", "after": end.to_string() } });
    }
    if end < all {
        page["paging"]["next"] = "https://graph.facebook.com/the-next-page".into();
    }
    page
}

fn no_such() -> (u16, Value) {
    let error = json!({ "message": "Unsupported get request", "code": 100, "error_subcode": 33 });
    (400, json!({ "error": error }))
}

/// Seconds since 1970.
pub fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap().as_secs()
}

/// A time as Meta writes it.
pub fn stamp(at: u64) -> String {
    let at = jiff::Timestamp::from_second(i64::try_from(at).unwrap()).unwrap();
    at.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string()
}

fn pairs(text: &str) -> HashMap<String, String> {
    url::form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect()
}

async fn answer(
    State(fake): State<MetaPage>,
    method: Method,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let before = fake.sent().len();
    let response = fake.respond(&method, &uri, &query.unwrap_or_default(), &headers, &bytes);
    let held = {
        let mut kept = fake.kept.lock().unwrap();
        kept.sent.len() > before && std::mem::take(&mut kept.holds)
    };
    if held {
        std::future::pending::<()>().await;
    }
    response
}

impl MetaPage {
    fn respond(
        &self,
        method: &Method,
        uri: &Uri,
        query: &str,
        headers: &HeaderMap,
        bytes: &[u8],
    ) -> Response {
        let header = |name: &str| {
            let value = headers.get(name).map(|value| value.to_str().unwrap());
            value.unwrap_or_default().to_owned()
        };
        let path = uri.path().to_owned();
        let mut kept = self.kept.lock().unwrap();
        let place = path.trim_start_matches("/v25.0/").to_owned();
        if let Some(name) = place.strip_prefix("cdn/") {
            // Who has the address needs no token, and must not be given one.
            assert_eq!(header("authorization"), "");
            let bytes = kept.files.get(name).cloned();
            let status = if bytes.is_some() { 200 } else { 404 };
            return Response::builder()
                .status(status)
                .body(Body::from(bytes.unwrap_or_default()))
                .unwrap();
        }
        let content_type = header("content-type");
        kept.asked.push(Asked {
            method: method.to_string(),
            path: if query.is_empty() {
                path
            } else {
                format!("{path}?{query}")
            },
            content_type: content_type.clone(),
            body: bytes.to_vec(),
        });
        let refused = kept
            .refusals
            .iter()
            .position(|(of, _, _)| place.ends_with(of.as_str()));
        let refused = refused.map(|at| kept.refusals.remove(at));
        let parts: Vec<&str> = place.split('/').collect();
        let (status, said) = if header("authorization") != format!("Bearer {TOKEN}") {
            let error = json!({ "message": "Error validating access token", "code": 190, "error_subcode": 463 });
            (401, json!({ "error": error }))
        } else if let Some((_, status, said)) = refused {
            (status, said)
        } else if *method == Method::GET {
            self.get(&kept, &parts, &pairs(query))
        } else {
            let body: Value = if content_type.starts_with("application/json") {
                serde_json::from_slice(bytes).unwrap()
            } else {
                json!(pairs(&String::from_utf8_lossy(bytes)))
            };
            MetaPage::post(&mut kept, &parts, &body, bytes)
        };
        let mut response = Response::builder()
            .status(status)
            .header("content-type", "application/json");
        if let Some(usage) = &kept.usage {
            response = response.header("x-app-usage", usage);
        }
        response.body(Body::from(said.to_string())).unwrap()
    }
}
