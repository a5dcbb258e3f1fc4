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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assist::machine::tests::proposal;
    use crate::model::{Confidence, GateResult, ProposalId};
    use proptest::prelude::*;

    fn one(
        id: i64,
        window: Option<i64>,
        due: Option<i64>,
        verdict: Verdict,
        created: i64,
    ) -> Proposal {
        Proposal {
            id: ProposalId(id),
            window_closes_at: window.map(Timestamp),
            due_at: due.map(Timestamp),
            created_at: Timestamp(created),
            gates: vec![GateResult {
                gate: "x".to_owned(),
                verdict,
                reason: String::new(),
                version: 1,
            }],
            ..proposal()
        }
    }

    fn ids(mut all: Vec<Proposal>) -> Vec<i64> {
        all.sort_by(queue);
        all.iter().map(|p| p.id.0).collect()
    }

    #[test]
    fn the_clock_comes_first_then_risk_then_age() {
        let rows = vec![
            one(1, None, None, Verdict::Block, 1),
            one(2, None, None, Verdict::Pass, 1),
            one(3, None, None, Verdict::Pass, 0),
            one(4, Some(90), Some(50), Verdict::Pass, 9),
            one(5, Some(40), Some(80), Verdict::Pass, 9),
            one(6, None, Some(60), Verdict::Pass, 9),
            one(7, Some(60), None, Verdict::Warn, 9),
        ];
        assert_eq!(ids(rows), [5, 4, 7, 6, 1, 3, 2]);
    }

    #[test]
    fn confidence_orders_nothing() {
        let sure = Proposal {
            confidence: Confidence::High,
            score: 1.0,
            ..one(2, None, Some(5), Verdict::Pass, 5)
        };
        let unsure = Proposal {
            confidence: Confidence::Low,
            score: 0.1,
            ..one(2, None, Some(5), Verdict::Pass, 5)
        };
        assert_eq!(queue(&sure, &unsure), Ordering::Equal);
    }

    #[test]
    fn promises_and_loose_sentences_are_risks() {
        let base = one(1, None, None, Verdict::Pass, 1);
        let promises = Proposal {
            promises: vec!["free".to_owned()],
            ..base.clone()
        };
        let loose = Proposal {
            unsupported: vec!["maybe".to_owned()],
            ..base.clone()
        };
        assert!(risk(&promises) > risk(&loose) && risk(&loose) > risk(&base));
        assert!(risk(&one(1, None, None, Verdict::Warn, 1)) > risk(&promises));
    }

    proptest! {
        #[test]
        fn the_order_is_total(rows in proptest::collection::vec((proptest::option::of(0i64..4), proptest::option::of(0i64..4), 0i64..4), 3..8)) {
            let all: Vec<Proposal> = rows
                .iter()
                .enumerate()
                .map(|(id, (window, due, created))| one(id as i64, *window, *due, Verdict::Pass, *created))
                .collect();
            let mut back = all.clone();
            back.reverse();
            prop_assert_eq!(ids(all), ids(back));
        }
    }
}
