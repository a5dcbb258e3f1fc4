//! Texts that a vendor approved beforehand.

use super::{Channel, Timestamp};
use serde::{Deserialize, Serialize};

/// Characters of a value, at most; what vendors take of a whole text is more.
const LONGEST_VALUE: usize = 1_024;
/// As many blanks in a row no vendor takes in a value.
const BLANKS: &str = "     ";

/// A text that a vendor approved; where free text is not taken, only these are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// The vendor's id or name, as used in sending.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Language tag as the vendor writes it (`en_US`).
    pub language: String,
    /// The channel on which it may be used.
    pub channel: Channel,
    /// The vendor's category (`UTILITY`, `MARKETING`), raw; it decides the price.
    pub category: String,
    /// It may be used now; else why not, in the vendor's word (`PENDING`, `REJECTED`).
    pub status: TemplateStatus,
    /// Header, body and footer as the customer would see them, with `{{name}}` or `{{1}}` where values go.
    pub body: String,
    /// The places to fill, in the order of the vendor's parameters.
    pub places: Vec<Place>,
}

/// A place of a template that takes a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Name or number as in the body, without braces.
    pub name: String,
    /// The vendor's example, where there is one.
    pub example: Option<String>,
}

/// Whether a template may be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateStatus {
    /// It may.
    Approved,
    /// Not now; the vendor's word.
    Other(String),
}

/// A template with its places filled; what leaves is made from it by the vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilledTemplate {
    /// [`Template::id`].
    pub id: String,
    /// [`Template::language`].
    pub language: String,
    /// A value for each place: name, value.
    pub values: Vec<(String, String)>,
}

/// A template that is being filled: as it was when it was picked, and what was typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateDraft {
    /// The template as it was seen.
    pub template: Template,
    /// A value for each place, in the order of the places: name, value.
    pub values: Vec<(String, String)>,
    /// Free text that was there before the template was picked; it comes back when the template is put away.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub before: String,
}

impl TemplateDraft {
    /// Begins to fill a template. Places whose names say so get the contact's name, where it is known, and the agent's;
    /// numbers say nothing.
    pub fn new(template: Template, contact: Option<&str>, agent: &str) -> Self {
        let values = template
            .places
            .iter()
            .map(|place| {
                let value = known(&place.name, contact, agent).unwrap_or_default();
                (place.name.clone(), value.to_owned())
            })
            .collect();
        Self {
            template,
            values,
            before: String::new(),
        }
    }

    /// What leaves.
    pub fn filled(&self) -> FilledTemplate {
        FilledTemplate {
            id: self.template.id.clone(),
            language: self.template.language.clone(),
            values: self.values.clone(),
        }
    }

    /// The text as the customer will see it.
    pub fn text(&self) -> String {
        self.template.fill(&self.values)
    }
}

/// The templates of an account as they were last read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TemplateList {
    /// Those that may be used first, then by name and language.
    pub templates: Vec<Template>,
    /// When they were read; none when they never were.
    pub read_at: Option<Timestamp>,
    /// Why the last reading failed, in cleaned words.
    pub error: Option<String>,
}

/// What a place of this name is for, where it is a name of somebody we know.
fn known<'a>(place: &str, contact: Option<&'a str>, agent: &'a str) -> Option<&'a str> {
    let name = place.to_lowercase();
    let name = name.strip_prefix("header ").unwrap_or(&name);
    match name.replace(['.', '-', ' '], "_").as_str() {
        "first_name"
        | "firstname"
        | "given_name"
        | "contact_first_name"
        | "customer_first_name" => contact?.split_whitespace().next(),
        "name" | "full_name" | "customer" | "customer_name" | "contact_name" => contact,
        "agent" | "agent_name" => Some(agent),
        _ => None,
    }
}

impl TemplateStatus {
    /// From the vendor's word.
    pub fn read(word: &str) -> Self {
        match word {
            "APPROVED" | "approved" => Self::Approved,
            _ => Self::Other(word.to_owned()),
        }
    }

    /// The word for people and scripts.
    pub fn name(&self) -> String {
        match self {
            Self::Approved => "approved".to_owned(),
            Self::Other(word) if word.is_empty() => "unknown".to_owned(),
            Self::Other(word) => word.to_lowercase().replace('_', " "),
        }
    }
}

