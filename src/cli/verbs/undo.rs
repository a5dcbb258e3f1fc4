//! `undo`: take back an action of the journal.

use super::act;
use crate::cli::context::Context;
use crate::cli::failure::Done;
use crate::cli::operands;
use crate::model::{Command, JournalId};
use clap::Args;

/// Which.
#[derive(Debug, Args)]
pub struct UndoArgs {
    /// The action's number, as told when it was done [default: your newest that can be undone].
    #[arg(value_name = "NUMBER", value_parser = operands::number)]
    pub id: Option<i64>,
}

pub async fn run(args: &UndoArgs, context: &mut Context) -> Done {
    let id = args.id.map(JournalId);
    act(context, Command::Undo { id }).await
}
