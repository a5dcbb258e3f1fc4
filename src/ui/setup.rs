//! What the screen knows from the start.

use super::keymap::Keymap;
use super::theme::Theme;
use crate::model::files::FileRules;
use crate::model::guide::Guide;
use crate::model::query::Sort;
use crate::model::{AccountId, Channel, Party, Timestamp};
use jiff::tz::TimeZone;

/// What the screen knows from the start. Only a [`Renewed`] changes it while it runs.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The agent's name.
    pub me: String,
    /// This machine's name.
    pub host: String,
    /// The shift, shown in the header.
    pub shift: Option<String>,
    /// The time at the start.
    pub now: Timestamp,
    /// The agent's time zone.
    pub tz: TimeZone,
    /// Keys.
    pub keymap: Keymap,
    /// Colours.
    pub theme: Theme,
    /// One column, no box drawing, words instead of symbols.
    pub plain: bool,
    /// Everybody to whom a conversation can be given.
    pub agents: Vec<String>,
    /// Everybody who can be paged.
    pub roster: Vec<String>,
    /// The accounts and what they can do, one card for each channel.
    pub accounts: Vec<AccountCard>,
    /// How lists are sorted at first.
    pub sort: Sort,
    /// When the snooze menu's words are.
    pub snooze: crate::desk::settings::SnoozeSettings,
    /// Lists of actions by name, run by `M`.
    pub macros: Vec<(String, crate::desk::macros::MacroSettings)>,
    /// Problems of the configuration, in words.
    pub warnings: Vec<String>,
    /// How accounts are set up; empty where none can be.
    pub guides: Vec<&'static Guide>,
    /// Terminal size at the start: columns, rows.
    pub size: (u16, u16),
}

/// What a changed configuration changes on the running screen.
#[derive(Debug, Clone)]
pub struct Renewed {
    /// The agent's time zone.
    pub tz: TimeZone,
    /// Keys.
    pub keymap: Keymap,
    /// Colours.
    pub theme: Theme,
    /// One column, no box drawing, words instead of symbols.
    pub plain: bool,
    /// Everybody to whom a conversation can be given.
    pub agents: Vec<String>,
    /// Everybody who can be paged.
    pub roster: Vec<String>,
    /// The accounts and what they can do.
    pub accounts: Vec<AccountCard>,
    /// When the snooze menu's words are.
    pub snooze: crate::desk::settings::SnoozeSettings,
    /// Lists of actions by name.
    pub macros: Vec<(String, crate::desk::macros::MacroSettings)>,
    /// Problems of the configuration, in words.
    pub warnings: Vec<String>,
}

/// What the screen needs to know of an account on one of its channels. It never asks which provider it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountCard {
    /// Which.
    pub account: AccountId,
    /// On which channel; limits differ between the channels of one account.
    pub channel: Channel,
    /// Texts have a subject.
    pub subject: bool,
    /// Cc and Bcc exist.
    pub copies: bool,
    /// Longest text in characters.
    pub text_limit: Option<usize>,
    /// Largest message with its files in bytes; 0 for no files.
    pub attachment_limit: u64,
    /// What files may go along with a text.
    pub files: FileRules,
    /// Milliseconds for which a send is held.
    pub hold_ms: i64,
    /// Sender identities in the order of their rules: who, for which recipients (`@domain` or an address; empty for
    /// all), and the rule in words.
    pub senders: Vec<SenderRule>,
    /// Appended to new texts.
    pub signature: String,
    /// Texts that the vendor approved beforehand can be sent here.
    pub templates: bool,
    /// For how many milliseconds after the customer wrote free replies are taken; none where they always are.
    pub window_ms: Option<i64>,
    /// After how many milliseconds of that window a reply goes under the vendor's tag for what people write by hand.
    pub tagged_after_ms: Option<i64>,
    /// The customer may see that somebody writes.
    pub typing: bool,
}

/// One sender identity and when it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderRule {
    /// Who.
    pub from: Party,
    /// Recipients for whom it is used: `@domain` or whole addresses; empty for everybody.
    pub recipients: Vec<String>,
    /// The rule in words, shown before sending.
    pub because: String,
}

impl Setup {
    /// Takes what was changed.
    pub fn renew(&mut self, renewed: Renewed) {
        let Renewed {
            tz,
            keymap,
            theme,
            plain,
            agents,
            roster,
            accounts,
            snooze,
            macros,
            warnings,
        } = renewed;
        self.tz = tz;
        self.keymap = keymap;
        self.theme = theme;
        self.plain = plain;
        self.agents = agents;
        self.roster = roster;
        self.accounts = accounts;
        self.snooze = snooze;
        self.macros = macros;
        self.warnings = warnings;
    }

    /// What is known of an account on this channel.
    pub fn card(&self, id: &AccountId, channel: Channel) -> Option<&AccountCard> {
        self.accounts
            .iter()
            .find(|card| card.account == *id && card.channel == channel)
    }
}

impl AccountCard {
    /// The sender that would be used for these recipients, and why.
    pub fn sender_for(&self, recipients: &[&Party]) -> Option<&SenderRule> {
        self.senders.iter().find(|rule| {
            rule.recipients.is_empty()
                || (!recipients.is_empty()
                    && recipients.iter().all(|party| {
                        let address = party.address.to_lowercase();
                        rule.recipients.iter().any(|pattern| {
                            let pattern = pattern.to_lowercase();
                            address == pattern
                                || (pattern.starts_with('@') && address.ends_with(&pattern))
                        })
                    }))
        })
    }
}
