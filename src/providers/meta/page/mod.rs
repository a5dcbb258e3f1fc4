//! A Facebook page (Messenger) or a professional Instagram account.
//!
//! Conversations are polled, the newest first, at the two calls a second that Meta allows; the listener brings the same
//! messages at once, and states besides. A send carries our reference as `metadata`, which the echo brings back; a
//! listing does not, so what was sent is remembered by its id.

mod comments;
mod comments_map;
pub mod guide;
mod look;
mod map;
mod ours;
mod poll;
mod probe;
mod send;
pub mod settings;
mod webhook;
mod wire;
mod words;

use super::graph::{Graph, secret};
use super::signature::Keys;
use crate::model::files::FileRules;
use crate::model::{Batch, Channel, Clock, Cursor, Event, Outgoing, Party, Receipt, Timestamp};
use crate::providers::http::Effect;
use crate::providers::webhook::{Heard, RawRequest, WebhookError};
use crate::providers::{
    Capabilities, FileSink, Health, Inventory, Provider, ProviderError, Reconciled, RemoteChange,
    Result, Tell, TypingAt,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use ours::Ours;
use reqwest::Method;
use serde_json::{Value, json};
use settings::{InstagramSettings, MessengerSettings, Page, Platform};
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Profiles and marks that are remembered.
const REMEMBERED: usize = 5_000;
/// A chat that was marked as read so lately is not marked again: the mark is for all of it.
const MARKED: Duration = Duration::from_secs(2);

/// One page or account.
pub struct PageProvider {
    page: Page,
    clock: Arc<dyn Clock>,
    graph: Result<Graph>,
    keys: OnceLock<Keys>,
    ours: Ours,
    /// Only the parts that every version of the interface has are asked for.
    plain: AtomicBool,
    names: Mutex<HashMap<String, Option<String>>>,
    marked: Mutex<HashMap<String, Instant>>,
    /// Mentions of which only the ids are known: media, comment.
    mentions: Mutex<Vec<(String, Option<String>)>>,
}

impl PageProvider {
    /// A page's Messenger. Nothing is connected before it is used.
    pub fn messenger(settings: MessengerSettings, clock: Arc<dyn Clock>) -> Self {
        Self::new(settings.into(), clock)
    }

    /// An Instagram account. Nothing is connected before it is used.
    pub fn instagram(settings: InstagramSettings, clock: Arc<dyn Clock>) -> Self {
        Self::new(settings.into(), clock)
    }

    fn new(page: Page, clock: Arc<dyn Clock>) -> Self {
        // Instagram's own host knows no proof by the app's secret.
        let proof = page.app_secret.clone().filter(|_| !page.by_instagram);
        let graph = page
            .base()
            .map_err(|error| ProviderError::Bug(error.to_string()))
            .and_then(|base| {
                let per_second = page.calls_per_second;
                Graph::new(&base, page.token.clone(), proof, per_second, clock.clone())
            });
        Self {
            page,
            clock,
            graph,
            keys: OnceLock::new(),
            ours: Ours::default(),
            plain: AtomicBool::new(false),
            names: Mutex::default(),
            marked: Mutex::default(),
            mentions: Mutex::default(),
        }
    }

    fn graph(&self) -> Result<&Graph> {
        self.graph.as_ref().map_err(Clone::clone)
    }

    /// Asks for the name of somebody whom a listing names by id only, once.
    async fn name_of(&self, customer: &mut Party) {
        if customer.name.is_some() {
            return;
        }
        let known = self
            .names
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&customer.address)
            .cloned();
        if let Some(name) = known {
            customer.name = name;
            return;
        }
        let Ok(graph) = self.graph() else { return };
        let fields = match self.page.platform {
            Platform::Messenger => "name,first_name,last_name",
            Platform::Instagram => "name,username",
        };
        let parts = [customer.address.as_str()];
        let profile = graph.get::<Value>(&parts, &[("fields", fields)]).await;
        // Without a profile there is still the message.
        let name = match profile {
            Ok(profile) => ["name", "username", "first_name"]
                .iter()
                .find_map(|key| wire::text(&profile, key))
                .map(str::to_owned),
            Err(ProviderError::Rejected { .. }) => None,
            Err(_) => return,
        };
        customer.name.clone_from(&name);
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() > REMEMBERED {
            names.clear();
        }
        names.insert(customer.address.clone(), name);
    }

    /// The customer sees that the chat was read.
    async fn mark_seen(&self, customer: &str) -> Result<()> {
        {
            let mut marked = self.marked.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            if marked
                .get(customer)
                .is_some_and(|at| now.duration_since(*at) < MARKED)
            {
                return Ok(());
            }
            if marked.len() > REMEMBERED {
                marked.clear();
            }
            marked.insert(customer.to_owned(), now);
        }
        let body = json!({ "recipient": { "id": customer }, "sender_action": "MARK_SEEN" });
        let graph = self.graph()?;
        let parts = [self.page.node.as_str(), "messages"];
        let request = graph.request(Method::POST, &parts).await?.json(&body);
        // Told twice, it is read once.
        graph.finish(request, Effect::Read).await.map(drop)
    }

    async fn file(&self, key: &str, into: &mut dyn FileSink) -> Result<()> {
        let gone = || ProviderError::Rejected {
            reason: "the file is no longer kept there".to_owned(),
            permanent: true,
        };
        let (mid, index) = key.rsplit_once('#').ok_or_else(gone)?;
        let index: usize = index.parse().map_err(|_| gone())?;
        let graph = self.graph()?;
        let fields = "attachments{id,mime_type,name,size,file_url,image_data{url},video_data{url}}";
        let message: Value = graph.get(&[mid], &[("fields", fields)]).await?;
        let file = wire::list(&message, "attachments").get(index);
        let address = file.and_then(words::address_of).ok_or_else(gone)?;
        graph.download_signed(address, into).await
    }
}

