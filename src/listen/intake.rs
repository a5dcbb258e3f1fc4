//! From checked requests to the mirror: what waits together is stored together, and only then answered.

use super::News;
use super::count::Counts;
use crate::model::{AccountId, Event};
use crate::store::{Arrival, HeardRequest, Store};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Requests stored in one transaction.
const TOGETHER: usize = 256;

/// A checked request on its way to the mirror.
pub(super) struct Item {
    pub request: HeardRequest,
    pub events: Vec<Event>,
    /// Told once it is on disk, or that it is not.
    pub stored: oneshot::Sender<bool>,
}

/// Stores what comes for one account until nobody can send any more.
pub(super) async fn run(
    account: AccountId,
    store: Store,
    counts: Arc<Counts>,
    mut items: mpsc::Receiver<Item>,
    news: Option<mpsc::Sender<News>>,
) {
    let mut waiting = Vec::with_capacity(TOGETHER);
    while items.recv_many(&mut waiting, TOGETHER).await > 0 {
        let (mut requests, mut events, mut answers) = (Vec::new(), Vec::new(), Vec::new());
        let mut each = Vec::new();
        for item in waiting.drain(..) {
            each.push(item.events.len());
            requests.push(item.request);
            events.extend(item.events);
            answers.push(item.stored);
        }
        let several = answers.len() > 1;
        let kept = several.then(|| (requests.clone(), events.clone()));
        match store.hear(&account, requests.clone(), events).await {
            Ok(ingested) => {
                tell(&account, ingested.arrivals, news.as_ref()).await;
                for answer in answers {
                    let _ = answer.send(true);
                }
            }
            Err(error) => {
                tracing::error!(%account, %error, "requests not stored together");
                let (requests, mut events) = kept.unwrap_or((requests, Vec::new()));
                for ((request, count), answer) in requests.into_iter().zip(each).zip(answers) {
                    let own = if several {
                        events.drain(..count).collect()
                    } else {
                        Vec::new()
                    };
                    let stored = alone(&account, &store, request, own, news.as_ref()).await;
                    if !stored {
                        Counts::add(&counts.failed);
                    }
                    let _ = answer.send(stored);
                }
            }
        }
    }
}

/// One request by itself, so that one that cannot be stored does not stop the others. If its facts are the trouble, it is
/// kept as it came.
async fn alone(
    account: &AccountId,
    store: &Store,
    mut request: HeardRequest,
    events: Vec<Event>,
    news: Option<&mpsc::Sender<News>>,
) -> bool {
    if !events.is_empty() {
        match store.hear(account, vec![request.clone()], events).await {
            Ok(ingested) => {
                tell(account, ingested.arrivals, news).await;
                return true;
            }
            Err(error) => tracing::error!(%account, %error, "a request's facts are not stored"),
        }
    }
    request.events = None;
    request.note = Some("its facts could not be stored; this is how it came".to_owned());
    store.hear(account, vec![request], Vec::new()).await.is_ok()
}

async fn tell(account: &AccountId, arrivals: Vec<Arrival>, news: Option<&mpsc::Sender<News>>) {
    if let (Some(news), false) = (news, arrivals.is_empty()) {
        let account = account.clone();
        let _ = news.send(News { account, arrivals }).await;
    }
}
