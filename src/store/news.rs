//! What happened since somebody last looked, for notifications: the mirror tells, so it is the same whoever runs the
//! engine, and whichever way a message came.

use super::error::StoreError;
use super::sql::{Json, Result, Sql};
use super::{Store, accounts};
use crate::model::{AccountId, AccountState, Timestamp};
use rusqlite::{Connection, params};
use serde_json::Value;
use std::collections::BTreeSet;

/// Messages that are looked at one by one; of more, the newest.
const MESSAGES: u32 = 200;
/// Entries of the journal that are read at once.
const ENTRIES: u32 = 1_000;

/// How far somebody has looked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewsMark {
    message: i64,
    journal: i64,
    broken: BTreeSet<AccountId>,
}

/// Something an agent may want to know at once. Names and text are as they are shown on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// A message of a customer, in a conversation that is the agent's or nobody's.
    Message {
        /// The conversation is the agent's.
        mine: bool,
        /// The customer.
        who: String,
        /// Its first words.
        text: String,
    },
    /// A note of a colleague that names the agent as `@name`.
    Mention {
        /// The colleague.
        who: String,
        /// The note.
        text: String,
    },
    /// A page to the agent.
    Page {
        /// Who paged.
        who: String,
        /// Why.
        text: String,
    },
    /// A draft waits for a decision, in a conversation that is the agent's or nobody's.
    Approval {
        /// The customer.
        who: String,
    },
    /// Something did not leave, or it is not known whether it did.
    Send {
        /// It is not known.
        unknown: bool,
        /// The customer; the account where there is none.
        who: String,
        /// Why.
        text: String,
    },
    /// An account needs a person.
    Account {
        /// Which.
        who: String,
        /// What is wrong and what to do.
        text: String,
    },
}

impl Store {
    /// The mirror as it is now: nothing before this is news. An account that is broken by now is news once.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn news_mark(&self) -> std::result::Result<NewsMark, StoreError> {
        self.read(|connection| {
            Ok(NewsMark {
                broken: BTreeSet::new(),
                ..newest(connection)?
            })
        })
        .await
    }

    /// What happened after `mark`, and the next mark. Customers' messages count as news when they are from `since` or
    /// later: an old mailbox that is read for the first time brings none.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn news(
        &self,
        mark: NewsMark,
        me: String,
        since: Timestamp,
    ) -> std::result::Result<(Vec<News>, NewsMark), StoreError> {
        self.read(move |connection| {
            let next = newest(connection)?;
            let mut news = Vec::new();
            if next.message > mark.message {
                messages(connection, &mark, &me, since, &mut news)?;
            }
            if next.journal > mark.journal {
                entries(connection, &mark, &me, &mut news)?;
            }
            for account in accounts::health(connection)? {
                if account.state == AccountState::Broken && !mark.broken.contains(&account.account)
                {
                    let text = [account.error, account.remedy];
                    news.push(News::Account {
                        who: account.account.to_string(),
                        text: text.into_iter().flatten().collect::<Vec<_>>().join(": "),
                    });
                }
            }
            Ok((news, next))
        })
        .await
    }
}

fn newest(connection: &Connection) -> Result<NewsMark> {
    let last = |sql| Ok::<i64, super::error::ApplyError>(connection.value(sql, [])?.unwrap_or(0));
    Ok(NewsMark {
        message: last("SELECT max(id) FROM message")?,
        journal: last("SELECT max(id) FROM journal")?,
        broken: accounts::health(connection)?
            .into_iter()
            .filter(|account| account.state == AccountState::Broken)
            .map(|account| account.account)
            .collect(),
    })
}

fn messages(
    connection: &Connection,
    mark: &NewsMark,
    me: &str,
    since: Timestamp,
    news: &mut Vec<News>,
) -> Result<()> {
    let mut found = connection.all(
        "SELECT c.assignee IS NOT NULL, c.contact_name, m.snippet
         FROM message m CROSS JOIN conversation c ON c.id = m.conversation
         WHERE m.id > ?1 AND m.direction = 'inbound' AND m.kind = 'normal' AND m.at >= ?2 AND m.seen = 0
           AND c.muted = 0 AND c.status <> 'spam' AND coalesce(c.assignee, ?3) = ?3
         ORDER BY m.id DESC LIMIT ?4",
        params![mark.message, since.0, me, MESSAGES],
        |row| {
            Ok(News::Message {
                mine: row.get(0)?,
                who: row.get(1)?,
                text: row.get(2)?,
            })
        },
    )?;
    found.reverse();
    news.append(&mut found);
    Ok(())
}

fn entries(connection: &Connection, mark: &NewsMark, me: &str, news: &mut Vec<News>) -> Result<()> {
    struct Entry {
        verb: String,
        by: String,
        detail: Value,
        who: Option<String>,
        ours: bool,
    }
    let found = connection.all(
        "SELECT j.verb, j.name, j.detail, c.contact_name, coalesce(c.assignee, ?2) = ?2 AND c.muted = 0
         FROM journal j LEFT JOIN conversation c ON c.id = j.conversation
         WHERE j.id > ?1 AND j.verb IN ('note', 'escalate', 'propose', 'proposal', 'send.failed', 'send.unknown', 'send.stopped')
         ORDER BY j.id LIMIT ?3",
        params![mark.journal, me, ENTRIES],
        |row| {
            Ok(Entry {
                verb: row.get(0)?,
                by: row.get(1)?,
                detail: row.get::<_, Json<Value>>(2)?.0,
                who: row.get(3)?,
                ours: row.get::<_, Option<bool>>(4)?.unwrap_or(false),
            })
        },
    )?;
    for entry in found {
        let word = |key: &str| entry.detail[key].as_str().unwrap_or_default().to_owned();
        let who = entry.who.unwrap_or_default();
        match entry.verb.as_str() {
            "note" if entry.by != me && names(&word("body"), me) => news.push(News::Mention {
                who: entry.by,
                text: word("body"),
            }),
            "escalate" if entry.by != me && word("to") == me => news.push(News::Page {
                who: entry.by,
                text: word("reason"),
            }),
            "propose" | "proposal" if entry.ours && word("state") == "pending" => {
                news.push(News::Approval { who });
            }
            "send.failed" | "send.unknown" | "send.stopped" if word("state") != "cancelled" => news
                .push(News::Send {
                    unknown: entry.verb == "send.unknown",
                    who,
                    text: word("because"),
                }),
            _ => {}
        }
    }
    Ok(())
}

/// Whether `text` says `@name`, as a word by itself and in any case.
fn names(text: &str, name: &str) -> bool {
    let (text, name) = (text.to_lowercase(), name.to_lowercase());
    let part = |c: char| c.is_alphanumeric() || c == '-' || c == '_' || c == '.';
    !name.is_empty()
        && text.split('@').skip(1).any(|after| {
            after
                .strip_prefix(&name)
                .is_some_and(|rest| !rest.trim_start_matches('.').starts_with(part))
        })
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_name_is_a_word_by_itself() {
        for (text, named) in [
            ("@nina can you look?", true),
            ("please, @Nina.", true),
            ("(@nina)", true),
            ("@nina", true),
            ("nina", false),
            ("@ninas", false),
            ("@nina.k has it", false),
            ("me@nina-shop.example", false),
            ("", false),
        ] {
            assert_eq!(names(text, "nina"), named, "{text}");
        }
        assert!(!names("@", ""));
    }

    #[test]
    fn names_of_every_script() {
        assert!(names("@Ździsław: proszę", "ździsław"));
    }
}
