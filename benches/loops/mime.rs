//! Bytes of mails to messages, against mail-parser alone.

use crate::texts;
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use frontdesk::model::event::Flags;
use frontdesk::model::{RemoteId, Timestamp};
use frontdesk::providers::email::imap::Role;
use frontdesk::providers::email::map::{Arrived, Ours, message};
use mail_parser::MessageParser;

const MAILS: usize = 200;

#[divan::bench]
fn to_message(bencher: Bencher) {
    let mails = texts::mails(MAILS);
    let ours = Ours {
        addresses: vec!["help@northwind.example".to_owned()],
        authserv: Some("mx.northwind.example".to_owned()),
    };
    let arrived = |(uid, raw): (usize, &Vec<u8>)| Arrived {
        remote: RemoteId {
            scope: "INBOX".to_owned(),
            key: format!("1:{uid}"),
        },
        role: Role::Inbox,
        flags: Flags::default(),
        received: Timestamp(1_795_000_000_000),
        gmail_thread: None,
        gmail_sent: false,
        raw: raw.clone(),
    };
    bencher
        .counter(ItemsCount::new(MAILS))
        .counter(bytes(&mails))
        .with_inputs(|| mails.iter().enumerate().map(arrived).collect::<Vec<_>>())
        .bench_local_values(|all| {
            all.into_iter()
                .map(|one| message(black_box(one), &ours))
                .collect::<Vec<_>>()
        });
}

/// Parsed, and its text asked for once.
#[divan::bench]
fn bare_mail_parser(bencher: Bencher) {
    let mails = texts::mails(MAILS);
    let parser = MessageParser::default();
    let text = |raw: &Vec<u8>| {
        let mail = parser.parse(black_box(raw)).unwrap();
        mail.body_text(0).map_or(0, |text| text.len())
    };
    bencher
        .counter(ItemsCount::new(MAILS))
        .counter(bytes(&mails))
        .bench_local(|| mails.iter().map(text).sum::<usize>());
}

fn bytes(mails: &[Vec<u8>]) -> BytesCount {
    BytesCount::new(mails.iter().map(Vec::len).sum::<usize>())
}
