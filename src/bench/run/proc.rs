//! What a process has used, by `/proc`.

use anyhow::Context;
use std::fs;
use std::time::Duration;

/// What a process has used so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    /// Bytes in memory now.
    pub resident: u64,
    /// Processor time of all its threads.
    pub cpu: Duration,
    /// How often its threads were woken.
    pub wakes: u64,
}

impl Cost {
    /// Of a running process.
    ///
    /// # Errors
    /// When there is no such process, or no `/proc`.
    pub fn of(pid: u32) -> anyhow::Result<Self> {
        let mut cost = Self::default();
        let status = fs::read_to_string(format!("/proc/{pid}/status"))
            .with_context(|| format!("process {pid} cannot be looked at"))?;
        cost.resident = field(&status, "VmRSS:") * 1_024;
        for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
            let place = thread?.path();
            // A thread may end meanwhile.
            let (Ok(status), Ok(times)) = (
                fs::read_to_string(place.join("status")),
                fs::read_to_string(place.join("schedstat")),
            ) else {
                continue;
            };
            cost.wakes += field(&status, "voluntary_ctxt_switches:");
            let nanos = times
                .split_whitespace()
                .next()
                .and_then(|text| text.parse().ok());
            cost.cpu += Duration::from_nanos(nanos.unwrap_or_default());
        }
        Ok(cost)
    }
}

fn field(status: &str, name: &str) -> u64 {
    status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}
