//! A login server of our own: it checks what it is asked, changes the refresh token with each use, and ends a login whose
//! old token is used again.

use crate::support::serve::{bind, serve};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use base64::Engine;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

type Pairs = HashMap<String, String>;

/// What the server remembers.
#[derive(Default)]
pub struct Memory {
    codes: HashMap<String, Pairs>,
    /// The refresh token in force.
    current: Option<String>,
    /// Those that were.
    old: Vec<String>,
    made: u32,
    /// Seconds that the next tokens last; the last one stays in force.
    pub lifetimes: Vec<u64>,
    pub refreshed: u32,
    /// Old tokens that were used again.
    pub thefts: u32,
    pub asked: u32,
    /// Answers of the device's way before tokens are given.
    pub device: Vec<&'static str>,
    /// The next refresh is done and not answered.
    pub silent: bool,
    /// Refresh tokens stay in force, as Google's do.
    pub keeps: bool,
    /// What was done wrongly.
    pub wrong: Vec<String>,
    /// The next refreshes are answered so.
    pub answers: Vec<(u16, Value)>,
}

#[derive(Clone, Default)]
pub struct Server {
    memory: Arc<Mutex<Memory>>,
    pub port: u16,
}

impl Server {
    /// Starts it on a port of its own, with threads of its own.
    pub fn start(lifetimes: &[u64]) -> Self {
        let (listener, at) = bind();
        let server = Self {
            port: at.port(),
            ..Self::default()
        };
        server.memory().lifetimes = lifetimes.to_vec();
        let app = Router::new()
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/device", post(device))
            .with_state(server.clone());
        serve(listener, app);
        server
    }

    pub fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }
}

impl Memory {
    fn tokens(&mut self) -> Response {
        self.made += 1;
        let refresh = format!("refresh-{}", self.made);
        if let Some(was) = self.current.replace(refresh.clone()) {
            self.old.push(was);
        }
        let lasts = if self.lifetimes.len() > 1 {
            self.lifetimes.remove(0)
        } else {
            self.lifetimes[0]
        };
        Json(json!({
            "access_token": format!("access-{}", self.made), "token_type": "Bearer",
            "expires_in": lasts, "refresh_token": refresh,
        }))
        .into_response()
    }
}

fn pairs(text: &str) -> Pairs {
    url::form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect()
}

/// JSON as an answer's body.
struct Json(Value);

impl IntoResponse for Json {
    fn into_response(self) -> Response {
        self.0.to_string().into_response()
    }
}

fn refuse(error: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
}

async fn authorize(State(server): State<Server>, uri: Uri) -> Response {
    let asked = pairs(uri.query().unwrap_or_default());
    let mut memory = server.memory();
    for (key, value) in [
        ("response_type", "code"),
        ("client_id", "desk-client"),
        ("code_challenge_method", "S256"),
        ("scope", "mail offline"),
        ("login_hint", "support@desk.test"),
    ] {
        if asked.get(key).map(String::as_str) != Some(value) {
            memory.wrong.push(format!("{key} is {:?}", asked.get(key)));
        }
    }
    if asked["state"].len() < 40 || asked["code_challenge"].len() != 43 {
        memory.wrong.push("state or challenge are short".to_owned());
    }
    let code = format!("code/{}+=", memory.codes.len());
    let mut back = url::Url::parse(&asked["redirect_uri"]).unwrap();
    back.query_pairs_mut()
        .append_pair("code", &code)
        .append_pair("state", &asked["state"]);
    memory.codes.insert(code, asked);
    Redirect::to(back.as_str()).into_response()
}

async fn device(State(server): State<Server>, body: String) -> Response {
    let form = pairs(&body);
    if form["client_id"] != "desk-client" || form["scope"] != "mail offline" {
        server.memory().wrong.push(format!("{form:?}"));
    }
    Json(json!({
        "device_code": "device-code", "user_code": "WDJB-MJHT\u{1b}[2J",
        "verification_uri": server.url("page"), "expires_in": 60, "interval": 1,
    }))
    .into_response()
}

async fn token(State(server): State<Server>, body: String) -> Response {
    let form = pairs(&body);
    // Long enough for a second process to come too early, if it would.
    tokio::time::sleep(Duration::from_millis(150)).await;
    let (response, silent) = answered(&server, &form);
    if silent {
        std::future::pending::<()>().await;
    }
    response
}

/// The answer, and whether it is kept from who asked.
fn answered(server: &Server, form: &Pairs) -> (Response, bool) {
    let before = server.memory().refreshed;
    let response = answer(server, form);
    let mut memory = server.memory();
    let silent = memory.refreshed > before && std::mem::take(&mut memory.silent);
    (response, silent)
}

fn answer(server: &Server, form: &Pairs) -> Response {
    let mut memory = server.memory();
    memory.asked += 1;
    if form.get("client_id").map(String::as_str) != Some("desk-client")
        || form.get("client_secret").map(String::as_str) != Some("no-secret-really")
    {
        return refuse("invalid_client");
    }
    match form["grant_type"].as_str() {
        "authorization_code" => {
            // A code is good once.
            let Some(asked) = memory.codes.remove(&form["code"]) else {
                return refuse("invalid_grant");
            };
            let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
            let challenge = engine.encode(Sha256::digest(form["code_verifier"].as_bytes()));
            if challenge != asked["code_challenge"] || form["redirect_uri"] != asked["redirect_uri"]
            {
                memory.wrong.push("the verifier does not fit".to_owned());
                return refuse("invalid_grant");
            }
            memory.tokens()
        }
        "refresh_token" => {
            if !memory.answers.is_empty() {
                let (status, body) = memory.answers.remove(0);
                return (StatusCode::from_u16(status).unwrap(), Json(body)).into_response();
            }
            let shown = &form["refresh_token"];
            if memory.old.contains(shown) {
                memory.thefts += 1;
                memory.current = None;
            }
            if memory.current.as_ref() != Some(shown) {
                return refuse("invalid_grant");
            }
            memory.refreshed += 1;
            if memory.keeps {
                memory.made += 1;
                let access = format!("access-{}", memory.made);
                return Json(json!({ "access_token": access, "expires_in": 3_600 }))
                    .into_response();
            }
            memory.tokens()
        }
        "urn:ietf:params:oauth:grant-type:device_code" => {
            if form["device_code"] != "device-code" {
                return refuse("invalid_grant");
            }
            if memory.device.is_empty() {
                return memory.tokens();
            }
            let error = memory.device.remove(0);
            refuse(error)
        }
        other => refuse(other),
    }
}
