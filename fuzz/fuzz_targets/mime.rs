//! Any bytes are a message, read in a small stack, kept whole, and answered without a header of their own.
#![no_main]

use frontdesk::model::event::Flags;
use frontdesk::model::{RemoteId, Timestamp};
use frontdesk::providers::email::imap::Role;
use frontdesk::providers::email::map::{Arrived, Ours, message};
use frontdesk::text::header::HeaderValue;
use frontdesk::text::subject::reply_subject;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let arrived = Arrived {
        remote: RemoteId {
            scope: "INBOX".into(),
            key: "1:1".into(),
        },
        role: Role::Inbox,
        flags: Flags::default(),
        received: Timestamp(1_795_000_000_000),
        gmail_thread: None,
        gmail_sent: false,
        raw: bytes.to_vec(),
    };
    let ours = Ours {
        addresses: vec!["desk@shop.example".into()],
        authserv: Some("mx.shop.example".into()),
    };
    let read = message(arrived, &ours);
    assert_eq!(read.raw, bytes);
    assert!(!read.from_verified);
    assert!(read.thread.references.len() <= 100);
    assert!(read.sent_at <= Timestamp(1_795_000_000_000));
    let subject = reply_subject(&read.subject);
    assert!(
        !HeaderValue::cleaned(&subject)
            .as_str()
            .contains(char::is_control)
    );
    for id in read.thread.references.iter().chain(&read.thread.message_id) {
        assert!(
            !id.contains(|c: char| c.is_control() || c == ' ' || c == '<' || c == '>'),
            "{id:?}"
        );
    }
});
