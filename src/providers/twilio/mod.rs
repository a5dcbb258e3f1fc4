//! An account at Twilio: SMS, MMS and WhatsApp both ways, calls and what callers record.
//!
//! Everything is read by polls: the newest page again and again, with an overlap, and single messages whose fate is open.
//! What `frontdesk listen` gets posted is the same under the same SIDs. A send has no reference of ours, so an unclear
//! one is looked for among what was sent.

mod api;
mod calls;
mod codes;
mod content;
mod feed;
pub mod guide;
mod history;
mod map;
mod mark;
mod probe;
mod publish;
pub mod segments;
mod send;
pub mod settings;
mod webhook;
mod wire;

use crate::model::{
    Batch, Channel, Clock, Cursor, Event, Outgoing, Party, Receipt, Template, Timestamp,
};
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
use settings::{Calls, TwilioSettings};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// One account.
pub struct TwilioProvider {
    settings: TwilioSettings,
    ours: Ours,
    clock: Arc<dyn Clock>,
    api: Result<Api>,
    /// Held by sends; a read waits for those under way, so that it knows its own.
    sending: tokio::sync::RwLock<()>,
    /// What this process sent: SID, our reference.
    sent: Mutex<HashMap<String, String>>,
    /// What a refused send told, for the next read.
    told: Mutex<Vec<Event>>,
    /// What posts are signed with.
    token: OnceLock<SecretString>,
}

impl TwilioProvider {
    /// Nothing is connected before it is used.
    pub fn new(settings: TwilioSettings, clock: Arc<dyn Clock>) -> Self {
        Self {
            api: Api::new(&settings, clock.clone()),
            ours: Ours::new(&settings),
            settings,
            clock,
            sending: tokio::sync::RwLock::new(()),
            sent: Mutex::default(),
            told: Mutex::default(),
            token: OnceLock::new(),
        }
    }

    fn api(&self) -> Result<&Api> {
        self.api.as_ref().map_err(Clone::clone)
    }

    fn party(&self, address: &str) -> Party {
        Party {
            address: address.to_owned(),
            name: Some(self.settings.name.clone()).filter(|name| !name.is_empty()),
        }
    }

    fn told(&self) -> Vec<Event> {
        std::mem::take(&mut *self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn sends_sms(&self) -> bool {
        !self.ours.sms.is_empty() || self.ours.service.is_some()
    }
}

impl Provider for TwilioProvider {
    fn name(&self) -> &'static str {
        "twilio"
    }

    fn capabilities(&self) -> Capabilities {
        let mut channels = Vec::new();
        if self.sends_sms() || self.ours.whatsapp.is_empty() {
            channels.push(Channel::Sms);
        }
        if !self.ours.whatsapp.is_empty() {
            channels.push(Channel::Whatsapp);
        }
        if self.settings.calls != Calls::None && !self.ours.sms.is_empty() {
            channels.push(Channel::Voice);
        }
        let first = channels[0];
        Capabilities {
            channels,
            ..self.capabilities_on(first)
        }
    }

    fn capabilities_on(&self, channel: Channel) -> Capabilities {
        let whatsapp = channel == Channel::Whatsapp;
        Capabilities {
            channels: vec![channel],
            text_limit: Some(send::TEXT_LIMIT),
            subject: false,
            copies: false,
            rich_text: false,
            attachment_limit: match (self.settings.publish_command.is_empty(), whatsapp) {
                (true, _) => 0,
                (false, true) => send::WHATSAPP_FILE_LIMIT,
                (false, false) => send::FILE_LIMIT,
            },
            reply_window: whatsapp.then(|| Duration::from_millis(map::WINDOW_MS.unsigned_abs())),
            delivered: true,
            read: whatsapp,
            idempotent_for: None,
            look_up: true,
            push: false,
            hold: Duration::from_secs(8),
        }
    }

    fn pull(&self, since: Option<Cursor>) -> BoxFuture<'_, Result<Batch>> {
        self.read(since).boxed()
    }

    fn subscribe(&self, _since: Option<Cursor>) -> Option<BoxStream<'_, Result<Batch>>> {
        None
    }

    fn send<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Receipt>> {
        self.deliver(out).boxed()
    }

    fn reconcile<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Reconciled>> {
        self.look_up(out).boxed()
    }

    fn fetch_into<'a>(
        &'a self,
        key: &'a str,
        into: &'a mut dyn FileSink,
    ) -> BoxFuture<'a, Result<()>> {
        async move {
            let api = self.api()?;
            let parts: Vec<&str> = key.split('/').collect();
            match parts.as_slice() {
                ["message", message, file] => {
                    api.download(&["Messages", message, "Media", file], into)
                        .await
                }
                ["recording", recording] => {
                    api.download(&["Recordings", &format!("{recording}.mp3")], into)
                        .await
                }
                _ => Err(api::refused("this file is of another provider")),
            }
        }
        .boxed()
    }

    fn push<'a>(&'a self, _change: &'a RemoteChange) -> BoxFuture<'a, Result<()>> {
        // Twilio keeps no flags, and tells nobody that their message was read.
        async { Ok(()) }.boxed()
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
        self.api().map_or_else(|_| Vec::new(), Api::spent)
    }

    fn own_addresses(&self) -> Vec<Party> {
        let mut all: Vec<&String> = self.ours.sms.iter().chain(&self.ours.whatsapp).collect();
        all.extend(
            self.ours
                .service
                .iter()
                .filter(|_| self.ours.sms.is_empty()),
        );
        let mut own: Vec<Party> = Vec::new();
        for address in all {
            if !own.iter().any(|party| party.address == *address) {
                own.push(self.party(address));
            }
        }
        own
    }

    fn sender_for(&self, _recipients: &[Party]) -> Option<(Party, String)> {
        let by_service = self.ours.service.is_some();
        let first = self
            .ours
            .sms
            .first()
            .or(self.ours.service.as_ref())
            .or_else(|| self.ours.whatsapp.first())?;
        let why = if by_service {
            "the Messaging Service chooses the number"
        } else if self.ours.sms.len() + self.ours.whatsapp.len() > 1 {
            "the account's first number; an answer goes from the number that was written to"
        } else {
            "the account's number"
        };
        Some((self.party(first), why.to_owned()))
    }

    fn template_channels(&self) -> Vec<Channel> {
        if self.ours.whatsapp.is_empty() {
            Vec::new()
        } else {
            vec![Channel::Whatsapp]
        }
    }

    fn templates(&self) -> BoxFuture<'_, Result<Vec<Template>>> {
        async move {
            if self.ours.whatsapp.is_empty() {
                return Ok(Vec::new());
            }
            content::templates(self.api()?).await
        }
        .boxed()
    }

    fn listens(&self) -> bool {
        self.settings.auth_token.is_some()
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
