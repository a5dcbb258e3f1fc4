//! The optional listener: vendors post to it, and what they say is on disk before they are answered.
//!
//! A terminal has no public address; this is for those who can point a tunnel or a proxy at it. It runs in the engine's
//! process or beside it on the same mirror. Nothing is believed before the account's provider has checked who sent it
//! over the raw bytes; an account without a secret has no route, and no route answers what would tell accounts apart.
//!
//! One request's way: `server` holds its limits, the provider checks it, the store's inbox puts it on disk as it came
//! with whatever else waits in one transaction, and the vendor gets its 200 after the commit. Then `reading` brings its facts
//! into the mirror, now or after a restart.

mod bucket;
mod count;
mod reading;
mod routes;
mod server;
pub mod settings;
#[cfg(test)]
mod tests;

pub use routes::{Changed, Routes};
pub use settings::ListenSettings;

use crate::model::{AccountId, Clock};
use crate::providers::Provider;
use crate::store::{Arrival, Store};
use reading::Reading;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

/// Asks an account's reader for a pull.
pub type Pull = Arc<dyn Fn(&AccountId) + Send + Sync>;

/// New messages of customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// By which login.
    pub account: AccountId,
    /// What came; never empty.
    pub arrivals: Vec<Arrival>,
}

/// Everything the listener is started with.
pub struct Plan {
    /// The mirror; every account in `accounts` is known to it.
    pub store: Store,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Where and how much.
    pub settings: ListenSettings,
    /// The accounts; those that cannot check a request have no route.
    pub accounts: Vec<(AccountId, Arc<dyn Provider>)>,
    /// Where news goes, if the engine is in this process.
    pub news: Option<mpsc::Sender<News>>,
    /// Asks for a pull, if the engine is in this process.
    pub pull: Option<Pull>,
}

/// Why the listener did not start, in words for people.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address is taken or not ours.
    #[error("nothing can listen at {0}: {1}; set `address` or `status` in [listen] to a free one")]
    Bind(SocketAddr, std::io::Error),
    /// Health and metrics are for this machine only.
    #[error("`status = \"{0}\"` can be reached from elsewhere; it must be a loopback address")]
    StatusNotLoopback(SocketAddr),
    /// What its requests are checked with cannot be had.
    #[error("account {0}: {1}")]
    Secret(AccountId, crate::providers::ProviderError),
    /// Nothing to listen for.
    #[error(
        "no account can take requests; set the secret that its vendor gave (`frontdesk account add` says where)"
    )]
    NoRoute,
}

/// A listener that has its addresses and does not yet answer.
pub struct Listener {
    requests: TcpListener,
    status: TcpListener,
    shared: Arc<Shared>,
}

struct Shared {
    settings: ListenSettings,
    clock: Arc<dyn Clock>,
    store: Store,
    routes: Routes,
    pull: Option<Pull>,
}

impl Listener {
    /// Takes the addresses.
    ///
    /// # Errors
    /// When an address cannot be had, the status address is not this machine's, or no account has a route.
    pub async fn bind(plan: Plan) -> Result<Self, ListenError> {
        let Plan {
            store,
            clock,
            settings,
            accounts,
            news,
            pull,
        } = plan;
        if !settings.status.ip().is_loopback() {
            return Err(ListenError::StatusNotLoopback(settings.status));
        }
        let bind = async |address| {
            TcpListener::bind(address)
                .await
                .map_err(|error| ListenError::Bind(address, error))
        };
        let requests = bind(settings.address).await?;
        let status = bind(settings.status).await?;
        let routes = Routes::new(store.clone(), settings.clone(), news);
        let mut changed = routes.renew(accounts).await;
        if let Some((account, error)) = changed.failed.pop() {
            return Err(ListenError::Secret(account, error));
        }
        if changed.mounted.is_empty() {
            return Err(ListenError::NoRoute);
        }
        Ok(Self {
            requests,
            status,
            shared: Arc::new(Shared {
                settings,
                clock,
                store,
                routes,
                pull,
            }),
        })
    }

    /// Where requests are taken.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.requests.local_addr()
    }

    /// Where health and metrics are asked.
    pub fn status_address(&self) -> std::io::Result<SocketAddr> {
        self.status.local_addr()
    }

    /// Account and the address to be told to its vendor.
    pub fn addresses(&self) -> Vec<(AccountId, String)> {
        let routes = self.shared.routes.all();
        let told = routes.values();
        told.map(|route| (route.account.clone(), route.url.clone()))
            .collect()
    }

    /// The routes, to be changed while the listener runs.
    pub fn routes(&self) -> Routes {
        self.shared.routes.clone()
    }

    /// Answers until `end`; requests that are being stored then are still answered.
    pub async fn serve(self, end: impl Future<Output = ()> + Send) {
        let routes = self.routes();
        let forgetting = tokio::spawn(forget(self.shared.clone()));
        let status = tokio::spawn(server::status(self.status, self.shared.clone()));
        server::requests(self.requests, self.shared, end).await;
        status.abort();
        forgetting.abort();
        routes.close().await;
    }
}

/// Reads what an earlier listener stored and did not come to read; for an engine that starts, with or without a listener.
pub async fn catch_up(store: &Store, accounts: Vec<(AccountId, Arc<dyn Provider>)>) {
    for (account, provider) in accounts {
        let reading = Reading {
            account,
            provider,
            store: store.clone(),
            counts: Arc::default(),
            news: None,
        };
        let (_, ended) = watch::channel(());
        reading.run(ended).await;
    }
}

/// Old requests go, a few at a time, so that nothing else waits for it.
async fn forget(shared: Arc<Shared>) {
    let keep = i64::from(shared.settings.keep_days.max(1)) * crate::model::time::DAY;
    loop {
        match shared.store.forget_heard(shared.clock.now() - keep).await {
            Ok(true) => tokio::time::sleep(Duration::from_millis(200)).await,
            Ok(false) => tokio::time::sleep(Duration::from_hours(1)).await,
            Err(error) => {
                tracing::warn!(%error, "old requests are not forgotten");
                tokio::time::sleep(Duration::from_hours(1)).await;
            }
        }
    }
}
