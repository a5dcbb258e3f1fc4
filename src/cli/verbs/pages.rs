//! `escalate`, `pages`, `ack`, `close`: pages to people.

use super::{act, say, wait};
use crate::cli::context::Context;
use crate::cli::desk::{Desk, mismatch};
use crate::cli::failure::Done;
use crate::cli::{operands, providers, shown, unlock};
use crate::model::{AccountId, Answer, Channel, Command, ConversationId, EscalationId, Query};
use crate::providers::Provider;
use crate::runtime;
use crate::runtime::colleagues::Colleagues;
use clap::Args;
use std::collections::BTreeMap;
use std::sync::Arc;

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
    /// Whom: a name of the roster, or of somebody whom an account knows (`frontdesk roster --people`).
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

/// Opens the vault where the accounts must be asked who somebody is; not within the runtime, because a person is asked.
pub fn before_escalating(args: &EscalateArgs, context: &Context) -> Done {
    let mut roster = context.config.roster.iter();
    if roster.any(|entry| entry.name == args.to) {
        return Ok(());
    }
    unlock::before_use(context)
}

pub async fn escalate(args: EscalateArgs, context: &mut Context) -> Done {
    let EscalateArgs { id, to, reason } = &args;
    // Where no account can be used, nobody beside the roster is known.
    let accounts = providers::chosen(&[], context).unwrap_or_default();
    let mail = accounts.iter().filter(|(_, provider)| {
        let channels = provider.capabilities().channels;
        channels.contains(&Channel::Email)
    });
    let mail: Vec<AccountId> = mail.map(|(account, _)| account.clone()).collect();
    let accounts: BTreeMap<AccountId, Arc<dyn Provider>> = accounts.into_iter().collect();
    let roster = &context.config.roster;
    let person = Colleagues::default().whom(to, roster, &accounts).await?;
    let desk = Desk::open(context)?;
    let outcome = runtime::escalate(&desk.store, &desk.actor, &person, &mail, *id, reason).await?;
    say(context, &outcome)?;
    wait::say_if_nobody_sends(&desk)
}
