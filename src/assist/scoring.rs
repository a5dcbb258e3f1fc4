//! How well a passage answers a question: plain arithmetic, written down here and shown to the agent.
//!
//! For each question in the customer's text, with its terms as [`super::terms`] reads them:
//!
//! - a term weighs `1 + ln((n + 1) / (d + 1))`, where `d` of the `n` passages found hold it: rare words count more.
//!   Words that only ask ("when", "where") weigh half. Of the terms that no passage holds the first three weigh 1 and
//!   the others 0.2: they may be the point, or chatter;
//! - **coverage** is the weight of the question's terms that the passage holds, over the weight of all of them. A term
//!   that stands only in the keywords of the passage's file counts half, as does one that stands only in the text of a
//!   canned reply or past answer and not in what it is an answer to;
//! - **focus** is the weight of those that stand in the passage's own heading or intent, over the weight of those that
//!   the passage holds: is the passage about this, or does it merely mention it?
//! - the score is `coverage * (0.75 + 0.25 * focus)`; times 0.4 if the passage shares only one telling term and not in
//!   its heading, times 0.5 if only one and that is not nearly all of the question; times 0.6 if it is in another
//!   language than the question; times 0.9 if it is older than a year (0.8 than two); times 0.8 for another customer's
//!   answer.
//!
//! The score of a draft is the mean of the best scores of its questions.

use super::knowledge::KEYWORDS_AFTER;
use super::passage::{Passage, Source};
use super::terms::{is_question, sentences, term_set, words};
use crate::model::Timestamp;
use crate::model::time::DAY;
use std::collections::{BTreeMap, BTreeSet};

/// Weight of the first terms that no passage holds, and of further ones.
const UNKNOWN: (f64, f64) = (1.0, 0.2);
/// How many of those count as first.
const FIRST_UNKNOWN: usize = 3;
/// Words that only ask, as [`super::terms`] folds them.
const ASKING: [&str; 10] = [
    "when",
    "wher",
    "cuand",
    "dond",
    "कब",
    "कहाँ",
    "متي",
    "اين",
    "much",
    "many",
];
/// Coverage at which one shared term is enough.
const NEARLY_ALL: f64 = 0.8;
/// Words that a search takes.
const MOST_SEARCHED: usize = 32;
/// Sentences of a question that are read.
const MOST_PARTS: usize = 6;

/// One thing asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The customer's words.
    pub text: String,
    /// Its terms.
    pub terms: BTreeSet<String>,
}

/// How a passage does for one part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// The score, 0 to 1.
    pub score: f64,
    /// See the module's text.
    pub coverage: f64,
    /// See the module's text.
    pub focus: f64,
    /// Telling terms of the question that the passage holds.
    pub shared: usize,
}

/// What the customer asks, part by part: the sentences that ask, each with the statement before and after it; the whole
/// text where nothing asks.
pub fn parts(question: &str) -> Vec<Part> {
    let mut out: Vec<Part> = Vec::new();
    let mut before = "";
    let mut asked = false;
    for sentence in sentences(question) {
        if is_question(sentence) {
            let text = format!("{before} {sentence}").trim().to_owned();
            let found = term_set(&text);
            if !found.is_empty() && out.len() < MOST_PARTS {
                out.push(Part { text, terms: found });
            }
            before = "";
            asked = true;
        } else {
            before = sentence;
            // Until the next question this may also be what the last one is about.
            if let (true, Some(last)) = (asked, out.last_mut()) {
                last.terms.extend(term_set(sentence));
                last.text.push(' ');
                last.text.push_str(sentence);
            }
            asked = false;
        }
    }
    if out.is_empty() {
        let found = term_set(question);
        if !found.is_empty() {
            out.push(Part {
                text: question.trim().to_owned(),
                terms: found,
            });
        }
    }
    out
}

/// The words to search the mirror's passages by: those of the question that tell something, each once.
pub fn search_text(question: &str) -> String {
    let mut seen = BTreeSet::new();
    let words: Vec<String> = words(question)
        .into_iter()
        .filter(|word| seen.insert(word.clone()))
        .take(MOST_SEARCHED)
        .collect();
    words.join(" ")
}

