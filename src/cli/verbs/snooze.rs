//! `snooze`: hide conversations until a time.

use super::act;
use crate::cli::context::Context;
use crate::cli::desk::Desk;
use crate::cli::failure::{Done, Failure};
use crate::cli::{operands, when};
use crate::model::{Command, ConversationId};
use clap::Args;

/// Which, and until when.
#[derive(Debug, Args)]
pub struct SnoozeArgs {
    /// Their numbers.
    #[arg(required = true, value_name = "NUMBER", value_parser = operands::conversation)]
    pub ids: Vec<ConversationId>,
    /// `tue 9am`, `tomorrow`, `3h`, `17:30`, `2026-12-24 08:00`, or `reply` for when the customer writes.
    #[arg(long, value_name = "WHEN")]
    pub until: String,
    /// Stay hidden until then even if the customer writes.
    #[arg(long)]
    pub quiet: bool,
}

pub async fn run(args: SnoozeArgs, context: &mut Context) -> Done {
    let config = &context.config;
    let until = when::parse(
        &args.until,
        Desk::now(),
        &config.timezone,
        &config.desk.snooze,
    )
    .map_err(|error| Failure::Usage(error.to_string()))?;
    if until.is_none() && args.quiet {
        return Err(Failure::Usage(
            "--quiet needs a time: until the customer writes, and even if the customer writes, is for ever; \
             `mute` does that"
                .to_owned(),
        ));
    }
    let command = Command::Snooze {
        ids: args.ids,
        until,
        wake_on_reply: !args.quiet,
    };
    act(context, command).await
}
