//! Makes an answer of passages: whose sentences, in which order, with which greeting, and what each rests on.

use super::passage::{Passage, Source};
use super::terms::{sentences, term_set};
use super::variables::{UnknownVariable, Variables, fill};
use crate::model::{Channel, Evidence};
use crate::text::{links, sanitize_block};
use std::collections::BTreeSet;

/// Sentences taken of one passage of knowledge.
const MOST_SENTENCES: usize = 3;
/// Share of its terms that knowledge must hold for a sentence to count as supported.
const SUPPORT: f64 = 0.6;

/// One sentence of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// As it is sent.
    pub text: String,
    /// What it rests on.
    pub evidence: Evidence,
    /// It begins a paragraph of its own.
    pub begins: bool,
    /// It is an agent's word to another customer, not our written knowledge.
    pub hearsay: bool,
}

/// The sentences that a passage gives as the answer to `asked`.
///
/// Canned replies are taken whole and filled in. Of knowledge the sentences nearest to the question are taken, at most
/// three, in their order. Of other customers' answers only what shares a word with the question and holds no figure,
/// link, address or name.
pub fn sentences_of(
    passage: &Passage,
    asked: &BTreeSet<String>,
    variables: &Variables,
    at_most: usize,
) -> Result<Vec<Said>, UnknownVariable> {
    let clean = sanitize_block(&passage.text).text;
    let all: Vec<&str> = sentences(&clean);
    let chosen: Vec<&str> = match passage.source {
        Source::Canned => all,
        Source::Knowledge => nearest(&all, asked, at_most.min(MOST_SENTENCES)),
        Source::PastAnswer => {
            let plain: Vec<&str> = all
                .into_iter()
                .filter(|text| is_impersonal(text) && !term_set(text).is_disjoint(asked))
                .collect();
            nearest(&plain, asked, at_most.min(MOST_SENTENCES))
        }
    };
    chosen
        .into_iter()
        .enumerate()
        .map(|(place, quote)| {
            let text = match passage.source {
                Source::Canned => fill(quote, variables)?,
                _ => quote.to_owned(),
            };
            Ok(Said {
                evidence: Evidence {
                    claim: text.clone(),
                    source: passage.cited(),
                    quote: quote.to_owned(),
                    address: passage.address.clone(),
                    as_of: passage.as_of,
                },
                text,
                begins: place == 0,
                hearsay: passage.source == Source::PastAnswer,
            })
        })
        .collect()
}

/// The `most` sentences in a row that share the most terms with the question; the earliest of equals.
fn nearest<'a>(all: &[&'a str], asked: &BTreeSet<String>, most: usize) -> Vec<&'a str> {
    let shared: Vec<usize> = all
        .iter()
        .map(|text| term_set(text).intersection(asked).count())
        .collect();
    let most = most.max(1);
    if all.len() <= most {
        return all.to_vec();
    }
    let best = (0..=all.len() - most)
        .max_by_key(|&start| {
            let sum: usize = shared[start..start + most].iter().sum();
            (sum, std::cmp::Reverse(start))
        })
        .unwrap_or_default();
    all[best..best + most].to_vec()
}

/// Says nothing that belongs to one customer: no figure, address, link, and no name (a capital within a sentence).
/// Sentences in scripts without capitals cannot be judged and are not impersonal.
fn is_impersonal(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let first = words.next().unwrap_or_default();
    let lower_within = words.clone().all(|word| {
        let bare = word.trim_start_matches(|c: char| !c.is_alphanumeric());
        bare == "I"
            || bare.starts_with("I'")
            || !bare.chars().next().is_some_and(char::is_uppercase)
    });
    let greets = [
        "hi",
        "hello",
        "dear",
        "hola",
        "estimado",
        "estimada",
        "regards",
        "best",
        "sincerely",
        "saludos",
    ]
    .contains(
        &first
            .trim_matches(|c: char| !c.is_alphanumeric())
            .to_lowercase()
            .as_str(),
    );
    text.chars().any(char::is_lowercase)
        && text
            .chars()
            .filter(|c| c.is_alphabetic())
            .all(|c| c.is_lowercase() || c.is_uppercase())
        && !text.chars().any(char::is_numeric)
        && !text.contains('@')
        && links::find(text).is_empty()
        && lower_within
        && !greets
        && words.count() >= 2
}

