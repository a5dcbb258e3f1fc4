//! From checked requests to the mirror: what waits together is stored together, as it came, and only then answered.

use super::count::Counts;
use crate::model::AccountId;
use crate::store::{HeardRequest, Store};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};

/// Requests stored in one transaction.
const TOGETHER: usize = 256;

/// A checked request on its way to the mirror.
pub(super) struct Item {
    pub request: HeardRequest,
    /// Told once it is on disk, or that it is not.
    pub stored: oneshot::Sender<bool>,
}

/// Stores what comes for one account until nobody can send any more; `fresh` changes with each that is to be read.
pub(super) async fn run(
    account: AccountId,
    store: Store,
    counts: Arc<Counts>,
    mut items: mpsc::Receiver<Item>,
    fresh: watch::Sender<()>,
) {
    let mut waiting = Vec::with_capacity(TOGETHER);
    while items.recv_many(&mut waiting, TOGETHER).await > 0 {
        let (requests, answers): (Vec<_>, Vec<_>) = waiting
            .drain(..)
            .map(|item| (item.request, item.stored))
            .unzip();
        let to_read = requests
            .iter()
            .filter(|r| r.events.unwrap_or(0) > 0)
            .count();
        let stored = match store.accept_requests(&account, requests).await {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(%account, %error, "requests are not stored; their vendor will ask again");
                false
            }
        };
        for answer in answers {
            if !stored {
                Counts::add(&counts.failed);
            }
            let _ = answer.send(stored);
        }
        if stored && to_read > 0 {
            counts.wait(to_read as u64);
            fresh.send_replace(());
        }
    }
}
