//! The corpus's fields that leave: what a mail server gets of them, byte for byte, and that other channels put a value
//! where a value belongs.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "hostile/corpus.rs"]
#[allow(dead_code)]
mod corpus;
#[path = "hostile/fake.rs"]
#[allow(dead_code)]
mod fake;
#[path = "hostile/ledger.rs"]
#[allow(dead_code)]
mod ledger;
mod support;

use corpus::Row;
use fake::{Act, Fake, Tls, say};
use frontdesk::model::outgoing::{OutgoingKind, Recipients};
use frontdesk::model::{AccountId, Channel, Clock, OutboxId, Outgoing, Party, SystemClock};
use frontdesk::model::{FilledTemplate, Template};
use frontdesk::providers::email::EmailProvider;
use frontdesk::providers::meta::whatsapp::WhatsappProvider;
use frontdesk::providers::telegram::TelegramProvider;
use frontdesk::providers::twilio::TwilioProvider;
use frontdesk::providers::{Provider, ProviderError};
use std::sync::Arc;
use support::fakes::meta_whatsapp::MetaWhatsapp;
use support::fakes::telegram::{TOKEN, Telegram, USER};
use support::fakes::twilio::Twilio;

const OWN: &str = "support@desk.test";
const CUSTOMER: &str = "ann@cust.test";

fn outgoing() -> Outgoing {
    Outgoing {
        id: OutboxId(1),
        account: AccountId::new("support"),
        channel: Channel::Email,
        conversation: None,
        kind: OutgoingKind::Reply,
        from: None,
        recipients: Recipients {
            to: vec![Party::new(CUSTOMER)],
            ..Recipients::default()
        },
        subject: "x".into(),
        body: "hello".into(),
        attachments: Vec::new(),
        thread: None,
        in_reply_to: None,
        references: Vec::new(),
        reference: "01.token@desk.test".into(),
        queued_at: SystemClock.now(),
        author: "alice".into(),
        template: None,
        proposal: None,
    }
}

/// Sends by a submission server that takes everything; gives all that it heard.
async fn sends(out: &Outgoing) -> (Result<(), ProviderError>, String) {
    let fake = Fake::start(Tls::Good, "220 mx\r\n", move || {
        let mut in_message = false;
        move |line: &str| {
            if in_message {
                if line != "." {
                    return Act::Wait;
                }
                in_message = false;
            }
            match line.split(' ').next().unwrap_or_default() {
                "EHLO" => say("250-mx\r\n250-SIZE 99999999\r\n250 AUTH PLAIN\r\n"),
                "AUTH" => say("235 ok\r\n"),
                "DATA" => {
                    in_message = true;
                    say("354 go on\r\n")
                }
                _ => say("250 ok\r\n"),
            }
        }
    })
    .await;
    let settings = format!(
        "address = \"{OWN}\"\nsent_copy = \"skip\"\n[imap]\nhost = \"localhost\"\nport = 9\npassword = \"x\"\n[[smtp]]\n\
         host = \"localhost\"\nport = {}\ntls = \"implicit\"\nca_file = \"{}\"\npassword = \"hunter2\"\n",
        fake.port,
        fake.ca.display()
    );
    let provider = EmailProvider::new(toml::from_str(&settings).unwrap(), Arc::new(SystemClock));
    let result = provider.send(out).await.map(drop);
    let heard = fake.heard.lock().unwrap().clone();
    (result, heard)
}

/// The commands of the session, and the message between DATA and its dot.
fn session(id: &str, heard: &str) -> (Vec<String>, String) {
    let (before, after) = heard
        .split_once("DATA\r\n")
        .unwrap_or_else(|| panic!("{id}: {heard}"));
    let (message, rest) = after.split_once("\r\n.\r\n").unwrap();
    let lines = before.lines().chain(rest.lines());
    (lines.map(str::to_owned).collect(), message.to_owned())
}

