//! HTTP with limits: HTTP/1.1 only, so many connections, so long for head and body, so much of both.

use super::Shared;
use super::count::{self, Counts};
use super::routes::Route;
use crate::providers::{Checked, Heard, RawRequest, WebhookError};
use crate::store::HeardRequest;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

/// For the whole head of a request.
const HEAD_TIME: Duration = Duration::from_secs(5);
/// For its body.
const BODY_TIME: Duration = Duration::from_secs(10);
/// For the mirror to take it; a vendor that waits longer asks again.
const STORE_TIME: Duration = Duration::from_secs(15);
/// Bytes of the head.
const HEAD_LIMIT: usize = 32 << 10;
/// Headers.
const HEADERS: usize = 100;
/// Bytes of the body.
pub(super) const BODY_LIMIT: usize = 1 << 20;
/// For requests under way when the listener ends.
const GRACE: Duration = Duration::from_secs(10);

/// Takes requests until `end`.
pub(super) async fn requests(
    listener: TcpListener,
    shared: Arc<Shared>,
    end: impl Future<Output = ()> + Send,
) {
    let total = shared.settings.connections.clamp(1, 10_000);
    let connections = Arc::new(Semaphore::new(total));
    let router = Router::new()
        .route("/hook/{account}", any(hook))
        .fallback(|request: Request| async move { last(chunked(&request), not_found()) })
        .with_state(shared);
    let (tell, ended) = watch::channel(false);
    let mut end = std::pin::pin!(end);
    loop {
        // A connection beyond the limit waits in the kernel's queue, not in memory of ours.
        let taken = async {
            let permit = connections.clone().acquire_owned().await;
            (permit, accept(&listener).await)
        };
        let (permit, stream) = tokio::select! {
            () = &mut end => break,
            taken = taken => taken,
        };
        let (router, ended) = (router.clone(), ended.clone());
        tokio::spawn(async move {
            connection(stream, router, ended).await;
            drop(permit);
        });
    }
    let _ = tell.send(true);
    drop((router, listener));
    let all = u32::try_from(total).unwrap_or(u32::MAX);
    let idle = connections.acquire_many(all);
    let _ = tokio::time::timeout(GRACE, idle).await;
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            // Out of descriptors, or a connection that was gone before it was taken: neither ends the listener.
            Err(error) => {
                tracing::warn!(%error, "a connection was not taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, router: Router, mut ended: watch::Receiver<bool>) {
    let _ = stream.set_nodelay(true);
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_LIMIT)
        .max_headers(HEADERS)
        .half_close(false);
    let service = TowerToHyperService::new(router);
    let mut serving = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service));
    let served = tokio::select! {
        served = serving.as_mut() => served,
        () = async { let _ = ended.wait_for(|ended| *ended).await; } => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}

fn not_found() -> Response {
    StatusCode::NOT_FOUND.into_response()
}

/// Its end is told by its own bytes. Where a proxy went by a length instead, what follows is not the proxy's next
/// request.
fn chunked(request: &Request) -> bool {
    request.headers().contains_key(header::TRANSFER_ENCODING)
}

