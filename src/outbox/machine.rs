//! The outbox as a pure state machine: what may happen to a row, and what the worker must do about it.
//!
//! Two rules stand behind the table. A row that may have left is never sent again without proof that it did not
//! (or a provider that takes the same reference twice for one). And proof that it left always wins, whatever the
//! row was believed to be.

use crate::model::time::{DAY, HOUR, MINUTE, SECOND};
use crate::model::{OutboxState, Timestamp};
use std::time::Duration;

/// Tries after which a row fails for good.
pub const MAX_ATTEMPTS: u32 = 12;
/// Milliseconds after the first try after which a row fails for good: a late answer is worse than none.
pub const GIVE_UP_AFTER: i64 = DAY;
/// Longest pause between two tries, in milliseconds.
pub const LONGEST_PAUSE: i64 = HOUR;
/// Base of the exponential backoff, in milliseconds.
const FIRST_PAUSE: i64 = 15 * SECOND;

/// What happened to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SendEvent {
    /// The hold is over, the scheduled time has come, or a person said "now".
    Release,
    /// The worker takes it; the provider is called only after this is on disk.
    Claim,
    /// The provider took it.
    Accepted,
    /// Surely not sent: too fast.
    RateLimited {
        /// For how long the provider asks to wait.
        retry_after: Option<Duration>,
    },
    /// Surely not sent: not reachable.
    Transient,
    /// The connection was lost after bytes were written.
    AmbiguousLoss {
        /// The provider takes the same reference twice for one, and that window is still open.
        key_safe: bool,
    },
    /// Surely not sent: refused.
    Rejected {
        /// Trying again cannot help.
        permanent: bool,
    },
    /// Surely not sent: the login was refused.
    Auth,
    /// The process that had claimed it is gone, and another took over.
    Crash {
        /// The provider takes the same reference twice for one, and that window is still open.
        key_safe: bool,
    },
    /// It is at the provider: by look-up, or because its copy came in.
    ReconciledFound,
    /// It surely is not at the provider, and the time in which it might still appear is over.
    ReconciledAbsent,
    /// The look-up cannot say.
    ReconciledCannotTell,
    /// A person takes it back.
    Cancel,
    /// A person wants it tried again.
    Retry,
    /// Too many tries, or too late.
    GiveUp,
    /// A person looked: the customer has it.
    SettleSent,
    /// A person looked: the customer does not have it; send it.
    SettleSendAgain,
    /// A person looked: the customer does not have it; leave it.
    SettleDrop,
    /// What it was based on changed (a new message, other recipients, an opt-out). Checked in the transaction that
    /// would claim it.
    BaseMoved,
    /// It was only to go if the customer stayed silent, and the customer wrote.
    ReplyCame,
}

impl SendEvent {
    /// One of each, with the operands that matter, for tables and property tests.
    pub const ALL: [Self; 24] = [
        Self::Release,
        Self::Claim,
        Self::Accepted,
        Self::RateLimited { retry_after: None },
        Self::Transient,
        Self::AmbiguousLoss { key_safe: false },
        Self::AmbiguousLoss { key_safe: true },
        Self::Rejected { permanent: false },
        Self::Rejected { permanent: true },
        Self::Auth,
        Self::Crash { key_safe: false },
        Self::Crash { key_safe: true },
        Self::ReconciledFound,
        Self::ReconciledAbsent,
        Self::ReconciledCannotTell,
        Self::Cancel,
        Self::Retry,
        Self::GiveUp,
        Self::SettleSent,
        Self::SettleSendAgain,
        Self::SettleDrop,
        Self::BaseMoved,
        Self::ReplyCame,
        Self::RateLimited {
            retry_after: Some(Duration::from_secs(30)),
        },
    ];

