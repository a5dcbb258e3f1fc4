//! `resolve`, `reopen`, `priority`, `mute`, `spam`: one mark on any number of conversations.

use super::act;
use crate::cli::context::Context;
use crate::cli::failure::Done;
use crate::cli::operands;
use crate::model::{Command, ConversationId, Priority};
use clap::Args;

/// Some conversations.
#[derive(Debug, Args)]
pub struct IdsArgs {
    /// Their numbers.
    #[arg(required = true, value_name = "NUMBER", value_parser = operands::conversation)]
    pub ids: Vec<ConversationId>,
}

/// Some conversations, and a switch.
#[derive(Debug, Args)]
pub struct SwitchArgs {
    /// Their numbers.
    #[arg(required = true, value_name = "NUMBER", value_parser = operands::conversation)]
    pub ids: Vec<ConversationId>,
    /// No longer.
    #[arg(long)]
    pub off: bool,
}

/// Some conversations, and how urgent they are.
#[derive(Debug, Args)]
pub struct PriorityArgs {
    /// Their numbers.
    #[arg(required = true, value_name = "NUMBER", value_parser = operands::conversation)]
    pub ids: Vec<ConversationId>,
    /// low, normal, high or urgent.
    #[arg(required = true, value_name = "PRIORITY", value_parser = operands::priority)]
    pub priority: Priority,
}

pub async fn resolve(args: IdsArgs, context: &mut Context) -> Done {
    act(context, Command::Resolve { ids: args.ids }).await
}

pub async fn reopen(args: IdsArgs, context: &mut Context) -> Done {
    act(context, Command::Reopen { ids: args.ids }).await
}

pub async fn priority(args: PriorityArgs, context: &mut Context) -> Done {
    let PriorityArgs { ids, priority } = args;
    act(context, Command::SetPriority { ids, priority }).await
}

pub async fn mute(args: SwitchArgs, context: &mut Context) -> Done {
    let SwitchArgs { ids, off } = args;
    act(context, Command::Mute { ids, on: !off }).await
}

pub async fn spam(args: SwitchArgs, context: &mut Context) -> Done {
    let SwitchArgs { ids, off } = args;
    act(context, Command::Spam { ids, on: !off }).await
}
