//! The mirror as the verbs use it: act as me, ask, and turn refusals into exit codes.

use super::context::Context;
use super::failure::{Done, Failure};
use crate::model::query::ConversationDetail;
use crate::model::{
    Actor, Answer, Clock, Command, ConversationId, Outcome, Query, SystemClock, Timestamp,
};
use crate::store::{ApplyError, Options, Store, StoreError};
use std::sync::Arc;

/// The open mirror and who acts on it.
pub struct Desk {
    /// The mirror.
    pub store: Store,
    /// Who acts.
    pub actor: Actor,
    me: String,
}

impl Desk {
    /// Opens the mirror; it is made if it is not there. Where it cannot be written it is read, and verbs that change
    /// something are refused.
    pub fn open(context: &Context) -> Done<Self> {
        context.say_problems();
        let store = Store::open(Options {
            dir: context.config.mirror.clone(),
            clock: Arc::new(SystemClock),
            read_only: Store::is_read_only_place(&context.config.mirror),
        })?;
        store.set_policy(context.config.policy());
        let me = context.config.me.clone();
        Ok(Self {
            store,
            actor: Actor::Agent(me.clone()),
            me,
        })
    }

    /// My name.
    pub fn me(&self) -> String {
        self.me.clone()
    }

    /// The time now.
    pub fn now() -> Timestamp {
        SystemClock.now()
    }

    /// Carries out a command.
    pub async fn apply(&self, command: Command) -> Done<Outcome> {
        Ok(self.store.apply(&self.actor, command).await?)
    }

    /// Asks. [`Answer::NotFound`] is a failure.
    pub async fn ask(&self, query: Query) -> Done<Answer> {
        match self.store.answer(query).await? {
            Answer::NotFound => Err(Failure::refused("there is no such thing")),
            answer => Ok(answer),
        }
    }

    /// One conversation.
    pub async fn conversation(&self, id: ConversationId) -> Done<Box<ConversationDetail>> {
        let me = self.me();
        match self.store.answer(Query::Conversation { id, me }).await? {
            Answer::Conversation(detail) => Ok(detail),
            Answer::NotFound => Err(Failure::refused(format!("there is no conversation #{id}"))),
            _ => Err(mismatch()),
        }
    }
}

/// An answer that does not fit its question: a defect of ours.
pub fn mismatch() -> Failure {
    Failure::Broken(anyhow::anyhow!(
        "the mirror answered another question; please report this"
    ))
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(refusal) => refusal.into(),
            error => Self::Broken(error.into()),
        }
    }
}

impl From<ApplyError> for Failure {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Refused(refusal) => refusal.into(),
            ApplyError::Store(error) => error.into(),
        }
    }
}
