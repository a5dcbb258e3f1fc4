//! `bench`: a mirror of the size of a busy desk, and figures against limits.

use super::context::{Context, run_async};
use super::failure::{Done, Failure};
use super::print::diagnostic;
use crate::bench::generate::{self, Shape};
use crate::model::{Clock, SystemClock, Timestamp, time::DAY};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::time::Instant;

/// What to do.
#[derive(Debug, Args)]
pub struct BenchArgs {
    #[command(subcommand)]
    job: BenchJob,
}

#[derive(Debug, Subcommand)]
enum BenchJob {
    /// Write a mirror full of invented conversations of two years, the same for the same options.
    Generate(GenerateArgs),
}

#[derive(Debug, Args)]
struct GenerateArgs {
    /// The folder of the mirror to be written; must not hold one.
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// How many messages.
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000_000)]
    messages: usize,
    /// In how many conversations.
    #[arg(long, value_name = "NUMBER", default_value_t = 200_000)]
    conversations: usize,
    /// The same seed gives the same mirror.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// The newest message is not younger than this [default: last midnight, UTC].
    #[arg(long, value_name = "DATE", value_parser = date)]
    until: Option<Timestamp>,
}

fn date(text: &str) -> Result<Timestamp, String> {
    let date: jiff::civil::Date = text
        .parse()
        .map_err(|_| "a date such as 2026-11-21".to_owned())?;
    let midnight = date
        .to_zoned(jiff::tz::TimeZone::UTC)
        .map_err(|error| error.to_string())?;
    Ok(Timestamp(midnight.timestamp().as_millisecond()))
}

/// Measures, or makes ready for it.
pub fn run(args: BenchArgs, context: &mut Context) -> Done {
    match args.job {
        BenchJob::Generate(args) => generate(&args, context),
    }
}

fn generate(args: &GenerateArgs, context: &mut Context) -> Done {
    if args.conversations == 0 || args.conversations > args.messages {
        return Err(Failure::Usage(
            "there must be at least one conversation, and a message for each".to_owned(),
        ));
    }
    let today = SystemClock.now().0.div_euclid(DAY) * DAY;
    let shape = Shape {
        messages: args.messages,
        conversations: args.conversations,
        seed: args.seed,
        until: args.until.unwrap_or(Timestamp(today)),
    };
    let began = Instant::now();
    let loud = context.out.is_terminal() && !context.out.is_json();
    let mut told = 0;
    let mut tell = |done: usize| {
        if loud && done >= told + 50_000 {
            told = done;
            let seconds = began.elapsed().as_secs_f64();
            diagnostic(&format!("{done} messages in {seconds:.0} s"));
        }
    };
    let written = run_async(async { Ok(generate::generate(&args.path, shape, &mut tell).await?) })?;
    let seconds = began.elapsed().as_secs_f64();
    context.out.line(&format!(
        "{} messages in {} conversations, {seconds:.0} s",
        written.messages, written.conversations
    ))?;
    context.out.value(&serde_json::json!({
        "messages": written.messages, "conversations": written.conversations, "seed": args.seed,
        "until": shape.until.0, "seconds": seconds,
    }))
}
