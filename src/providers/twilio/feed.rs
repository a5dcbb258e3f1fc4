//! Reading: the newest page again and again, further pages where one does not reach back to what is known, and single
//! messages whose fate is open.

use super::TwilioProvider;
use super::api::{Api, Failure};
use super::calls::{self, CALLS, RECORDINGS};
use super::map::{self, MESSAGES};
use super::mark::{Mark, Run, Side, proven, start};
use super::settings::Calls;
use super::wire::{list, moment, sid, text};
use crate::model::event::Coverage;
use crate::model::time::{DAY, HOUR, MINUTE, SECOND};
use crate::model::{Batch, Cursor, Event, RemoteId, Timestamp};
use crate::providers::{ProviderError, Result};
use futures::StreamExt;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::PoisonError;
use url::Url;

/// While older pages are read, new items are looked for so often; and calls are, always.
const PEEK_MS: i64 = 5 * SECOND;
const CALLS_EVERY_MS: i64 = 30 * SECOND;
/// Messages whose fate is asked for in one go, how many are remembered, and for how long.
const FATES: usize = 20;
const OPEN: usize = 2_000;
const OPEN_MS: i64 = 3 * DAY;
/// Items near the end of a feed that are remembered.
const NEAR: usize = 5_000;
/// Items at the end of a page that tell how far it goes.
const TAIL: usize = 3;
/// Files are listed for so many messages at once.
const AT_ONCE: usize = 4;

/// What is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Feed {
    Messages,
    Calls,
    Recordings,
}

/// One page of a feed.
pub(super) struct Page {
    pub(super) records: Vec<Value>,
    pub(super) next: Option<String>,
    /// How far back it goes: by its last items, so that one with a wrong date does not end a read.
    pub(super) oldest: Option<i64>,
}

impl Feed {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Messages => MESSAGES,
            Self::Calls => CALLS,
            Self::Recordings => RECORDINGS,
        }
    }

    /// When an item happened.
    pub(super) fn at(self, record: &Value) -> Option<i64> {
        let at = match self {
            Self::Messages => map::when(record),
            Self::Calls => moment(record, "start_time").or_else(|| moment(record, "date_created")),
            Self::Recordings => moment(record, "date_created"),
        };
        at.map(|at| at.0)
    }

    /// So much is read again each time: items come late into a list, and change there.
    fn overlap(self) -> i64 {
        match self {
            Self::Messages => 10 * MINUTE,
            Self::Calls | Self::Recordings => 4 * HOUR,
        }
    }

    pub(super) fn first(self, api: &Api, size: u32) -> Url {
        let part = match self {
            Self::Messages => "Messages.json",
            Self::Calls => "Calls.json",
            Self::Recordings => "Recordings.json",
        };
        let mut url = api.of_account([part]);
        url.query_pairs_mut()
            .append_pair("PageSize", &size.to_string());
        url
    }

    pub(super) async fn page(self, api: &Api, url: Url) -> std::result::Result<Page, Failure> {
        let mut said = api.get(url).await?;
        let next = text(&said, "next_page_uri").map(str::to_owned);
        let Some(Value::Array(records)) = said.get_mut(self.name()).map(Value::take) else {
            // Nothing is proven by it: it is asked again.
            let says = "Twilio answered without a list".to_owned();
            return Err(ProviderError::Transient(says).into());
        };
        let dated = records.iter().rev().filter_map(|record| self.at(record));
        let oldest = dated.take(TAIL).max();
        Ok(Page {
            records,
            next,
            oldest,
        })
    }
}

