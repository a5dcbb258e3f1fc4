//! Where a reply goes.

use crate::cli::desk::Desk;
use crate::cli::failure::{Done, Failure};
use crate::cli::print::diagnostic;
use crate::desk::channels::Way;
use crate::model::{AccountId, Channel, Conversation, ConversationId, MessageId, Recipients};

/// Where it goes, and what it refers to there.
pub struct Place {
    pub account: AccountId,
    pub channel: Channel,
    /// None begins one.
    pub conversation: Option<ConversationId>,
    pub recipients: Recipients,
    pub subject: String,
    pub answers: Option<MessageId>,
    pub head: Option<MessageId>,
    /// The person's name, where it is known.
    pub contact: Option<String>,
}

/// An answer in a conversation; with `all`, to everybody on its newest message.
pub async fn here(desk: &Desk, conversation: &Conversation, all: bool) -> Done<Place> {
    let target = desk.store.reply_target(conversation.id, all).await?;
    if let Some(warning) = &target.warning {
        diagnostic(warning);
    }
    Ok(Place {
        account: conversation.account.clone(),
        channel: conversation.channel,
        conversation: Some(conversation.id),
        recipients: target.recipients,
        subject: target.subject,
        answers: target.answers,
        head: target.head,
        contact: (conversation.contact_name != conversation.contact_address)
            .then(|| conversation.contact_name.clone()),
    })
}

/// On another way to the person of `from`: in the conversation there, or beginning one.
pub async fn there(desk: &Desk, from: &Conversation, way: Way) -> Done<Place> {
    if let Some(conversation) = &way.conversation {
        return here(desk, conversation, false).await;
    }
    let account = way
        .account
        .ok_or_else(|| Failure::refused(format!("no account carries {}", way.channel)))?;
    let subject = match way.channel {
        Channel::Email => from.subject.clone(),
        _ => String::new(),
    };
    Ok(Place {
        account,
        channel: way.channel,
        conversation: None,
        contact: way.to.name.clone(),
        recipients: Recipients {
            to: vec![way.to],
            ..Recipients::default()
        },
        subject,
        answers: None,
        head: None,
    })
}
