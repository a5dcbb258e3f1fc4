//! How many requests of one account are taken.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Takes so many a second, and as many at once.
#[derive(Debug)]
pub(super) struct Bucket {
    per_second: f64,
    left: Mutex<(f64, Instant)>,
}

impl Bucket {
    pub fn new(per_second: u32, now: Instant) -> Self {
        let per_second = f64::from(per_second.max(1));
        Self {
            per_second,
            left: Mutex::new((per_second, now)),
        }
    }

    /// One more; false when it is too many.
    pub fn take(&self, now: Instant) -> bool {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let (tokens, at) = *left;
        let grown = now.saturating_duration_since(at).as_secs_f64() * self.per_second;
        let tokens = (tokens + grown).min(self.per_second);
        let taken = tokens >= 1.0;
        *left = (if taken { tokens - 1.0 } else { tokens }, now.max(at));
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_second_brings_new_ones() {
        let start = Instant::now();
        let bucket = Bucket::new(2, start);
        assert!(bucket.take(start) && bucket.take(start));
        assert!(!bucket.take(start));
        assert!(bucket.take(start + Duration::from_millis(500)));
        assert!(!bucket.take(start + Duration::from_millis(600)));
        // A clock that seems to go back gives nothing away.
        assert!(!bucket.take(start));
    }
}
