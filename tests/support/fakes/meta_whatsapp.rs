//! A Cloud API that remembers: what it was asked to send, templates, files, and what it would post to a listener, signed.

use super::super::serve::{bind, serve};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// The token that it takes.
pub const TOKEN: &str = "EAAwhatsapp-token-of-the-suite";
/// The number's id.
pub const PHONE: &str = "106540352242922";
/// The business account.
pub const ACCOUNT: &str = "102290129340398";
/// The app's secret.
pub const SECRET: &str = "frontdesk-test-secret";

/// A request as it came, for the vendor's description.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub content_type: String,
    pub body: Vec<u8>,
}

/// A body as it is posted, and its signature.
pub type Post = (Vec<u8>, String);

#[derive(Default)]
struct Kept {
    last: u64,
    known: Vec<String>,
    sent: Vec<Value>,
    asked: Vec<Asked>,
    posts: Vec<Post>,
    /// The next send is done and never answered.
    holds: bool,
}

/// A running fake.
#[derive(Clone)]
pub struct MetaWhatsapp {
    /// With the version.
    pub url: String,
    kept: Arc<Mutex<Kept>>,
}

impl MetaWhatsapp {
    /// Starts one on a port of its own, in a thread that lives as long as the test.
    pub fn start() -> Self {
        let (listener, at) = bind();
        let url = format!("http://{at}/v23.0");
        let fake = Self {
            url,
            kept: Arc::default(),
        };
        serve(
            listener,
            Router::new().fallback(answer).with_state(fake.clone()),
        );
        fake
    }

    /// The settings of an account on it.
    pub fn settings(&self) -> String {
        format!(
            "phone_number_id = \"{PHONE}\"\nbusiness_account_id = \"{ACCOUNT}\"\ntoken = \"{TOKEN}\"\n\
             app_secret = \"{SECRET}\"\nverify_token = \"word\"\nbase_url = \"{}\"\n",
            self.url
        )
    }

    /// A customer writes; it will be posted.
    pub fn customer_writes(&self, phone: &str, text: &str) {
        self.says(phone, json!({ "type": "text", "text": { "body": text } }));
    }

    /// A customer sends a message of these parts; it will be posted.
    pub fn says(&self, phone: &str, mut parts: Value) {
        let mut kept = self.kept.lock().unwrap();
        kept.last += 1;
        let id = format!("wamid.IN{}", kept.last);
        parts["from"] = phone.into();
        parts["id"] = id.as_str().into();
        parts["timestamp"] = now().into();
        let value = json!({
            "contacts": [{ "profile": { "name": "Ana Ramos" }, "wa_id": phone }],
            "messages": [parts],
        });
        kept.known.push(id);
        kept.posts.push(post(value));
    }

    /// The next send is done, and its answer never comes.
    pub fn holds_answer(&self) {
        self.kept.lock().unwrap().holds = true;
    }

    /// Everything that is posted, in order.
    pub fn posts(&self) -> Vec<Post> {
        self.kept.lock().unwrap().posts.clone()
    }

    /// Everything that was sent.
    pub fn sent(&self) -> Vec<Value> {
        self.kept.lock().unwrap().sent.clone()
    }

    /// Every request, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.kept.lock().unwrap().asked.clone()
    }
}

/// A change as Meta posts it.
fn post(mut value: Value) -> Post {
    value["messaging_product"] = "whatsapp".into();
    value["metadata"] = json!({ "display_phone_number": "15550001111", "phone_number_id": PHONE });
    let body = json!({ "object": "whatsapp_business_account",
        "entry": [{ "id": ACCOUNT, "changes": [{ "field": "messages", "value": value }] }] });
    let body = body.to_string().into_bytes();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(&body);
    let hex = frontdesk::model::outgoing::hex(&mac.finalize().into_bytes());
    (body, format!("sha256={hex}"))
}

fn now() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap().as_secs().to_string()
}

