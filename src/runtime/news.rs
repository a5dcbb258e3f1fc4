//! What happens in the mirror, as notifications and as words for the status line. It makes no difference which process
//! brought it.

use crate::model::Timestamp;
use crate::model::time::MINUTE;
use crate::notify::{NewsKind, Notice, Notifier};
use crate::store::{Change, News, Store};
use crate::ui::{Msg, NoticeKind};
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// What was written so long before the program began may still be news: mail takes its time.
const BEFORE: i64 = 10 * MINUTE;
/// The mirror is looked at so often at most.
const PAUSE: Duration = Duration::from_millis(300);

/// Tells the agent of news.
pub struct Herald {
    /// Where things happen.
    pub store: Store,
    /// How the agent is told.
    pub notifier: Notifier,
    /// The agent.
    pub me: String,
    /// The screen, for what needs a hand.
    pub screen: mpsc::UnboundedSender<Msg>,
}

impl Herald {
    /// Tells until the mirror or the screen is gone. `now` is when the program began.
    pub async fn run(self, now: Timestamp) {
        let since = now - BEFORE;
        let mut changes = self.store.changes();
        let mut mark = None;
        loop {
            // Before the first look nothing is news.
            if mark.is_none() {
                mark = self.store.news_mark().await.ok();
            }
            if let Some(last) = &mark {
                let looked = self.store.news(last.clone(), self.me.clone(), since).await;
                match looked {
                    Ok((news, next)) => {
                        mark = Some(next);
                        for item in news {
                            if !self.tell(item) {
                                return;
                            }
                        }
                    }
                    Err(error) => tracing::warn!(%error, "news cannot be read"),
                }
            }
            let looked_at = Instant::now();
            loop {
                match changes.recv().await {
                    // An account that was read once more is none.
                    Ok(Change {
                        lists: false,
                        outbox: false,
                        state: false,
                        foreign: false,
                        ..
                    }) => {}
                    Err(RecvError::Closed) => return,
                    Ok(_) | Err(RecvError::Lagged(_)) => break,
                }
            }
            // Only waited for when there is something: a timer of its own after each look would wake an idle program.
            tokio::time::sleep_until(looked_at + PAUSE).await;
            // What came together is looked at together.
            changes = changes.resubscribe();
        }
    }

    /// Whether somebody is still there to be told.
    fn tell(&self, news: News) -> bool {
        let (kind, who, text) = match news {
            News::Message { mine, who, text } => {
                let kind = if mine {
                    NewsKind::Mine
                } else {
                    NewsKind::Unassigned
                };
                (kind, who, text)
            }
            News::Mention { who, text } => (NewsKind::Mention, who, text),
            News::Page { who, text } => (NewsKind::Page, who, text),
            News::Approval { who } => (NewsKind::Approval, who, String::new()),
            News::Send { unknown, who, text } => {
                let kind = if unknown {
                    NewsKind::UnknownSend
                } else {
                    NewsKind::FailedSend
                };
                (kind, who, text)
            }
            News::Account { who, text } => (NewsKind::Account, who, text),
        };
        let words = match kind {
            NewsKind::FailedSend => format!("{who}: not sent: {text} · g o shows it"),
            NewsKind::UnknownSend => format!("{who}: perhaps sent: {text} · g o shows it"),
            NewsKind::Page => format!("{who} pages you: {text} · g p shows it"),
            NewsKind::Account => format!("{who}: {text}"),
            _ => String::new(),
        };
        self.notifier.notify(Notice { kind, who, text });
        let kind = match kind {
            NewsKind::Page => NoticeKind::Info,
            _ => NoticeKind::Error,
        };
        words.is_empty() || self.screen.send(Msg::Notice { text: words, kind }).is_ok()
    }
}