/// With the last answer of a connection, nothing that follows is read as another request.
fn last(is: bool, mut response: Response) -> Response {
    if is {
        let close = header::HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

async fn hook(
    State(shared): State<Arc<Shared>>,
    account: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let is_last = chunked(&request);
    let response = match account {
        Ok(Path(account)) => hooked(&shared, &account, request).await,
        // No text: nobody's name.
        Err(_) => not_found(),
    };
    last(is_last, response)
}

async fn hooked(shared: &Shared, account: &str, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let host = head
        .headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    if !host.is_some_and(|host| shared.settings.names_us(host)) {
        return StatusCode::MISDIRECTED_REQUEST.into_response();
    }
    let Some(route) = shared.routes.get(account) else {
        return not_found();
    };
    if head.method != axum::http::Method::POST && head.method != axum::http::Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let began = Instant::now();
    if !route.bucket.take(began) {
        Counts::add(&route.counts.limited);
        return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "1")]).into_response();
    }
    let body = match tokio::time::timeout(BODY_TIME, to_bytes(body, BODY_LIMIT)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    let query = head.uri.query().unwrap_or_default();
    let now = shared.clock.now();
    let headers = lower(&head.headers);
    let url = if query.is_empty() {
        route.url.clone()
    } else {
        format!("{}?{query}", route.url)
    };
    let raw = RawRequest {
        method: head.method.as_str(),
        url: &url,
        query,
        headers: &headers,
        body: &body,
        now,
    };
    let (heard, read, note) = match route.provider.check(&raw) {
        Ok(Checked::Read(heard)) => (heard, true, None),
        Ok(Checked::Later) => (Heard::default(), false, None),
        Err(WebhookError::Malformed(why)) => {
            Counts::add(&route.counts.unreadable);
            (Heard::default(), false, Some(why))
        }
        Err(refusal) => {
            Counts::add(&route.counts.refused);
            tracing::warn!(account = %route.account, says = %refusal, "a request was refused");
            let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::UNAUTHORIZED);
            return status.into_response();
        }
    };
    let request = HeardRequest {
        at: now,
        method: head.method.as_str().to_owned(),
        query: query.to_owned(),
        headers: telling(&headers),
        body: body.to_vec(),
        events: read.then_some(heard.events.len() as u32),
        note,
    };
    // A handshake brings nothing to keep.
    if request.method == "GET" && heard.events.is_empty() {
        return answer(heard);
    }
    store(shared, &route, request, heard, began).await
}

async fn store(
    shared: &Shared,
    route: &Route,
    request: HeardRequest,
    heard: Heard,
    began: Instant,
) -> Response {
    let (count, at) = (heard.events.len() as u64, request.at.0);
    let done = tokio::time::timeout(STORE_TIME, route.inbox.keep(request)).await;
    if !matches!(done, Ok(Ok(()))) {
        // Perhaps it is stored a moment later; told again, it is one row.
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            [(header::RETRY_AFTER, "5")],
        )
            .into_response();
    }
    route.counts.stored(count, began.elapsed(), at);
    if let (true, Some(pull)) = (heard.pull, &shared.pull) {
        pull(&route.account);
    }
    answer(heard)
}

fn answer(heard: Heard) -> Response {
    let mut response = Response::new(Body::from(heard.answer.body));
    let headers = response.headers_mut();
    if let Some(kind) = heard.answer.content_type
        && let Ok(kind) = kind.parse()
    {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    for (name, value) in heard.answer.headers {
        if let (Ok(name), Ok(value)) = (
            header::HeaderName::from_bytes(name.as_bytes()),
            value.parse(),
        ) {
            headers.insert(name, value);
        }
    }
    response
}

/// Names in lower case with their values; values that are no text are left out.
fn lower(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        })
        .collect()
}

/// The headers that help to understand a kept request; signatures and tokens are not among them.
fn telling(headers: &[(String, String)]) -> String {
    const KEPT: [&str; 4] = ["content-type", "content-length", "user-agent", "date"];
    let kept = headers
        .iter()
        .filter(|(name, _)| KEPT.contains(&name.as_str()));
    kept.fold(String::new(), |out, (name, value)| {
        out + name + ": " + value + "\n"
    })
}

/// Health and metrics, at an address of this machine only.
pub(super) async fn status(listener: TcpListener, shared: Arc<Shared>) {
    let connections = Arc::new(Semaphore::new(8));
    let router = Router::new()
        .route("/health", any(|| async { "ok\n" }))
        .route("/metrics", any(metrics))
        .fallback(|| async { StatusCode::NOT_FOUND })
        .with_state(shared);
    let (_tell, ended) = watch::channel(false);
    loop {
        let Ok(permit) = connections.clone().acquire_owned().await else {
            return;
        };
        let stream = accept(&listener).await;
        let (router, ended) = (router.clone(), ended.clone());
        tokio::spawn(async move {
            connection(stream, router, ended).await;
            drop(permit);
        });
    }
}

async fn metrics(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|h| h.to_str().ok());
    if !host.is_some_and(|host| shared.settings.names_us(host)) {
        return StatusCode::MISDIRECTED_REQUEST.into_response();
    }
    let routes = shared.routes.all();
    let rows: Vec<_> = routes
        .values()
        .map(|route| (route.account.as_str(), &*route.counts))
        .collect();
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (kind, count::metrics(&rows)).into_response()
}
