//! Keeps a task alive: a panic in one account's code ends neither the others nor the screen.

use std::future::Future;
use std::time::Duration;
use tokio::task::JoinHandle;

/// The wait before a task that panicked is started again; doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_secs(1);
/// The longest such wait.
const LONGEST: Duration = Duration::from_mins(5);

/// Runs what `start` makes, again and again. Ends when a run returns, or when the handle is aborted.
pub fn supervise<F, T>(name: String, mut start: F) -> JoinHandle<()>
where
    F: FnMut() -> T + Send + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    tokio::spawn(async move {
        let mut wait = FIRST;
        loop {
            let mut run = AbortOnDrop(tokio::spawn(start()));
            match (&mut run.0).await {
                Ok(()) => return,
                Err(error) if error.is_cancelled() => return,
                Err(_) => {
                    tracing::error!(task = name, "ended by a defect; starting it again");
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(LONGEST);
                }
            }
        }
    })
}

/// Ends the task when its supervisor ends.
struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn a_task_that_panics_is_started_again() {
        let runs = Arc::new(AtomicU32::new(0));
        let counted = runs.clone();
        let handle = supervise("test".into(), move || {
            let runs = counted.clone();
            async move {
                assert!(runs.fetch_add(1, Ordering::SeqCst) > 0, "first run fails");
            }
        });
        handle.await.expect("the supervisor itself never panics");
        assert_eq!(runs.load(Ordering::SeqCst), 2);
    }
}
