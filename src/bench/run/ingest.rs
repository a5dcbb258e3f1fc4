//! How fast messages come into the mirror, against a bare loop over the same rows.

use super::bare::Rows;
use super::row::{Row, Samples};
use crate::bench::generate::{self, Shape};
use crate::model::{AccountId, Batch, Event, Timestamp, time::ManualClock};
use crate::store::{Options, Store};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Messages of one batch, as the reader of mail brings them.
const BATCH: usize = 500;
/// Times that both are measured, one after the other; the best of each counts.
const TIMES: usize = 3;
/// What comes in.
const SHAPE: Shape = Shape {
    messages: 30_000,
    conversations: 6_000,
    seed: 99,
    until: Timestamp(1_790_000_000_000),
};

/// Measures in a folder of its own under `scratch`.
///
/// # Errors
/// When the disk does not play along.
pub async fn rows(scratch: &Path) -> anyhow::Result<Vec<Row>> {
    let batches = batches();
    let messages = batches.iter().map(|(_, batch)| batch.len()).sum::<usize>() as f64;
    let (mut ours, mut bare) = (Samples::default(), Samples::default());
    for _ in 0..TIMES {
        let dir = super::Scratch::new(scratch, "ingest")?;
        ours.time(ingest(dir.path(), batches.clone()).await?);
        let rows = Rows::read(dir.path())?;
        anyhow::ensure!(rows.messages() as f64 >= messages, "messages are missing");
        let dir = super::Scratch::new(scratch, "bare")?;
        bare.time(rows.write(dir.path(), BATCH)?);
    }
    let (ours, bare) = (ours.quantile(0.0), bare.quantile(0.0));
    let (ours, bare) = (messages / ours * 1_000.0, messages / bare * 1_000.0);
    let mut row = Row::at_least("ingest with full text", ours, bare * 0.6, "messages/s")
        .against("0.6 of a bare SQLite loop of the same rows")
        .note(format!(
            "bare: {bare:.0}/s, so {:.2} of it; {BATCH} a batch",
            ours / bare
        ));
    row.ratio = Some(ours / bare);
    Ok(vec![row])
}

fn batches() -> Vec<(AccountId, Vec<Event>)> {
    let mut waiting: BTreeMap<AccountId, Vec<Event>> = BTreeMap::new();
    let mut full = Vec::new();
    for (account, message) in generate::events(SHAPE) {
        let events = waiting.entry(account.clone()).or_default();
        events.push(Event::Message(Box::new(message)));
        if events.len() == BATCH {
            full.push((account, std::mem::take(events)));
        }
    }
    full.extend(waiting.into_iter().filter(|(_, events)| !events.is_empty()));
    full
}

async fn ingest(dir: &Path, batches: Vec<(AccountId, Vec<Event>)>) -> anyhow::Result<Duration> {
    let store = Store::open(Options {
        dir: dir.to_owned(),
        clock: Arc::new(ManualClock::at(SHAPE.until)),
        read_only: false,
    })?;
    for (account, info) in generate::accounts() {
        store.ensure_account(&account, info).await?;
    }
    let batch = |events| Batch {
        events,
        ..Batch::default()
    };
    let began = Instant::now();
    // As the engine does: the next batch is made ready while one is written.
    let mut batches = batches.into_iter();
    let mut next = match batches.next() {
        Some((account, events)) => Some((account, store.make_ready(batch(events)).await?)),
        None => None,
    };
    while let Some((account, ready)) = next.take() {
        let following = async {
            anyhow::Ok(match batches.next() {
                Some((account, events)) => Some((account, store.make_ready(batch(events)).await?)),
                None => None,
            })
        };
        let (written, ready) = tokio::join!(store.ingest_ready(&account, ready), following);
        written?;
        next = ready?;
    }
    let took = began.elapsed();
    drop(store);
    Ok(took)
}
