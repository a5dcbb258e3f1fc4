//! `escalate`, `pages`, `ack`, `close`: pages to people.

use super::{act, say, wait};
use crate::cli::context::Context;
use crate::cli::desk::{Desk, mismatch};
use crate::cli::failure::{Done, Failure};
use crate::cli::{operands, shown};
use crate::config::nearest;
use crate::model::{AccountId, Answer, Command, ConversationId, EscalationId, Query};
use crate::runtime;
use clap::Args;

/// How many.
#[derive(Debug, Args)]
pub struct PagesArgs {
    /// At most so many.
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    pub limit: u32,
}

/// Which page.
#[derive(Debug, Args)]
pub struct PageArgs {
    /// The page's number.
    #[arg(value_name = "PAGE", value_parser = operands::number)]
    pub id: i64,
}

/// About what, whom, and why.
#[derive(Debug, Args)]
pub struct EscalateArgs {
    /// The conversation's number.
    #[arg(value_name = "NUMBER", value_parser = operands::conversation)]
    pub id: ConversationId,
    /// Whom: a name of the roster.
    #[arg(long, value_name = "NAME")]
    pub to: String,
    /// Why, in a sentence.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub reason: String,
}

pub async fn list(args: &PagesArgs, context: &mut Context) -> Done {
    let desk = Desk::open(context)?;
    let Answer::Pages(pages) = desk.ask(Query::Pages { limit: args.limit }).await? else {
        return Err(mismatch());
    };
    let (out, now) = (&mut context.out, Desk::now());
    for page in &pages {
        out.value(page)?;
    }
    let rows: Vec<_> = pages
        .iter()
        .map(|page| shown::page_row(page, now))
        .collect();
    if rows.is_empty() && out.is_terminal() {
        out.line("nobody is paged")?;
    }
    out.rows(&rows)
}

pub async fn acknowledge(args: &PageArgs, context: &mut Context) -> Done {
    let id = EscalationId(args.id);
    act(context, Command::Acknowledge { id }).await
}

pub async fn close(args: &PageArgs, context: &mut Context) -> Done {
    let id = EscalationId(args.id);
    act(context, Command::CloseEscalation { id }).await
}

pub async fn escalate(args: EscalateArgs, context: &mut Context) -> Done {
    let EscalateArgs { id, to, reason } = &args;
    let roster = &context.config.roster;
    if !roster.iter().any(|entry| entry.name == *to) {
        let names: Vec<&str> = roster.iter().map(|entry| entry.name.as_str()).collect();
        let hint = match (nearest(to, names.iter().copied()), names.is_empty()) {
            (_, true) => "add [[roster]] entries to the configuration".to_owned(),
            (Some(meant), _) => format!("did you mean `{meant}`? ({})", names.join(", ")),
            (None, _) => format!("there is {}", names.join(", ")),
        };
        return Err(Failure::refused(format!(
            "nobody called `{to}` is on the roster; {hint}"
        )));
    }
    let desk = Desk::open(context)?;
    let accounts = context.config.accounts.iter();
    let accounts: Vec<AccountId> = accounts.map(|account| account.id.clone()).collect();
    let outcome =
        runtime::escalate(&desk.store, &desk.actor, roster, &accounts, *id, to, reason).await?;
    say(context, &outcome)?;
    wait::say_if_nobody_sends(&desk)
}
