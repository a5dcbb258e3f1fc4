//! Things tried, told one by one while an account is tested.

use super::{Check, Health};
use std::fmt;
use std::sync::Arc;

/// Whom each thing tried is told to.
#[derive(Clone, Default)]
pub struct Tell(Option<Arc<Told>>);

type Told = dyn Fn(&Check) + Send + Sync;

impl fmt::Debug for Tell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tell")
    }
}

impl Tell {
    /// Nobody: the whole is told at the end.
    pub fn nobody() -> Self {
        Self::default()
    }

    /// Told as it comes.
    pub fn by(told: impl Fn(&Check) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(told)))
    }

    /// Tells one.
    pub fn say(&self, check: &Check) {
        if let Some(told) = &self.0 {
            told(check);
        }
    }
}

/// The things tried so far.
#[derive(Debug, Default)]
pub struct Checks {
    list: Vec<Check>,
    tell: Tell,
}

impl Checks {
    /// None yet; each is told when it comes.
    pub fn telling(tell: Tell) -> Self {
        Self {
            list: Vec::new(),
            tell,
        }
    }

    /// One more.
    pub fn push(&mut self, check: Check) {
        self.tell.say(&check);
        self.list.push(check);
    }

    /// All of them.
    pub fn health(self) -> Health {
        Health { checks: self.list }
    }
}
