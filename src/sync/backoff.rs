//! How long to wait before the next try.

use crate::providers::ProviderError;
use std::time::Duration;

/// The shortest and longest wait that a provider's own hint can make us keep.
const HINT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_hours(1));
/// The first wait after a failure.
const FIRST: Duration = Duration::from_secs(2);
/// The longest wait between tries.
const LONGEST: Duration = Duration::from_mins(5);
/// Between tries of a refused login: a person must act, but tokens are mended elsewhere too.
const REFUSED: Duration = Duration::from_mins(15);

/// Exponential backoff with full jitter.
#[derive(Debug, Clone, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// As after so many failures in a row.
    pub fn after(failures: u32) -> Self {
        Self { failures }
    }

    /// Things work again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// Failures in a row so far.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// The wait after one more failure; `jitter` is drawn evenly from 0 to 1.
    pub fn next(&mut self, error: &ProviderError, jitter: f64) -> Duration {
        self.failures = self.failures.saturating_add(1);
        match error {
            ProviderError::RateLimited {
                retry_after: Some(hint),
            } => (*hint).clamp(HINT.0, HINT.1),
            ProviderError::Auth(_) | ProviderError::Locked(_) => REFUSED,
            _ => {
                let ceiling = FIRST
                    .saturating_mul(1 << self.failures.saturating_sub(1).min(12))
                    .min(LONGEST);
                // Never less than a tenth: full jitter may draw zero and spin.
                ceiling.mul_f64(jitter.clamp(0.1, 1.0))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_ceiling_and_never_reach_zero() {
        let mut backoff = Backoff::default();
        let error = ProviderError::Transient("refused".into());
        let waits: Vec<_> = (0..12).map(|_| backoff.next(&error, 1.0)).collect();
        assert_eq!(waits[0], Duration::from_secs(2));
        assert_eq!(waits[1], Duration::from_secs(4));
        assert_eq!(waits[11], LONGEST);
        assert!(backoff.next(&error, 0.0) > Duration::ZERO);
        backoff.reset();
        assert_eq!(backoff.next(&error, 1.0), Duration::from_secs(2));
    }

    #[test]
    fn a_hint_is_obeyed_within_reason() {
        let hint = |secs| ProviderError::RateLimited {
            retry_after: Some(Duration::from_secs(secs)),
        };
        let mut backoff = Backoff::default();
        assert_eq!(backoff.next(&hint(30), 0.0), Duration::from_secs(30));
        assert_eq!(backoff.next(&hint(0), 0.0), HINT.0);
        assert_eq!(backoff.next(&hint(u64::MAX), 0.0), HINT.1);
    }
}
