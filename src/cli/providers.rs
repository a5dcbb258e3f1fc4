//! The providers of the configured accounts.

use super::context::Context;
use super::failure::{Done, Failure};
use crate::config::{Account, Level, Problem};
use crate::model::{AccountId, Clock, SystemClock};
use crate::providers::Provider;
use crate::runtime::accounts;
use std::sync::Arc;

/// The provider of an account. Nothing is connected before it is used.
pub fn of(account: &Account) -> Arc<dyn Provider> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    accounts::provider_of(account, &clock).0
}

/// That there is no account, and what to do about it.
pub fn none(problems: &[Problem]) -> Failure {
    Failure::refused(
        if problems.iter().any(|problem| problem.level == Level::Error) {
            "no account can be used; `frontdesk config check` says why"
        } else {
            "no account is configured; `frontdesk init` sets one up"
        },
    )
}

/// The named accounts in use, or all of them.
pub fn chosen(names: &[String], context: &Context) -> Done<Vec<(AccountId, Arc<dyn Provider>)>> {
    let used: Vec<&Account> = context
        .config
        .accounts
        .iter()
        .filter(|a| a.common.enabled)
        .collect();
    if used.is_empty() {
        return Err(none(&context.problems));
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