impl TwilioProvider {
    /// What the account reads, in order.
    pub(super) fn feeds(&self) -> &'static [Feed] {
        let messages = !self.ours.sms.is_empty()
            || !self.ours.whatsapp.is_empty()
            || self.ours.service.is_some();
        let voice = self.settings.calls != Calls::None && !self.ours.sms.is_empty();
        match (messages, voice) {
            (true, true) => &[Feed::Messages, Feed::Calls, Feed::Recordings],
            (true, false) => &[Feed::Messages],
            (false, _) => &[],
        }
    }

    /// What is new since the mark, and a page of what is older.
    pub(super) async fn read(&self, since: Option<Cursor>) -> Result<Batch> {
        let api = self.api()?;
        let now = self.clock.now();
        let mut mark = Mark::read(since.as_ref());
        let mut batch = Batch::default();
        batch.events.append(&mut self.told());
        for feed in self.feeds() {
            let (side, every) = match feed {
                Feed::Messages => (&mut mark.messages, 0),
                Feed::Calls => (&mut mark.calls, CALLS_EVERY_MS),
                Feed::Recordings => (&mut mark.recordings, CALLS_EVERY_MS),
            };
            if side.run.is_none() && now.0 - side.asked < every {
                continue;
            }
            let read = self.advance(api, *feed, side, now).await;
            let (records, coverage, more) = match (read, feed) {
                (Err(ProviderError::Rejected { reason, .. }), Feed::Calls | Feed::Recordings) => {
                    // A key that may not read calls still reads messages; the probe tells.
                    tracing::warn!(reason, feed = feed.name(), "not read");
                    side.asked = now.0;
                    continue;
                }
                (read, _) => read?,
            };
            if *feed == Feed::Messages {
                open_fates(&records, &mut mark.open, now);
            }
            batch.events.extend(self.facts(api, *feed, records).await?);
            batch.coverage.extend(coverage);
            batch.more |= more;
        }
        let fates = self.fates(api, &mut mark.open, now).await;
        batch.events.extend(fates);
        self.settled().await;
        self.own(&mut batch.events);
        batch.cursor = mark.cursor();
        Ok(batch)
    }

    /// One step in a feed: its newest page, or the next of a longer read.
    async fn advance(
        &self,
        api: &Api,
        feed: Feed,
        side: &mut Side,
        now: Timestamp,
    ) -> Result<(Vec<Value>, Vec<Coverage>, bool)> {
        let first = side.at == 0;
        if side.start == 0 {
            side.start = start(self.settings.history_days, now);
        }
        let (mut newest, mut older, mut coverage) = (Vec::new(), Vec::new(), Vec::new());
        let running = side.run.clone();
        let until = match &running {
            Some(run) => run.until,
            None if first => side.start,
            None => (side.at - feed.overlap()).max(side.start),
        };
        if running.is_none() || now.0 - side.asked >= PEEK_MS {
            side.asked = now.0;
            let size = if first { 200 } else { 50 };
            let page = feed.page(api, feed.first(api, size)).await?;
            newest = page.records;
            if running.is_none() {
                let run = Run {
                    next: page.next.clone().unwrap_or_default(),
                    high: now.0,
                    until,
                };
                coverage.push(went_on(feed, side, run, page.oldest));
            }
        }
        if let Some(mut run) = running {
            let page = feed.page(api, api.next(&run.next)?).await;
            match page.map_err(ProviderError::from) {
                Ok(page) => {
                    run.next = page.next.unwrap_or_default();
                    older = page.records;
                    coverage.push(went_on(feed, side, run, page.oldest));
                }
                // The page is no longer there: the read begins anew, with the next pull.
                Err(ProviderError::Rejected { .. }) => side.run = None,
                Err(error) => return Err(error),
            }
        }
        let wanted = |record: &Value| {
            feed.at(record).is_none_or(|at| at >= side.start) && self.wants(feed, record)
        };
        newest.retain(wanted);
        older.retain(wanted);
        let near = now.0 - feed.overlap() - HOUR;
        // An item of any age may come late onto the newest page; what stays there is told once.
        newest.retain(|record| changed(side, record, Some(now.0)));
        older.retain(|record| changed(side, record, feed.at(record).filter(|at| *at >= near)));
        newest.append(&mut older);
        if side.near.len() > NEAR {
            side.near.clear();
        }
        side.near.retain(|_, (at, _)| *at >= near);
        Ok((newest, coverage, side.run.is_some()))
    }

    /// Whether an item is one that the account wants.
    pub(super) fn wants(&self, feed: Feed, record: &Value) -> bool {
        match feed {
            Feed::Messages => self.ours.takes(record),
            Feed::Calls => calls::takes_call(record, &self.ours, self.settings.calls),
            Feed::Recordings => calls::takes_recording(record, self.settings.calls),
        }
    }

    /// The facts of items of a feed.
    pub(super) async fn facts(
        &self,
        api: &Api,
        feed: Feed,
        mut records: Vec<Value>,
    ) -> Result<Vec<Event>> {
        let now = self.clock.now();
        // Applied in the order in which they happened.
        records.sort_by_key(|record| feed.at(record));
        match feed {
            Feed::Messages => {
                let with_files = futures::stream::iter(records)
                    .map(|record| with_files(api, record))
                    .buffered(AT_ONCE);
                let records: Vec<Result<Value>> = with_files.collect().await;
                let mut events = Vec::new();
                for record in records {
                    events.extend(map::record(&record?, &self.ours, now));
                }
                Ok(events)
            }
            Feed::Calls => Ok(records.iter().map(|call| calls::call(call, now)).collect()),
            Feed::Recordings => {
                let mut known: HashMap<String, Value> = HashMap::new();
                let mut events = Vec::new();
                for record in records {
                    let of = sid(&record, "call_sid").unwrap_or_default().to_owned();
                    if !known.contains_key(&of) {
                        known.insert(of.clone(), call_of(api, &of).await?);
                    }
                    let call = known.get(&of).unwrap_or(&Value::Null);
                    events.push(calls::recording(&record, call, &self.ours, now));
                }
                Ok(events)
            }
        }
    }

    /// Asks how far what is on its way got, the older the less often.
    async fn fates(
        &self,
        api: &Api,
        open: &mut BTreeMap<String, (i64, i64)>,
        now: Timestamp,
    ) -> Vec<Event> {
        open.retain(|_, (since, _)| now.0 - *since < OPEN_MS);
        let due = |(since, asked): (i64, i64)| {
            let wait = ((now.0 - since) / 4).clamp(3 * SECOND, 10 * MINUTE);
            now.0 - asked >= wait
        };
        let mut keys: Vec<(i64, String)> = open
            .iter()
            .filter(|(_, times)| due(**times))
            .map(|(key, (_, asked))| (*asked, key.clone()))
            .collect();
        keys.sort_unstable();
        let mut events = Vec::new();
        for (_, key) in keys.into_iter().take(FATES) {
            let since = open.get(&key).map_or(now.0, |times| times.0);
            let url = api.of_account(["Messages", &format!("{key}.json")]);
            match api.get(url).await {
                Ok(record) => {
                    events.extend(map::delivery(&record, &key, now));
                    if is_over(&record, since, now) {
                        open.remove(&key);
                    } else {
                        open.insert(key, (since, now.0));
                    }
                }
                Err(failure) if failure.status == 404 => {
                    open.remove(&key);
                    let remote = RemoteId {
                        scope: MESSAGES.to_owned(),
                        key,
                    };
                    events.push(Event::Gone { remote });
                }
                // It is asked again with the next read.
                Err(_) => break,
            }
        }
        events
    }

    /// Gives what this process sent the reference under which the mirror knows it, whether or not the receipt is there.
    pub(super) fn own(&self, events: &mut [Event]) {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        for event in events {
            if let Event::Message(new) = event
                && let Some(id) = &new.own_reference
                && let Some(reference) = sent.get(id)
            {
                new.own_reference = Some(reference.clone());
            }
        }
    }
}

