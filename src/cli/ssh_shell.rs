//! `ssh-shell`: a forced command that allows just the one-line verbs.
//!
//! In `authorized_keys`: `restrict,command="frontdesk ssh-shell" ssh-ed25519 AAAA…`, then from anywhere
//! `ssh desk ack 12`. The command sent is cut into words here; no shell sees it, and it can name no other
//! configuration, mirror, file or program.

use super::context::Context;
use super::failure::{Done, Failure};
use super::options_first::options_first;
use super::print::Printer;
use super::verb::Verb;
use crate::term::{ArgvError, split};
use clap::{Args, CommandFactory, Parser};
use std::ffi::OsString;
use std::process::ExitCode;

/// Where the command comes from.
#[derive(Debug, Args)]
pub struct SshShellArgs {
    /// Act as this agent [default: `me` of the configuration]; one line in authorized_keys for each.
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
}

/// What may be sent.
#[derive(Debug, Parser)]
#[command(name = "frontdesk", disable_help_subcommand = true, multicall = false)]
#[command(about = "The one-line verbs of frontdesk.")]
struct Remote {
    /// Print JSON, one object per line.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    verb: Verb,
}

/// Longer than any verb with its text need be.
const LONGEST: usize = 64 * 1024;

pub fn run(args: &SshShellArgs, mut context: Context) -> Done<ExitCode> {
    let line = std::env::var("SSH_ORIGINAL_COMMAND").unwrap_or_default();
    if line.len() > LONGEST {
        return Err(Failure::Usage("the command is too long".to_owned()));
    }
    if line
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\t'))
    {
        return Err(Failure::Usage(
            "the command holds a control character".to_owned(),
        ));
    }
    let mut words = match split(&line) {
        Ok(words) => words,
        Err(ArgvError::Empty) => Vec::new(),
        Err(error) => return Err(Failure::Usage(error.to_string())),
    };
    if words.first().is_some_and(|word| word == "frontdesk") {
        words.remove(0);
    }
    if words.is_empty() {
        words.push("--help".to_owned());
    }
    words.insert(0, "frontdesk".to_owned());
    let words = words.into_iter().map(OsString::from).collect();
    let words = options_first(Remote::command(), words);
    let remote = match Remote::try_parse_from(words) {
        Ok(remote) => remote,
        Err(error) => {
            // What was asked for is repeated in the message, so it is cleaned like everything else.
            super::print::paragraph(&error.render().to_string());
            return Ok(ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2)));
        }
    };
    if let Some(name) = &args.name {
        if !crate::config::name_is_fine(name) {
            return Err(Failure::Usage(format!(
                "`{name}` cannot be an agent's name"
            )));
        }
        context.config.me.clone_from(name);
    }
    context.restricted = true;
    context.out = Printer::new(remote.json);
    let done = remote.verb.run(&mut context);
    let flushed = context.out.flush();
    match done.and(flushed) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(failure) => {
            super::print::failure(&failure, remote.json);
            Ok(ExitCode::from(failure.code()))
        }
    }
}
