//! An account of which a test plays only what it is about; all else of it is silent.

use crate::model::{Batch, Channel, Cursor, Outgoing, Party, Receipt, Timestamp};
use crate::providers::{
    Capabilities, Colleague, Health, Heard, Inventory, Provider, ProviderError, RawRequest,
    Reconciled, RemoteChange, Result, WebhookError,
};
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use std::time::Duration;

/// What a test plays.
pub trait Plays: Send + Sync {
    /// The only channel of the account.
    fn channel(&self) -> Channel {
        Channel::Sms
    }

    /// See [`Provider::pull`].
    fn pull(&self, _since: Option<Cursor>) -> BoxFuture<'_, Result<Batch>> {
        Box::pin(async { Ok(Batch::default()) })
    }

    /// See [`Provider::reads_ahead`].
    fn reads_ahead(&self) -> bool {
        false
    }

    /// See [`Provider::people`].
    fn people(&self) -> BoxFuture<'_, Result<Vec<Colleague>>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// See [`Provider::unlock_webhook`].
    fn unlock_webhook(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    /// See [`Provider::webhook`].
    fn webhook(&self, _request: &RawRequest<'_>) -> std::result::Result<Heard, WebhookError> {
        Err(WebhookError::Unsupported)
    }

    /// See [`Provider::reread`].
    fn reread(&self, _request: &RawRequest<'_>) -> std::result::Result<Heard, WebhookError> {
        Err(WebhookError::Unsupported)
    }
}

/// The account that is played. It can be posted to, and sends nothing.
pub struct Played<P>(pub P);

impl<P: Plays> Provider for Played<P> {
    fn name(&self) -> &'static str {
        "played"
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            channels: vec![self.0.channel()],
            text_limit: None,
            subject: false,
            copies: false,
            rich_text: false,
            attachment_limit: 0,
            reply_window: None,
            delivered: false,
            read: false,
            idempotent_for: None,
            look_up: false,
            push: false,
            hold: Duration::ZERO,
        }
    }
    fn pull(&self, since: Option<Cursor>) -> BoxFuture<'_, Result<Batch>> {
        self.0.pull(since)
    }
    fn reads_ahead(&self) -> bool {
        self.0.reads_ahead()
    }
    fn subscribe(&self, _: Option<Cursor>) -> Option<BoxStream<'_, Result<Batch>>> {
        None
    }
    fn send<'a>(&'a self, _: &'a Outgoing) -> BoxFuture<'a, Result<Receipt>> {
        Box::pin(async { Err(ProviderError::Unsupported("sending")) })
    }
    fn reconcile<'a>(&'a self, _: &'a Outgoing) -> BoxFuture<'a, Result<Reconciled>> {
        Box::pin(async { Ok(Reconciled::CannotTell) })
    }
    fn people(&self) -> BoxFuture<'_, Result<Vec<Colleague>>> {
        self.0.people()
    }
    fn push<'a>(&'a self, _: &'a RemoteChange) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }
    fn inventory(&self) -> BoxFuture<'_, Result<Vec<Inventory>>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn backfill(&self, _: Timestamp, _: Option<Cursor>) -> BoxFuture<'_, Result<Batch>> {
        Box::pin(async { Ok(Batch::default()) })
    }
    fn probe(&self) -> BoxFuture<'_, Result<Health>> {
        Box::pin(async { Ok(Health { checks: Vec::new() }) })
    }
    fn own_addresses(&self) -> Vec<Party> {
        Vec::new()
    }
    fn sender_for(&self, _: &[Party]) -> Option<(Party, String)> {
        None
    }
    fn listens(&self) -> bool {
        true
    }
    fn unlock_webhook(&self) -> BoxFuture<'_, Result<()>> {
        self.0.unlock_webhook()
    }
    fn webhook(&self, request: &RawRequest<'_>) -> std::result::Result<Heard, WebhookError> {
        self.0.webhook(request)
    }
    fn reread(&self, request: &RawRequest<'_>) -> std::result::Result<Heard, WebhookError> {
        self.0.reread(request)
    }
    fn new_reference(&self) -> String {
        "x".to_owned()
    }
}
