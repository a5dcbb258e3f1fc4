//! What the customer asks: the words that nobody has answered yet.

use super::drafter::{DraftInput, Silence};
use crate::desk::optout;
use crate::desk::windows::ReplyWindow;
use crate::model::{Direction, Message, MessageId, MessageKind, Status};
use crate::text::quote::split_quote;
use crate::text::subject::base_subject;

/// Bytes of the customer's text that are read.
const MOST_READ: usize = 32 * 1024;

/// What the customer wrote since we last answered.
pub(super) struct Question {
    /// The words, cleaned, without quotes; with the subject while that is unanswered.
    pub text: String,
    /// The newest inbound message.
    pub last_inbound: MessageId,
    /// Files that came along.
    pub files: usize,
    /// Characters hidden in the messages.
    pub hidden: u32,
    /// We have spoken in this conversation before.
    pub under_way: bool,
}

/// Reads the question, or says why there is none to answer.
pub(super) fn question(input: &DraftInput<'_>) -> Result<Question, Silence> {
    let conversation = input.conversation;
    let asked_for = input.instruction.is_some();
    if !input.settings.drafts_on(conversation.channel) && !asked_for {
        return Err(Silence::Off);
    }
    if conversation.status != Status::Open && !(asked_for && conversation.status != Status::Spam) {
        return Err(Silence::NotOpen(conversation.status));
    }
    if conversation.opted_out {
        return Err(Silence::OptedOut);
    }
    if let ReplyWindow::Closed { .. } = ReplyWindow::at(conversation.window_closes_at, input.now) {
        return Err(Silence::WindowClosed);
    }
    let public: Vec<&Message> = input
        .messages
        .iter()
        .filter(|message| message.direction != Direction::Note && !message.gone)
        .collect();
    let answered = public
        .iter()
        .rposition(|message| message.direction == Direction::Outbound)
        .map_or(0, |place| place + 1);
    let mut waiting: Vec<&Message> = public[answered..].to_vec();
    if waiting.is_empty() && asked_for {
        let last = public
            .iter()
            .rfind(|message| message.direction == Direction::Inbound);
        waiting.extend(last);
    }
    let Some(newest) = waiting.last() else {
        return Err(Silence::NothingAsked);
    };
    let last_inbound = newest.id;
    if newest.kind != MessageKind::Normal && !asked_for {
        return Err(Silence::Automatic);
    }
    if optout::keyword(conversation.channel, &newest.body, false).is_some() {
        return Err(Silence::Keyword);
    }
    let mut text = String::new();
    // The subject asks only as long as nobody has answered it.
    if answered == 0 && !conversation.subject.is_empty() {
        text.push_str(&base_subject(&conversation.subject));
        text.push('\n');
    }
    for message in &waiting {
        text.push_str(&own_words(&message.body));
        text.push('\n');
    }
    let text = text[..text.floor_char_boundary(MOST_READ)]
        .trim()
        .to_owned();
    if !text.chars().any(char::is_alphanumeric) {
        return Err(Silence::NoWords);
    }
    Ok(Question {
        text,
        last_inbound,
        files: waiting
            .iter()
            .flat_map(|message| &message.attachments)
            .filter(|file| !file.inline)
            .count(),
        hidden: waiting.iter().map(|message| message.hidden).sum(),
        under_way: answered > 0,
    })
}

/// A message without what it quotes: quoted text is somebody else's, whoever it claims to be from.
fn own_words(body: &str) -> String {
    let new = &body[split_quote(body).body];
    let lines: Vec<&str> = new
        .lines()
        .filter(|line| !line.trim_start().starts_with('>'))
        .collect();
    lines.join("\n")
}
