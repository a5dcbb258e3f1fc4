//! The trait that every channel's code implements, and what it may answer.
//!
//! A provider is pure at its edges: `pull` returns facts and the engine stores them. It never sees the store, the
//! screen or another provider. The trait is object-safe (boxed futures rather than `impl Future`): one engine holds
//! accounts of different providers in one collection.

mod colleague;
pub mod email;
mod file_sink;
pub mod guide;
pub mod http;
pub mod lenient;
pub mod meta;
pub mod page_command;
pub mod ringcentral;
pub mod settings;
mod spent;
pub mod telegram;
mod tell;
pub mod transcription;
pub mod trust;
pub mod twilio;
pub mod webhook;

pub use crate::model::event::{RemoteChange, TypingAt};
use crate::model::files::FileRules;
pub use crate::model::guide::Check;
use crate::model::{
    Batch, Channel, CreatedTemplate, Cursor, NewTemplate, Outgoing, Party, Receipt, RemoteId,
    Template, Timestamp, event::Flags,
};
use crate::secrets::SecretError;
pub use colleague::Colleague;
pub use file_sink::{AtMost, FileSink};
use futures::future::BoxFuture;
use futures::stream::BoxStream;
pub use spent::Spent;
use std::time::Duration;
pub use tell::{Checks, Tell};
pub use webhook::{Checked, Heard, RawRequest, WebhookError};

/// The result of talking to a provider.
pub type Result<T> = std::result::Result<T, ProviderError>;

/// What went wrong. The outbox, the health pane and the retry policy decide from the variant,
/// never from the words.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ProviderError {
    /// The login was refused or has expired; a person must act.
    #[error("login refused: {0}")]
    Auth(String),
    /// The login's secret is in the vault, and the vault is locked: a person must open it.
    #[error("{0}")]
    Locked(String),
    /// Too fast; the account pauses.
    #[error("the provider asks to slow down")]
    RateLimited {
        /// For how long; clamped by the caller.
        retry_after: Option<Duration>,
    },
    /// Surely did not happen; may work later (connection refused, name not found, 4xx of mail, 503 before any byte
    /// was taken).
    #[error("not reachable now: {0}")]
    Transient(String),
    /// A send whose outcome is not known: the connection was lost after bytes were written, or the answer made no sense.
    #[error("outcome not known: {0}")]
    Ambiguous(String),
    /// The provider refused it.
    #[error("refused: {reason}")]
    Rejected {
        /// Its words, raw.
        reason: String,
        /// Trying again cannot help.
        permanent: bool,
    },
    /// This provider cannot do that.
    #[error("{0} is not possible here")]
    Unsupported(&'static str),
    /// Our own or the provider's defect: an answer outside the protocol.
    #[error("protocol error: {0}")]
    Bug(String),
}

impl From<SecretError> for ProviderError {
    fn from(error: SecretError) -> Self {
        let words = error.to_string();
        if error.is_locked() {
            Self::Locked(words)
        } else if error.is_passing() {
            Self::Transient(words)
        } else {
            Self::Auth(words)
        }
    }
}

/// What an account can do. The screen decides by this, never by which provider it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// Channels it carries.
    pub channels: Vec<Channel>,
    /// Longest text in characters, where there is a limit.
    pub text_limit: Option<usize>,
    /// Texts have a subject.
    pub subject: bool,
    /// Cc and Bcc exist.
    pub copies: bool,
    /// The customer sees formatting made from Markdown.
    pub rich_text: bool,
    /// Largest message with attachments in bytes; 0 for no attachments.
    pub attachment_limit: u64,
    /// Free replies are only taken for so long after the customer wrote.
    pub reply_window: Option<Duration>,
    /// States beyond `sent` that the provider can ever report.
    pub delivered: bool,
    /// Read receipts.
    pub read: bool,
    /// Blind retry with the same reference is safe for so long.
    pub idempotent_for: Option<Duration>,
    /// [`Provider::reconcile`] can find what was sent.
    pub look_up: bool,
    /// [`Provider::subscribe`] gives a stream.
    pub push: bool,
    /// How long a send is held for undo unless configured otherwise.
    pub hold: Duration,
}

/// What a look-up after an unknown outcome found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reconciled {
    /// It was sent.
    Found(Receipt),
    /// It surely was not.
    Absent,
    /// A list that covers all the time since it was queued has nothing that could be it. What was taken is in that list
    /// after `settles` at the latest: what is still not there then was not sent.
    Unlisted {
        /// So long after the call.
        settles: Duration,
    },
    /// Cannot tell.
    CannotTell,
}

