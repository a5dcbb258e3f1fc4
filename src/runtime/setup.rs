//! From the configuration to what the screen knows at its start.

use super::engine::EngineAccount;
use crate::config::{Config, OwnThemes};
use crate::desk::macros::MacroSettings;
use crate::model::{AccountId, Channel, Timestamp};
use crate::term::Probe;
use crate::ui::keymap::Keymap;
use crate::ui::theme::Theme;
use crate::ui::themes::{self, Depth};
use crate::ui::{AccountCard, SenderRule, Setup};
use std::time::Duration;

/// The theme by name as the terminal can show it; a wrong one is reported and the default taken.
pub fn theme(name: &str, probe: &Probe, own: &OwnThemes, warnings: &mut Vec<String>) -> Theme {
    let depth = Depth::from(probe.colors);
    own.load(name, depth).unwrap_or_else(|problem| {
        warnings.push(problem.line());
        themes::load(themes::DEFAULT, depth, &|_| None).unwrap_or_default()
    })
}

/// Everybody who can be paged.
pub fn roster(config: &Config) -> Vec<String> {
    let names = config.roster.iter().map(|entry| entry.name.clone());
    names.collect()
}

/// Lists of actions by name.
pub fn macros(config: &Config) -> Vec<(String, MacroSettings)> {
    let macros = config.desk.macros.iter();
    macros
        .map(|(name, steps)| (name.clone(), steps.clone()))
        .collect()
}

/// What the screen needs to know of the accounts. Pages by command are none of its accounts.
pub fn cards(accounts: &[EngineAccount]) -> Vec<AccountCard> {
    accounts
        .iter()
        .filter(|account| account.reads)
        .flat_map(|account| {
            let channels = account.provider.capabilities().channels;
            channels
                .into_iter()
                .map(move |channel| card(account, channel))
        })
        .collect()
}

fn card(account: &EngineAccount, channel: Channel) -> AccountCard {
    let can = account.provider.capabilities_on(channel);
    let senders = account.provider.senders();
    AccountCard {
        account: account.id.clone(),
        channel,
        subject: can.subject,
        copies: can.copies,
        text_limit: can.text_limit,
        attachment_limit: can.attachment_limit,
        files: account.provider.file_rules(channel),
        hold_ms: account.info.default_hold_ms,
        senders: senders
            .into_iter()
            .map(|sender| SenderRule {
                from: sender.from,
                recipients: sender.recipients,
                because: sender.because,
            })
            .collect(),
        signature: account.provider.signature(),
        templates: account.provider.template_channels().contains(&channel),
        window_ms: can.reply_window.and_then(millis),
        tagged_after_ms: account.provider.tagged_after().and_then(millis),
        typing: account.typing,
    }
}

fn millis(span: Duration) -> Option<i64> {
    i64::try_from(span.as_millis()).ok()
}

/// What the screen knows at its start.
pub fn screen(config: &Config, accounts: &[EngineAccount], look: Look, now: Timestamp) -> Setup {
    Setup {
        me: config.me.clone(),
        host: config.host.clone(),
        shift: None,
        now,
        tz: config.timezone.clone(),
        keymap: look.keymap,
        theme: look.theme,
        plain: look.plain,
        agents: config.people().into_iter().map(str::to_owned).collect(),
        roster: roster(config),
        accounts: cards(accounts),
        sort: config.sort,
        snooze: config.desk.snooze.clone(),
        macros: macros(config),
        warnings: look.warnings,
        guides: crate::providers::guide::ALL.to_vec(),
        size: look.size,
    }
}

/// How the screen looks, from terminal, options and configuration.
pub struct Look {
    /// Colours.
    pub theme: Theme,
    /// Keys.
    pub keymap: Keymap,
    /// One column, no box drawing.
    pub plain: bool,
    /// Columns and rows.
    pub size: (u16, u16),
    /// What is wrong with the configuration.
    pub warnings: Vec<String>,
}

/// The accounts that can carry a page by mail.
pub fn mail_accounts(accounts: &[EngineAccount]) -> Vec<AccountId> {
    accounts
        .iter()
        .filter(|account| {
            account.reads
                && account
                    .provider
                    .capabilities()
                    .channels
                    .contains(&Channel::Email)
        })
        .map(|account| account.id.clone())
        .collect()
}
