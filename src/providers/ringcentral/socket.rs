//! A line to RingCentral: frames are pairs of what they are and what they say.

use super::api::{Api, Manner};
use super::rates::Group;
use super::wire::{number, text};
use crate::providers::http::{BaseUrl, Effect};
use crate::providers::lenient::from_slice;
use crate::providers::{ProviderError, Result, trust};
use futures::{SinkExt, StreamExt};
use reqwest::Method;
use rustls::pki_types::ServerName;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use url::Url;

/// For each step of connecting.
const STEP: Duration = Duration::from_secs(15);
/// After so much silence we ask whether somebody is there.
const SILENCE: Duration = Duration::from_secs(30);
/// Who does not answer that within so long is gone.
const ANSWER: Duration = Duration::from_secs(15);
/// Bytes of one frame.
const FRAME: usize = 4 << 20;
/// Frames that come before the subscription is confirmed.
const EARLY: usize = 1_000;

const FILTERS: [&str; 4] = [
    "/restapi/v1.0/account/~/extension/~/message-store/instant?type=SMS",
    "/restapi/v1.0/account/~/extension/~/message-store",
    "/restapi/v1.0/account/~/extension/~/voicemail",
    "/restapi/v1.0/account/~/extension/~/telephony/sessions?missedCall=true",
];

trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// An open line with a subscription.
pub(super) struct Line {
    io: WebSocketStream<Box<dyn Io>>,
    /// Where to go on after it broke, and the number of the frame that said so.
    mark: Option<(i64, String)>,
    heard: Instant,
    asked: Option<Instant>,
    early: VecDeque<Value>,
    /// What was told while nobody listened comes first.
    pub(super) resumed: bool,
}

impl Line {
    /// Opens one; with the mark of a line that broke, RingCentral tells what was missed, if that is not too long ago.
    pub(super) async fn open(api: &Api, mark: Option<&str>, calls: bool) -> Result<Self> {
        let url = api.base.at(["restapi", "oauth", "wstoken"]);
        let manner = Manner {
            group: Group::Auth,
            effect: Effect::Read,
            patience: STEP,
        };
        let said = api
            .json(manner, |http| Ok(http.request(Method::POST, url.clone())))
            .await?;
        let (Some(uri), Some(ticket)) = (text(&said, "uri"), text(&said, "ws_access_token")) else {
            return Err(wrong("RingCentral named no socket"));
        };
        let mut uri = trusted(uri, &api.base)?;
        uri.query_pairs_mut().append_pair("access_token", ticket);
        if let Some(mark) = mark {
            uri.query_pairs_mut().append_pair("wsc", mark);
        }
        let io = timeout(STEP, connect(&uri))
            .await
            .map_err(|_| wrong("the socket's server does not answer"))??;
        let config = WebSocketConfig::default()
            .max_message_size(Some(FRAME))
            .max_frame_size(Some(FRAME));
        let shake = client_async_with_config(uri.as_str(), io, Some(config));
        let (io, _) = timeout(STEP, shake)
            .await
            .map_err(|_| wrong("the socket's server does not answer"))?
            .map_err(|error| wrong(&format!("the socket was not opened: {error}")))?;
        let mut line = Self {
            io,
            mark: None,
            heard: Instant::now(),
            asked: None,
            early: VecDeque::new(),
            resumed: false,
        };
        let details = line.wait_for("ConnectionDetails", None).await?;
        line.resumed = mark.is_some() && text(&details, "recoveryState") == Some("Successful");
        if !line.resumed {
            line.early.clear();
            line.subscribe(calls).await?;
        }
        Ok(line)
    }

    /// Where to go on after it broke.
    pub(super) fn mark(&self) -> Option<String> {
        self.mark.as_ref().map(|(_, token)| token.clone())
    }