impl Template {
    /// Language, category and status for people: `en_US · utility · approved`.
    pub fn about(&self) -> String {
        let category = self.category.to_lowercase();
        let status = self.status.name();
        [self.language.as_str(), category.as_str(), status.as_str()]
            .into_iter()
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" · ")
    }

    /// Why it cannot leave with these values, in a sentence; `None` when it can.
    pub fn refuses(&self, values: &[(String, String)]) -> Option<String> {
        if self.status != TemplateStatus::Approved {
            return Some(format!(
                "the template {} cannot be used: it is {}",
                self.name,
                self.status.name()
            ));
        }
        if let Some((name, _)) = values
            .iter()
            .find(|(name, _)| self.places.iter().all(|place| place.name != *name))
        {
            return Some(format!(
                "the template {} has no place called {name}",
                self.name
            ));
        }
        let missing = self.missing(values);
        if let [first, rest @ ..] = missing.as_slice() {
            let more = match rest.len() {
                0 => String::new(),
                count => format!(", nor have {count} more"),
            };
            return Some(format!(
                "{first} has no value yet{more}; every place of a template must be filled"
            ));
        }
        for (name, value) in values {
            if value.contains(['\n', '\r', '\t']) || value.contains(BLANKS) {
                return Some(format!(
                    "the value of {name} has a line break, a tab or five blanks in a row; templates take none of them"
                ));
            }
            if value.chars().count() > LONGEST_VALUE {
                return Some(format!(
                    "the value of {name} is longer than {LONGEST_VALUE} characters; shorten it"
                ));
            }
        }
        None
    }

    /// The body with its places filled, as the customer will see it; a place without a value, or with an empty one, stays
    /// as it is written.
    pub fn fill(&self, values: &[(String, String)]) -> String {
        let mut out = String::with_capacity(self.body.len());
        let mut rest = self.body.as_str();
        while let Some(start) = rest.find("{{") {
            let Some(length) = rest[start..].find("}}") else {
                break;
            };
            let name = rest[start + 2..start + length].trim();
            out.push_str(&rest[..start]);
            match values
                .iter()
                .find(|(key, value)| key == name && !value.is_empty())
            {
                Some((_, value)) => out.push_str(value),
                None => out.push_str(&rest[start..start + length + 2]),
            }
            rest = &rest[start + length + 2..];
        }
        out.push_str(rest);
        out
    }

    /// The places that have no value, or an empty one: with these it cannot leave.
    pub fn missing<'a>(&'a self, values: &[(String, String)]) -> Vec<&'a str> {
        self.places
            .iter()
            .filter(|place| {
                !values
                    .iter()
                    .any(|(key, value)| *key == place.name && !value.trim().is_empty())
            })
            .map(|place| place.name.as_str())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(body: &str, places: &[&str]) -> Template {
        Template {
            id: "t".to_owned(),
            name: "t".to_owned(),
            language: "en".to_owned(),
            channel: Channel::Whatsapp,
            category: "UTILITY".to_owned(),
            status: TemplateStatus::Approved,
            body: body.to_owned(),
            places: places
                .iter()
                .map(|name| Place {
                    name: (*name).to_owned(),
                    example: None,
                })
                .collect(),
        }
    }

    fn values(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn places_are_filled_once_and_values_are_not_read_again() {
        let template = template("Hi {{1}}, order {{ 2 }} {{3}} {{", &["1", "2", "3"]);
        let filled = values(&[("1", "{{2}}"), ("2", "A-7")]);
        assert_eq!(template.fill(&filled), "Hi {{2}}, order A-7 {{3}} {{");
        assert_eq!(template.missing(&filled), ["3"]);
    }

    #[test]
    fn a_template_is_filled_from_what_is_known_and_refuses_what_vendors_do() {
        let template = template("Hi {{First_Name}}, {{1}}", &["First_Name", "1"]);
        let mut draft = TemplateDraft::new(template, Some("Ana Duarte"), "nina");
        assert_eq!(draft.text(), "Hi Ana, {{1}}");
        let says = |draft: &TemplateDraft| draft.template.refuses(&draft.values);
        assert!(says(&draft).unwrap().starts_with("1 has no value"));
        "A-7".clone_into(&mut draft.values[1].1);
        assert_eq!(says(&draft), None);
        assert_eq!(draft.filled().values[1], ("1".to_owned(), "A-7".to_owned()));
        for wrong in ["a\nb", "a\tb", "a     b", &"x".repeat(1_025)] {
            wrong.clone_into(&mut draft.values[1].1);
            assert!(says(&draft).is_some(), "{wrong:?}");
        }
        "A-7".clone_into(&mut draft.values[1].1);
        draft.values.push(("2".to_owned(), "x".to_owned()));
        assert!(says(&draft).unwrap().contains("no place called 2"));
        draft.values.pop();
        draft.template.status = TemplateStatus::Other("PENDING".to_owned());
        assert!(says(&draft).unwrap().ends_with("it is pending"));
    }

    #[test]
    fn an_empty_value_is_missing() {
        let template = template("Hi {{name}}", &["name"]);
        assert_eq!(template.missing(&values(&[("name", "  ")])), ["name"]);
    }
}
