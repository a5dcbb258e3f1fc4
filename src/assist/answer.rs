//! Chooses the passages that answer, and says how sure that is.

use super::compose::{Said, sentences_of};
use super::drafter::DraftInput;
use super::figures::{FigureKind, figures};
use super::passage::{Passage, Source};
use super::scoring::{Part, Score, Scorer, parts};
use super::settings::AssistSettings;
use super::variables::{Variables, first_name};
use crate::model::{Confidence, GateResult, Verdict};

/// A passage of another source whose score is at least this share of the best one's makes the choice doubtful.
const RIVAL: f64 = 0.9;
/// Fewer shared terms than this are no ground for high confidence.
const THIN: usize = 3;
/// A question with more terms than this is no simple one.
const LONG_QUESTION: usize = 60;

/// The sentences of the answer and how good it is.
pub(super) struct Answers {
    /// What is said, in order.
    pub said: Vec<Said>,
    /// Mean of the best scores of all parts.
    pub score: f64,
    /// Things asked.
    parts: usize,
    /// Of which so many are answered.
    answered: usize,
    /// The best passage.
    best: Option<(String, Score)>,
    /// Its name.
    pub topic: String,
    /// Its language.
    pub language: Option<String>,
    /// Something was filled in.
    pub uses_variables: bool,
    /// Terms of all that is asked.
    terms: usize,
    /// The fewest terms that an answered part shares with its passage.
    thinnest: usize,
    /// Another source fits a part nearly as well.
    rivals: bool,
}

impl Answers {
    /// All that is said.
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self.said.iter().map(|said| said.text.as_str()).collect();
        texts.join(" ")
    }
}

/// Finds the best passage for each thing asked and takes its sentences.
pub(super) fn answer(
    input: &DraftInput<'_>,
    read: &str,
    language: Option<&str>,
    short: bool,
) -> Answers {
    let usable = input.found.iter().filter(|passage| {
        !input.avoid.contains(&passage.address)
            && (input.settings.past_answers || passage.source != Source::PastAnswer)
    });
    let scorer = Scorer::new(usable, input.now);
    let parts: Vec<Part> = parts(read);
    let variables = variables(input);
    let mut answers = Answers {
        said: Vec::new(),
        score: 0.0,
        parts: parts.len(),
        answered: 0,
        best: None,
        topic: String::new(),
        language: None,
        uses_variables: false,
        terms: super::terms::terms(read).len(),
        thinnest: usize::MAX,
        rivals: false,
    };
    let mut sum = 0.0;
    let mut used: Vec<&Passage> = Vec::new();
    for part in &parts {
        let mut ranked = scorer.rank(part, language);
        // What an agent told somebody else may hold nothing that can be said here.
        ranked.retain(|(passage, _)| {
            passage.source != Source::PastAnswer
                || sentences_of(passage, &part.terms, &variables, 1)
                    .is_ok_and(|said| !said.is_empty())
        });
        let Some((passage, score)) = choose(&ranked) else {
            continue;
        };
        sum += score.score;
        if score.score < input.settings.floor {
            continue;
        }
        answers.answered += 1;
        answers.thinnest = answers.thinnest.min(score.shared);
        answers.rivals |= ranked
            .iter()
            .any(|(other, near)| other.name != passage.name && near.score >= score.score * RIVAL);
        if answers
            .best
            .as_ref()
            .is_none_or(|(_, best)| score.score > best.score)
        {
            answers.best = Some((passage.cited(), score));
            answers.topic.clone_from(&passage.name);
            answers.language.clone_from(&passage.language);
        }
        if used.contains(&passage) {
            continue;
        }
        used.push(passage);
        let most = if short { 1 } else { usize::MAX };
        // A canned reply with a variable that does not exist was refused when its file was read.
        let Ok(said) = sentences_of(passage, &part.terms, &variables, most) else {
            continue;
        };
        answers.uses_variables |= passage.source == Source::Canned && passage.text.contains("{{");
        for said in said {
            if !answers.said.iter().any(|other| other.text == said.text) {
                answers.said.push(said);
            }
        }
    }
    if !parts.is_empty() {
        answers.score = sum / parts.len() as f64;
    }
    answers
}

