//! A RingCentral that remembers: tokens that run out, a message store with syncs and pages, a call log, and a socket.

mod http;
mod kept;
mod socket;

use super::super::serve::{bind, in_thread};
use axum::Router;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::broadcast;

/// Our number there.
pub const NUMBER: &str = "+12125550100";
/// What logs in.
pub const CLIENT: &str = "client-of-the-suite";
pub const SECRET: &str = "secret-of-the-suite";
pub const JWT: &str = "eyJhbGciOi.jwt-of-the-suite.sig";

const OWN: &str = "/restapi/v1.0/account/~/extension/~";

/// A request as it came, for the vendor's description.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    /// With the query.
    pub path: String,
    pub content_type: String,
    pub body: Vec<u8>,
}

/// An answer to give before anything is done.
#[derive(Debug, Clone)]
struct Refusal {
    /// In the path.
    part: String,
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// After it was done, not before.
    after: bool,
}

#[derive(Default)]
struct Kept {
    /// Records with the revision in which they last changed.
    messages: BTreeMap<i64, (u64, Value)>,
    calls: Vec<(u64, Value)>,
    /// Bytes of attachments: `message/1/2`, `recording/3`.
    files: HashMap<String, Vec<u8>>,
    revision: u64,
    last_id: i64,
    /// Syncs with a lower revision are too old.
    forgotten: u64,
    access: BTreeSet<String>,
    refresh: BTreeSet<String>,
    logins: Vec<String>,
    jwt_revoked: bool,
    no_refresh: bool,
    sent: Vec<Value>,
    asked: Vec<Asked>,
    refusals: Vec<Refusal>,
    /// Tokens for a socket, each good once.
    tickets: BTreeSet<String>,
    connected: u32,
    subscribed: Vec<Value>,
    /// What was told since a socket's token, for those who come back.
    told: Vec<Value>,
    /// The next send is done and never answered.
    holds: bool,
}

/// A running fake.
#[derive(Clone)]
pub struct Ringcentral {
    pub url: String,
    socket: String,
    kept: Arc<Mutex<Kept>>,
    news: broadcast::Sender<Told>,
}

#[derive(Debug, Clone)]
enum Told {
    Event(Value),
    Raw(String),
    HangUp,
}

impl Ringcentral {
    /// Starts one on ports of its own, in a thread that lives as long as the test.
    pub fn start() -> Self {
        let ((http, at), (socket, socket_at)) = (bind(), bind());
        let fake = Self {
            url: format!("http://{at}"),
            socket: format!("ws://{socket_at}/ws"),
            kept: Arc::default(),
            news: broadcast::channel(1_000).0,
        };
        let state = fake.clone();
        in_thread(async move {
            let sockets = tokio::net::TcpListener::from_std(socket).unwrap();
            tokio::spawn(state.clone().take_sockets(sockets));
            let listener = tokio::net::TcpListener::from_std(http).unwrap();
            let app = Router::new().fallback(http::answer).with_state(state);
            axum::serve(listener, app).await.unwrap();
        });
        fake
    }

    /// The settings of an account on it.
    pub fn settings(&self, more: &str) -> String {
        format!(
            "numbers = [\"{NUMBER}\"]\nclient_id = \"{CLIENT}\"\nclient_secret = \"{SECRET}\"\njwt = \"{JWT}\"\nbase_url = \"{}\"\n{more}",
            self.url
        )
    }

    /// A customer writes an SMS; gives its id.
    pub fn customer_writes(&self, customer: &str, text: &str) -> i64 {
        self.customer_writes_at(customer, text, now())
    }

