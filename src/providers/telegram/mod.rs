//! A Telegram bot, read by long polls or posted to (see `webhook`).
//!
//! Telegram keeps what nobody fetched for 24 hours and has no history: what was confirmed is gone there, so nothing is
//! confirmed before it is stored (see `feed`). A send cannot be looked up afterwards, so an unclear one stays unknown.

mod api;
mod entities;
mod feed;
pub mod guide;
mod map;
#[cfg(test)]
mod map_tests;
mod place;
mod probe;
mod send;
pub mod settings;
mod webhook;
mod wire;
mod words;

use crate::model::files::FileRules;
use crate::model::{Batch, Channel, Clock, Cursor, Outgoing, Party, Receipt, Timestamp};
use crate::providers::http::Effect;
use crate::providers::{
    Capabilities, FileSink, Health, Heard, Inventory, Provider, ProviderError, RawRequest,
    Reconciled, RemoteChange, Result, Tell, TypingAt, WebhookError,
};
use crate::secrets::SecretString;
use api::Api;
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use place::Place;
use serde_json::json;
use settings::TelegramSettings;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use tokio::sync::watch;

/// One bot.
pub struct TelegramProvider {
    settings: TelegramSettings,
    clock: Arc<dyn Clock>,
    api: Result<Api>,
    /// Counts the pulls, each of which ends an open long poll.
    turn: watch::Sender<u64>,
    /// Presses on buttons that were read and not yet confirmed.
    presses: Mutex<Vec<String>>,
    /// What posts are checked with.
    word: OnceLock<SecretString>,
}

impl TelegramProvider {
    /// Nothing is connected before it is used.
    pub fn new(settings: TelegramSettings, clock: Arc<dyn Clock>) -> Self {
        Self {
            api: Api::new(&settings, clock.clone()),
            settings,
            clock,
            turn: watch::Sender::new(0),
            presses: Mutex::new(Vec::new()),
            word: OnceLock::new(),
        }
    }

    fn api(&self) -> Result<&Api> {
        self.api.as_ref().map_err(Clone::clone)
    }

    fn own(&self) -> Party {
        Party {
            address: format!("@{}", self.settings.user()),
            name: Some(self.settings.name.clone()).filter(|name| !name.is_empty()),
        }
    }

    /// Only a business account's customers see what was read.
    async fn mark_read(&self, scope: &str, key: &str) -> Result<()> {
        let place = Place::parse(scope);
        let (Some(place), Ok(id)) = (place, key.parse::<i64>()) else {
            return Ok(());
        };
        let Some(business) = place.business else {
            return Ok(());
        };
        let body = json!({
            "business_connection_id": business,
            "chat_id": place.chat,
            "message_id": id,
        });
        // Told twice, it is read once.
        let told = self.api()?.call("readBusinessMessage", &body, Effect::Read);
        told.await.map(drop)
    }
}

