//! What the mirror tells of its changes, at a pace at which a screen can follow.
//!
//! While a mailbox is read for the first time the mirror changes dozens of times a second. Reading the list again after
//! each of them would show nobody more, and would take the processor from the key that is pressed meanwhile.

use crate::store::{self, NAMED};
use crate::ui;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::time::Instant;

/// Between two that the screen is told of, while they keep coming.
const APART: Duration = Duration::from_millis(100);
/// So long after the agent has done something, each is told at once: one of them is what was done.
const OWN: Duration = Duration::from_millis(500);

/// The changes of a mirror, those that come together as one.
pub(super) struct Changes {
    told: broadcast::Receiver<store::Change>,
    gathered: Option<ui::Change>,
    /// Not before then is the next one told.
    next: Instant,
    /// Until then there is no waiting.
    own: Instant,
    /// One has come that is not told yet.
    held: Rc<Cell<bool>>,
}

impl Changes {
    pub fn new(told: broadcast::Receiver<store::Change>) -> Self {
        let now = Instant::now();
        Self {
            told,
            gathered: None,
            next: now,
            own: now,
            held: Rc::default(),
        }
    }

    /// Tells whether one has come that is not told yet, also while the next one is waited for.
    pub fn held(&self) -> Rc<Cell<bool>> {
        self.held.clone()
    }

    /// The agent does something, and wants to see it.
    pub fn own(&mut self) {
        self.own = Instant::now() + OWN;
    }

    /// Waits for the next one. Nothing is lost where the waiting is given up.
    pub async fn next(&mut self) -> ui::Change {
        if self.gathered.is_none() {
            let change = match self.told.recv().await {
                // No mirror, no changes.
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
                Err(broadcast::error::RecvError::Lagged(_)) => anything(),
                Ok(change) => of(change),
            };
            self.gathered = Some(change);
            self.held.set(true);
        }
        let now = Instant::now();
        if now < self.next && now >= self.own {
            tokio::time::sleep_until(self.next).await;
        }
        let mut all = self.gathered.take().unwrap_or_default();
        self.held.set(false);
        loop {
            match self.told.try_recv() {
                Ok(change) => join(&mut all, of(change)),
                Err(broadcast::error::TryRecvError::Lagged(_)) => all = anything(),
                Err(_) => break,
            }
        }
        self.next = Instant::now() + APART;
        all
    }
}

/// Too many to be told one by one: everything may have changed.
fn anything() -> ui::Change {
    ui::Change {
        lists: true,
        outbox: true,
        health: true,
        conversations: Vec::new(),
    }
}

fn of(change: store::Change) -> ui::Change {
    // With so many of them some may not be named.
    let all_named = change.conversations.len() < NAMED;
    ui::Change {
        lists: change.lists,
        outbox: change.outbox,
        health: change.health,
        conversations: if all_named {
            change.conversations
        } else {
            Vec::new()
        },
    }
}

fn join(all: &mut ui::Change, one: ui::Change) {
    // Without a name any conversation is meant, and any stays any.
    let any =
        |change: &ui::Change| (change.lists || change.outbox) && change.conversations.is_empty();
    if any(all) || any(&one) {
        all.conversations.clear();
    } else {
        all.conversations.extend(one.conversations);
    }
    all.lists |= one.lists;
    all.outbox |= one.outbox;
    all.health |= one.health;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ConversationId;

    fn about(ids: std::ops::Range<i64>) -> store::Change {
        store::Change {
            conversations: ids.map(ConversationId).collect(),
            lists: true,
            ..store::Change::default()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_told_ten_times_a_second_and_the_first_at_once() {
        let (mirror, told) = broadcast::channel(256);
        let mut changes = Changes::new(told);
        let began = Instant::now();
        let flood = tokio::spawn(async move {
            for id in 0..100 {
                let _ = mirror.send(about(id..id + 1));
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            mirror
        });
        let (mut named, mut times) = (Vec::new(), Vec::new());
        while named.len() < 100 {
            named.extend(changes.next().await.conversations);
            times.push(began.elapsed());
        }
        assert_eq!(named, (0..100).map(ConversationId).collect::<Vec<_>>());
        assert!(times[0] < Duration::from_millis(5), "{times:?}");
        assert!(times.len() <= 12, "{times:?}");
        drop(flood.await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_agent_does_is_told_at_once() {
        let (mirror, told) = broadcast::channel(256);
        let mut changes = Changes::new(told);
        let _ = mirror.send(about(1..2));
        changes.next().await;
        changes.own();
        let began = Instant::now();
        let _ = mirror.send(about(2..3));
        assert_eq!(changes.next().await.conversations, [ConversationId(2)]);
        assert!(began.elapsed() < Duration::from_millis(5));
    }

    #[tokio::test(start_paused = true)]
    async fn a_waiting_that_is_given_up_loses_nothing() {
        let (mirror, told) = broadcast::channel(256);
        let mut changes = Changes::new(told);
        let _ = mirror.send(about(1..2));
        changes.next().await;
        let _ = mirror.send(about(2..3));
        let soon = Duration::from_millis(1);
        assert!(tokio::time::timeout(soon, changes.next()).await.is_err());
        assert!(changes.held().get());
        assert_eq!(changes.next().await.conversations, [ConversationId(2)]);
        assert!(!changes.held().get());
    }

    #[tokio::test(start_paused = true)]
    async fn more_than_are_named_are_any() {
        let (mirror, told) = broadcast::channel(256);
        let mut changes = Changes::new(told);
        let _ = mirror.send(about(0..64));
        assert_eq!(changes.next().await.conversations, []);
        // A name that comes with an unnamed many must not hide them.
        let _ = mirror.send(about(0..64));
        let _ = mirror.send(about(7..8));
        assert_eq!(changes.next().await.conversations, []);
        let _ = mirror.send(about(7..8));
        let _ = mirror.send(about(0..64));
        assert_eq!(changes.next().await.conversations, []);
    }
}
