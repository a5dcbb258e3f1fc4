//! On a busy processor whoever draws and reads comes before whoever writes, in a process that has a screen.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A third of the processor's time where there is not enough for all. What an agent does is a few rows and is not felt;
/// a first read of a mailbox is.
const NICE: i32 = 5;

/// Whether the threads that write give way.
#[derive(Debug, Clone, Default)]
pub(super) struct GivingWay(Arc<AtomicBool>);

impl GivingWay {
    /// From now on they do.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// For one of these threads.
    pub fn thread(&self) -> Thread {
        Thread {
            asked: self.clone(),
            gave: false,
        }
    }
}

/// What one thread has done about it.
pub(super) struct Thread {
    asked: GivingWay,
    gave: bool,
}

impl Thread {
    /// To be called by the thread now and then. A priority that was lowered stays so; where it cannot be, nothing is lost
    /// but time.
    pub fn mind(&mut self) {
        if !self.gave && self.asked.0.load(Ordering::Relaxed) {
            self.gave = true;
            let own = rustix::process::getpriority_process(None).unwrap_or_default();
            let _ = rustix::process::setpriority_process(None, own + NICE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_gives_way_when_that_was_asked_for() {
        let asked = GivingWay::default();
        let mut this = asked.thread();
        let nice = || rustix::process::getpriority_process(None).unwrap();
        let before = nice();
        this.mind();
        assert_eq!(nice(), before);
        asked.begin();
        this.mind();
        assert_eq!(nice(), (before + NICE).min(19));
    }
}
