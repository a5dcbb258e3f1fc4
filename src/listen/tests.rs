//! The listener on a loopback port, with a provider whose signature is a word.

use super::*;
use crate::model::event::RemoteId;
use crate::model::{Answer, Channel, Event, NewMessage, Party, Query, SystemClock, Timestamp};
use crate::providers::{Heard, ProviderError, RawRequest, Result as Said, WebhookError};
use crate::store::{AccountInfo, HeardRequest, Inbox, Options};
use crate::testing::{Played, Plays};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::oneshot;

/// Takes `sign: good`; each line of the body is one message, `?` is unreadable.
#[derive(Default)]
struct Lines {
    /// What its requests are checked with cannot be had.
    locked: AtomicBool,
}

impl Plays for Lines {
    fn channel(&self) -> Channel {
        Channel::Whatsapp
    }
    fn unlock_webhook(&self) -> BoxFuture<'_, Said<()>> {
        let locked = self.locked.load(Ordering::Relaxed);
        async move {
            if locked {
                return Err(ProviderError::Locked("the vault is locked".to_owned()));
            }
            Ok(())
        }
        .boxed()
    }
    fn webhook(&self, request: &RawRequest<'_>) -> std::result::Result<Heard, WebhookError> {
        match request.header("sign") {
            None => return Err(WebhookError::Unsigned),
            Some("good") => {}
            Some(_) => return Err(WebhookError::Forged),
        }
        self.reread(request)
    }
    fn reread(&self, request: &RawRequest<'_>) -> std::result::Result<Heard, WebhookError> {
        let text = std::str::from_utf8(request.body)
            .map_err(|_| WebhookError::Malformed("not text".to_owned()))?;
        if text == "?" {
            return Err(WebhookError::Malformed("a question mark".to_owned()));
        }
        let events = text.lines().filter(|line| !line.is_empty()).map(|line| {
            let remote = RemoteId {
                scope: "chat".to_owned(),
                key: line.to_owned(),
            };
            let from = Party::new("+15550100");
            let mut new = NewMessage::inbound(remote, Channel::Whatsapp, from, request.now);
            new.text = format!("text {line}");
            new.thread.thread = Some("+15550100".to_owned());
            new.thread.thread_decides = true;
            Event::Message(Box::new(new))
        });
        Ok(Heard {
            events: events.collect(),
            ..Heard::default()
        })
    }
}

struct Running {
    store: Store,
    address: SocketAddr,
    status: SocketAddr,
    end: oneshot::Sender<()>,
    served: tokio::task::JoinHandle<()>,
    news: mpsc::Receiver<News>,
    routes: Routes,
    _dir: tempfile::TempDir,
}

async fn mirror(dir: &std::path::Path, account: &AccountId) -> Store {
    let store = Store::open(Options {
        dir: dir.to_owned(),
        clock: Arc::new(SystemClock),
        read_only: false,
    })
    .unwrap();
    let info = AccountInfo {
        provider: "lines".to_owned(),
        channels: vec![Channel::Whatsapp],
        own_addresses: Vec::new(),
        default_hold_ms: 0,
        reply_window_ms: None,
        sla_ms: None,
    };
    store.ensure_account(account, info).await.unwrap();
    store
}

async fn texts(store: &Store) -> Vec<String> {
    let query = Query::Messages {
        conversation: crate::model::ConversationId(1),
        before: None,
        limit: 100,
        all_channels: false,
    };
    let Answer::Messages(page) = store.answer(query).await.unwrap() else {
        panic!("no messages");
    };
    page.messages.into_iter().map(|m| m.body).collect()
}

async fn running(change: impl FnOnce(&mut ListenSettings)) -> Running {
    let dir = tempfile::tempdir().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let account = AccountId::new("wa");
    let store = mirror(dir.path(), &account).await;
    let mut settings = ListenSettings {
        address: SocketAddr::from(([127, 0, 0, 1], 0)),
        status: SocketAddr::from(([127, 0, 0, 1], 0)),
        ..ListenSettings::default()
    };
    change(&mut settings);
    let (tell, news) = mpsc::channel(64);
    let listener = Listener::bind(Plan {
        store: store.clone(),
        clock,
        settings,
        accounts: vec![(account, Arc::new(Played(Lines::default())))],
        news: Some(tell),
        pull: None,
    })
    .await
    .unwrap();
    let (address, status) = (
        listener.address().unwrap(),
        listener.status_address().unwrap(),
    );
    let routes = listener.routes();
    let (end, ended) = oneshot::channel::<()>();
    let served = tokio::spawn(listener.serve(async move { drop(ended.await) }));
    Running {
        store,
        address,
        status,
        end,
        served,
        news,
        routes,
        _dir: dir,
    }
}

impl Running {
    async fn ask(&self, request: impl Into<Vec<u8>>) -> String {
        exchange(self.address, request.into()).await
    }

    async fn stored(&self) -> usize {
        let account = AccountId::new("wa");
        self.store.heard(&account, 1000).await.unwrap().len()
    }
}

