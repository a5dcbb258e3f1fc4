//! `config`: check it, say where it is, print the commented default.

use super::context::Context;
use super::failure::{Done, Failure};
use crate::config::{Level, default_file};
use clap::{Args, Subcommand};

/// What about the configuration.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// What.
    #[command(subcommand)]
    pub what: What,
}

/// What about the configuration.
#[derive(Debug, Subcommand)]
pub enum What {
    /// Say what is wrong, with line and column; exit code 1 if anything is left out.
    Check,
    /// Print where the file is, or would be.
    Path,
    /// Print the commented default.
    Default,
}

pub fn run(args: &ConfigArgs, context: &mut Context) -> Done {
    match args.what {
        What::Check => check(context),
        What::Path => {
            let path = context.file.display().to_string();
            context.out.value(&serde_json::json!({ "path": path }))?;
            context.out.line(&path)
        }
        What::Default => context.out.own(default_file::commented().as_bytes()),
    }
}

fn check(context: &mut Context) -> Done {
    let out = &mut context.out;
    for (index, problem) in context.problems.iter().enumerate() {
        out.value(problem)?;
        if index > 0 {
            out.line("")?;
        }
        out.block(&problem.to_string())?;
    }
    if context.problems.is_empty() {
        let file = context.file.display();
        if context.file.exists() {
            let accounts = context.config.accounts.len();
            out.line(&format!("{file} is fine: {accounts} account(s)"))?;
        } else {
            out.line(&format!(
                "there is no {file}; everything has its default. `frontdesk init` sets up an account"
            ))?;
        }
    }
    if context.problems.iter().any(|p| p.level == Level::Error) {
        return Err(Failure::Said);
    }
    Ok(())
}
