//! The gates: plain code that looks at a draft before a person does. No model is asked.
//!
//! A gate reads the customer's text as data. It never changes the draft; it passes, warns, or blocks, and says why in
//! a sentence. What a gate blocks leaves only if a person writes it.

mod attachment;
mod block_list;
mod figures;
mod first_contact;
mod hostile;
mod hours;
mod language;
mod links;
mod refunds;
mod unfilled;
mod unsupported;
mod vip;

use super::settings::AssistSettings;
use crate::model::{Evidence, GateResult, Verdict};

pub use super::machine::POLICY_VERSION;
pub use hostile::found as hostile_phrases;

/// All that the gates look at.
#[derive(Debug, Clone, Copy)]
pub struct GateInput<'a> {
    /// The customer's unanswered words, with the subject; cleaned.
    pub question: &'a str,
    /// All that came with it: quoted text, names of files, the sender's display name. Not drafted from.
    pub beside: &'a str,
    /// The draft.
    pub draft: &'a str,
    /// Language of the question, if it says.
    pub question_language: Option<&'a str>,
    /// Language of the draft.
    pub draft_language: &'a str,
    /// What the draft cites.
    pub evidence: &'a [Evidence],
    /// Sentences that nothing supports.
    pub unsupported: &'a [String],
    /// What was filled into variables.
    pub filled: &'a str,
    /// Files that the draft would bring.
    pub attachments: usize,
    /// Files that the customer sent and the drafter did not read.
    pub unread_files: usize,
    /// Words of the question were heard by a machine.
    pub heard: bool,
    /// One of us has answered this person here before.
    pub answered_before: bool,
    /// The contact is marked as important.
    pub vip: bool,
    /// Somebody is at the desk now.
    pub desk_open: bool,
    /// Characters hidden in the question.
    pub hidden: u32,
    /// As configured.
    pub settings: &'a AssistSettings,
}

/// One gate.
type Gate = fn(&GateInput<'_>) -> GateResult;

/// All gates, in the order in which they are shown.
const GATES: [Gate; 12] = [
    block_list::check,
    hostile::check,
    refunds::check,
    figures::check,
    links::check,
    unsupported::check,
    unfilled::check,
    attachment::check,
    language::check,
    vip::check,
    first_contact::check,
    hours::check,
];

/// Asks every gate.
pub fn run(input: &GateInput<'_>) -> Vec<GateResult> {
    GATES.iter().map(|gate| gate(input)).collect()
}

/// The worst verdict; pass when nothing was asked.
pub fn worst(results: &[GateResult]) -> Verdict {
    results
        .iter()
        .map(|result| result.verdict)
        .max()
        .unwrap_or(Verdict::Pass)
}

fn result(gate: &str, version: u32, verdict: Verdict, reason: impl Into<String>) -> GateResult {
    GateResult {
        gate: gate.to_owned(),
        verdict,
        reason: reason.into(),
        version,
    }
}

/// Does `text` hold `phrase`? Both folded and in lower case. In Latin script it must stand as words of its own.
fn holds(text: &str, phrase: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() && u32::from(c) < 0x250;
    let latin = phrase.chars().any(joins);
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find(phrase)) {
        let start = from + found;
        let end = start + phrase.len();
        let before = text[..start].chars().next_back();
        let after = text[end..].chars().next();
        let begins = phrase.chars().next().is_some_and(joins);
        let ends = phrase.chars().next_back().is_some_and(joins);
        let cut = (begins && before.is_some_and(joins)) || (ends && after.is_some_and(joins));
        if !latin || !cut {
            return true;
        }
        from = end;
    }
    false
}

/// As [`holds`] wants its text: folded, lower case, white space as single spaces.
fn flat(text: &str) -> String {
    let folded = crate::text::fold::fold(text).to_lowercase();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[path = "gates_tests.rs"]
mod tests;
