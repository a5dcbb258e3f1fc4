//! `show`: one conversation with its newest messages, or one message raw.

use crate::cli::context::Context;
use crate::cli::desk::{Desk, mismatch};
use crate::cli::failure::{Done, Failure};
use crate::cli::{operands, shown};
use crate::model::query::{ConversationDetail, MessagePage};
use crate::model::{Answer, ConversationId, MessageId, Query};
use clap::Args;
use serde::Serialize;

/// Which, and how much of it.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The conversation's number.
    #[arg(value_name = "NUMBER", value_parser = operands::conversation)]
    pub id: ConversationId,
    /// At most so many messages, the newest.
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    pub messages: u32,
    /// The customer's other channels too.
    #[arg(long)]
    pub all_channels: bool,
    /// Print this message as it came over the wire instead.
    #[arg(long, value_name = "MESSAGE", value_parser = operands::number)]
    pub raw: Option<i64>,
}

#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    detail: &'a ConversationDetail,
    messages: &'a MessagePage,
}

pub async fn run(args: &ShowArgs, context: &mut Context) -> Done {
    let desk = Desk::open(context)?;
    let detail = desk.conversation(args.id).await?;
    if let Some(message) = args.raw {
        return raw(MessageId(message), &desk, context).await;
    }
    let query = Query::Messages {
        conversation: args.id,
        before: None,
        limit: args.messages,
        all_channels: args.all_channels,
    };
    let Answer::Messages(page) = desk.ask(query).await? else {
        return Err(mismatch());
    };
    context.out.value(&Whole {
        detail: &detail,
        messages: &page,
    })?;
    for_people(&detail, &page, context)
}

fn for_people(detail: &ConversationDetail, page: &MessagePage, context: &mut Context) -> Done {
    let zone = context.config.timezone.clone();
    let now = Desk::now();
    let conversation = &detail.conversation;
    let out = &mut context.out;
    out.line(&format!(
        "#{} {} · {} {} · {} · {}",
        conversation.id,
        conversation.contact_name,
        conversation.channel,
        conversation.contact_address,
        conversation.status.name(),
        shown::clock(conversation, now),
    ))?;
    for line in [conversation.subject.clone(), shown::marks(conversation)] {
        if !line.is_empty() {
            out.line(&line)?;
        }
    }
    if page.older {
        out.line("(there are older messages; --messages shows more)")?;
    }
    for message in &page.messages {
        out.line("")?;
        out.line(&shown::message_head(message, &zone))?;
        out.block(&shown::indented(&message.body))?;
        for attachment in &message.attachments {
            out.line(&format!(
                "    attachment {}: {} ({}, {} bytes{})",
                attachment.id,
                attachment.name,
                attachment.mime,
                attachment.size,
                if attachment.stored {
                    ""
                } else {
                    ", not fetched"
                }
            ))?;
            if let Some(warning) = attachment.warning() {
                out.line(&format!("    take care: it {warning}"))?;
            }
            if let Some(transcript) = &attachment.transcript {
                out.block(&shown::indented(&shown::transcript(transcript)))?;
            }
        }
    }
    for draft in &detail.drafts {
        out.line("")?;
        out.line(&format!(
            "your unsent text, {}",
            shown::time(draft.updated_at, &zone)
        ))?;
        out.block(&shown::indented(&draft.body))?;
    }
    for row in &detail.unsent {
        out.line(&format!(
            "outbox: {}",
            shown::outbox_row(row, now).join("  ")
        ))?;
    }
    for page in &detail.pages {
        out.line(&format!("page: {}", shown::page_row(page, now).join("  ")))?;
    }
    if let Some(proposal) = &detail.proposal {
        out.line("")?;
        out.block(&shown::proposal(proposal))?;
        out.line(&super::approvals::how(proposal))?;
    }
    Ok(())
}

/// The bytes as they came; cleaned where they could reach a terminal.
async fn raw(message: MessageId, desk: &Desk, context: &mut Context) -> Done {
    let Answer::Raw(bytes) = desk.ask(Query::Raw { message }).await? else {
        return Err(mismatch());
    };
    let Some(bytes) = bytes else {
        return Err(Failure::refused("its raw form is not kept"));
    };
    // Over the forced command standard output is a pipe here and a terminal at the other end.
    if context.out.is_terminal() || context.restricted || context.out.is_json() {
        let text = String::from_utf8_lossy(&bytes);
        context
            .out
            .value(&serde_json::json!({ "message": message, "raw": text }))?;
        context.out.block(&text)
    } else {
        context.out.own(&bytes)
    }
}
