//! Not faster than a vendor allows.

use crate::providers::Spent;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Spreads calls: so many at once, then one per interval, and none while the vendor asks to wait.
#[derive(Debug)]
pub struct Pace {
    burst: u32,
    interval: Duration,
    /// When the last allowed call counts as paid; in the future while calls wait their turn.
    paid: Mutex<Option<Instant>>,
}

impl Pace {
    /// `burst` calls at once, then one each `interval`.
    pub fn new(burst: u32, interval: Duration) -> Self {
        Self {
            burst: burst.max(1),
            interval,
            paid: Mutex::new(None),
        }
    }

    /// Waits for a turn. Turns are given in the order in which they are asked for.
    pub async fn turn(&self) {
        let at = self.reserve(Instant::now());
        tokio::time::sleep_until(at).await;
    }

    /// Waits for a turn, unless that takes longer than `limit`: then nothing is reserved, and the wait is told.
    pub async fn turn_within(&self, limit: Duration) -> Result<(), Duration> {
        let now = Instant::now();
        let at = {
            let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
            let (next, at) = self.next(*paid, now);
            let wait = at.saturating_duration_since(now);
            if wait > limit {
                return Err(wait);
            }
            *paid = Some(next);
            at
        };
        tokio::time::sleep_until(at).await;
        Ok(())
    }

    /// No turn before this much time has passed.
    pub fn pause(&self, wait: Duration) {
        let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        let until = Instant::now() + wait + self.interval * (self.burst - 1);
        *paid = Some(paid.map_or(until, |paid| paid.max(until)));
    }

    /// How much of the burst is used, and for how long there is no turn.
    pub fn spent(&self, group: &str) -> Spent {
        let paid = *self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let ahead = paid.map_or(Duration::ZERO, |paid| paid.saturating_duration_since(now));
        let whole = self.interval * self.burst;
        let turns = ahead.as_nanos().div_ceil(self.interval.as_nanos().max(1));
        Spent {
            group: group.to_owned(),
            used: u64::try_from(turns)
                .unwrap_or(u64::MAX)
                .min(u64::from(self.burst)),
            limit: u64::from(self.burst),
            resets_in: (!ahead.is_zero()).then_some(ahead),
            // Less than a second is the pace itself.
            paused_for: ahead
                .checked_sub(whole)
                .filter(|wait| *wait >= Duration::from_secs(1)),
        }
    }

    fn reserve(&self, now: Instant) -> Instant {
        let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        let (next, at) = self.next(*paid, now);
        *paid = Some(next);
        at
    }

    /// How far it is paid after one more call, and when that call may be made.
    fn next(&self, paid: Option<Instant>, now: Instant) -> (Instant, Instant) {
        let next = paid.map_or(now, |paid| paid.max(now)) + self.interval;
        let at = next.checked_sub(self.interval * self.burst);
        (next, at.map_or(now, |at| at.max(now)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_then_one_per_interval() {
        let pace = Pace::new(2, Duration::from_millis(500));
        let start = Instant::now();
        let mut at = Vec::new();
        for _ in 0..5 {
            pace.turn().await;
            at.push(start.elapsed().as_millis());
        }
        assert_eq!(at, [0, 0, 500, 1000, 1500]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_would_wait_too_long_is_told_and_takes_no_turn() {
        let pace = Pace::new(1, Duration::from_secs(1));
        let short = Duration::from_millis(1_500);
        assert_eq!(pace.turn_within(short).await, Ok(()));
        assert_eq!(pace.turn_within(short).await, Ok(()));
        pace.pause(Duration::from_mins(1));
        assert_eq!(pace.turn_within(short).await, Err(Duration::from_mins(1)));
        assert_eq!(pace.turn_within(short).await, Err(Duration::from_mins(1)));
    }

    #[tokio::test(start_paused = true)]
    async fn it_tells_what_is_used() {
        let pace = Pace::new(3, Duration::from_millis(500));
        assert_eq!(pace.spent("calls").used, 0);
        pace.turn().await;
        let spent = pace.spent("calls");
        assert_eq!((spent.used, spent.limit, spent.paused_for), (1, 3, None));
        pace.pause(Duration::from_secs(7));
        let spent = pace.spent("calls");
        assert_eq!(spent.used, 3);
        assert!(
            spent
                .paused_for
                .is_some_and(|wait| wait > Duration::from_secs(5))
        );
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(pace.spent("calls").used, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_everybody() {
        let pace = Pace::new(3, Duration::from_millis(100));
        let start = Instant::now();
        pace.turn().await;
        pace.pause(Duration::from_secs(7));
        pace.turn().await;
        assert!(
            start.elapsed() >= Duration::from_secs(7),
            "{:?}",
            start.elapsed()
        );
    }
}
