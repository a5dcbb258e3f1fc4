//! The setup of the screen in tests.

use super::dump;
use super::world::NOW;
use crate::desk::macros::{MacroSettings, Step};
use crate::model::files::{FileRules, TextWithFiles};
use crate::model::query::Sort;
use crate::model::time::DAY;
use crate::model::{AccountId, Channel, Party};
use crate::ui::keymap::Keymap;
use crate::ui::{AccountCard, SenderRule, Setup};
use jiff::tz::TimeZone;

/// Nina at her desk, with a screen of this size.
pub fn setup(columns: u16, rows: u16) -> Setup {
    Setup {
        me: "nina".to_owned(),
        host: "desk-3".to_owned(),
        shift: Some("day shift".to_owned()),
        now: NOW,
        tz: TimeZone::UTC,
        keymap: Keymap::default(),
        theme: dump::theme(),
        plain: false,
        agents: ["nina", "raj", "tomasz"].map(str::to_owned).to_vec(),
        roster: ["night", "raj"].map(str::to_owned).to_vec(),
        accounts: vec![
            mail(),
            whatsapp(),
            phone(Channel::Sms),
            phone(Channel::Voice),
            phone(Channel::Review),
            phone(Channel::Telegram),
        ],
        sort: Sort::ClosingSoonest,
        macros: vec![(
            "refund done".to_owned(),
            MacroSettings {
                description: "label it and be done".to_owned(),
                steps: vec![Step::Label(vec!["refund".to_owned()]), Step::Resolve(true)],
            },
        )],
        snooze: crate::desk::settings::SnoozeSettings::default(),
        warnings: Vec::new(),
        guides: crate::providers::guide::ALL.to_vec(),
        size: (columns, rows),
    }
}

fn mail() -> AccountCard {
    AccountCard {
        account: AccountId::new("support"),
        channel: Channel::Email,
        subject: true,
        copies: true,
        text_limit: None,
        attachment_limit: 25_000_000,
        files: FileRules::default(),
        hold_ms: 10_000,
        senders: vec![
            SenderRule {
                from: Party::named("vip@shop.example", "Shop VIP desk"),
                recipients: vec!["@acme.example".to_owned()],
                because: "rule “acme”: to @acme.example".to_owned(),
            },
            SenderRule {
                from: Party::named("help@shop.example", "Shop"),
                recipients: Vec::new(),
                because: "the account's own address".to_owned(),
            },
        ],
        signature: "Nina, Shop".to_owned(),
        templates: false,
        window_ms: None,
        tagged_after_ms: None,
        typing: false,
    }
}

fn whatsapp() -> AccountCard {
    AccountCard {
        account: AccountId::new("whats"),
        channel: Channel::Whatsapp,
        subject: false,
        copies: false,
        text_limit: Some(4096),
        attachment_limit: 16_000_000,
        files: FileRules {
            most: Some(1),
            pictures: None,
            text: TextWithFiles::Below {
                limit: 1_024,
                but: &["audio/ogg"],
            },
        },
        hold_ms: 10_000,
        senders: Vec::new(),
        signature: String::new(),
        templates: true,
        window_ms: Some(DAY),
        tagged_after_ms: None,
        typing: false,
    }
}

fn phone(channel: Channel) -> AccountCard {
    AccountCard {
        account: AccountId::new("phone"),
        channel,
        text_limit: Some(1600),
        attachment_limit: 0,
        templates: false,
        window_ms: None,
        ..whatsapp()
    }
}
