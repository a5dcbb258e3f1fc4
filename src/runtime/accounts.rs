//! From configured accounts to running ones.

use super::engine::EngineAccount;
use crate::assist::settings::AssistSettings;
use crate::assist::worker::{AccountFacts, DrafterTask, SenderFor};
use crate::config::{Account, Config, ProviderSettings};
use crate::desk::BusinessHours;
use crate::model::{AccountId, Channel, Clock};
use crate::providers::Provider;
use crate::providers::email::EmailProvider;
use crate::providers::meta::page::PageProvider;
use crate::providers::meta::whatsapp::WhatsappProvider;
use crate::providers::page_command::{self, PageCommand};
use crate::providers::ringcentral::RingcentralProvider;
use crate::providers::telegram::TelegramProvider;
use crate::providers::transcription::TranscriptionSettings;
use crate::providers::twilio::TwilioProvider;
use crate::store::{AccountInfo, Store};
use crate::sync::transcribe::TranscribeTask;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The accounts in use, with their providers. Nothing is connected before it is used.
pub fn engine_accounts(config: &Config, clock: &Arc<dyn Clock>) -> Vec<EngineAccount> {
    let used = config
        .accounts
        .iter()
        .filter(|account| account.common.enabled);
    used.map(|account| one(config, account, clock))
        .chain([pages()])
        .collect()
}

/// The provider of an account, and how often to pull where nothing is pushed. Nothing is connected before it is used.
pub fn provider_of(account: &Account, clock: &Arc<dyn Clock>) -> (Arc<dyn Provider>, Duration) {
    let poll = account.provider.own().poll();
    let provider: Arc<dyn Provider> = match &account.provider {
        ProviderSettings::Email(settings) => {
            Arc::new(EmailProvider::new((**settings).clone(), clock.clone()))
        }
        ProviderSettings::Whatsapp(settings) => {
            Arc::new(WhatsappProvider::new((**settings).clone(), clock.clone()))
        }
        ProviderSettings::Telegram(settings) => {
            Arc::new(TelegramProvider::new((**settings).clone(), clock.clone()))
        }
        ProviderSettings::Ringcentral(settings) => Arc::new(RingcentralProvider::new(
            (**settings).clone(),
            clock.clone(),
        )),
        ProviderSettings::Twilio(settings) => {
            Arc::new(TwilioProvider::new((**settings).clone(), clock.clone()))
        }
        ProviderSettings::Messenger(settings) => {
            Arc::new(PageProvider::messenger((**settings).clone(), clock.clone()))
        }
        ProviderSettings::Instagram(settings) => {
            Arc::new(PageProvider::instagram((**settings).clone(), clock.clone()))
        }
    };
    (provider, poll)
}

fn one(config: &Config, account: &Account, clock: &Arc<dyn Clock>) -> EngineAccount {
    let (provider, poll) = provider_of(account, clock);
    let channels = provider.capabilities().channels;
    let first = channels.first().copied().unwrap_or(Channel::Email);
    let hold = config.hold_ms(&account.id, first);
    EngineAccount {
        id: account.id.clone(),
        info: info(provider.as_ref(), hold, None),
        provider,
        poll,
        reads: true,
        typing: account.common.typing,
    }
}

/// Pages by command are sent like everything else, through the outbox.
pub fn pages() -> EngineAccount {
    EngineAccount {
        id: AccountId::new(page_command::ACCOUNT),
        provider: Arc::new(PageCommand),
        poll: Duration::from_hours(1),
        info: info(&PageCommand, 0, None),
        reads: false,
        typing: false,
    }
}

/// What the mirror should know of an account.
pub fn info(provider: &dyn Provider, hold_ms: i64, sla_ms: Option<i64>) -> AccountInfo {
    let can = provider.capabilities();
    AccountInfo {
        provider: provider.name().to_owned(),
        channels: can.channels,
        own_addresses: provider.own_addresses(),
        default_hold_ms: hold_ms,
        reply_window_ms: can
            .reply_window
            .and_then(|window| i64::try_from(window.as_millis()).ok()),
        sla_ms,
    }
}

/// The accounts in use; those of `before` whose table in the file is the same keep their provider, and so go on
/// undisturbed.
pub fn renewed(
    config: &Config,
    clock: &Arc<dyn Clock>,
    before: &[EngineAccount],
    same: impl Fn(&AccountId) -> bool,
) -> Vec<EngineAccount> {
    let mut accounts = engine_accounts(config, clock);
    for account in &mut accounts {
        let old = before.iter().find(|old| old.id == account.id);
        if let Some(old) = old.filter(|_| !account.reads || same(&account.id)) {
            account.provider = old.provider.clone();
        }
    }
    accounts
}

/// The same drafter for other accounts.
pub fn drafting(drafter: DrafterTask, accounts: &[EngineAccount]) -> DrafterTask {
    let (facts, sender) = facts(accounts);
    DrafterTask {
        accounts: Arc::new(facts),
        sender,
        ..drafter
    }
}

/// Who has audio written down, where a person's settings allow it for any account.
pub fn transcriber(
    store: &Store,
    clock: &Arc<dyn Clock>,
    settings: &TranscriptionSettings,
    accounts: &[EngineAccount],
) -> Option<TranscribeTask> {
    if settings.allowed().is_empty() {
        return None;
    }
    let providers = accounts
        .iter()
        .map(|account| (account.id.clone(), account.provider.clone()));
    Some(TranscribeTask {
        store: store.clone(),
        clock: clock.clone(),
        settings: Arc::new(settings.clone()),
        providers: Arc::new(providers.collect()),
    })
}

/// The drafter for these accounts, if drafts are wanted.
pub fn drafter(
    store: &Store,
    clock: &Arc<dyn Clock>,
    settings: &AssistSettings,
    hours: BusinessHours,
    shelves: crate::assist::library::Shelves,
    accounts: &[EngineAccount],
) -> Option<DrafterTask> {
    if !settings.enabled {
        return None;
    }
    let (facts, sender) = facts(accounts);
    Some(DrafterTask {
        store: store.clone(),
        clock: clock.clone(),
        settings: Arc::new(settings.clone()),
        hours: Arc::new(hours),
        shelves: Arc::new(shelves),
        accounts: Arc::new(facts),
        sender,
    })
}

/// What the drafter knows of accounts.
fn facts(accounts: &[EngineAccount]) -> (BTreeMap<AccountId, AccountFacts>, SenderFor) {
    let facts = accounts
        .iter()
        .map(|account| {
            let text_limit = account.provider.capabilities().text_limit;
            (account.id.clone(), AccountFacts { text_limit })
        })
        .collect();
    let providers: BTreeMap<AccountId, Arc<dyn Provider>> = accounts
        .iter()
        .map(|account| (account.id.clone(), account.provider.clone()))
        .collect();
    let sender: SenderFor = Arc::new(move |account, recipients| {
        let (party, _) = providers.get(account)?.sender_for(recipients)?;
        Some(party)
    });
    (facts, sender)
}
