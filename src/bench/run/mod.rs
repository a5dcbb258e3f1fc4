//! The table of figures: each measured here and now, against a limit or against a peer in the same run.

mod bare;
mod bare_mail;
mod dovecot;
mod feed;
mod hour;
mod ingest;
pub mod kept;
mod mail;
mod peers;
mod proc;
mod row;
mod scratch;
mod screen;
mod search;
pub mod seat;

pub use row::Row;

use scratch::Scratch;
use std::path::{Path, PathBuf};

/// What is measured, in this order: names by which rows are chosen.
pub const GROUPS: [&str; 9] = [
    "start", "keys", "sync", "idle", "search", "ingest", "mail", "peers", "hour",
];
/// Takes so long that it is measured only where it is named.
const LONG: &str = "hour";

/// What to measure.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The folder of the generated mirror. It is copied; the copies are worked on.
    pub mirror: PathBuf,
    /// Where copies and other scratch files go.
    pub scratch: PathBuf,
    /// How often keys are pressed: ten times this for the commonest.
    pub times: usize,
    /// How many mails other programs are given.
    pub mails: usize,
    /// Only these of [`GROUPS`]; all but `hour` where none is named.
    pub only: Vec<String>,
}

impl Plan {
    fn wants(&self, group: &str) -> bool {
        (self.only.is_empty() && group != LONG) || self.only.iter().any(|name| name == group)
    }
}

/// Measures and tells each row as soon as it is there.
///
/// # Errors
/// When a measurement cannot be made at all; what can be left out is a row that says so.
pub async fn run(plan: &Plan, tell: &mut (dyn FnMut(Row) + Send)) -> anyhow::Result<()> {
    if ["start", "keys", "sync", "idle", "search", "hour"]
        .iter()
        .any(|group| plan.wants(group))
    {
        on_the_mirror(plan, tell).await?;
    }
    if plan.wants("ingest") {
        let rows = ingest::rows(&plan.scratch).await?;
        rows.into_iter().for_each(&mut *tell);
    }
    if plan.wants("mail") {
        let rows = mail::rows(&plan.scratch).await?;
        rows.into_iter().for_each(&mut *tell);
    }
    if plan.wants("peers") {
        peers::rows(&plan.scratch, plan.mails, tell).await?;
    }
    Ok(())
}

async fn on_the_mirror(plan: &Plan, tell: &mut (dyn FnMut(Row) + Send)) -> anyhow::Result<()> {
    let scratch = Scratch::new(&plan.scratch, "screen")?;
    let (mirror, empty) = (scratch.path().join("mirror"), scratch.path().join("empty"));
    copy(&plan.mirror, &mirror)?;
    let feed = feed::Feed::start().await?;
    let home = |name: &str| scratch.path().join(name);
    let quiet = screen::Desk::new(&home("quiet"), &mirror, None).await?;
    if plan.wants("start") {
        let empty = screen::Desk::new(&home("nobody"), &empty, None).await?;
        apart(|| screen::start(&quiet, &empty))?
            .into_iter()
            .for_each(&mut *tell);
    }
    if plan.wants("keys") {
        apart(|| screen::keys(&quiet, plan.times))?
            .into_iter()
            .for_each(&mut *tell);
    }
    if plan.wants("search") {
        search::rows(&mirror)
            .await?
            .into_iter()
            .for_each(&mut *tell);
    }
    let fed = screen::Desk::new(&home("fed"), &mirror, Some(&feed)).await?;
    if plan.wants("idle") {
        apart(|| screen::idle(&fed))?
            .into_iter()
            .for_each(&mut *tell);
    }
    if plan.wants("sync") {
        apart(|| screen::keys_in_sync(&fed, &feed, plan.times))?
            .into_iter()
            .for_each(&mut *tell);
    }
    if plan.wants("hour") {
        apart(|| hour::rows(&fed, &feed))?
            .into_iter()
            .for_each(&mut *tell);
    }
    Ok(())
}

/// Work that waits for a terminal, away from the executor's own threads.
fn apart<T>(work: impl FnOnce() -> T) -> T {
    tokio::task::block_in_place(work)
}

/// Copies a generated mirror.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    if !from.join(super::generate::MARK).exists() {
        anyhow::bail!(
            "{} holds no generated mirror; write one with `frontdesk bench generate PATH` and name it with --mirror",
            from.display()
        );
    }
    std::fs::create_dir_all(to)?;
    for name in ["mirror.db", "mirror.db-wal"] {
        if from.join(name).exists() {
            std::fs::copy(from.join(name), to.join(name))?;
        }
    }
    Ok(())
}
