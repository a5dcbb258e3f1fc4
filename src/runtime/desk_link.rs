//! Carries the screen's questions and commands to the mirror and brings the answers back as messages.
//!
//! Commands keep their order (a draft's last save is before its queueing); questions run beside them.

use crate::model::command::Refusal;
use crate::model::{Actor, Command, Query};
use crate::store::{ApplyError, Store};
use crate::ui::{Msg, ReqId};
use tokio::sync::mpsc;

/// The way from the screen to the mirror.
pub struct DeskLink {
    store: Store,
    answers: mpsc::UnboundedSender<Msg>,
    commands: mpsc::UnboundedSender<(ReqId, Command)>,
}

impl DeskLink {
    /// A link that acts as `actor` and answers into `answers`.
    pub fn new(store: Store, actor: Actor, answers: mpsc::UnboundedSender<Msg>) -> Self {
        let (commands, mut queue) = mpsc::unbounded_channel::<(ReqId, Command)>();
        let (applying, back) = (store.clone(), answers.clone());
        tokio::spawn(async move {
            while let Some((id, command)) = queue.recv().await {
                let result = applying.apply(&actor, command).await.map_err(refusal);
                if back.send(Msg::Done { id, result }).is_err() {
                    return;
                }
            }
        });
        Self {
            store,
            answers,
            commands,
        }
    }

    /// Asks; the answer comes as [`Msg::Answer`].
    pub fn ask(&self, id: ReqId, query: Query) {
        let answers = self.answers.clone();
        self.store.answer_to(query, move |answer| {
            let answer = answer.map_err(|error| error.to_string());
            let _ = answers.send(Msg::Answer { id, answer });
        });
    }

    /// Does; the result comes as [`Msg::Done`].
    pub fn act(&self, id: ReqId, command: Command) {
        // The receiver lives as long as this link.
        let _ = self.commands.send((id, command));
    }
}

/// What the screen is told of a failure.
pub fn refusal(error: ApplyError) -> Refusal {
    match error {
        ApplyError::Refused(refusal) => refusal,
        ApplyError::Store(error) => Refusal::Invalid(format!("not done: {error}")),
    }
}
