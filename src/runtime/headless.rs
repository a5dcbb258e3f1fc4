//! The engine without a screen: `frontdesk sync`.

use super::follow::follow;
use super::holding::{Holding, Plan};
use super::reload::Files;
use super::{accounts, executor, listen, open_mirror};
use crate::config::Config;
use crate::listen::{News, Pull};
use crate::model::{Clock, SystemClock};
use crate::outbox::worker::OutboxTask;
use crate::sync::EngineEvent;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, oneshot};

/// Runs the engine until it is asked to end, or with `once` until every feed is read and what is due is sent; with
/// `listens` the listener, too.
///
/// # Errors
/// When the mirror cannot be opened or the listener cannot have its addresses.
pub fn run_headless(
    config: Config,
    files: Files,
    once: bool,
    listens: bool,
) -> anyhow::Result<ExitCode> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = open_mirror(&config.mirror, &clock)?;
    store.set_policy(config.policy());
    let running = accounts::engine_accounts(&config, &clock);
    executor()?.block_on(async move {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut end = signal(SignalKind::terminate())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        if once {
            return read_once(&store, &clock, &running).await;
        }
        let hours = crate::desk::BusinessHours::new(&config.desk.hours, config.timezone.clone())?;
        let shelves = crate::assist::library::Shelves {
            folders: config.knowledge.clone(),
            ..Default::default()
        };
        let drafter = accounts::drafter(&store, &clock, &config.assist, hours, shelves, &running);
        let mut followed = follow(files, clock.clone(), running.clone());
        let listening_for = running.clone();
        let mut holding = Holding::begin(Plan {
            store: store.clone(),
            clock: clock.clone(),
            accounts: running,
            drafter,
            hearing: config.transcription.clone(),
        });
        super::vault::keep(Some(holding.nudges.clone()));
        let (tell, mut news) = mpsc::channel(64);
        let (end_listening, listening, mounting) = if listens {
            let nudges = holding.nudges.clone();
            let pull: Pull = Arc::new(move |account| nudges.pull(account));
            let (tell, pull) = (Some(tell), Some(pull));
            let listener =
                listen::begin(&config, &store, &clock, &listening_for, tell, pull).await?;
            let mounting = listen::Mounting::begin(&listener, &store);
            let (end, ended) = oneshot::channel::<()>();
            let until = async move { drop(ended.await) };
            let serving = tokio::spawn(listener.serve(until));
            (Some(end), Some(serving), Some(mounting))
        } else {
            (None, None, None)
        };
        let code = loop {
            tokio::select! {
                _ = end.recv() => break ExitCode::SUCCESS,
                _ = hang_up.recv() => break ExitCode::SUCCESS,
                _ = interrupt.recv() => break ExitCode::from(130),
                Ok(()) = holding.state.changed() => {
                    let state = *holding.state.borrow_and_update();
                    tracing::info!(state = ?state, "engine");
                }
                Some(event) = holding.events.recv() => log(&event),
                Some(followed) = followed.recv() => {
                    tracing::info!(accounts = followed.accounts.len(), "the new settings are in force");
                    store.set_policy(followed.policy);
                    if let Some(mounting) = &mounting {
                        mounting.renew(&followed.accounts);
                    }
                    holding.renew(followed.accounts);
                }
                Some(News { account, arrivals }) = news.recv() => {
                    tracing::info!(%account, messages = arrivals.len(), "came in by the listener");
                }
                Some(trouble) = holding.trouble.recv() => {
                    tracing::warn!(account = %trouble.account, says = trouble.says, "send");
                }
            }
        };
        // Requests under way are stored and answered.
        drop(end_listening);
        news.close();
        if let Some(listening) = listening {
            let _ = listening.await;
        }
        Ok(code)
    })
}

fn log(event: &EngineEvent) {
    match event {
        EngineEvent::Arrivals {
            account,
            arrivals,
            backlog,
        } => {
            tracing::info!(%account, messages = arrivals.len(), backlog, "came in");
        }
        EngineEvent::Broken { account, says } => tracing::error!(%account, says, "account"),
    }
}

async fn read_once(
    store: &crate::store::Store,
    clock: &Arc<dyn Clock>,
    running: &[super::engine::EngineAccount],
) -> anyhow::Result<ExitCode> {
    let Some(_guard) = store.engine_lock().try_hold().await? else {
        anyhow::bail!("another frontdesk runs the engine on this mirror and keeps it up to date");
    };
    let (trouble, mut told) = mpsc::channel(64);
    let mut failed = false;
    for account in running {
        store
            .ensure_account(&account.id, account.info.clone())
            .await?;
        if account.reads {
            let result = read_all(store, account).await;
            if let Err(error) = result {
                failed = true;
                let says = crate::text::sanitize::sanitize_line(&error.to_string()).text;
                tracing::error!(account = %account.id, says, "not read");
                continue;
            }
        }
        let task = OutboxTask {
            account: account.id.clone(),
            provider: account.provider.clone(),
            store: store.clone(),
            clock: clock.clone(),
            fresh: None,
            trouble: trouble.clone(),
        };
        task.settle_stranded().await?;
        task.send_due().await?;
    }
    while let Ok(trouble) = told.try_recv() {
        failed = true;
        tracing::warn!(account = %trouble.account, says = trouble.says, "send");
    }
    Ok(if failed {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    })
}

async fn read_all(
    store: &crate::store::Store,
    account: &super::engine::EngineAccount,
) -> anyhow::Result<()> {
    let provider = &account.provider;
    let read = async |since| {
        let batch = provider.pull(since).await?;
        let (more, cursor) = (batch.more, batch.cursor.clone());
        anyhow::Ok((store.make_ready(batch).await?, more, cursor))
    };
    let keep = async |ready| {
        let read = store.ingest_ready(&account.id, ready).await?;
        tracing::info!(account = %account.id, new = read.new, duplicates = read.duplicates, "read");
        anyhow::Ok(())
    };
    let mut since = store.cursor(&account.id).await?;
    let mut piece = read(since.clone()).await?;
    loop {
        let (ready, more, cursor) = piece;
        since = cursor.or(since);
        if !more {
            return keep(ready).await;
        }
        piece = if provider.reads_ahead() {
            let (kept, next) = tokio::join!(keep(ready.told_again()), read(since.clone()));
            kept?;
            next?
        } else {
            keep(ready).await?;
            read(since.clone()).await?
        };
    }
}