/// The passages with their terms, and what their terms weigh.
#[derive(Debug)]
pub struct Scorer<'a> {
    passages: Vec<Prepared<'a>>,
    holders: BTreeMap<String, usize>,
    now: Timestamp,
}

#[derive(Debug)]
struct Prepared<'a> {
    passage: &'a Passage,
    /// Of its own headings, or its intent.
    heading: BTreeSet<String>,
    /// Those that count in full.
    own: BTreeSet<String>,
    /// Those and the ones that count half.
    all: BTreeSet<String>,
}

impl<'a> Scorer<'a> {
    /// Reads the passages found.
    pub fn new(passages: impl Iterator<Item = &'a Passage>, now: Timestamp) -> Self {
        let passages: Vec<Prepared<'a>> = passages
            .map(|passage| {
                let (titles, keywords) = match passage.source {
                    Source::Knowledge => passage
                        .heading
                        .split_once(KEYWORDS_AFTER)
                        .unwrap_or((&passage.heading, "")),
                    Source::Canned | Source::PastAnswer => (passage.heading.as_str(), ""),
                };
                let heading = term_set(titles);
                let mut own = heading.clone();
                let mut all = term_set(&passage.text);
                if passage.source == Source::Knowledge {
                    own.extend(all.iter().cloned());
                }
                all.extend(own.iter().cloned());
                all.extend(term_set(keywords));
                all.extend(term_set(&passage.name));
                Prepared {
                    passage,
                    heading,
                    own,
                    all,
                }
            })
            .collect();
        let mut holders: BTreeMap<String, usize> = BTreeMap::new();
        for term in passages.iter().flat_map(|prepared| &prepared.all) {
            *holders.entry(term.clone()).or_default() += 1;
        }
        Self {
            passages,
            holders,
            now,
        }
    }

    /// The weight of a term that some passage holds; none for others.
    fn weight(&self, term: &str) -> Option<f64> {
        let holders = *self.holders.get(term)?;
        let weight = 1.0 + ((self.passages.len() + 1) as f64 / (holders + 1) as f64).ln();
        Some(if ASKING.contains(&term) {
            weight / 2.0
        } else {
            weight
        })
    }

    /// The weight of all terms of a question.
    fn total(&self, part: &Part) -> f64 {
        let mut unknown = 0;
        part.terms
            .iter()
            .map(|term| {
                self.weight(term).unwrap_or_else(|| {
                    unknown += 1;
                    if unknown <= FIRST_UNKNOWN {
                        UNKNOWN.0
                    } else {
                        UNKNOWN.1
                    }
                })
            })
            .sum()
    }

    /// Scores every passage for one part; best first, those that share no term left out.
    pub fn rank(&self, part: &Part, language: Option<&str>) -> Vec<(&'a Passage, Score)> {
        let total = self.total(part);
        let mut out: Vec<(&Passage, Score)> = self
            .passages
            .iter()
            .filter_map(|prepared| {
                let held: Vec<&String> = part
                    .terms
                    .iter()
                    .filter(|term| prepared.all.contains(*term))
                    .collect();
                let weight: f64 = held
                    .iter()
                    .filter_map(|term| {
                        let own = prepared.own.contains(*term);
                        self.weight(term)
                            .map(|weight| if own { weight } else { weight / 2.0 })
                    })
                    .sum();
                let telling = held
                    .iter()
                    .filter(|term| !ASKING.contains(&term.as_str()))
                    .count();
                // A word that only asks is no answer's matter.
                if total <= 0.0 || telling == 0 {
                    return None;
                }
                let in_heading: f64 = held
                    .iter()
                    .filter(|term| prepared.heading.contains(**term))
                    .filter_map(|term| self.weight(term))
                    .sum();
                let coverage = weight / total;
                let focus = in_heading / weight;
                let chance = match telling {
                    1 if in_heading <= 0.0 => 0.4,
                    1 if coverage < NEARLY_ALL => 0.5,
                    _ => 1.0,
                };
                let score = coverage
                    * (0.75 + 0.25 * focus)
                    * chance
                    * self.fit(prepared.passage, language);
                Some((
                    prepared.passage,
                    Score {
                        score: score.clamp(0.0, 1.0),
                        coverage,
                        focus,
                        shared: telling,
                    },
                ))
            })
            .collect();
        out.sort_by(|(a, x), (b, y)| {
            y.score
                .total_cmp(&x.score)
                .then_with(|| (&a.address, &a.text).cmp(&(&b.address, &b.text)))
        });
        out
    }

