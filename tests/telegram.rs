//! A bot against our own Bot API: what is asked is as Telegram describes it, refusals say what to do, nothing is lost
//! or told twice, and the token is in no error.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use frontdesk::model::outgoing::{OutgoingAttachment, OutgoingKind, Recipients};
use frontdesk::model::{
    AccountId, Channel, Clock, Event, OutboxId, Outgoing, Party, RemoteId, SystemClock,
};
use frontdesk::providers::telegram::TelegramProvider;
use frontdesk::providers::{Provider, ProviderError, RemoteChange, TypingAt};
use futures::StreamExt;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use support::fakes::telegram::{TOKEN, Telegram, USER};
use support::spec::{Request, Spec};

const CUSTOMER: i64 = 4_711;

fn bot(fake: &Telegram, token: &str) -> TelegramProvider {
    let text = format!(
        "username = \"{USER}\"\ntoken = \"{token}\"\nbase_url = \"{}\"\nlong_poll_seconds = 5\n",
        fake.url
    );
    TelegramProvider::new(toml::from_str(&text).unwrap(), Arc::new(SystemClock))
}

fn outgoing(body: &str, files: Vec<OutgoingAttachment>) -> Outgoing {
    Outgoing {
        id: OutboxId(1),
        account: AccountId::new("bot"),
        channel: Channel::Telegram,
        conversation: None,
        kind: OutgoingKind::Reply,
        from: None,
        recipients: Recipients {
            to: vec![Party::new(CUSTOMER.to_string())],
            ..Recipients::default()
        },
        subject: String::new(),
        body: body.to_owned(),
        attachments: files,
        thread: None,
        in_reply_to: None,
        references: Vec::new(),
        reference: "fd-1".to_owned(),
        queued_at: SystemClock.now(),
        author: "nina".to_owned(),
        template: None,
        proposal: None,
    }
}

fn file(folder: &std::path::Path, name: &str, mime: &str) -> OutgoingAttachment {
    let path = folder.join(name);
    std::fs::write(&path, b"bytes").unwrap();
    OutgoingAttachment {
        name: name.to_owned(),
        mime: mime.to_owned(),
        size: 5,
        sha256: String::new(),
        path,
    }
}

