//! Waiting for news on a connection of its own: by NOTIFY, by IDLE, or by looking every so often.
//!
//! News is told as "pull now"; what it is, the pull finds out. The other side is spoken to at least once a minute, so a
//! connection whose peer has vanished without a word is noticed within a minute and a half.

use super::account::Account;
use super::imap::session::quote;
use super::imap::{Data, Folder, ImapError, MailboxStatus};
use super::sync::{Reader, main};
use crate::model::Batch;
use crate::providers::Result;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use std::time::Duration;

/// How long one IDLE lasts. With [`super::wire::READ`] for the answer a dead peer is noticed within 85 seconds.
const CYCLE: Duration = Duration::from_secs(55);

/// Each item means "pull now". The first comes once the watch stands, so that nothing falls between the last pull and
/// it; an error ends the stream.
pub fn watch(account: &Account) -> BoxStream<'_, Result<Batch>> {
    stream::unfold(State::Start(account), |state| async move {
        match state {
            State::Start(account) => match Watch::begin(account).await {
                Ok(watch) => Some((Ok(Batch::default()), State::Watching(Box::new(watch)))),
                Err(error) => Some((Err(error), State::Over)),
            },
            State::Watching(mut watch) => match watch.news().await {
                Ok(()) => Some((Ok(Batch::default()), State::Watching(watch))),
                Err(error) => Some((Err(error.into()), State::Over)),
            },
            State::Over => None,
        }
    })
    .boxed()
}

enum State<'a> {
    Start(&'a Account),
    Watching(Box<Watch>),
    Over,
}

struct Watch {
    reader: Reader,
    how: How,
    others: Vec<Folder>,
    known: Vec<Option<MailboxStatus>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// The server tells of every folder by itself.
    Notify,
    /// The server tells of one folder while we do nothing else.
    Idle,
    /// The server tells nothing; looked at so often.
    Look(Duration),
}

impl Watch {
    async fn begin(account: &Account) -> Result<Self> {
        let mut reader = account.connect().await?;
        let chosen = reader.chosen(&account.settings);
        let Some(main) = main(&chosen).cloned() else {
            return Err(
                ImapError::Protocol("it has no folder that could be read".to_owned()).into(),
            );
        };
        reader.session.examine(&main.wire, None).await?;
        let others: Vec<Folder> = chosen
            .into_iter()
            .filter(|folder| folder.name != main.name)
            .collect();
        let mut how = if reader.session.has("IDLE") {
            How::Idle
        } else {
            How::Look(Duration::from_secs(
                account.settings.poll_seconds.clamp(10, 3600),
            ))
        };
        if how == How::Idle && reader.session.has("NOTIFY") && notify(&mut reader, &others).await? {
            how = How::Notify;
        }
        let mut watch = Self {
            reader,
            how,
            others,
            known: Vec::new(),
        };
        if how != How::Notify {
            watch.known = watch.look().await?;
        }
        Ok(watch)
    }

    /// Returns once there is news.
    async fn news(&mut self) -> std::result::Result<(), ImapError> {
        loop {
            let heard = match self.how {
                // Within IDLE, since servers tell of deletions only where sequence numbers cannot be in use.
                How::Notify => self.reader.session.idle(CYCLE).await?,
                How::Idle => {
                    let mut heard = self.reader.session.idle(CYCLE).await?;
                    if !heard.iter().any(Data::is_news) {
                        heard.extend(self.changed_elsewhere().await?);
                    }
                    heard
                }
                How::Look(every) => {
                    tokio::time::sleep(every).await;
                    let mut heard = self.noop().await?;
                    heard.extend(self.changed_elsewhere().await?);
                    heard
                }
            };
            if heard.iter().any(overflowed) {
                // The server has stopped telling; whoever starts anew is told again.
                return Err(ImapError::Bye(
                    "it cannot keep up with telling of news".to_owned(),
                ));
            }
            if heard.iter().any(Data::is_news) {
                return Ok(());
            }
        }
    }

    async fn noop(&mut self) -> std::result::Result<Vec<Data>, ImapError> {
        let mut heard = Vec::new();
        self.reader
            .session
            .run_into("NOOP", &mut |data| heard.push(data))
            .await?;
        Ok(heard)
    }

    async fn look(&mut self) -> std::result::Result<Vec<Option<MailboxStatus>>, ImapError> {
        let folders: Vec<&Folder> = self.others.iter().collect();
        self.reader.session.statuses(&folders).await
    }

    async fn changed_elsewhere(&mut self) -> std::result::Result<Vec<Data>, ImapError> {
        let now = self.look().await?;
        let changed = now
            .iter()
            .zip(&self.known)
            .filter(|(now, known)| now != known)
            .filter_map(|(now, _)| now.clone())
            .map(|status| Data::Mailbox(Box::new(status)))
            .collect();
        self.known = now;
        Ok(changed)
    }
}

fn overflowed(data: &Data) -> bool {
    matches!(data, Data::Status(line) if line.code == "NOTIFICATIONOVERFLOW")
}

/// Asks to be told of all folders; false where the server refuses after all.
async fn notify(reader: &mut Reader, others: &[Folder]) -> std::result::Result<bool, ImapError> {
    let events = "(MessageNew MessageExpunge FlagChange)";
    let mut command = format!("NOTIFY SET (selected {events})");
    if !others.is_empty() {
        let names: Vec<String> = others.iter().map(|folder| quote(&folder.wire)).collect();
        command = format!("{command} (mailboxes ({}) {events})", names.join(" "));
    }
    match reader.session.run(&command).await {
        Ok(_) => Ok(true),
        Err(error) if error.is_refusal() => Ok(false),
        Err(error) => Err(error),
    }
}
