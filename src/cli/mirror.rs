//! `verify` and `backfill`: is everything here, and get what is older.

use super::context::{Context, run_async};
use super::desk::Desk;
use super::failure::{Done, Failure};
use super::print::diagnostic;
use super::{providers, shown, unlock, when};
use crate::model::{AccountId, Timestamp};
use crate::providers::{Provider, ProviderError};
use clap::Args;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// What to verify.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Accounts [default: all that are enabled].
    #[arg(value_name = "ACCOUNT")]
    pub accounts: Vec<String>,
    /// Do not ask the servers: only the mirror's own ledger and journal.
    #[arg(long)]
    pub offline: bool,
}

/// How far back.
#[derive(Debug, Args)]
pub struct BackfillArgs {
    /// `90d`, `2 weeks`, `2026-01-01`.
    #[arg(long, value_name = "WHEN")]
    pub since: String,
    /// Accounts [default: all that are enabled].
    #[arg(value_name = "ACCOUNT")]
    pub accounts: Vec<String>,
}

/// What a check of one feed found.
#[derive(Debug, Serialize)]
struct FeedReport {
    account: AccountId,
    feed: String,
    complete: bool,
    last_proof: Option<Timestamp>,
    /// Ranges that nothing proves.
    gaps: Vec<(u64, u64)>,
    /// Items at the server; none when it was not asked.
    at_server: Option<usize>,
    /// Of these, the keys that the mirror does not have, at most a hundred.
    missing: Vec<String>,
    /// How many are missing in all.
    missing_count: usize,
}

pub fn verify(args: &VerifyArgs, context: &mut Context) -> Done {
    if !args.offline {
        unlock::before_use(context)?;
    }
    let done = run_async(async {
        let desk = Desk::open(context)?;
        let mut complete = true;
        for (account, provider) in &asked(args, &desk, context).await? {
            let mut listed = true;
            let reports = match provider {
                None => ledger(&desk, account).await?,
                Some(provider) => match compared(&desk, account, provider).await {
                    Ok(Compared::Reports(reports)) => reports,
                    // No fault of the mirror's: there is nothing to hold it against.
                    Ok(Compared::Unlisted(words)) => {
                        diagnostic(&format!("{account}: {words}"));
                        listed = false;
                        ledger(&desk, account).await?
                    }
                    Err(failure) => {
                        diagnostic(&format!("{account}: {failure}"));
                        complete = false;
                        ledger(&desk, account).await?
                    }
                },
            };
            if reports.is_empty() && listed {
                complete = false;
                diagnostic(&format!(
                    "{account}: nothing was ever read; run `frontdesk sync --once`"
                ));
            }
            for report in &reports {
                complete &= report.complete;
                print(report, context)?;
            }
        }
        let journal = desk.store.journal_verify().await?;
        let broken = journal.broken_at;
        context.out.value(&serde_json::json!({
            "journal": { "entries": journal.entries, "broken_at": broken, "head": journal.head }
        }))?;
        match broken {
            None => context.out.line(&format!(
                "journal: {} entries, unbroken, head {}",
                journal.entries,
                &journal.head[..journal.head.len().min(12)]
            ))?,
            Some(entry) => {
                complete = false;
                context.out.line(&format!(
                    "journal: broken at entry {entry}; it was changed from outside"
                ))?;
            }
        }
        Ok(complete)
    })?;
    if done { Ok(()) } else { Err(Failure::Said) }
}

type Asked = (AccountId, Option<Arc<dyn Provider>>);

/// The accounts to look at, with their providers unless the servers are not to be asked. Offline, accounts that are no
/// longer configured are looked at too: their messages are still here.
async fn asked(args: &VerifyArgs, desk: &Desk, context: &Context) -> Done<Vec<Asked>> {
    if !args.offline {
        let chosen = providers::chosen(&args.accounts, context)?;
        return Ok(chosen
            .into_iter()
            .map(|(id, provider)| (id, Some(provider)))
            .collect());
    }
    let configured = context
        .config
        .accounts
        .iter()
        .map(|account| account.id.clone());
    let read = desk
        .store
        .ledger(None)
        .await?
        .into_iter()
        .map(|row| row.account);
    let mut accounts: Vec<AccountId> = configured.chain(read).collect();
    accounts.sort();
    accounts.dedup();
    accounts.retain(|id| {
        args.accounts.is_empty() || args.accounts.iter().any(|name| name == id.as_str())
    });
    if accounts.is_empty() {
        return Err(Failure::refused(
            "there is no such account, in the configuration or the mirror",
        ));
    }
    Ok(accounts.into_iter().map(|id| (id, None)).collect())
}

