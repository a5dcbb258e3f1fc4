//! What this program sent, so that a listing of it is known to be ours before its receipt is stored.

use crate::model::{Direction, Event, NewMessage, Outgoing, Timestamp};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use tokio::sync::{RwLock, RwLockReadGuard};

/// Sends that are remembered.
const KEPT: usize = 1_000;
/// Clocks that differ by so much, in milliseconds, are no proof against.
const SKEW: i64 = 5_000;

/// Sends by their ids, and those of which no id came back.
#[derive(Debug, Default)]
pub(super) struct Ours {
    kept: Mutex<Kept>,
    /// Held by sends; a listing waits for those that were under way while it was made.
    sending: RwLock<()>,
}

#[derive(Debug, Default)]
struct Kept {
    sent: VecDeque<(String, String)>,
    unclear: VecDeque<Unclear>,
}

#[derive(Debug)]
struct Unclear {
    reference: String,
    to: String,
    text: String,
    since: Timestamp,
}

impl Ours {
    /// Until the guard is dropped, listings wait.
    pub(super) async fn begin(&self) -> RwLockReadGuard<'_, ()> {
        self.sending.read().await
    }

    /// Waits for the sends that are under way.
    pub(super) async fn settled(&self) {
        drop(self.sending.write().await);
    }

    /// It was taken by this id.
    pub(super) fn sent(&self, mid: &str, reference: &str) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.sent.push_back((mid.to_owned(), reference.to_owned()));
        if kept.sent.len() > KEPT {
            kept.sent.pop_front();
        }
    }

    /// It may have been taken.
    pub(super) fn unclear(&self, out: &Outgoing, to: &str) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.unclear.push_back(Unclear {
            reference: out.reference.clone(),
            to: to.to_owned(),
            text: out.body.trim().to_owned(),
            since: out.queued_at,
        });
        if kept.unclear.len() > KEPT {
            kept.unclear.pop_front();
        }
    }

    /// Gives listed messages of ours the reference under which they left.
    pub(super) fn name(&self, events: &mut [Event]) {
        for event in events {
            if let Event::Message(new) = event
                && new.direction == Direction::Outbound
                && let Some(reference) = self.reference(new)
            {
                new.own_reference = Some(reference);
            }
        }
    }

    fn reference(&self, new: &NewMessage) -> Option<String> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept
            .sent
            .iter()
            .rev()
            .find(|(mid, _)| *mid == new.remote.key);
        if let Some((_, reference)) = known {
            return Some(reference.clone());
        }
        let to = &new.to.first()?.address;
        let at = kept.unclear.iter().position(|unclear| {
            unclear.to == *to
                && !unclear.text.is_empty()
                && unclear.text == new.text.trim()
                && new.sent_at.since(unclear.since) > -SKEW
        })?;
        let found = kept.unclear.remove(at)?;
        let pair = (new.remote.key.clone(), found.reference.clone());
        kept.sent.push_back(pair);
        Some(found.reference)
    }

    /// Whether this id is of another send than `reference`.
    pub(super) fn is_of_another(&self, mid: &str, reference: &str) -> bool {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.sent
            .iter()
            .any(|(known, whose)| known == mid && whose != reference)
    }
}

/// A listed message that is what `out` would have become.
pub(super) fn is_copy(new: &NewMessage, out: &Outgoing) -> bool {
    new.direction == Direction::Outbound
        && !out.body.trim().is_empty()
        && new.text.trim() == out.body.trim()
        && new.sent_at.since(out.queued_at) > -SKEW
}