fn refusal(code: u32, words: &str) -> (u16, Value) {
    (400, json!({ "error": { "message": words, "code": code } }))
}

fn take(kept: &mut Kept, body: &Value) -> (u16, Value) {
    if body["status"] == "read" {
        let known = kept
            .known
            .iter()
            .any(|id| body["message_id"] == id.as_str());
        return if known {
            (200, json!({ "success": true }))
        } else {
            refusal(100, "(#100) Invalid parameter")
        };
    }
    let Some(to) = body["to"].as_str().or_else(|| body["recipient"].as_str()) else {
        return refusal(100, "(#100) The parameter to is required.");
    };
    kept.last += 1;
    let id = format!("wamid.OUT{}", kept.last);
    for state in ["sent", "delivered"] {
        kept.posts.push(post(
            json!({ "statuses": [{ "id": id, "status": state, "timestamp": now(),
            "recipient_id": to, "biz_opaque_callback_data": body["biz_opaque_callback_data"] }] }),
        ));
    }
    kept.sent.push(body.clone());
    let said = json!({ "messaging_product": "whatsapp", "contacts": [{ "input": to, "wa_id": to }],
        "messages": [{ "id": id }] });
    (200, said)
}

async fn answer(
    State(fake): State<MetaWhatsapp>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let header = |name: &str| {
        let value = headers.get(name).map(|value| value.to_str().unwrap());
        value.unwrap_or_default().to_owned()
    };
    fake.kept.lock().unwrap().asked.push(Asked {
        method: method.to_string(),
        path: uri.to_string(),
        content_type: header("content-type"),
        body: bytes.to_vec(),
    });
    let (status, said, held) = fake.judge(method.as_str(), &uri, &header("authorization"), &bytes);
    if held {
        std::future::pending::<()>().await;
    }
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Body::from(said.to_string()))
        .unwrap()
}

impl MetaWhatsapp {
    /// What a request gets, and whether its answer never comes.
    fn judge(
        &self,
        method: &str,
        uri: &Uri,
        authorization: &str,
        bytes: &[u8],
    ) -> (u16, Value, bool) {
        let mut kept = self.kept.lock().unwrap();
        let place = uri.path().trim_start_matches("/v23.0/").to_owned();
        let parts: Vec<&str> = place.split('/').collect();
        let mut held = false;
        let (status, said) = if authorization == format!("Bearer {TOKEN}") {
            match (method, parts.as_slice()) {
                ("GET", [PHONE]) => (
                    200,
                    json!({ "display_phone_number": "+1 555-000-1111", "verified_name": "Example",
                    "quality_rating": "GREEN", "messaging_limit_tier": "TIER_1K" }),
                ),
                ("GET", [ACCOUNT, "subscribed_apps"]) => (200, json!({ "data": [{ "id": "1" }] })),
                ("GET", [ACCOUNT, "message_templates"]) => (
                    200,
                    json!({ "data": [{ "name": "hello", "language": "en_US", "status": "APPROVED",
                    "category": "UTILITY", "components": [{ "type": "BODY", "text": "Hi {{1}}" }] }] }),
                ),
                ("POST", [ACCOUNT, "message_templates"]) => {
                    let body: Value = serde_json::from_slice(bytes).unwrap();
                    let category = &body["category"];
                    (
                        200,
                        json!({ "id": "594425479261596", "status": "PENDING", "category": category }),
                    )
                }
                ("POST", [PHONE, "messages"]) => {
                    let body: Value = serde_json::from_slice(bytes).unwrap();
                    held = body["status"].is_null() && std::mem::take(&mut kept.holds);
                    take(&mut kept, &body)
                }
                ("POST", [PHONE, "media"]) => {
                    kept.last += 1;
                    (200, json!({ "id": kept.last.to_string() }))
                }
                _ => refusal(100, "Unsupported request"),
            }
        } else {
            refusal(190, "Error validating access token")
        };
        (status, said, held)
    }
}
