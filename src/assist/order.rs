//! In which order drafts wait: by the clock first, by confidence never.

use crate::model::{Proposal, Timestamp, Verdict};
use std::cmp::Ordering;

/// The earlier of the reply window's closing and the promised answer; none for neither.
pub fn deadline(proposal: &Proposal) -> Option<Timestamp> {
    match (proposal.window_closes_at, proposal.due_at) {
        (Some(window), Some(due)) => Some(window.min(due)),
        (window, due) => window.or(due),
    }
}

/// How much could go wrong: the worst gate, then promises, then sentences without evidence. Higher is riskier.
pub fn risk(proposal: &Proposal) -> u8 {
    let gates = match proposal.worst() {
        Verdict::Pass => 0,
        Verdict::Warn => 4,
        Verdict::Block => 8,
    };
    gates + 2 * u8::from(!proposal.promises.is_empty()) + u8::from(!proposal.unsupported.is_empty())
}

/// The queue's order: what closes or falls due soonest, then the riskier, then the older; the id makes it total.
pub fn queue(a: &Proposal, b: &Proposal) -> Ordering {
    let clock = |p: &Proposal| deadline(p).map_or(i64::MAX, |at| at.0);
    clock(a)
        .cmp(&clock(b))
        .then_with(|| risk(b).cmp(&risk(a)))
        .then_with(|| a.created_at.cmp(&b.created_at))
        .then_with(|| a.id.cmp(&b.id))
}
