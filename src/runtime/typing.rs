//! Showing the customer that somebody writes: best effort, off the way of every key.

use crate::model::{AccountId, ConversationId};
use crate::providers::Provider;
use crate::store::Store;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// After this it would be told too late.
const LIMIT: Duration = Duration::from_secs(5);

/// Tells it once, in a task of its own. Offline nothing happens, and what fails is not told.
pub fn show(
    store: &Store,
    providers: &BTreeMap<AccountId, Arc<dyn Provider>>,
    conversation: ConversationId,
) {
    let (store, providers) = (store.clone(), providers.clone());
    tokio::spawn(async move {
        let Ok(Some((account, at))) = store.typing_at(conversation).await else {
            return;
        };
        if let Some(provider) = providers.get(&account) {
            let told = tokio::time::timeout(LIMIT, provider.typing(&at)).await;
            tracing::debug!(%account, ok = matches!(told, Ok(Ok(()))), "typing");
        }
    });
}