/// Remembers what is on its way, forgets what arrived.
fn open_fates(records: &[Value], open: &mut BTreeMap<String, (i64, i64)>, now: Timestamp) {
    for record in records {
        let (Some(key), Some(direction)) = (sid(record, "sid"), text(record, "direction")) else {
            continue;
        };
        let since = map::when(record).unwrap_or(now).0.min(now.0);
        if direction == "inbound" || is_over(record, since, now) {
            open.remove(key);
        } else if open.len() < OPEN {
            open.entry(key.to_owned()).or_insert((since, now.0)).1 = now.0;
        }
    }
}

/// Notes how far a read of several pages is.
fn went_on(feed: Feed, side: &mut Side, run: Run, oldest: Option<i64>) -> Coverage {
    let reached = run.next.is_empty() || oldest.is_some_and(|oldest| oldest < run.until);
    let low = if reached {
        run.until
    } else {
        // Items of the page's last second may be on the next one.
        oldest.map_or(run.high, |oldest| (oldest + SECOND).min(run.high))
    };
    let coverage = proven(feed.name(), low, run.high, side.start);
    if reached {
        side.at = side.at.max(run.high);
        side.run = None;
    } else {
        side.run = Some(run);
    }
    coverage
}

/// Whether an item is not as it was told before. One that may come again is remembered as of `at`.
fn changed(side: &mut Side, record: &Value, at: Option<i64>) -> bool {
    let (Some(key), Some(at)) = (sid(record, "sid"), at) else {
        return true;
    };
    let stand = format!(
        "{} {}",
        text(record, "status").unwrap_or_default(),
        record.get("error_code").unwrap_or(&Value::Null)
    );
    let before = side.near.insert(key.to_owned(), (at, stand.clone()));
    before.is_none_or(|(_, before)| before != stand)
}

/// Nothing more will be told of it. What WhatsApp delivered may still be read.
fn is_over(record: &Value, since: i64, now: Timestamp) -> bool {
    match text(record, "status") {
        Some("queued" | "accepted" | "scheduled" | "sending" | "sent") => false,
        Some("delivered") => {
            let reads = text(record, "to").is_some_and(|to| to.starts_with("whatsapp:"));
            !reads || now.0 - since > DAY
        }
        _ => true,
    }
}

/// A message with the list of its files.
async fn with_files(api: &Api, mut record: Value) -> Result<Value> {
    let files = super::wire::number(&record, "num_media").unwrap_or(0);
    let Some(key) = sid(&record, "sid").filter(|_| files > 0).map(str::to_owned) else {
        return Ok(record);
    };
    let url = api.of_account(["Messages", &key, "Media.json"]);
    match api.get(url).await {
        Ok(said) => {
            record["media_list"] = list(&said, "media_list").to_vec().into();
            Ok(record)
        }
        // Its text is there all the same.
        Err(Failure {
            error: ProviderError::Rejected { .. },
            ..
        }) => Ok(record),
        Err(failure) => Err(failure.error),
    }
}

async fn call_of(api: &Api, key: &str) -> Result<Value> {
    if key.is_empty() {
        return Ok(Value::Null);
    }
    match api
        .get(api.of_account(["Calls", &format!("{key}.json")]))
        .await
    {
        Ok(call) => Ok(call),
        Err(Failure {
            error: ProviderError::Rejected { .. },
            ..
        }) => Ok(Value::Null),
        Err(failure) => Err(failure.error),
    }
}