    async fn subscribe(&mut self, calls: bool) -> Result<()> {
        let id = ulid::Ulid::new().to_string();
        let wanted = if calls { &FILTERS[..] } else { &FILTERS[..3] };
        let request = json!([
            { "type": "ClientRequest", "messageId": id, "method": "POST", "path": "/restapi/v1.0/subscription" },
            { "eventFilters": wanted, "deliveryMode": { "transportType": "WebSocket" } },
        ]);
        self.say(&request).await?;
        self.wait_for("ClientRequest", Some(&id)).await.map(drop)
    }

    async fn say(&mut self, frame: &Value) -> Result<()> {
        let sent = self.io.send(Message::text(frame.to_string()));
        timeout(STEP, sent)
            .await
            .map_err(|_| wrong("the socket takes nothing"))?
            .map_err(|error| wrong(&format!("the socket broke: {error}")))
    }

    /// What a frame of this kind says; news meanwhile is kept.
    async fn wait_for(&mut self, kind: &str, id: Option<&str>) -> Result<Value> {
        let end = Instant::now() + STEP;
        loop {
            let frame = timeout_at(end, self.frame())
                .await
                .map_err(|_| wrong("the socket's server does not answer"))??;
            let (meta, body) = (&frame[0], &frame[1]);
            if text(meta, "type") == Some("Error") {
                let code = text(body, "errorCode").unwrap_or("no code");
                return Err(wrong(&format!("the socket was refused ({code})")));
            }
            if text(meta, "type") == Some(kind)
                && id.is_none_or(|id| text(meta, "messageId") == Some(id))
            {
                let status = number(meta, "status").unwrap_or(200);
                if !(200..300).contains(&status) {
                    let code = text(body, "errorCode").unwrap_or("no code");
                    let says = format!("the subscription was refused with {status} ({code})");
                    return Err(wrong(&says));
                }
                return Ok(body.clone());
            }
            if text(meta, "type") == Some("ServerNotification") && self.early.len() < EARLY {
                self.early.push_back(body.clone());
            }
        }
    }

    /// The next event. May be given up at any time and asked again.
    pub(super) async fn next(&mut self) -> Result<Value> {
        if let Some(event) = self.early.pop_front() {
            return Ok(event);
        }
        loop {
            let until = match self.asked {
                Some(asked) => asked + ANSWER,
                None => self.heard + SILENCE,
            };
            match timeout_at(until, self.frame()).await {
                Ok(frame) => {
                    let frame = frame?;
                    match text(&frame[0], "type") {
                        Some("ServerNotification") => return Ok(frame[1].clone()),
                        Some("Error") => return Err(wrong("the socket was ended by RingCentral")),
                        // A frame that makes no sense may have been news.
                        None => return Ok(Value::Null),
                        Some(_) => {}
                    }
                }
                Err(_) if self.asked.is_some() => return Err(wrong("the socket went silent")),
                Err(_) => {
                    self.asked = Some(Instant::now());
                    let id = ulid::Ulid::new().to_string();
                    self.say(&json!([{ "type": "Heartbeat", "messageId": id }]))
                        .await?;
                }
            }
        }
    }

    /// The next frame, as `[meta, body]`.
    async fn frame(&mut self) -> Result<Value> {
        loop {
            let message = match self.io.next().await {
                Some(Ok(message)) => message,
                Some(Err(error)) => return Err(wrong(&format!("the socket broke: {error}"))),
                None => return Err(wrong("the socket was closed")),
            };
            self.heard = Instant::now();
            self.asked = None;
            let frame = match message {
                Message::Text(text) => from_slice(text.as_bytes()).ok(),
                Message::Binary(bytes) => from_slice(&bytes).ok(),
                Message::Close(_) => return Err(wrong("the socket was closed")),
                _ => continue,
            };
            let frame = frame.unwrap_or(Value::Null);
            let mark = &frame[0]["wsc"];
            if let (Some(token), Some(sequence)) = (text(mark, "token"), number(mark, "sequence"))
                && self
                    .mark
                    .as_ref()
                    .is_none_or(|(before, _)| sequence > *before)
            {
                self.mark = Some((sequence, token.to_owned()));
            }
            return Ok(frame);
        }
    }
}