fn print(report: &FeedReport, context: &mut Context) -> Done {
    context.out.value(report)?;
    let mut words = vec![format!("{}/{}:", report.account, report.feed)];
    words.push(
        if report.complete {
            "complete"
        } else {
            "NOT complete"
        }
        .to_owned(),
    );
    if let Some(count) = report.at_server {
        words.push(format!("· {count} at the server"));
    }
    if report.missing_count > 0 {
        words.push(format!("· {} not here", report.missing_count));
    }
    if !report.gaps.is_empty() {
        words.push(format!("· {} gap(s) in what is proven", report.gaps.len()));
    }
    if let Some(at) = report.last_proof {
        words.push(format!(
            "· last proof {} ago",
            shown::span(Desk::now().since(at))
        ));
    }
    context.out.line(&words.join(" "))
}

/// What the mirror's own ledger says.
async fn ledger(desk: &Desk, account: &AccountId) -> Done<Vec<FeedReport>> {
    let rows = desk.store.ledger(Some(account)).await?;
    let report = |row: crate::store::LedgerRow| FeedReport {
        account: row.account,
        // A row without a range is the proof of an empty folder.
        complete: row.gaps.is_empty(),
        feed: row.feed,
        last_proof: Some(row.last_proof),
        gaps: row.gaps,
        at_server: None,
        missing: Vec::new(),
        missing_count: 0,
    };
    Ok(rows.into_iter().map(report).collect())
}

/// What came of holding the ledger against a server.
enum Compared {
    /// Feed by feed.
    Reports(Vec<FeedReport>),
    /// The vendor tells each message once and keeps no list, in words.
    Unlisted(String),
}

/// The ledger, held against what the server has now.
async fn compared(
    desk: &Desk,
    account: &AccountId,
    provider: &Arc<dyn Provider>,
) -> Done<Compared> {
    const SHOWN: usize = 100;
    let inventories = match provider.inventory().await {
        Ok(inventories) => inventories,
        Err(error @ ProviderError::Unsupported(_)) => {
            return Ok(Compared::Unlisted(error.to_string()));
        }
        Err(error) => return Err(Failure::refused(error.to_string())),
    };
    let mut reports = ledger(desk, account).await?;
    for inventory in inventories {
        let at_server = inventory.keys.len();
        let missing = missing(desk, account, &inventory.scope, inventory.keys).await?;
        let known = reports
            .iter_mut()
            .find(|report| report.feed == inventory.scope);
        let missing_count = missing.len();
        let missing: Vec<String> = missing.into_iter().take(SHOWN).collect();
        if let Some(report) = known {
            report.at_server = Some(at_server);
            report.complete = missing_count == 0 && report.gaps.is_empty();
            report.missing = missing;
            report.missing_count = missing_count;
        } else {
            reports.push(FeedReport {
                account: account.clone(),
                feed: inventory.scope,
                complete: missing_count == 0,
                last_proof: None,
                gaps: Vec::new(),
                at_server: Some(at_server),
                missing,
                missing_count,
            });
        }
    }
    Ok(Compared::Reports(reports))
}

/// Which of the keys the mirror does not have. Where an engine runs, what has just come to the server is on its way:
/// it gets a few seconds.
async fn missing(
    desk: &Desk,
    account: &AccountId,
    scope: &str,
    mut keys: Vec<String>,
) -> Done<Vec<String>> {
    const LOOKS: u32 = 5;
    for look in 1.. {
        keys = desk.store.compare(account, scope, keys).await?;
        if keys.is_empty() || look == LOOKS || !desk.store.engine_lock().is_held()? {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(keys)
}

pub fn backfill(args: &BackfillArgs, context: &mut Context) -> Done {
    let until = when::parse_past(&args.since, Desk::now(), &context.config.timezone)
        .map_err(Failure::Usage)?;
    unlock::before_use(context)?;
    run_async(async {
        let desk = Desk::open(context)?;
        for (account, provider) in &providers::chosen(&args.accounts, context)? {
            let new = read_back(&desk, account, provider, until).await?;
            context
                .out
                .value(&serde_json::json!({ "account": account, "new": new }))?;
            context
                .out
                .line(&format!("{account}: {new} older message(s) read"))?;
        }
        Ok(())
    })
}

/// Reads down to `until`, keeping its place after every batch, so that a stopped run goes on where it was.
async fn read_back(
    desk: &Desk,
    account: &AccountId,
    provider: &Arc<dyn Provider>,
    until: Timestamp,
) -> Done<usize> {
    let mut new = 0;
    loop {
        let cursor = desk.store.backfill_cursor(account).await?;
        let batch = provider
            .backfill(until, cursor)
            .await
            .map_err(|error| Failure::refused(format!("{account}: {error}")))?;
        let (more, behind) = (batch.more, batch.behind);
        new += desk.store.ingest_backfill(account, batch).await?.new;
        if !more {
            desk.store.set_backfill_cursor(account, None).await?;
            return Ok(new);
        }
        diagnostic(&format!("{account}: {new} read, {behind} to go"));
    }
}