/// One sender identity of an account and when it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// Who.
    pub from: Party,
    /// Recipients for whom it is used: `@domain` or whole addresses; empty for everybody.
    pub recipients: Vec<String>,
    /// The rule in words, shown before sending.
    pub because: String,
}

/// All that exists in one feed, for `frontdesk verify`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    /// The feed ([`RemoteId::scope`]).
    pub scope: String,
    /// Keys of everything in it ([`RemoteId::key`]).
    pub keys: Vec<String>,
}

/// What a test of the login found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Health {
    /// Each thing tried: name, worked, words.
    pub checks: Vec<Check>,
}

impl Health {
    /// Everything worked.
    pub fn ok(&self) -> bool {
        self.checks.iter().all(|check| check.ok)
    }
}

/// Flags and place of one message, for callers that only look at flags.
pub type Flagged = (RemoteId, Flags);

/// One account at one provider.
pub trait Provider: Send + Sync {
    /// The provider's name, as in the configuration.
    fn name(&self) -> &'static str;

    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// What it can do on one of its channels, where channels of one login differ (SMS and WhatsApp by one vendor).
    fn capabilities_on(&self, _channel: Channel) -> Capabilities {
        self.capabilities()
    }

    /// What files may go along with a text in one message of a channel.
    fn file_rules(&self, _channel: Channel) -> FileRules {
        FileRules::default()
    }

    /// Reads on from `since`, newest first on the first read. The engine stores the batch's events, cursor and
    /// coverage in one transaction, then pulls again at once while `more` is set.
    fn pull(&self, since: Option<Cursor>) -> BoxFuture<'_, Result<Batch>>;

    /// A pull from a cursor tells the provider nothing, so the next piece may be read while the last one is stored.
    /// False where reading on from a cursor makes the vendor forget what came before it.
    fn reads_ahead(&self) -> bool {
        false
    }

    /// Waits for news: each item is a batch that is applied like a pulled one, or an empty batch meaning "pull now".
    /// `None` where there is nothing to wait on; the engine then polls.
    fn subscribe(&self, since: Option<Cursor>) -> Option<BoxStream<'_, Result<Batch>>>;

    /// Sends once. An error other than [`ProviderError::Ambiguous`] guarantees that nothing left.
    fn send<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Receipt>>;

    /// After an unknown outcome: was it sent?
    fn reconcile<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Reconciled>>;

