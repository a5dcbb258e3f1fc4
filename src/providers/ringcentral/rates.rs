//! RingCentral's rate groups: so many requests of a group in a window, and none while a penalty lasts, since each one
//! sent then begins it anew.

use crate::providers::{ProviderError, Result, Spent};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How much a request costs there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    /// Reading messages and one's own extension.
    Light,
    /// Sending, changing, downloading.
    Medium,
    /// Calls and their recordings.
    Heavy,
    /// Logging in.
    Auth,
}

impl Group {
    const ALL: [Self; 4] = [Self::Light, Self::Medium, Self::Heavy, Self::Auth];

    fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Medium => "medium",
            Self::Heavy => "heavy",
            Self::Auth => "auth",
        }
    }

    fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "light" => Some(Self::Light),
            "medium" => Some(Self::Medium),
            "heavy" => Some(Self::Heavy),
            "auth" => Some(Self::Auth),
            _ => None,
        }
    }
}

/// What an answer said of its group.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told<'a> {
    pub(super) group: Option<&'a str>,
    pub(super) limit: Option<usize>,
    pub(super) remaining: Option<usize>,
    /// Seconds.
    pub(super) window: Option<u64>,
}

/// A penalty without a word on its length.
const PENALTY: Duration = Duration::from_mins(1);

/// The groups of one login.
#[derive(Debug)]
pub(super) struct Rates([Mutex<Gate>; 4]);

#[derive(Debug)]
struct Gate {
    limit: usize,
    window: Duration,
    /// Turns that were given within the window, the next ones too.
    given: VecDeque<Instant>,
    closed: Option<Instant>,
}

impl Rates {
    /// The limits that RingCentral documents; its answers correct them.
    pub(super) fn new() -> Self {
        Self([50, 40, 10, 5].map(|limit| {
            Mutex::new(Gate {
                limit,
                window: Duration::from_mins(1),
                given: VecDeque::new(),
                closed: None,
            })
        }))
    }

