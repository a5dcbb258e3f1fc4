//! How the accounts are, as the mirror has it.

use super::context::{Context, run_async};
use crate::model::{AccountHealth, Answer, Query, SystemClock};
use crate::store::{Options, Store};
use std::sync::Arc;

/// The health of the configured accounts; empty where no engine has looked yet, or the mirror cannot be read.
pub fn of(context: &Context) -> Vec<AccountHealth> {
    let dir = &context.config.mirror;
    if !dir.join("mirror.db").exists() {
        return Vec::new();
    }
    let opened = Store::open(Options {
        dir: dir.clone(),
        clock: Arc::new(SystemClock),
        read_only: true,
    });
    let Ok(store) = opened else {
        return Vec::new();
    };
    let answer = run_async(async { Ok(store.answer(Query::Health).await?) });
    let Ok(Answer::Health(mut rows)) = answer else {
        return Vec::new();
    };
    // An account that was taken out of the configuration is nobody's concern.
    rows.retain(|row| {
        let mut accounts = context.config.accounts.iter();
        accounts.any(|account| account.id == row.account)
    });
    rows
}
