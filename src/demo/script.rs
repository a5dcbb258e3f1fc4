//! The script as it is written in `assets/demo/world.toml`.

use crate::model::{Channel, Priority};
use serde::Deserialize;

/// The whole script.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// The company whose desk this is.
    pub company: String,
    /// Names per language, `given family`.
    pub names: std::collections::BTreeMap<String, Vec<String>>,
    /// What happens.
    pub story: Vec<Story>,
    /// Further ways to open a story, per language, so that copies of a story differ.
    pub openings: std::collections::BTreeMap<String, Vec<String>>,
}

/// One kind of conversation; several customers may live through it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// Unique name.
    pub id: String,
    /// Language, ISO 639-1.
    pub lang: String,
    /// Channels on which it happens, taken in turn.
    pub channels: Vec<Channel>,
    /// The customers are those of this earlier story, copy by copy.
    #[serde(default)]
    pub of: Option<String>,
    /// The provider vouches for numbers that others only claim.
    #[serde(default)]
    pub vouched: bool,
    /// How many customers live through it.
    #[serde(default = "one")]
    pub copies: u32,
    /// Age of the newest message at the start, such as `38m`; copies are older by a drawn amount.
    #[serde(default)]
    pub age: Option<Span>,
    /// Subject where the channel has one.
    #[serde(default)]
    pub subject: String,
    /// What was said before the demo begins.
    #[serde(default)]
    pub turns: Vec<Turn>,
    /// What the customer says by themself while the demo runs, after the start or the turn before.
    #[serde(default)]
    pub later: Vec<Turn>,
    /// What the customer answers to what the agent sends; one per send, then silence.
    #[serde(default)]
    pub replies: Vec<Turn>,
    /// How sends to this customer end.
    #[serde(default)]
    pub send: Fate,
    /// Where it stands at the start.
    #[serde(default)]
    pub at: Standing,
}

/// Where a conversation stands at the start.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Standing {
    /// `resolved`, `snoozed`, `spam`; open when absent.
    pub status: Option<String>,
    /// Who has it.
    pub assignee: Option<String>,
    /// Labels.
    pub labels: Vec<String>,
    /// Urgency.
    pub priority: Option<Priority>,
    /// An agent's note.
    pub note: Option<String>,
    /// Agents have read it.
    pub read: bool,
    /// An agent's unsent reply.
    pub draft: Option<String>,
    /// Somebody is paged about it: name and reason.
    pub page: Option<(String, String)>,
}

/// One thing said.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// Which agent said it; the customer when absent.
    #[serde(default)]
    pub by: Option<String>,
    /// Time since the turn before (or, for `later` and `replies`, until this one).
    #[serde(default)]
    pub gap: Option<Span>,
    /// What.
    #[serde(default)]
    pub text: String,
    /// Files that come along: names; their bytes are made up.
    #[serde(default)]
    pub files: Vec<String>,
    /// A voice note or voicemail of that length; `text` is its transcript.
    #[serde(default)]
    pub voice: Option<Span>,
    /// A missed call.
    #[serde(default)]
    pub missed: bool,
    /// Stars of a review.
    #[serde(default)]
    pub stars: Option<u8>,
    /// A reaction to the last message of the desk instead of words.
    #[serde(default)]
    pub reaction: Option<String>,
    /// For the desk's turns: `sent`, `delivered`, `read` or `failed`.
    #[serde(default)]
    pub state: Option<String>,
    /// The customer withdraws consent with these words.
    #[serde(default)]
    pub stop: bool,
    /// An automatic answer.
    #[serde(default)]
    pub automatic: bool,
}

/// How sends end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// Sent, delivered, read.
    #[default]
    Read,
    /// Sent and delivered.
    Delivered,
    /// Fails twice, then arrives.
    Flaky,
    /// Refused for good.
    Refused,
    /// Taken, then reported as failed.
    Bounces,
    /// The line drops after the bytes were written.
    Unknown,
}

/// A span written as `45s`, `38m`, `2h`, `3d`; milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span(pub i64);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_span(&text).ok_or_else(|| {
            serde::de::Error::custom(format!("`{text}` is not a span such as 45s, 38m, 2h or 3d"))
        })
    }
}

fn parse_span(text: &str) -> Option<Span> {
    let unit = text.chars().last()?;
    let number: i64 = text.strip_suffix(unit)?.parse().ok()?;
    let ms = match unit {
        's' => 1_000,
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 86_400_000,
        _ => return None,
    };
    number.checked_mul(ms).map(Span)
}

fn one() -> u32 {
    1
}

/// The script that comes with the program.
pub const BUILT_IN: &str = include_str!("../../assets/demo/world.toml");

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// Names line and column of what is wrong.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read() {
        assert_eq!(parse_span("45s"), Some(Span(45_000)));
        assert_eq!(parse_span("3d"), Some(Span(259_200_000)));
        for wrong in ["", "m", "1w", "é", "1é"] {
            assert_eq!(parse_span(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_built_in_script_reads_and_fills_a_desk() {
        let script = Script::parse(BUILT_IN).expect("the script reads");
        let conversations: u32 = script.story.iter().map(|story| story.copies).sum();
        assert!((190..=260).contains(&conversations), "{conversations}");
        for channel in Channel::ALL {
            assert!(
                script
                    .story
                    .iter()
                    .any(|story| story.channels.contains(&channel)),
                "nobody writes on {channel}"
            );
        }
        for language in ["en", "hi", "es", "ar", "ja"] {
            assert!(
                script.story.iter().any(|story| story.lang == language),
                "nobody speaks {language}"
            );
            assert!(script.names.contains_key(language));
        }
    }
}
