//! A Twilio that remembers: messages with their states, files, calls, recordings, templates, and pages that are followed.

use super::super::serve::{bind, serve};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use base64::Engine;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Our number there, also for WhatsApp.
pub const NUMBER: &str = "+12125550100";
pub const ACCOUNT: &str = "AC00000000000000000000000000000001";
pub const TOKEN: &str = "token-of-the-suite";

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    /// With the query.
    pub path: String,
    pub content_type: String,
    pub authorized: bool,
    pub body: Vec<u8>,
}

#[derive(Debug, Clone)]
struct Refusal {
    part: String,
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    after: bool,
}

#[derive(Default)]
struct Kept {
    /// Oldest first.
    messages: Vec<Value>,
    calls: Vec<Value>,
    recordings: Vec<Value>,
    contents: Vec<Value>,
    /// Bytes below the account's path.
    files: HashMap<String, Vec<u8>>,
    last: u64,
    asked: Vec<Asked>,
    refusals: Vec<Refusal>,
    stopped: Vec<String>,
    /// The next send is done and never answered.
    holds: bool,
}

/// A running fake.
#[derive(Clone)]
pub struct Twilio {
    pub url: String,
    kept: Arc<Mutex<Kept>>,
}

impl Twilio {
    /// Starts one on a port of its own, in a thread that lives as long as the test.
    pub fn start() -> Self {
        let (listener, at) = bind();
        let fake = Self {
            url: format!("http://{at}"),
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
        format!(
            "account_sid = \"{ACCOUNT}\"\nauth_token = \"{TOKEN}\"\nnumbers = [\"{NUMBER}\"]\nbase_url = \"{0}\"\ncontent_url = \"{0}\"\n{more}",
            self.url
        )
    }

    /// A customer writes an SMS, or by WhatsApp where the address says so; gives its SID.
    pub fn customer_writes(&self, customer: &str, text: &str) -> String {
        self.customer_writes_at(customer, text, now())
    }

    pub fn customer_writes_at(&self, customer: &str, text: &str, at: i64) -> String {
        let own = match customer.split_once(':') {
            Some((channel, _)) => format!("{channel}:{NUMBER}"),
            None => NUMBER.to_owned(),
        };
        self.put(json!({
            "from": customer, "to": own, "body": text, "direction": "inbound", "status": "received",
            "num_segments": "1", "num_media": "0", "error_code": null, "error_message": null,
            "messaging_service_sid": null, "date_sent": rfc2822(at), "date_created": rfc2822(at),
            "date_updated": rfc2822(at),
        }))
    }

    /// Puts a message as it is, with a SID unless it has one.
    pub fn put(&self, mut message: Value) -> String {
        let mut kept = self.kept.lock().unwrap();
        kept.last += 1;
        let sid = format!("SM{:032x}", kept.last);
        if message.is_object() && message.get("sid").is_none() {
            message["sid"] = sid.clone().into();
            message["account_sid"] = ACCOUNT.into();
        }
        kept.messages.push(message);
        sid
    }

    /// A file of a message.
    pub fn file(&self, message: &str, mime: &str, bytes: &[u8]) -> String {
        let mut kept = self.kept.lock().unwrap();
        kept.last += 1;
        let sid = format!("ME{:032x}", kept.last);
        let found = kept.messages.iter_mut().find(|one| one["sid"] == *message);
        let record = found.unwrap();
        let mut files = record["files"].as_array().cloned().unwrap_or_default();
        files.push(json!({ "sid": sid, "parent_sid": message, "content_type": mime }));
        record["num_media"] = files.len().to_string().into();
        record["files"] = files.into();
        let key = format!("/Messages/{message}/Media/{sid}");
        kept.files.insert(key, bytes.to_vec());
        sid
    }

    pub fn call(&self, call: Value) {
        self.kept.lock().unwrap().calls.push(call);
    }

    pub fn recording(&self, recording: Value, bytes: &[u8]) {
        let mut kept = self.kept.lock().unwrap();
        let key = format!("/Recordings/{}.mp3", recording["sid"].as_str().unwrap());
        kept.files.insert(key, bytes.to_vec());
        kept.recordings.push(recording);
    }

    pub fn content(&self, content: Value) {
        self.kept.lock().unwrap().contents.push(content);
    }

    /// What we sent gets this far.
    pub fn gets(&self, sid: &str, status: &str, code: Option<i64>) {
        let mut kept = self.kept.lock().unwrap();
        let record = kept.messages.iter_mut().find(|one| one["sid"] == *sid);
        let record = record.unwrap();
        record["status"] = status.into();
        record["error_code"] = code.into();
        record["date_updated"] = rfc2822(now()).into();
    }

    /// Nothing may be sent to them.
    pub fn stops(&self, customer: &str) {
        self.kept.lock().unwrap().stopped.push(customer.to_owned());
    }

    /// The next send is done, and its answer never comes.
    pub fn holds_answer(&self) {
        self.kept.lock().unwrap().holds = true;
    }

    /// Everything that we sent.
    pub fn sent(&self) -> Vec<Value> {
        let kept = self.kept.lock().unwrap();
        let ours = kept
            .messages
            .iter()
            .filter(|one| one["direction"] == "outbound-api");
        ours.cloned().collect()
    }

    /// Every request, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.kept.lock().unwrap().asked.clone()
    }

