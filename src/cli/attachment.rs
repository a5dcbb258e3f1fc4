//! `attachment`: saves one, fetched from its provider if its bytes are not here.

use super::context::{Context, run_async};
use super::desk::Desk;
use super::failure::{Done, Failure};
use super::providers;
use crate::model::AttachmentId;
use crate::runtime::Fetching;
use clap::Args;
use std::path::PathBuf;

/// Which, and where to.
#[derive(Debug, Args)]
pub struct AttachmentArgs {
    /// Its number, as `show` tells it.
    #[arg(value_name = "NUMBER")]
    pub id: i64,
    /// The folder that it is saved in.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub to: PathBuf,
}

pub fn run(args: &AttachmentArgs, context: &mut Context) -> Done {
    super::unlock::before_use(context)?;
    let desk = Desk::open(context)?;
    let accounts = context
        .config
        .accounts
        .iter()
        .filter(|account| account.common.enabled)
        .map(|account| (account.id.clone(), providers::of(account)))
        .collect();
    let fetching = Fetching::of(desk.store.clone(), accounts);
    let path = run_async(async {
        // Its name is a stranger's.
        let place = |name: &crate::text::SafeFileName| args.to.join(name.to_string());
        fetching
            .save(AttachmentId(args.id), place)
            .await
            .map_err(|error| Failure::refused(error.to_string()))
    })?;
    context
        .out
        .value(&serde_json::json!({ "saved": path.display().to_string() }))?;
    context.out.line(&format!("saved as {}", path.display()))
}
