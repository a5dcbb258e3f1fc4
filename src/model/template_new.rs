//! A template that is proposed to a vendor, checked before anybody is asked.

use super::TemplateStatus;
use serde::{Deserialize, Serialize};

/// Characters of a body.
const BODY: usize = 1_024;
/// Characters of a footer.
const FOOTER: usize = 60;
/// Characters on a button.
const BUTTON: usize = 25;
/// Buttons of a template.
const BUTTONS: usize = 10;

/// A template to be proposed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewTemplate {
    /// Its name: small letters, digits and `_`.
    pub name: String,
    /// Language tag as the vendor writes it (`en_US`).
    pub language: String,
    /// `UTILITY` or `MARKETING`; it decides the price.
    pub category: String,
    /// The text, with `{{1}}` or `{{name}}` where values go.
    pub body: String,
    /// An example for each place: name, value. Whoever approves it reads them.
    pub examples: Vec<(String, String)>,
    /// A small line below.
    pub footer: Option<String>,
    /// What the customer can press.
    pub buttons: Vec<TemplateButton>,
}

/// A button of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateButton {
    /// What is on it.
    pub text: String,
    /// The page that it opens; none sends the text back as a reply.
    pub url: Option<String>,
}

/// What a vendor said to a proposed template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedTemplate {
    /// The vendor's number for it.
    pub id: String,
    /// Where it stands; seldom approved at once.
    pub status: TemplateStatus,
    /// Its category, which the vendor may have changed.
    pub category: String,
}

impl NewTemplate {
    /// The places of the body, each once, in order.
    pub fn places(&self) -> Vec<&str> {
        let mut places = Vec::new();
        let parts = self.body.split("{{").skip(1);
        for (name, _) in parts.filter_map(|part| part.split_once("}}")) {
            if !places.contains(&name) {
                places.push(name);
            }
        }
        places
    }

    /// The places are called by names, not by numbers.
    pub fn is_named(&self) -> bool {
        self.places()
            .iter()
            .any(|place| place.parse::<u32>().is_err())
    }

