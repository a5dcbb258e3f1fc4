//! The socket: frames in pairs, a subscription, and what was missed for those who come back.

use super::{Ringcentral, Told, iso, now};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::HashMap;
use tokio_tungstenite::tungstenite::Message as Frame;

impl Ringcentral {
    pub(super) async fn take_sockets(self, listener: tokio::net::TcpListener) {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let fake = self.clone();
            tokio::spawn(async move { fake.talk(stream).await });
        }
    }

    async fn talk(self, stream: tokio::net::TcpStream) -> Option<()> {
        let mut query = String::new();
        // The error is the library's.
        #[allow(clippy::result_large_err)]
        let see = |request: &tokio_tungstenite::tungstenite::handshake::server::Request,
                   response| {
            query = request.uri().query().unwrap_or_default().to_owned();
            Ok(response)
        };
        let mut news = self.news.subscribe();
        let mut socket = tokio_tungstenite::accept_hdr_async(stream, see)
            .await
            .ok()?;
        let words: HashMap<String, String> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let ticket = words.get("access_token").cloned().unwrap_or_default();
        if !self.kept.lock().unwrap().tickets.remove(&ticket) {
            let frame = json!([{ "type": "Error", "status": 401 }, { "errorCode": "OAU-151", "message": "no" }]);
            let _ = socket.send(Frame::text(frame.to_string())).await;
            return None;
        }
        let (serial, missed) = {
            let mut kept = self.kept.lock().unwrap();
            kept.connected += 1;
            let seen = words
                .get("wsc")
                .and_then(|wsc| wsc.strip_prefix("wsc-")?.parse().ok());
            let missed: Option<Vec<Value>> = seen.map(|seen: usize| kept.told[seen..].to_vec());
            (kept.connected, missed)
        };
        let resumed = missed.is_some();
        let told = self.kept.lock().unwrap().told.len();
        let hello = json!([
            { "type": "ConnectionDetails", "messageId": format!("c{serial}"), "status": 200,
              "wsc": { "token": format!("wsc-{told}"), "sequence": 1 }, "headers": {} },
            { "creationTime": iso(now()), "recoveryBufferSize": 100, "recoveryTimeout": 180, "idleTimeout": 1_800,
              "absoluteTimeout": 86_400, "maxActiveRequests": 10,
              "recoveryState": if resumed { "Successful" } else { "Failed" } },
        ]);
        socket.send(Frame::text(hello.to_string())).await.ok()?;
        let notification = |event: &Value, sequence: usize| {
            json!([{ "type": "ServerNotification", "messageId": event["uuid"],
                "wsc": { "token": format!("wsc-{sequence}"), "sequence": sequence } }, event])
        };
        for event in missed.unwrap_or_default() {
            let frame = notification(&event, told);
            socket.send(Frame::text(frame.to_string())).await.ok()?;
        }
        let mut subscribed = resumed;
        loop {
            tokio::select! {
                told = news.recv() => match told.ok()? {
                    Told::Event(event) if subscribed => {
                        let sequence = self.kept.lock().unwrap().told.len();
                        let frame = notification(&event, sequence);
                        socket.send(Frame::text(frame.to_string())).await.ok()?;
                    }
                    Told::Event(_) => {}
                    Told::Raw(frame) => socket.send(Frame::text(frame)).await.ok()?,
                    // Without a word, as networks do.
                    Told::HangUp => return None,
                },
                frame = socket.next() => {
                    let Frame::Text(text) = frame?.ok()? else { continue };
                    let said: Value = serde_json::from_str(&text).ok()?;
                    match said[0]["type"].as_str() {
                        Some("ClientRequest") if said[0]["path"] == "/restapi/v1.0/subscription" => {
                            subscribed = true;
                            self.kept.lock().unwrap().subscribed.push(said[1].clone());
                            let answer = json!([
                                { "type": "ClientRequest", "messageId": said[0]["messageId"], "status": 200, "headers": {} },
                                { "id": "s1", "status": "Active", "expirationTime": iso(now() + 900_000) },
                            ]);
                            socket.send(Frame::text(answer.to_string())).await.ok()?;
                        }
                        Some("Heartbeat") => {
                            socket.send(Frame::text(text.to_string())).await.ok()?;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
}
