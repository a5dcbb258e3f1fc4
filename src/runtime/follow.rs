//! Accounts that come and go while the engine runs without a screen.

use super::accounts;
use super::engine::EngineAccount;
use super::reload::{Files, same_account};
use crate::config::{self, Config, Watch};
use crate::desk::Policy;
use crate::model::Clock;
use std::sync::Arc;
use tokio::sync::mpsc;

/// What changed.
pub(super) struct Followed {
    /// The accounts in use; those that did not change have the provider that runs.
    pub accounts: Vec<EngineAccount>,
    /// Promises and rules.
    pub policy: Policy,
}

/// Tells the accounts each time that the configuration was changed; a wrong one changes nothing and is logged. Nothing
/// comes where the system cannot watch.
pub(super) fn follow(
    files: Files,
    clock: Arc<dyn Clock>,
    mut running: Vec<EngineAccount>,
) -> mpsc::Receiver<Followed> {
    let (tell, told) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut watch = match Watch::start(vec![files.config.clone()], Vec::new()) {
            Ok(watch) => watch,
            Err(error) => {
                tracing::warn!(%error, "the configuration is not watched");
                return tell.closed().await;
            }
        };
        let mut before = text(&files).await;
        loop {
            tokio::select! {
                () = tell.closed() => return,
                () = watch.changed() => {}
            }
            let now = text(&files).await;
            if now == before || now.is_none() {
                continue;
            }
            let Some(config) = read(&files).await else {
                continue;
            };
            let same = |account: &_| same_account(before.as_deref(), now.as_deref(), account);
            running = accounts::renewed(&config, &clock, &running, same);
            before = now;
            let followed = Followed {
                accounts: running.clone(),
                policy: config.policy(),
            };
            if tell.send(followed).await.is_err() {
                return;
            }
        }
    });
    told
}

async fn text(files: &Files) -> Option<String> {
    tokio::fs::read_to_string(&files.config).await.ok()
}

async fn read(files: &Files) -> Option<Config> {
    let files = files.clone();
    let read = tokio::task::spawn_blocking(move || config::reload(&files.config, &files.paths));
    match read.await {
        Ok(Ok((config, _))) => Some(config),
        Ok(Err(problems)) => {
            for problem in &problems {
                tracing::warn!(problem = %problem.line(), "the old settings are kept");
            }
            None
        }
        Err(_) => None,
    }
}