fn taken(id: &str, heard: &str) {
    let (commands, message) = session(id, heard);
    let begins = |word: &str| {
        commands
            .iter()
            .filter(|line| line.starts_with(word))
            .count()
    };
    assert_eq!(
        (begins("MAIL FROM"), begins("RCPT TO")),
        (1, 1),
        "{id}: {commands:?}"
    );
    assert!(
        commands
            .iter()
            .any(|line| line.starts_with(&format!("MAIL FROM:<{OWN}>"))),
        "{id}: {commands:?}"
    );
    let to = commands
        .iter()
        .find(|line| line.starts_with("RCPT TO"))
        .unwrap();
    assert!(
        to == "RCPT TO:<ann@cust.test>" || to == "RCPT TO:<a@b.example>",
        "{id}: {to}"
    );
    for line in &commands {
        let known = ["EHLO", "AUTH", "MAIL", "RCPT", "QUIT", "RSET"]
            .iter()
            .any(|word| line.starts_with(word));
        assert!(known, "{id}: {line}");
    }
    // No line ends but by CRLF, no dot stands alone.
    let bare = message.replace("\r\n", "");
    assert!(!bare.contains(['\r', '\n', '\0']), "{id}");
    assert!(!message.split("\r\n").any(|line| line == "."), "{id}");
    let (head, _) = message.split_once("\r\n\r\n").unwrap();
    let names: Vec<&str> = head
        .split("\r\n")
        .filter(|line| !line.starts_with([' ', '\t']))
        .map(|line| line.split(':').next().unwrap())
        .collect();
    for name in &names {
        let ours = [
            "Message-ID",
            "Date",
            "From",
            "To",
            "Subject",
            "In-Reply-To",
            "References",
            "MIME-Version",
            "Content-Type",
            "Content-Transfer-Encoding",
        ];
        assert!(ours.contains(name), "{id}: {name}");
        assert_eq!(
            names.iter().filter(|other| other == &name).count(),
            1,
            "{id}: {name}"
        );
    }
}

/// What a row puts into a mail, and whether that may leave.
async fn by_mail(row: &Row, field: &str, value: &str) {
    let mut out = outgoing();
    match field {
        "subject" => value.clone_into(&mut out.subject),
        "to" => out.recipients.to = vec![Party::new(value)],
        "to_name" => out.recipients.to = vec![Party::named("a@b.example", value)],
        "references" => out.references = value.split(' ').map(str::to_owned).collect(),
        "in_reply_to" => out.in_reply_to = Some(value.to_owned()),
        "message_id" => value.clone_into(&mut out.reference),
        "body" => value.clone_into(&mut out.body),
        "from_alias" => out.from = Some(Party::new(value)),
        other => panic!("{}: nobody checks `{other}`", row.id),
    }
    let (result, heard) = sends(&out).await;
    let refused = matches!(field, "to" | "message_id" | "from_alias");
    assert_eq!(result.is_err(), refused, "{}: {result:?}", row.id);
    if refused {
        assert!(
            !heard.contains("DATA"),
            "{}: nothing of it left: {heard}",
            row.id
        );
        assert!(
            !heard.contains("evil.example") && !heard.contains("ceo@"),
            "{}: {heard}",
            row.id
        );
    } else {
        taken(&row.id, &heard);
    }
}