    /// The event's name in the journal and in errors.
    pub fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Claim => "claim",
            Self::Accepted => "accepted",
            Self::RateLimited { .. } => "rate-limited",
            Self::Transient => "not-reachable",
            Self::AmbiguousLoss { .. } => "connection-lost",
            Self::Rejected { .. } => "rejected",
            Self::Auth => "login-refused",
            Self::Crash { .. } => "taken-over",
            Self::ReconciledFound => "found",
            Self::ReconciledAbsent => "absent",
            Self::ReconciledCannotTell => "cannot-tell",
            Self::Cancel => "cancel",
            Self::Retry => "retry",
            Self::GiveUp => "give-up",
            Self::SettleSent => "settle-sent",
            Self::SettleSendAgain => "settle-send-again",
            Self::SettleDrop => "settle-drop",
            Self::BaseMoved => "base-moved",
            Self::ReplyCame => "reply-came",
        }
    }
}

/// What must be done besides writing the new state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Nothing.
    None,
    /// Set `due_at` to now and wake the worker.
    DueNow,
    /// Count a try; once this is on disk, call the provider.
    CallProvider,
    /// Keep the receipt; the message's delivery becomes at least `sent`.
    RecordReceipt,
    /// Set `due_at` by [`retry_at`]; where that gives none, apply [`SendEvent::GiveUp`].
    Schedule,
    /// Ask the provider whether it has it.
    LookUp,
    /// A person must look; badge the conversation.
    AskPerson,
    /// The text becomes a draft again.
    BackToDraft,
}

/// The row's new state and what goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Step {
    /// Where the row stands now.
    pub state: OutboxState,
    /// What else must be done.
    pub effect: Effect,
}

/// The event cannot happen to a row in this state; nothing is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an outgoing message that is {} takes no `{}`", .state.name(), .event.name())]
pub struct Illegal {
    /// Where the row stands.
    pub state: OutboxState,
    /// What was tried.
    pub event: SendEvent,
}

/// Every state, for tables and property tests.
pub const STATES: [OutboxState; 9] = [
    OutboxState::Held,
    OutboxState::Queued,
    OutboxState::Sending,
    OutboxState::Sent,
    OutboxState::Retry,
    OutboxState::Failed,
    OutboxState::Unknown,
    OutboxState::Cancelled,
    OutboxState::Attention,
];

/// Applies one event. Total: every pair either steps or is refused.
pub fn step(state: OutboxState, event: SendEvent) -> Result<Step, Illegal> {
    use Effect::{
        AskPerson, BackToDraft, CallProvider, DueNow, LookUp, None, RecordReceipt, Schedule,
    };
    use OutboxState::{Attention, Cancelled, Failed, Held, Queued, Retry, Sending, Sent, Unknown};
    use SendEvent as E;

    let (state, effect) = match (state, event) {
        // A held row has never been near the provider, so nothing can be known of it there.
        (Held, E::Release) => (Queued, DueNow),
        (Held, E::Cancel) => (Cancelled, BackToDraft),
        (Held | Queued | Retry, E::BaseMoved) => (Attention, AskPerson),
        (Held | Queued | Retry, E::ReplyCame) => (Cancelled, BackToDraft),

        (Queued | Retry, E::Release) => (Queued, DueNow),
        (Queued | Retry, E::Claim) => (Sending, CallProvider),
        (Queued | Retry | Failed | Attention, E::Cancel) => (Cancelled, BackToDraft),
        (Retry | Failed | Attention, E::Retry) => (Queued, DueNow),
        (Retry, E::GiveUp) => (Failed, AskPerson),

        // Proof that it left wins over every belief, also when it comes late or twice.
        (Sent, E::Accepted | E::ReconciledFound | E::SettleSent) => (Sent, None),
        (
            Queued | Sending | Retry | Failed | Unknown | Cancelled | Attention,
            E::Accepted | E::ReconciledFound,
        ) => (Sent, RecordReceipt),

        // Surely not sent.
        (Sending, E::RateLimited { .. } | E::Transient | E::Auth) => (Retry, Schedule),
        (Sending, E::Rejected { permanent: false }) => (Retry, Schedule),
        (Sending, E::Rejected { permanent: true }) => (Failed, AskPerson),

        // Perhaps sent.
        (Sending, E::AmbiguousLoss { key_safe: true } | E::Crash { key_safe: true }) => {
            (Retry, Schedule)
        }
        (Sending, E::AmbiguousLoss { key_safe: false } | E::Crash { key_safe: false }) => {
            (Unknown, LookUp)
        }
        // Taking over a row whose look-up had not ended: look again.
        (Unknown, E::Crash { .. }) => (Unknown, LookUp),
        (Unknown, E::ReconciledAbsent) => (Queued, DueNow),
        (Unknown, E::ReconciledCannotTell) => (Unknown, AskPerson),
        (Unknown, E::SettleSent) => (Sent, RecordReceipt),
        (Unknown, E::SettleSendAgain) => (Queued, DueNow),
        (Unknown, E::SettleDrop) => (Cancelled, None),

        (state, event) => return Err(Illegal { state, event }),
    };
    Ok(Step { state, effect })
}

