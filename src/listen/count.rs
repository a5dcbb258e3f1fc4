//! What the listener did, in numbers.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Numbers of one account since the start.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Stored and answered.
    pub taken: AtomicU64,
    /// Facts in them.
    pub events: AtomicU64,
    /// Unsigned, forged or too old.
    pub refused: AtomicU64,
    /// Genuine and not readable; kept as they came.
    pub unreadable: AtomicU64,
    /// Too many in a second.
    pub limited: AtomicU64,
    /// Not stored: the vendor will ask again.
    pub failed: AtomicU64,
    /// Microseconds from the first byte of the body to the commit, all together.
    pub busy_us: AtomicU64,
    /// On disk and still to be read.
    pub waiting: AtomicU64,
    /// When the last one was stored, milliseconds since 1970.
    pub last_at: AtomicU64,
}

impl Counts {
    pub fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Relaxed);
    }

    /// So many more wait to be read.
    pub fn wait(&self, more: u64) {
        self.waiting.fetch_add(more, Relaxed);
    }

    /// So many were read; those of an earlier run were not counted.
    pub fn done(&self, read: u64) {
        let less = |waiting: u64| Some(waiting.saturating_sub(read));
        let _ = self.waiting.fetch_update(Relaxed, Relaxed, less);
    }

    /// Stored and answered so far.
    pub fn taken(&self) -> u64 {
        self.taken.load(Relaxed)
    }

    /// So many facts were in one that was read after it was stored.
    pub fn read(&self, events: u64) {
        self.events.fetch_add(events, Relaxed);
    }

    pub fn stored(&self, events: u64, took: Duration, at_ms: i64) {
        Self::add(&self.taken);
        self.events.fetch_add(events, Relaxed);
        self.busy_us
            .fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Relaxed);
        self.last_at
            .fetch_max(u64::try_from(at_ms).unwrap_or(0), Relaxed);
    }
}

/// The text format that Prometheus reads. Accounts are named by us, never by a request.
pub(super) fn metrics(accounts: &[(&str, &Counts)]) -> String {
    type Read = fn(&Counts) -> &AtomicU64;
    const ALL: [(&str, &str, Read); 9] = [
        ("requests_taken_total", "counter", |c| &c.taken),
        ("events_total", "counter", |c| &c.events),
        ("requests_refused_total", "counter", |c| &c.refused),
        ("requests_unreadable_total", "counter", |c| &c.unreadable),
        ("requests_limited_total", "counter", |c| &c.limited),
        ("requests_failed_total", "counter", |c| &c.failed),
        ("request_microseconds_total", "counter", |c| &c.busy_us),
        ("requests_waiting", "gauge", |c| &c.waiting),
        ("last_request_milliseconds", "gauge", |c| &c.last_at),
    ];
    let mut out = String::new();
    for (name, kind, read) in ALL {
        let _ = writeln!(out, "# TYPE frontdesk_listen_{name} {kind}");
        for (account, counts) in accounts {
            let label = account.replace('\\', "\\\\").replace('"', "\\\"");
            let value = read(counts).load(Relaxed);
            let _ = writeln!(
                out,
                "frontdesk_listen_{name}{{account=\"{label}\"}} {value}"
            );
        }
    }
    out
}
