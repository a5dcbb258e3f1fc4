//! The engine: every task that pulls, subscribes, sends and schedules. One process holds it; others attach to the
//! same mirror and are woken by its changes.

use crate::model::{AccountId, Clock};
use crate::outbox::worker::{Fresh, OutboxTask, Trouble};
use crate::providers::Provider;
use crate::providers::transcription::TranscriptionSettings;
use crate::store::{AccountInfo, Change, Store, StoreError};
use crate::sync::account::AccountTask;
use crate::sync::supervisor::supervise;
use crate::sync::templates::TemplateTask;
use crate::sync::{EngineEvent, Nudge};
use futures::FutureExt;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// One configured account, ready to run.
#[derive(Clone)]
pub struct EngineAccount {
    /// Its name.
    pub id: AccountId,
    /// Its provider.
    pub provider: Arc<dyn Provider>,
    /// How often to pull where nothing is pushed.
    pub poll: Duration,
    /// What the mirror should know of it.
    pub info: AccountInfo,
    /// It has a feed to read; pages by command do not.
    pub reads: bool,
    /// The customer may see that somebody writes.
    pub typing: bool,
}

/// The ways to ask running accounts for a pull; empty while another process holds the engine.
#[derive(Clone, Default)]
pub struct Nudges(Arc<Mutex<BTreeMap<AccountId, Nudge>>>);

impl Nudges {
    /// Asks every account to pull soon.
    pub fn pull_all(&self) {
        for nudge in self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
        {
            nudge.pull();
        }
    }

    /// Asks one account to pull soon.
    pub fn pull(&self, account: &AccountId) {
        let nudges = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(nudge) = nudges.get(account) {
            nudge.pull();
        }
    }

    fn keep(&self, wanted: impl Fn(&AccountId) -> bool) {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.retain(|account, _| wanted(account));
    }

    fn insert(&self, account: AccountId, nudge: Nudge) {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.insert(account, nudge);
    }
}

/// Running tasks; dropped, they end. Nothing is lost by ending them at any point.
pub struct Engine {
    store: Store,
    clock: Arc<dyn Clock>,
    events: mpsc::Sender<EngineEvent>,
    trouble: mpsc::Sender<Trouble>,
    running: BTreeMap<AccountId, Running>,
    _housekeeping: Tasks,
    drafter: Option<Tasks>,
    hearing: Option<Tasks>,
    /// The ways to its accounts.
    pub nudges: Nudges,
}

/// Tasks that end when this is dropped.
struct Tasks(Vec<JoinHandle<()>>);

