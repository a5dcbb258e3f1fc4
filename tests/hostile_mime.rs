//! Every message of the corpus is read in a small stack and in little time, keeps its bytes, and cannot put a header of
//! its own into what is answered to it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "hostile/corpus.rs"]
#[allow(dead_code)]
mod corpus;
#[path = "hostile/ledger.rs"]
#[allow(dead_code)]
mod ledger;

use corpus::{Row, load};
use frontdesk::model::event::Flags;
use frontdesk::model::outgoing::{OutgoingKind, Recipients};
use frontdesk::model::{
    AccountId, Channel, Content, Direction, MessageKind, NewMessage, OutboxId, Outgoing, Party,
    RemoteId, Timestamp,
};
use frontdesk::providers::email::compose::{ComposeError, Composed, compose};
use frontdesk::providers::email::imap::Role;
use frontdesk::providers::email::map::{Arrived, Ours, message};
use frontdesk::text::subject::reply_subject;
use ledger::proven;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const RECEIVED: Timestamp = Timestamp(1_795_000_000_000);

fn arrived(raw: Vec<u8>, role: Role) -> Arrived {
    Arrived {
        remote: RemoteId {
            scope: "INBOX".into(),
            key: "1:1".into(),
        },
        role,
        flags: Flags::default(),
        received: RECEIVED,
        gmail_thread: None,
        gmail_sent: false,
        raw,
    }
}

fn ours() -> Ours {
    Ours {
        addresses: vec!["desk@shop.example".into()],
        authserv: Some("mx.shop.example".into()),
    }
}

/// Reads the row as a thread of 2 MiB stack does, and tells how long it took.
fn read(row: &Row) -> (NewMessage, Duration) {
    let raw = row.payload.clone();
    std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(move || {
            let start = Instant::now();
            let read = message(arrived(raw, Role::Inbox), &ours());
            (read, start.elapsed())
        })
        .unwrap()
        .join()
        .unwrap()
}

fn answer(to: &NewMessage) -> Outgoing {
    Outgoing {
        id: OutboxId(1),
        account: AccountId::new("support"),
        channel: Channel::Email,
        conversation: None,
        kind: OutgoingKind::Reply,
        from: None,
        recipients: Recipients {
            to: vec![to.reply_to.first().unwrap_or(&to.from).clone()],
            cc: to.cc.clone(),
            bcc: Vec::new(),
        },
        subject: reply_subject(&to.subject),
        body: "Thank you.".into(),
        attachments: Vec::new(),
        thread: None,
        in_reply_to: to.thread.message_id.clone(),
        references: to.thread.references.clone(),
        reference: "01.token@shop.example".into(),
        queued_at: RECEIVED,
        author: "alice".into(),
        template: None,
        proposal: None,
    }
}

fn written(out: &Outgoing) -> Result<Composed, ComposeError> {
    compose(out, &Party::named("desk@shop.example", "The desk"), &[])
}

/// Exactly the header fields that we write, each at most once.
fn only_our_headers(id: &str, wire: &[u8]) {
    let text = String::from_utf8_lossy(wire);
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    for line in head.split("\r\n") {
        if line.starts_with([' ', '\t']) {
            continue;
        }
        let (name, _) = line
            .split_once(':')
            .unwrap_or_else(|| panic!("{id}: {line}"));
        assert!(
            [
                "Message-ID",
                "Date",
                "From",
                "To",
                "Cc",
                "Subject",
                "In-Reply-To",
                "References",
                "MIME-Version",
                "Content-Type",
                "Content-Transfer-Encoding",
            ]
            .contains(&name),
            "{id}: {line}"
        );
        let again = head
            .split("\r\n")
            .filter(|other| other.starts_with(&format!("{name}:")))
            .count();
        assert_eq!(again, 1, "{id}: {name}");
    }
    let whole = wire.windows(2).filter(|pair| pair == b"\r\n").count();
    let halves = |byte: u8| wire.split(|at| *at == byte).count() - 1;
    assert_eq!(
        (halves(b'\r'), halves(b'\n')),
        (whole, whole),
        "{id}: a lone CR or LF"
    );
    assert!(!wire.contains(&0), "{id}: NUL");
}

#[test]
fn every_message_is_read_and_answered_safely() {
    let rows = proven(
        "hostile_mime::every_message_is_read_and_answered_safely",
        "03_mime",
    );
    assert!(rows.len() > 30);
    for row in load("03_mime") {
        let (read, took) = read(&row);
        assert!(took < Duration::from_secs(20), "{}: {took:?}", row.id);
        assert_eq!(read.raw, row.payload.clone(), "{}", row.id);
        assert_eq!(read.direction, Direction::Inbound, "{}", row.id);
        assert!(!read.from_verified, "{}", row.id);
        assert!(read.thread.references.len() <= 100, "{}", row.id);
        match written(&answer(&read)) {
            Ok(composed) => only_our_headers(&row.id, &composed.wire),
            Err(error) => {
                let must_work = row
                    .checks
                    .iter()
                    .any(|check| check == "no_header_injection");
                assert!(!must_work, "{}: {error}", row.id);
            }
        }
    }
}