    fn gate<T>(&self, group: Group, act: impl FnOnce(&mut Gate) -> T) -> T {
        let gate = &self.0[group as usize];
        act(&mut gate.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits for a turn, unless that takes longer than `patience`: then it is [`ProviderError::RateLimited`] and
    /// nothing was asked.
    pub(super) async fn turn(&self, group: Group, patience: Duration) -> Result<()> {
        let at = self
            .gate(group, |gate| gate.reserve(Instant::now(), patience))
            .map_err(|wait| ProviderError::RateLimited {
                retry_after: Some(wait),
            })?;
        tokio::time::sleep_until(at).await;
        // Closed while it waited.
        match self.closed(group) {
            Some(wait) => Err(ProviderError::RateLimited {
                retry_after: Some(wait),
            }),
            None => Ok(()),
        }
    }

    /// How much of each group is used, and whether it is closed.
    pub(super) fn spent(&self) -> Vec<Spent> {
        let now = Instant::now();
        Group::ALL
            .map(|group| {
                self.gate(group, |gate| {
                    gate.next(now);
                    let newest = gate.given.back().map(|at| *at + gate.window);
                    let until = gate.closed.max(newest);
                    let wait = |until: Instant| {
                        let wait = until.saturating_duration_since(now);
                        (!wait.is_zero()).then_some(wait)
                    };
                    let closed = gate.closed.and_then(wait);
                    let used = if closed.is_some() {
                        gate.limit
                    } else {
                        gate.given.len()
                    };
                    Spent {
                        group: group.name().to_owned(),
                        used: used.min(gate.limit) as u64,
                        limit: gate.limit as u64,
                        resets_in: until.and_then(wait),
                        paused_for: closed,
                    }
                })
            })
            .into()
    }

    /// Whether a request would go at once.
    pub(super) fn free(&self, group: Group) -> bool {
        let now = Instant::now();
        self.gate(group, |gate| gate.next(now) <= now)
    }

    fn closed(&self, group: Group) -> Option<Duration> {
        let now = Instant::now();
        let until = self.gate(group, |gate| gate.closed)?;
        until
            .checked_duration_since(now)
            .filter(|wait| !wait.is_zero())
    }

    /// Takes over what an answer said.
    pub(super) fn told(&self, asked: Group, told: Told<'_>) {
        let group = told.group.and_then(Group::named).unwrap_or(asked);
        let now = Instant::now();
        self.gate(group, |gate| {
            if let Some(limit) = told.limit.filter(|limit| (1..=100_000).contains(limit)) {
                gate.limit = limit;
            }
            if let Some(window) = told.window.filter(|window| (1..=3_600).contains(window)) {
                gate.window = Duration::from_secs(window);
            }
            // Others used it up: when theirs run out is not known.
            let ours = gate.given.iter().filter(|at| **at <= now).count();
            if told.remaining == Some(0) && ours < gate.limit {
                gate.close(now + gate.window);
            }
        });
    }

    /// A request was refused as one too many.
    pub(super) fn refused(
        &self,
        asked: Group,
        named: Option<&str>,
        wait: Option<Duration>,
    ) -> Duration {
        let wait = wait.unwrap_or(PENALTY).max(Duration::from_secs(1));
        let group = named.and_then(Group::named).unwrap_or(asked);
        self.gate(group, |gate| gate.close(Instant::now() + wait));
        wait
    }
}

impl Gate {
    /// When the next request may go.
    fn next(&mut self, now: Instant) -> Instant {
        while self
            .given
            .front()
            .is_some_and(|at| *at + self.window <= now)
        {
            self.given.pop_front();
        }
        let mut at = self.closed.map_or(now, |closed| closed.max(now));
        if let Some(before) = self.given.len().checked_sub(self.limit) {
            at = at.max(self.given[before] + self.window);
        }
        at
    }

    fn reserve(
        &mut self,
        now: Instant,
        patience: Duration,
    ) -> std::result::Result<Instant, Duration> {
        let at = self.next(now);
        let wait = at.saturating_duration_since(now);
        if wait > patience {
            return Err(wait);
        }
        self.given.push_back(at);
        Ok(at)
    }

    fn close(&mut self, until: Instant) {
        self.closed = Some(self.closed.map_or(until, |closed| closed.max(until)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited(result: &Result<()>) -> Option<u64> {
        match result {
            Err(ProviderError::RateLimited { retry_after }) => Some(retry_after.unwrap().as_secs()),
            _ => None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_group_gives_its_turns_and_no_more() {
        let rates = Rates::new();
        let start = Instant::now();
        for _ in 0..10 {
            rates.turn(Group::Heavy, Duration::ZERO).await.unwrap();
        }
        assert!(start.elapsed().is_zero());
        assert!(!rates.free(Group::Heavy));
        assert!(rates.free(Group::Light), "the others are their own");
        let refused = rates.turn(Group::Heavy, Duration::from_secs(5)).await;
        assert_eq!(limited(&refused), Some(60));
        rates
            .turn(Group::Heavy, Duration::from_mins(2))
            .await
            .unwrap();
        assert_eq!(start.elapsed().as_secs(), 60);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_sent_while_a_penalty_lasts() {
        let rates = Rates::new();
        assert_eq!(rates.refused(Group::Medium, None, None), PENALTY);
        let refused = rates.turn(Group::Medium, Duration::from_secs(10)).await;
        assert_eq!(limited(&refused), Some(60));
        tokio::time::advance(PENALTY).await;
        rates.turn(Group::Medium, Duration::ZERO).await.unwrap();
        // Named by the answer, it is that group that waits.
        rates.refused(Group::Medium, Some("Light"), Some(Duration::from_secs(7)));
        assert!(rates.free(Group::Medium) && !rates.free(Group::Light));
    }

    #[tokio::test(start_paused = true)]
    async fn it_tells_what_is_used_of_each_group() {
        let rates = Rates::new();
        rates.turn(Group::Light, Duration::ZERO).await.unwrap();
        rates.refused(Group::Heavy, None, Some(Duration::from_secs(9)));
        let spent = rates.spent();
        let names: Vec<&str> = spent.iter().map(|one| one.group.as_str()).collect();
        assert_eq!(names, ["light", "medium", "heavy", "auth"]);
        assert_eq!((spent[0].used, spent[0].limit), (1, 50));
        assert_eq!(spent[2].used, spent[2].limit);
        assert_eq!(spent[2].paused_for, Some(Duration::from_secs(9)));
        tokio::time::advance(Duration::from_mins(2)).await;
        assert!(
            rates
                .spent()
                .iter()
                .all(|one| one.used == 0 && one.paused_for.is_none())
        );
    }

    #[tokio::test(start_paused = true)]
    async fn answers_correct_the_limits() {
        let rates = Rates::new();
        let told = |limit, remaining, window| Told {
            group: Some("light"),
            limit: Some(limit),
            remaining: Some(remaining),
            window: Some(window),
        };
        rates.turn(Group::Light, Duration::ZERO).await.unwrap();
        rates.told(Group::Heavy, told(2, 1, 30));
        rates.turn(Group::Light, Duration::ZERO).await.unwrap();
        // Used up by us alone: the first turn comes back when it is 30 s old.
        rates.told(Group::Light, told(2, 0, 30));
        let refused = rates.turn(Group::Light, Duration::ZERO).await;
        assert_eq!(limited(&refused), Some(30));
        tokio::time::advance(Duration::from_secs(31)).await;
        rates.turn(Group::Light, Duration::ZERO).await.unwrap();
        // Used up by somebody else.
        rates.told(Group::Light, told(2, 0, 30));
        let refused = rates.turn(Group::Light, Duration::ZERO).await;
        assert_eq!(limited(&refused), Some(30));
        // Nonsense is not believed.
        rates.told(Group::Light, told(0, 5, 0));
        rates.told(Group::Light, told(usize::MAX, 5, u64::MAX));
        tokio::time::advance(Duration::from_secs(31)).await;
        rates.turn(Group::Light, Duration::ZERO).await.unwrap();
    }
}
