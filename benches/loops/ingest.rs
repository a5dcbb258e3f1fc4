//! A batch of 500 messages into the mirror, durable and indexed, against the least that SQLite must do for its text.

use crate::list::runtime;
use crate::place;
use crate::texts::SHAPE;
use divan::Bencher;
use divan::counter::ItemsCount;
use frontdesk::bench::generate;
use frontdesk::model::time::ManualClock;
use frontdesk::model::{AccountId, Batch, Event, NewMessage};
use frontdesk::store::{Options, Store};
use rusqlite::params;
use std::sync::Arc;

/// Messages of a batch, as the reader of mail brings them.
const BATCH: usize = 500;
/// Batches that are measured: as many as the account with the most messages fills.
const BATCHES: u32 = 12;

#[divan::bench(sample_count = BATCHES, sample_size = 1)]
fn batch(bencher: Bencher) {
    let runtime = runtime();
    let _inside = runtime.enter();
    let (account, mut batches) = batches();
    let store = Store::open(Options {
        dir: place::dir("ingest"),
        clock: Arc::new(ManualClock::at(SHAPE.until)),
        read_only: false,
    })
    .unwrap();
    for (account, info) in generate::accounts() {
        runtime
            .block_on(store.ensure_account(&account, info))
            .unwrap();
    }
    bencher
        .counter(ItemsCount::new(BATCH))
        .with_inputs(|| Batch {
            events: batches.next().unwrap().into_iter().map(heard).collect(),
            ..Batch::default()
        })
        .bench_local_values(|batch| {
            let added = runtime.block_on(store.ingest(&account, batch)).unwrap();
            assert_eq!(added.new, BATCH);
        });
}

/// Its text and its bytes, one row each, with an index of the words: nothing is looked up, joined or counted.
#[divan::bench(sample_count = BATCHES, sample_size = 1)]
fn bare_rusqlite(bencher: Bencher) {
    let (_, mut batches) = batches();
    let dir = place::dir("bare");
    std::fs::create_dir_all(&dir).unwrap();
    let mut file = rusqlite::Connection::open(dir.join("bare.db")).unwrap();
    file.execute_batch(
        "PRAGMA journal_mode = wal; PRAGMA synchronous = full;
         CREATE TABLE message(id INTEGER PRIMARY KEY, at INTEGER, subject TEXT, body TEXT, raw BLOB);
         CREATE VIRTUAL TABLE word USING fts5(subject, body, content='', prefix='2 3');",
    )
    .unwrap();
    bencher
        .counter(ItemsCount::new(BATCH))
        .with_inputs(|| batches.next().unwrap())
        .bench_local_values(|batch| {
            let all = file.transaction().unwrap();
            for one in &batch {
                insert(&all, one);
            }
            all.commit().unwrap();
        });
}

fn insert(file: &rusqlite::Connection, one: &NewMessage) {
    let mut row = file
        .prepare_cached("INSERT INTO message(at, subject, body, raw) VALUES (?1, ?2, ?3, ?4)")
        .unwrap();
    row.execute(params![one.sent_at.0, one.subject, one.text, one.raw])
        .unwrap();
    let mut words = file
        .prepare_cached("INSERT INTO word(rowid, subject, body) VALUES (?1, ?2, ?3)")
        .unwrap();
    words
        .execute(params![file.last_insert_rowid(), one.subject, one.text])
        .unwrap();
}

fn heard(one: NewMessage) -> Event {
    Event::Message(Box::new(one))
}

/// An account and what it tells, in batches.
fn batches() -> (AccountId, impl Iterator<Item = Vec<NewMessage>>) {
    let account = generate::events(SHAPE).next().unwrap().0;
    let own = account.clone();
    let mut told = generate::events(SHAPE).filter_map(move |(of, one)| (of == own).then_some(one));
    let batches = std::iter::from_fn(move || {
        let batch: Vec<_> = told.by_ref().take(BATCH).collect();
        (batch.len() == BATCH).then_some(batch)
    });
    (account, batches)
}