impl Provider for PageProvider {
    fn name(&self) -> &'static str {
        match self.page.platform {
            Platform::Messenger => "messenger",
            Platform::Instagram => "instagram",
        }
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            channels: vec![self.page.platform.channel()],
            text_limit: Some(self.text_limit()),
            subject: false,
            copies: false,
            rich_text: false,
            attachment_limit: if self.page.by_instagram {
                0
            } else {
                send::FILE_LIMIT
            },
            reply_window: Some(Duration::from_millis(self.page.window_ms().unsigned_abs())),
            delivered: true,
            read: true,
            idempotent_for: None,
            look_up: true,
            push: false,
            hold: Duration::from_secs(8),
        }
    }

    fn file_rules(&self, _channel: Channel) -> FileRules {
        send::FILES
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

    /// Looks for the same text to the same customer since it was queued. That it is not there proves nothing: listings
    /// lag.
    fn reconcile<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Reconciled>> {
        async {
            if comments::is_comment(out) {
                return Ok(Reconciled::CannotTell);
            }
            let to = send::recipient(out)?;
            Ok(match self.look_for(out, to).await? {
                look::Looked::Found(found) => {
                    self.ours.sent(&found.remote.key, &out.reference);
                    let at = found.sent_at;
                    let mut receipt = self.receipt(found.remote.key);
                    receipt.at = at;
                    Reconciled::Found(receipt)
                }
                look::Looked::Nothing => Reconciled::Unlisted {
                    settles: look::SETTLES,
                },
                look::Looked::Unclear => Reconciled::CannotTell,
            })
        }
        .boxed()
    }

    fn fetch_into<'a>(
        &'a self,
        key: &'a str,
        into: &'a mut dyn FileSink,
    ) -> BoxFuture<'a, Result<()>> {
        self.file(key, into).boxed()
    }

    fn typing<'a>(&'a self, at: &'a TypingAt) -> BoxFuture<'a, Result<()>> {
        async move {
            let Some(newest) = at
                .newest
                .as_ref()
                .filter(|remote| !comments::is_place(remote))
            else {
                // Comments know no typing.
                return Ok(());
            };
            let body = json!({ "recipient": { "id": newest.scope }, "sender_action": "TYPING_ON" });
            let graph = self.graph()?;
            let parts = [self.page.node.as_str(), "messages"];
            let request = graph.request(Method::POST, &parts).await?.json(&body);
            graph.finish(request, Effect::Read).await.map(drop)
        }
        .boxed()
    }

    fn tagged_after(&self) -> Option<Duration> {
        let day = Duration::from_hours(24);
        self.page.human_agent.then_some(day)
    }

    fn push<'a>(&'a self, change: &'a RemoteChange) -> BoxFuture<'a, Result<()>> {
        async move {
            let RemoteChange::Flags {
                remote, seen, junk, ..
            } = change;
            if comments::is_place(remote) {
                return match junk {
                    Some(hidden) => self.hide_comment(&remote.key, *hidden).await,
                    None => Ok(()),
                };
            }
            match seen {
                Some(true) => self.mark_seen(&remote.scope).await,
                // A chat cannot be made unread, nor starred, there.
                _ => Ok(()),
            }
        }
        .boxed()
    }

    fn inventory(&self) -> BoxFuture<'_, Result<Vec<Inventory>>> {
        self.everything().boxed()
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
        self.graph().map_or_else(|_| Vec::new(), Graph::spent)
    }

    fn own_addresses(&self) -> Vec<Party> {
        let mut own = vec![self.page.party()];
        if self.page.node != self.page.own {
            own.push(Party::new(self.page.node.clone()));
        }
        own
    }

    fn sender_for(&self, _recipients: &[Party]) -> Option<(Party, String)> {
        Some((self.page.party(), "the account's page".to_owned()))
    }

    fn listens(&self) -> bool {
        self.page.app_secret.is_some()
    }

    fn unlock_webhook(&self) -> BoxFuture<'_, Result<()>> {
        async {
            let Some(app_secret) = &self.page.app_secret else {
                return Ok(());
            };
            let verify_token = match &self.page.verify_token {
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
        let keys = self.keys.get().ok_or(WebhookError::Unsupported)?;
        if request.method == "GET" {
            return keys.handshake(request);
        }
        keys.check(request)?;
        self.reread(request)
    }

    fn reread(&self, request: &RawRequest<'_>) -> std::result::Result<Heard, WebhookError> {
        let events = webhook::events(request.body, &self.page, request.now)
            .map_err(WebhookError::Malformed)?;
        // An event has no names; a look at the listing brings them.
        let mentioned = self.page.comments && self.remember_mentions(&events);
        let pull = mentioned
            || events
                .iter()
                .any(|event| matches!(event, Event::Message(new) if new.from.name.is_none()));
        Ok(Heard {
            events,
            pull,
            ..Heard::default()
        })
    }

    fn new_reference(&self) -> String {
        format!("fd-{}", ulid::Ulid::new()).to_lowercase()
    }
}
