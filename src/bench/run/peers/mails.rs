//! The same mails as a maildir and as a mirror.

use crate::bench::generate::{self, Shape};
use crate::model::{AccountId, Batch, Channel, Event, NewMessage, SystemClock, Timestamp};
use crate::store::{Options, Store};
use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Mails that are told to the mirror at once.
const BATCH: usize = 2_000;
/// Mails that a list may show first.
const NEWEST: usize = 30;
/// Characters of a subject that a narrow column shows.
const SHOWN: usize = 16;

/// Where they are.
pub struct Mails {
    /// The maildir of the inbox; its parent holds nothing else.
    pub maildir: PathBuf,
    /// The mirror's folder.
    pub mirror: PathBuf,
    /// How the subjects of the newest begin: what can be looked for on a screen.
    pub newest: Vec<String>,
}

impl Mails {
    /// Writes `count` of them below `place`.
    ///
    /// # Errors
    /// When the disk does not play along.
    pub async fn write(place: &Path, count: usize) -> anyhow::Result<Self> {
        let mails = Self {
            maildir: place.join("Mail/INBOX"),
            mirror: place.join("mirror"),
            newest: newest(count),
        };
        super::super::apart(|| to_maildir(&mails.maildir, count))?;
        to_mirror(&mails.mirror, count).await?;
        Ok(mails)
    }
}

/// Where they are from: rather more than half of its messages are mails.
fn shape(count: usize) -> Shape {
    Shape {
        messages: count * 19 / 10,
        conversations: count * 38 / 100,
        seed: 3,
        until: Timestamp(1_790_000_000_000),
    }
}

fn told(count: usize) -> impl Iterator<Item = (AccountId, NewMessage)> {
    let mails = generate::events(shape(count)).filter(|(_, one)| one.channel == Channel::Email);
    mails.take(count)
}

fn newest(count: usize) -> Vec<String> {
    let mut last = VecDeque::with_capacity(NEWEST);
    for (_, mail) in told(count) {
        if last.len() == NEWEST {
            last.pop_front();
        }
        last.push_back(mail.subject);
    }
    // Other scripts may be drawn in pieces.
    let plain = last.into_iter().filter(|subject| subject.is_ascii());
    plain
        .map(|subject| subject.chars().take(SHOWN).collect())
        .collect()
}

fn to_maildir(maildir: &Path, count: usize) -> anyhow::Result<()> {
    for part in ["cur", "new", "tmp"] {
        fs::create_dir_all(maildir.join(part))?;
    }
    let mut written = 0;
    for (at, seen, bytes) in generate::mails(shape(count), count) {
        let flags = if seen { "S" } else { "" };
        let name = format!("cur/{}.{written}.bench:2,{flags}", at.seconds());
        fs::write(maildir.join(name), bytes)?;
        written += 1;
    }
    anyhow::ensure!(
        written == count,
        "{written} mails were generated, not {count}"
    );
    Ok(())
}

async fn to_mirror(dir: &Path, count: usize) -> anyhow::Result<()> {
    let store = Store::open(Options {
        dir: dir.to_owned(),
        clock: Arc::new(SystemClock),
        read_only: false,
    })?;
    for (account, info) in generate::accounts() {
        store.ensure_account(&account, info).await?;
    }
    let mut waiting: BTreeMap<AccountId, Vec<Event>> = BTreeMap::new();
    for (account, mail) in told(count) {
        let events = waiting.entry(account.clone()).or_default();
        events.push(Event::Message(Box::new(mail)));
        if events.len() >= BATCH {
            let batch = batch(std::mem::take(events));
            store.ingest(&account, batch).await?;
        }
    }
    for (account, events) in waiting {
        store.ingest(&account, batch(events)).await?;
    }
    Ok(())
}

fn batch(events: Vec<Event>) -> Batch {
    Batch {
        events,
        ..Batch::default()
    }
}