/// The best passage; a canned reply that is nearly as good wins, because a person wrote it as an answer.
fn choose<'a>(ranked: &[(&'a Passage, Score)]) -> Option<(&'a Passage, Score)> {
    let best = *ranked.first()?;
    ranked
        .iter()
        .copied()
        .find(|(passage, score)| {
            passage.source == Source::Canned
                && score.score >= best.1.score * 0.95
                && score.shared > 1
        })
        .or(Some(best))
}

fn variables(input: &DraftInput<'_>) -> Variables {
    let conversation = input.conversation;
    let first = first_name(&conversation.contact_name);
    Variables {
        // A whole display name is believed only if its first name is.
        contact_name: if first.is_empty() {
            String::new()
        } else {
            conversation.contact_name.clone()
        },
        first_name: first,
        agent: conversation.assignee.clone().unwrap_or_default(),
        company: input.settings.company.clone(),
        conversation: conversation.id.to_string(),
        // The subject is the customer's text; it does not come back as ours.
        subject: String::new(),
    }
}

/// Sentences that bind us: with a date, a time, an amount or a percentage, or that give something away.
pub(super) fn promises(said: &[Said]) -> Vec<String> {
    const GIVES: [&str; 16] = [
        "refund",
        "free of charge",
        "without a charge",
        "discount",
        "compensat",
        "guarantee",
        "warranty",
        "gratis",
        "reembols",
        "descuento",
        "garantía",
        "बिना शुल्क",
        "मुफ़्त",
        "مجان",
        "無料",
        "返金",
    ];
    said.iter()
        .filter(|said| {
            let lower = said.text.to_lowercase();
            GIVES.iter().any(|word| lower.contains(word))
                || figures(&said.text)
                    .iter()
                    .any(|figure| figure.kind != FigureKind::Number)
        })
        .map(|said| said.text.clone())
        .collect()
}

/// In three steps, from the score and what speaks against it; with the sentence that explains it.
pub(super) fn confidence(
    settings: &AssistSettings,
    answers: &Answers,
    language: Option<&str>,
    draft_language: &str,
    unsupported: &[String],
    gates: &[GateResult],
) -> (Confidence, String) {
    let mut confidence = if answers.score >= settings.high {
        Confidence::High
    } else if answers.score >= settings.standard {
        Confidence::Standard
    } else {
        Confidence::Low
    };
    let mut because = match &answers.best {
        Some((source, score)) => format!(
            "{source} fits with {:.2} (coverage {:.2}, focus {:.2}); {} of {} questions answered",
            score.score, score.coverage, score.focus, answers.answered, answers.parts
        ),
        None => String::new(),
    };
    let mut cap = |at: Confidence, when: bool, why: &str| {
        if when && confidence > at {
            confidence = at;
            because.push_str("; at most ");
            because.push_str(at.name());
            because.push_str(": ");
            because.push_str(why);
        }
    };
    let hostile = gates
        .iter()
        .any(|gate| gate.gate == "hostile" && gate.verdict > Verdict::Pass);
    let other = language.is_some_and(|asked| asked != draft_language);
    cap(Confidence::Low, hostile, "the text speaks to a program");
    cap(
        Confidence::Low,
        other,
        "another language than the customer's",
    );
    cap(
        Confidence::Standard,
        answers.answered < answers.parts,
        "not everything is answered",
    );
    cap(
        Confidence::Standard,
        !unsupported.is_empty(),
        "not everything has evidence",
    );
    cap(
        Confidence::Standard,
        answers.thinnest < THIN,
        "few words to go by",
    );
    cap(
        Confidence::Standard,
        answers.rivals,
        "another source fits nearly as well",
    );
    cap(
        Confidence::Standard,
        answers.terms > LONG_QUESTION,
        "a long question",
    );
    (confidence, because)
}
