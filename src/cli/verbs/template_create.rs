//! `templates create`: proposes a text to the vendor.

use crate::cli::context::Context;
use crate::cli::desk::Desk;
use crate::cli::failure::{Done, Failure};
use crate::cli::print::diagnostic;
use crate::cli::{operands, providers};
use crate::model::template_new::TemplateButton;
use crate::model::{NewTemplate, TemplateStatus};
use crate::sync::templates::read;
use clap::Args;

/// What is proposed.
#[derive(Debug, Args)]
pub struct CreateArgs {
    /// The account's name.
    pub account: String,
    /// The template's name: small letters, digits and _.
    #[arg(long)]
    pub name: String,
    /// Its language: `en`, `en_US`.
    #[arg(long, value_name = "TAG")]
    pub language: String,
    /// utility or marketing; it decides the price.
    #[arg(long)]
    pub category: String,
    /// The text, with `{{1}}` or `{{name}}` where values go.
    #[arg(long, value_name = "TEXT")]
    pub body: String,
    /// An example for each place: `--example 1=Ana`.
    #[arg(long = "example", value_name = "PLACE=VALUE", value_parser = operands::assignment)]
    pub examples: Vec<(String, String)>,
    /// A small line below.
    #[arg(long, value_name = "TEXT")]
    pub footer: Option<String>,
    /// A button whose text comes back as a reply.
    #[arg(long = "button", value_name = "TEXT")]
    pub buttons: Vec<String>,
    /// A button that opens a page: `--url-button Map=https://example.com/map`.
    #[arg(long = "url-button", value_name = "TEXT=URL", value_parser = operands::assignment)]
    pub url_buttons: Vec<(String, String)>,
}

pub async fn run(args: &CreateArgs, context: &mut Context) -> Done {
    if context.restricted {
        return Err(Failure::refused("templates are not created from here"));
    }
    let new = template(args);
    if let Some(words) = new.refuses() {
        return Err(Failure::refused(words));
    }
    let desk = Desk::open(context)?;
    let name = std::slice::from_ref(&args.account);
    let Some((account, provider)) = providers::chosen(name, context)?.into_iter().next() else {
        return Err(providers::none(&context.problems));
    };
    let created = provider
        .create_template(&new)
        .await
        .map_err(|error| Failure::refused(format!("the template was not created: {error}")))?;
    let out = &mut context.out;
    out.value(&created)?;
    out.line(&format!(
        "{} · {} · {} is {}",
        new.name,
        new.language,
        created.category.to_lowercase(),
        created.status.name()
    ))?;
    if created.status != TemplateStatus::Approved {
        out.line(&format!(
            "the vendor decides; `frontdesk templates {account} --read` tells how it stands"
        ))?;
    }
    if let Some(error) = read(&account, provider.as_ref(), &desk.store).await? {
        diagnostic(&format!(
            "the list of templates could not be read again: {error}"
        ));
    }
    Ok(())
}

fn template(args: &CreateArgs) -> NewTemplate {
    let replies = args.buttons.iter().map(|text| TemplateButton {
        text: text.clone(),
        url: None,
    });
    let pages = args.url_buttons.iter().map(|(text, url)| TemplateButton {
        text: text.clone(),
        url: Some(url.clone()),
    });
    NewTemplate {
        name: args.name.clone(),
        language: args.language.clone(),
        category: args.category.to_uppercase(),
        body: args.body.clone(),
        examples: args.examples.clone(),
        footer: args.footer.clone(),
        buttons: replies.chain(pages).collect(),
    }
}
