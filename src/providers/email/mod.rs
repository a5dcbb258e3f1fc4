//! E-mail: IMAP for reading, SMTP for sending.
//!
//! ```text
//! settings  what the configuration says          imap/   the protocol that reads
//! account   a connection that is logged in       smtp/   the protocol that sends
//! sync/     which messages, flags, deletions     map     a message's bytes -> facts (pure)
//! watch     waiting for news                     compose what will leave -> bytes (pure)
//! send      SMTP, then the copy in Sent          route   which server, as whom, why (pure)
//! ```

pub mod account;
mod auth_results;
mod bounce;
pub mod compose;
mod dates;
pub mod guide;
mod ids;
pub mod imap;
mod kind;
pub mod map;
mod probe;
pub mod route;
mod sasl;
mod send;
pub mod servers;
pub mod settings;
pub mod smtp;
mod sync;
mod tls;
mod watch;
mod wire;
mod words;

use super::{
    Capabilities, FileSink, Health, Inventory, Provider, ProviderError, Reconciled, RemoteChange,
    Result, Sender, Tell,
};
use crate::model::outgoing::hex;
use crate::model::{Batch, Channel, Clock, Cursor, Outgoing, Party, Receipt, RemoteId, Timestamp};
use account::Account;
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use settings::EmailSettings;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use sync::{Context, Reader};
use tokio::sync::Mutex;

/// An idle connection older than this is asked whether it still stands before it is used.
const FRESH: Duration = Duration::from_secs(15);

/// One mail account.
pub struct EmailProvider {
    account: Account,
    started: Timestamp,
    reading: Mutex<Option<Kept>>,
    writing: Mutex<Option<Kept>>,
    /// When a message's last attempt of this process ended, by reference.
    attempts: std::sync::Mutex<HashMap<String, Timestamp>>,
}

/// A connection kept for the next time.
struct Kept {
    reader: Reader,
    used: Instant,
}

impl EmailProvider {
    /// The provider of an account. Nothing is connected before the first call.
    pub fn new(settings: EmailSettings, clock: Arc<dyn Clock>) -> Self {
        Self {
            started: clock.now(),
            account: Account::new(settings, clock),
            reading: Mutex::new(None),
            writing: Mutex::new(None),
            attempts: std::sync::Mutex::default(),
        }
    }

    fn note_attempt(&self, reference: &str, open: bool) {
        let mut attempts = self
            .attempts
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if open {
            attempts.insert(reference.to_owned(), self.account.clock.now());
        } else {
            attempts.remove(reference);
        }
    }

    async fn send_once(&self, out: &Outgoing) -> Result<Receipt> {
        self.note_attempt(&out.reference, true);
        let result = self.account.send(out).await;
        let open = matches!(result, Err(ProviderError::Ambiguous(_)));
        self.note_attempt(&out.reference, open);
        result
    }

    /// The latest moment at which an attempt can have been under way: as noted, or, for one of an earlier process,
    /// before this one started.
    fn attempted(&self, reference: &str) -> Timestamp {
        let attempts = self
            .attempts
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        attempts.get(reference).copied().unwrap_or(self.started)
    }

    /// A connection that stands. It is taken out of its place: whoever gives up in the middle loses it, and the next
    /// one makes a new one.
    async fn reader(&self, place: &mut Option<Kept>) -> Result<Reader> {
        if let Some(mut kept) = place.take()
            && !kept.reader.session.is_broken()
            && (kept.used.elapsed() < FRESH || kept.reader.session.run("NOOP").await.is_ok())
        {
            return Ok(kept.reader);
        }
        self.account.connect().await
    }

    fn keep(place: &mut Option<Kept>, reader: Reader) {
        if !reader.session.is_broken() {
            *place = Some(Kept {
                reader,
                used: Instant::now(),
            });
        }
    }

    fn context(&self, until: Option<Timestamp>) -> Context<'_> {
        Context {
            settings: &self.account.settings,
            ours: &self.account.ours,
            now: self.account.clock.now(),
            until,
        }
    }

    async fn read(&self, since: Option<Cursor>, until: Option<Timestamp>) -> Result<Batch> {
        let mut place = self.reading.lock().await;
        let mut reader = self.reader(&mut place).await?;
        let context = self.context(until);
        let batch = sync::pull(&mut reader, &context, since.as_ref()).await?;
        Self::keep(&mut place, reader);
        Ok(batch)
    }

    async fn change(&self, change: &RemoteChange) -> Result<()> {
        let RemoteChange::Flags {
            remote,
            seen,
            answered,
            flagged,
            junk,
        } = change;
        let mut place = self.writing.lock().await;
        let mut reader = self.reader(&mut place).await?;
        let set = [
            ("\\Seen", *seen),
            ("\\Answered", *answered),
            ("\\Flagged", *flagged),
        ];
        store_flags(&mut reader, remote, &set, *junk).await?;
        Self::keep(&mut place, reader);
        Ok(())
    }

    async fn part(&self, key: &str, into: &mut dyn FileSink) -> Result<()> {
        // A connection of its own: a large file must hold up neither reading nor what agents change.
        let mut reader = self.account.connect().await?;
        let came = sync::part::fetch(&mut reader, key, into).await;
        reader.session.logout().await;
        came
    }

    async fn all(&self) -> Result<Vec<Inventory>> {
        let mut reader = self.account.connect().await?;
        let mut out = Vec::new();
        for folder in reader.chosen(&self.account.settings) {
            let selected = reader.session.examine(&folder.wire, None).await?;
            let uids = sync::wanted(&mut reader, &self.context(None), &selected).await?;
            out.push(Inventory {
                keys: uids
                    .iter()
                    .map(|uid| format!("{}:{uid}", selected.uidvalidity))
                    .collect(),
                scope: folder.name,
            });
        }
        reader.session.logout().await;
        Ok(out)
    }
}

