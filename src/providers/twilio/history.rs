//! All that is there, and what lies before the first read.

use super::TwilioProvider;
use super::mark::start;
use super::wire::sid;
use crate::model::{Batch, Cursor, Timestamp};
use crate::providers::{Inventory, Result};
use serde::{Deserialize, Serialize};

/// Where reading back goes on.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Place {
    /// Which of the account's feeds.
    feed: usize,
    next: Option<String>,
}

impl TwilioProvider {
    pub(super) async fn read_back(&self, until: Timestamp, since: Option<Cursor>) -> Result<Batch> {
        let api = self.api()?;
        let mut place: Place = since
            .and_then(|cursor| serde_json::from_str(&cursor.0).ok())
            .unwrap_or_default();
        let mut batch = Batch::default();
        let Some(feed) = self.feeds().get(place.feed).copied() else {
            return Ok(batch);
        };
        let url = match &place.next {
            Some(next) => api.next(next)?,
            None => feed.first(api, 200),
        };
        let page = feed.page(api, url).await?;
        let mut records = page.records;
        records.retain(|record| self.wants(feed, record));
        batch.events = self.facts(api, feed, records).await?;
        self.own(&mut batch.events);
        let reached = page.oldest.is_some_and(|oldest| oldest < until.0);
        place = match page.next.filter(|_| !reached) {
            Some(next) => Place {
                next: Some(next),
                ..place
            },
            None => Place {
                feed: place.feed + 1,
                next: None,
            },
        };
        batch.more = place.feed < self.feeds().len();
        batch.cursor = serde_json::to_string(&place).ok().map(Cursor);
        Ok(batch)
    }

    /// The SIDs of everything since the beginning of the wanted history.
    pub(super) async fn listed(&self) -> Result<Vec<Inventory>> {
        let api = self.api()?;
        let from = start(self.settings.history_days, self.clock.now());
        let mut all = Vec::new();
        for feed in self.feeds() {
            let mut keys = Vec::new();
            let mut url = Some(feed.first(api, 1_000));
            while let Some(at) = url.take() {
                let page = feed.page(api, at).await?;
                let wanted = page.records.iter().filter(|record| {
                    self.wants(*feed, record) && feed.at(record).is_none_or(|at| at >= from)
                });
                keys.extend(wanted.filter_map(|record| sid(record, "sid").map(str::to_owned)));
                let reached = page.oldest.is_some_and(|oldest| oldest < from);
                if let Some(next) = page.next.filter(|_| !reached) {
                    url = Some(api.next(&next)?);
                }
            }
            keys.sort_unstable();
            keys.dedup();
            all.push(Inventory {
                scope: feed.name().to_owned(),
                keys,
            });
        }
        Ok(all)
    }
}
