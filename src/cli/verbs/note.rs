//! `note`: write a note among ourselves.

use super::{act, text};
use crate::cli::context::Context;
use crate::cli::failure::Done;
use crate::cli::operands;
use crate::model::{Command, ConversationId};
use clap::Args;

/// Where, and what.
#[derive(Debug, Args)]
pub struct NoteArgs {
    /// The conversation's number.
    #[arg(value_name = "NUMBER", value_parser = operands::conversation)]
    pub id: ConversationId,
    /// The text [default: standard input].
    #[arg(short, long, value_name = "TEXT", allow_hyphen_values = true)]
    pub message: Option<String>,
}

pub async fn run(args: NoteArgs, context: &mut Context) -> Done {
    let body = text::given(args.message.as_deref())?;
    let command = Command::Note {
        conversation: args.id,
        body,
    };
    act(context, command).await
}
