//! All that is there, and what lies before the first read.

use super::RingcentralProvider;
use super::calls::{self, CALLS};
use super::feed::older;
use super::map::{self, MESSAGES};
use super::mark::{Back, start};
use super::wire::id;
use crate::model::{Batch, Cursor, Timestamp};
use crate::providers::{Inventory, ProviderError, Result};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How far back it was read.
#[derive(Debug, Serialize, Deserialize)]
struct Place {
    calls: bool,
    back: Back,
}

impl RingcentralProvider {
    /// One page of what is older.
    pub(super) async fn read_back(&self, until: Timestamp, since: Option<Cursor>) -> Result<Batch> {
        let whole = || Back::new(self.clock.now().0, until.0);
        let mut place = since
            .and_then(|cursor| serde_json::from_str(&cursor.0).ok())
            .unwrap_or_else(|| Place {
                calls: false,
                back: whole(),
            });
        let api = self.api()?;
        let feed = if place.calls { CALLS } else { MESSAGES };
        let page = older(api, feed, place.back, place.back.until).await?;
        let (ours, now) = (self.ours(), self.clock.now());
        let mut batch = Batch {
            coverage: vec![page.proven],
            behind: page.behind,
            more: true,
            ..Batch::default()
        };
        for record in &page.records {
            if place.calls {
                if !self.takes_call(record) {
                    continue;
                }
                batch.events.extend(calls::record(record, ours, now));
            } else {
                batch.events.extend(map::record(record, None, ours, now));
            }
        }
        match page.next {
            Some(next) => place.back = next,
            None if !place.calls && self.wants_calls() => {
                place = Place {
                    calls: true,
                    back: whole(),
                };
            }
            None => batch.more = false,
        }
        self.own(&mut batch.events);
        batch.cursor = serde_json::to_string(&place).ok().map(Cursor);
        Ok(batch)
    }

    /// The ids of everything since the beginning of the wanted history.
    pub(super) async fn listed(&self) -> Result<Vec<Inventory>> {
        let api = self.api()?;
        let now = self.clock.now().0;
        let from = start(self.settings.history_days, self.clock.now());
        let mut all = Vec::new();
        for feed in [MESSAGES, CALLS] {
            if feed == CALLS && !self.wants_calls() {
                continue;
            }
            let mut keys = Vec::new();
            let mut next = Some(Back::new(now, from));
            while let Some(back) = next {
                let page = match older(api, feed, back, from).await {
                    // Calls cost much; whoever lists them has time.
                    Err(ProviderError::RateLimited { retry_after }) => {
                        let wait = retry_after.unwrap_or(Duration::from_mins(1));
                        tokio::time::sleep(wait.min(Duration::from_mins(2))).await;
                        continue;
                    }
                    page => page?,
                };
                let records = page.records.iter();
                let wanted = records.filter(|record| feed == MESSAGES || self.takes_call(record));
                keys.extend(wanted.filter_map(|record| id(record, "id")));
                next = page.next;
            }
            keys.sort_unstable();
            keys.dedup();
            all.push(Inventory {
                scope: feed.to_owned(),
                keys,
            });
        }
        Ok(all)
    }
}
