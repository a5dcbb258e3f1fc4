//! A realistic mirror of any size, the same for the same seed.
//!
//! Conversations are laid out over two years (`world`), each message is made from its place alone (`letter`), and
//! everything is told to the mirror in the order of time, by [`Store::ingest`] in large batches and by the agents'
//! ordinary commands (`agents`). So the mirror is what a mirror is that lived through it: no row is written here.

mod agents;
mod dice;
mod letter;
mod mail;
mod people;
mod prose;
mod world;

pub use world::Shape;

use crate::model::{
    AccountId, Batch, Clock, Coverage, Cursor, Event, NewMessage, Timestamp,
    time::{DAY, ManualClock, SECOND},
};
use crate::store::{AccountInfo, Options, Store};
use anyhow::Context;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use world::World;

/// Messages of one account that are told at once.
const BATCH: usize = 4_000;
/// How often agents put things in order.
const ROUND: i64 = 30 * DAY;

/// Stands beside a mirror that was generated, and says how: nothing else may be measured on.
pub const MARK: &str = "generated.json";

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Written {
    /// Messages.
    pub messages: usize,
    /// Conversations.
    pub conversations: usize,
}

/// Writes the mirror of `shape` to `dir`, which must not hold one yet. `tell` hears how many messages are done.
///
/// # Errors
/// When there is a mirror already or it cannot be written.
pub async fn generate(
    dir: &Path,
    shape: Shape,
    tell: &mut (dyn FnMut(usize) + Send),
) -> anyhow::Result<Written> {
    if dir.join("mirror.db").exists() {
        anyhow::bail!(
            "there is a mirror in {} already; name an empty folder",
            dir.display()
        );
    }
    let world = World::new(shape);
    let clock = ManualClock::at(world.begins());
    let store = Store::open(Options {
        dir: dir.to_owned(),
        clock: Arc::new(clock.clone()),
        read_only: false,
    })
    .with_context(|| format!("the mirror in {} cannot be made", dir.display()))?;
    for (account, info) in accounts() {
        store.ensure_account(&account, info).await?;
    }
    let mut telling = Telling {
        store: &store,
        clock,
        waiting: BTreeMap::new(),
        numbers: BTreeMap::new(),
        done: 0,
    };
    let mut round = world.begins() + ROUND;
    for at in world.timeline() {
        if at.when >= round {
            telling.flush_all(tell).await?;
            agents::put_in_order(&store, &world, round, round - ROUND).await?;
            round = round + ROUND;
        }
        telling.hear(&world, at, tell).await?;
    }
    telling.flush_all(tell).await?;
    telling.clock_to(shape.until);
    agents::put_in_order(&store, &world, shape.until, Timestamp(0)).await?;
    agents::leave_unfinished(&store, &world).await?;
    store.merge_index().await?;
    let written = Written {
        messages: telling.done,
        conversations: world.conversations(),
    };
    let mark =
        serde_json::json!({ "written": written, "seed": shape.seed, "until": shape.until.0 });
    std::fs::write(dir.join(MARK), mark.to_string())?;
    Ok(written)
}

/// The messages of `shape` as a provider tells them, by account, in the order of time.
pub fn events(shape: Shape) -> impl Iterator<Item = (AccountId, NewMessage)> {
    let world = World::new(shape);
    let timeline = world.timeline();
    let mut numbers: BTreeMap<AccountId, u64> = BTreeMap::new();
    timeline.into_iter().map(move |at| {
        let account = world.account(at);
        let number = numbers.entry(account.clone()).or_default();
        *number += 1;
        let message = letter::message(&world, at, *number);
        (account, message)
    })
}

/// What the mirror knows of the accounts of every such world.
pub fn accounts() -> Vec<(AccountId, AccountInfo)> {
    world::accounts()
}

/// The first `count` mails of `shape` as bytes: what a mail program is given to compare.
pub fn mails(shape: Shape, count: usize) -> impl Iterator<Item = (Timestamp, bool, Vec<u8>)> {
    let world = World::new(shape);
    let timeline = world.timeline();
    timeline
        .into_iter()
        .filter_map(move |at| letter::raw_mail(&world, at))
        .take(count)
}

/// A line of a chat in English, the same for the same number.
pub fn line(number: u64) -> String {
    prose::line(
        &mut dice::Dice::new(0, 30, number, 0),
        people::Tongue::English,
    )
}

/// Tells the mirror what the accounts bring.
struct Telling<'a> {
    store: &'a Store,
    clock: ManualClock,
    waiting: BTreeMap<AccountId, Vec<Event>>,
    /// How many messages each account has told of.
    numbers: BTreeMap<AccountId, u64>,
    done: usize,
}

impl Telling<'_> {
    async fn hear(
        &mut self,
        world: &World,
        at: world::Place,
        tell: &mut (dyn FnMut(usize) + Send),
    ) -> anyhow::Result<()> {
        self.clock_to(at.when + SECOND);
        let account = world.account(at);
        let number = self.numbers.entry(account.clone()).or_default();
        *number += 1;
        let message = letter::message(world, at, *number);
        let waiting = self.waiting.entry(account.clone()).or_default();
        waiting.push(Event::Message(Box::new(message)));
        if waiting.len() >= BATCH {
            self.flush(&account).await?;
            tell(self.done);
        }
        Ok(())
    }

    async fn flush_all(&mut self, tell: &mut (dyn FnMut(usize) + Send)) -> anyhow::Result<()> {
        let accounts: Vec<AccountId> = self.waiting.keys().cloned().collect();
        for account in accounts {
            self.flush(&account).await?;
        }
        tell(self.done);
        Ok(())
    }

    async fn flush(&mut self, account: &AccountId) -> anyhow::Result<()> {
        let events = self.waiting.remove(account).unwrap_or_default();
        if events.is_empty() {
            return Ok(());
        }
        let number = self.numbers.get(account).copied().unwrap_or_default();
        let batch = Batch {
            coverage: vec![Coverage {
                feed: letter::FEED.to_owned(),
                generation: 1,
                low: number + 1 - events.len() as u64,
                high: number,
                floor: 1,
            }],
            events,
            cursor: Some(Cursor(number.to_string())),
            more: false,
            behind: 0,
        };
        self.done += self.store.ingest(account, batch).await?.new;
        Ok(())
    }

    fn clock_to(&self, at: Timestamp) {
        self.clock.advance(at.since(self.clock.now()).max(0));
    }
}
