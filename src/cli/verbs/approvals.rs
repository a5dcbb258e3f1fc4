//! `approvals`, `approve`, `reject`: decisions on the assistant's drafts.

use super::{act, say, wait};
use crate::cli::context::Context;
use crate::cli::desk::{Desk, mismatch};
use crate::cli::failure::{Done, Failure};
use crate::cli::{operands, shown};
use crate::model::{Answer, Command, Proposal, ProposalId, Query, RejectReason};
use clap::Args;
use std::io::{IsTerminal, Write};

/// Digits of a hash that are enough to name it, and the fewest taken.
const SHORT: usize = 12;
const FEWEST: usize = 8;

/// How many.
#[derive(Debug, Args)]
pub struct ApprovalsArgs {
    /// At most so many.
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    pub limit: u32,
}

/// Which draft, and proof that it was seen.
#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// The draft's number.
    #[arg(value_name = "DRAFT", value_parser = operands::number)]
    pub id: i64,
    /// The hash shown with it (8 digits or more): needed where you cannot be asked.
    #[arg(long, value_name = "HASH")]
    pub hash: Option<String>,
    /// Wait until it has left.
    #[arg(long)]
    pub wait: bool,
}

/// Which draft, and why not.
#[derive(Debug, Args)]
pub struct RejectArgs {
    /// The draft's number.
    #[arg(value_name = "DRAFT", value_parser = operands::number)]
    pub id: i64,
    /// wrong-fact, tone, policy, wrong-customer, stale, duplicate or not-needed.
    #[arg(long, value_parser = operands::reject_reason)]
    pub reason: RejectReason,
    /// More words.
    #[arg(
        short,
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    pub message: String,
}

/// The line that approves a draft as it is shown.
pub fn how(proposal: &Proposal) -> String {
    let hash = proposal.bound_hash();
    format!(
        "approve it: frontdesk approve {} --hash {}",
        proposal.id,
        &hash[..SHORT]
    )
}

pub async fn list(args: &ApprovalsArgs, context: &mut Context) -> Done {
    let desk = Desk::open(context)?;
    let pending = pending(&desk, args.limit).await?;
    let out = &mut context.out;
    if pending.is_empty() && out.is_terminal() {
        out.line("no draft waits for a decision")?;
    }
    for (index, proposal) in pending.iter().enumerate() {
        let mut value = serde_json::to_value(proposal).map_err(anyhow::Error::from)?;
        value["hash"] = proposal.bound_hash().into();
        out.value(&value)?;
        if index > 0 {
            out.line("")?;
        }
        out.block(&shown::proposal(proposal))?;
        out.line(&how(proposal))?;
    }
    Ok(())
}

pub async fn approve(args: &ApproveArgs, context: &mut Context) -> Done {
    let desk = Desk::open(context)?;
    let id = ProposalId(args.id);
    let found = pending(&desk, u32::MAX)
        .await?
        .into_iter()
        .find(|p| p.id == id);
    let hash = match (found, &args.hash) {
        (Some(proposal), Some(given)) => seen(&proposal, given)?,
        (Some(proposal), None) => {
            ask(&proposal, context)?;
            proposal.bound_hash()
        }
        // Not among those that wait: the mirror knows who decided it, or that there is none.
        (None, given) => given.clone().unwrap_or_default(),
    };
    let hold_ms = hold(&desk, id, context).await?;
    let outcome = desk.apply(Command::Approve { id, hash, hold_ms }).await?;
    say(context, &outcome)?;
    match (args.wait, outcome.outbox) {
        (true, Some(row)) => wait::until_done(&desk, row, context).await,
        _ => Ok(()),
    }
}

pub async fn reject(args: RejectArgs, context: &mut Context) -> Done {
    let command = Command::Reject {
        id: ProposalId(args.id),
        reason: args.reason,
        words: args.message,
    };
    act(context, command).await
}

async fn pending(desk: &Desk, limit: u32) -> Done<Vec<Proposal>> {
    let Answer::Approvals(pending) = desk.ask(Query::Approvals { limit }).await? else {
        return Err(mismatch());
    };
    Ok(pending.into_iter().map(|(proposal, _)| proposal).collect())
}

async fn hold(desk: &Desk, id: ProposalId, context: &Context) -> Done<i64> {
    let pending = pending(desk, u32::MAX).await?;
    let proposal = pending.iter().find(|proposal| proposal.id == id);
    Ok(proposal.map_or(0, |p| context.config.hold_ms(&p.account, p.channel)))
}

/// The whole hash, if the given digits are its beginning.
fn seen(proposal: &Proposal, given: &str) -> Done<String> {
    let hash = proposal.bound_hash();
    let given = given.to_ascii_lowercase();
    if given.len() < FEWEST {
        return Err(Failure::Usage(format!(
            "a hash has at least {FEWEST} digits"
        )));
    }
    if hash.starts_with(&given) {
        Ok(hash)
    } else {
        Err(Failure::refused(format!(
            "draft {} is not the one you saw any more; look at it again with `frontdesk approvals`",
            proposal.id
        )))
    }
}

/// Shows the draft and asks. Only a person at a terminal can be asked.
fn ask(proposal: &Proposal, context: &mut Context) -> Done {
    if context.out.is_json() || !context.out.is_terminal() || !std::io::stdin().is_terminal() {
        return Err(Failure::Usage(format!(
            "nobody can be asked here; approve what you saw by its hash: `frontdesk approvals` shows it as \
             `approve {} --hash …`",
            proposal.id
        )));
    }
    context.out.block(&shown::proposal(proposal))?;
    context.out.flush()?;
    let mut err = std::io::stderr().lock();
    write!(err, "Send exactly this? [y/N] ")?;
    err.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    match answer.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(Failure::refused("not approved; nothing was sent")),
    }
}
