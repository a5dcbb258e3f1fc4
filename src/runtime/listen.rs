//! The listener beside an engine, or in its process.

use super::accounts;
use super::{executor, open_mirror};
use crate::config::Config;
use crate::listen::{ListenError, Listener, News, Plan, Pull};
use crate::model::{AccountId, Clock, SystemClock};
use crate::store::Store;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// Listens until it is told to end; the engine may run in another process. `say` gets each account with the address to
/// be told to its vendor.
pub fn run_listener(
    config: Config,
    say: impl FnOnce(&Listener) -> anyhow::Result<()>,
) -> anyhow::Result<ExitCode> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = open_mirror(&config.mirror, &clock)?;
    store.set_policy(config.policy());
    executor()?.block_on(async move {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut end = signal(SignalKind::terminate())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        super::vault::keep(None);
        let listener = begin(&config, &store, &clock, None, None).await?;
        say(&listener)?;
        let mut code = ExitCode::SUCCESS;
        let until = async {
            tokio::select! {
                _ = interrupt.recv() => code = ExitCode::from(130),
                _ = end.recv() => {}
                _ = hang_up.recv() => {}
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
    news: Option<mpsc::Sender<News>>,
    pull: Option<Pull>,
) -> anyhow::Result<Listener> {
    let running = accounts::engine_accounts(config, clock);
    let mut listening: Vec<(AccountId, _)> = Vec::new();
    for account in running.into_iter().filter(|a| a.provider.listens()) {
        store.ensure_account(&account.id, account.info).await?;
        listening.push((account.id, account.provider));
    }
    let plan = Plan {
        store: store.clone(),
        clock: clock.clone(),
        settings: config.listen.clone(),
        accounts: listening,
        news,
        pull,
    };
    Listener::bind(plan)
        .await
        .map_err(|error: ListenError| anyhow::anyhow!(error))
}
