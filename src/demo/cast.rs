//! The customers: names and addresses drawn from the script. All addresses are of reserved domains and number ranges.

use super::script::Script;
use crate::model::{Channel, Party};

/// One customer.
#[derive(Debug, Clone)]
pub struct Person {
    /// Full name.
    pub name: String,
    number: u32,
}

impl Person {
    /// The `number`th customer, with a name of the language.
    pub fn draw(script: &Script, lang: &str, number: u32, rng: &mut fastrand::Rng) -> Self {
        let name = script
            .names
            .get(lang)
            .and_then(|names| rng.choice(names))
            .cloned()
            .unwrap_or_else(|| format!("Customer {number}"));
        Self { name, number }
    }

    /// The address on a channel.
    pub fn address(&self, channel: Channel) -> Party {
        let number = self.number;
        match channel {
            Channel::Email => {
                Party::named(format!("customer{number}@mail.example"), self.name.as_str())
            }
            // 555-01xx numbers are reserved for fiction.
            Channel::Sms | Channel::Voice => Party::new(format!(
                "+1{}5550{:03}",
                201 + number % 700,
                100 + number % 100
            )),
            Channel::Whatsapp => Party::named(
                format!("+1{}5550{:03}", 201 + number % 700, 100 + number % 100),
                self.name.as_str(),
            ),
            Channel::Webchat => Party::named(format!("visitor-{number}"), self.name.as_str()),
            Channel::Review => Party::named(format!("reviewer-{number}"), self.name.as_str()),
            _ => Party::named(self.handle(), self.name.as_str()),
        }
    }

    /// What the customer calls themself where one picks a name; the number keeps namesakes apart.
    fn handle(&self) -> String {
        let words: Vec<_> = self
            .name
            .split_whitespace()
            .filter(|word| word.is_ascii())
            .map(str::to_ascii_lowercase)
            .collect();
        let name = if words.is_empty() {
            "user".to_owned()
        } else {
            words.join(".")
        };
        format!("@{name}{}", self.number)
    }

    /// The given name.
    pub fn given(&self) -> &str {
        self.name.split_whitespace().next().unwrap_or(&self.name)
    }
}
