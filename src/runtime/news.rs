//! What the engine tells, as words for the status line and for notifications.

use crate::model::Query;
use crate::notify::{NewsKind, Notice, Notifier};
use crate::outbox::worker::Trouble;
use crate::store::Store;
use crate::sync::EngineEvent;
use crate::ui::{Msg, NoticeKind};

/// News that is told one by one; more at once are not looked up.
const TOLD_AT_ONCE: usize = 8;

/// Tells the agent of news.
pub struct News {
    /// Where to look up whose conversation it is.
    pub store: Store,
    /// How the agent is told.
    pub notifier: Notifier,
    /// The agent.
    pub me: String,
}

impl News {
    /// News for the agent: looked up and told off this task.
    pub fn told(&self, event: EngineEvent) -> Option<Msg> {
        match event {
            EngineEvent::Arrivals { backlog: true, .. } => None,
            EngineEvent::Arrivals { arrivals, .. } => {
                let (store, notifier, me) =
                    (self.store.clone(), self.notifier.clone(), self.me.clone());
                tokio::spawn(async move {
                    for arrival in arrivals.into_iter().take(TOLD_AT_ONCE) {
                        let query = Query::Conversation {
                            id: arrival.conversation,
                            me: me.clone(),
                        };
                        let Ok(crate::model::Answer::Conversation(detail)) =
                            store.answer(query).await
                        else {
                            continue;
                        };
                        let kind = match &detail.conversation.assignee {
                            Some(name) if *name == me => NewsKind::Mine,
                            None => NewsKind::Unassigned,
                            Some(_) => continue,
                        };
                        notifier.notify(Notice {
                            kind,
                            who: arrival.contact_name,
                            text: arrival.snippet,
                        });
                    }
                });
                None
            }
            EngineEvent::Broken { account, says } => {
                self.notifier.notify(Notice {
                    kind: NewsKind::Account,
                    who: account.to_string(),
                    text: says.clone(),
                });
                let text = format!("{account}: {says}");
                Some(Msg::Notice {
                    text,
                    kind: NoticeKind::Error,
                })
            }
        }
    }

    /// A send that went wrong.
    pub fn troubled(&self, trouble: &Trouble) -> Msg {
        let unknown = trouble.unknown;
        let kind = if unknown {
            NewsKind::UnknownSend
        } else {
            NewsKind::FailedSend
        };
        self.notifier.notify(Notice {
            kind,
            who: trouble.account.to_string(),
            text: trouble.says.clone(),
        });
        Msg::Notice {
            text: format!("{} · g o shows it", trouble.says),
            kind: NoticeKind::Error,
        }
    }
}