impl Drop for Tasks {
    fn drop(&mut self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

/// The tasks of one account, and the provider for which they run.
struct Running {
    provider: Arc<dyn Provider>,
    _tasks: Tasks,
}

impl Engine {
    /// Starts the housekeeping, and the tasks of all accounts, the drafter and the transcription.
    ///
    /// # Errors
    /// When the mirror cannot take the accounts.
    pub async fn start(
        store: &Store,
        accounts: &[EngineAccount],
        clock: &Arc<dyn Clock>,
        drafter: Option<crate::assist::worker::DrafterTask>,
        hearing: TranscriptionSettings,
        events: &mpsc::Sender<EngineEvent>,
        trouble: &mpsc::Sender<Trouble>,
    ) -> Result<Self, StoreError> {
        let mut engine = Self {
            store: store.clone(),
            clock: clock.clone(),
            events: events.clone(),
            trouble: trouble.clone(),
            running: BTreeMap::new(),
            _housekeeping: Tasks(vec![housekeeping(store.clone(), clock.clone())]),
            drafter: None,
            hearing: None,
            nudges: Nudges::default(),
        };
        engine.adjust(accounts, drafter, &hearing).await?;
        Ok(engine)
    }

    /// From now on runs these accounts: tasks of those that are gone or changed end, those of new ones begin, and all
    /// others go on as they are.
    ///
    /// # Errors
    /// When the mirror cannot take the accounts.
    pub async fn adjust(
        &mut self,
        accounts: &[EngineAccount],
        drafter: Option<crate::assist::worker::DrafterTask>,
        hearing: &TranscriptionSettings,
    ) -> Result<(), StoreError> {
        let same = |id: &AccountId, running: &Running| {
            let account = accounts.iter().find(|account| account.id == *id);
            account.is_some_and(|account| Arc::ptr_eq(&account.provider, &running.provider))
        };
        self.running.retain(|id, running| same(id, running));
        self.nudges.keep(|id| self.running.contains_key(id));
        for account in accounts {
            self.store
                .ensure_account(&account.id, account.info.clone())
                .await?;
        }
        let known = accounts.iter().map(|account| account.id.clone()).collect();
        self.store.keep_health(known).await?;
        self.store.renew_promises().await?;
        for account in accounts {
            if self.running.contains_key(&account.id) {
                continue;
            }
            let mut tasks = Vec::new();
            let nudge = account.reads.then(|| {
                start_reading(account, &self.store, &self.clock, &self.events, &mut tasks)
            });
            if let Some(nudge) = &nudge {
                self.nudges.insert(account.id.clone(), nudge.clone());
            }
            let trouble = &self.trouble;
            start_sending(
                account,
                nudge,
                &self.store,
                &self.clock,
                trouble,
                &mut tasks,
            );
            if !account.provider.template_channels().is_empty() {
                start_templates(account, &self.store, &self.clock, &mut tasks);
            }
            if account.provider.listens() {
                let (mirror, own) = (self.store.clone(), account.clone());
                tasks.push(tokio::spawn(async move {
                    let own = std::iter::once((own.id, own.provider)).collect();
                    crate::listen::catch_up(&mirror, own).await;
                }));
            }
            let running = Running {
                provider: account.provider.clone(),
                _tasks: Tasks(tasks),
            };
            self.running.insert(account.id.clone(), running);
        }
        self.drafter = drafter.map(|drafter| {
            Tasks(vec![supervise("drafter".to_owned(), move || {
                drafter.clone().run()
            })])
        });
        let transcriber = super::accounts::transcriber(&self.store, &self.clock, hearing, accounts);
        self.hearing = transcriber.map(|transcriber| {
            Tasks(vec![supervise("transcription".to_owned(), move || {
                transcriber.clone().run()
            })])
        });
        Ok(())
    }
}

fn start_reading(
    account: &EngineAccount,
    store: &Store,
    clock: &Arc<dyn Clock>,
    events: &mpsc::Sender<EngineEvent>,
    tasks: &mut Vec<JoinHandle<()>>,
) -> Nudge {
    let (nudge, receiver) = Nudge::new();
    // A task that is started again takes over the same end of the channel.
    let receiver = Arc::new(tokio::sync::Mutex::new(receiver));
    let (account, store, clock, events) = (
        account.clone(),
        store.clone(),
        clock.clone(),
        events.clone(),
    );
    tasks.push(supervise(format!("account {}", account.id), move || {
        let task = AccountTask {
            account: account.id.clone(),
            provider: account.provider.clone(),
            store: store.clone(),
            clock: clock.clone(),
            poll: account.poll,
            events: events.clone(),
        };
        let receiver = receiver.clone();
        async move { task.run(&mut *receiver.lock().await).await }
    }));
    nudge
}

fn start_sending(
    account: &EngineAccount,
    nudge: Option<Nudge>,
    store: &Store,
    clock: &Arc<dyn Clock>,
    trouble: &mpsc::Sender<Trouble>,
    tasks: &mut Vec<JoinHandle<()>>,
) {
    let (account, store, clock, trouble) = (
        account.clone(),
        store.clone(),
        clock.clone(),
        trouble.clone(),
    );
    let fresh = nudge.map(|nudge| -> Fresh {
        Arc::new(move || {
            let nudge = nudge.clone();
            async move { nudge.pull_and_wait().await }.boxed()
        })
    });
    tasks.push(supervise(format!("outbox {}", account.id), move || {
        OutboxTask {
            account: account.id.clone(),
            provider: account.provider.clone(),
            store: store.clone(),
            clock: clock.clone(),
            fresh: fresh.clone(),
            trouble: trouble.clone(),
        }
        .run()
    }));
}

fn start_templates(
    account: &EngineAccount,
    store: &Store,
    clock: &Arc<dyn Clock>,
    tasks: &mut Vec<JoinHandle<()>>,
) {
    let (account, store, clock) = (account.clone(), store.clone(), clock.clone());
    tasks.push(supervise(format!("templates {}", account.id), move || {
        TemplateTask {
            account: account.id.clone(),
            provider: account.provider.clone(),
            store: store.clone(),
            clock: clock.clone(),
        }
        .run()
    }));
}

/// Resolves when something may be due at another time. What accounts tell of themselves after each poll is not it.
async fn may_bring_times(changes: &mut broadcast::Receiver<Change>) {
    loop {
        match changes.recv().await {
            Ok(change) if !(change.lists || change.outbox || change.foreign) => {}
            Err(RecvError::Closed) => std::future::pending().await,
            Ok(_) | Err(RecvError::Lagged(_)) => return,
        }
    }
}

/// Wakes what is snoozed, ends what has expired, when its time comes and not before.
fn housekeeping(store: Store, clock: Arc<dyn Clock>) -> JoinHandle<()> {
    supervise("housekeeping".to_owned(), move || {
        let (store, clock) = (store.clone(), clock.clone());
        async move {
            let mut changes = store.changes();
            loop {
                let next = match store.due_housekeeping(clock.now()).await {
                    Ok(next) => next,
                    Err(error) => {
                        tracing::error!(%error, "housekeeping stopped");
                        Some(clock.now() + 60_000)
                    }
                };
                let timer = async {
                    match next {
                        Some(next) => {
                            let wait = u64::try_from(next.since(clock.now())).unwrap_or(0).max(200);
                            tokio::time::sleep(Duration::from_millis(wait)).await;
                        }
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    () = timer => {}
                    // New snoozes and proposals bring new times; a burst of changes is looked at once.
                    () = may_bring_times(&mut changes) => {
                        tokio::time::sleep(Duration::from_millis(200)).await;
                        changes = changes.resubscribe();
                    }
                }
            }
        }
    })
}
