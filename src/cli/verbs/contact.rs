//! `contact`: who is one person over all channels, and who may be.

use super::act;
use crate::cli::context::Context;
use crate::cli::desk::Desk;
use crate::cli::failure::{Done, Failure};
use crate::cli::{operands, shown};
use crate::model::query::ConversationDetail;
use crate::model::{Command, Contact, ContactId, ConversationId, Identity, MergeId};
use clap::{Args, Subcommand};

/// What to do about a contact. A contact is named by any of its conversations.
#[derive(Debug, Args)]
pub struct ContactArgs {
    #[command(subcommand)]
    pub what: What,
}

/// One of these.
#[derive(Debug, Subcommand)]
pub enum What {
    /// Show a contact: all addresses with what is known of them, and its merges.
    Show(Of),
    /// List who else it may be, with reasons.
    Suggest(Of),
    /// These two are one person.
    Merge(Pair),
    /// These two are not one person; it is not suggested again.
    Refuse(Pair),
    /// Take a merge apart.
    Split(Split),
}

/// Whose.
#[derive(Debug, Args)]
pub struct Of {
    /// A conversation with the contact.
    #[arg(value_name = "NUMBER", value_parser = operands::conversation)]
    pub id: ConversationId,
}

/// Two contacts.
#[derive(Debug, Args)]
pub struct Pair {
    /// A conversation with the one.
    #[arg(value_name = "NUMBER", value_parser = operands::conversation)]
    pub id: ConversationId,
    /// A conversation with the other.
    #[arg(value_name = "OTHER", value_parser = operands::conversation, required_unless_present = "contact")]
    pub other: Option<ConversationId>,
    /// The other, by its number in `contact suggest`.
    #[arg(long, value_name = "CONTACT", value_parser = operands::number, conflicts_with = "other")]
    pub contact: Option<i64>,
}

/// Which merge.
#[derive(Debug, Args)]
pub struct Split {
    /// A conversation with the contact.
    #[arg(value_name = "NUMBER", value_parser = operands::conversation)]
    pub id: ConversationId,
    /// Which of its merges, by the number in `contact show` [default: its only one].
    #[arg(long, value_name = "MERGE", value_parser = operands::number)]
    pub merge: Option<i64>,
}

pub async fn run(args: ContactArgs, context: &mut Context) -> Done {
    match args.what {
        What::Show(of) => show(&of, context).await,
        What::Suggest(of) => suggest(&of, context).await,
        What::Merge(pair) => {
            let (a, b) = both(&pair, context).await?;
            let seen = Vec::new();
            act(context, Command::MergeContacts { a, b, seen }).await
        }
        What::Refuse(pair) => {
            let (a, b) = both(&pair, context).await?;
            act(context, Command::RefuseMerge { a, b }).await
        }
        What::Split(args) => split(&args, context).await,
    }
}

async fn detail(id: ConversationId, context: &Context) -> Done<Box<ConversationDetail>> {
    Desk::open(context)?.conversation(id).await
}

async fn both(pair: &Pair, context: &Context) -> Done<(ContactId, ContactId)> {
    let a = detail(pair.id, context).await?.contact.id;
    let b = match (pair.contact, pair.other) {
        (Some(number), _) => ContactId(number),
        (None, Some(other)) => detail(other, context).await?.contact.id,
        (None, None) => return Err(Failure::Usage("say who the other one is".to_owned())),
    };
    Ok((a, b))
}

async fn show(of: &Of, context: &mut Context) -> Done {
    let contact = detail(of.id, context).await?.contact;
    let zone = context.config.timezone.clone();
    let out = &mut context.out;
    out.value(&contact)?;
    out.line(&format!(
        "contact {}: {}, known since {}{}",
        contact.id,
        contact.name,
        shown::time(contact.since, &zone),
        if contact.vip { ", VIP" } else { "" }
    ))?;
    out.rows(&addresses(&contact.identities))?;
    for merge in &contact.merges {
        let by = if merge.by_itself {
            "by itself"
        } else {
            merge.by.name()
        };
        out.line(&format!(
            "merge {}: {} and {}, {by}, {}: {}",
            merge.id,
            merge.addresses.0,
            merge.addresses.1,
            shown::time(merge.at, &zone),
            merge.because
        ))?;
    }
    if !contact.remarks.is_empty() {
        out.line("remarks")?;
        out.block(&shown::indented(&contact.remarks))?;
    }
    suggested(&contact, of.id, context)
}

async fn suggest(of: &Of, context: &mut Context) -> Done {
    let contact = detail(of.id, context).await?.contact;
    for one in &contact.suggestions {
        context.out.value(one)?;
    }
    if contact.suggestions.is_empty() && context.out.is_terminal() {
        context.out.line("nobody else looks like the same person")?;
    }
    suggested(&contact, of.id, context)
}

fn suggested(contact: &Contact, id: ConversationId, context: &mut Context) -> Done {
    let out = &mut context.out;
    for one in &contact.suggestions {
        out.line(&format!(
            "contact {} may be the same person ({}): {}",
            one.contact,
            one.strength.name(),
            one.name
        ))?;
        out.rows(&addresses(&one.identities))?;
        for reason in &one.reasons {
            out.line(&format!("    {reason}"))?;
        }
        if out.is_terminal() {
            out.line(&format!(
                "    frontdesk contact merge {id} --contact {0}, or contact refuse {id} --contact {0}",
                one.contact
            ))?;
        }
    }
    Ok(())
}

async fn split(args: &Split, context: &mut Context) -> Done {
    let merges = detail(args.id, context).await?.contact.merges;
    let merge = match (args.merge, merges.as_slice()) {
        (Some(number), all) => match all.iter().find(|one| one.id == MergeId(number)) {
            Some(found) => found.id,
            None => {
                return Err(Failure::refused(format!(
                    "merge {number} is none of this contact"
                )));
            }
        },
        (None, [one]) => one.id,
        (None, []) => {
            return Err(Failure::refused("this contact was not merged with another"));
        }
        (None, _) => {
            return Err(Failure::refused(
                "this contact has several merges; `contact show` lists them, --merge says which",
            ));
        }
    };
    act(context, Command::SplitContact { merge }).await
}

/// A row for each address: channel, address, what is known of it.
fn addresses(identities: &[Identity]) -> Vec<Vec<String>> {
    let row = |one: &Identity| {
        let mut known = vec![if one.verified { "verified" } else { "claimed" }.to_owned()];
        if one.opted_out {
            known.push("opted out".to_owned());
        }
        known.extend(one.warning.clone());
        vec![
            format!("    {}", one.channel.name()),
            one.address.clone(),
            known.join(", "),
        ]
    };
    identities.iter().map(row).collect()
}
