//! What the customer asks: the words that nobody has answered yet.

use super::drafter::{DraftInput, Silence};
use crate::desk::optout;
use crate::desk::windows::ReplyWindow;
use crate::model::message::Attachment;
use crate::model::{
    Channel, Content, DeliveryState, Direction, Message, MessageId, MessageKind, Status,
};
use crate::text::quote::split_quote;
use crate::text::subject::base_subject;

/// Bytes of the customer's text that are read.
const MOST_READ: usize = 32 * 1024;

/// What the customer wrote since we last answered.
pub(super) struct Question {
    /// The words, cleaned, without quotes; with the subject while that is unanswered.
    pub text: String,
    /// What came with them and is not drafted from: quoted text, names of files, the display name.
    pub beside: String,
    /// The newest inbound message.
    pub last_inbound: MessageId,
    /// Files that came along and are not read. Of one that was heard the words are read.
    pub files: usize,
    /// Some of the words were heard by a machine.
    pub heard: bool,
    /// Characters hidden in the messages.
    pub hidden: u32,
    /// We have spoken in this conversation before.
    pub under_way: bool,
}

/// Reads the question, or says why there is none to answer.
pub(super) fn question(input: &DraftInput<'_>) -> Result<Question, Silence> {
    let conversation = input.conversation;
    let asked_for = input.instruction.is_some() || input.earlier.is_some();
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
    let (waiting, under_way) = waiting(input.messages, asked_for);
    let last_inbound = input
        .messages
        .iter()
        .rfind(|message| message.direction == Direction::Inbound);
    let (Some(last_inbound), Some(_)) = (last_inbound, waiting.last()) else {
        return Err(Silence::NothingAsked);
    };
    let people: Vec<&Message> = waiting
        .into_iter()
        .filter(|message| message.kind == MessageKind::Normal || asked_for)
        .collect();
    let Some(newest) = people.last() else {
        return Err(Silence::Automatic);
    };
    if optout::keyword(conversation.channel, &newest.body, false).is_some() {
        return Err(Silence::Keyword);
    }
    let text = text_of(&people, under_way, &conversation.subject);
    if !text.chars().any(char::is_alphanumeric) {
        return Err(Silence::NoWords);
    }
    let mut beside = conversation.contact_name.clone();
    for message in &people {
        let files = message.attachments.iter().map(|file| file.name.as_str());
        for part in files.chain([message.subject.as_str(), message.body.as_str()]) {
            if beside.len() < MOST_READ {
                beside.push('\n');
                beside.push_str(&part[..part.floor_char_boundary(MOST_READ)]);
            }
        }
    }
    Ok(Question {
        text,
        beside,
        last_inbound: last_inbound.id,
        files: people
            .iter()
            .flat_map(|message| &message.attachments)
            .filter(|file| !file.inline && said_in(file).is_none())
            .count(),
        heard: people.iter().any(|message| is_heard(message)),
        hidden: people.iter().map(|message| message.hidden).sum(),
        under_way,
    })
}

/// The words by which to search for an answer: what a draft would take for the question.
pub(super) fn words_asked(messages: &[Message], subject: &str) -> String {
    let (waiting, under_way) = waiting(messages, true);
    text_of(&waiting, under_way, subject)
}

/// The inbound messages since we last answered, and whether we ever did. When nothing waits and an agent asks for a
/// draft all the same, the newest inbound one. An answer that did not arrive is none.
fn waiting(messages: &[Message], asked_for: bool) -> (Vec<&Message>, bool) {
    let public: Vec<&Message> = messages
        .iter()
        .filter(|message| message.direction != Direction::Note && !message.gone)
        .collect();
    let answers = |message: &Message| {
        let failed = message
            .delivery
            .as_ref()
            .is_some_and(|delivery| delivery.state == DeliveryState::Failed);
        message.direction == Direction::Outbound && !failed
    };
    let answered = public.iter().rposition(|message| answers(message));
    let inbound = |message: &&&Message| message.direction == Direction::Inbound;
    let mut waiting: Vec<&Message> = public[answered.map_or(0, |place| place + 1)..]
        .iter()
        .filter(inbound)
        .copied()
        .collect();
    if waiting.is_empty() && asked_for {
        waiting.extend(public.iter().rfind(inbound).copied());
    }
    (waiting, answered.is_some())
}

/// The subject asks only as long as nobody has answered it.
fn text_of(messages: &[&Message], under_way: bool, subject: &str) -> String {
    let mut text = String::new();
    if !under_way && !subject.is_empty() {
        text.push_str(&base_subject(subject));
        text.push('\n');
    }
    for message in messages {
        if text.len() > MOST_READ {
            break;
        }
        text.push_str(&own_words(&message.body));
        text.push('\n');
        for said in message.attachments.iter().filter_map(said_in) {
            text.push_str(&said[..said.floor_char_boundary(MOST_READ)]);
            text.push('\n');
        }
    }
    text[..text.floor_char_boundary(MOST_READ)]
        .trim()
        .to_owned()
}

/// What a machine heard in a file: the customer's words as it understood them, so a stranger's.
fn said_in(file: &Attachment) -> Option<&str> {
    let said = file.transcript.as_ref()?.text()?.trim();
    (!said.is_empty()).then_some(said)
}

/// Words of it were heard by a machine: our own, or the vendor's who wrote down a voicemail.
fn is_heard(message: &Message) -> bool {
    let voicemail = message.channel == Channel::Voice
        && matches!(message.content, Content::Voice { .. })
        && !message.body.trim().is_empty();
    voicemail
        || message
            .attachments
            .iter()
            .any(|file| said_in(file).is_some())
}

/// A message without what it quotes: quoted text is somebody else's, whoever it claims to be from.
fn own_words(body: &str) -> String {
    let body = &body[..body.floor_char_boundary(MOST_READ)];
    let new = &body[split_quote(body).body];
    let lines: Vec<&str> = new
        .lines()
        .filter(|line| !line.trim_start().starts_with('>'))
        .collect();
    lines.join("\n")
}
