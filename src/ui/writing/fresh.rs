//! Drafts as they begin: to whom, with which subject, signature and quotation.

use super::super::app::App;
use super::super::clock;
use super::Kind;
use crate::model::outgoing::Recipients;
use crate::model::{Conversation, Draft, DraftKind, Party, Proposal};
use crate::text::subject::{forward_subject, reply_subject};

/// A draft about the open conversation.
pub(super) fn fresh(app: &App, conversation: &Conversation, kind: Kind) -> Draft {
    let open = app.open.as_ref();
    let inbound = open.and_then(|open| open.newest_inbound());
    let card = app.setup.card(&conversation.account, conversation.channel);
    let mut recipients = Recipients::default();
    let customer = inbound
        .and_then(|message| message.reply_to.clone())
        .unwrap_or_else(|| Party {
            address: conversation.contact_address.clone(),
            name: (conversation.contact_name != conversation.contact_address)
                .then(|| conversation.contact_name.clone()),
        });
    match kind {
        Kind::Reply | Kind::ReplyAll => recipients.to.push(customer),
        Kind::Note | Kind::Forward => {}
    }
    if kind == Kind::ReplyAll
        && let (Some(message), Some(card)) = (inbound, card.filter(|card| card.copies))
    {
        let ours: Vec<_> = card
            .senders
            .iter()
            .map(|rule| rule.from.address.to_lowercase())
            .collect();
        for party in message.to.iter().chain(&message.cc) {
            let address = party.address.to_lowercase();
            let known = recipients
                .all()
                .any(|other| other.address.to_lowercase() == address);
            if !ours.contains(&address) && !known {
                recipients.cc.push(party.clone());
            }
        }
    }
    let has_subject = card.is_some_and(|card| card.subject);
    let mut body = String::new();
    if kind == Kind::Forward
        && let Some(message) = inbound
    {
        let head = format!(
            "{} · {}",
            conversation.contact_name,
            clock::when(message.at, app.now, &app.setup.tz)
        );
        body = format!("\n\n---------- {head} ----------\n{}\n", message.body);
    }
    if kind != Kind::Note
        && let Some(card) = card
        && !card.signature.is_empty()
    {
        body = format!("\n\n-- \n{}{body}", card.signature);
    }
    Draft {
        id: None,
        conversation: Some(conversation.id),
        kind: match kind {
            Kind::Reply | Kind::ReplyAll => DraftKind::Reply,
            Kind::Note => DraftKind::Note,
            Kind::Forward => DraftKind::Forward,
        },
        account: conversation.account.clone(),
        channel: conversation.channel,
        from: None,
        recipients,
        subject: match kind {
            Kind::Forward if has_subject => forward_subject(&conversation.subject),
            Kind::Reply | Kind::ReplyAll if has_subject => reply_subject(&conversation.subject),
            _ => String::new(),
        },
        body,
        attachments: Vec::new(),
        base: conversation.head,
        answers: inbound.map(|message| message.id),
        template: None,
        proposal: None,
        author: app.setup.me.clone(),
        updated_at: app.now,
    }
}

/// The assistant's draft as the agent's own.
pub(super) fn from_proposal(app: &App, proposal: &Proposal) -> Draft {
    Draft {
        id: None,
        conversation: Some(proposal.conversation),
        kind: DraftKind::Approval,
        account: proposal.account.clone(),
        channel: proposal.channel,
        from: proposal.from.clone(),
        recipients: proposal.recipients.clone(),
        subject: proposal.subject.clone(),
        body: proposal.body.clone(),
        attachments: proposal.attachments.clone(),
        base: Some(proposal.base.head),
        answers: Some(proposal.base.last_inbound),
        template: None,
        proposal: Some(proposal.id),
        author: app.setup.me.clone(),
        updated_at: app.now,
    }
}
