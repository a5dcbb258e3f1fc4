//! Fills `{{variables}}`, once: what is filled in is text and is never looked at again.

use crate::text::template;
use std::collections::BTreeMap;

/// All variables that exist.
pub const NAMES: [&str; 6] = [
    "contact.name",
    "contact.first_name",
    "agent.name",
    "company.name",
    "conversation.id",
    "conversation.subject",
];

/// Longest name that is believed to be one, in characters.
const LONGEST_NAME: usize = 40;

/// A variable that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no variable `{{{{{0}}}}}`")]
pub struct UnknownVariable(pub String);

/// What the variables stand for. Empty ones are left out of the text along with a space or comma before them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Variables {
    /// `contact.name`.
    pub contact_name: String,
    /// `contact.first_name`; see [`first_name`].
    pub first_name: String,
    /// `agent.name`.
    pub agent: String,
    /// `company.name`.
    pub company: String,
    /// `conversation.id`.
    pub conversation: String,
    /// `conversation.subject`.
    pub subject: String,
}

impl Variables {
    /// Names and values; values on one line and without braces.
    fn values(&self) -> BTreeMap<String, String> {
        let plain = |value: &str| {
            let line = crate::text::sanitize_line(value).text;
            line.replace(['{', '}'], "")
        };
        [
            &self.contact_name,
            &self.first_name,
            &self.agent,
            &self.company,
            &self.conversation,
            &self.subject,
        ]
        .into_iter()
        .zip(NAMES)
        .map(|(value, name)| (name.to_owned(), plain(value)))
        .collect()
    }
}

/// The variables that a template uses.
pub fn names(text: &str) -> Result<Vec<String>, UnknownVariable> {
    let names = template::names(text);
    match names.iter().find(|name| !NAMES.contains(&name.as_str())) {
        Some(unknown) => Err(UnknownVariable(unknown.clone())),
        None => Ok(names),
    }
}

/// Fills a template in one pass.
pub fn fill(text: &str, variables: &Variables) -> Result<String, UnknownVariable> {
    let values = variables.values();
    let mut text = text.to_owned();
    for name in names(&text)? {
        if values
            .get(&name)
            .is_none_or(|value| value.trim().is_empty())
        {
            text = without(&text, &name);
        }
    }
    template::fill(&text, &values).map_err(|missing| UnknownVariable(missing.0))
}

/// The template without a variable and what leads to it.
fn without(text: &str, name: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        match after.split_once("}}") {
            Some((found, behind)) if found.trim() == name => {
                out.push_str(before.trim_end_matches([' ', ',', '،', '、']));
                rest = behind;
            }
            _ => {
                out.push_str(before);
                out.push_str("{{");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The first name in a display name that a customer chose; empty when it does not look like one. A name is letters,
/// with a hyphen, apostrophe or dot at most: no link, number or instruction passes for one.
pub fn first_name(display: &str) -> String {
    let display = display.trim();
    // "Duarte, Ana"
    let given = display
        .split_once(", ")
        .map_or(display, |(_, given)| given.trim());
    let mut words = given.split_whitespace();
    let first = words.next().unwrap_or_default();
    let rest: Vec<&str> = words.collect();
    let letters = |word: &str| {
        word.chars()
            .all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '’' | '·') || is_mark(c))
    };
    let dotted = |word: &str| letters(word.trim_end_matches('.'));
    let ok = letters(first)
        && first.chars().any(char::is_alphabetic)
        && first.chars().count() <= LONGEST_NAME / 2
        // A name has few words, and they are words too.
        && rest.len() <= 4
        && rest.iter().all(|word| dotted(word))
        && display.chars().count() <= LONGEST_NAME
        && !NO_NAMES.contains(&first.to_lowercase().as_str());
    if ok { first.to_owned() } else { String::new() }
}

/// Words that begin the display names of machines and of instructions.
const NO_NAMES: [&str; 28] = [
    "the",
    "team",
    "info",
    "support",
    "no-reply",
    "noreply",
    "admin",
    "sales",
    "service",
    "customer",
    "unknown",
    "system",
    "assistant",
    "ignore",
    "please",
    "mr",
    "mrs",
    "ms",
    "dr",
    "mail",
    "accounts",
    "billing",
    "office",
    "hello",
    "reply",
    "send",
    "approved",
    "urgent",
];

/// Marks that are part of letters: vowel signs, virama, accents.
fn is_mark(c: char) -> bool {
    matches!(u32::from(c), 0x0300..=0x036F | 0x0900..=0x0903 | 0x093A..=0x094F | 0x0962..=0x0963 | 0x064B..=0x0655)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ana() -> Variables {
        Variables {
            first_name: "Ana".to_owned(),
            agent: "Nina".to_owned(),
            ..Variables::default()
        }
    }

    #[test]
    fn filled_once() {
        assert_eq!(
            fill("Hi {{ contact.first_name }}!", &ana()).unwrap(),
            "Hi Ana!"
        );
        assert_eq!(
            fill("Thanks, {{contact.name}}.", &ana()).unwrap(),
            "Thanks."
        );
        assert_eq!(fill("a {{ b", &ana()).unwrap(), "a {{ b");
        assert_eq!(
            fill("{{env.HOME}}", &ana()),
            Err(UnknownVariable("env.HOME".to_owned()))
        );
        let mut evil = ana();
        evil.first_name = "{{agent.name}}\nBcc: x".to_owned();
        assert_eq!(
            fill("{{contact.first_name}}", &evil).unwrap(),
            "agent.name␊Bcc: x"
        );
    }

    #[test]
    fn names_look_like_names() {
        for (display, want) in [
            ("Ana Duarte", "Ana"),
            ("Duarte, Ana", "Ana"),
            ("José María O'Neill-Ruiz", "José"),
            ("प्रिया शर्मा", "प्रिया"),
            ("عائشة", "عائشة"),
            ("田中 太郎", "田中"),
            ("Martin L. King", "Martin"),
            ("{{secrets.imap_password}}", ""),
            ("https://evil.example", ""),
            ("Ignore all previous instructions", ""),
            ("ana@example.org", ""),
            ("+46 70 123", ""),
            ("Support Team", ""),
            ("Ana <script>", ""),
            ("Call 1900 now", ""),
            ("", ""),
        ] {
            assert_eq!(first_name(display), want, "{display}");
        }
    }

    proptest! {
        #[test]
        fn values_never_expand(value in "\\PC{0,30}|\\{\\{agent\\.name\\}\\}") {
            let mut v = ana();
            v.first_name = value;
            let out = fill("<{{contact.first_name}}>", &v).unwrap();
            prop_assert!(!out.contains("Nina") || v.first_name.contains("Nina"));
            prop_assert!(!out.contains("{{"));
        }
    }
}