    /// As if it had come then.
    pub fn customer_writes_at(&self, customer: &str, text: &str, at: i64) -> i64 {
        let id = self.put(json!({
            "type": "SMS", "direction": "Inbound", "readStatus": "Unread", "priority": "Normal",
            "availability": "Alive", "messageStatus": "Received",
            "from": { "phoneNumber": customer, "name": "Ana Costa" },
            "to": [{ "phoneNumber": NUMBER, "name": "Desk", "target": true }],
            "subject": text, "conversationId": 77, "conversation": { "id": "77" },
            "creationTime": iso(at), "lastModifiedTime": iso(at),
            "attachments": [{ "id": 0, "type": "Text", "contentType": "text/plain" }],
        }));
        let mut body = self.record(id);
        body["id"] = id.to_string().into();
        self.tell("message-store/instant?type=SMS", &body);
        id
    }

    /// Puts a record into the message store as it is; gives its id.
    pub fn put(&self, mut record: Value) -> i64 {
        let mut kept = self.kept.lock().unwrap();
        kept.last_id += 1;
        kept.revision += 1;
        let (id, revision) = (kept.last_id, kept.revision);
        if record.is_object() && record.get("id").is_none() {
            record["id"] = id.into();
        }
        kept.messages.insert(id, (revision, record));
        drop(kept);
        self.changed();
        id
    }

    /// Changes a record.
    pub fn change(&self, id: i64, change: impl FnOnce(&mut Value)) {
        let mut kept = self.kept.lock().unwrap();
        kept.revision += 1;
        let revision = kept.revision;
        let entry = kept.messages.get_mut(&id).unwrap();
        entry.0 = revision;
        change(&mut entry.1);
        drop(kept);
        self.changed();
    }

    /// Puts a call into the log.
    pub fn call(&self, call: Value) {
        let mut kept = self.kept.lock().unwrap();
        kept.revision += 1;
        let revision = kept.revision;
        kept.calls.push((revision, call));
        drop(kept);
        self.tell(
            "telephony/sessions?missedCall=true",
            &json!({ "parties": [] }),
        );
    }

    /// A voicemail; gives its id.
    pub fn voicemail(&self, customer: &str, status: &str) -> i64 {
        let id = self.put(json!({
            "type": "VoiceMail", "direction": "Inbound", "readStatus": "Unread", "availability": "Alive",
            "messageStatus": "Received", "vmTranscriptionStatus": status,
            "from": { "phoneNumber": customer, "name": "Ana Costa" }, "to": [{ "phoneNumber": NUMBER }],
            "creationTime": iso(now()), "lastModifiedTime": iso(now()),
            "attachments": [{ "id": 5, "type": "AudioRecording", "contentType": "audio/mpeg", "vmDuration": 12 }],
        }));
        self.file(&format!("message/{id}/5"), b"ID3 audio");
        id
    }

    /// Its transcription is there.
    pub fn transcribed(&self, id: i64, words: &str) {
        self.file(&format!("message/{id}/6"), words.as_bytes());
        self.change(id, |record| {
            record["vmTranscriptionStatus"] = "Completed".into();
            record["attachments"].as_array_mut().unwrap().push(
                json!({ "id": 6, "type": "AudioTranscription", "contentType": "text/plain" }),
            );
        });
    }

    /// The bytes behind an attachment.
    pub fn file(&self, key: &str, bytes: &[u8]) {
        let mut kept = self.kept.lock().unwrap();
        kept.files.insert(key.to_owned(), bytes.to_vec());
    }

    pub fn record(&self, id: i64) -> Value {
        self.kept.lock().unwrap().messages[&id].1.clone()
    }

    /// Everything that we sent.
    pub fn sent(&self) -> Vec<Value> {
        self.kept.lock().unwrap().sent.clone()
    }