impl Provider for TelegramProvider {
    fn name(&self) -> &'static str {
        "telegram"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            channels: vec![Channel::Telegram],
            text_limit: Some(send::TEXT_LIMIT),
            subject: false,
            copies: false,
            rich_text: true,
            attachment_limit: send::FILE_LIMIT,
            // Business accounts only: each of their messages says so.
            reply_window: None,
            delivered: false,
            read: false,
            idempotent_for: None,
            look_up: false,
            push: true,
            hold: Duration::from_secs(8),
        }
    }

    fn file_rules(&self, _channel: Channel) -> FileRules {
        send::RULES
    }

    fn pull(&self, since: Option<Cursor>) -> BoxFuture<'_, Result<Batch>> {
        async move {
            if self.is_posted_to() {
                return Ok(Self::posted_instead(since.as_ref()));
            }
            self.read(since).await
        }
        .boxed()
    }

    fn subscribe(&self, since: Option<Cursor>) -> Option<BoxStream<'_, Result<Batch>>> {
        (!self.is_posted_to()).then(|| self.follow(since.as_ref()))
    }

    fn send<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Receipt>> {
        self.deliver(out).boxed()
    }

    fn reconcile<'a>(&'a self, _out: &'a Outgoing) -> BoxFuture<'a, Result<Reconciled>> {
        async { Ok(Reconciled::CannotTell) }.boxed()
    }

    fn typing<'a>(&'a self, at: &'a TypingAt) -> BoxFuture<'a, Result<()>> {
        async move {
            let place = at.thread.as_deref().and_then(Place::parse);
            let Some(place) = place.or_else(|| Place::parse(&at.newest.as_ref()?.scope)) else {
                return Ok(());
            };
            let mut body = json!({ "chat_id": place.chat, "action": "typing" });
            if let Some(topic) = place.topic {
                body["message_thread_id"] = topic.into();
            }
            if let Some(business) = place.business {
                body["business_connection_id"] = business.into();
            }
            let told = self.api()?.call("sendChatAction", &body, Effect::Read);
            told.await.map(drop)
        }
        .boxed()
    }

    fn push<'a>(&'a self, change: &'a RemoteChange) -> BoxFuture<'a, Result<()>> {
        async move {
            match change {
                RemoteChange::Flags {
                    remote,
                    seen: Some(true),
                    ..
                } => self.mark_read(&remote.scope, &remote.key).await,
                // A message cannot be made unread, nor starred, there.
                RemoteChange::Flags { .. } => Ok(()),
            }
        }
        .boxed()
    }

    fn inventory(&self) -> BoxFuture<'_, Result<Vec<Inventory>>> {
        async {
            Err(ProviderError::Unsupported(
                "listing what Telegram has: it tells a bot everything once and keeps no history for it,",
            ))
        }
        .boxed()
    }

    fn backfill(&self, _until: Timestamp, _since: Option<Cursor>) -> BoxFuture<'_, Result<Batch>> {
        async {
            Err(ProviderError::Unsupported(
                "reading older messages: Telegram keeps no history for bots, so this",
            ))
        }
        .boxed()
    }

    fn probe(&self) -> BoxFuture<'_, Result<Health>> {
        self.probe_telling(Tell::nobody())
    }

    fn probe_telling(&self, tell: Tell) -> BoxFuture<'_, Result<Health>> {
        self.look_around(tell, false).boxed()
    }

    fn probe_new(&self, tell: Tell) -> BoxFuture<'_, Result<Health>> {
        self.look_around(tell, true).boxed()
    }

    fn spent(&self) -> Vec<crate::providers::Spent> {
        self.api().map_or_else(|_| Vec::new(), Api::spent)
    }

    fn own_addresses(&self) -> Vec<Party> {
        vec![self.own()]
    }

    fn sender_for(&self, _recipients: &[Party]) -> Option<(Party, String)> {
        Some((self.own(), "the account's bot".to_owned()))
    }

    fn fetch_into<'a>(
        &'a self,
        key: &'a str,
        into: &'a mut dyn FileSink,
    ) -> BoxFuture<'a, Result<()>> {
        async move {
            let api = self.api()?;
            let found = api
                .call("getFile", &json!({ "file_id": key }), Effect::Read)
                .await
                .map_err(|error| match error {
                    ProviderError::Rejected { reason, permanent } if reason.contains("too big") => {
                        ProviderError::Rejected {
                            reason:
                                "Telegram gives bots files up to 20 MB only; ask for it another way"
                                    .to_owned(),
                            permanent,
                        }
                    }
                    other => other,
                })?;
            let place = wire::text(&found, "file_path").ok_or_else(|| ProviderError::Rejected {
                reason: "Telegram does not say where the file is".to_owned(),
                permanent: false,
            })?;
            api.download(place, into).await
        }
        .boxed()
    }

    fn listens(&self) -> bool {
        self.is_posted_to()
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

    fn registers(&self) -> bool {
        self.is_posted_to()
    }

    fn register<'a>(&'a self, url: Option<&'a str>) -> BoxFuture<'a, Result<String>> {
        async move {
            match url {
                Some(url) => self.set_webhook(url).await,
                None => self.delete_webhook().await,
            }
        }
        .boxed()
    }

    fn new_reference(&self) -> String {
        format!("fd-{}", ulid::Ulid::new()).to_lowercase()
    }
}
