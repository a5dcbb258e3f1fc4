//! Which accounts have a route now. Accounts come, change and go while the listener runs.

use super::bucket::Bucket;
use super::count::Counts;
use super::reading::Reading;
use super::{ListenSettings, News};
use crate::model::AccountId;
use crate::providers::{Provider, ProviderError};
use crate::store::{Inbox, Kept, Store};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// For what was handed over, when the listener ends.
const GRACE: Duration = Duration::from_secs(10);

/// One account's place at the listener.
pub(super) struct Route {
    pub account: AccountId,
    pub provider: Arc<dyn Provider>,
    pub url: String,
    pub bucket: Bucket,
    pub counts: Arc<Counts>,
    pub inbox: Inbox,
}

type Map = BTreeMap<String, Arc<Route>>;

/// The routes of a listener, also while it runs. Clones are the same routes.
#[derive(Clone)]
pub struct Routes(Arc<Inner>);

struct Inner {
    store: Store,
    settings: ListenSettings,
    news: Option<mpsc::Sender<News>>,
    /// None once the listener ends.
    map: Mutex<Option<Arc<Map>>>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    /// Held while they change.
    changing: tokio::sync::Mutex<()>,
}

/// What a change of the accounts did.
#[derive(Default)]
pub struct Changed {
    /// Accounts with a new route, and its address.
    pub mounted: Vec<(AccountId, String)>,
    /// Accounts without one from now on.
    pub unmounted: Vec<AccountId>,
    /// What an account's requests are checked with cannot be had, so it has no route.
    pub failed: Vec<(AccountId, ProviderError)>,
}

impl Routes {
    pub(super) fn new(
        store: Store,
        settings: ListenSettings,
        news: Option<mpsc::Sender<News>>,
    ) -> Self {
        Self(Arc::new(Inner {
            store,
            settings,
            news,
            map: Mutex::new(Some(Arc::default())),
            tasks: Mutex::default(),
            changing: tokio::sync::Mutex::default(),
        }))
    }

    /// From now on these accounts have a route, as far as they can check a request; the mirror knows them. An account
    /// with the provider that it had goes on undisturbed, and what was taken for one that goes is still stored and read.
    pub async fn renew(&self, accounts: Vec<(AccountId, Arc<dyn Provider>)>) -> Changed {
        let _alone = self.0.changing.lock().await;
        let before = self.all();
        let (mut after, mut changed) = (Map::new(), Changed::default());
        for (account, provider) in accounts {
            if !provider.listens() {
                continue;
            }
            let old = before.get(account.as_str());
            if let Some(same) = old.filter(|old| Arc::ptr_eq(&old.provider, &provider)) {
                after.insert(account.as_str().to_owned(), same.clone());
                continue;
            }
            match provider.unlock_webhook().await {
                Ok(()) => {
                    let counts = old.map(|old| old.counts.clone()).unwrap_or_default();
                    let route = self.mount(&account, provider, counts);
                    changed.mounted.push((account.clone(), route.url.clone()));
                    after.insert(account.as_str().to_owned(), Arc::new(route));
                }
                Err(error) => changed.failed.push((account, error)),
            }
        }
        let gone = before.values().map(|old| &old.account);
        changed.unmounted = gone
            .filter(|gone| !after.contains_key(gone.as_str()))
            .cloned()
            .collect();
        let mut map = self.0.map.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(map) = map.as_mut() {
            *map = Arc::new(after);
        }
        changed
    }

    fn mount(
        &self,
        account: &AccountId,
        provider: Arc<dyn Provider>,
        counts: Arc<Counts>,
    ) -> Route {
        let Inner {
            store,
            settings,
            news,
            ..
        } = &*self.0;
        let (fresh, to_read) = watch::channel(());
        let kept = kept(account.clone(), counts.clone(), fresh);
        let reading = Reading {
            account: account.clone(),
            provider: provider.clone(),
            store: store.clone(),
            counts: counts.clone(),
            news: news.clone(),
        };
        let mut tasks = self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.retain(|task| !task.is_finished());
        tasks.push(tokio::spawn(reading.run(to_read)));
        Route {
            url: settings.route(account.as_str()),
            bucket: Bucket::new(settings.requests_per_second, Instant::now()),
            account: account.clone(),
            provider,
            counts,
            inbox: Inbox::new(store.clone(), account.clone(), kept),
        }
    }

    /// All of them as they are now.
    pub(super) fn all(&self) -> Arc<Map> {
        let map = self.0.map.lock().unwrap_or_else(PoisonError::into_inner);
        map.clone().unwrap_or_default()
    }

    /// The route of an account.
    pub(super) fn get(&self, account: &str) -> Option<Arc<Route>> {
        let map = self.0.map.lock().unwrap_or_else(PoisonError::into_inner);
        map.as_ref()?.get(account).cloned()
    }

    /// Nothing more is taken, now or later; what was handed over is stored and read.
    pub(super) async fn close(&self) {
        let _alone = self.0.changing.lock().await;
        let take = || {
            let mut map = self.0.map.lock().unwrap_or_else(PoisonError::into_inner);
            drop(map.take());
            let mut tasks = self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *tasks)
        };
        for task in take() {
            let _ = tokio::time::timeout(GRACE, task).await;
        }
    }
}

/// Counts what was stored or not; `fresh` changes with what is to be read.
fn kept(account: AccountId, counts: Arc<Counts>, fresh: watch::Sender<()>) -> Kept {
    Box::new(move |stored, count, waits| match stored {
        Ok(()) if waits > 0 => {
            counts.wait(waits as u64);
            fresh.send_replace(());
        }
        Ok(()) => {}
        Err(error) => {
            counts.failed.fetch_add(count as u64, Relaxed);
            tracing::error!(%account, %error, "requests are not stored; their vendor will ask again");
        }
    })
}
