//! `outbox`, `cancel`, `retry`, `settle`: what leaves, and what did not.

use super::act;
use crate::cli::context::Context;
use crate::cli::desk::{Desk, mismatch};
use crate::cli::failure::Done;
use crate::cli::{operands, shown};
use crate::model::command::Settled;
use crate::model::{Answer, Command, OutboxId, Query};
use clap::{Args, ValueEnum};

/// How much of it.
#[derive(Debug, Args)]
pub struct OutboxArgs {
    /// At most so many rows.
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    pub limit: u32,
}

/// Which row.
#[derive(Debug, Args)]
pub struct RowArgs {
    /// Its number in the outbox.
    #[arg(value_name = "ROW", value_parser = operands::number)]
    pub id: i64,
}

/// Which row, and what a person found out.
#[derive(Debug, Args)]
pub struct SettleArgs {
    /// Its number in the outbox.
    #[arg(value_name = "ROW", value_parser = operands::number)]
    pub id: i64,
    /// What you found out.
    #[arg(value_enum)]
    pub found: Found,
}

/// What a person found out.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Found {
    /// The customer has it.
    Sent,
    /// The customer does not have it: send it.
    Again,
    /// The customer does not have it: leave it.
    Drop,
}

pub async fn list(args: &OutboxArgs, context: &mut Context) -> Done {
    let desk = Desk::open(context)?;
    let Answer::Outbox(rows) = desk.ask(Query::Outbox { limit: args.limit }).await? else {
        return Err(mismatch());
    };
    let (out, now) = (&mut context.out, Desk::now());
    for row in &rows {
        out.value(row)?;
    }
    let rows: Vec<_> = rows.iter().map(|row| shown::outbox_row(row, now)).collect();
    if rows.is_empty() && out.is_terminal() {
        out.line("the outbox is empty")?;
    }
    out.rows(&rows)
}

pub async fn cancel(args: &RowArgs, context: &mut Context) -> Done {
    let id = OutboxId(args.id);
    act(context, Command::CancelSend { id }).await
}

pub async fn retry(args: &RowArgs, context: &mut Context) -> Done {
    let id = OutboxId(args.id);
    act(context, Command::RetrySend { id }).await
}

pub async fn settle(args: &SettleArgs, context: &mut Context) -> Done {
    let as_ = match args.found {
        Found::Sent => Settled::Sent,
        Found::Again => Settled::SendAgain,
        Found::Drop => Settled::Drop,
    };
    let id = OutboxId(args.id);
    act(context, Command::SettleUnknown { id, as_ }).await
}
