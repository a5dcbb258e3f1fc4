//! `label`: add and remove labels.

use super::act;
use crate::cli::context::Context;
use crate::cli::failure::{Done, Failure};
use crate::cli::operands;
use crate::model::Command;
use clap::Args;

/// Numbers first, then labels.
#[derive(Debug, Args)]
pub struct LabelArgs {
    /// Conversations' numbers, then +LABEL to add and -LABEL to remove.
    #[arg(required = true, value_name = "NUMBER|+LABEL|-LABEL", allow_hyphen_values = true, num_args = 2.., value_parser = operands::dashed_word)]
    pub words: Vec<String>,
}

pub async fn run(args: &LabelArgs, context: &mut Context) -> Done {
    let given = &args.words;
    let first = given
        .iter()
        .position(|word| operands::number(word).is_err())
        .unwrap_or(given.len());
    let (numbers, words) = given.split_at(first);
    let ids = numbers
        .iter()
        .map(|word| operands::conversation(word))
        .collect::<Result<Vec<_>, _>>()
        .map_err(Failure::Usage)?;
    let (add, remove) = operands::labels(words).map_err(Failure::Usage)?;
    if ids.is_empty() || words.is_empty() {
        return Err(Failure::Usage(
            "write numbers first, then labels: `frontdesk label 1042 +vip -late`".to_owned(),
        ));
    }
    act(context, Command::Label { ids, add, remove }).await
}