/// When a row that surely did not leave is tried again; `None` when it should be given up.
///
/// `attempt` counts tries made so far, from 1; `first` is the time of the first; `jitter` is drawn from 0 to 1.
/// The pause is drawn between nothing and the exponential bound ("full jitter"), capped at an hour, so that
/// accounts that failed together do not come back together. A provider's own `retry_after` is honoured, clamped to
/// one second and one hour, and never counts towards [`MAX_ATTEMPTS`]; a refused login waits the full hour, since
/// only a person can mend it (the engine releases such rows at once when the login works again).
pub fn retry_at(
    attempt: u32,
    error: SendEvent,
    first: Timestamp,
    now: Timestamp,
    jitter: f64,
) -> Option<Timestamp> {
    let jitter = if jitter.is_finite() {
        jitter.clamp(0.0, 1.0)
    } else {
        1.0
    };
    let pause = match error {
        SendEvent::RateLimited {
            retry_after: Some(after),
        } => i64::try_from(after.as_millis())
            .unwrap_or(i64::MAX)
            .clamp(SECOND, LONGEST_PAUSE),
        SendEvent::Auth => LONGEST_PAUSE,
        // A provider that says "slow down" without a time gets at least half a minute of peace.
        SendEvent::RateLimited { retry_after: None } => {
            full_jitter(attempt, jitter).max(MINUTE / 2)
        }
        _ => {
            if attempt >= MAX_ATTEMPTS {
                return None;
            }
            full_jitter(attempt, jitter)
        }
    };
    let at = now + pause.max(SECOND);
    (at.since(first) <= GIVE_UP_AFTER).then_some(at)
}

/// Between 0 and `FIRST_PAUSE * 2^(attempt-1)`, capped.
fn full_jitter(attempt: u32, jitter: f64) -> i64 {
    let doublings = attempt.saturating_sub(1).min(20);
    let bound = FIRST_PAUSE
        .saturating_mul(1 << doublings)
        .min(LONGEST_PAUSE);
    (bound as f64 * jitter) as i64
}

