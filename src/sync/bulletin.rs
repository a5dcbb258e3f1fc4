//! What an account tells of itself: at once when it matters, else every few seconds at most.

use super::condition;
use crate::model::AccountHealth;
use std::time::Duration;
use tokio::time::Instant;

/// Times and counts alone are written no more often.
const EVERY: Duration = Duration::from_secs(3);

/// The health of an account, and what of it the mirror has.
#[derive(Debug)]
pub(super) struct Bulletin {
    /// As it is now.
    pub(super) health: AccountHealth,
    told: Option<(AccountHealth, Instant)>,
}

impl Bulletin {
    /// Nothing is told yet.
    pub(super) fn new(health: AccountHealth) -> Self {
        Self { health, told: None }
    }

    /// When what is new should be told; none while nothing is.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due_at(Instant::now())
    }

    fn due_at(&self, now: Instant) -> Option<Instant> {
        match &self.told {
            None => Some(now),
            Some((told, _)) if *told == self.health => None,
            Some((told, _)) if condition::differs(&self.health, told) => Some(now),
            Some((_, at)) => Some(*at + EVERY),
        }
    }

    /// What is to be told now, if it is time; it counts as told.
    pub(super) fn take(&mut self) -> Option<AccountHealth> {
        let now = Instant::now();
        self.due_at(now).filter(|due| *due <= now)?;
        self.told = Some((self.health.clone(), now));
        Some(self.health.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AccountId, Channel, Timestamp};

    #[tokio::test(start_paused = true)]
    async fn what_matters_at_once_and_times_after_a_while() {
        let health = condition::starting(&AccountId::new("a"), "email", vec![Channel::Email]);
        let mut bulletin = Bulletin::new(health);
        assert!(bulletin.take().is_some());
        assert_eq!(bulletin.due(), None);
        bulletin.health.last_proof = Some(Timestamp(1));
        assert!(bulletin.take().is_none());
        tokio::time::advance(EVERY).await;
        assert!(bulletin.take().is_some());
        bulletin.health.error = Some("no".to_owned());
        assert!(bulletin.take().is_some());
    }
}