    /// What is wrong with it, in a sentence; `None` when the vendor can be asked.
    pub fn refuses(&self) -> Option<String> {
        let letters = |text: &str, also: fn(char) -> bool| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || also(c))
        };
        if !letters(&self.name, |c| c.is_ascii_digit() || c == '_') || self.name.len() > 512 {
            return Some(
                "the name takes small letters, digits and _, such as order_ready".to_owned(),
            );
        }
        let (tongue, country) = self
            .language
            .split_once('_')
            .unwrap_or((&self.language, "US"));
        let known = (2..=3).contains(&tongue.len()) && letters(tongue, |_| false);
        if !known || country.len() != 2 || !country.chars().all(|c| c.is_ascii_uppercase()) {
            return Some("the language is a tag such as en or en_US".to_owned());
        }
        if !matches!(self.category.as_str(), "UTILITY" | "MARKETING") {
            return Some(
                "the category is utility (about something the customer has with you) or marketing; the text of \
                 authentication is the vendor's own"
                    .to_owned(),
            );
        }
        self.body_refuses()
            .or_else(|| self.examples_refuse())
            .or_else(|| self.rest_refuses())
    }

    fn body_refuses(&self) -> Option<String> {
        let body = self.body.trim();
        if body.is_empty() {
            return Some("the body is empty".to_owned());
        }
        let long = body.chars().count();
        if long > BODY {
            return Some(format!(
                "the body has {long} characters and may have {BODY}"
            ));
        }
        let braces = body.replace("{{", "\u{1}").replace("}}", "\u{2}");
        let ends = |c| braces.matches(c).count();
        if ends('\u{1}') != ends('\u{2}')
            || ends('\u{1}')
                != body
                    .split("{{")
                    .skip(1)
                    .filter(|p| p.contains("}}"))
                    .count()
        {
            return Some("a {{ of the body has no }}".to_owned());
        }
        if body.starts_with("{{") || body.ends_with("}}") {
            return Some("a place may stand neither at the beginning nor at the end of the body; put words around it".to_owned());
        }
        let places = self.places();
        let numbers: Vec<Option<u32>> = places.iter().map(|place| place.parse().ok()).collect();
        if self.is_named() {
            let named = |place: &&str| {
                place.starts_with(|c: char| c.is_ascii_lowercase())
                    && place
                        .chars()
                        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            };
            if let Some(bad) = places.iter().find(|place| !named(place)) {
                return Some(format!(
                    "{{{{{bad}}}}} is no place: use numbers ({{{{1}}}}, {{{{2}}}}) or names of small letters, not both"
                ));
            }
        } else if !numbers
            .iter()
            .zip(1..)
            .all(|(number, wanted)| *number == Some(wanted))
        {
            return Some(
                "the places are numbered from {{1}} on, in the order in which they stand"
                    .to_owned(),
            );
        }
        None
    }

    fn examples_refuse(&self) -> Option<String> {
        let places = self.places();
        for place in &places {
            let given = self
                .examples
                .iter()
                .any(|(name, value)| name == place && !value.trim().is_empty());
            if !given {
                return Some(format!(
                    "{{{{{place}}}}} has no example; whoever approves it wants one: --example {place}=…"
                ));
            }
        }
        let other = self
            .examples
            .iter()
            .find(|(name, _)| !places.contains(&name.as_str()));
        other.map(|(name, _)| format!("the body has no place called {name}"))
    }

    fn rest_refuses(&self) -> Option<String> {
        if let Some(footer) = &self.footer
            && (footer.contains("{{") || footer.contains('\n') || footer.chars().count() > FOOTER)
        {
            return Some(format!(
                "the footer is one line of {FOOTER} characters at most, without places"
            ));
        }
        if self.buttons.len() > BUTTONS {
            return Some(format!("at most {BUTTONS} buttons"));
        }
        for button in &self.buttons {
            let text = button.text.trim();
            if text.is_empty()
                || text.chars().count() > BUTTON
                || text.contains("{{")
                || text.contains('\n')
            {
                return Some(format!(
                    "a button has 1 to {BUTTON} characters, without places"
                ));
            }
            if let Some(url) = &button.url
                && (!url.starts_with("https://")
                    || url.contains("{{")
                    || url.chars().any(char::is_whitespace))
            {
                return Some(format!(
                    "the button {text} needs a whole address that begins with https://"
                ));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> NewTemplate {
        NewTemplate {
            name: "order_ready".to_owned(),
            language: "en_US".to_owned(),
            category: "UTILITY".to_owned(),
            body: "Hi {{1}}, order {{2}} is ready. Thanks, {{1}}!".to_owned(),
            examples: vec![
                ("1".to_owned(), "Ana".to_owned()),
                ("2".to_owned(), "A-7".to_owned()),
            ],
            footer: Some("Example Support".to_owned()),
            buttons: vec![
                TemplateButton {
                    text: "OK".to_owned(),
                    url: None,
                },
                TemplateButton {
                    text: "Map".to_owned(),
                    url: Some("https://example.com/map".to_owned()),
                },
            ],
        }
    }

    type Change = fn(&mut NewTemplate);

    #[test]
    fn what_the_vendor_would_refuse_is_refused_before_the_call() {
        assert_eq!(good().refuses(), None);
        let named: Change = |t| {
            "Hi {{name}}, it is ready.".clone_into(&mut t.body);
            t.examples = vec![("name".to_owned(), "Ana".to_owned())];
        };
        let mut by_name = good();
        named(&mut by_name);
        assert_eq!((by_name.refuses(), by_name.is_named()), (None, true));
        let wrong: [(Change, &str); 18] = [
            (|t| t.name = "Order Ready".to_owned(), "small letters"),
            (|t| t.name.clear(), "small letters"),
            (|t| t.language = "english".to_owned(), "tag such as"),
            (|t| t.language = "en-US".to_owned(), "tag such as"),
            (|t| t.category = "AUTHENTICATION".to_owned(), "vendor's own"),
            (|t| t.body = " ".to_owned(), "empty"),
            (|t| t.body = "x".repeat(1_025), "1025 characters"),
            (
                |t| t.body = "{{1}} hi {{2}}.".to_owned(),
                "beginning nor at the end",
            ),
            (
                |t| t.body = "Hi {{1}} and {{2}}".to_owned(),
                "beginning nor at the end",
            ),
            (
                |t| t.body = "Hi {{2}} and {{1}}.".to_owned(),
                "numbered from {{1}}",
            ),
            (
                |t| t.body = "Hi {{1}} and {{3}}.".to_owned(),
                "numbered from {{1}}",
            ),
            (|t| t.body = "Hi {{1}} and {{Name}}.".to_owned(), "not both"),
            (|t| t.body = "Hi {{1}} and {{ 2.".to_owned(), "has no }}"),
            (|t| t.examples.truncate(1), "{{2}} has no example"),
            (
                |t| t.examples.push(("3".to_owned(), "x".to_owned())),
                "no place called 3",
            ),
            (|t| t.footer = Some("x".repeat(61)), "footer"),
            (|t| t.buttons[0].text = "x".repeat(26), "button"),
            (
                |t| t.buttons[1].url = Some("http://example.com".to_owned()),
                "https://",
            ),
        ];
        for (change, words) in wrong {
            let mut template = good();
            change(&mut template);
            let says = template.refuses().unwrap_or_default();
            assert!(says.contains(words), "{words}: {says}");
        }
    }
}