/// A text message by Twilio's interface: one field of a form each, however it is written.
fn by_sms(row: &Row, field: &str, value: &str) {
    let fake = Twilio::start();
    let settings = fake.settings("poll_seconds = 60");
    let provider = TwilioProvider::new(toml::from_str(&settings).unwrap(), Arc::new(SystemClock));
    let mut out = outgoing();
    out.channel = Channel::Sms;
    out.recipients.to = vec![Party::new("+12125550199")];
    match field {
        "sms_to" => out.recipients.to = vec![Party::new(value)],
        _ => value.clone_into(&mut out.body),
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let result = runtime.block_on(provider.send(&out));
    let sent = fake.sent();
    match result {
        Ok(_) => {
            assert_eq!(sent.len(), 1, "{}", row.id);
            let to = sent[0]["to"].as_str().unwrap();
            assert!(
                to.starts_with('+') && to[1..].bytes().all(|b| b.is_ascii_digit()),
                "{}: {to}",
                row.id
            );
        }
        Err(error) => {
            assert!(sent.is_empty(), "{}: {error}", row.id);
            assert!(!error.to_string().contains(char::is_control), "{}", row.id);
        }
    }
}

#[derive(serde::Deserialize)]
struct Field {
    field: String,
    value: String,
}

fn now<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

/// Telegram is told to read no markup into the text, and none of what we mark leads elsewhere than the web or a mail.
fn by_telegram(row: &Row, value: &str) {
    let fake = Telegram::start();
    let settings = format!(
        "username = \"{USER}\"\ntoken = \"{TOKEN}\"\nbase_url = \"{}\"\nlong_poll_seconds = 5\n",
        fake.url
    );
    let provider = TelegramProvider::new(toml::from_str(&settings).unwrap(), Arc::new(SystemClock));
    let mut out = outgoing();
    out.channel = Channel::Telegram;
    out.recipients.to = vec![Party::new("4711")];
    value.clone_into(&mut out.body);
    let result = now(provider.send(&out));
    let asked = fake.asked();
    for one in &asked {
        let body = String::from_utf8_lossy(&one.body);
        assert!(!body.contains("parse_mode"), "{}: {body}", row.id);
        let body: serde_json::Value = serde_json::from_slice(&one.body).unwrap_or_default();
        let marks = body["entities"].as_array().cloned().unwrap_or_default();
        for url in marks.iter().filter_map(|mark| mark["url"].as_str()) {
            let harmless = ["https://", "http://", "mailto:"];
            assert!(
                harmless.iter().any(|scheme| url.starts_with(scheme)),
                "{}: {url}",
                row.id
            );
        }
    }
    assert_eq!(
        result.is_ok(),
        fake.sent().len() == 1,
        "{}: {result:?}",
        row.id
    );
}

fn whatsapp(fake: &MetaWhatsapp) -> WhatsappProvider {
    WhatsappProvider::new(
        toml::from_str(&fake.settings()).unwrap(),
        Arc::new(SystemClock),
    )
}

/// A value in a place of a template is one string of the request, or is refused before it is sent.
fn in_template(row: &Row, value: &str) {
    let fake = MetaWhatsapp::start();
    let mut out = outgoing();
    out.channel = Channel::Whatsapp;
    out.recipients.to = vec![Party::new("4915112345678")];
    out.template = Some(FilledTemplate {
        id: "order_ready".into(),
        language: "en_US".into(),
        values: vec![("1".into(), value.into())],
    });
    let result = now(whatsapp(&fake).send(&out));
    let sent = fake.sent();
    assert_eq!(result.is_ok(), sent.len() == 1, "{}: {result:?}", row.id);
    for body in sent {
        let parameter = body
            .pointer("/template/components/0/parameters/0/text")
            .unwrap();
        assert_eq!(parameter.as_str(), Some(value), "{}: one value", row.id);
    }
    // Nobody gets so far: it is refused when it is queued.
    let template: Template = serde_json::from_value(serde_json::json!({
        "id": "order_ready", "name": "order_ready", "language": "en_US", "category": "UTILITY", "status": "approved",
        "channel": "whatsapp", "body": "Hi {{1}}", "places": [{ "name": "1", "example": "Ana" }],
    }))
    .unwrap();
    let filled = template.refuses(&[("1".to_owned(), value.to_owned())]);
    assert!(
        filled.is_some_and(|why| why.contains("line break")),
        "{}",
        row.id
    );
}

/// A login that is no header value opens no connection.
fn in_header(row: &Row, value: &str) {
    let fake = MetaWhatsapp::start();
    let settings = fake.settings();
    let mut table: toml::Table = toml::from_str(&settings).unwrap();
    table.insert("token".into(), value.into());
    let provider: WhatsappProvider =
        WhatsappProvider::new(table.try_into().unwrap(), Arc::new(SystemClock));
    let mut out = outgoing();
    out.channel = Channel::Whatsapp;
    out.recipients.to = vec![Party::new("4915112345678")];
    let error = now(provider.send(&out)).unwrap_err().to_string();
    assert!(fake.asked().is_empty(), "{}: {:?}", row.id, fake.asked());
    assert!(
        !error.contains("X-Evil") && !error.contains(char::is_control),
        "{}: {error}",
        row.id
    );
}

/// Channels that no provider of ours has: the day one is added, its row must be proved on its wire.
fn no_such_channel(row: &Row, field: &str) {
    let name = field.trim_end_matches("_text");
    let known = frontdesk::providers::guide::ALL
        .iter()
        .any(|guide| guide.provider == name);
    assert!(!known, "{}: prove this on the wire of {name}", row.id);
}

#[test]
fn leaves_as_one_field() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut tried = std::collections::BTreeSet::new();
    ledger::prove(
        "hostile_wire::leaves_as_one_field",
        "10_outbound",
        |row, _| {
            let Field { field, value } = serde_json::from_slice(&row.payload).unwrap();
            if !tried.insert(row.id.clone()) {
                return true;
            }
            match field.as_str() {
                "sms_to" | "sms_body" => by_sms(row, &field, &value),
                "telegram_md" => by_telegram(row, &value),
                "whatsapp_template_param" => in_template(row, &value),
                "http_header_value" => in_header(row, &value),
                "slack_text" | "discord_text" | "mastodon_text" => no_such_channel(row, &field),
                _ => runtime.block_on(by_mail(row, &field, &value)),
            }
            true
        },
    );
    assert_eq!(tried.len(), corpus::load("10_outbound").len());
}