/// A socket's address, if it is encrypted and of RingCentral: the same last two names as the interface. On this machine
/// it may be anywhere here.
fn trusted(uri: &str, base: &BaseUrl) -> Result<Url> {
    let elsewhere =
        || wrong("RingCentral names a socket at a server that is not its own; check base_url");
    let socket = Url::parse(uri).map_err(|_| elsewhere())?;
    let mut bare = socket.clone();
    bare.set_query(None);
    let checked = BaseUrl::new(bare.as_str()).map_err(|_| elsewhere())?;
    let scheme = matches!(socket.scheme(), "wss" | "ws");
    let last_two = |url: &Url| -> Option<String> {
        let host = url.domain()?.to_ascii_lowercase();
        let names: Vec<&str> = host.rsplit('.').take(2).collect();
        (names.len() == 2).then(|| names.join("."))
    };
    let same = if base.is_loopback() {
        checked.is_loopback()
    } else {
        let ours = last_two(base.as_url());
        socket.scheme() == "wss" && ours.is_some() && last_two(&socket) == ours
    };
    (scheme && same).then_some(socket).ok_or_else(elsewhere)
}

async fn connect(uri: &Url) -> Result<Box<dyn Io>> {
    let broken =
        |error: std::io::Error| wrong(&format!("the socket's server is not reached: {error}"));
    let (Some(host), Some(port)) = (uri.host_str(), uri.port_or_known_default()) else {
        return Err(wrong("RingCentral named no socket"));
    };
    let host = host.trim_matches(['[', ']']);
    let stream = TcpStream::connect((host, port)).await.map_err(broken)?;
    // News is small and should not wait.
    let _ = stream.set_nodelay(true);
    if uri.scheme() == "ws" {
        return Ok(Box::new(stream));
    }
    let config = trust::client_config(None).map_err(|error| wrong(&error.to_string()))?;
    let name =
        ServerName::try_from(host.to_owned()).map_err(|_| wrong("RingCentral named no socket"))?;
    let encrypted = TlsConnector::from(Arc::new(config)).connect(name, stream);
    Ok(Box::new(encrypted.await.map_err(broken)?))
}

fn wrong(words: &str) -> ProviderError {
    ProviderError::Transient(words.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_where_the_interface_is() {
        let table = [
            (
                "https://platform.ringcentral.com",
                "wss://ws-api.ringcentral.com/ws",
                true,
            ),
            (
                "https://platform.devtest.ringcentral.com",
                "wss://ws-api.devtest.ringcentral.com/ws?a=b",
                true,
            ),
            (
                "https://platform.ringcentral.com",
                "ws://ws-api.ringcentral.com/ws",
                false,
            ),
            (
                "https://platform.ringcentral.com",
                "wss://ws-api.ringcentral.com.evil.example/ws",
                false,
            ),
            (
                "https://platform.ringcentral.com",
                "wss://evilringcentral.com/ws",
                false,
            ),
            (
                "https://platform.ringcentral.com",
                "wss://u:p@ws.ringcentral.com/ws",
                false,
            ),
            (
                "https://platform.ringcentral.com",
                "https://ws.ringcentral.com/ws",
                false,
            ),
            (
                "https://platform.ringcentral.com",
                "ws://127.0.0.1:80/ws",
                false,
            ),
            (
                "https://platform.ringcentral.com",
                "wss://10.0.0.1/ws",
                false,
            ),
            ("http://127.0.0.1:9", "ws://127.0.0.1:10/ws", true),
            (
                "http://127.0.0.1:9",
                "wss://ws-api.ringcentral.com/ws",
                false,
            ),
        ];
        for (base, uri, fine) in table {
            let base = BaseUrl::new(base).unwrap();
            assert_eq!(trusted(uri, &base).is_ok(), fine, "{uri}");
        }
    }
}