fn refusal(code: u16, words: &str, parameters: &Value) -> Value {
    json!({ "ok": false, "error_code": code, "description": words, "parameters": parameters })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_is_as_telegram_describes_it() {
    let fake = Telegram::start();
    let bot = bot(&fake, TOKEN);
    let folder = tempfile::tempdir().unwrap();
    bot.pull(None).await.unwrap();
    bot.probe().await.unwrap();
    let mut rich = outgoing("**Bold** and [a link](https://example.com/)", Vec::new());
    rich.thread = Some("4711/3@bc".to_owned());
    rich.in_reply_to = Some("4711:9".to_owned());
    bot.send(&rich).await.unwrap();
    let sent = fake.sent();
    assert_eq!(sent[0]["text"], "Bold and a link");
    assert_eq!(sent[0]["entities"][0]["length"], 4);
    // The fake keeps no files: what is looked at is the request.
    let photo = file(folder.path(), "a.png", "image/png");
    let paper = file(folder.path(), "b.pdf", "application/pdf");
    for files in [vec![photo.clone()], vec![paper.clone()], vec![photo, paper]] {
        let method = match files.len() {
            2 => "sendMediaGroup",
            _ if files[0].mime == "image/png" => "sendPhoto",
            _ => "sendDocument",
        };
        let message = json!({ "message_id": 50, "chat": { "id": CUSTOMER } });
        let result = if files.len() == 2 {
            json!([message])
        } else {
            message
        };
        fake.refuses(method, 200, json!({ "ok": true, "result": result }));
        let receipt = bot.send(&outgoing("See *this*", files)).await.unwrap();
        assert_eq!(receipt.provider_id.as_deref(), Some("4711:50"));
    }
    let read = RemoteChange::Flags {
        remote: RemoteId {
            scope: "4711@bc".to_owned(),
            key: "7".to_owned(),
        },
        seen: Some(true),
        answered: None,
        flagged: None,
        junk: None,
    };
    bot.push(&read).await.unwrap();
    let typing = TypingAt {
        thread: Some("4711/3@bc".to_owned()),
        to: "4711".to_owned(),
        newest: None,
    };
    bot.typing(&typing).await.unwrap();
    let asked = fake.asked();
    assert_eq!(asked.len(), 9, "{asked:?}");
    let Some(spec) = Spec::load("telegram_bot_api.json", "telegram") else {
        return;
    };
    for one in asked {
        let body = String::from_utf8_lossy(&one.body).into_owned();
        let request = Request {
            method: "POST".to_owned(),
            path: one.path,
            content_type: one.content_type,
            body: one.body,
        };
        // An album's files stand in fields of our naming, which `attach://` names; no list of fields can hold them.
        let judged = spec.judge(&request).err().unwrap_or_default();
        let attached = |wrong: &str| {
            let field = wrong.split('`').nth(1).unwrap_or_default();
            field.starts_with("file") && body.contains(&format!("attach://{field}\""))
        };
        let wrong: Vec<&str> = judged
            .split("; ")
            .filter(|wrong| !wrong.is_empty() && !attached(wrong))
            .collect();
        assert!(wrong.is_empty(), "{judged}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_say_what_to_do_and_never_the_token() {
    let wait = json!({ "retry_after": 7 });
    let none = json!({});
    let table = [
        (
            "getUpdates",
            401,
            "Unauthorized",
            &none,
            "Auth",
            "@BotFather",
        ),
        (
            "getUpdates",
            409,
            "Conflict: terminated by other getUpdates request",
            &none,
            "Rejected",
            "another program",
        ),
        (
            "getUpdates",
            409,
            "Conflict: can't use getUpdates method while webhook is active",
            &none,
            "Rejected",
            "webhook",
        ),
        ("getUpdates", 502, "Bad Gateway", &none, "Transient", "502"),
        (
            "getUpdates",
            429,
            "Too Many Requests: retry after 7",
            &wait,
            "RateLimited",
            "7s",
        ),
        ("sendMessage", 502, "Bad Gateway", &none, "Ambiguous", "502"),
        (
            "sendMessage",
            403,
            "Forbidden: bot was blocked by the user",
            &none,
            "Rejected",
            "blocked",
        ),
        (
            "sendMessage",
            400,
            "Bad Request: chat not found",
            &none,
            "Rejected",
            "chat not found",
        ),
        (
            "sendMessage",
            429,
            "Too Many Requests: retry after 7",
            &wait,
            "RateLimited",
            "7s",
        ),
    ];
    let fake = Telegram::start();
    for (method, status, words, parameters, variant, says) in table {
        let bot = bot(&fake, TOKEN);
        fake.refuses(method, status, refusal(status, words, parameters));
        let error = if method == "getUpdates" {
            bot.pull(None).await.unwrap_err()
        } else {
            bot.send(&outgoing("Hello", Vec::new())).await.unwrap_err()
        };
        let told = format!("{error:?}");
        assert!(told.starts_with(variant) && told.contains(says), "{told}");
        assert!(!told.contains(TOKEN) && !told.contains("AAE"), "{told}");
    }
    assert!(fake.sent().is_empty());
    let closed = bot(&fake, "1:x-y");
    let error = closed.pull(None).await.unwrap_err();
    assert!(matches!(error, ProviderError::Auth(_)), "{error:?}");
    let error = bot(&fake, "not a token").pull(None).await.unwrap_err();
    assert!(matches!(error, ProviderError::Auth(_)), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_moved_is_followed_once() {
    let fake = Telegram::start();
    let moved = refusal(
        400,
        "Bad Request: group chat was upgraded",
        &json!({ "migrate_to_chat_id": -1_005 }),
    );
    fake.refuses("sendMessage", 400, moved);
    let mut out = outgoing("Hello", Vec::new());
    out.thread = Some("-5".to_owned());
    let receipt = bot(&fake, TOKEN).send(&out).await.unwrap();
    assert_eq!(fake.sent().len(), 1);
    assert!(receipt.provider_id.unwrap().starts_with("-1005:"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_ends_the_open_long_poll_and_nothing_is_confirmed_before_it_was_taken() {
    let fake = Telegram::start();
    let bot = bot(&fake, TOKEN);
    let mut stream = bot.subscribe(None).unwrap();
    // The poll is open and nobody looks at it.
    let opened = tokio::time::timeout(Duration::from_millis(500), stream.next()).await;
    assert!(opened.is_err());
    fake.customer_writes(CUSTOMER, "One");
    let pulled = bot.pull(None).await.unwrap();
    assert_eq!(pulled.events.len(), 1);
    assert!(
        stream.next().await.is_none(),
        "the next stream goes on from what was stored"
    );
    // Lost before it was stored: it comes again.
    let mut stream = bot.subscribe(None).unwrap();
    let batch = stream.next().await.unwrap().unwrap();
    let Event::Message(message) = &batch.events[0] else {
        panic!("{batch:?}");
    };
    assert_eq!(message.text, "One");
    drop(stream);
    let mut stream = bot.subscribe(batch.cursor).unwrap();
    fake.customer_writes(CUSTOMER, "Two");
    let batch = tokio::time::timeout(Duration::from_secs(4), stream.next()).await;
    let batch = batch.expect("news ends the poll").unwrap().unwrap();
    assert_eq!(batch.events.len(), 1);
}
