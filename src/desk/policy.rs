//! The desk's rules as the mirror applies them in its own transactions: promises and what happens to new conversations.

use super::hours::BusinessHours;
use super::routing::{self, Arrival, Rule};
use super::settings::{DeskSettings, SlaSettings};
use super::sla::{self, Waiting};
use crate::model::{Command, Timestamp};
use sha2::{Digest, Sha256};

/// Promises, hours and rules. The default promises nothing and does nothing.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    sla: SlaSettings,
    hours: BusinessHours,
    rules: Vec<Rule>,
    /// Tells two policies with different promises apart.
    mark: String,
}

impl Policy {
    /// The policy of a configuration.
    pub fn new(settings: &DeskSettings, hours: BusinessHours) -> Self {
        let mut hash = Sha256::new();
        for part in [
            serde_json::to_vec(&settings.sla),
            serde_json::to_vec(&settings.hours),
        ] {
            let part = part.unwrap_or_default();
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.update(hours.zone().iana_name().unwrap_or_default());
        Self {
            sla: settings.sla.clone(),
            hours,
            rules: settings.rules.clone(),
            mark: crate::model::outgoing::hex(&hash.finalize()[..16]),
        }
    }

    /// When an answer is due.
    pub fn due_at(&self, waiting: Waiting) -> Option<Timestamp> {
        sla::due_at(&self.sla, &self.hours, waiting)
    }

    /// There are rules for new conversations.
    pub fn routes(&self) -> bool {
        !self.rules.is_empty()
    }

    /// What the rules do to a new conversation, rule by rule.
    pub fn route<'a>(&'a self, arrival: &Arrival<'_>) -> Vec<(&'a str, Vec<Command>)> {
        routing::apply(&self.rules, arrival)
    }

    /// Equal for policies that promise the same.
    pub fn mark(&self) -> &str {
        &self.mark
    }
}