#[test]
fn what_is_expected_of_each() {
    let all: BTreeMap<String, NewMessage> = load("03_mime")
        .iter()
        .map(|row| (row.id.clone(), read(row).0))
        .collect();
    let of = |id: &str| &all[id];
    // These are judged one by one below.
    let own: Vec<String> = proven("hostile_mime::what_is_expected_of_each", "03_mime")
        .into_iter()
        .map(|row| row.id)
        .collect();
    let known = [
        "mime-reply-to-differs",
        "mime-encrypted-efail-wrap",
        "mime-external-body",
        "mime-autoresponder-loop",
    ];
    assert_eq!(own, known);
    // Named by the message, never read: the file's words are not in it, whatever it names.
    let named = of("mime-external-body");
    let told = |bytes: &[u8]| !String::from_utf8_lossy(bytes).contains("root:");
    let files = named
        .attachments
        .iter()
        .filter_map(|file| file.data.as_deref());
    assert!(told(named.text.as_bytes()) && files.into_iter().all(told));
    let unreadable = |id: &str| matches!(of(id).content, Content::Unreadable { .. });
    for id in ["mime-nest-200", "mime-nest-5000", "mime-rfc822-5000"] {
        assert!(unreadable(id), "{id}");
        assert_eq!(of(id).from.address, "ann@customer.example", "{id}");
    }
    let readable = all
        .iter()
        .filter(|(_, read)| !matches!(read.content, Content::Unreadable { .. }))
        .count();
    assert_eq!(readable, all.len() - 3);
    assert!(
        of("mime-boundary-prefix-confusion").text.contains("inner")
            || of("mime-boundary-prefix-confusion").text.contains("SEEN"),
        "{:?}",
        of("mime-boundary-prefix-confusion").text
    );
    assert_eq!(
        of("mime-references-self").thread.message_id.as_deref(),
        Some("self@customer.example")
    );
    assert_eq!(of("mime-lf-only").text.trim(), "body");
    assert_eq!(
        of("mime-2047-crlf-msgid").thread.message_id,
        of("mime-2047-crlf-name").thread.message_id
    );
    let two = &of("mime-from-two-addrs").from;
    assert_eq!(two.address, "ann@customer.example");
    assert!(two.name.as_ref().unwrap().contains("ceo@shop.example"));
    assert_eq!(
        of("mime-2047-nul-addr").from.address,
        "ann@customer.example"
    );
    assert_eq!(of("mime-from-comment").from.address, "ann@customer.example");
    assert!(of("mime-from-group").to.len() < 10);
    assert_eq!(
        of("mime-reply-to-differs").reply_to[0].address,
        "pay@evil.example"
    );
    for id in ["mime-date-insane", "mime-date-far-future", "mime-date-1970"] {
        assert_eq!(of(id).sent_at, RECEIVED, "{id}");
    }
    assert!(of("mime-ct-garbage").text.contains("hello"));
    assert_eq!(of("mime-autoresponder-loop").kind, MessageKind::AutoReply);
    assert_eq!(of("mime-dsn-forged").kind, MessageKind::Bounce);
    let forged = of("mime-dsn-forged").bounce.as_ref().unwrap();
    assert!(forged.original_message_id.as_deref() != Some("01.token@shop.example"));
    // A wrapped part does not get into the markup around it.
    let wrapped = of("mime-encrypted-efail-wrap");
    let html = wrapped.html.as_deref().unwrap_or_default();
    assert!(!html.contains("PGP MESSAGE"), "{html}");
    let names: Vec<&str> = of("mime-uuencode-evil")
        .attachments
        .iter()
        .map(|file| file.name.as_str())
        .collect();
    assert!(names.iter().all(|name| !name.contains("..")), "{names:?}");
}

#[test]
fn a_message_that_claims_to_be_ours_is_not() {
    let raw = b"From: desk@shop.example\r\nReceived: from x\r\nMessage-ID: <01.token@shop.example>\r\nSubject: x\r\n\r\nhi\r\n";
    for (role, own) in [
        (Role::Inbox, false),
        (Role::Junk, false),
        (Role::Archive, false),
        (Role::Sent, true),
    ] {
        let read = message(arrived(raw.to_vec(), role), &ours());
        assert_eq!(read.own_reference.is_some(), own, "{role:?}");
        assert_eq!(read.direction == Direction::Outbound, own, "{role:?}");
    }
}
