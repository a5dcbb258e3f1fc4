//! What the configuration says of the drafter: the `[assist]` table.

use crate::model::{Channel, Verdict};
use serde::{Deserialize, Serialize};

/// The `[assist]` table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AssistSettings {
    /// Draft answers at all. Nothing that is drafted leaves without an approval.
    pub enabled: bool,
    /// Only on these channels; on all if empty.
    pub channels: Vec<Channel>,
    /// The company's name, for `{{company.name}}`.
    pub company: String,
    /// Below this score, from 0 to 1, nothing is proposed.
    pub floor: f64,
    /// From this score on the confidence is standard.
    pub standard: f64,
    /// From this score on the confidence is high.
    pub high: f64,
    /// A proposal is worthless after so many hours; sooner if the reply window closes.
    pub expires_hours: u32,
    /// Hosts, with all below them, that a draft may link to.
    pub links: Vec<String>,
    /// Refunds above this amount are for people to speak of, in the text of the customer or the draft.
    pub refund_limit: u32,
    /// More words that block a draft, as they occur in the customer's text or the draft.
    pub block_words: Vec<String>,
    /// What the gate says when nobody has answered this customer before.
    pub first_contact: Verdict,
    /// What the gate says outside the desk's hours.
    pub out_of_hours: Verdict,
    /// Use what agents answered to others (without sentences that hold figures, links or names).
    pub past_answers: bool,
}

impl Default for AssistSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            channels: Vec::new(),
            company: String::new(),
            floor: 0.35,
            standard: 0.5,
            high: 0.75,
            expires_hours: 24,
            links: Vec::new(),
            refund_limit: 0,
            block_words: Vec::new(),
            first_contact: Verdict::Pass,
            out_of_hours: Verdict::Pass,
            past_answers: true,
        }
    }
}

impl AssistSettings {
    /// Draft on this channel?
    pub fn drafts_on(&self, channel: Channel) -> bool {
        self.enabled && (self.channels.is_empty() || self.channels.contains(&channel))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_refuses() {
        let settings: AssistSettings = toml::from_str(
            "channels = [\"email\"]\nfirst_contact = \"block\"\nlinks = [\"lindqvist.example\"]",
        )
        .unwrap();
        assert!(settings.drafts_on(Channel::Email) && !settings.drafts_on(Channel::Sms));
        assert_eq!(settings.first_contact, Verdict::Block);
        assert!(toml::from_str::<AssistSettings>("model = \"x\"").is_err());
    }
}