/// Sets and clears flags of one message. A message that is not there any more has no flags to set: that is no error.
async fn store_flags(
    reader: &mut Reader,
    remote: &RemoteId,
    set: &[(&str, Option<bool>)],
    junk: Option<bool>,
) -> Result<()> {
    let gone = || ProviderError::Rejected {
        reason: "the message is not at this place any more".to_owned(),
        permanent: true,
    };
    let (uidvalidity, uid) = sync::parse_key(&remote.key).ok_or_else(gone)?;
    let folder = reader
        .folders
        .iter()
        .find(|folder| folder.name == remote.scope)
        .cloned()
        .ok_or_else(gone)?;
    let selected = reader.session.select(&folder.wire).await?;
    if selected.uidvalidity != uidvalidity {
        return Err(gone());
    }
    let mut changes: Vec<(&str, bool)> = set
        .iter()
        .filter_map(|(flag, value)| value.map(|value| (*flag, value)))
        .collect();
    if let Some(junk) = junk
        && selected.own_keywords
    {
        changes.push(("$Junk", junk));
        changes.push(("$NotJunk", !junk));
    }
    for value in [true, false] {
        let flags: Vec<&str> = changes
            .iter()
            .filter(|(_, wanted)| *wanted == value)
            .map(|(flag, _)| *flag)
            .collect();
        if !flags.is_empty() {
            let sign = if value { '+' } else { '-' };
            let command = format!("UID STORE {uid} {sign}FLAGS.SILENT ({})", flags.join(" "));
            reader.session.run(&command).await?;
        }
    }
    Ok(())
}

impl Provider for EmailProvider {
    fn name(&self) -> &'static str {
        "email"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            channels: vec![Channel::Email],
            text_limit: None,
            subject: true,
            copies: true,
            rich_text: true,
            // The usual limit is 25 MB, and base64 makes four bytes of three.
            attachment_limit: 18 << 20,
            reply_window: None,
            delivered: false,
            read: false,
            idempotent_for: None,
            look_up: true,
            push: true,
            hold: Duration::from_secs(10),
        }
    }

    fn pull(&self, since: Option<Cursor>) -> BoxFuture<'_, Result<Batch>> {
        self.read(since, None).boxed()
    }

    fn reads_ahead(&self) -> bool {
        true
    }

    fn subscribe(&self, _since: Option<Cursor>) -> Option<BoxStream<'_, Result<Batch>>> {
        Some(watch::watch(&self.account))
    }

    fn send<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Receipt>> {
        self.send_once(out).boxed()
    }

    fn reconcile<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Reconciled>> {
        let attempted = self.attempted(&out.reference);
        self.account.reconcile(out, attempted).boxed()
    }

    fn fetch_into<'a>(
        &'a self,
        key: &'a str,
        into: &'a mut dyn FileSink,
    ) -> BoxFuture<'a, Result<()>> {
        self.part(key, into).boxed()
    }

    fn push<'a>(&'a self, change: &'a RemoteChange) -> BoxFuture<'a, Result<()>> {
        self.change(change).boxed()
    }

    fn inventory(&self) -> BoxFuture<'_, Result<Vec<Inventory>>> {
        self.all().boxed()
    }

    fn backfill(&self, until: Timestamp, since: Option<Cursor>) -> BoxFuture<'_, Result<Batch>> {
        self.read(since, Some(until)).boxed()
    }

    fn probe(&self) -> BoxFuture<'_, Result<Health>> {
        self.probe_telling(Tell::nobody())
    }

    fn probe_telling(&self, tell: Tell) -> BoxFuture<'_, Result<Health>> {
        async { Ok(probe::probe(&self.account, tell).await) }.boxed()
    }

    fn own_addresses(&self) -> Vec<Party> {
        self.account.ours.addresses.iter().map(Party::new).collect()
    }

    fn sender_for(&self, recipients: &[Party]) -> Option<(Party, String)> {
        route::route(&self.account.settings, recipients).map(|route| (route.sender, route.why))
    }

    fn senders(&self) -> Vec<Sender> {
        route::senders(&self.account.settings)
    }

    fn signature(&self) -> String {
        self.account.settings.signature.clone()
    }

    fn new_reference(&self) -> String {
        // Nobody can guess it, so a report or an answer that names it comes from somebody who got the message.
        let mut random = [0_u8; 20];
        let filled = rustls::crypto::ring::default_provider()
            .secure_random
            .fill(&mut random);
        let token = match filled {
            Ok(()) => hex(&random),
            Err(_) => format!("{}{}", ulid::Ulid::new(), ulid::Ulid::new()).to_lowercase(),
        };
        let domain = self
            .account
            .settings
            .address
            .rsplit_once('@')
            .map_or("localhost", |(_, domain)| domain);
        let id = format!("{}.{token}@{domain}", ulid::Ulid::new()).to_lowercase();
        crate::text::header::MsgId::new(&id)
            .map_or_else(|_| format!("{token}@localhost"), |id| id.to_string())
    }
}
