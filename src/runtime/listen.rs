//! The listener beside an engine, or in its process.

use super::engine::EngineAccount;
use super::follow::follow;
use super::reload::Files;
use super::{accounts, executor, open_mirror};
use crate::config::Config;
use crate::listen::{Changed, ListenError, Listener, News, Plan, Pull, Routes};
use crate::model::{AccountId, Clock, SystemClock};
use crate::providers::Provider;
use crate::store::{Store, StoreError};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};

/// Before a secret that could not be had is asked for again: a vault may be opened meanwhile.
const AGAIN: Duration = Duration::from_secs(10);

/// Listens until it is told to end; the engine may run in another process. Each account with the address to be told to
/// its vendor is logged, also when it comes while this runs.
pub fn run_listener(config: Config, files: Files) -> anyhow::Result<ExitCode> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = open_mirror(&config.mirror, &clock)?;
    store.set_policy(config.policy());
    executor()?.block_on(async move {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut end = signal(SignalKind::terminate())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        super::vault::keep(None);
        let running = accounts::engine_accounts(&config, &clock);
        let listener = begin(&config, &store, &clock, &running, None, None).await?;
        let mut followed = follow(files, clock.clone(), running);
        let mounting = Mounting::begin(&listener, &store);
        let mut code = ExitCode::SUCCESS;
        let until = async {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {
                        code = ExitCode::from(130);
                        return;
                    }
                    _ = end.recv() => return,
                    _ = hang_up.recv() => return,
                    Some(followed) = followed.recv() => {
                        store.set_policy(followed.policy);
                        mounting.renew(&followed.accounts);
                    }
                }
            }
        };
        listener.serve(until).await;
        Ok(code)
    })
}

/// A listener for the accounts of the configuration, with its addresses taken.
pub(super) async fn begin(
    config: &Config,
    store: &Store,
    clock: &Arc<dyn Clock>,
    running: &[EngineAccount],
    news: Option<mpsc::Sender<News>>,
    pull: Option<Pull>,
) -> anyhow::Result<Listener> {
    let plan = Plan {
        store: store.clone(),
        clock: clock.clone(),
        settings: config.listen.clone(),
        accounts: known(store, running).await?,
        news,
        pull,
    };
    let listener = Listener::bind(plan)
        .await
        .map_err(|error: ListenError| anyhow::anyhow!(error))?;
    for (account, url) in listener.addresses() {
        tracing::info!(%account, url, "listens");
    }
    Ok(listener)
}

/// The accounts that can check a request; the mirror knows them.
async fn known(
    store: &Store,
    running: &[EngineAccount],
) -> Result<Vec<(AccountId, Arc<dyn Provider>)>, StoreError> {
    let mut known: Vec<(AccountId, Arc<dyn Provider>)> = Vec::new();
    for account in running.iter().filter(|one| one.provider.listens()) {
        let info = account.info.clone();
        store.ensure_account(&account.id, info).await?;
        known.push((account.id.clone(), account.provider.clone()));
    }
    Ok(known)
}

/// Gives a running listener the routes of the accounts as they are.
pub(super) struct Mounting(watch::Sender<Vec<EngineAccount>>);

impl Mounting {
    /// Ends when it is dropped.
    pub fn begin(listener: &Listener, store: &Store) -> Self {
        let (tell, told) = watch::channel(Vec::new());
        tokio::spawn(mount(listener.routes(), store.clone(), told));
        Self(tell)
    }

    /// From now on these accounts are in use.
    pub fn renew(&self, accounts: &[EngineAccount]) {
        self.0.send_replace(accounts.to_vec());
    }
}

async fn mount(routes: Routes, store: Store, mut told: watch::Receiver<Vec<EngineAccount>>) {
    let mut again = false;
    loop {
        let ended = if again {
            let waited = tokio::time::timeout(AGAIN, told.changed());
            matches!(waited.await, Ok(Err(_)))
        } else {
            told.changed().await.is_err()
        };
        if ended {
            return;
        }
        let running = told.borrow_and_update().clone();
        again = match known(&store, &running).await {
            Ok(accounts) => {
                let changed = routes.renew(accounts).await;
                log(&changed);
                !changed.failed.is_empty()
            }
            Err(error) => {
                tracing::error!(%error, "the listener does not know the new accounts yet");
                true
            }
        };
    }
}

fn log(changed: &Changed) {
    for (account, url) in &changed.mounted {
        tracing::info!(%account, url, "listens");
    }
    for account in &changed.unmounted {
        tracing::info!(%account, "no longer listens");
    }
    for (account, error) in &changed.failed {
        tracing::error!(%account, %error, "cannot check requests, so none is taken");
    }
}