/// Applies the end of a try: [`step`], then [`retry_at`] where it asks for one, then giving up where that says so.
///
/// Returns the new state with its effect, and `due_at` for a row that will be tried again.
pub fn after_try(
    error: SendEvent,
    attempt: u32,
    first: Timestamp,
    now: Timestamp,
    jitter: f64,
) -> Result<(Step, Option<Timestamp>), Illegal> {
    let next = step(OutboxState::Sending, error)?;
    if next.effect != Effect::Schedule {
        return Ok((next, None));
    }
    match retry_at(attempt, error, first, now, jitter) {
        Some(at) => Ok((next, Some(at))),
        None => Ok((step(next.state, SendEvent::GiveUp)?, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One column per state of [`STATES`], one row per event of [`SendEvent::ALL`]; `.` is refused.
    const TABLE: &str = "
        #                 Held      Queued    Sending Sent Retry     Failed    Unknown   Cancelled Attention
        release           Queued    Queued    .       .    Queued    .         .         .         .
        claim             .         Sending   .       .    Sending   .         .         .         .
        accepted          .         Sent      Sent    Sent Sent      Sent      Sent      Sent      Sent
        rate-limited      .         .         Retry   .    .         .         .         .         .
        not-reachable     .         .         Retry   .    .         .         .         .         .
        connection-lost   .         .         Unknown .    .         .         .         .         .
        connection-lost   .         .         Retry   .    .         .         .         .         .
        rejected          .         .         Retry   .    .         .         .         .         .
        rejected          .         .         Failed  .    .         .         .         .         .
        login-refused     .         .         Retry   .    .         .         .         .         .
        taken-over        .         .         Unknown .    .         .         Unknown   .         .
        taken-over        .         .         Retry   .    .         .         Unknown   .         .
        found             .         Sent      Sent    Sent Sent      Sent      Sent      Sent      Sent
        absent            .         .         .       .    .         .         Queued    .         .
        cannot-tell       .         .         .       .    .         .         Unknown   .         .
        cancel            Cancelled Cancelled .       .    Cancelled Cancelled .         .         Cancelled
        retry             .         .         .       .    Queued    Queued    .         .         Queued
        give-up           .         .         .       .    Failed    .         .         .         .
        settle-sent       .         .         .       Sent .         .         Sent      .         .
        settle-send-again .         .         .       .    .         .         Queued    .         .
        settle-drop       .         .         .       .    .         .         Cancelled .         .
        base-moved        Attention Attention .       .    Attention .         .         .         .
        reply-came        Cancelled Cancelled .       .    Cancelled .         .         .         .
        rate-limited      .         .         Retry   .    .         .         .         .         .
    ";

    #[test]
    fn every_pair_is_in_the_table() {
        let rows: Vec<&str> = TABLE
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .collect();
        assert_eq!(rows.len(), SendEvent::ALL.len());
        for (row, event) in rows.iter().zip(SendEvent::ALL) {
            let cells: Vec<&str> = row.split_whitespace().collect();
            assert_eq!(cells[0], event.name());
            assert_eq!(cells.len(), STATES.len() + 1, "{row}");
            for (cell, state) in cells[1..].iter().zip(STATES) {
                let got = step(state, event)
                    .map_or_else(|_| ".".to_owned(), |next| format!("{:?}", next.state));
                assert_eq!(&got, cell, "{state:?} + {event:?}");
            }
        }
    }

    #[test]
    fn the_provider_is_only_called_after_a_claim() {
        for state in STATES {
            for event in SendEvent::ALL {
                if let Ok(next) = step(state, event) {
                    assert_eq!(
                        next.effect == Effect::CallProvider,
                        event == SendEvent::Claim
                    );
                    assert_eq!(
                        next.effect == Effect::Schedule,
                        next.state == OutboxState::Retry
                    );
                }
            }
        }
    }

    #[test]
    fn unknown_leaves_only_by_proof_or_by_a_person() {
        for event in SendEvent::ALL {
            if let Ok(next) = step(OutboxState::Unknown, event)
                && next.state != OutboxState::Unknown
            {
                assert!(matches!(
                    event,
                    SendEvent::Accepted
                        | SendEvent::ReconciledFound
                        | SendEvent::ReconciledAbsent
                        | SendEvent::SettleSent
                        | SendEvent::SettleSendAgain
                        | SendEvent::SettleDrop
                ));
            }
        }
    }

    const T: Timestamp = Timestamp(1_000_000);

    #[test]
    fn backoff_doubles_up_to_an_hour_and_jitter_draws_below() {
        let pause = |attempt, jitter| {
            retry_at(attempt, SendEvent::Transient, T, T, jitter).map(|at| at.since(T))
        };
        assert_eq!(pause(1, 1.0), Some(15 * SECOND));
        assert_eq!(pause(2, 1.0), Some(30 * SECOND));
        assert_eq!(pause(5, 1.0), Some(240 * SECOND));
        assert_eq!(pause(11, 1.0), Some(HOUR));
        assert_eq!(pause(5, 0.5), Some(120 * SECOND));
        assert_eq!(pause(5, 0.0), Some(SECOND));
        assert_eq!(pause(5, f64::NAN), Some(240 * SECOND));
        assert_eq!(pause(MAX_ATTEMPTS, 1.0), None);
    }

    #[test]
    fn a_provider_that_names_a_time_is_believed_within_reason() {
        for (asked, given) in [
            (Duration::ZERO, SECOND),
            (Duration::from_secs(7), 7 * SECOND),
            (Duration::from_hours(24 * 365), HOUR),
            (Duration::MAX, HOUR),
        ] {
            let event = SendEvent::RateLimited {
                retry_after: Some(asked),
            };
            assert_eq!(
                retry_at(40, event, T, T, 0.3).map(|at| at.since(T)),
                Some(given)
            );
        }
        let none = SendEvent::RateLimited { retry_after: None };
        assert_eq!(retry_at(1, none, T, T, 0.0), Some(T + 30 * SECOND));
    }

    #[test]
    fn nothing_is_tried_a_day_later() {
        for event in [
            SendEvent::Transient,
            SendEvent::Auth,
            SendEvent::RateLimited { retry_after: None },
        ] {
            assert_eq!(retry_at(1, event, T, T + DAY, 1.0), None);
            let (end, due) = after_try(event, 1, T, T + DAY, 1.0).unwrap();
            assert_eq!((end.state, due), (OutboxState::Failed, None));
            assert_eq!(end.effect, Effect::AskPerson);
        }
        let (next, due) = after_try(SendEvent::Transient, 1, T, T, 1.0).unwrap();
        assert_eq!(next.state, OutboxState::Retry);
        assert_eq!(due, Some(T + 15 * SECOND));
    }

    proptest! {
        /// Whatever happens in whatever order: once nothing more can leave without proof, at most one copy has left.
        #[test]
        fn at_most_one_copy_leaves(events in proptest::collection::vec((0..SendEvent::ALL.len(), any::<bool>()), 0..60)) {
            let mut state = OutboxState::Held;
            // Copies really at a provider without idempotency: a call copies only if `leaves`, and the outcome told
            // to the machine is kept honest with it.
            let mut copies = 0;
            let mut in_flight_left = false;
            for (index, leaves) in events {
                let event = SendEvent::ALL[index];
                let lies = match event {
                    SendEvent::AmbiguousLoss { key_safe: true } | SendEvent::Crash { key_safe: true } => true,
                    SendEvent::Accepted | SendEvent::ReconciledFound | SendEvent::SettleSent => copies == 0,
                    SendEvent::RateLimited { .. } | SendEvent::Transient | SendEvent::Rejected { .. } | SendEvent::Auth => in_flight_left,
                    SendEvent::ReconciledAbsent | SendEvent::SettleSendAgain | SendEvent::SettleDrop => copies > 0,
                    _ => false,
                };
                if lies { continue; }
                if let Ok(next) = step(state, event) {
                    state = next.state;
                    if next.effect == Effect::CallProvider {
                        in_flight_left = leaves;
                        copies += u32::from(leaves);
                    }
                }
                prop_assert!(copies <= 1);
            }
        }

        #[test]
        fn a_retry_is_later_than_now_and_within_the_cap(attempt in 0u32..1000, now in 0i64..i64::MAX / 4, back in 0i64..2 * DAY, jitter in any::<f64>(), which in 0..SendEvent::ALL.len()) {
            let now = Timestamp(now);
            if let Some(at) = retry_at(attempt, SendEvent::ALL[which], now - back, now, jitter) {
                prop_assert!(at.since(now) >= SECOND && at.since(now) <= LONGEST_PAUSE);
                prop_assert!(at.since(now - back) <= GIVE_UP_AFTER);
            }
        }
    }
}
