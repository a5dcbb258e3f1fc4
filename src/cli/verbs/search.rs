//! `search`: find messages.

use crate::cli::context::Context;
use crate::cli::desk::{Desk, mismatch};
use crate::cli::failure::Done;
use crate::cli::operands;
use crate::cli::print::diagnostic;
use crate::cli::shown;
use crate::model::{Answer, Query};
use clap::Args;

/// What to look for.
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// Words, "phrases", and conditions such as from:ana, is:open, label:vip, before:2026-01-01.
    #[arg(required = true, value_name = "WORD", allow_hyphen_values = true, value_parser = operands::dashed_word)]
    pub words: Vec<String>,
    /// At most so many results.
    #[arg(long, value_name = "COUNT", default_value_t = 30)]
    pub limit: u32,
}

pub async fn run(args: &SearchArgs, context: &mut Context) -> Done {
    let desk = Desk::open(context)?;
    let query = Query::Search {
        text: args.words.join(" "),
        me: context.config.me.clone(),
        typing: false,
        before: None,
        limit: args.limit,
    };
    let Answer::Search {
        hits,
        more,
        remarks,
    } = desk.ask(query).await?
    else {
        return Err(mismatch());
    };
    for remark in &remarks {
        diagnostic(remark);
    }
    let zone = context.config.timezone.clone();
    let out = &mut context.out;
    for hit in &hits {
        out.value(hit)?;
    }
    let rows: Vec<_> = hits
        .iter()
        .map(|hit| {
            vec![
                format!("#{}", hit.conversation.id),
                shown::time(hit.at, &zone),
                hit.conversation.contact_name.clone(),
                hit.snippet.clone(),
            ]
        })
        .collect();
    out.rows(&rows)?;
    if out.is_terminal() && hits.is_empty() {
        out.line("nothing found")?;
    } else if out.is_terminal() && more {
        out.line("there is more; --limit shows it")?;
    }
    Ok(())
}
