//! `reply`: answer the customer on one line.

use super::{place, reply_on, say, templates, text, wait};
use crate::cli::context::Context;
use crate::cli::desk::Desk;
use crate::cli::failure::{Done, Failure};
use crate::cli::{operands, providers, shown};
use crate::model::command::QueueDraft;
use crate::model::{Command, ConversationId, Draft, DraftKind, MessageId, Party, TemplateDraft};
use crate::text::when::parse_when;
use clap::Args;

/// Whom to answer, what, and when it leaves.
#[derive(Debug, Args)]
pub struct ReplyArgs {
    /// The conversation's number.
    #[arg(value_name = "NUMBER", value_parser = operands::conversation)]
    pub id: ConversationId,
    /// The text, in Markdown [default: standard input].
    #[arg(short, long, value_name = "TEXT", allow_hyphen_values = true)]
    pub message: Option<String>,
    /// A template that the vendor approved, instead of a text; `frontdesk templates ACCOUNT` lists them.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["message", "all"])]
    pub template: Option<String>,
    /// The template's language, where it exists in several.
    #[arg(long, value_name = "TAG", requires = "template")]
    pub language: Option<String>,
    /// A value for a place of the template: `--var 1=Ana`.
    #[arg(long = "var", value_name = "PLACE=VALUE", requires = "template", value_parser = operands::assignment)]
    pub values: Vec<(String, String)>,
    /// By another channel of the same person: `sms`, `whatsapp`, or one of their addresses.
    #[arg(long, value_name = "CHANNEL|ADDRESS", conflicts_with_all = ["all", "seen"])]
    pub on: Option<String>,
    /// To everybody on the conversation, not just the customer.
    #[arg(long)]
    pub all: bool,
    /// Resolve the conversation.
    #[arg(long)]
    pub resolve: bool,
    /// Send later: `tue 9am`, `tomorrow`, `3h`.
    #[arg(long, value_name = "WHEN")]
    pub at: Option<String>,
    /// Only if the customer has not written by then.
    #[arg(long, requires = "at")]
    pub unless_reply: bool,
    /// The newest message you have seen, as `show` prints it; refused when something came in since.
    #[arg(long, value_name = "MESSAGE", value_parser = operands::number)]
    pub seen: Option<i64>,
    /// Wait until it has left.
    #[arg(long, conflicts_with = "at")]
    pub wait: bool,
}

pub async fn run(args: ReplyArgs, context: &mut Context) -> Done {
    let written = match &args.template {
        None => text::given(args.message.as_deref())?,
        Some(_) => String::new(),
    };
    let config = &context.config;
    let not_before = match &args.at {
        None => None,
        Some(words) => Some(
            parse_when(words, Desk::now(), &config.timezone)
                .map_err(|error| Failure::Usage(error.to_string()))?,
        ),
    };
    let desk = Desk::open(context)?;
    let detail = desk.conversation(args.id).await?;
    let place = match &args.on {
        None => place::here(&desk, &detail.conversation, args.all).await?,
        Some(wanted) => {
            let way = reply_on::find(wanted, &detail, context)?;
            place::there(&desk, &detail.conversation, way).await?
        }
    };
    if let (Some(seen), Some(head)) = (args.seen, place.head)
        && seen > head.0
    {
        return Err(Failure::refused(format!(
            "message {seen} is not in this conversation; its newest is {head}"
        )));
    }
    let account = context.config.account(&place.account).ok_or_else(|| {
        Failure::refused(format!(
            "the account {} is not in the configuration, so nothing can be sent by it",
            place.account
        ))
    })?;
    let provider = providers::of(account);
    let template = match &args.template {
        None => None,
        Some(name) => {
            let wanted = (name.as_str(), args.language.as_deref());
            let at = (&place.account, place.channel);
            let contact = place.contact.as_deref();
            Some(templates::filled(&desk, at, contact, wanted, &args.values).await?)
        }
    };
    let body = template.as_ref().map_or(written, TemplateDraft::text);
    let limit = provider.capabilities_on(place.channel).text_limit;
    let long = body.chars().count();
    if let Some(limit) = limit.filter(|limit| args.on.is_some() && long > *limit) {
        return Err(Failure::refused(format!(
            "the text has {long} characters and {} takes {limit}",
            place.channel
        )));
    }
    let recipients: Vec<Party> = place.recipients.all().cloned().collect();
    let from = provider.sender_for(&recipients).map(|(from, _)| from);
    let draft = Draft {
        id: None,
        conversation: place.conversation,
        kind: if place.conversation.is_some() {
            DraftKind::Reply
        } else {
            DraftKind::New
        },
        account: place.account,
        channel: place.channel,
        from,
        recipients: place.recipients,
        subject: place.subject,
        body,
        attachments: Vec::new(),
        base: args.seen.map(MessageId).or(place.head),
        answers: place.answers,
        template: template.map(Box::new),
        proposal: None,
        author: desk.me(),
        updated_at: Desk::now(),
    };
    let (hash, channel) = (draft.content_hash(), draft.channel);
    let to = shown::parties(&draft.recipients.to);
    if draft.template.is_some() {
        context.out.block(&draft.body)?;
    }
    let queue = QueueDraft {
        hold_ms: context.config.hold_ms(&draft.account, draft.channel),
        draft,
        hash,
        not_before,
        unless_reply: args.unless_reply,
        resolve: args.resolve,
        seen_head: None,
        reference: provider.new_reference(),
    };
    let outcome = desk.apply(Command::Queue(Box::new(queue))).await?;
    let by = args
        .on
        .as_ref()
        .map_or(String::new(), |_| format!(" by {channel}"));
    context.out.line(&format!("to {to}{by}"))?;
    say(context, &outcome)?;
    match outcome.outbox {
        Some(row) if args.wait => wait::until_done(&desk, row, context).await,
        Some(_) => wait::say_if_nobody_sends(&desk),
        None => Ok(()),
    }
}
