//! Answers that every provider over HTTP must take rightly, from one table: 429 with every form of hint, 5xx as a status,
//! cut in the middle of its bytes and before the first one, nobody there, bodies that are cut, of the wrong kind, of
//! nobody's format, and of any size. A read that failed may be tried again; a send that failed after its bytes left is
//! never called absent.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/small_server.rs"]
mod small_server;

use frontdesk::model::outgoing::{OutgoingKind, Recipients};
use frontdesk::model::{AccountId, Channel, Clock, OutboxId, Outgoing, Party, SystemClock};
use frontdesk::providers::meta::page::PageProvider;
use frontdesk::providers::meta::whatsapp::WhatsappProvider;
use frontdesk::providers::ringcentral::RingcentralProvider;
use frontdesk::providers::telegram::TelegramProvider;
use frontdesk::providers::twilio::TwilioProvider;
use frontdesk::providers::{Provider, ProviderError};
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How everything but a login is answered.
#[derive(Clone, Debug)]
enum Say {
    /// Head without its end, and body.
    Whole(String, Vec<u8>),
    /// A head that promises more than comes.
    Cut(String, Vec<u8>),
    /// Nothing: the request is read, and the line hung up.
    HangUp,
}

#[derive(Clone)]
struct Server {
    url: String,
    say: Arc<Mutex<Say>>,
}

impl Server {
    fn start() -> Self {
        let say = Arc::new(Mutex::new(Say::HangUp));
        let own = say.clone();
        let answer = move |_: &str, first: &str, stream| Self::answer(&own, first, stream);
        Self {
            url: small_server::listen(answer),
            say,
        }
    }

