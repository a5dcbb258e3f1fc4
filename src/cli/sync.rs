//! `sync`: the engine without a screen.

use super::context::Context;
use super::failure::Done;
use crate::model::{Clock, SystemClock, Timestamp};
use clap::Args;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// For how long.
#[derive(Debug, Args)]
pub struct SyncArgs {
    /// Bring everything up to date, send what is due, and end.
    #[arg(long)]
    pub once: bool,
    /// Take what vendors post to us, too, as `frontdesk listen` does.
    #[arg(long, conflicts_with = "once")]
    pub listen: bool,
}

pub fn run(args: &SyncArgs, context: Context) -> Done<ExitCode> {
    log();
    for problem in &context.problems {
        tracing::warn!(problem = %problem.line(), "configuration");
    }
    if context.config.accounts.is_empty() {
        return Err(super::providers::none(&context.problems));
    }
    super::unlock::before_use(&context)?;
    tracing::info!(started = %Stamp(SystemClock.now()), accounts = context.config.accounts.len(), "engine");
    Ok(crate::runtime::run_headless(
        context.config,
        crate::runtime::Files {
            config: context.file,
            paths: context.paths,
        },
        args.once,
        args.listen,
    )?)
}

/// One event is one line of JSON on standard error; `FRONTDESK_LOG` narrows or widens it.
pub(super) fn log() {
    let filter = EnvFilter::try_from_env("FRONTDESK_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,frontdesk=info"));
    // Only fails when a log is set up already, and then there is one.
    let _ = tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}

struct Stamp(Timestamp);

impl std::fmt::Display for Stamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0.0) {
            Ok(at) => write!(f, "{at}"),
            Err(_) => write!(f, "{}", self.0.0),
        }
    }
}
