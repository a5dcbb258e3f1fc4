//! The command line: one file per subcommand, one printer for people and for `--json`.
//!
//! Standard output carries data, standard error everything else. Exit codes: 0 done, 1 refused or a gap found, 2 usage
//! or a failure, 130 interrupted.

mod account;
mod args;
mod attachment;
mod bench;
mod completions;
mod config;
mod context;
mod desk;
mod doctor;
mod export;
mod failure;
mod guided;
mod init;
mod json;
mod keys;
mod listen;
mod login;
mod man;
mod mirror;
mod new_account;
mod new_login;
mod operands;
mod options_first;
mod print;
mod prompt;
mod providers;
mod roster;
mod screen;
mod shown;
mod shown_health;
mod ssh_shell;
mod sync;
mod table;
mod unlock;
mod vault;
mod verb;
mod verbs;
mod webhook;
mod when;

pub use args::command;
pub use failure::{Done, Failure};

use args::{Cli, Job};
use clap::Parser;
use context::Context;
use options_first::options_first;
use std::process::ExitCode;

/// Runs the program with the process's arguments and gives its exit code.
pub fn main() -> ExitCode {
    // Whatever is made from here on is private, also where a library makes it.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    keep_memory();
    let given = options_first(command(), std::env::args_os().collect());
    let cli = match Cli::try_parse_from(given) {
        Ok(cli) => cli,
        Err(error) => {
            // Help that nobody reads any more is no failure.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let json = cli.common.json;
    match run(cli) {
        Ok(code) => code,
        Err(failure) => {
            print::failure(&failure, json);
            ExitCode::from(failure.code())
        }
    }
}

/// Memory holds secrets: no core is written, and other programs of the user cannot look into it. Where the system does
/// not know how, it stays as it was.
fn keep_memory() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut core = getrlimit(Resource::Core);
    core.current = Some(0);
    let _ = setrlimit(Resource::Core, core);
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

fn run(cli: Cli) -> Done<ExitCode> {
    let Cli { common, look, job } = cli;
    let mut context = Context::new(&common)?;
    let done = match job {
        None => return screen::run(context, &look),
        Some(Job::Demo(args)) => return screen::demo(&args, &look),
        Some(Job::Verb(verb)) => verb.run(&mut context),
        Some(Job::SshShell(args)) => return ssh_shell::run(&args, context),
        Some(Job::Init(args)) => init::run(&args, &mut context),
        Some(Job::Account(args)) => account::run(args, &mut context),
        Some(Job::Vault(args)) => vault::run(args, &mut context),
        Some(Job::Config(args)) => config::run(&args, &mut context),
        Some(Job::Sync(args)) => return sync::run(&args, context),
        Some(Job::Listen) => return listen::run(context),
        Some(Job::Verify(args)) => mirror::verify(&args, &mut context),
        Some(Job::Backfill(args)) => mirror::backfill(&args, &mut context),
        Some(Job::Roster(args)) => roster::run(&args, &mut context),
        Some(Job::Attachment(args)) => attachment::run(&args, &mut context),
        Some(Job::Export(args)) => export::run(&args, &mut context),
        Some(Job::Doctor) => doctor::run(&mut context),
        Some(Job::Bench(args)) => bench::run_job(args, &mut context),
        Some(Job::Keys) => keys::run(&mut context),
        Some(Job::Completions(args)) => completions::run(&args, &mut context),
        Some(Job::Man(args)) => man::run(&args, &mut context),
    };
    let flushed = context.out.flush();
    done?;
    flushed?;
    Ok(ExitCode::SUCCESS)
}