    fn answer(say: &Mutex<Say>, first: &str, mut stream: TcpStream) -> std::io::Result<()> {
        let (head, said, promised) = if first.contains("/oauth/token") {
            let token = r#"{"access_token":"a","token_type":"bearer","expires_in":3600,"refresh_token":"r","refresh_token_expires_in":9999}"#;
            (
                "200 OK\r\n".to_owned(),
                token.as_bytes().to_vec(),
                token.len(),
            )
        } else {
            let say = say.lock().unwrap().clone();
            match say {
                Say::Whole(head, body) => (head, body.clone(), body.len()),
                Say::Cut(head, body) => (head, body.clone(), body.len() + 100),
                Say::HangUp => return Ok(()),
            }
        };
        let head = format!(
            "HTTP/1.1 {head}content-type: application/json\r\nconnection: close\r\ncontent-length: {promised}\r\n\r\n"
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(&said)
    }
}

type Named = (&'static str, Arc<dyn Provider>, Channel);

fn providers(url: &str) -> Vec<Named> {
    let clock = || Arc::new(SystemClock);
    let graph = format!("token = \"t\"\nbase_url = \"{url}\"\n");
    let page = format!("page_id = \"P1\"\ncalls_per_second = 1000\n{graph}");
    vec![
        (
            "twilio",
            Arc::new(TwilioProvider::new(
                toml::from_str(&format!(
                    "account_sid = \"AC00000000000000000000000000000001\"\nauth_token = \"t\"\nnumbers = [\"+12125550100\"]\n\
                     base_url = \"{url}\"\n"
                ))
                .unwrap(),
                clock(),
            )),
            Channel::Sms,
        ),
        (
            "ringcentral",
            Arc::new(RingcentralProvider::new(
                toml::from_str(&format!(
                    "numbers = [\"+12125550100\"]\nclient_id = \"c\"\nclient_secret = \"s\"\njwt = \"j\"\nbase_url = \"{url}\"\n"
                ))
                .unwrap(),
                clock(),
            )),
            Channel::Sms,
        ),
        (
            "telegram",
            Arc::new(TelegramProvider::new(
                toml::from_str(&format!(
                    "username = \"acme_bot\"\ntoken = \"99:AAEx\"\nbase_url = \"{url}\"\n"
                ))
                .unwrap(),
                clock(),
            )),
            Channel::Telegram,
        ),
        (
            "whatsapp",
            Arc::new(WhatsappProvider::new(
                toml::from_str(&format!("phone_number_id = \"100\"\n{graph}")).unwrap(),
                clock(),
            )),
            Channel::Whatsapp,
        ),
        (
            "messenger",
            Arc::new(PageProvider::messenger(toml::from_str(&page).unwrap(), clock())),
            Channel::Messenger,
        ),
    ]
}

fn outgoing(provider: &dyn Provider, channel: Channel) -> Outgoing {
    Outgoing {
        id: OutboxId(1),
        account: AccountId::new("desk"),
        channel,
        conversation: None,
        kind: OutgoingKind::Reply,
        from: None,
        recipients: Recipients {
            to: vec![Party::new(match channel {
                Channel::Telegram | Channel::Messenger => "4711",
                _ => "+12125550199",
            })],
            ..Recipients::default()
        },
        subject: String::new(),
        body: "Hello".to_owned(),
        attachments: Vec::new(),
        thread: (channel != Channel::Sms).then(|| "4711".to_owned()),
        in_reply_to: None,
        references: Vec::new(),
        reference: provider.new_reference(),
        queued_at: SystemClock.now(),
        author: "nina".to_owned(),
        template: None,
        proposal: None,
    }
}

/// What a read and a send came to; a number that is only posted to has nothing to read.
async fn tried(url: &str, name: &str) -> (Option<ProviderError>, ProviderError) {
    let (_, provider, channel) = providers(url)
        .into_iter()
        .find(|one| one.0 == name)
        .unwrap();
    let read = provider.pull(None).await.err();
    // A provider that was told to wait keeps that to itself: the send is another's.
    let (_, provider, _) = providers(url)
        .into_iter()
        .find(|one| one.0 == name)
        .unwrap();
    let sent = provider.send(&outgoing(provider.as_ref(), channel)).await;
    (read, sent.expect_err("nothing was taken rightly"))
}

const NAMES: [&str; 5] = ["twilio", "ringcentral", "telegram", "whatsapp", "messenger"];

fn too_many(hint: &str) -> Say {
    let body = r#"{"ok":false,"error_code":429,"description":"Too Many Requests","code":20429,"message":"Too Many Requests","status":429,"errorCode":"CMN-301","error":{"code":80007,"message":"slow"}}"#;
    Say::Whole(
        format!("429 Too Many Requests\r\n{hint}"),
        body.as_bytes().to_vec(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_hint_to_wait_is_understood() {
    let server = Server::start();
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(3_000);
    let soon = jiff::fmt::rfc2822::to_string(&soon.to_zoned(jiff::tz::TimeZone::UTC)).unwrap();
    let soon = soon.replace("+0000", "GMT");
    // The hint, and between which seconds the wait must be where one is told.
    let table = [
        ("retry-after: 2000\r\n".to_owned(), Some((2_000, 2_000))),
        ("Retry-After: 2000.5\r\n".to_owned(), Some((2_000, 2_001))),
        (format!("retry-after: {soon}\r\n"), Some((2_900, 3_000))),
        (
            "retry-after: 99999999999\r\n".to_owned(),
            Some((3_600, 3_600)),
        ),
        ("retry-after: -5\r\n".to_owned(), None),
        ("retry-after: soon\r\n".to_owned(), None),
        ("retry-after: \r\n".to_owned(), None),
        ("retry-after: Fri, 99 Foo 2027\r\n".to_owned(), None),
        (String::new(), None),
    ];
    for name in NAMES {
        for (hint, wanted) in &table {
            *server.say.lock().unwrap() = too_many(hint);
            let (read, sent) = tried(&server.url, name).await;
            for error in read.into_iter().chain([sent]) {
                let ProviderError::RateLimited { retry_after } = error else {
                    panic!("{name}, {hint:?}: {error:?}");
                };
                // Without a word that can be used, whatever the provider itself knows; never more than an hour.
                assert!(
                    retry_after.is_none_or(|wait| wait <= Duration::from_hours(1)),
                    "{name}, {hint:?}"
                );
                if let Some((least, most)) = wanted {
                    let wait =
                        retry_after.unwrap_or_else(|| panic!("{name}: {hint:?} is not heard"));
                    assert!(
                        (*least..=*most).contains(&wait.as_secs()),
                        "{name}, {hint:?}: {wait:?}"
                    );
                }
            }
        }
    }
    // Telegram says it in the body.
    let body = br#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}"#;
    *server.say.lock().unwrap() = Say::Whole("429 Too Many Requests\r\n".to_owned(), body.to_vec());
    let (read, sent) = tried(&server.url, "telegram").await;
    for error in [read.unwrap(), sent] {
        let wait = Some(Duration::from_secs(7));
        assert!(
            matches!(error, ProviderError::RateLimited { retry_after } if retry_after == wait),
            "{error:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_send_that_may_have_happened_is_never_called_absent() {
    let server = Server::start();
    let json = br#"{"error":{"message":"?","code":2},"message":"?","ok":false,"description":"?"}"#
        .to_vec();
    let mut table = vec![("hung up before a byte", Say::HangUp)];
    for status in [
        "500 Internal",
        "502 Bad Gateway",
        "503 Unavailable",
        "504 Timeout",
        "599 What",
    ] {
        let head = format!("{status}\r\n");
        table.push(("a status", Say::Whole(head.clone(), json.clone())));
        table.push((
            "a status and a page",
            Say::Whole(head.clone(), b"<html>\x1b[2J".to_vec()),
        ));
        table.push(("a status, cut", Say::Cut(head, json.clone())));
    }
    let fine = "200 OK\r\n".to_owned();
    for (what, body) in [
        ("nothing", Vec::new()),
        ("half an answer", br#"{"ok":true,"result":{"mess"#.to_vec()),
        ("an answer of another kind", b"[1,2,3]".to_vec()),
        ("null", b"null".to_vec()),
        ("no JSON", b"<html>ok</html>".to_vec()),
        ("deep", vec![b'['; 100_000]),
        ("not UTF-8", vec![0xff; 1_000]),
        (
            "wrong types",
            br#"{"ok":"yes","result":[],"sid":5,"id":{},"messages":{},"message_id":[]}"#.to_vec(),
        ),
    ] {
        table.push((what, Say::Whole(fine.clone(), body.clone())));
        table.push((what, Say::Cut(fine.clone(), body)));
    }
    let mut tries = 0;
    for name in NAMES {
        for (what, say) in &table {
            *server.say.lock().unwrap() = say.clone();
            let (read, sent) = tried(&server.url, name).await;
            assert!(
                matches!(sent, ProviderError::Ambiguous(_)),
                "{name}, {what}, {say:?}: {sent:?}"
            );
            if let Some(error) = read {
                let again = matches!(error, ProviderError::Transient(_) | ProviderError::Bug(_));
                assert!(again, "{name}, {what}, {say:?}: {error:?}");
                assert!(
                    !error.to_string().contains(char::is_control),
                    "{name}: {error:?}"
                );
            }
            assert!(
                !sent.to_string().contains(char::is_control),
                "{name}: {sent:?}"
            );
            tries += 1;
        }
    }
    eprintln!("measured: {tries} hard answers, {} providers", NAMES.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for name in NAMES {
        let (read, sent) = tried(&url, name).await;
        for error in read.into_iter().chain([sent]) {
            assert!(
                matches!(error, ProviderError::Transient(_)),
                "{name}: {error:?}"
            );
        }
    }
}
