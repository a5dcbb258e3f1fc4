//! The desk's preflight over what the screen knows: run on the review screen and before a draft of the assistant is
//! approved (rule 4 of the approval contract). The mirror checks again what it can, in its own transaction.

use super::app::App;
use crate::desk::preflight::{Preflight, Remark, run};
use crate::desk::windows::ReplyWindow;
use crate::model::files::FileRules;
use crate::model::outgoing::{OutgoingAttachment, Recipients};
use crate::model::{
    AccountId, Channel, Conversation, Direction, Draft, DraftKind, Proposal, TemplateDraft,
    Timestamp, Verdict,
};

/// What is about to leave.
struct Leaving<'a> {
    account: &'a AccountId,
    channel: Channel,
    recipients: &'a Recipients,
    subject: &'a str,
    body: &'a str,
    attachments: &'a [OutgoingAttachment],
    conversation: Option<&'a Conversation>,
    template: Option<&'a TemplateDraft>,
    /// It begins a conversation.
    begins: bool,
    at: Timestamp,
}

/// What the preflight says of a draft that leaves at `at`.
pub(super) fn of_draft(
    app: &App,
    draft: &Draft,
    conversation: Option<&Conversation>,
    at: Timestamp,
) -> Vec<Remark> {
    remarks(
        app,
        &Leaving {
            account: &draft.account,
            channel: draft.channel,
            recipients: &draft.recipients,
            subject: &draft.subject,
            body: &draft.body,
            attachments: &draft.attachments,
            conversation,
            template: draft.template.as_deref(),
            begins: draft.kind == DraftKind::New,
            at,
        },
    )
}

/// What the preflight says of a proposal that is approved now.
pub(super) fn of_proposal(
    app: &App,
    proposal: &Proposal,
    conversation: &Conversation,
) -> Vec<Remark> {
    remarks(
        app,
        &Leaving {
            account: &proposal.account,
            channel: proposal.channel,
            recipients: &proposal.recipients,
            subject: &proposal.subject,
            body: &proposal.body,
            attachments: &proposal.attachments,
            conversation: Some(conversation),
            template: None,
            begins: false,
            at: after_hold(app, &proposal.account, proposal.channel),
        },
    )
}

/// When something that is queued now leaves.
pub(super) fn after_hold(app: &App, account: &AccountId, channel: Channel) -> Timestamp {
    let hold = app
        .setup
        .card(account, channel)
        .map_or(0, |card| card.hold_ms);
    app.now + hold.max(0)
}

fn remarks(app: &App, leaving: &Leaving<'_>) -> Vec<Remark> {
    let card = app.setup.card(leaving.account, leaving.channel);
    let open = app
        .open
        .as_ref()
        .filter(|open| leaving.conversation.is_some_and(|c| c.id == open.id));
    let opted_out: Vec<String> = match leaving.conversation {
        Some(c) if c.opted_out => vec![c.contact_address.clone()],
        _ => Vec::new(),
    };
    // Whoever wrote, got something or was copied here is known; nobody is when the conversation is not at hand.
    let known: Option<Vec<String>> = open.zip(leaving.conversation).map(|(open, c)| {
        let people = open.messages.iter().flat_map(|message| {
            let copies = message.to.iter().chain(&message.cc);
            copies.chain(&message.reply_to).map(|party| &party.address)
        });
        people.chain([&c.contact_address]).cloned().collect()
    });
    let last = open.and_then(|open| {
        let ours = |message: &&crate::model::Message| message.direction == Direction::Outbound;
        open.messages.iter().rev().find(ours)
    });
    let account = app
        .health
        .items
        .iter()
        .find(|health| health.account == *leaving.account);
    let mut all = run(&Preflight {
        channel: leaving.channel,
        recipients: leaving.recipients,
        known: known.as_deref(),
        opted_out: &opted_out,
        subject: leaving.subject,
        has_subject: card.is_some_and(|card| card.subject),
        body: leaving.body,
        text_limit: card.and_then(|card| card.text_limit),
        attachments: leaving.attachments,
        attachment_limit: card.map_or(u64::MAX, |card| card.attachment_limit),
        files: card.map_or_else(FileRules::default, |card| card.files),
        window: if leaving.begins && leaving.channel.takes_templates() {
            ReplyWindow::Unopened
        } else {
            ReplyWindow::at(
                leaving.conversation.and_then(|c| c.window_closes_at),
                app.now,
            )
        },
        templates: card.is_some_and(|card| card.templates),
        template: leaving.template,
        leaves_at: leaving.at,
        last_outbound: last.map(|message| (message.body.as_str(), message.at)),
        account: account.map(|health| health.state),
    });
    if leaving.channel == Channel::Email {
        for party in leaving.recipients.all() {
            if let Err(error) = crate::text::header::EmailAddress::new(&party.address) {
                all.insert(
                    0,
                    Remark {
                        check: "address",
                        verdict: Verdict::Block,
                        says: format!("{}: {error}", party.address),
                    },
                );
            }
        }
    }
    all
}
