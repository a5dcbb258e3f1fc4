//! The first drafter: built in, offline, pure. It answers with the words of our own knowledge and canned replies,
//! never with the customer's, and says nothing where these do not fit.
//!
//! The customer's text is only ever a bag of words to search by. Of what a customer writes, nothing but a first name
//! that looks like one can reach a draft.

use super::answer::{answer, confidence, promises};
use super::compose::{Greeting, body, unsupported};
use super::gates::{self, GateInput, POLICY_VERSION};
use super::language::detect;
use super::machine::{Event, step};
use super::passage::Passage;
use super::question::question;
use super::settings::AssistSettings;
use super::variables::first_name;
use crate::model::approval::Base;
use crate::model::outgoing::{Recipients, hex};
use crate::model::time::HOUR;
use crate::model::{
    Channel, Conversation, Direction, Message, Party, Proposal, ProposalId, ProposalState, Status,
    Timestamp,
};
use sha2::{Digest, Sha256};

/// Who proposes, with the version of the rules by which it drafts.
pub const PROPOSER: &str = "passages@1";

/// All that a draft is made of.
#[derive(Debug, Clone, Copy)]
pub struct DraftInput<'a> {
    /// The conversation.
    pub conversation: &'a Conversation,
    /// Its newest public messages, oldest first. Notes among them are not read.
    pub messages: &'a [Message],
    /// The passages found, in any order.
    pub found: &'a [Passage],
    /// What an agent asked for.
    pub instruction: Option<&'a str>,
    /// Addresses of passages that an earlier draft used and that were turned down.
    pub avoid: &'a [String],
    /// The draft that this one replaces.
    pub earlier: Option<ProposalId>,
    /// Where the answer goes.
    pub recipients: &'a Recipients,
    /// Its subject.
    pub subject: &'a str,
    /// Sender identity.
    pub from: Option<&'a Party>,
    /// The contact is marked as important.
    pub vip: bool,
    /// One of us has answered this person before, here or elsewhere.
    pub answered_before: bool,
    /// Somebody is at the desk now.
    pub desk_open: bool,
    /// Longest text in characters.
    pub text_limit: Option<usize>,
    /// The time.
    pub now: Timestamp,
    /// As configured.
    pub settings: &'a AssistSettings,
}

/// Why nothing is proposed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Silence {
    /// Switched off here.
    #[error("drafting is switched off for this channel")]
    Off,
    /// Resolved, spam or snoozed.
    #[error("the conversation is {}", .0.name())]
    NotOpen(Status),
    /// The person has left the channel.
    #[error("the customer has opted out")]
    OptedOut,
    /// Too late.
    #[error("the reply window has closed")]
    WindowClosed,
    /// We spoke last.
    #[error("nothing waits for an answer")]
    NothingAsked,
    /// A machine wrote.
    #[error("the newest message was written by a machine")]
    Automatic,
    /// STOP, START or HELP.
    #[error("the message is a keyword, which has its own answer")]
    Keyword,
    /// No text, or none that says anything.
    #[error("there are no words to go by")]
    NoWords,
    /// The best passages are not good enough.
    #[error("nothing in the knowledge fits well enough ({score:.2}, needs {floor:.2})")]
    NothingFits {
        /// The best score.
        score: f64,
        /// What was needed.
        floor: f64,
    },
    /// Not even one sentence fits the channel.
    #[error("no answer is short enough for this channel")]
    TooLong,
}

