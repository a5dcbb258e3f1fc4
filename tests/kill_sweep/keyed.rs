//! A provider that takes the same key twice for one, and the engine on it.

use frontdesk::model::{Batch, Clock, Cursor, Outgoing, Party, Receipt, SystemClock, Timestamp};
use frontdesk::outbox::worker::OutboxTask;
use frontdesk::providers::{
    Capabilities, Health, Inventory, Provider, ProviderError, Reconciled, RemoteChange, Result,
};
use frontdesk::store::{Options, Store};
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Names the folder to the process that is the engine.
pub const PLACE: &str = "KILL_SWEEP_PLACE";

/// The vendor's side: key and text of all that was taken.
#[derive(Clone, Default)]
pub struct Vendor(Arc<Mutex<BTreeMap<String, String>>>);

impl Vendor {
    /// Starts it; gives its port.
    pub fn start(&self) -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let kept = self.0.clone();
        std::thread::spawn(move || {
            for socket in listener.incoming().map_while(std::result::Result::ok) {
                let mut line = String::new();
                let mut reader = BufReader::new(socket);
                if reader.read_line(&mut line).unwrap_or(0) == 0 || !line.ends_with('\n') {
                    continue;
                }
                let (key, text) = line.trim_end().split_once(' ').unwrap();
                kept.lock()
                    .unwrap()
                    .entry(key.to_owned())
                    .or_insert_with(|| text.to_owned());
                // Whoever was killed does not read it.
                let _ = reader.get_mut().write_all(b"taken\n");
            }
        });
        port
    }

    /// How often a customer got this text.
    pub fn got(&self, text: &str) -> usize {
        self.0
            .lock()
            .unwrap()
            .values()
            .filter(|kept| *kept == text)
            .count()
    }
}

struct Keyed {
    port: u16,
}

impl Provider for Keyed {
    fn name(&self) -> &'static str {
        "keyed"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            channels: vec![frontdesk::model::Channel::Email],
            text_limit: None,
            subject: true,
            copies: true,
            rich_text: false,
            attachment_limit: 0,
            reply_window: None,
            delivered: false,
            read: false,
            idempotent_for: Some(Duration::from_hours(24)),
            look_up: false,
            push: false,
            hold: Duration::ZERO,
        }
    }

    fn pull(&self, _: Option<Cursor>) -> BoxFuture<'_, Result<Batch>> {
        Box::pin(async { Ok(Batch::default()) })
    }

    fn subscribe(&self, _: Option<Cursor>) -> Option<BoxStream<'_, Result<Batch>>> {
        None
    }

    fn send<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Receipt>> {
        Box::pin(async move {
            let lost = |error: std::io::Error| ProviderError::Ambiguous(error.to_string());
            let mut line = tokio::net::TcpStream::connect(("127.0.0.1", self.port))
                .await
                .map_err(|error| ProviderError::Transient(error.to_string()))?;
            let words = format!("{} {}\n", out.reference, out.body);
            line.write_all(words.as_bytes()).await.map_err(lost)?;
            let mut answer = [0; 6];
            line.read_exact(&mut answer).await.map_err(lost)?;
            Ok(Receipt {
                provider_id: Some(out.reference.clone()),
                at: SystemClock.now(),
                detail: None,
                refused: Vec::new(),
            })
        })
    }

    fn reconcile<'a>(&'a self, _: &'a Outgoing) -> BoxFuture<'a, Result<Reconciled>> {
        Box::pin(async { Ok(Reconciled::CannotTell) })
    }

    fn probe(&self) -> BoxFuture<'_, Result<Health>> {
        Box::pin(async { Ok(Health { checks: Vec::new() }) })
    }

    fn inventory(&self) -> BoxFuture<'_, Result<Vec<Inventory>>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn push<'a>(&'a self, _: &'a RemoteChange) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn backfill(&self, _: Timestamp, _: Option<Cursor>) -> BoxFuture<'_, Result<Batch>> {
        Box::pin(async { Ok(Batch::default()) })
    }

    fn new_reference(&self) -> String {
        ulid::Ulid::new().to_string()
    }

    fn own_addresses(&self) -> Vec<Party> {
        Vec::new()
    }

    fn sender_for(&self, _: &[Party]) -> Option<(Party, String)> {
        None
    }
}

/// One round of the engine, as `sync --once` does it.
pub fn run(place: &Path) {
    let port = std::fs::read_to_string(place.join("port"))
        .unwrap()
        .parse()
        .unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.unwrap().block_on(async move {
        let store = Store::open(Options {
            dir: place.join("mirror"),
            clock: clock.clone(),
            read_only: false,
        })
        .unwrap();
        let _guard = store.engine_lock().wait().await.unwrap();
        let (trouble, _told) = tokio::sync::mpsc::channel(64);
        let task = OutboxTask {
            account: frontdesk::model::AccountId::new("desk"),
            provider: Arc::new(Keyed { port }),
            store,
            clock,
            fresh: None,
            trouble,
        };
        task.settle_stranded().await.unwrap();
        task.send_due().await.unwrap();
    });
}
