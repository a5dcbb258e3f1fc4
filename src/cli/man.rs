//! `man`: the manual page, made from the command line itself and the key table.

use super::context::Context;
use super::failure::{Done, Failure};
use clap::Args;
use clap_mangen::Man;

/// Of what.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// A subcommand, such as `reply` or `account add` [default: the program].
    #[arg(value_name = "SUBCOMMAND")]
    pub subcommand: Vec<String>,
}

pub fn run(args: &ManArgs, context: &mut Context) -> Done {
    let mut command = super::command();
    command.build();
    for word in &args.subcommand {
        command = command
            .find_subcommand(word)
            .cloned()
            .ok_or_else(|| Failure::Usage(format!("there is no subcommand `{word}`")))?;
    }
    let title = command
        .get_display_name()
        .unwrap_or("frontdesk")
        .to_uppercase();
    let mut page = Vec::new();
    Man::new(command).title(title).render(&mut page)?;
    context.out.own(&page)
}
