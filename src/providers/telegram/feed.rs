//! Reading updates. Asking from a number on tells Telegram that everything below is safe, so only a number whose
//! predecessors are in the mirror is ever asked for: the stored cursor, or what follows a batch that was taken.

use super::TelegramProvider;
use super::map::{self, Ours};
use super::wire::{WANTED, number, text};
use crate::model::event::Coverage;
use crate::model::{Batch, Cursor, Timestamp};
use crate::providers::http::Effect;
use crate::providers::{ProviderError, Result};
use futures::stream::{self, BoxStream};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::PoisonError;
use std::time::Duration;
use tokio::time::Instant;

/// Updates in one answer.
const PAGE: usize = 100;
/// After so long without news, Telegram numbers anew by chance.
const RENUMBERED_MS: i64 = 6 * 24 * 60 * 60 * 1_000;
/// A server that answers a long poll at once is asked no more often than this.
const BREATH: Duration = Duration::from_millis(300);

/// How far it was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Mark {
    /// The next update's number; 0 for whatever is there.
    offset: i64,
    /// When the last update came, in milliseconds.
    at: i64,
    /// Grows when the numbers begin anew.
    generation: u64,
    /// The first number of this generation.
    floor: i64,
}

impl Mark {
    fn read(cursor: Option<&Cursor>) -> Self {
        cursor
            .and_then(|cursor| serde_json::from_str(&cursor.0).ok())
            .unwrap_or_default()
    }

    /// Where a bot goes on that was polled and is so again later; none where that is said already.
    pub(super) fn anew(cursor: Option<&Cursor>) -> Option<Cursor> {
        let mark = Self::read(cursor);
        if mark.offset == 0 {
            return None;
        }
        let next = Self {
            offset: 0,
            generation: mark.generation + 1,
            ..mark
        };
        next.cursor()
    }

    fn cursor(self) -> Option<Cursor> {
        serde_json::to_string(&self).ok().map(Cursor)
    }
}

impl TelegramProvider {
    /// What is there now. A long poll that is open meanwhile ends: Telegram allows one reader.
    pub(super) async fn read(&self, since: Option<Cursor>) -> Result<Batch> {
        self.turn.send_modify(|turn| *turn += 1);
        let (batch, _) = self
            .updates(Mark::read(since.as_ref()), Duration::ZERO)
            .await?;
        Ok(batch)
    }

    /// Long polls, one after the other, each begun when the batch before it was taken.
    pub(super) fn follow(&self, since: Option<&Cursor>) -> BoxStream<'_, Result<Batch>> {
        let turn = self.turn.subscribe();
        let start = (Mark::read(since), turn);
        Box::pin(stream::unfold(Some(start), move |state| async move {
            let (mark, mut turn) = state?;
            let began = Instant::now();
            let wait = self.settings.long_poll();
            let answer = tokio::select! {
                biased;
                // Somebody pulled: where that ended, another stream goes on.
                _ = turn.changed() => return None,
                answer = self.updates(mark, wait) => answer,
            };
            match answer {
                // That nothing came is proof, too, and spares a pull.
                Ok((batch, next)) => {
                    if batch.events.is_empty() && batch.coverage.is_empty() {
                        tokio::time::sleep(BREATH.saturating_sub(began.elapsed())).await;
                    }
                    Some((Ok(batch), Some((next, turn))))
                }
                Err(error) => Some((Err(error), None)),
            }
        }))
    }

    async fn updates(&self, mark: Mark, wait: Duration) -> Result<(Batch, Mark)> {
        let api = self.api()?;
        self.confirm_presses().await;
        let mut body = json!({
            "limit": PAGE,
            "timeout": wait.as_secs(),
            "allowed_updates": WANTED,
        });
        if mark.offset > 0 {
            body["offset"] = mark.offset.into();
        }
        let answer = api.call("getUpdates", &body, Effect::Read).await?;
        let Some(updates) = answer.as_array() else {
            return Err(ProviderError::Bug("getUpdates answered no list".to_owned()));
        };
        let ours = Ours {
            user: self.settings.user(),
            id: Some(api.own_id().await?),
            groups: self.settings.groups,
        };
        let now = self.clock.now();
        let mut events = Vec::new();
        for update in updates {
            events.extend(map::update(update, &ours, now));
            if let Some(id) = text(&update["callback_query"], "id") {
                let mut presses = self.presses.lock().unwrap_or_else(PoisonError::into_inner);
                presses.push(id.to_owned());
            }
        }
        let ids: Vec<i64> = updates
            .iter()
            .filter_map(|update| number(update, "update_id"))
            .collect();
        let (next, coverage) = step(mark, &ids, now);
        let batch = Batch {
            events,
            cursor: next.cursor(),
            coverage,
            more: updates.len() >= PAGE && next != mark,
            behind: 0,
        };
        Ok((batch, next))
    }

    /// Takes the waiting sign off the buttons of which the mirror knows that they were pressed. Purely for show.
    async fn confirm_presses(&self) {
        let presses =
            std::mem::take(&mut *self.presses.lock().unwrap_or_else(PoisonError::into_inner));
        let Ok(api) = self.api() else { return };
        for id in presses {
            let body: Value = json!({ "callback_query_id": id });
            if let Err(error) = api.call("answerCallbackQuery", &body, Effect::Read).await {
                tracing::debug!(%error, "a press was not confirmed");
            }
        }
    }
}

/// Where to go on after these, and what they prove. Numbers follow one another, unless nothing came for a week.
fn step(mark: Mark, ids: &[i64], now: Timestamp) -> (Mark, Vec<Coverage>) {
    let (Some(&low), Some(&high)) = (ids.iter().min(), ids.iter().max()) else {
        return (mark, Vec::new());
    };
    let fresh = mark.offset == 0;
    let anew =
        !fresh && (low < mark.offset || (low > mark.offset && now.0 - mark.at > RENUMBERED_MS));
    let next = Mark {
        offset: high + 1,
        at: now.0,
        generation: mark.generation + u64::from(anew),
        floor: if fresh || anew { low } else { mark.floor },
    };
    let unsigned = |id: i64| u64::try_from(id).unwrap_or(0);
    let coverage = Coverage {
        feed: "updates".to_owned(),
        generation: next.generation,
        low: unsigned(low),
        high: unsigned(high),
        floor: unsigned(next.floor),
    };
    (next, vec![coverage])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_seen_and_a_renumbering_is_none() {
        let now = Timestamp(1_800_000_000_000);
        let (first, proof) = step(Mark::default(), &[10, 11], now);
        assert_eq!(
            (first.offset, proof[0].low, proof[0].high, proof[0].floor),
            (12, 10, 11, 10)
        );
        let (gap, proof) = step(first, &[15], now);
        assert_eq!((gap.generation, proof[0].low, proof[0].floor), (0, 15, 10));
        let late = Timestamp(now.0 + 8 * 24 * 3_600_000);
        let (anew, proof) = step(first, &[9_000], late);
        assert_eq!((anew.generation, proof[0].floor), (1, 9_000));
        let (lower, _) = step(first, &[3], now);
        assert_eq!((lower.offset, lower.generation), (4, 1));
        assert_eq!(step(first, &[], now), (first, Vec::new()));
    }
}
