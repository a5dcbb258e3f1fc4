//! The providers of the configured accounts.

use super::failure::{Done, Failure};
use crate::config::{Account, Config, ProviderSettings};
use crate::model::{AccountId, SystemClock};
use crate::providers::Provider;
use crate::providers::email::EmailProvider;
use std::sync::Arc;

/// The provider of an account. Nothing is connected before it is used.
pub fn of(account: &Account) -> Arc<dyn Provider> {
    match &account.provider {
        ProviderSettings::Email(settings) => Arc::new(EmailProvider::new(
            (**settings).clone(),
            Arc::new(SystemClock),
        )),
    }
}

/// The named accounts in use, or all of them.
pub fn chosen(names: &[String], config: &Config) -> Done<Vec<(AccountId, Arc<dyn Provider>)>> {
    let used: Vec<&Account> = config
        .accounts
        .iter()
        .filter(|a| a.common.enabled)
        .collect();
    if used.is_empty() {
        return Err(Failure::refused(
            "no account is configured; `frontdesk init` sets one up",
        ));
    }
    for name in names {
        if !used.iter().any(|account| account.id.as_str() == name) {
            let known: Vec<&str> = used.iter().map(|account| account.id.as_str()).collect();
            return Err(Failure::refused(format!(
                "there is no account `{name}` in use; there is {}",
                known.join(", ")
            )));
        }
    }
    Ok(used
        .into_iter()
        .filter(|account| names.is_empty() || names.iter().any(|name| name == account.id.as_str()))
        .map(|account| (account.id.clone(), of(account)))
        .collect())
}
