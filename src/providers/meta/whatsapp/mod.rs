//! WhatsApp by Meta's Cloud API.
//!
//! What customers write comes only by webhook: there is nothing to poll, and what the listener missed for longer than
//! Meta tries (up to seven days) cannot be read back. Sends carry our reference as `biz_opaque_callback_data`, which
//! every status brings back: an unknown outcome settles itself when the first status comes.

pub mod guide;
mod map;
mod probe;
mod send;
pub mod settings;
mod template;
mod template_new;
mod wire;
mod words;

use super::graph::{Graph, secret};
use super::signature::Keys;
use crate::model::files::FileRules;
use crate::model::{
    Batch, Channel, Clock, CreatedTemplate, Cursor, NewTemplate, Outgoing, Party, Receipt,
    Template, Timestamp,
};
use crate::providers::http::Effect;
use crate::providers::webhook::{Checked, Heard, RawRequest, WebhookError};
use crate::providers::{
    Capabilities, FileSink, Health, Inventory, Provider, ProviderError, Reconciled, RemoteChange,
    Result, Tell, TypingAt,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use reqwest::Method;
use serde_json::json;
use settings::WhatsappSettings;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Characters of a text.
const TEXT_LIMIT: usize = 4_096;

/// One phone number at Meta.
pub struct WhatsappProvider {
    settings: WhatsappSettings,
    clock: Arc<dyn Clock>,
    graph: Result<Graph>,
    keys: OnceLock<Keys>,
}

impl WhatsappProvider {
    /// Nothing is connected before it is used.
    pub fn new(settings: WhatsappSettings, clock: Arc<dyn Clock>) -> Self {
        let graph = settings
            .base()
            .map_err(|error| ProviderError::Bug(error.to_string()))
            .and_then(|base| {
                Graph::new(
                    &base,
                    settings.token.clone(),
                    settings.app_secret.clone(),
                    settings.calls_per_second,
                    clock.clone(),
                )
            });
        Self {
            settings,
            clock,
            graph,
            keys: OnceLock::new(),
        }
    }

    fn graph(&self) -> Result<&Graph> {
        self.graph.as_ref().map_err(Clone::clone)
    }

    fn own(&self) -> Party {
        Party {
            address: self.settings.phone_number_id.clone(),
            name: Some(self.settings.name.clone()).filter(|name| !name.is_empty()),
        }
    }

    /// Posts to `/{phone number}/messages`.
    async fn message(&self, body: &serde_json::Value, effect: Effect) -> Result<serde_json::Value> {
        let graph = self.graph()?;
        let parts = [self.settings.phone_number_id.as_str(), "messages"];
        let request = graph.request(Method::POST, &parts).await?.json(body);
        graph.finish(request, effect).await?.json()
    }

    async fn mark_read(&self, wamid: &str) -> Result<()> {
        let body = json!({
            "messaging_product": "whatsapp",
            "status": "read",
            "message_id": wamid,
        });
        // Told twice, it is read once.
        self.message(&body, Effect::Read).await.map(drop)
    }
}

impl Provider for WhatsappProvider {
    fn name(&self) -> &'static str {
        "whatsapp"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            channels: vec![Channel::Whatsapp],
            text_limit: Some(TEXT_LIMIT),
            subject: false,
            copies: false,
            rich_text: false,
            attachment_limit: 100_000_000,
            reply_window: Some(Duration::from_millis(map::WINDOW_MS.unsigned_abs())),
            delivered: true,
            read: true,
            idempotent_for: None,
            look_up: false,
            push: false,
            hold: Duration::from_secs(8),
        }
    }

    fn file_rules(&self, _channel: Channel) -> FileRules {
        send::FILES
    }

    /// Nothing can be asked for; an empty batch says that the account is up.
    fn pull(&self, _since: Option<Cursor>) -> BoxFuture<'_, Result<Batch>> {
        async { Ok(Batch::default()) }.boxed()
    }

    fn subscribe(&self, _since: Option<Cursor>) -> Option<BoxStream<'_, Result<Batch>>> {
        None
    }

    fn send<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Receipt>> {
        self.deliver(out).boxed()
    }

    fn reconcile<'a>(&'a self, _out: &'a Outgoing) -> BoxFuture<'a, Result<Reconciled>> {
        async { Ok(Reconciled::CannotTell) }.boxed()
    }

    /// Marks the customer's newest message as read, too: Meta knows the one only with the other.
    fn typing<'a>(&'a self, at: &'a TypingAt) -> BoxFuture<'a, Result<()>> {
        async move {
            let Some(newest) = &at.newest else {
                return Ok(());
            };
            let body = json!({
                "messaging_product": "whatsapp",
                "status": "read",
                "message_id": newest.key,
                "typing_indicator": { "type": "text" },
            });
            self.message(&body, Effect::Read).await.map(drop)
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
                } => self.mark_read(&remote.key).await,
                // A message cannot be made unread, nor starred, there.
                RemoteChange::Flags { .. } => Ok(()),
            }
        }
        .boxed()
    }

    fn inventory(&self) -> BoxFuture<'_, Result<Vec<Inventory>>> {
        async {
            Err(ProviderError::Unsupported(
                "listing what WhatsApp has: Meta tells it once, to the listener,",
            ))
        }
        .boxed()
    }

    fn backfill(&self, _until: Timestamp, _since: Option<Cursor>) -> BoxFuture<'_, Result<Batch>> {
        async {
            Err(ProviderError::Unsupported(
                "reading older messages: Meta tells each once, to the listener,",
            ))
        }
        .boxed()
    }

    fn probe(&self) -> BoxFuture<'_, Result<Health>> {
        self.probe_telling(Tell::nobody())
    }

    fn probe_telling(&self, tell: Tell) -> BoxFuture<'_, Result<Health>> {
        self.look_around(tell).boxed()
    }

    fn spent(&self) -> Vec<crate::providers::Spent> {
        self.graph().map_or_else(|_| Vec::new(), Graph::spent)
    }

    fn own_addresses(&self) -> Vec<Party> {
        vec![self.own()]
    }

    fn sender_for(&self, _recipients: &[Party]) -> Option<(Party, String)> {
        Some((self.own(), "the account's number".to_owned()))
    }

    fn template_channels(&self) -> Vec<Channel> {
        vec![Channel::Whatsapp]
    }

    fn templates(&self) -> BoxFuture<'_, Result<Vec<Template>>> {
        self.approved_texts().boxed()
    }

    fn create_template<'a>(
        &'a self,
        new: &'a NewTemplate,
    ) -> BoxFuture<'a, Result<CreatedTemplate>> {
        self.propose(new).boxed()
    }

    fn fetch_into<'a>(
        &'a self,
        key: &'a str,
        into: &'a mut dyn FileSink,
    ) -> BoxFuture<'a, Result<()>> {
        async move {
            let graph = self.graph()?;
            let found: wire::MediaPlace = graph
                .get(
                    &[key],
                    &[("phone_number_id", self.settings.phone_number_id.as_str())],
                )
                .await?;
            let mut summed = wire::Summed::new(into);
            graph.download(&found.url, &mut summed).await?;
            found.check(&summed.digest())
        }
        .boxed()
    }

    fn listens(&self) -> bool {
        self.settings.app_secret.is_some()
    }

    fn unlock_webhook(&self) -> BoxFuture<'_, Result<()>> {
        async {
            let Some(app_secret) = &self.settings.app_secret else {
                return Ok(());
            };
            let verify_token = match &self.settings.verify_token {
                Some(token) => Some(secret(token).await?),
                None => None,
            };
            let keys = Keys {
                app_secret: secret(app_secret).await?,
                verify_token,
            };
            // Set before: the same secrets.
            let _ = self.keys.set(keys);
            Ok(())
        }
        .boxed()
    }

    fn webhook(&self, request: &RawRequest<'_>) -> std::result::Result<Heard, WebhookError> {
        match self.check(request)? {
            Checked::Read(heard) => Ok(heard),
            Checked::Later => self.reread(request),
        }
    }

    fn check(&self, request: &RawRequest<'_>) -> std::result::Result<Checked, WebhookError> {
        let keys = self.keys.get().ok_or(WebhookError::Unsupported)?;
        if request.method == "GET" {
            return keys.handshake(request).map(Checked::Read);
        }
        keys.check(request)?;
        Ok(Checked::Later)
    }

    fn reread(&self, request: &RawRequest<'_>) -> std::result::Result<Heard, WebhookError> {
        let events = map::events(request.body, &self.settings.phone_number_id, request.now)
            .map_err(WebhookError::Malformed)?;
        Ok(Heard {
            events,
            ..Heard::default()
        })
    }

    fn new_reference(&self) -> String {
        format!("fd-{}", ulid::Ulid::new()).to_lowercase()
    }
}
