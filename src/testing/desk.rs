//! Who answers the screen in tests.

use crate::model::command::Refusal;
use crate::model::{Answer, Command, Outcome, Query};

/// Answers questions and carries out commands, at once and without a store.
pub trait Desk {
    /// The answer to a question, or what is wrong in words.
    fn ask(&mut self, query: &Query) -> Result<Answer, String>;
    /// Carries a command out.
    fn act(&mut self, command: &Command) -> Result<Outcome, Refusal>;
}

/// A desk that cannot be reached: every question fails.
#[derive(Debug, Clone, Copy, Default)]
pub struct Broken;

impl Desk for Broken {
    fn ask(&mut self, _: &Query) -> Result<Answer, String> {
        Err("the mirror cannot be read: disk I/O error".to_owned())
    }

    fn act(&mut self, _: &Command) -> Result<Outcome, Refusal> {
        Err(Refusal::Invalid("the disk is full".to_owned()))
    }
}
