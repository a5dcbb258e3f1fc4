//! Requests and their answers.

use super::{Asked, CLIENT, JWT, NUMBER, OWN, Ringcentral, SECRET, refusal};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use base64::Engine;
use serde_json::{Value, json};
use std::collections::HashMap;

impl Ringcentral {
    fn answer(&self, asked: &Asked, bearer: Option<&str>) -> (u16, Value, Option<Vec<u8>>) {
        let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
        let query: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
        if path == "/restapi/oauth/token" {
            let (status, said) = self.log_in(asked, bearer);
            return (status, said, None);
        }
        let token = bearer.and_then(|value| value.strip_prefix("Bearer "));
        let mut kept = self.kept.lock().unwrap();
        if !token.is_some_and(|token| kept.access.contains(token)) {
            let (status, said) = refusal(401, "OAU-151", "Token not found");
            return (status, said, None);
        }
        let own = path.strip_prefix(OWN);
        let (status, said) = match (asked.method.as_str(), own) {
            ("GET", Some("")) => (
                200,
                json!({ "id": 2, "extensionNumber": "101", "name": "Desk" }),
            ),
            ("GET", Some("/phone-number")) => (
                200,
                json!({ "records": [{ "id": 1, "phoneNumber": NUMBER,
                    "features": ["CallerId", "SmsSender", "MmsSender"] }] }),
            ),
            ("GET", None) if path == "/restapi/v1.0/account/~/extension" => (
                200,
                // One on each page, whatever is asked for.
                match query
                    .iter()
                    .find(|(key, _)| key == "page")
                    .map_or("1", |(_, value)| value.as_str())
                {
                    "1" => json!({ "paging": { "page": 1, "totalPages": 2 }, "records": [
                        { "id": 2, "extensionNumber": "101", "name": "Desk" },
                    ] }),
                    _ => json!({ "paging": { "page": 2, "totalPages": 2 }, "records": [
                        { "id": 3, "extensionNumber": "102", "name": "Omar",
                          "contact": { "email": "omar@example.com", "businessPhone": "+15550002222" } },
                    ] }),
                },
            ),
            ("GET", Some("/message-sync")) => kept.sync(&query, true),
            ("GET", Some("/call-log-sync")) => kept.sync(&query, false),
            ("GET", Some("/message-store")) => (200, kept.page(&query, true)),
            ("GET", Some("/call-log")) => (200, kept.page(&query, false)),
            ("POST", Some("/sms" | "/mms")) => {
                let (status, said, id) = kept.send(asked, &body);
                drop(kept);
                if id.is_some() {
                    self.changed();
                }
                return (status, said, None);
            }
            ("POST", None) if path == "/restapi/oauth/wstoken" => {
                let ticket = format!("ticket-{}-{}", kept.tickets.len(), kept.connected);
                kept.tickets.insert(ticket.clone());
                let said =
                    json!({ "uri": self.socket, "ws_access_token": ticket, "expires_in": 30 });
                (200, said)
            }
            (method, Some(own)) if own.starts_with("/message-store/") => {
                let parts: Vec<&str> = own.split('/').skip(2).collect();
                match (method, parts.as_slice()) {
                    ("GET", [message, "content", file]) => {
                        let bytes = kept.files.get(&format!("message/{message}/{file}"));
                        match bytes {
                            Some(bytes) => return (200, Value::Null, Some(bytes.clone())),
                            None => refusal(404, "CMN-102", "Resource not found"),
                        }
                    }
                    ("GET", [id]) => {
                        match id.parse().ok().and_then(|id: i64| kept.messages.get(&id)) {
                            Some((_, record)) => (200, record.clone()),
                            None => refusal(404, "CMN-102", "Resource not found"),
                        }
                    }
                    ("PUT", [ids]) if ids.contains(',') => {
                        kept.revision += 1;
                        let revision = kept.revision;
                        for id in ids.split(',') {
                            let id: i64 = id.parse().unwrap();
                            if let Some(entry) = kept.messages.get_mut(&id) {
                                entry.0 = revision;
                                entry.1["readStatus"] = body["readStatus"].clone();
                            }
                        }
                        (207, json!([]))
                    }
                    ("PUT", [id]) => {
                        kept.revision += 1;
                        let revision = kept.revision;
                        match id
                            .parse()
                            .ok()
                            .and_then(|id: i64| kept.messages.get_mut(&id))
                        {
                            Some(entry) => {
                                entry.0 = revision;
                                entry.1["readStatus"] = body["readStatus"].clone();
                                (200, entry.1.clone())
                            }
                            None => refusal(404, "CMN-102", "Resource not found"),
                        }
                    }
                    _ => refusal(404, "CMN-102", "Resource not found"),
                }
            }
            ("GET", None) if path.contains("/recording/") => {
                let id = path.split('/').rev().nth(1).unwrap_or_default();
                match kept.files.get(&format!("recording/{id}")) {
                    Some(bytes) => return (200, Value::Null, Some(bytes.clone())),
                    None => refusal(404, "CMN-102", "Resource not found"),
                }
            }
            _ => refusal(404, "CMN-102", "Resource not found"),
        };
        (status, said, None)
    }

