//! Where checked requests wait for the disk: the writer takes all that came since its last commit, stores them in one
//! transaction and tells each, so nothing stands between a request and the next commit.

use super::error::StoreError;
use super::heard::{HeardRequest, keep};
use super::writer::Tx;
use super::{Store, sql};
use crate::model::AccountId;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Semaphore, oneshot};

/// Requests of one account that wait for the disk before others have to wait with their connections.
const ROOM: usize = 1_024;

/// What is called in the writer's thread after requests were stored, or not: how many, and how many of them wait to be
/// read. It must neither wait nor write.
pub type Kept = Box<dyn Fn(&Result<(), StoreError>, usize, usize) + Send + Sync>;

/// The requests of one account on their way to disk.
pub struct Inbox {
    store: Store,
    shared: Arc<Shared>,
}

struct Shared {
    account: AccountId,
    queue: Mutex<Queue>,
    room: Semaphore,
    kept: Kept,
}

type Told = oneshot::Sender<Result<(), StoreError>>;

#[derive(Default)]
struct Queue {
    waiting: Vec<(HeardRequest, Told)>,
    /// The writer will look.
    asked: bool,
}

impl Inbox {
    /// For an account that the mirror knows.
    pub fn new(store: Store, account: AccountId, kept: Kept) -> Self {
        let shared = Shared {
            account,
            queue: Mutex::default(),
            room: Semaphore::new(ROOM),
            kept,
        };
        Self {
            store,
            shared: Arc::new(shared),
        }
    }

    /// Stores a request as it came: when this returns it is on disk and its vendor may be answered. One that is not read
    /// yet or holds facts waits to be read ([`Store::waiting_requests`]). Dropped half-way, it may be stored all the same.
    ///
    /// # Errors
    /// When the mirror cannot be written; then nothing of it is stored.
    pub async fn keep(&self, request: HeardRequest) -> Result<(), StoreError> {
        let place = self.shared.room.acquire().await;
        // Given back when it was told.
        place.map_err(|_| StoreError::Closed)?.forget();
        let (told, answer) = oneshot::channel();
        if self.shared.put(request, told) {
            self.ask()?;
        }
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Has the writer take what waits.
    fn ask(&self) -> Result<(), StoreError> {
        let taken: Arc<Mutex<Vec<Told>>> = Arc::default();
        let (shared, telling) = (self.shared.clone(), taken.clone());
        let to_tell = self.shared.clone();
        let store = move |tx: &Tx<'_>| shared.store(tx, &taken);
        let tell = move |stored: sql::Result<usize>| {
            let told = std::mem::take(&mut *telling.lock().unwrap_or_else(PoisonError::into_inner));
            let waits = *stored.as_ref().unwrap_or(&0);
            to_tell.tell(&stored.map(drop).map_err(StoreError::from), told, waits);
        };
        let asked = self.store.0.writer.tell(store, tell);
        if let Err(error) = &asked {
            let waiting = self.shared.take();
            let told = waiting.into_iter().map(|(_, told)| told).collect();
            self.shared.tell(&Err(error.clone()), told, 0);
        }
        asked
    }
}

impl Shared {
    fn put(&self, request: HeardRequest, told: Told) -> bool {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.waiting.push((request, told));
        !std::mem::replace(&mut queue.asked, true)
    }

    fn take(&self) -> Vec<(HeardRequest, Told)> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.asked = false;
        let room = Vec::with_capacity(queue.waiting.len());
        std::mem::replace(&mut queue.waiting, room)
    }

    /// Stores all that wait; how many of them wait to be read. Whom to tell is in `taken` whatever becomes of it.
    fn store(&self, tx: &Tx<'_>, taken: &Mutex<Vec<Told>>) -> sql::Result<usize> {
        let (requests, told): (Vec<_>, Vec<_>) = self.take().into_iter().unzip();
        *taken.lock().unwrap_or_else(PoisonError::into_inner) = told;
        for request in &requests {
            keep(tx, &self.account, request)?;
        }
        Ok(requests.iter().filter(|request| request.waits()).count())
    }

    fn tell(&self, stored: &Result<(), StoreError>, told: Vec<Told>, waits: usize) {
        let count = told.len();
        self.room.add_permits(count);
        for one in told {
            // Its connection may be gone.
            let _ = one.send(stored.clone());
        }
        (self.kept)(stored, count, waits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Channel, Clock, SystemClock, Timestamp};
    use crate::store::{AccountInfo, Options};
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    fn open(dir: &std::path::Path, read_only: bool) -> Store {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let dir = dir.to_owned();
        Store::open(Options {
            dir,
            clock,
            read_only,
        })
        .unwrap()
    }

    fn request(n: usize) -> HeardRequest {
        HeardRequest {
            at: Timestamp(n as i64),
            method: "POST".to_owned(),
            query: String::new(),
            headers: String::new(),
            body: n.to_string().into_bytes(),
            // Every third was read and holds nothing.
            events: n.is_multiple_of(3).then_some(0),
            note: None,
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn more_than_there_is_room_for_are_all_stored_and_told() {
        let dir = tempfile::tempdir().unwrap();
        let (store, account) = (open(dir.path(), false), AccountId::new("wa"));
        let info = AccountInfo {
            provider: "lines".to_owned(),
            channels: vec![Channel::Whatsapp],
            own_addresses: Vec::new(),
            default_hold_ms: 0,
            reply_window_ms: None,
            sla_ms: None,
        };
        store.ensure_account(&account, info).await.unwrap();
        let seen: Arc<[AtomicUsize; 3]> = Arc::default();
        let counted = seen.clone();
        let kept: Kept = Box::new(move |stored, count, waits| {
            assert!(stored.is_ok());
            for (at, more) in [1, count, waits].into_iter().enumerate() {
                counted[at].fetch_add(more, Relaxed);
            }
        });
        let inbox = Arc::new(Inbox::new(store.clone(), account.clone(), kept));
        let all = 2 * ROOM + 2;
        let keeping: Vec<_> = (0..all)
            .map(|n| {
                let inbox = inbox.clone();
                tokio::spawn(async move { inbox.keep(request(n)).await })
            })
            .collect();
        for one in keeping {
            one.await.unwrap().unwrap();
        }
        // What is told last may be told after the answers.
        while seen[1].load(Relaxed) < all {
            tokio::task::yield_now().await;
        }
        let waits = (0..all).filter(|n| !n.is_multiple_of(3)).count();
        assert_eq!(seen[2].load(Relaxed), waits);
        let transactions = seen[0].load(Relaxed);
        assert!(transactions < all, "{transactions} for {all}");
        let mut bodies: Vec<usize> = store
            .heard(&account, u32::MAX)
            .await
            .unwrap()
            .iter()
            .map(|one| String::from_utf8_lossy(&one.body).parse().unwrap())
            .collect();
        bodies.sort_unstable();
        assert!(bodies.into_iter().eq(0..all));
        let waiting = store.waiting_requests(&account, u32::MAX).await.unwrap();
        assert_eq!(waiting.len(), waits);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_cannot_be_stored_is_said_and_takes_no_room() {
        let dir = tempfile::tempdir().unwrap();
        drop(open(dir.path(), false));
        let kept: Kept = Box::new(|stored, _, waits| {
            assert!(stored.is_err() && waits == 0);
        });
        let inbox = Inbox::new(open(dir.path(), true), AccountId::new("wa"), kept);
        for n in 0..=ROOM {
            let answer = inbox.keep(request(n)).await;
            assert!(matches!(answer, Err(StoreError::ReadOnly)), "{answer:?}");
        }
    }
}
