//! A mirror, a Twilio and a server that hears.

use crate::support::fakes::speech::{Says, Speech, TOKEN};
use crate::support::fakes::twilio::Twilio;
use crate::support::wait::PATIENCE;
use frontdesk::model::message::Attachment;
use frontdesk::model::{AccountId, Answer, Clock, Query, SystemClock, Transcript};
use frontdesk::providers::Provider;
use frontdesk::providers::transcription::TranscriptionSettings;
use frontdesk::providers::twilio::TwilioProvider;
use frontdesk::runtime::accounts;
use frontdesk::store::{Options, Store};
use frontdesk::sync::transcribe::TranscribeTask;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub const CUSTOMER: &str = "+12125550199";

pub struct World {
    pub store: Store,
    pub speech: Speech,
    twilio: Twilio,
    provider: Arc<dyn Provider>,
    settings: TranscriptionSettings,
    account: AccountId,
    _dir: tempfile::TempDir,
}

impl World {
    /// `more` is laid over the settings of the transcription.
    pub async fn new(more: &str) -> Self {
        let (speech, twilio) = (Speech::start(), Twilio::start());
        let dir = tempfile::tempdir().unwrap();
        let token = dir.path().join("token");
        std::fs::write(&token, TOKEN).unwrap();
        std::fs::set_permissions(&token, std::os::unix::fs::PermissionsExt::from_mode(0o600))
            .unwrap();
        let mut table: toml::Table = speech.settings("[\"sms\"]").parse().unwrap();
        table.extend(more.parse::<toml::Table>().unwrap());
        table["token"] = format!("file = {:?}", token.to_string_lossy())
            .parse::<toml::Table>()
            .unwrap()
            .into();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = Store::open(Options {
            dir: dir.path().join("mirror"),
            clock: clock.clone(),
            read_only: false,
        })
        .unwrap();
        let settings = toml::from_str(&twilio.settings("")).unwrap();
        let provider: Arc<dyn Provider> = Arc::new(TwilioProvider::new(settings, clock));
        let account = AccountId::new("sms");
        let info = accounts::info(provider.as_ref(), 0, None);
        store.ensure_account(&account, info).await.unwrap();
        Self {
            store,
            speech,
            twilio,
            provider,
            settings: table.try_into().unwrap(),
            account,
            _dir: dir,
        }
    }

    /// A customer sends a file.
    pub fn voice_note(&self, mime: &str, bytes: &[u8]) {
        let number = self.twilio.customer_writes(CUSTOMER, "");
        self.twilio.file(&number, mime, bytes);
    }

    pub fn says(&self, says: Says) {
        self.speech.next(says);
    }

    /// Reads the account's feed.
    pub async fn read(&self) {
        loop {
            let cursor = self.store.cursor(&self.account).await.unwrap();
            let batch = self.provider.pull(cursor).await.unwrap();
            let more = batch.more;
            self.store.ingest(&self.account, batch).await.unwrap();
            if !more {
                return;
            }
        }
    }

    pub fn task(&self) -> tokio::task::JoinHandle<()> {
        let providers = [(self.account.clone(), self.provider.clone())];
        let task = TranscribeTask {
            store: self.store.clone(),
            clock: Arc::new(SystemClock),
            settings: Arc::new(self.settings.clone()),
            providers: Arc::new(providers.into()),
        };
        tokio::spawn(task.run())
    }

    pub async fn files(&self) -> Vec<Attachment> {
        let mut files = Vec::new();
        for (_, message) in self.store.export(None, 1_000).await.unwrap() {
            files.extend(message.attachments);
        }
        files
    }

    pub async fn file(&self) -> Attachment {
        self.files().await.pop().unwrap()
    }

    async fn wait(&self, what: &str, fits: impl Fn(&Transcript) -> bool) -> Attachment {
        let begun = Instant::now();
        loop {
            let file = self.file().await;
            if file.transcript.as_ref().is_some_and(&fits) {
                return file;
            }
            assert!(
                begun.elapsed() < PATIENCE * 2,
                "{what}: {:?}",
                file.transcript
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Heard or given up.
    pub async fn settled(&self) -> Attachment {
        self.wait("settled", |one| !matches!(one, Transcript::Waiting { .. }))
            .await
    }

    pub async fn until_done(&self) -> Attachment {
        self.wait("heard", |one| matches!(one, Transcript::Done { .. }))
            .await
    }

    /// It says why it is not heard yet.
    pub async fn told(&self) -> Attachment {
        self.wait(
            "told",
            |one| matches!(one, Transcript::Waiting { says } if !says.is_empty()),
        )
        .await
    }

    pub async fn all_settled(&self, count: usize) -> Vec<Attachment> {
        let begun = Instant::now();
        loop {
            let files = self.files().await;
            let done = files.iter().filter(|file| {
                matches!(
                    file.transcript,
                    Some(Transcript::Done { .. } | Transcript::Failed { .. })
                )
            });
            if done.count() == count {
                return files;
            }
            assert!(begun.elapsed() < PATIENCE * 3, "all are settled");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The line that a search shows.
    pub async fn found(&self, text: &str) -> Option<String> {
        let query = Query::Search {
            text: text.to_owned(),
            me: "nina".to_owned(),
            typing: false,
            before: None,
            limit: 10,
        };
        match self.store.answer(query).await.unwrap() {
            Answer::Search { hits, .. } => hits.into_iter().next().map(|hit| hit.snippet),
            other => panic!("{other:?}"),
        }
    }

    /// The line of the conversation in a list.
    pub async fn snippet(&self) -> String {
        let found = self.store.export(None, 10).await.unwrap();
        found[0].0.snippet.clone()
    }

    /// Files that the journal says were given away.
    pub async fn journalled(&self) -> usize {
        let found = self.store.export(None, 10).await.unwrap();
        let query = Query::Conversation {
            id: found[0].0.id,
            me: "nina".to_owned(),
        };
        let Answer::Conversation(detail) = self.store.answer(query).await.unwrap() else {
            panic!("no conversation");
        };
        let verbs = detail.actions.iter();
        verbs.filter(|entry| entry.verb == "transcribe").count()
    }
}
