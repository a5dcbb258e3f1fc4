//! A server that hears: `POST /v1/audio/transcriptions` as OpenAI describes it, with answers as a test wants them.

use super::super::serve::{bind, serve};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

/// The token that it takes.
pub const TOKEN: &str = "sk-token-of-the-suite";

/// A request as it came.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Simple fields of the form.
    pub fields: BTreeMap<String, String>,
    /// The file's name and bytes.
    pub file: (String, Vec<u8>),
    pub authorization: String,
}

/// One answer.
#[derive(Debug, Clone)]
pub enum Says {
    Text(String),
    Status(u16, &'static [(&'static str, &'static str)], String),
    /// Takes the request and never answers.
    Silence,
}

#[derive(Default)]
struct Kept {
    asked: Vec<Asked>,
    next: VecDeque<Says>,
    always: Option<Says>,
    under_way: usize,
    most_under_way: usize,
}

/// A running fake.
#[derive(Clone)]
pub struct Speech {
    /// With its path.
    pub url: String,
    kept: Arc<Mutex<Kept>>,
}

impl Speech {
    /// Starts one on a port of its own, in a thread that lives as long as the test.
    pub fn start() -> Self {
        let (listener, at) = bind();
        let fake = Self {
            url: format!("http://{at}/v1"),
            kept: Arc::default(),
        };
        serve(
            listener,
            Router::new().fallback(answer).with_state(fake.clone()),
        );
        fake
    }

    /// The part of the configuration that sends it the audio of `accounts`.
    pub fn settings(&self, accounts: &str) -> String {
        format!(
            "base_url = \"{}\"\nmodel = \"tiny\"\naccounts = {accounts}\ntoken = {{ env = \"SPEECH_TOKEN\" }}\n",
            self.url
        )
    }

    /// The next request is answered so.
    pub fn next(&self, says: Says) {
        self.kept.lock().unwrap().next.push_back(says);
    }

    /// Every request that nothing else was said of is answered so.
    pub fn always(&self, says: Says) {
        self.kept.lock().unwrap().always = Some(says);
    }

    /// Every request, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.kept.lock().unwrap().asked.clone()
    }

    /// Requests at one time, at most.
    pub fn at_once(&self) -> usize {
        self.kept.lock().unwrap().most_under_way
    }
}

async fn answer(
    State(fake): State<Speech>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let header = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    if method != Method::POST || uri.path() != "/v1/audio/transcriptions" {
        return response(404, &[], "{\"error\":{\"message\":\"no such path\"}}");
    }
    let mut asked = form(&header("content-type"), &body);
    asked.authorization = header("authorization");
    let says = {
        let mut kept = fake.kept.lock().unwrap();
        kept.under_way += 1;
        kept.most_under_way = kept.most_under_way.max(kept.under_way);
        kept.asked.push(asked);
        let next = kept.next.pop_front();
        next.or_else(|| kept.always.clone())
            .unwrap_or_else(|| Says::Text("Hello".to_owned()))
    };
    // Long enough for a second request to be seen beside it.
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    let answer = match says {
        Says::Text(text) => {
            let body = serde_json::json!({ "text": text }).to_string();
            response(200, &[("content-type", "application/json")], &body)
        }
        Says::Status(status, headers, body) => response(status, headers, &body),
        Says::Silence => std::future::pending().await,
    };
    fake.kept.lock().unwrap().under_way -= 1;
    answer
}

fn response(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Response {
    let mut builder = Response::builder().status(status);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Body::from(body.to_owned())).unwrap()
}

/// The parts of a form by RFC 7578.
fn form(kind: &str, body: &[u8]) -> Asked {
    let mut asked = Asked::default();
    let boundary = kind.split("boundary=").nth(1).unwrap_or_default();
    let mark = format!("--{}", boundary.trim_matches('"')).into_bytes();
    let mut at = 0;
    let mut starts = Vec::new();
    while let Some(found) = find(&body[at..], &mark) {
        starts.push(at + found);
        at += found + mark.len();
    }
    for pair in starts.windows(2) {
        let part = &body[pair[0] + mark.len()..pair[1]];
        let Some(end) = find(part, b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&part[..end]).into_owned();
        let bytes = part[end + 4..].strip_suffix(b"\r\n").unwrap_or_default();
        let named = |key: &str| {
            let rest = head.split(&format!("{key}=\"")).nth(1)?;
            Some(rest.split('"').next()?.to_owned())
        };
        match (named("; name"), named("filename")) {
            (_, Some(file)) => asked.file = (file, bytes.to_vec()),
            (Some(name), None) => {
                let value = String::from_utf8_lossy(bytes).into_owned();
                asked.fields.insert(name, value);
            }
            _ => {}
        }
    }
    asked
}

fn find(within: &[u8], what: &[u8]) -> Option<usize> {
    within.windows(what.len()).position(|window| window == what)
}
