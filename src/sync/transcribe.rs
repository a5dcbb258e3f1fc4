//! Has audio written down, one file at a time, away from everything else: no pull and no send waits for it.

use super::backoff::Backoff;
use super::fetch::{FetchError, fetch};
use crate::model::time::{DAY, SECOND};
use crate::model::{AccountId, AttachmentId, Clock};
use crate::providers::transcription::{Audio, Transcription, TranscriptionSettings};
use crate::providers::{Provider, ProviderError};
use crate::store::{AudioJob, AudioWanted, Store, StoreError};
use crate::text::magic;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

/// Tries of one file before it is given up.
const TRIES: u32 = 6;
/// A burst of changes is looked at once.
const SETTLE: Duration = Duration::from_millis(300);
/// The longest sleep: a clock that was set, or a machine that slept, is noticed.
const LOOK: Duration = Duration::from_mins(5);
/// The longest that a provider may take to give a file.
const FETCH: Duration = Duration::from_mins(3);
/// The wait after an error of the mirror.
const AFTER_ERROR: Duration = Duration::from_secs(30);

/// Has the audio of the allowed accounts written down.
#[derive(Clone)]
pub struct TranscribeTask {
    /// The mirror.
    pub store: Store,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// As configured.
    pub settings: Arc<TranscriptionSettings>,
    /// Who has the files.
    pub providers: Arc<BTreeMap<AccountId, Arc<dyn Provider>>>,
}

/// What came of a file.
enum Came {
    /// It is settled: heard, or given up.
    Settled,
    /// The server (or a provider) is not to be asked again before so long.
    Rest(Duration),
}

/// Why a file was not heard.
enum Failure {
    /// The server's doing.
    Server(ProviderError),
    /// The provider's doing, or the file's own.
    File(ProviderError),
    Mirror(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Mirror(error)
    }
}

