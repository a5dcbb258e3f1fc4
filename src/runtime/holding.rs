//! Who runs the engine: this process if no other does, and as soon as the other one dies.

use super::engine::{Engine, EngineAccount, Nudges};
use crate::assist::worker::DrafterTask;
use crate::model::{AccountId, Clock};
use crate::outbox::worker::Trouble;
use crate::providers::transcription::TranscriptionSettings;
use crate::store::Store;
use crate::sync::EngineEvent;
use crate::ui::EngineState;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// Everything the engine is started with.
pub struct Plan {
    /// The mirror.
    pub store: Store,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// What runs.
    pub accounts: Vec<EngineAccount>,
    /// Who drafts.
    pub drafter: Option<DrafterTask>,
    /// Whose audio is written down, and where.
    pub hearing: TranscriptionSettings,
}

/// The engine, or the wait for it; dropped, it ends and another process may take over.
pub struct Holding {
    task: JoinHandle<()>,
    /// Who holds it now.
    pub state: watch::Receiver<EngineState>,
    /// What it tells.
    pub events: mpsc::Receiver<EngineEvent>,
    /// What went wrong with sends.
    pub trouble: mpsc::Receiver<Trouble>,
    /// Ways to ask for a pull; empty while another process holds the engine.
    pub nudges: SharedNudges,
    /// What should run.
    wanted: watch::Sender<Wanted>,
}

/// What the engine runs.
#[derive(Clone)]
struct Wanted {
    accounts: Vec<EngineAccount>,
    drafter: Option<DrafterTask>,
    hearing: TranscriptionSettings,
}

/// Nudges that come to be once the engine is held.
#[derive(Clone, Default)]
pub struct SharedNudges(Arc<Mutex<Option<Nudges>>>);

impl SharedNudges {
    /// Asks every account to pull soon.
    pub fn pull_all(&self) {
        let nudges = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(nudges) = nudges {
            nudges.pull_all();
        }
    }

    /// Asks one account to pull soon.
    pub fn pull(&self, account: &AccountId) {
        let nudges = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(nudges) = nudges {
            nudges.pull(account);
        }
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Holding {
    /// From now on these accounts run; those that are the same go on undisturbed.
    pub fn renew(&self, accounts: Vec<EngineAccount>) {
        self.wanted.send_modify(|wanted| {
            let drafter = wanted.drafter.take();
            wanted.drafter = drafter.map(|drafter| super::accounts::drafting(drafter, &accounts));
            wanted.accounts = accounts;
        });
    }

    /// From now on this audio is written down, and no other.
    pub fn hear(&self, hearing: TranscriptionSettings) {
        self.wanted.send_modify(|wanted| wanted.hearing = hearing);
    }

    /// Holds the engine as soon as nobody else does.
    pub fn begin(plan: Plan) -> Self {
        let (tell, state) = watch::channel(EngineState::Starting);
        let (events_in, events) = mpsc::channel(256);
        let (trouble_in, trouble) = mpsc::channel(64);
        let nudges = SharedNudges::default();
        let shared = nudges.clone();
        let (wanted, mut wants) = watch::channel(Wanted {
            accounts: plan.accounts,
            drafter: plan.drafter,
            hearing: plan.hearing,
        });
        let task = tokio::spawn(async move {
            let lock = plan.store.engine_lock();
            let guard = match lock.try_hold().await {
                Ok(Some(guard)) => Some(guard),
                Ok(None) => {
                    let holder = lock.holder().await.ok().flatten();
                    let _ = tell.send(EngineState::Attached(holder.map(|holder| holder.pid)));
                    match lock.wait().await {
                        Ok(guard) => Some(guard),
                        Err(error) => {
                            tracing::error!(%error, "the engine cannot be taken over");
                            None
                        }
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "the engine cannot be held");
                    let _ = tell.send(EngineState::ReadOnly);
                    None
                }
            };
            let Some(guard) = guard else {
                return std::future::pending().await;
            };
            let now = wants.borrow_and_update().clone();
            let started = Engine::start(
                &plan.store,
                &now.accounts,
                &plan.clock,
                now.drafter,
                now.hearing,
                &events_in,
                &trouble_in,
            );
            match started.await {
                Ok(mut engine) => {
                    *shared.0.lock().unwrap_or_else(PoisonError::into_inner) =
                        Some(engine.nudges.clone());
                    let _ = tell.send(EngineState::Holder);
                    // Both live until this task is aborted: first the engine ends, then the lock is free.
                    while wants.changed().await.is_ok() {
                        let now = wants.borrow_and_update().clone();
                        if let Err(error) = engine
                            .adjust(&now.accounts, now.drafter, &now.hearing)
                            .await
                        {
                            tracing::error!(%error, "the accounts cannot be taken up");
                        }
                    }
                    std::future::pending::<()>().await;
                    drop((engine, guard));
                }
                Err(error) => {
                    tracing::error!(%error, "the engine cannot be started");
                    let _ = tell.send(EngineState::ReadOnly);
                    std::future::pending::<()>().await;
                }
            }
        });
        Self {
            task,
            state,
            events,
            trouble,
            nudges,
            wanted,
        }
    }
}
