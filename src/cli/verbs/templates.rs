//! `templates`: texts that a vendor approved beforehand.

use super::template_create;
use crate::cli::context::Context;
use crate::cli::desk::{Desk, mismatch};
use crate::cli::failure::{Done, Failure};
use crate::cli::print::diagnostic;
use crate::cli::providers;
use crate::model::{AccountId, Answer, Channel, Query, Template, TemplateDraft, TemplateList};
use crate::sync::templates::read;
use clap::{Args, Subcommand};

/// Whose templates.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct TemplatesArgs {
    /// The account's name.
    #[arg(required = true)]
    pub account: Option<String>,
    /// Read them now, not as they were last read.
    #[arg(long)]
    pub read: bool,
    /// What to do; none lists them.
    #[command(subcommand)]
    pub job: Option<TemplatesJob>,
}

/// What to do with templates.
#[derive(Debug, Subcommand)]
pub enum TemplatesJob {
    /// Propose a text to the vendor, who decides whether it may be used.
    Create(Box<template_create::CreateArgs>),
}

pub async fn run(args: &TemplatesArgs, context: &mut Context) -> Done {
    if let Some(TemplatesJob::Create(args)) = &args.job {
        return template_create::run(args, context).await;
    }
    let desk = Desk::open(context)?;
    let name = args.account.as_slice();
    let Some((account, provider)) = providers::chosen(name, context)?.into_iter().next() else {
        return Err(providers::none(&context.problems));
    };
    let Some(channel) = provider.template_channels().first().copied() else {
        return Err(Failure::refused(format!(
            "the account {account} carries no channel that takes templates"
        )));
    };
    if (args.read || list(&desk, &account, channel).await?.read_at.is_none())
        && let Some(error) = read(&account, provider.as_ref(), &desk.store).await?
    {
        return Err(Failure::refused(format!(
            "the templates of {account} cannot be read: {error}"
        )));
    }
    let list = list(&desk, &account, channel).await?;
    show(&list, context)
}

/// Prints templates: a row for people, an object for scripts.
fn show(list: &TemplateList, context: &mut Context) -> Done {
    let out = &mut context.out;
    for template in &list.templates {
        out.value(template)?;
    }
    let rows: Vec<Vec<String>> = list.templates.iter().map(row).collect();
    out.rows(&rows)?;
    if list.templates.is_empty() {
        out.line("the account has no templates")?;
    }
    if let Some(error) = &list.error {
        diagnostic(&format!(
            "as they were last read; reading them again failed: {error}"
        ));
    }
    Ok(())
}

fn row(template: &Template) -> Vec<String> {
    vec![
        template.name.clone(),
        template.language.clone(),
        template.category.to_lowercase(),
        template.status.name(),
        template.body.replace('\n', " ⏎ "),
    ]
}

async fn list(desk: &Desk, account: &AccountId, channel: Channel) -> Done<TemplateList> {
    let query = Query::Templates {
        account: account.clone(),
        channel,
    };
    match desk.ask(query).await? {
        Answer::Templates(list) => Ok(list),
        _ => Err(mismatch()),
    }
}

/// The template of this name and language, filled for a conversation; refused with words when a place has no value.
pub async fn filled(
    desk: &Desk,
    (account, channel): (&AccountId, Channel),
    contact: Option<&str>,
    (name, language): (&str, Option<&str>),
    values: &[(String, String)],
) -> Done<TemplateDraft> {
    if !channel.takes_templates() {
        return Err(Failure::refused(format!(
            "{channel} takes no templates; send it as text"
        )));
    }
    let all = list(desk, account, channel).await?.templates;
    let mut found = all.into_iter().filter(|one| {
        (one.name == name || one.id == name) && language.is_none_or(|tag| one.language == tag)
    });
    let Some(template) = found.next() else {
        return Err(Failure::refused(format!(
            "the account {account} has no template {name} that was read; `frontdesk templates {account} --read` reads them now"
        )));
    };
    let others: Vec<String> = found.map(|one| one.language).collect();
    if !others.is_empty() {
        return Err(Failure::refused(format!(
            "the template {name} exists in {}, {}; say which with --language",
            template.language,
            others.join(", ")
        )));
    }
    let mut draft = TemplateDraft::new(template, contact, &desk.me());
    for (place, value) in values {
        match draft.values.iter_mut().find(|(name, _)| name == place) {
            Some((_, kept)) => value.clone_into(kept),
            // Kept, so that it is refused by its name.
            None => draft.values.push((place.clone(), value.clone())),
        }
    }
    match draft.template.refuses(&draft.values) {
        None => Ok(draft),
        Some(words) => Err(Failure::refused(words)),
    }
}
