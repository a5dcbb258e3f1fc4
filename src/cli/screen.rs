//! No subcommand, and `demo`: the screen.

use super::args::Look;
use super::context::Context;
use super::failure::{Done, Failure};
use crate::runtime::{self, DemoOptions, Files, ScreenOptions};
use clap::Args;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

/// How the invented world is.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// The same seed gives the same world.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// So many times faster than the clock; 0 stands still.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = speed)]
    pub speed: f64,
    /// Keep the mirror in this folder instead of throwing it away.
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
    /// How the screen looks.
    #[command(flatten)]
    pub look: Look,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(factor) if (0.0..=1_000.0).contains(&factor) => Ok(factor),
        _ => Err("a number from 0 to 1000".to_owned()),
    }
}

/// Opens the screen on the mirror.
pub fn run(context: Context, look: &Look) -> Done<ExitCode> {
    needs_terminal()?;
    let options = ScreenOptions {
        plain: look.plain,
        theme: look.theme.clone(),
        mouse: look.mouse,
    };
    Ok(runtime::run_screen(
        context.config,
        context.problems,
        Files {
            config: context.file,
            paths: context.paths,
        },
        options,
    )?)
}

/// Opens the screen on the invented world.
pub fn demo(args: &DemoArgs, before: &Look) -> Done<ExitCode> {
    needs_terminal()?;
    let look = &args.look;
    Ok(runtime::run_demo(DemoOptions {
        seed: args.seed,
        speed: args.speed,
        assistant: true,
        keep: args.keep.clone(),
        plain: look.plain || before.plain,
        theme: look.theme.clone().or_else(|| before.theme.clone()),
        mouse: look.mouse || before.mouse,
    })?)
}

fn needs_terminal() -> Done {
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        return Ok(());
    }
    Err(Failure::Usage(
        "the screen needs a terminal; without one, use `frontdesk list`, `frontdesk show 1042`, … \
         (`frontdesk --help`)"
            .to_owned(),
    ))
}