    /// The factors of language, age and origin.
    fn fit(&self, passage: &Passage, language: Option<&str>) -> f64 {
        let language = match (language, passage.language.as_deref()) {
            (Some(asked), Some(written)) if asked != written => 0.6,
            _ => 1.0,
        };
        let age = match passage.as_of.map(|at| self.now.since(at)) {
            Some(age) if age > 730 * DAY => 0.8,
            Some(age) if age > 365 * DAY => 0.9,
            _ => 1.0,
        };
        let origin = match passage.source {
            Source::PastAnswer => 0.8,
            Source::Knowledge | Source::Canned => 1.0,
        };
        language * age * origin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage(heading: &str, text: &str) -> Passage {
        Passage {
            source: Source::Knowledge,
            name: "x".to_owned(),
            heading: heading.to_owned(),
            text: text.to_owned(),
            address: format!("x.md#{heading}"),
            as_of: None,
            language: Some("en".to_owned()),
        }
    }

    fn score(passages: &[Passage], asked: &str) -> Vec<(String, Score)> {
        let scorer = Scorer::new(passages.iter(), Timestamp(0));
        let parts = parts(asked);
        scorer
            .rank(&parts[0], Some("en"))
            .into_iter()
            .map(|(passage, score)| (passage.heading.clone(), score))
            .collect()
    }

    #[test]
    fn the_arithmetic_is_as_written() {
        let all = [
            passage("Boiler · heating", "The boiler makes steam."),
            passage("Filter", "Wash the filter."),
            passage("Pump", "The boiler pump."),
        ];
        let found = score(&all, "boiler steam heating");
        // Of three passages two hold "boiler", one "steam", one "heating"; the last one only as a keyword.
        let (boiler, rare) = (1.0 + (4.0_f64 / 3.0).ln(), 1.0 + 2.0_f64.ln());
        let total = boiler + 2.0 * rare;
        let held = boiler + rare + rare / 2.0;
        let want = held / total * (0.75 + 0.25 * (boiler / held));
        assert_eq!(found[0].0, "Boiler · heating");
        assert!(
            (found[0].1.score - want).abs() < 1e-9,
            "{} {want}",
            found[0].1.score
        );
        // One shared term of three, not in its heading.
        let one = boiler / total;
        assert_eq!(found[1].0, "Pump");
        assert!((found[1].1.score - one * 0.75 * 0.4).abs() < 1e-9);
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn age_language_and_origin_count() {
        let base = passage("Boiler steam", "Boiler steam.");
        let best = |passage: &Passage, now| {
            let all = [passage.clone()];
            Scorer::new(all.iter(), now)
                .rank(&parts("boiler steam")[0], Some("en"))
                .first()
                .map_or(0.0, |(_, score)| score.score)
        };
        let now = Timestamp(1000 * DAY);
        let aged = |days: i64| Passage {
            as_of: Some(now - days * DAY),
            ..base.clone()
        };
        let other = Passage {
            language: Some("es".to_owned()),
            ..base.clone()
        };
        let past = Passage {
            source: Source::PastAnswer,
            ..base.clone()
        };
        for (passage, want) in [
            (base.clone(), 1.0),
            (aged(10), 1.0),
            (aged(400), 0.9),
            (aged(800), 0.8),
            (other, 0.6),
            (past, 0.8),
        ] {
            assert!((best(&passage, now) - want).abs() < 1e-9, "{passage:?}");
        }
    }

    #[test]
    fn questions_are_taken_apart() {
        let texts: Vec<String> =
            parts("My AC leaks. When can you come? It is urgent. How much is it?")
                .into_iter()
                .map(|part| part.text)
                .collect();
        assert_eq!(
            texts,
            [
                "My AC leaks. When can you come? It is urgent.",
                "It is urgent. How much is it?"
            ]
        );
        assert_eq!(parts("Boiler broken").len(), 1);
        assert_eq!(parts("?! …").len(), 0);
        assert_eq!(
            search_text("The boiler, the boiler and the pumps"),
            "boiler pumps"
        );
    }
}
