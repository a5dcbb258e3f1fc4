//! Texts that a vendor approved beforehand.

use super::Channel;
use serde::{Deserialize, Serialize};

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

impl Template {
    /// The body with its places filled, as the customer will see it; a place without a value stays as it is written.
    pub fn fill(&self, values: &[(String, String)]) -> String {
        let mut out = String::with_capacity(self.body.len());
        let mut rest = self.body.as_str();
        while let Some(start) = rest.find("{{") {
            let Some(length) = rest[start..].find("}}") else {
                break;
            };
            let name = rest[start + 2..start + length].trim();
            out.push_str(&rest[..start]);
            match values.iter().find(|(key, _)| key == name) {
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
    fn an_empty_value_is_missing() {
        let template = template("Hi {{name}}", &["name"]);
        assert_eq!(template.missing(&values(&[("name", "  ")])), ["name"]);
    }
}
