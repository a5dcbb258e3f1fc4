//! `assign`: give conversations to somebody, or to nobody.

use super::act;
use crate::cli::context::Context;
use crate::cli::failure::Done;
use crate::cli::operands;
use crate::model::{Command, ConversationId};
use clap::Args;

/// Which, and to whom.
#[derive(Debug, Args)]
pub struct AssignArgs {
    /// Their numbers.
    #[arg(required = true, value_name = "NUMBER", value_parser = operands::conversation)]
    pub ids: Vec<ConversationId>,
    /// A colleague's name, or `me`.
    #[arg(
        long,
        value_name = "NAME",
        required_unless_present = "nobody",
        conflicts_with = "nobody"
    )]
    pub to: Option<String>,
    /// Take it away from whoever has it.
    #[arg(long)]
    pub nobody: bool,
}

pub async fn run(args: AssignArgs, context: &mut Context) -> Done {
    let to = match &args.to {
        Some(name) => Some(operands::person(context, name)?),
        None => None,
    };
    act(context, Command::Assign { ids: args.ids, to }).await
}