    /// The next request with this in its path is refused so, before anything is done.
    pub fn refuses(&self, part: &str, status: u16, body: &Value) {
        self.next(part, status, &[], body.to_string().as_bytes(), false);
    }

    /// The next request with this in its path is done, and answered so.
    pub fn does_but_answers(&self, part: &str, status: u16, body: &Value) {
        self.next(part, status, &[], body.to_string().as_bytes(), true);
    }

    /// The next request with this in its path is answered with these bytes.
    pub fn next(
        &self,
        part: &str,
        status: u16,
        headers: &[(&'static str, &str)],
        body: &[u8],
        after: bool,
    ) {
        let headers = headers
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        self.kept.lock().unwrap().refusals.push(Refusal {
            part: part.to_owned(),
            status,
            headers: headers.collect(),
            body: body.to_vec(),
            after,
        });
    }

    fn answer(&self, asked: &Asked) -> (u16, Value, Option<Vec<u8>>) {
        let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
        let query = pairs(query.as_bytes());
        let mut kept = self.kept.lock().unwrap();
        if !asked.authorized {
            let (status, said) = refusal(401, 20003, "Authenticate");
            return (status, said, None);
        }
        if path == "/v1/ContentAndApprovals" {
            let said = json!({ "contents": kept.contents, "meta": { "key": "contents", "next_page_url": null } });
            return (200, said, None);
        }
        let account = format!("/2010-04-01/Accounts/{ACCOUNT}");
        let below = path.strip_prefix(&account).unwrap_or("?");
        if let Some(bytes) = kept.files.get(below) {
            return (200, Value::Null, Some(bytes.clone()));
        }
        let parts: Vec<&str> = below.split('/').skip(1).collect();
        let (status, said) = match (asked.method.as_str(), parts.as_slice()) {
            ("GET", []) if below == ".json" => (
                200,
                json!({ "sid": ACCOUNT, "friendly_name": "Suite", "status": "active" }),
            ),
            ("GET", ["IncomingPhoneNumbers.json"]) => (
                200,
                json!({ "incoming_phone_numbers": [{ "phone_number": NUMBER,
                    "capabilities": { "sms": true, "mms": true, "voice": true } }] }),
            ),
            ("GET", ["Messages.json"]) => page(&kept.messages, "messages", path, &query),
            ("GET", ["Calls.json"]) => page(&kept.calls, "calls", path, &query),
            ("GET", ["Recordings.json"]) => page(&kept.recordings, "recordings", path, &query),
            ("POST", ["Messages.json"]) => kept.send(&pairs(&asked.body)),
            ("GET", ["Messages", message, "Media.json"]) => {
                let found = kept.messages.iter().find(|one| one["sid"] == **message);
                let files = found.map_or(Value::Null, |one| one["files"].clone());
                (200, json!({ "media_list": files }))
            }
            ("GET", [kind @ ("Messages" | "Calls"), name]) => {
                let sid = name.trim_end_matches(".json");
                let all = if *kind == "Calls" {
                    &kept.calls
                } else {
                    &kept.messages
                };
                match all.iter().find(|one| one["sid"] == *sid) {
                    Some(found) => (200, found.clone()),
                    None => refusal(404, 20404, "Not found"),
                }
            }
            _ => refusal(404, 20404, "Not found"),
        };
        (status, said, None)
    }
}

impl Kept {
    fn send(&mut self, form: &[(String, String)]) -> (u16, Value) {
        let word = |key: &str| form.iter().find(|(name, _)| name == key);
        let word = |key: &str| word(key).map(|(_, value)| value.clone());
        let (Some(to), Some(from)) = (word("To"), word("From").or(word("MessagingServiceSid")))
        else {
            return refusal(400, 21603, "A 'From' phone number is required.");
        };
        if self.stopped.contains(&to) {
            return refusal(400, 21610, "Attempt to send to unsubscribed recipient");
        }
        let files = form.iter().filter(|(name, _)| name == "MediaUrl").count();
        let body = match word("ContentSid") {
            Some(content) => format!("{content} {}", word("ContentVariables").unwrap_or_default()),
            None => word("Body").unwrap_or_default(),
        };
        if body.is_empty() && files == 0 {
            return refusal(400, 21602, "Message body is required.");
        }
        self.last += 1;
        let by_service = from.starts_with("MG");
        let record = json!({
            "sid": format!("SM{:032x}", self.last), "account_sid": ACCOUNT, "to": to,
            "from": if by_service { Value::Null } else { from.clone().into() },
            "messaging_service_sid": if by_service { from.into() } else { Value::Null },
            "body": body, "direction": "outbound-api", "status": "queued", "num_segments": "1",
            "num_media": files.to_string(), "error_code": null, "error_message": null,
            "date_created": rfc2822(now()), "date_updated": rfc2822(now()), "date_sent": null,
        });
        self.messages.push(record.clone());
        (201, record)
    }
}

/// A page, newest first. The token is the SID of the last item of the page before, so that news shifts nothing.
fn page(all: &[Value], key: &str, path: &str, query: &[(String, String)]) -> (u16, Value) {
    let word = |key: &str| query.iter().find(|(name, _)| name == key);
    let size: usize = word("PageSize").map_or(50, |(_, size)| size.parse().unwrap());
    let to = word("To").map(|(_, to)| to.clone());
    let mut list: Vec<&Value> = all
        .iter()
        .rev()
        .filter(|one| to.as_ref().is_none_or(|to| one["to"] == **to))
        .collect();
    if let Some((_, token)) = word("PageToken") {
        let at = list.iter().position(|one| one["sid"] == token[2..]);
        list.drain(..=at.unwrap());
    }
    let next = (list.len() > size).then(|| {
        let last = list[size - 1]["sid"].as_str().unwrap();
        format!("{path}?PageSize={size}&Page=1&PageToken=PA{last}")
    });
    list.truncate(size);
    (
        200,
        json!({ key: list, "next_page_uri": next, "page_size": size }),
    )
}

fn refusal(status: u16, code: i64, words: &str) -> (u16, Value) {
    (status, error(status, code, words))
}

/// An error as Twilio says it.
pub fn error(status: u16, code: i64, words: &str) -> Value {
    json!({ "code": code, "message": words, "status": status,
        "more_info": format!("https://www.twilio.com/docs/errors/{code}") })
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

/// Milliseconds since 1970.
pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.unwrap().as_millis()).unwrap()
}

/// A moment as Twilio writes it.
pub fn rfc2822(at: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(at).unwrap();
    jiff::fmt::rfc2822::to_string(&at.to_zoned(jiff::tz::TimeZone::UTC)).unwrap()
}

async fn answer(State(fake): State<Twilio>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, 64 << 20).await.unwrap();
    let header = |name: &str| {
        let value = head.headers.get(name);
        value.map(|value| value.to_str().unwrap().to_owned())
    };
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{ACCOUNT}:{TOKEN}"));
    let asked = Asked {
        method: head.method.to_string(),
        path: head.uri.path_and_query().unwrap().to_string(),
        content_type: header("content-type").unwrap_or_default(),
        authorized: header("authorization") == Some(format!("Basic {basic}")),
        body: body.to_vec(),
    };
    let refused = {
        let mut kept = fake.kept.lock().unwrap();
        kept.asked.push(asked.clone());
        let at = kept
            .refusals
            .iter()
            .position(|one| asked.path.contains(&one.part));
        at.map(|at| kept.refusals.remove(at))
    };
    let held = asked.method == "POST" && {
        let mut kept = fake.kept.lock().unwrap();
        std::mem::take(&mut kept.holds)
    };
    if held {
        fake.answer(&asked);
        std::future::pending::<()>().await;
    }
    let mut response = Response::builder();
    let (status, body) = if let Some(refusal) = refused {
        if refusal.after {
            fake.answer(&asked);
        }
        for (name, value) in refusal.headers {
            response = response.header(name, value);
        }
        (refusal.status, refusal.body)
    } else {
        let (status, said, bytes) = fake.answer(&asked);
        (
            status,
            bytes.unwrap_or_else(|| said.to_string().into_bytes()),
        )
    };
    response
        .status(status)
        .header("content-type", "application/json")
        .body(Body::from(body))
        .unwrap()
}