/// The sentences that written knowledge does not support: what agents told other customers, unless a passage of
/// knowledge says much the same.
pub fn unsupported(said: &[Said], knowledge: &[Passage]) -> Vec<String> {
    said.iter()
        .filter(|said| said.hearsay)
        .filter(|said| {
            let terms = term_set(&said.text);
            !knowledge
                .iter()
                .filter(|passage| passage.source == Source::Knowledge)
                .any(|passage| {
                    let shared = term_set(&passage.text).intersection(&terms).count();
                    shared as f64 >= SUPPORT * terms.len() as f64
                })
        })
        .map(|said| said.text.clone())
        .collect()
}

/// The finished text: greeting, paragraphs, and on mail who greets.
pub fn body(said: &[Said], greeting: &Greeting<'_>) -> String {
    let mut out = greeting.opening();
    for (place, said) in said.iter().enumerate() {
        if !out.is_empty() {
            let together = !said.begins || (place == 0 && !greeting.apart());
            out.push_str(match (together, is_spaceless(&out)) {
                (true, true) => "",
                (true, false) => " ",
                (false, _) => "\n\n",
            });
        }
        out.push_str(&said.text);
    }
    out.push_str(&greeting.closing());
    sanitize_block(&out).text
}

/// Ends in a mark after which Japanese and Chinese put no space.
fn is_spaceless(text: &str) -> bool {
    text.ends_with(['。', '、', '！', '？'])
}

/// How the answer begins and ends.
#[derive(Debug, Clone, Copy)]
pub struct Greeting<'a> {
    /// On which channel.
    pub channel: Channel,
    /// ISO 639-1.
    pub language: &'a str,
    /// Who gets it; empty when not known.
    pub first_name: &'a str,
    /// Who signs; empty for nobody.
    pub company: &'a str,
    /// The text greets already, or the talk is under way.
    pub silent: bool,
}

impl Greeting<'_> {
    /// Mail greets on a line of its own; chats in one go.
    fn apart(&self) -> bool {
        self.channel == Channel::Email
    }

    fn opening(&self) -> String {
        if self.silent {
            return String::new();
        }
        let name = self.first_name;
        match (self.language, name.is_empty()) {
            ("es", true) => "Hola:".to_owned(),
            ("es", false) => format!("Hola {name}:"),
            ("hi", true) => "नमस्ते,".to_owned(),
            ("hi", false) => format!("नमस्ते {name},"),
            ("ar", true) => "مرحبًا،".to_owned(),
            ("ar", false) => format!("مرحبًا {name}،"),
            ("ja", true) => "お問い合わせありがとうございます。".to_owned(),
            ("ja", false) => format!("{name} 様、お問い合わせありがとうございます。"),
            ("de", true) => "Guten Tag,".to_owned(),
            ("de", false) => format!("Guten Tag {name},"),
            ("fr", true) => "Bonjour,".to_owned(),
            ("fr", false) => format!("Bonjour {name},"),
            (_, true) => "Hello,".to_owned(),
            (_, false) => format!("Hi {name},"),
        }
    }

    fn closing(&self) -> String {
        if self.channel != Channel::Email || self.company.is_empty() {
            return String::new();
        }
        let words = match self.language {
            "es" => "Un saludo,",
            "hi" => "धन्यवाद,",
            "ar" => "مع التحية،",
            "ja" => "よろしくお願いいたします。",
            "de" => "Freundliche Grüße",
            "fr" => "Cordialement,",
            _ => "Best regards,",
        };
        format!("\n\n{words}\n{}", self.company)
    }
}
