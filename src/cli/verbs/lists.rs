//! `list`: a window on a list of conversations.

use crate::cli::context::Context;
use crate::cli::desk::{Desk, mismatch};
use crate::cli::failure::Done;
use crate::cli::{operands, shown};
use crate::model::query::{From, ListQuery, Sort, View};
use crate::model::{Answer, Query};
use clap::Args;

/// Which list, and how much of it.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// inbox, mine, unassigned, waiting, snoozed, resolved, spam, all, channel:NAME, account:NAME, label:NAME or
    /// view:NAME.
    #[arg(default_value = "inbox", value_parser = operands::view)]
    pub view: View,
    /// closing, newest, oldest or priority [default: as configured].
    #[arg(long, value_name = "ORDER", value_parser = operands::sort)]
    pub sort: Option<Sort>,
    /// Only what the search finds, in the language of `/`.
    #[arg(
        long,
        value_name = "QUERY",
        default_value = "",
        hide_default_value = true
    )]
    pub filter: String,
    /// At most so many rows.
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    pub limit: u32,
}

pub async fn run(args: &ListArgs, context: &mut Context) -> Done {
    let desk = Desk::open(context)?;
    let query = ListQuery {
        view: args.view.clone(),
        sort: args.sort.unwrap_or(context.config.sort),
        from: From::Top,
        limit: args.limit,
        me: desk.me(),
        filter: args.filter.clone(),
    };
    let Answer::List(page) = desk.ask(Query::List(query)).await? else {
        return Err(mismatch());
    };
    let (out, now) = (&mut context.out, Desk::now());
    for (_, conversation) in &page.rows {
        out.value(conversation)?;
    }
    let rows: Vec<_> = page
        .rows
        .iter()
        .map(|(_, conversation)| shown::conversation_row(conversation, now))
        .collect();
    out.rows(&rows)?;
    if out.is_terminal() {
        if rows.is_empty() {
            out.line("nothing here")?;
        } else if page.after {
            let total = page
                .total
                .map_or(String::new(), |total| format!(" of {total}"));
            out.line(&format!("{}{total}; --limit shows more", rows.len()))?;
        }
    }
    Ok(())
}
