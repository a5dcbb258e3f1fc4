//! Reading conversations: the newest first, down to where everything was read before. There is no filter by time.

use super::PageProvider;
use super::map::{self, Chat};
use super::wire::{after, fingerprint, id, list, moment};
use crate::model::event::Coverage;
use crate::model::time::{DAY, MINUTE};
use crate::model::{Batch, Cursor, Event, NewMessage, Party, RemoteId, Timestamp};
use crate::providers::{Inventory, ProviderError, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

/// Conversations in one answer.
const CHATS: &str = "10";
/// Messages in one answer: of more than 20 Meta shows no content.
pub(super) const MESSAGES: &str = "20";
/// Pages of one conversation that are read; one that does not end is cut.
const PAGES: usize = 200;
/// Times are in whole seconds, and listings may lag: so much is read again, in milliseconds.
pub(super) const OVERLAP: i64 = 2 * MINUTE;

const FILES: &str = "attachments{id,mime_type,name,size,file_url,image_data{url},video_data{url}}";
/// Parts that every version of the interface has.
const PLAIN: &str = "id,created_time,from,to,message,attachments";

/// How far it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Mark {
    /// Everything that changed until then was read, in milliseconds.
    until: i64,
    /// Older things are not wanted.
    floor: i64,
    /// A sweep that is under way.
    sweep: Option<Sweep>,
    /// The newest message of conversations that changed lately.
    newest: BTreeMap<String, String>,
    /// The newest comment that was read, in milliseconds.
    comments: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Sweep {
    /// Where its next page begins.
    after: String,
    /// When the newest conversation changed.
    top: i64,
}

impl Mark {
    fn cursor(&self) -> Option<Cursor> {
        serde_json::to_string(self).ok().map(Cursor)
    }
}

impl PageProvider {
    /// Reads one page of conversations on from a mark.
    pub(super) async fn read(&self, since: Option<Cursor>) -> Result<Batch> {
        let floor = match self.page.history_days {
            0 => 0,
            days => (self.clock.now() - i64::from(days) * DAY).0.max(0),
        };
        let mark = since
            .and_then(|cursor| serde_json::from_str(&cursor.0).ok())
            .unwrap_or(Mark {
                until: floor,
                floor,
                ..Mark::default()
            });
        let (mut batch, mut mark) = self.step(mark).await?;
        if !batch.more && self.page.comments {
            let until = mark.comments.max(mark.floor);
            mark.comments = self.read_comments(until, &mut batch.events).await;
        }
        batch.cursor = mark.cursor();
        Ok(batch)
    }

    /// Reads everything down to `until` again, page by page.
    pub(super) async fn read_back(&self, until: Timestamp, since: Option<Cursor>) -> Result<Batch> {
        let mark = since
            .and_then(|cursor| serde_json::from_str(&cursor.0).ok())
            .unwrap_or(Mark {
                until: until.0.max(0),
                floor: until.0.max(0),
                ..Mark::default()
            });
        let (mut batch, mark) = self.step(mark).await?;
        batch.cursor = mark.cursor();
        Ok(batch)
    }

    async fn step(&self, mut mark: Mark) -> Result<(Batch, Mark)> {
        let going = mark.sweep.take();
        let from = going.as_ref().map(|sweep| sweep.after.as_str());
        let listing = match self.conversations(from).await {
            // The place in the listing is no longer known there: from the top again.
            Err(ProviderError::Rejected { .. }) if from.is_some() => {
                let batch = Batch {
                    more: true,
                    ..Batch::default()
                };
                return Ok((batch, mark));
            }
            listing => listing?,
        };
        let now = self.clock.now();
        let items = list(&listing, "data");
        let changed = |item: &Value| moment(item, "updated_time").map_or(now.0, |at| at.0);
        let top = going.map_or_else(
            || items.iter().map(changed).max().unwrap_or(mark.until),
            |sweep| sweep.top,
        );
        let (mut events, mut low, mut done) = (Vec::new(), top, false);
        for item in items {
            let at = changed(item);
            if at < mark.until.saturating_sub(OVERLAP) || at < mark.floor {
                done = true;
                break;
            }
            low = low.min(at);
            self.one(item, at, &mut mark, &mut events).await?;
        }
        self.ours.settled().await;
        self.ours.name(&mut events);
        let next = after(&listing).filter(|_| !done);
        let bottom = if next.is_some() { low } else { mark.until };
        let coverage = vec![Coverage {
            feed: "messages".to_owned(),
            generation: 0,
            low: bottom.min(top).unsigned_abs(),
            high: top.max(mark.until).unsigned_abs(),
            floor: mark.floor.unsigned_abs(),
        }];
        if let Some(next) = next {
            mark.sweep = Some(Sweep {
                after: next.to_owned(),
                top,
            });
        } else {
            mark.until = mark.until.max(top);
        }
        let batch = Batch {
            events,
            cursor: None,
            coverage,
            more: mark.sweep.is_some(),
            behind: 0,
        };
        Ok((batch, mark))
    }

    /// Reads a conversation that changed at `at`, unless its newest message was read before.
    async fn one(
        &self,
        item: &Value,
        at: i64,
        mark: &mut Mark,
        events: &mut Vec<Event>,
    ) -> Result<()> {
        let now = self.clock.now();
        let Some(mut chat) = map::chat(item, &self.page) else {
            events.push(self.nobody(item, now));
            return Ok(());
        };
        let newest = list(item, "messages")
            .first()
            .and_then(|item| id(item, "id"));
        if newest.is_some() && mark.newest.get(&chat.id) == newest.as_ref() {
            return Ok(());
        }
        self.name_of(&mut chat.customer).await;
        let low = mark.until.saturating_sub(OVERLAP).max(mark.floor);
        match self.messages(item, &chat, low).await {
            Ok(items) => events.extend(map::messages(&items, &chat, &self.page, now)),
            // One that cannot be read does not stop the others.
            Err(ProviderError::Rejected { reason, .. }) => {
                let new = map::unreadable(item, &chat, &self.page, &reason, Timestamp(at));
                events.push(Event::Message(Box::new(new)));
            }
            Err(error) => return Err(error),
        }
        if let Some(newest) = newest {
            // Those that changed longest ago are not asked for again.
            while mark.newest.len() > 100 {
                mark.newest.pop_first();
            }
            mark.newest.insert(chat.id, newest);
        }
        Ok(())
    }

    /// A conversation without anybody: kept, so that it is seen.
    fn nobody(&self, item: &Value, now: Timestamp) -> Event {
        let remote = RemoteId {
            scope: "conversations".to_owned(),
            key: id(item, "id").unwrap_or_else(|| fingerprint(item)),
        };
        let channel = self.page.platform.channel();
        let mut new = NewMessage::inbound(remote, channel, Party::new(""), now);
        map::cannot_be_read(&mut new, item, "a conversation that names no customer");
        Event::Message(Box::new(new))
    }

    async fn conversations(&self, from: Option<&str>) -> Result<Value> {
        let ask = async |fields: &str| {
            let mut query = vec![
                ("platform", self.page.platform.word()),
                ("fields", fields),
                ("limit", CHATS),
            ];
            query.extend(from.map(|from| ("after", from)));
            let graph = self.graph()?;
            let parts = [self.page.node.as_str(), "conversations"];
            graph.get::<Value>(&parts, &query).await
        };
        if !self.plain.load(Ordering::Relaxed) {
            let rich = format!(
                "id,updated_time,participants,unread_count,messages.limit({MESSAGES}){{{}}}",
                self.fields()
            );
            match ask(&rich).await {
                // Perhaps a part is not known there; what every version has is.
                Err(ProviderError::Rejected { .. }) if from.is_none() => {}
                answer => return answer,
            }
        }
        let plain = format!("id,updated_time,participants,messages.limit({MESSAGES}){{{PLAIN}}}");
        let answer = ask(&plain).await?;
        self.plain.store(true, Ordering::Relaxed);
        Ok(answer)
    }

    /// Parts of a message that are asked for.
    pub(super) fn fields(&self) -> String {
        use super::settings::Platform;
        if self.plain.load(Ordering::Relaxed) {
            return PLAIN.to_owned();
        }
        let own = match self.page.platform {
            Platform::Messenger => "sticker",
            Platform::Instagram => "is_unsupported,story,reactions",
        };
        format!("id,created_time,from,to,message,reply_to,shares,{own},{FILES}")
    }

    /// The messages of a conversation since `low`, newest first: those that were listed along, then its further pages.
    async fn messages(&self, item: &Value, chat: &Chat, low: i64) -> Result<Vec<Value>> {
        let mut found = Vec::new();
        let mut listing = item["messages"].clone();
        for _ in 0..PAGES {
            let items = list(&listing, "data").to_vec();
            let older = |item: &Value| moment(item, "created_time").is_some_and(|at| at.0 < low);
            let end = items.iter().any(older);
            found.extend(items.into_iter().filter(|item| !older(item)));
            let Some(next) = after(&listing).filter(|_| !end) else {
                break;
            };
            let next = next.to_owned();
            listing = self.page_of(&chat.id, &next).await?;
        }
        Ok(found)
    }

    async fn page_of(&self, chat: &str, from: &str) -> Result<Value> {
        let graph = self.graph()?;
        let fields = self.fields();
        let query = |fields| [("fields", fields), ("limit", MESSAGES), ("after", from)];
        match graph
            .get(&[chat, "messages"], &query(fields.as_str()))
            .await
        {
            // Beyond the newest 20 some conversations show no content.
            Err(ProviderError::Rejected { .. }) => {
                let bare = query("id,created_time");
                graph.get(&[chat, "messages"], &bare).await
            }
            answer => answer,
        }
    }

    /// Every message that is listed and wanted, by customer.
    pub(super) async fn everything(&self) -> Result<Vec<Inventory>> {
        let floor = match self.page.history_days {
            0 => 0,
            days => (self.clock.now() - i64::from(days) * DAY).0,
        };
        let (mut found, mut from) = (BTreeMap::<String, Vec<String>>::new(), None::<String>);
        loop {
            let listing = self.conversations(from.as_deref()).await?;
            let mut end = false;
            for item in list(&listing, "data") {
                if moment(item, "updated_time").is_some_and(|at| at.0 < floor) {
                    end = true;
                    break;
                }
                let Some(chat) = map::chat(item, &self.page) else {
                    continue;
                };
                let items = self.messages(item, &chat, floor).await?;
                let keys = items.iter().filter_map(|item| id(item, "id"));
                found.entry(chat.customer.address).or_default().extend(keys);
            }
            let next = after(&listing).map(str::to_owned).filter(|_| !end);
            match next {
                Some(next) if Some(&next) != from.as_ref() => from = Some(next),
                _ => break,
            }
        }
        let all = found.into_iter();
        Ok(all.map(|(scope, keys)| Inventory { scope, keys }).collect())
    }
}