/// Drafts an answer, or says why not. The proposal comes with its gates' results and is pending or blocked.
pub fn draft(input: &DraftInput<'_>) -> Result<Box<Proposal>, Silence> {
    let conversation = input.conversation;
    let asked = question(input)?;
    let head = input
        .messages
        .iter()
        .rfind(|message| match conversation.head {
            Some(head) => message.id == head,
            None => message.direction != Direction::Note,
        })
        .ok_or(Silence::NothingAsked)?;
    let last_inbound = asked.last_inbound;

    let read = match input.instruction {
        Some(words) if !words.trim().is_empty() => format!("{}\n{words}", asked.text),
        _ => asked.text.clone(),
    };
    let language = detect(&asked.text);
    let short = input.instruction.is_some_and(wants_short);
    let answers = answer(input, &read, language, short);
    if answers.score < input.settings.floor || answers.said.is_empty() {
        return Err(Silence::NothingFits {
            score: answers.score,
            floor: input.settings.floor,
        });
    }

    let draft_language = answers
        .language
        .clone()
        .or_else(|| detect(&answers.text()).map(str::to_owned))
        .unwrap_or_else(|| "en".to_owned());
    let name = first_name(&conversation.contact_name);
    let greeting = Greeting {
        channel: conversation.channel,
        language: &draft_language,
        first_name: &name,
        company: &input.settings.company,
        silent: answers.said[0].text.contains(name.as_str()) && !name.is_empty()
            || (asked.under_way && conversation.channel != Channel::Email),
    };
    let mut said = answers.said.clone();
    let mut text = body(&said, &greeting);
    while input
        .text_limit
        .is_some_and(|limit| text.chars().count() > limit)
    {
        said.pop();
        if said.is_empty() {
            return Err(Silence::TooLong);
        }
        text = body(&said, &greeting);
    }

    let loose = unsupported(&said, input.found);
    let evidence: Vec<_> = said.iter().map(|said| said.evidence.clone()).collect();
    let filled = format!("{name} {} {}", conversation.id, conversation.subject);
    let gates = gates::run(&GateInput {
        question: &asked.text,
        beside: &asked.beside,
        draft: &text,
        question_language: language,
        draft_language: &draft_language,
        evidence: &evidence,
        unsupported: &loose,
        filled: if answers.uses_variables { &filled } else { "" },
        attachments: 0,
        unread_files: asked.files,
        heard: asked.heard,
        answered_before: input.answered_before,
        vip: input.vip,
        desk_open: input.desk_open,
        hidden: asked.hidden,
        settings: input.settings,
    });
    let (confidence, because) = confidence(
        input.settings,
        &answers,
        language,
        &draft_language,
        &loose,
        &gates,
    );
    // Total by the machine's table: a fresh proposal takes the gates' word.
    let state = step(
        ProposalState::Proposed,
        Event::GatesDone(gates::worst(&gates)),
    )
    .map_or(ProposalState::Blocked, |next| next.state);
    let lasts = input.now + i64::from(input.settings.expires_hours) * HOUR;
    let expires_at = conversation
        .window_closes_at
        .map_or(lasts, |closes| closes.min(lasts));

    Ok(Box::new(Proposal {
        id: ProposalId(0),
        conversation: conversation.id,
        account: conversation.account.clone(),
        channel: conversation.channel,
        proposer: PROPOSER.to_owned(),
        created_at: input.now,
        base: Base {
            head: head.id,
            head_hash: body_hash(&head.body),
            last_inbound,
            status: conversation.status,
            assignee: conversation.assignee.clone(),
        },
        from: input.from.cloned(),
        recipients: input.recipients.clone(),
        subject: input.subject.to_owned(),
        promises: promises(&said),
        body: text,
        attachments: Vec::new(),
        confidence,
        score: answers.score,
        score_because: because,
        topic: answers.topic.clone(),
        language: draft_language,
        evidence,
        unsupported: loose,
        gates,
        policy_version: POLICY_VERSION,
        expires_at: Some(expires_at),
        due_at: conversation.due_at,
        window_closes_at: conversation.window_closes_at,
        state,
        decision: None,
        outbox: None,
        earlier: input.earlier,
    }))
}

/// What [`Base::head_hash`] holds: SHA-256 in hex of a message's body as the mirror shows it.
pub fn body_hash(body: &str) -> String {
    hex(&Sha256::digest(body.as_bytes()))
}

fn wants_short(instruction: &str) -> bool {
    let lower = instruction.to_lowercase();
    ["short", "brief", "one sentence", "corto", "breve"]
        .iter()
        .any(|word| lower.contains(word))
}

#[cfg(test)]
#[path = "drafter_tests.rs"]
mod tests;