    /// Gives the bytes of an attachment that was listed without them as they come; `key` is
    /// [`crate::model::NewAttachment::fetch`]. No more than a piece is ever held.
    ///
    /// # Errors
    /// [`ProviderError::Rejected`] when it is no longer kept there or is larger than may be fetched. What was given
    /// before an error is not the file.
    fn fetch_into<'a>(
        &'a self,
        _key: &'a str,
        _into: &'a mut dyn FileSink,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Err(ProviderError::Unsupported("fetching an attachment later")) })
    }

    /// The same for a small file, whole.
    fn fetch<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Vec<u8>>> {
        Box::pin(async move {
            let mut bytes = Vec::new();
            self.fetch_into(key, &mut bytes).await?;
            Ok(bytes)
        })
    }

    /// People at our own side whom the vendor's telephone system knows, for the roster; all pages.
    fn people(&self) -> BoxFuture<'_, Result<Vec<Colleague>>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// A voice message's own transcript may still come so long after it; until then no other is made.
    fn transcribes_within(&self) -> Duration {
        Duration::ZERO
    }

    /// Tells the provider of an agent's change (read, answered, starred).
    fn push<'a>(&'a self, change: &'a RemoteChange) -> BoxFuture<'a, Result<()>>;

    /// Everything that is there now and wanted, by feed: what `verify` compares the mirror with. What lies before a
    /// configured limit of the history is left out, so that it does not count as missing.
    fn inventory(&self) -> BoxFuture<'_, Result<Vec<Inventory>>>;

    /// Reads older items down to `until`; like `pull`, repeated while `more` is set.
    fn backfill(&self, until: Timestamp, since: Option<Cursor>) -> BoxFuture<'_, Result<Batch>>;

    /// Logs in and looks around without changing anything: `frontdesk account test`.
    fn probe(&self) -> BoxFuture<'_, Result<Health>>;

    /// The same, with each thing tried told as it comes.
    fn probe_telling(&self, tell: Tell) -> BoxFuture<'_, Result<Health>> {
        Box::pin(async move {
            let health = self.probe().await?;
            for check in &health.checks {
                tell.say(check);
            }
            Ok(health)
        })
    }

    /// The same for an account that is not saved yet: what saving it will do ([`Provider::registers`]) is not missing.
    fn probe_new(&self, tell: Tell) -> BoxFuture<'_, Result<Health>> {
        self.probe_telling(tell)
    }

    /// How much is used of what the provider allows, one for each group of calls that it counts; asks nobody. Empty
    /// where nothing is known.
    fn spent(&self) -> Vec<Spent> {
        Vec::new()
    }

    /// The addresses that are ours here: never contacts, never recipients of a reply-all.
    fn own_addresses(&self) -> Vec<Party>;

    /// The sender identity that would be used for these recipients, and why, to be shown before sending.
    fn sender_for(&self, recipients: &[Party]) -> Option<(Party, String)>;

    /// Every sender identity in the order of their rules; the first whose rule fits is used.
    fn senders(&self) -> Vec<Sender> {
        let used = self.sender_for(&[]);
        used.into_iter()
            .map(|(from, because)| Sender {
                from,
                recipients: Vec::new(),
                because,
            })
            .collect()
    }

    /// Appended to new texts; empty for none.
    fn signature(&self) -> String {
        String::new()
    }

    /// After so long within the reply window a reply goes under the vendor's tag for what people write by hand; none
    /// where there is no such tag, or it may not be used.
    fn tagged_after(&self) -> Option<Duration> {
        None
    }

    /// Shows the customer that somebody writes. Best effort: nobody waits for it, and what fails is not told.
    fn typing<'a>(&'a self, _at: &'a TypingAt) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    /// Channels of this account on which texts that the vendor approved beforehand can be sent.
    fn template_channels(&self) -> Vec<Channel> {
        Vec::new()
    }

    /// Texts that the vendor approved beforehand, for channels where free text is not always taken; all pages.
    fn templates(&self) -> BoxFuture<'_, Result<Vec<Template>>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Proposes a text to the vendor, who decides whether it may be used.
    ///
    /// # Errors
    /// [`ProviderError::Rejected`] with the vendor's reason, [`ProviderError::Unsupported`] where that is not done here.
    fn create_template<'a>(
        &'a self,
        _new: &'a NewTemplate,
    ) -> BoxFuture<'a, Result<CreatedTemplate>> {
        Box::pin(async {
            Err(ProviderError::Unsupported(
                "creating a template; do it on the vendor's pages: that",
            ))
        })
    }

    /// Whether [`Provider::webhook`] can check who sent an event: without a secret there is no route for the account.
    fn listens(&self) -> bool {
        false
    }

    /// The account is posted to, and [`Provider::register`] tells its vendor where: done when it is set up.
    fn registers(&self) -> bool {
        false
    }

    /// Tells the vendor to post to this address, or with none to post nowhere; only ever because a person asked for it.
    /// What is so from now on, in words.
    ///
    /// # Errors
    /// [`ProviderError::Unsupported`] where that is done on the vendor's pages.
    fn register<'a>(&'a self, _url: Option<&'a str>) -> BoxFuture<'a, Result<String>> {
        Box::pin(async {
            Err(ProviderError::Unsupported(
                "telling the vendor an address; do it on its pages (`frontdesk account add` says where): that",
            ))
        })
    }

    /// Gets the secrets that [`Provider::webhook`] checks with; called once before the first request.
    fn unlock_webhook(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    /// Checks a request of the vendor over its raw bytes, then reads it. Pure: it neither waits nor keeps anything.
    fn webhook(&self, _request: &RawRequest<'_>) -> std::result::Result<Heard, WebhookError> {
        Err(WebhookError::Unsupported)
    }

    /// As [`Provider::webhook`], but reads only where the answer needs it: a burst is answered as fast as it can be
    /// checked and put on disk, and [`Provider::reread`] does the rest.
    fn check(&self, request: &RawRequest<'_>) -> std::result::Result<Checked, WebhookError> {
        self.webhook(request).map(Checked::Read)
    }

    /// Reads a request again that [`Provider::webhook`] took, from its method, query, body and Content-Type: the same
    /// facts, without asking who sent it.
    fn reread(&self, _request: &RawRequest<'_>) -> std::result::Result<Heard, WebhookError> {
        Err(WebhookError::Unsupported)
    }

    /// A new reference for something that will be sent by this account: for mail a Message-ID without brackets.
    fn new_reference(&self) -> String;
}
