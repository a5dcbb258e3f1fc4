//! What is committed, what of it is told, and what must be found.

use frontdesk::model::command::QueueDraft;
use frontdesk::model::event::{Batch, Cursor, Event, NewMessage, RemoteId};
use frontdesk::model::time::ManualClock;
use frontdesk::model::{
    AccountId, Actor, Answer, Channel, Command, ConversationId, Draft, DraftKind, Party, Query,
    Timestamp,
};
use frontdesk::store::{AccountInfo, Options, Store};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Names the folder to the process that commits.
pub const PLACE: &str = "POWER_CUT_PLACE";
/// So many rounds, each of two commits.
pub const COMMITS: usize = 60;
const START: i64 = 1_790_000_000_000;

/// What was acknowledged by a commit.
#[derive(Debug, Serialize, Deserialize)]
pub enum Told {
    /// All messages up to this one are here, and the cursor is there.
    Read(usize),
    /// An answer with this text is queued.
    Queued(String),
}

fn account() -> AccountId {
    AccountId::new("care")
}

fn open(dir: &Path) -> Store {
    Store::open(Options {
        dir: dir.to_owned(),
        clock: Arc::new(ManualClock::at(Timestamp(START))),
        read_only: false,
    })
    .unwrap_or_else(|error| panic!("{}: {error}", dir.display()))
}

/// Memory where there is some: a thousand images need no disk.
pub fn memory() -> PathBuf {
    let shared = PathBuf::from("/dev/shm");
    if shared.is_dir() {
        shared
    } else {
        std::env::temp_dir()
    }
}

fn message(n: usize) -> Event {
    let remote = RemoteId {
        scope: "INBOX".to_owned(),
        key: n.to_string(),
    };
    let from = Party::new(format!("c{}@far.example", n % 7));
    let at = Timestamp(START - 1_000_000 + i64::try_from(n).unwrap() * 1_000);
    let mut message = NewMessage::inbound(remote, Channel::Email, from, at);
    message.subject = format!("Matter {}", n % 7);
    message.text = format!("message {n} {}", "words of it ".repeat(n % 60));
    message.thread.message_id = Some(format!("{n}@far.example"));
    message.raw = message.text.clone().into_bytes();
    Event::Message(Box::new(message))
}

/// Reads and answers, and tells of each commit once it is acknowledged.
pub fn commits(place: &Path) {
    let mut told = std::fs::File::create(place.join("told")).unwrap();
    let mut tell = |what: &Told| {
        let line = serde_json::to_vec(what).unwrap();
        told.write_all(&line).unwrap();
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = open(&place.join("mirror"));
        let info = AccountInfo {
            provider: "email".to_owned(),
            channels: vec![Channel::Email],
            own_addresses: vec![Party::new("care@desk.example")],
            default_hold_ms: 8_000,
            reply_window_ms: None,
            sla_ms: None,
        };
        store.ensure_account(&account(), info).await.unwrap();
        let mut n = 0;
        for round in 0..COMMITS / 2 {
            // Now and then many at once, so that the log is written back meanwhile.
            let many = if round % 10 == 9 { 60 } else { 3 };
            let events = (n..n + many).map(message).collect();
            n += many;
            let batch = Batch {
                events,
                cursor: Some(Cursor(n.to_string())),
                ..Batch::default()
            };
            // What is told again need not be there by itself; the answer that follows brings it along.
            let mut ready = store.make_ready(batch).await.unwrap();
            let again = round % 10 == 9;
            if again {
                ready = ready.told_again();
            }
            store.ingest_ready(&account(), ready).await.unwrap();
            if !again {
                tell(&Told::Read(n));
            }
            let text = format!("answer {round}.");
            let order = queue(&store, ConversationId(1), &text).await;
            store
                .apply(&Actor::Agent("mia".to_owned()), order)
                .await
                .unwrap();
            tell(&Told::Queued(text));
            if again {
                tell(&Told::Read(n));
            }
        }
    });
}

async fn queue(store: &Store, id: ConversationId, text: &str) -> Command {
    let me = "mia".to_owned();
    let Answer::Conversation(detail) = store.answer(Query::Conversation { id, me }).await.unwrap()
    else {
        panic!("there is no conversation");
    };
    let target = store.reply_target(id, false).await.unwrap();
    let draft = Draft {
        id: None,
        conversation: Some(id),
        kind: DraftKind::Reply,
        account: account(),
        channel: Channel::Email,
        from: None,
        recipients: target.recipients,
        subject: target.subject,
        body: text.to_owned(),
        attachments: Vec::new(),
        base: detail.conversation.head,
        answers: target.answers,
        template: None,
        proposal: None,
        author: "mia".to_owned(),
        updated_at: Timestamp(0),
    };
    Command::Queue(Box::new(QueueDraft {
        hash: draft.content_hash(),
        draft,
        hold_ms: 8_000,
        not_before: None,
        unless_reply: false,
        resolve: false,
        seen_head: detail.conversation.head,
        reference: format!("{text}@desk.example"),
    }))
}

/// The image is whole and has all that was acknowledged; rows and cursor are of one moment.
pub fn holds(dir: &Path, told: &[&Told], about: &str) {
    let store = open(dir);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let read = told.iter().rev().find_map(|one| match one {
            Told::Read(n) => Some(*n),
            Told::Queued(_) => None,
        });
        let cursor = store
            .cursor(&account())
            .await
            .unwrap_or_else(|e| panic!("{about}: {e}"));
        let cursor = cursor.map_or(0, |cursor| cursor.0.parse::<usize>().unwrap());
        assert!(
            cursor >= read.unwrap_or(0),
            "{about}: the cursor is at {cursor}, {read:?} was acknowledged"
        );
        let kept = store
            .export(None, 10_000)
            .await
            .unwrap_or_else(|e| panic!("{about}: {e}"));
        let bodies: BTreeSet<String> = kept
            .iter()
            .map(|(_, message)| {
                let words: Vec<&str> = message.body.split(' ').take(2).collect();
                words.join(" ")
            })
            .collect();
        for n in 0..cursor {
            assert!(
                bodies.contains(&format!("message {n}")),
                "{about}: message {n} is lost, the cursor is at {cursor}"
            );
        }
        let Answer::Outbox(rows) = store.answer(Query::Outbox { limit: 1_000 }).await.unwrap()
        else {
            panic!("{about}: no outbox");
        };
        for one in told {
            if let Told::Queued(text) = one {
                assert!(
                    rows.iter().any(|row| row.out.body == *text),
                    "{about}: {text:?} was queued and is lost"
                );
            }
        }
    });
    let report = runtime.block_on(store.journal_verify()).unwrap();
    assert!(report.broken_at.is_none(), "{about}: the journal");
    drop(store);
    let sql = rusqlite::Connection::open(dir.join("mirror.db")).unwrap();
    let whole: String = sql
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(whole, "ok", "{about}");
}
