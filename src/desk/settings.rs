//! What the configuration says of the desk: the `[desk]` table.

use super::hours::{DayHours, HoursError};
use super::macros::MacroSettings;
use super::routing::Rule;
use crate::model::{Channel, Priority};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Seconds during which a send can be undone, unless set otherwise.
pub const DEFAULT_HOLD_SECONDS: u32 = 10;
/// The longest hold that can be set, in seconds.
pub const LONGEST_HOLD_SECONDS: u32 = 3_600;

/// The `[desk]` table.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeskSettings {
    /// When somebody is at the desk; none set means always.
    pub hours: HoursSettings,
    /// What we promise customers.
    pub sla: SlaSettings,
    /// How long a send can be undone.
    pub hold: HoldSettings,
    /// When snoozed conversations come back.
    pub snooze: SnoozeSettings,
    /// Steps to run on a selection, by name.
    pub macros: BTreeMap<String, MacroSettings>,
    /// What happens to new conversations by itself; every rule that matches applies, in this order.
    pub rules: Vec<Rule>,
}

/// The `[desk.hours]` table: `mon = "09:00-12:30, 13:00-17:30"`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HoursSettings {
    /// IANA name of the zone in which the hours are meant; the program's zone if not set.
    pub timezone: Option<String>,
    /// Monday.
    pub mon: DayHours,
    /// Tuesday.
    pub tue: DayHours,
    /// Wednesday.
    pub wed: DayHours,
    /// Thursday.
    pub thu: DayHours,
    /// Friday.
    pub fri: DayHours,
    /// Saturday.
    pub sat: DayHours,
    /// Sunday.
    pub sun: DayHours,
    /// Days on which nobody is there, as `2026-12-25`.
    pub holidays: BTreeSet<Holiday>,
}

/// A date on which nobody is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Holiday(pub jiff::civil::Date);

impl TryFrom<String> for Holiday {
    type Error = HoursError;
    fn try_from(text: String) -> Result<Self, HoursError> {
        text.parse().map(Self).map_err(|_| HoursError::Date(text))
    }
}

impl From<Holiday> for String {
    fn from(day: Holiday) -> Self {
        day.0.to_string()
    }
}

/// The `[desk.sla]` table: minutes until an answer is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SlaSettings {
    /// To the first message of a conversation.
    pub first_minutes: Option<u32>,
    /// To every later one.
    pub next_minutes: Option<u32>,
    /// Shorter ones by channel; the shortest that applies counts.
    pub channels: BTreeMap<Channel, u32>,
    /// Shorter ones by priority; the shortest that applies counts.
    pub priorities: BTreeMap<Priority, u32>,
    /// Count only minutes in which somebody is at the desk.
    pub within_hours: bool,
}

impl Default for SlaSettings {
    fn default() -> Self {
        Self {
            first_minutes: None,
            next_minutes: None,
            channels: BTreeMap::new(),
            priorities: BTreeMap::new(),
            within_hours: true,
        }
    }
}

/// The `[desk.hold]` table: seconds during which a send can be undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HoldSettings {
    /// Unless the channel has its own.
    pub seconds: u32,
    /// By channel.
    pub channels: BTreeMap<Channel, u32>,
}

impl Default for HoldSettings {
    fn default() -> Self {
        Self {
            seconds: DEFAULT_HOLD_SECONDS,
            channels: BTreeMap::new(),
        }
    }
}

impl HoldSettings {
    /// Milliseconds for which a send on `channel` is held, at most an hour.
    pub fn hold_ms(&self, channel: Channel) -> i64 {
        let seconds = self.channels.get(&channel).copied().unwrap_or(self.seconds);
        i64::from(seconds.min(LONGEST_HOLD_SECONDS)) * crate::model::time::SECOND
    }
}

/// The `[desk.snooze]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SnoozeSettings {
    /// When a day begins for snoozed conversations, as `09:00`.
    pub morning: super::hours::TimeOfDay,
    /// Hours of "later today".
    pub later_hours: u32,
}

impl Default for SnoozeSettings {
    fn default() -> Self {
        Self {
            morning: super::hours::TimeOfDay::at(9, 0),
            later_hours: 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_table_reads() {
        let text = r#"
            [hours]
            timezone = "Asia/Kolkata"
            mon = "09:00-12:30, 13:00-17:30"
            sat = "22:00-02:00"
            holidays = ["2026-12-25"]
            [sla]
            first_minutes = 60
            channels = { whatsapp = 15 }
            priorities = { urgent = 10 }
            [hold]
            seconds = 20
            channels = { email = 45, sms = 999999 }
            [snooze]
            morning = "08:30"
            [macros."wrong number"]
            steps = [{ label = ["wrong-number"] }, { resolve = true }]
            [[rules]]
            name = "invoices"
            subject = ["invoice", "refund"]
            assign = "raj"
        "#;
        let desk: DeskSettings = toml::from_str(text).unwrap();
        assert_eq!(desk.hold.hold_ms(Channel::Email), 45_000);
        assert_eq!(desk.hold.hold_ms(Channel::Telegram), 20_000);
        assert_eq!(desk.hold.hold_ms(Channel::Sms), 3_600_000);
        assert_eq!(desk.sla.channels[&Channel::Whatsapp], 15);
        assert_eq!(desk.macros["wrong number"].steps.len(), 2);
        let again: DeskSettings = toml::from_str(&toml::to_string(&desk).unwrap()).unwrap();
        assert_eq!(again, desk);
    }

    #[test]
    fn wrong_values_are_named() {
        for (text, says) in [
            ("[hours]\nmon = \"9-25\"", "9-25"),
            ("[hours]\nholidays = [\"christmas\"]", "christmas"),
            ("[hold]\nsecond = 1", "second"),
            ("[snooze]\nmorning = \"nine\"", "nine"),
            ("[sla]\nchannels = { pigeon = 1 }", "pigeon"),
            ("[macros.x]\nsteps = [{ explode = true }]", "explode"),
        ] {
            let error = toml::from_str::<DeskSettings>(text)
                .unwrap_err()
                .to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
