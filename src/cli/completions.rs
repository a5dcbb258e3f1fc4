//! `completions`: a script for the shell.

use super::context::Context;
use super::failure::Done;
use clap::Args;
use clap_complete::Shell;

/// For which shell.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Which shell.
    #[arg(value_enum)]
    pub shell: Shell,
}

pub fn run(args: &CompletionsArgs, context: &mut Context) -> Done {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "frontdesk", &mut script);
    context.out.own(&script)
}
