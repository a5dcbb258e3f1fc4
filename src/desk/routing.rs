//! Rules for new conversations: plain words in, ordinary commands out.

use crate::model::{AccountId, Channel, Command, ConversationId, Priority};
use serde::{Deserialize, Serialize};

/// One `[[desk.rules]]` entry. All conditions that are set must hold; a list holds if one of its words does. Words are
/// looked for without regard to case; they are no patterns.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name, recorded with what it does.
    pub name: String,
    /// On one of these channels.
    #[serde(default)]
    pub channel: Vec<Channel>,
    /// On one of these accounts.
    #[serde(default)]
    pub account: Vec<String>,
    /// The sender's address contains one of these.
    #[serde(default)]
    pub from: Vec<String>,
    /// The subject contains one of these.
    #[serde(default)]
    pub subject: Vec<String>,
    /// The text contains one of these.
    #[serde(default)]
    pub text: Vec<String>,
    /// Give it to somebody.
    #[serde(default)]
    pub assign: Option<String>,
    /// Add labels.
    #[serde(default)]
    pub label: Vec<String>,
    /// Set the priority.
    #[serde(default)]
    pub priority: Option<Priority>,
}

/// The first message of a conversation, as rules see it. All of it cleaned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival<'a> {
    /// The conversation.
    pub conversation: ConversationId,
    /// On which channel.
    pub channel: Channel,
    /// On which account.
    pub account: &'a AccountId,
    /// The sender's address.
    pub from: &'a str,
    /// Subject.
    pub subject: &'a str,
    /// Text.
    pub text: &'a str,
}

impl Rule {
    /// Does it apply? A rule without any condition applies to everything.
    pub fn holds(&self, arrival: &Arrival<'_>) -> bool {
        let any = |words: &[String], text: &str| {
            if words.is_empty() {
                return true;
            }
            let text = text.to_lowercase();
            words
                .iter()
                .any(|word| !word.is_empty() && text.contains(&word.to_lowercase()))
        };
        (self.channel.is_empty() || self.channel.contains(&arrival.channel))
            && (self.account.is_empty()
                || self
                    .account
                    .iter()
                    .any(|name| name == arrival.account.as_str()))
            && any(&self.from, arrival.from)
            && any(&self.subject, arrival.subject)
            && any(&self.text, arrival.text)
    }
}

/// What the rules do to a new conversation: the name of each rule that applies, with its commands. The first rule that
/// assigns wins, as does the first that sets a priority; labels add up.
pub fn apply<'r>(rules: &'r [Rule], arrival: &Arrival<'_>) -> Vec<(&'r str, Vec<Command>)> {
    let ids = || vec![arrival.conversation];
    let (mut assigned, mut ranked) = (false, false);
    rules
        .iter()
        .filter(|rule| rule.holds(arrival))
        .filter_map(|rule| {
            let mut commands = Vec::new();
            if let (Some(to), false) = (&rule.assign, assigned) {
                assigned = true;
                commands.push(Command::Assign {
                    ids: ids(),
                    to: Some(to.clone()),
                });
            }
            if !rule.label.is_empty() {
                commands.push(Command::Label {
                    ids: ids(),
                    add: rule.label.clone(),
                    remove: Vec::new(),
                });
            }
            if let (Some(priority), false) = (rule.priority, ranked) {
                ranked = true;
                commands.push(Command::SetPriority {
                    ids: ids(),
                    priority,
                });
            }
            (!commands.is_empty()).then_some((rule.name.as_str(), commands))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_apply_in_order() {
        #[derive(Deserialize)]
        struct File {
            rules: Vec<Rule>,
        }
        let rules = toml::from_str::<File>(
            r#"
            [[rules]]
            name = "gas"
            text = ["gas smell", "गैस"]
            priority = "urgent"
            label = ["safety"]
            [[rules]]
            name = "mail invoices"
            channel = ["email"]
            account = ["support"]
            subject = ["Invoice"]
            assign = "raj"
            [[rules]]
            name = "rest"
            assign = "nina"
            priority = "low"
            label = ["new"]
        "#,
        )
        .unwrap()
        .rules;
        let account = AccountId::new("support");
        let arrival = Arrival {
            conversation: ConversationId(1),
            channel: Channel::Email,
            account: &account,
            from: "ana@example.org",
            subject: "re: INVOICE 12",
            text: "There is a Gas Smell",
        };
        let done = apply(&rules, &arrival);
        let names: Vec<&str> = done.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["gas", "mail invoices", "rest"]);
        assert_eq!(done[0].1.len(), 2);
        assert!(matches!(&done[1].1[0], Command::Assign { to: Some(to), .. } if to == "raj"));
        assert!(matches!(&done[2].1[..], [Command::Label { .. }]));
        let sms = Arrival {
            channel: Channel::Sms,
            text: "hi",
            ..arrival
        };
        let names: Vec<&str> = apply(&rules, &sms).iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["rest"]);
    }
}
