//! An account against our own Twilio: what is asked is as Twilio describes it, refusals say what to do, posts and polls
//! give one row, and the login goes to nobody else.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod asked;
mod posts;
mod reading;
mod sending;
#[path = "../support/mod.rs"]
mod support;

use frontdesk::model::outgoing::{OutgoingAttachment, OutgoingKind, Recipients};
use frontdesk::model::{
    AccountId, Batch, Channel, Clock, Cursor, Event, NewMessage, OutboxId, Outgoing, Party,
    SystemClock,
};
use frontdesk::providers::Provider;
use frontdesk::providers::twilio::TwilioProvider;
use std::sync::Arc;
use support::fakes::twilio::Twilio;

const CUSTOMER: &str = "+12125550199";

fn open(fake: &Twilio, more: &str) -> TwilioProvider {
    let settings = toml::from_str(&fake.settings(more)).unwrap();
    TwilioProvider::new(settings, Arc::new(SystemClock))
}

fn outgoing(channel: Channel, body: &str, files: Vec<OutgoingAttachment>) -> Outgoing {
    Outgoing {
        id: OutboxId(1),
        account: AccountId::new("sms"),
        channel,
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

fn messages(batch: &Batch) -> Vec<&NewMessage> {
    let events = batch.events.iter();
    events
        .filter_map(|event| match event {
            Event::Message(new) => Some(new.as_ref()),
            _ => None,
        })
        .collect()
}

/// Everything from the cursor on, in one batch; `more` is followed.
async fn all(provider: &TwilioProvider, since: Option<Cursor>) -> Batch {
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