impl TranscribeTask {
    /// Runs until the engine ends.
    pub async fn run(self) {
        let server = match Transcription::new(&self.settings) {
            Ok(Some(server)) => server,
            Ok(None) => return,
            Err(error) => {
                tracing::error!(%error, "no transcription");
                return;
            }
        };
        let mut changes = self.store.changes();
        let mut after = AttachmentId(0);
        let mut backoff = Backoff::default();
        loop {
            let wait = match self.pass(&server, &mut after, &mut backoff).await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::warn!(%error, "the transcription rests");
                    AFTER_ERROR
                }
            };
            // While the server rests, news do not hurry it: what is new will be found.
            if backoff.failures() > 0 {
                tokio::time::sleep(wait.min(LOOK)).await;
                continue;
            }
            match tokio::time::timeout(wait.min(LOOK), changes.recv()).await {
                Ok(Err(RecvError::Closed)) => return,
                Ok(_) => {
                    tokio::time::sleep(SETTLE).await;
                    changes = changes.resubscribe();
                }
                Err(_) => {}
            }
        }
    }

    /// Has everything written down whose time has come; gives how long there is nothing to do.
    async fn pass(
        &self,
        server: &Transcription,
        after: &mut AttachmentId,
        backoff: &mut Backoff,
    ) -> Result<Duration, StoreError> {
        loop {
            let now = self.clock.now();
            let (mut jobs, next) = self.store.audio_due(now).await?;
            let wanted = AudioWanted {
                accounts: self.settings.allowed(),
                since: now - i64::from(self.settings.history_days) * DAY,
                after: *after,
            };
            let (fresh, upto) = self.store.audio_unheard(wanted).await?;
            jobs.extend(fresh);
            if jobs.is_empty() {
                *after = upto;
                let wait = next.map_or(LOOK, |next| {
                    Duration::from_millis(
                        next.since(now).clamp(0, i64::from(u32::MAX)).unsigned_abs(),
                    )
                });
                return Ok(wait.max(Duration::from_millis(100)));
            }
            for job in jobs {
                if let Came::Rest(wait) = self.one(server, &job, backoff).await? {
                    return Ok(wait);
                }
            }
            // Every file of the list has its word by now.
            *after = upto;
        }
    }

    async fn one(
        &self,
        server: &Transcription,
        job: &AudioJob,
        backoff: &mut Backoff,
    ) -> Result<Came, StoreError> {
        let now = self.clock.now();
        if let Some(words) = self.settings.refuses(&job.account) {
            self.store
                .unheard_audio(job.attachment, &words, None)
                .await?;
            return Ok(Came::Settled);
        }
        let own = self
            .providers
            .get(&job.account)
            .map(|one| one.transcribes_within());
        let own = own.unwrap_or_default();
        let until = job.at + i64::try_from(own.as_millis()).unwrap_or(0);
        if until > now {
            self.store.hear_later(job.attachment, until).await?;
            return Ok(Came::Settled);
        }
        let error = match self.hear(server, job).await {
            Ok(text) => {
                backoff.reset();
                let name = server.server();
                self.store.heard_audio(job.attachment, &text, &name).await?;
                return Ok(Came::Settled);
            }
            Err(Failure::Mirror(error)) => return Err(error),
            Err(Failure::Server(error)) => (error, true),
            Err(Failure::File(error)) => (error, false),
        };
        self.failed(job, error, backoff).await
    }

    async fn failed(
        &self,
        job: &AudioJob,
        (error, servers): (ProviderError, bool),
        backoff: &mut Backoff,
    ) -> Result<Came, StoreError> {
        let words = words(&error, servers);
        tracing::warn!(attachment = job.attachment.0, account = %job.account, says = words, "not transcribed");
        let may = match error {
            // Nobody is there, or they want a pause or another token: that says nothing of this file.
            ProviderError::RateLimited { .. }
            | ProviderError::Transient(_)
            | ProviderError::Auth(_)
            | ProviderError::Locked(_) => true,
            // This file may be what they stumble over.
            ProviderError::Ambiguous(_) => job.tries + 1 < TRIES,
            ProviderError::Rejected { permanent, .. } => !permanent && job.tries + 1 < TRIES,
            ProviderError::Unsupported(_) | ProviderError::Bug(_) => false,
        };
        if !may {
            backoff.reset();
            self.store
                .unheard_audio(job.attachment, &words, None)
                .await?;
            return Ok(Came::Settled);
        }
        // What goes wrong at this file's provider holds up this file alone.
        let mut own = Backoff::after(job.tries);
        let wait = if servers { backoff } else { &mut own }.next(&error, fastrand::f64());
        let again = self.clock.now() + i64::try_from(wait.as_millis()).unwrap_or(SECOND);
        self.store
            .unheard_audio(job.attachment, &words, Some(again))
            .await?;
        Ok(if servers {
            Came::Rest(wait)
        } else {
            Came::Settled
        })
    }

    async fn hear(&self, server: &Transcription, job: &AudioJob) -> Result<String, Failure> {
        let limit = self.settings.limit();
        let too_large = |size: u64| {
            let says = format!(
                "the file has {}; [transcription] sends at most {}",
                crate::text::human::size(size),
                crate::text::human::size(limit)
            );
            Failure::File(ProviderError::Rejected {
                reason: says,
                permanent: true,
            })
        };
        if job.size > limit {
            return Err(too_large(job.size));
        }
        let bytes = self.bytes(job, limit).await?;
        let size = bytes.len() as u64;
        if size > limit {
            return Err(too_large(size));
        }
        let is = magic::found(&bytes).and_then(|found| magic::unlike(&job.name, &job.mime, found));
        if let Some(is) = is {
            return Err(Failure::File(ProviderError::Rejected {
                reason: format!("the file claims {}, is {is}", job.mime),
                permanent: true,
            }));
        }
        let audio = Audio {
            name: job.name.clone(),
            mime: job.mime.clone(),
            bytes,
        };
        server
            .hear(&job.account, audio, self.clock.now())
            .await
            .map_err(Failure::Server)
    }

    /// The file, from the mirror; fetched from its provider and kept before, where it is not there. At most a byte more
    /// than `limit` is read.
    async fn bytes(&self, job: &AudioJob, limit: u64) -> Result<Vec<u8>, Failure> {
        let path = match &job.path {
            Some(path) => path.clone(),
            None => self.fetched(job).await?,
        };
        let read = tokio::task::spawn_blocking(move || {
            let mut bytes = Vec::new();
            std::fs::File::open(path)?
                .take(limit + 1)
                .read_to_end(&mut bytes)?;
            std::io::Result::Ok(bytes)
        });
        let read = read.await.map_err(std::io::Error::other);
        read.and_then(|read| read)
            .map_err(|error| rejected(format!("the mirror's copy cannot be read: {error}")))
    }

    async fn fetched(&self, job: &AudioJob) -> Result<PathBuf, Failure> {
        let provider = self.providers.get(&job.account);
        let (Some(provider), Some(key)) = (provider, &job.fetch) else {
            return Err(rejected(
                "only its provider has the file, and the account is not in use".to_owned(),
            ));
        };
        let came = tokio::time::timeout(
            FETCH,
            fetch(&self.store, provider.as_ref(), job.attachment, key),
        );
        match came.await {
            Ok(Ok(())) => {}
            Ok(Err(FetchError::Provider(error))) => return Err(Failure::File(error)),
            Ok(Err(FetchError::Mirror(error))) => return Err(error.into()),
            Err(_) => {
                let late = ProviderError::Transient("no answer in time".to_owned());
                return Err(Failure::File(late));
            }
        }
        let kept = self.store.attachment(job.attachment).await?;
        kept.map(|(_, path)| path)
            .ok_or_else(|| rejected("its message was taken away meanwhile".to_owned()))
    }
}

fn rejected(reason: String) -> Failure {
    Failure::File(ProviderError::Rejected {
        reason,
        permanent: true,
    })
}

/// Why it was not transcribed, for people.
fn words(error: &ProviderError, servers: bool) -> String {
    match error {
        ProviderError::Rejected { reason, .. } => reason.clone(),
        ProviderError::Auth(why) if servers => {
            format!(
                "the transcription server refused the token: {why}; mend `token` in [transcription]"
            )
        }
        ProviderError::RateLimited { .. } if servers => {
            "the transcription server asks to slow down".to_owned()
        }
        ProviderError::Ambiguous(why) if servers => {
            format!("the transcription server failed: {why}")
        }
        _ if servers => format!("the transcription server: {error}"),
        _ => format!("the audio cannot be fetched: {error}"),
    }
}