    fn log_in(&self, asked: &Asked, bearer: Option<&str>) -> (u16, Value) {
        let mut kept = self.kept.lock().unwrap();
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{CLIENT}:{SECRET}"));
        if bearer != Some(&format!("Basic {basic}")) {
            kept.logins.push("client!".to_owned());
            return (
                401,
                json!({ "error": "invalid_client", "error_description": "Invalid client" }),
            );
        }
        let form: HashMap<String, String> = url::form_urlencoded::parse(&asked.body)
            .into_owned()
            .collect();
        let word = |key: &str| form.get(key).map(String::as_str).unwrap_or_default();
        let (how, fine) = match word("grant_type") {
            "urn:ietf:params:oauth:grant-type:jwt-bearer" => {
                ("jwt", word("assertion") == JWT && !kept.jwt_revoked)
            }
            // Good once.
            "refresh_token" => ("refresh", kept.refresh.remove(word("refresh_token"))),
            _ => ("nothing", false),
        };
        kept.logins.push(if fine {
            how.to_owned()
        } else {
            format!("{how}!")
        });
        if !fine {
            return (
                400,
                json!({ "error": "invalid_grant", "error_description": "Token is invalid" }),
            );
        }
        let serial = kept.logins.len();
        let (access, refresh) = (format!("access-{serial}"), format!("refresh-{serial}"));
        kept.access.insert(access.clone());
        let mut said = json!({
            "access_token": access, "token_type": "bearer", "expires_in": 3_600, "scope": "SMS",
            "owner_id": "2", "endpoint_id": format!("e{serial}"),
        });
        if !kept.no_refresh {
            kept.refresh.insert(refresh.clone());
            said["refresh_token"] = refresh.into();
            said["refresh_token_expires_in"] = 604_800.into();
        }
        (200, said)
    }
}

pub(super) async fn answer(State(fake): State<Ringcentral>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, 64 << 20).await.unwrap();
    let header = |name: &str| {
        head.headers
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    let asked = Asked {
        method: head.method.to_string(),
        path: head.uri.path_and_query().unwrap().to_string(),
        content_type: header("content-type").unwrap_or_default(),
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
    let bearer = header("authorization");
    let mut response = Response::builder();
    let (status, said, bytes) = if let Some(refusal) = refused {
        if refusal.after {
            fake.answer(&asked, bearer.as_deref());
        }
        for (name, value) in refusal.headers {
            response = response.header(name, value);
        }
        (refusal.status, Value::Null, Some(refusal.body))
    } else {
        let group = if asked.path.contains("call-log") {
            "heavy"
        } else {
            "light"
        };
        response = response
            .header("x-rate-limit-group", group)
            .header("x-rate-limit-limit", "1000")
            .header("x-rate-limit-remaining", "999")
            .header("x-rate-limit-window", "60");
        fake.answer(&asked, bearer.as_deref())
    };
    let holds = asked.path.ends_with("/sms") && status == 200 && {
        let mut kept = fake.kept.lock().unwrap();
        std::mem::take(&mut kept.holds)
    };
    if holds {
        std::future::pending::<()>().await;
    }
    let body = bytes.unwrap_or_else(|| said.to_string().into_bytes());
    response
        .status(status)
        .header("content-type", "application/json")
        .body(Body::from(body))
        .unwrap()
}
