//! A feed in pieces: what is asked for, and what is in the mirror by then.

use super::*;
use crate::model::event::RemoteId;
use crate::model::{Channel, NewMessage, Party, SystemClock, Timestamp, event::Event};
use crate::providers::Result as Said;
use crate::store::{AccountInfo, Options};
use crate::testing::{Played, Plays};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::sync::Mutex;

/// Pieces of the feed; its cursor is the number of the last one read.
const PIECES: usize = 6;
/// The piece at which the connection breaks once.
const BREAKS: usize = 4;

struct Pieces {
    ahead: bool,
    store: Store,
    /// Where each pull went on from, and what the mirror's cursor was when it was asked for.
    asked: Mutex<Vec<(Option<Cursor>, Option<Cursor>)>>,
    broken: Mutex<bool>,
}

impl Pieces {
    async fn piece(&self, since: Option<Cursor>) -> Said<Batch> {
        let kept = self.store.cursor(&account()).await.unwrap();
        self.asked.lock().unwrap().push((since.clone(), kept));
        let number = since.map_or(0, |cursor| cursor.0.parse::<usize>().unwrap()) + 1;
        if number == BREAKS && !std::mem::replace(&mut *self.broken.lock().unwrap(), true) {
            return Err(ProviderError::Transient("a broken connection".to_owned()));
        }
        if number > PIECES {
            return Ok(Batch::default());
        }
        let remote = RemoteId {
            scope: "feed".to_owned(),
            key: number.to_string(),
        };
        let at = Timestamp(1_000 * number as i64);
        let new = NewMessage::inbound(remote, Channel::Sms, Party::new("+15550100"), at);
        Ok(Batch {
            events: vec![Event::Message(Box::new(new))],
            cursor: Some(Cursor(number.to_string())),
            more: number < PIECES,
            ..Batch::default()
        })
    }
}

impl Plays for Pieces {
    fn pull(&self, since: Option<Cursor>) -> BoxFuture<'_, Said<Batch>> {
        self.piece(since).boxed()
    }
    fn reads_ahead(&self) -> bool {
        self.ahead
    }
}

fn account() -> AccountId {
    AccountId::new("feed")
}

/// Reads the feed to its end over the break: what was asked for.
async fn read(ahead: bool) -> Vec<(Option<Cursor>, Option<Cursor>)> {
    let dir = tempfile::tempdir().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = Store::open(Options {
        dir: dir.path().to_owned(),
        clock: clock.clone(),
        read_only: false,
    })
    .unwrap();
    store
        .ensure_account(
            &account(),
            AccountInfo {
                provider: "pieces".to_owned(),
                channels: vec![Channel::Sms],
                own_addresses: Vec::new(),
                default_hold_ms: 0,
                reply_window_ms: None,
                sla_ms: None,
            },
        )
        .await
        .unwrap();
    let provider = Arc::new(Played(Pieces {
        ahead,
        store: store.clone(),
        asked: Mutex::default(),
        broken: Mutex::default(),
    }));
    let (events, _told) = mpsc::channel(64);
    let task = AccountTask {
        account: account(),
        provider: provider.clone(),
        store: store.clone(),
        clock,
        poll: Duration::from_hours(1),
        events,
    };
    let (nudge, mut nudges) = crate::sync::Nudge::new();
    let running = tokio::spawn(async move { task.run(&mut nudges).await });
    let last = Some(Cursor(PIECES.to_string()));
    let began = std::time::Instant::now();
    while store.cursor(&account()).await.unwrap() != last {
        assert!(began.elapsed() < Duration::from_secs(20), "it never ends");
        nudge.pull();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    running.abort();
    provider.0.asked.lock().unwrap().clone()
}

fn number(cursor: Option<&Cursor>) -> usize {
    cursor.map_or(0, |cursor| cursor.0.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_that_forgets_is_read_on_from_what_is_kept() {
    for (since, kept) in read(false).await {
        assert_eq!(since, kept);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_piece_is_read_ahead_and_none_is_passed_over() {
    let asked = read(true).await;
    for (since, kept) in &asked {
        let (since, kept) = (number(since.as_ref()), number(kept.as_ref()));
        assert!(kept <= since && since <= kept + 1, "{asked:?}");
    }
    // The piece that broke is asked for again, from where the mirror is.
    let times = |wanted: usize| {
        let same = asked
            .iter()
            .filter(|(since, _)| number(since.as_ref()) == wanted);
        same.count()
    };
    assert!(times(BREAKS - 1) >= 2, "{asked:?}");
}
