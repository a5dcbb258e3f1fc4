//! A RingCentral extension: SMS and MMS both ways, voicemail, calls.
//!
//! News comes by a socket. Reading is by syncs, which bring everything since a token; a sync that is too old begins anew and misses nothing. A
//! send has no reference of ours, so an unclear one is looked for among what was sent.

mod api;
mod auth;
mod calls;
mod codes;
mod feed;
mod follow;
pub mod guide;
mod history;
mod map;
mod mark;
mod news;
mod people;
mod probe;
mod rates;
mod reads;
mod send;
pub mod settings;
mod socket;
mod webhook;
mod wire;

use crate::model::{Batch, Channel, Clock, Cursor, Outgoing, Party, Receipt, Timestamp};
use crate::providers::{
    Capabilities, FileSink, Health, Heard, Inventory, Provider, RawRequest, Reconciled,
    RemoteChange, Result, Tell, WebhookError,
};
use crate::secrets::SecretString;
use api::Api;
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use map::Ours;
use serde_json::Value;
use settings::{Calls, RingcentralSettings};
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

/// One extension.
pub struct RingcentralProvider {
    settings: RingcentralSettings,
    numbers: Vec<String>,
    clock: Arc<dyn Clock>,
    api: Result<Api>,
    /// There is news of a call.
    calls_due: AtomicBool,
    /// Held by sends; a read waits for those under way, so that it knows its own.
    sending: tokio::sync::RwLock<()>,
    /// What this process sent: RingCentral's id, our reference.
    sent: Mutex<HashMap<String, String>>,
    /// What was read and is still to be told.
    reads: Mutex<reads::Reads>,
    /// The word that events are posted with.
    word: OnceLock<SecretString>,
}

impl RingcentralProvider {
    /// Nothing is connected before it is used.
    pub fn new(settings: RingcentralSettings, clock: Arc<dyn Clock>) -> Self {
        Self {
            api: Api::new(&settings, clock.clone()),
            numbers: settings.own_numbers(),
            settings,
            clock,
            calls_due: AtomicBool::new(false),
            sending: tokio::sync::RwLock::new(()),
            sent: Mutex::default(),
            reads: Mutex::default(),
            word: OnceLock::new(),
        }
    }

    fn api(&self) -> Result<&Api> {
        self.api.as_ref().map_err(Clone::clone)
    }

    fn ours(&self) -> Ours<'_> {
        Ours {
            numbers: &self.numbers,
        }
    }

    fn party(&self, number: &str) -> Party {
        Party {
            address: number.to_owned(),
            name: Some(self.settings.name.clone()).filter(|name| !name.is_empty()),
        }
    }

    /// Whether a call of the log is one that the account wants.
    fn takes_call(&self, record: &Value) -> bool {
        let missed = wire::text(record, "result").is_none_or(|result| result == "Missed");
        !calls::is_message(record) && (missed || self.settings.calls == Calls::All)
    }
}

impl Provider for RingcentralProvider {
    fn name(&self) -> &'static str {
        "ringcentral"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            channels: vec![Channel::Sms, Channel::Voice],
            text_limit: Some(send::TEXT_LIMIT),
            subject: false,
            copies: false,
            rich_text: false,
            attachment_limit: send::FILES_LIMIT,
            reply_window: None,
            delivered: true,
            read: false,
            idempotent_for: None,
            look_up: true,
            push: true,
            hold: Duration::from_secs(8),
        }
    }

    fn pull(&self, since: Option<Cursor>) -> BoxFuture<'_, Result<Batch>> {
        self.read(since).boxed()
    }

    fn subscribe(&self, _since: Option<Cursor>) -> Option<BoxStream<'_, Result<Batch>>> {
        Some(self.follow())
    }

    fn send<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Receipt>> {
        self.deliver(out).boxed()
    }

    fn reconcile<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Reconciled>> {
        self.look_up(out).boxed()
    }

    fn people(&self) -> BoxFuture<'_, Result<Vec<crate::providers::Colleague>>> {
        self.extensions().boxed()
    }

    fn transcribes_within(&self) -> Duration {
        // A voicemail of three minutes, the longest, took RingCentral less.
        Duration::from_mins(3)
    }

    fn fetch_into<'a>(
        &'a self,
        key: &'a str,
        into: &'a mut dyn FileSink,
    ) -> BoxFuture<'a, Result<()>> {
        async move { self.api()?.download(key, into).await }.boxed()
    }

    fn push<'a>(&'a self, change: &'a RemoteChange) -> BoxFuture<'a, Result<()>> {
        async move {
            match change {
                RemoteChange::Flags {
                    remote,
                    seen: Some(seen),
                    ..
                } => self.mark_read(&remote.scope, &remote.key, *seen).await,
                // It keeps no other flag.
                RemoteChange::Flags { .. } => Ok(()),
            }
        }
        .boxed()
    }

    fn inventory(&self) -> BoxFuture<'_, Result<Vec<Inventory>>> {
        self.listed().boxed()
    }

    fn backfill(&self, until: Timestamp, since: Option<Cursor>) -> BoxFuture<'_, Result<Batch>> {
        self.read_back(until, since).boxed()
    }

    fn probe(&self) -> BoxFuture<'_, Result<Health>> {
        self.probe_telling(Tell::nobody())
    }

    fn probe_telling(&self, tell: Tell) -> BoxFuture<'_, Result<Health>> {
        self.look_around(tell).boxed()
    }

    fn spent(&self) -> Vec<crate::providers::Spent> {
        self.api()
            .map_or_else(|_| Vec::new(), |api| api.rates.spent())
    }

    fn own_addresses(&self) -> Vec<Party> {
        self.numbers
            .iter()
            .map(|number| self.party(number))
            .collect()
    }

    fn sender_for(&self, _recipients: &[Party]) -> Option<(Party, String)> {
        let first = self.numbers.first()?;
        let why = match self.numbers.len() {
            1 => "the account's number",
            _ => "the account's first number; an answer goes from the number that was written to",
        };
        Some((self.party(first), why.to_owned()))
    }

    fn listens(&self) -> bool {
        self.settings.verification_token.is_some()
    }

    fn unlock_webhook(&self) -> BoxFuture<'_, Result<()>> {
        self.unlock().boxed()
    }

    fn webhook(&self, request: &RawRequest<'_>) -> std::result::Result<Heard, WebhookError> {
        self.hear(request)
    }

    fn reread(&self, request: &RawRequest<'_>) -> std::result::Result<Heard, WebhookError> {
        self.read_again(request)
    }

    fn new_reference(&self) -> String {
        format!("fd-{}", ulid::Ulid::new()).to_lowercase()
    }
}
