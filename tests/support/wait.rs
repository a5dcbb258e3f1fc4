//! Waiting for something to become so, never for an amount of time.

use std::time::{Duration, Instant};

/// How long a suite waits for what should happen at once; long enough for a very busy machine.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Asks until there is an answer, and panics with `what` when there is none in time.
pub fn until<T>(what: &str, patience: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + patience;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(
            Instant::now() < end,
            "waited {patience:?} in vain for {what}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}
