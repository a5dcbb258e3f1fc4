//! A send whose outcome is not known: settled by reading RingCentral's list back, and by nothing else.

use crate::mirror::Mirror;
use crate::support::fakes::ringcentral::{NUMBER, Ringcentral, iso, now};
use crate::{CUSTOMER, open, outgoing};
use frontdesk::model::query::OutboxRow;
use frontdesk::model::{
    Batch, Cursor, OutboxId, OutboxState, Outgoing, Party, Query, Receipt, SystemClock, Timestamp,
};
use frontdesk::outbox::worker::OutboxTask;
use frontdesk::providers::{
    Capabilities, Health, Inventory, Provider, Reconciled, RemoteChange, Result,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long the list may lag here.
const SOON: Duration = Duration::from_millis(600);

/// The account, but nobody has minutes to wait for its list.
struct Hasty(Arc<dyn Provider>);

impl Provider for Hasty {
    fn name(&self) -> &'static str {
        self.0.name()
    }
    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }
    fn pull(&self, since: Option<Cursor>) -> BoxFuture<'_, Result<Batch>> {
        self.0.pull(since)
    }
    fn subscribe(&self, since: Option<Cursor>) -> Option<BoxStream<'_, Result<Batch>>> {
        self.0.subscribe(since)
    }
    fn send<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Receipt>> {
        self.0.send(out)
    }
    fn reconcile<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Reconciled>> {
        async {
            Ok(match self.0.reconcile(out).await? {
                Reconciled::Unlisted { settles } => {
                    assert!(settles >= Duration::from_mins(5), "{settles:?}");
                    Reconciled::Unlisted { settles: SOON }
                }
                other => other,
            })
        }
        .boxed()
    }
    fn push<'a>(&'a self, change: &'a RemoteChange) -> BoxFuture<'a, Result<()>> {
        self.0.push(change)
    }
    fn inventory(&self) -> BoxFuture<'_, Result<Vec<Inventory>>> {
        self.0.inventory()
    }
    fn backfill(&self, until: Timestamp, since: Option<Cursor>) -> BoxFuture<'_, Result<Batch>> {
        self.0.backfill(until, since)
    }
    fn probe(&self) -> BoxFuture<'_, Result<Health>> {
        self.0.probe()
    }
    fn own_addresses(&self) -> Vec<Party> {
        self.0.own_addresses()
    }
    fn sender_for(&self, to: &[Party]) -> Option<(Party, String)> {
        self.0.sender_for(to)
    }
    fn new_reference(&self) -> String {
        self.0.new_reference()
    }
}

struct Desk {
    fake: Ringcentral,
    mirror: Mirror,
    provider: Arc<dyn Provider>,
    id: OutboxId,
}

impl Desk {
    /// An answer is queued, and what is sent goes wrong as prepared.
    async fn with(prepare: impl FnOnce(&Ringcentral)) -> Self {
        let fake = Ringcentral::start();
        fake.customer_writes(CUSTOMER, "where is it?");
        let provider: Arc<dyn Provider> = Arc::new(Hasty(Arc::new(open(&fake, ""))));
        let mirror = Mirror::new(provider.as_ref()).await;
        mirror.catch_up(provider.as_ref()).await;
        let conversation = mirror.with("where is it?").await[0].conversation;
        let id = mirror
            .answer(provider.as_ref(), conversation, "on my way")
            .await;
        prepare(&fake);
        Self {
            fake,
            mirror,
            provider,
            id,
        }
    }

    async fn row(&self) -> OutboxRow {
        let query = Query::Outbox { limit: 100 };
        let answer = self.mirror.store.answer(query).await.unwrap();
        answer.outbox_row(self.id).unwrap().clone()
    }

    /// The outbox runs until the row is so, and for as long again as anything could take.
    async fn becomes(&self, wanted: OutboxState) {
        let (trouble, _told) = tokio::sync::mpsc::channel(8);
        let task = OutboxTask {
            account: self.mirror.account.clone(),
            provider: self.provider.clone(),
            store: self.mirror.store.clone(),
            clock: Arc::new(SystemClock),
            fresh: None,
            trouble,
        };
        let running = tokio::spawn(task.run());
        let end = Instant::now() + Duration::from_mins(1);
        while self.row().await.state != wanted {
            assert!(Instant::now() < end, "{:?}", self.row().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::time::sleep(SOON * 3).await;
        running.abort();
        assert_eq!(self.row().await.state, wanted);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_whole_list_lacks_after_its_time_is_sent_once() {
    let desk = Desk::with(|fake| fake.refuses("/sms", 502, &json!({}))).await;
    let began = Instant::now();
    desk.becomes(OutboxState::Sent).await;
    assert!(began.elapsed() >= SOON);
    assert_eq!(desk.fake.sent().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_list_shows_late_is_not_sent_again() {
    let desk = Desk::with(|fake| {
        fake.does_but_answers("/sms", 502, &json!({}));
        // The first looks find nothing yet.
        let none = json!({ "records": [], "paging": { "page": 1, "totalPages": 1 } }).to_string();
        for _ in 0..4 {
            fake.answers("message-store", none.as_bytes());
        }
    })
    .await;
    desk.becomes(OutboxState::Sent).await;
    assert_eq!(desk.fake.sent().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_could_be_it_is_for_a_person() {
    // Somebody wrote to the same customer in RingCentral's own app; and somebody wrote and deleted it.
    for (text, gone) in [("on my way!", false), ("on my way", true)] {
        let desk = Desk::with(|fake| {
            fake.refuses("/sms", 502, &json!({}));
            let mut record = json!({ "type": "SMS", "direction": "Outbound", "subject": text,
                "creationTime": iso(now()), "from": { "phoneNumber": NUMBER },
                "to": [{ "phoneNumber": CUSTOMER }], "availability": "Alive" });
            if gone {
                record = json!({ "direction": "Outbound", "creationTime": iso(now()), "availability": "Deleted" });
            }
            fake.put(record);
        })
        .await;
        desk.becomes(OutboxState::Unknown).await;
        assert!(desk.fake.sent().is_empty(), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_not_whole_proves_nothing() {
    let fake = Ringcentral::start();
    let phone = open(&fake, "");
    let out = outgoing("Hello", Vec::new());
    let unlisted = |found| matches!(found, Reconciled::Unlisted { .. });
    assert!(unlisted(phone.reconcile(&out).await.unwrap()));
    // Another send of this desk to the same customer, known by its receipt, is no doubt.
    phone.send(&outgoing("Other", Vec::new())).await.unwrap();
    assert!(unlisted(phone.reconcile(&out).await.unwrap()));
    let empty = json!({ "records": [], "paging": { "page": 1, "totalPages": 1 } }).to_string();
    for broken in [
        json!({}),
        json!({ "records": [] }),
        json!({ "records": [{}], "paging": { "page": 1, "totalPages": 1 } }),
        json!({ "paging": { "page": 1, "totalPages": 1 } }),
    ] {
        fake.answers("message-store", empty.as_bytes());
        fake.answers("message-store", broken.to_string().as_bytes());
        let found = phone.reconcile(&out).await.unwrap();
        assert_eq!(found, Reconciled::CannotTell, "{broken}");
    }
}