    /// Every request, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.kept.lock().unwrap().asked.clone()
    }

    /// How each login was made: `jwt` or `refresh`, refused ones with `!`.
    pub fn logins(&self) -> Vec<String> {
        self.kept.lock().unwrap().logins.clone()
    }

    /// No token that was given is good any more.
    pub fn revoke_access(&self) {
        self.kept.lock().unwrap().access.clear();
    }

    pub fn revoke_refresh(&self) {
        self.kept.lock().unwrap().refresh.clear();
    }

    pub fn revoke_jwt(&self) {
        self.kept.lock().unwrap().jwt_revoked = true;
    }

    /// The app has no refresh tokens.
    pub fn without_refresh(&self) {
        self.kept.lock().unwrap().no_refresh = true;
    }

    /// Every sync token that was given is too old.
    pub fn forget_syncs(&self) {
        let mut kept = self.kept.lock().unwrap();
        kept.revision += 1;
        kept.forgotten = kept.revision;
    }

    /// The next request with this in its path is refused so.
    pub fn refuses(&self, part: &str, status: u16, body: &Value) {
        self.refuses_with(part, status, &[], body);
    }

    pub fn refuses_with(
        &self,
        part: &str,
        status: u16,
        headers: &[(&'static str, &str)],
        body: &Value,
    ) {
        let headers = headers
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        self.kept.lock().unwrap().refusals.push(Refusal {
            part: part.to_owned(),
            status,
            headers: headers.collect(),
            body: body.to_string().into_bytes(),
            after: false,
        });
    }

    /// The next request with this in its path is answered with these bytes.
    pub fn answers(&self, part: &str, bytes: &[u8]) {
        self.kept.lock().unwrap().refusals.push(Refusal {
            part: part.to_owned(),
            status: 200,
            headers: Vec::new(),
            body: bytes.to_vec(),
            after: false,
        });
    }

    /// The next request with this in its path is done, and answered so.
    pub fn does_but_answers(&self, part: &str, status: u16, body: &Value) {
        self.kept.lock().unwrap().refusals.push(Refusal {
            part: part.to_owned(),
            status,
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
            after: true,
        });
    }

    /// The next send is done and never answered.
    pub fn holds_answers(&self) {
        self.kept.lock().unwrap().holds = true;
    }

    /// Sockets that were taken so far, and what they subscribed to.
    pub fn sockets(&self) -> (u32, Vec<Value>) {
        let kept = self.kept.lock().unwrap();
        (kept.connected, kept.subscribed.clone())
    }

    /// Ends every socket.
    pub fn hang_up(&self) {
        let _ = self.news.send(Told::HangUp);
    }

    /// Says this to every socket, whatever it is.
    pub fn says(&self, frame: &str) {
        let _ = self.news.send(Told::Raw(frame.to_owned()));
    }

    fn changed(&self) {
        let body = json!({ "extensionId": 2, "lastUpdated": iso(now()), "changes": [
            { "type": "SMS", "newCount": 1, "updatedCount": 0 },
        ] });
        self.tell("message-store", &body);
    }

    fn tell(&self, filter: &str, body: &Value) {
        let event = json!({
            "uuid": format!("{}", now()), "timestamp": iso(now()), "subscriptionId": "s1", "ownerId": "2",
            "event": format!("/restapi/v1.0/account/1/extension/2/{filter}"), "body": body,
        });
        self.kept.lock().unwrap().told.push(event.clone());
        let _ = self.news.send(Told::Event(event));
    }
}

fn refusal(status: u16, code: &str, words: &str) -> (u16, Value) {
    let one = json!({ "errorCode": code, "message": words });
    (
        status,
        json!({ "errorCode": code, "message": words, "errors": [one] }),
    )
}

/// An error as RingCentral says it.
pub fn error(code: &str, words: &str) -> Value {
    refusal(400, code, words).1
}

/// Milliseconds since 1970.
pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.unwrap().as_millis()).unwrap()
}

/// A moment as RingCentral writes it.
pub fn iso(at: i64) -> String {
    jiff::Timestamp::from_millisecond(at).unwrap().to_string()
}

fn millis(text: &str) -> Option<i64> {
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(at.as_millisecond())
}

fn when(record: &Value) -> i64 {
    ["creationTime", "startTime"]
        .iter()
        .find_map(|key| millis(record[*key].as_str()?))
        .unwrap_or_else(now)
}

/// Waits until something holds.
pub async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..200 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what}");
}