async fn exchange(address: SocketAddr, request: Vec<u8>) -> String {
    tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        // A server that refuses early closes while we still write.
        let _ = stream.write_all(&request);
        let mut answer = Vec::new();
        let mut part = [0_u8; 4096];
        loop {
            match stream.read(&mut part) {
                Ok(0) | Err(_) => break,
                Ok(n) => answer.extend_from_slice(&part[..n]),
            }
        }
        String::from_utf8_lossy(&answer).into_owned()
    })
    .await
    .unwrap()
}

fn post(path: &str, headers: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

fn status(answer: &str) -> u16 {
    answer
        .split(' ')
        .nth(1)
        .and_then(|word| word.parse().ok())
        .unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_answered_is_stored_and_told_and_twice_is_one_row() {
    let mut running = running(|_| {}).await;
    for _ in 0..2 {
        let answer = running
            .ask(post("/hook/wa", "sign: good\r\n", "a\nb\n"))
            .await;
        assert_eq!(status(&answer), 200, "{answer}");
    }
    assert_eq!(running.stored().await, 2);
    let news = running.news.recv().await.unwrap();
    assert_eq!(news.arrivals.len(), 2);
    assert!(running.news.try_recv().is_err(), "told twice");
    let account = AccountId::new("wa");
    let kept = &running.store.heard(&account, 1).await.unwrap()[0];
    assert_eq!(
        (kept.events, kept.body.as_slice()),
        (Some(2), &b"a\nb\n"[..])
    );
    assert!(!kept.headers.contains("good"), "{}", kept.headers);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_genuine_leaves_nothing() {
    let running = running(|settings| settings.hosts = vec!["hooks.example".to_owned()]).await;
    let long = "x".repeat(server::BODY_LIMIT + 1);
    let many = (0..200).fold(String::new(), |out, i| out + &format!("h{i}: x\r\n"));
    let table = [
        (post("/hook/wa", "", "a"), 401),
        (post("/hook/wa", "sign: bad\r\n", "a"), 401),
        (post("/hook/wa", "sign: good\r\nsign: good\r\n", "a"), 401),
        (post("/hook/other", "sign: good\r\n", "a"), 404),
        (post("/hook/wa/more", "sign: good\r\n", "a"), 404),
        (post("/metrics", "sign: good\r\n", "a"), 404),
        (post("/hook/wa", "sign: good\r\n", &long), 413),
        (post("/hook/wa", &many, "a"), 431),
        (
            post("/hook/wa", "sign: good\r\n", "a")
                .replace("host: localhost", "host: evil.example"),
            421,
        ),
        (
            post("/hook/wa", "sign: good\r\n", "a").replace("POST", "PUT"),
            405,
        ),
        ("GARBAGE\r\n\r\n".to_owned(), 400),
    ];
    for (request, wanted) in table {
        let answer = running.ask(request.clone()).await;
        let shown = &request[..request.len().min(200)];
        assert_eq!(status(&answer), wanted, "{shown}\n{answer}");
    }
    assert_eq!(running.stored().await, 0);
    let answer = running
        .ask(post("/hook/wa", "sign: good\r\n", "a").replace("localhost", "hooks.example:443"))
        .await;
    assert_eq!(status(&answer), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_kept_and_taken() {
    let running = running(|_| {}).await;
    let answer = running.ask(post("/hook/wa", "sign: good\r\n", "?")).await;
    assert_eq!(status(&answer), 200);
    let kept = running.store.heard(&AccountId::new("wa"), 9).await.unwrap();
    assert_eq!(kept[0].events, None);
    assert_eq!(kept[0].note.as_deref(), Some("a question mark"));
    let metrics = exchange(
        running.status,
        b"GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".to_vec(),
    )
    .await;
    assert!(
        metrics.contains("requests_unreadable_total{account=\"wa\"} 1"),
        "{metrics}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_and_not_read_is_read_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let account = AccountId::new("wa");
    let store = mirror(dir.path(), &account).await;
    let request = |body: &str, events| HeardRequest {
        at: Timestamp(1_700_000_000_000),
        method: "POST".to_owned(),
        query: String::new(),
        headers: "content-type: text/plain\n".to_owned(),
        body: body.as_bytes().to_vec(),
        events: Some(events),
        note: None,
    };
    // The third was read when it came and cannot be read any more.
    let accepted = vec![
        request("a\nb\n", 2),
        request("", 0),
        request("?", 1),
        request("c\n", 1),
    ];
    let inbox = Inbox::new(store.clone(), account.clone(), Box::new(|_, _, _| {}));
    for request in accepted {
        inbox.keep(request).await.unwrap();
    }
    assert_eq!(store.waiting_requests(&account, 9).await.unwrap().len(), 3);
    assert!(!store.forget_heard(Timestamp(i64::MAX)).await.unwrap());
    for _ in 0..2 {
        catch_up(
            &store,
            vec![(account.clone(), Arc::new(Played(Lines::default())))],
        )
        .await;
        assert!(
            store
                .waiting_requests(&account, 9)
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(texts(&store).await, ["text a", "text b", "text c"]);
    }
    let kept = store.heard(&account, 9).await.unwrap();
    let notes: Vec<_> = kept.iter().map(|kept| kept.note.as_deref()).collect();
    assert_eq!(
        notes,
        [None, Some("it cannot be read: a question mark"), None]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_in_a_second_are_asked_to_wait() {
    let running = running(|settings| settings.requests_per_second = 3).await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(status(
            &running.ask(post("/hook/wa", "sign: bad\r\n", "a")).await,
        ));
    }
    assert_eq!(statuses[..3], [401, 401, 401]);
    assert!(statuses.contains(&429), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_sender_holds_up_nobody_and_the_end_waits_for_what_is_under_way() {
    let running = running(|settings| settings.connections = 4).await;
    // Half a head, then silence: it may have one place, not all of them.
    let slow = TcpStream::connect(running.address).unwrap();
    (&slow)
        .write_all(b"POST /hook/wa HTTP/1.1\r\nhost: loc")
        .unwrap();
    let asked: Vec<_> = (0..40)
        .map(|i| {
            let request = post("/hook/wa", "sign: good\r\n", &format!("m{i}\n"));
            tokio::spawn(exchange(running.address, request.into_bytes()))
        })
        .collect();
    for answer in asked {
        assert_eq!(status(&answer.await.unwrap()), 200);
    }
    assert_eq!(running.stored().await, 40);
    drop(slow);
    running.end.send(()).unwrap();
    running.served.await.unwrap();
    assert!(TcpStream::connect(running.address).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_route_or_with_an_open_status_it_does_not_start() {
    let dir = tempfile::tempdir().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = Store::open(Options {
        dir: dir.path().to_owned(),
        clock: clock.clone(),
        read_only: false,
    })
    .unwrap();
    let plan = |status| Plan {
        store: store.clone(),
        clock: clock.clone(),
        settings: ListenSettings {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            status,
            ..ListenSettings::default()
        },
        accounts: Vec::new(),
        news: None,
        pull: None,
    };
    let local = SocketAddr::from(([127, 0, 0, 1], 0));
    let error = Listener::bind(plan(local)).await.err().unwrap();
    assert!(matches!(error, ListenError::NoRoute), "{error}");
    let open = SocketAddr::from(([0, 0, 0, 0], 0));
    let error = Listener::bind(plan(open)).await.err().unwrap();
    assert!(
        matches!(error, ListenError::StatusNotLoopback(_)),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_come_and_go_while_it_runs() {
    let running = running(|_| {}).await;
    let (first, second) = (AccountId::new("wa"), AccountId::new("two"));
    let info = AccountInfo {
        provider: "lines".to_owned(),
        channels: vec![Channel::Whatsapp],
        own_addresses: Vec::new(),
        default_hold_ms: 0,
        reply_window_ms: None,
        sla_ms: None,
    };
    running.store.ensure_account(&second, info).await.unwrap();
    let lines = |locked| -> Arc<dyn Provider> {
        let locked = AtomicBool::new(locked);
        Arc::new(Played(Lines { locked }))
    };
    let ask = |account: &'static str| {
        let running = &running;
        async move {
            let request = post(&format!("/hook/{account}"), "sign: good\r\n", account);
            status(&running.ask(request).await)
        }
    };
    assert_eq!((ask("wa").await, ask("two").await), (200, 404));
    // What its requests are checked with cannot be had: no route, also where there was one.
    let locked = vec![(first.clone(), lines(true)), (second.clone(), lines(true))];
    let changed = running.routes.renew(locked).await;
    assert_eq!((changed.mounted.len(), changed.failed.len()), (0, 2));
    assert_eq!(changed.unmounted, std::slice::from_ref(&first));
    assert_eq!((ask("wa").await, ask("two").await), (404, 404));
    let (one, two) = (lines(false), lines(false));
    let both = vec![(first.clone(), one.clone()), (second.clone(), two.clone())];
    let changed = running.routes.renew(both.clone()).await;
    assert_eq!(changed.mounted.len(), 2);
    assert!(changed.mounted[1].1.ends_with("/hook/two"));
    assert_eq!((ask("wa").await, ask("two").await), (200, 200));
    // The same again disturbs nobody.
    let before = running.routes.get("two").unwrap();
    let changed = running.routes.renew(both).await;
    assert!(changed.mounted.is_empty() && changed.unmounted.is_empty());
    assert!(Arc::ptr_eq(&before, &running.routes.get("two").unwrap()));
    drop(before);
    let changed = running.routes.renew(vec![(second, two)]).await;
    assert_eq!(changed.unmounted, [first]);
    assert_eq!((ask("wa").await, ask("two").await), (404, 200));
    let routes = running.routes.clone();
    running.end.send(()).unwrap();
    running.served.await.unwrap();
    // Nothing is mounted at a listener that ended.
    routes
        .renew(vec![(AccountId::new("late"), lines(false))])
        .await;
    assert!(routes.get("late").is_none());
}
