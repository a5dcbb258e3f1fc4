//! `bench`: a mirror of the size of a busy desk, and figures against limits.

use super::context::{Context, run_async};
use super::failure::{Done, Failure};
use super::print::diagnostic;
use crate::bench::generate::{self, Shape};
use crate::bench::run::{self, Plan, Row};
use crate::model::{Clock, SystemClock, Timestamp, time::DAY};
use clap::{Args, Subcommand};
use std::ffi::OsString;
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
    /// Measure, and print each figure against its limit or a peer; exit code 1 when one does not hold.
    ///
    /// What is measured on a mirror is measured on a copy of the one that `frontdesk bench generate` wrote.
    Run(RunArgs),
    /// Become a program on a terminal of its own.
    #[command(hide = true)]
    Seat {
        /// The program and its arguments.
        #[arg(last = true, required = true)]
        program: Vec<OsString>,
    },
    /// Run a program until standard input ends.
    #[command(hide = true)]
    Keep {
        /// The program and its arguments.
        #[arg(last = true, required = true)]
        program: Vec<OsString>,
    },
}

#[derive(Debug, Args)]
struct RunArgs {
    /// Measure just these; `hour` takes one, and is measured only where it is named.
    #[arg(long, value_name = "NAME", num_args = 1.., value_parser = clap::builder::PossibleValuesParser::new(run::GROUPS))]
    only: Vec<String>,
    /// How often keys are pressed: ten times this for the commonest.
    #[arg(long, value_name = "NUMBER", default_value_t = 40)]
    times: usize,
    /// How many mails other programs are given.
    #[arg(long, value_name = "NUMBER", default_value_t = 100_000, hide = true)]
    mails: usize,
    /// Where copies and scratch files go: room for the mirror twice.
    #[arg(long, value_name = "DIR", default_value = "/var/tmp")]
    scratch: PathBuf,
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
pub fn run_job(args: BenchArgs, context: &mut Context) -> Done {
    match args.job {
        BenchJob::Generate(args) => generate(&args, context),
        BenchJob::Run(args) => measure(args, context),
        BenchJob::Seat { program } => match run::seat::sit_down(&program) {
            Ok(never) => match never {},
            Err(error) => Err(error.into()),
        },
        BenchJob::Keep { program } => Ok(run::kept::keep(&program, std::io::stdin())?),
    }
}

fn measure(args: RunArgs, context: &mut Context) -> Done {
    let plan = Plan {
        mirror: context.config.mirror.clone(),
        scratch: args.scratch,
        times: args.times,
        mails: args.mails,
        only: args.only,
    };
    let loud = !context.out.is_json();
    let mut rows: Vec<Row> = Vec::new();
    let mut tell = |row: Row| {
        if loud {
            diagnostic(&cells(&row).join(" | "));
        }
        rows.push(row);
    };
    run_async(async { Ok(run::run(&plan, &mut tell).await?) })?;
    for row in &rows {
        context.out.value(row)?;
    }
    let head = ["figure", "value", "against", "ratio", "pass", "note"].map(str::to_owned);
    let table: Vec<Vec<String>> = std::iter::once(head.into())
        .chain(rows.iter().map(cells))
        .collect();
    context.out.rows(&table)?;
    if rows.iter().any(|row| row.pass == Some(false)) {
        return Err(Failure::Said);
    }
    Ok(())
}

fn cells(row: &Row) -> Vec<String> {
    let with_unit = |value: Option<f64>| match value {
        Some(value) if value >= 100.0 => format!("{value:.0} {}", row.unit),
        Some(value) => format!("{value:.2} {}", row.unit),
        None => "-".to_owned(),
    };
    let pass = match row.pass {
        Some(true) => "pass",
        Some(false) => "FAIL",
        None => "-",
    };
    vec![
        row.figure.clone(),
        with_unit(row.value),
        format!("{} {}", row.against, with_unit(row.limit)),
        row.ratio
            .map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}")),
        pass.to_owned(),
        row.note.clone(),
    ]
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
