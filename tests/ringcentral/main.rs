//! An extension against our own RingCentral: what is asked is as RingCentral describes it, refusals say what to do,
//! nothing is lost or told twice, rate groups are kept, and no token is in an error.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod asked;
#[path = "../hostile/corpus.rs"]
#[allow(dead_code)]
mod corpus;
mod hostile;
mod login;
#[path = "../conformance/mirror.rs"]
#[allow(dead_code)]
mod mirror;
mod program;
mod reading;
mod refusals;
mod sending;
mod settling;
mod socket;
#[path = "../support/mod.rs"]
mod support;

use frontdesk::model::outgoing::{OutgoingAttachment, OutgoingKind, Recipients};
use frontdesk::model::{
    AccountId, Batch, Channel, Clock, Cursor, Event, NewMessage, OutboxId, Outgoing, Party,
    SystemClock,
};
use frontdesk::providers::Provider;
use frontdesk::providers::ringcentral::RingcentralProvider;
use std::sync::Arc;
use support::fakes::ringcentral::Ringcentral;

const CUSTOMER: &str = "+12125550199";

fn open(fake: &Ringcentral, more: &str) -> RingcentralProvider {
    let settings = toml::from_str(&fake.settings(more)).unwrap();
    RingcentralProvider::new(settings, Arc::new(SystemClock))
}

fn outgoing(body: &str, files: Vec<OutgoingAttachment>) -> Outgoing {
    Outgoing {
        id: OutboxId(1),
        account: AccountId::new("phone"),
        channel: Channel::Sms,
        conversation: None,
        kind: OutgoingKind::Reply,
        from: None,
        recipients: Recipients {
            to: vec![Party::new(CUSTOMER)],
            ..Recipients::default()
        },
        subject: String::new(),
        body: body.to_owned(),
        attachments: files,
        thread: None,
        in_reply_to: None,
        references: Vec::new(),
        reference: format!("fd-{body}"),
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

fn messages(batch: &Batch) -> Vec<&NewMessage> {
    batch
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Message(new) => Some(new.as_ref()),
            _ => None,
        })
        .collect()
}

/// Everything from the cursor on, in one batch; `more` is followed.
async fn all(provider: &RingcentralProvider, since: Option<Cursor>) -> Batch {
    let mut whole = Batch::default();
    let mut cursor = since;
    for _ in 0..200 {
        let batch = provider.pull(cursor).await.unwrap();
        whole.events.extend(batch.events);
        whole.coverage.extend(batch.coverage);
        cursor = batch.cursor.clone();
        whole.cursor = batch.cursor;
        if !batch.more {
            return whole;
        }
    }
    panic!("there is always more");
}
