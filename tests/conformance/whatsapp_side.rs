//! A WhatsApp number on our own Cloud API. Meta only ever posts: what it posted is given, signed, to the provider's
//! webhook whenever the suite asks for news, as the listener would.

use crate::suite::{OtherSide, Received};
use crate::support::fakes::meta_whatsapp::MetaWhatsapp;
use frontdesk::model::{Batch, Clock, Cursor, Outgoing, Party, Receipt, SystemClock, Timestamp};
use frontdesk::providers::meta::whatsapp::WhatsappProvider;
use frontdesk::providers::{
    Capabilities, Health, Inventory, Provider, RawRequest, Reconciled, RemoteChange, Result,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use std::sync::Arc;

const CUSTOMER: &str = "15551234567";

/// One number and one customer.
pub struct WhatsappSide(MetaWhatsapp);

impl WhatsappSide {
    pub fn new() -> Self {
        Self(MetaWhatsapp::start())
    }
}

impl OtherSide for WhatsappSide {
    fn open(&self) -> Arc<dyn Provider> {
        let settings = toml::from_str(&self.0.settings()).unwrap();
        Arc::new(Listened {
            provider: WhatsappProvider::new(settings, Arc::new(SystemClock)),
            meta: self.0.clone(),
        })
    }

    fn customer(&self) -> Party {
        Party::new(format!("+{CUSTOMER}"))
    }

    fn customer_writes(&self, text: &str) {
        self.0.customer_writes(CUSTOMER, text);
    }

    fn customer_has(&self, marker: &str) -> Vec<Received> {
        let sent = self.0.sent().into_iter();
        sent.map(|body| Received {
            text: body["text"]["body"].as_str().unwrap().to_owned(),
            to: vec![format!("+{}", body["to"].as_str().unwrap())],
        })
        .filter(|received| received.text.contains(marker))
        .collect()
    }
}

/// The provider and its listener as one feed.
struct Listened {
    provider: WhatsappProvider,
    meta: MetaWhatsapp,
}

impl Listened {
    async fn heard(&self, since: Option<Cursor>) -> Batch {
        self.provider.unlock_webhook().await.unwrap();
        let from = since.map_or(0, |cursor| cursor.0.parse().unwrap());
        let posts = self.meta.posts();
        let mut events = Vec::new();
        for (body, signature) in &posts[from..] {
            let headers = [("x-hub-signature-256".to_owned(), signature.clone())];
            let request = RawRequest {
                method: "POST",
                url: "https://desk.example/hook/wa",
                query: "",
                headers: &headers,
                body,
                now: SystemClock.now(),
            };
            events.extend(self.provider.webhook(&request).unwrap().events);
        }
        Batch {
            events,
            cursor: Some(Cursor(posts.len().to_string())),
            ..Batch::default()
        }
    }
}

impl Provider for Listened {
    fn name(&self) -> &'static str {
        self.provider.name()
    }

    fn capabilities(&self) -> Capabilities {
        self.provider.capabilities()
    }

    fn pull(&self, since: Option<Cursor>) -> BoxFuture<'_, Result<Batch>> {
        async move {
            // It itself has nothing to ask for.
            assert_eq!(self.provider.pull(None).await?, Batch::default());
            Ok(self.heard(since).await)
        }
        .boxed()
    }

    fn subscribe(&self, since: Option<Cursor>) -> Option<BoxStream<'_, Result<Batch>>> {
        self.provider.subscribe(since)
    }

    fn send<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Receipt>> {
        self.provider.send(out)
    }

    fn reconcile<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Reconciled>> {
        self.provider.reconcile(out)
    }

    fn push<'a>(&'a self, change: &'a RemoteChange) -> BoxFuture<'a, Result<()>> {
        self.provider.push(change)
    }

    fn inventory(&self) -> BoxFuture<'_, Result<Vec<Inventory>>> {
        self.provider.inventory()
    }

    fn backfill(&self, until: Timestamp, since: Option<Cursor>) -> BoxFuture<'_, Result<Batch>> {
        self.provider.backfill(until, since)
    }

    fn probe(&self) -> BoxFuture<'_, Result<Health>> {
        self.provider.probe()
    }

    fn own_addresses(&self) -> Vec<Party> {
        self.provider.own_addresses()
    }

    fn sender_for(&self, recipients: &[Party]) -> Option<(Party, String)> {
        self.provider.sender_for(recipients)
    }

    fn new_reference(&self) -> String {
        self.provider.new_reference()
    }
}
