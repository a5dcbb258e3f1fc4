//! Reading: two syncs, one for messages and one for calls, and pages for what lies before the first of them.

use super::api::{Api, Failure, Manner};
use super::calls::{self, CALLS};
use super::map::{self, MESSAGES};
use super::mark::{Back, Mark, Side, proven, start};
use super::rates::Group;
use super::settings::Calls;
use super::wire::{id, iso, list, moment, number, text};
use super::{RingcentralProvider, wire};
use crate::model::event::Coverage;
use crate::model::{Batch, Cursor, Event, Timestamp};
use crate::providers::{AtMost, ProviderError, Result};
use serde_json::Value;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Records of one first sync.
const FIRST: usize = 250;
/// Records of one page.
const PAGE: usize = 100;
/// A sync that must begin anew reads so much twice.
const AGAIN_MS: i64 = 10 * 60 * 1_000;
/// Between two reads of the calls, which cost much; news of one does not wait.
const CALLS_EVERY_MS: i64 = 60 * 1_000;
/// While older pages are read, new messages are looked for so often.
const NEW_EVERY_MS: i64 = 5_000;
/// Transcriptions fetched in one go, and how large they may be.
const TRANSCRIPTS: usize = 8;
const TRANSCRIPT_LIMIT: usize = 256 << 10;
/// Voicemails that wait for theirs, and how often each is tried again.
const LATER: usize = 1_000;
const TRIES: u8 = 5;

/// What one read of a feed brought.
#[derive(Default)]
struct Read {
    records: Vec<Value>,
    proven: Vec<Coverage>,
    behind: u64,
}

/// A page of older records.
pub(super) struct Page {
    pub(super) records: Vec<Value>,
    /// Where to go on; `None` at the end.
    pub(super) next: Option<Back>,
    pub(super) proven: Coverage,
    pub(super) behind: u64,
}

impl RingcentralProvider {
    pub(super) fn wants_calls(&self) -> bool {
        self.settings.calls != Calls::None
    }

    /// Which calls a sync is asked for.
    fn call_group(&self) -> &'static str {
        match self.settings.calls {
            Calls::All => "All",
            Calls::Missed | Calls::None => "Missed",
        }
    }

    /// What is new since the mark, and a page of what is older.
    pub(super) async fn read(&self, since: Option<Cursor>) -> Result<Batch> {
        let api = self.api()?;
        let now = self.clock.now();
        let mut mark = Mark::read(since.as_ref());
        let mut batch = Batch::default();
        let catching = mark.messages.back.is_some();
        if !catching || now.0 - mark.messages.asked >= NEW_EVERY_MS {
            let read = self.sync(api, MESSAGES, &mut mark.messages, now).await?;
            self.take_messages(api, read, &mut mark, &mut batch).await?;
        }
        if let Some(back) = mark.messages.back {
            let page = older(api, MESSAGES, back, mark.messages.start).await?;
            mark.messages.back = page.next;
            let read = Read {
                records: page.records,
                proven: vec![page.proven],
                behind: page.behind,
            };
            self.take_messages(api, read, &mut mark, &mut batch).await?;
        }
        self.catch_up_transcripts(api, &mut mark, &mut batch)
            .await?;
        if self.wants_calls() {
            self.read_calls(api, &mut mark, &mut batch, now).await?;
        }
        if let Err(error) = self.tell_reads().await {
            tracing::debug!(%error, "what was read is told later");
        }
        self.settled().await;
        let heavy = mark.calls.back.is_some() && api.rates.free(Group::Heavy);
        batch.more = mark.messages.back.is_some() || heavy;
        batch.cursor = mark.cursor();
        self.own(&mut batch.events);
        Ok(batch)
    }

    /// Calls cost much: they are read seldom, and wait where the group is used up. An extension that may not read them
    /// still has its messages; the probe tells.
    async fn read_calls(
        &self,
        api: &Api,
        mark: &mut Mark,
        batch: &mut Batch,
        now: Timestamp,
    ) -> Result<()> {
        let due = self.calls_due.swap(false, Ordering::Relaxed);
        let group = self.call_group();
        if mark
            .calls
            .group
            .as_deref()
            .is_some_and(|before| before != group)
        {
            // Wanted otherwise by now: a sync keeps to what it was begun with.
            mark.calls = Side::default();
        }
        let side = &mut mark.calls;
        side.group = Some(group.to_owned());
        let waited = now.0 - side.asked >= CALLS_EVERY_MS;
        if due || waited {
            let read = self.sync(api, CALLS, side, now).await;
            let Some(read) = self.heavy(read, due)? else {
                side.asked = now.0;
                return Ok(());
            };
            self.take_calls(read, batch);
        }
        if let Some(back) = side.back.filter(|_| api.rates.free(Group::Heavy)) {
            let page = older(api, CALLS, back, side.start).await;
            if let Some(page) = self.heavy(page, false)? {
                side.back = page.next;
                // The log's pages have every call; a sync only those that were asked for.
                let mut records = page.records;
                records.retain(|record| self.takes_call(record));
                let read = Read {
                    records,
                    proven: vec![page.proven],
                    behind: page.behind,
                };
                self.take_calls(read, batch);
            }
        }
        Ok(())
    }

    /// What came of a call for calls; `None` where it waits.
    fn heavy<T>(&self, read: Result<T>, due: bool) -> Result<Option<T>> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(ProviderError::RateLimited { .. }) => {
                self.calls_due.fetch_or(due, Ordering::Relaxed);
                Ok(None)
            }
            Err(error @ ProviderError::Rejected { .. }) => {
                tracing::warn!(%error, "calls are not read");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn take_calls(&self, read: Read, batch: &mut Batch) {
        let (ours, now) = (self.ours(), self.clock.now());
        for record in &read.records {
            batch.events.extend(calls::record(record, ours, now));
        }
        batch.coverage.extend(read.proven);
        batch.behind += read.behind;
    }

    async fn take_messages(
        &self,
        api: &Api,
        read: Read,
        mark: &mut Mark,
        batch: &mut Batch,
    ) -> Result<()> {
        let mut fetched = 0;
        for record in &read.records {
            let mut transcript = None;
            if let (Some(key), Some(message)) = (transcription(record), id(record, "id")) {
                if fetched < TRANSCRIPTS {
                    fetched += 1;
                    transcript = self.transcript(api, &key).await?;
                }
                if transcript.is_none() && mark.later.len() < LATER {
                    mark.later.entry(message).or_default();
                }
            }
            let events = map::record(record, transcript.as_deref(), self.ours(), self.clock.now());
            batch.events.extend(events);
        }
        batch.coverage.extend(read.proven);
        batch.behind += read.behind;
        Ok(())
    }

    /// The text of a transcription; `None` where it must wait. One that is gone is an empty text.
    async fn transcript(&self, api: &Api, key: &str) -> Result<Option<String>> {
        if !api.rates.free(Group::Medium) {
            return Ok(None);
        }
        let mut text = AtMost {
            bytes: Vec::new(),
            limit: TRANSCRIPT_LIMIT,
        };
        match api.download(key, &mut text).await {
            Ok(()) => {
                let text = String::from_utf8_lossy(&text.bytes);
                Ok(Some(text.trim().to_owned()))
            }
            Err(ProviderError::Rejected { .. }) => Ok(Some(String::new())),
            Err(ProviderError::Auth(why)) => Err(ProviderError::Auth(why)),
            Err(_) => Ok(None),
        }
    }

    /// Transcriptions that could not be fetched when their voicemail came.
    async fn catch_up_transcripts(
        &self,
        api: &Api,
        mark: &mut Mark,
        batch: &mut Batch,
    ) -> Result<()> {
        let due: Vec<String> = mark.later.keys().take(TRANSCRIPTS).cloned().collect();
        for message in due {
            if !api.rates.free(Group::Medium) || !api.rates.free(Group::Light) {
                return Ok(());
            }
            let tried = mark.later.remove(&message).unwrap_or(0).saturating_add(1);
            let url = api.own(["message-store", message.as_str()]);
            let record = match api.get(Group::Light, url, &[]).await {
                Ok(record) => Some(record),
                Err(failure) if matches!(failure.error, ProviderError::Rejected { .. }) => continue,
                Err(_) => None,
            };
            let key = record.as_ref().and_then(transcription);
            let said = match &key {
                Some(key) => self.transcript(api, key).await?,
                None => None,
            };
            match (record, said) {
                (Some(record), Some(said)) => {
                    let (ours, now) = (self.ours(), self.clock.now());
                    batch
                        .events
                        .extend(map::record(&record, Some(&said), ours, now));
                }
                // It stays among the attachments all the same.
                _ if tried >= TRIES => {}
                _ => {
                    mark.later.insert(message, tried);
                }
            }
        }
        Ok(())
    }

    /// What is new in a feed. Where its token is no longer known there, it begins anew a little before.
    async fn sync(&self, api: &Api, feed: &str, side: &mut Side, now: Timestamp) -> Result<Read> {
        side.asked = now.0;
        if let Some(token) = side.token.clone() {
            let query = vec![("syncType", "ISync".to_owned()), ("syncToken", token)];
            match ask(api, feed, "sync", query).await {
                Ok(said) => return Ok(followed(feed, side, &said, now)),
                Err(failure) if outdated(&failure) => {
                    tracing::debug!(feed, code = failure.code, "the sync begins anew");
                    side.token = None;
                }
                Err(failure) => return Err(failure.error),
            }
        }
        let first = side.at == 0;
        if first {
            side.start = start(self.settings.history_days, now);
        }
        let from = if first {
            side.start
        } else {
            (side.at - AGAIN_MS).max(side.start)
        };
        let mut query = vec![
            ("syncType", "FSync".to_owned()),
            ("recordCount", FIRST.to_string()),
            ("dateFrom", iso(Timestamp(from))),
        ];
        if feed == CALLS {
            query.push(("statusGroup", self.call_group().to_owned()));
        }
        let said = ask(api, feed, "sync", query).await?;
        let info = &said["syncInfo"];
        side.token = text(info, "syncToken").map(str::to_owned);
        if side.token.is_none() {
            let says = "RingCentral began a sync without a token".to_owned();
            return Err(ProviderError::Transient(says));
        }
        let at = synced(info, now).unwrap_or(now.0);
        let records = list(&said, "records").to_vec();
        let oldest = oldest(&records).unwrap_or(at);
        let older = match info["olderRecordsExist"].as_bool() {
            Some(older) => older,
            None => records.len() >= FIRST,
        };
        let low = if older {
            side.back = Some(Back::new(oldest + 1_000, from).with(side.back));
            oldest
        } else {
            from
        };
        side.at = at;
        let proven = vec![proven(feed, low, at, side.start)];
        Ok(Read {
            records,
            proven,
            behind: 0,
        })
    }
}

fn followed(feed: &str, side: &mut Side, said: &Value, now: Timestamp) -> Read {
    let info = &said["syncInfo"];
    if let Some(token) = text(info, "syncToken") {
        side.token = Some(token.to_owned());
    }
    let before = side.at;
    // Without a time nothing is proven; the next sync proves this stretch as well.
    side.at = synced(info, now).map_or(before, |at| at.max(before));
    Read {
        records: list(said, "records").to_vec(),
        proven: vec![proven(feed, before, side.at, side.start)],
        behind: 0,
    }
}

/// Up to when a sync is complete; a time far ahead of ours is believed as little as none.
fn synced(info: &Value, now: Timestamp) -> Option<i64> {
    let at = moment(info, "syncTime")?.0;
    (at - now.0 < AGAIN_MS).then_some(at)
}

/// The sync must begin anew: its token is too old, or none (CMN-101).
fn outdated(failure: &Failure) -> bool {
    matches!(
        failure.code.as_str(),
        "CMN-101" | "MSG-333" | "CLG-101" | "CLG-102" | "CLG-103" | "CLG-104" | "CLG-105"
    )
}

/// A page of what is older, newest first.
pub(super) async fn older(api: &Api, feed: &str, back: Back, floor: i64) -> Result<Page> {
    let query = vec![
        ("dateFrom", iso(Timestamp(back.until))),
        ("dateTo", iso(Timestamp(back.to))),
        ("perPage", PAGE.to_string()),
        ("page", back.page.to_string()),
    ];
    let said = ask(api, feed, "list", query).await?;
    let records = list(&said, "records").to_vec();
    let oldest = oldest(&records);
    let next = match oldest {
        Some(oldest) if goes_on(&said, records.len()) && oldest >= back.until => {
            Some(back.after(oldest))
        }
        _ => None,
    };
    let low = match (next, oldest) {
        (Some(_), Some(oldest)) => oldest,
        _ => back.until,
    };
    let total = number(&said["paging"], "totalElements").and_then(|all| u64::try_from(all).ok());
    let read = (u64::from(back.page) * PAGE as u64).min(total.unwrap_or(0));
    Ok(Page {
        behind: total.unwrap_or(0) - read,
        next,
        proven: proven(feed, low, back.to, floor),
        records,
    })
}

/// Whether there is a page after this one.
fn goes_on(said: &Value, count: usize) -> bool {
    let paging = &said["paging"];
    match (number(paging, "page"), number(paging, "totalPages")) {
        (Some(page), Some(all)) => page < all,
        _ => said["navigation"]["nextPage"].is_object() || count >= PAGE,
    }
}

/// A page of a feed, or its sync.
async fn ask(
    api: &Api,
    feed: &str,
    what: &str,
    query: Vec<(&str, String)>,
) -> std::result::Result<Value, Failure> {
    let (group, part) = match (feed, what) {
        (CALLS, "sync") => (Group::Heavy, "call-log-sync"),
        (CALLS, _) => (Group::Heavy, "call-log"),
        (_, "sync") => (Group::Light, "message-sync"),
        _ => (Group::Light, "message-store"),
    };
    let mut url = api.own([part]);
    url.query_pairs_mut().extend_pairs(&query);
    let manner = Manner {
        // A call's turn is not waited for: messages go on meanwhile.
        patience: if group == Group::Heavy {
            Duration::ZERO
        } else {
            super::api::PATIENCE
        },
        ..Manner::read(group)
    };
    let said = api
        .json(manner, |http| {
            Ok(http.request(reqwest::Method::GET, url.clone()))
        })
        .await?;
    if said["records"].is_array() {
        return Ok(said);
    }
    // Nothing is proven by it: it is asked again.
    let says = "RingCentral answered without a list".to_owned();
    Err(ProviderError::Transient(says).into())
}

/// Where a voicemail's transcription is, once it is there.
fn transcription(record: &Value) -> Option<String> {
    let there = matches!(
        wire::text(record, "vmTranscriptionStatus"),
        Some("Completed" | "CompletedPartially")
    );
    if !there || text(record, "type") != Some("VoiceMail") {
        return None;
    }
    let file = list(record, "attachments")
        .iter()
        .find(|file| text(file, "type") == Some("AudioTranscription"))?;
    Some(format!("message/{}/{}", id(record, "id")?, id(file, "id")?))
}

fn oldest(records: &[Value]) -> Option<i64> {
    let at = |record: &Value| {
        let moment = moment(record, "creationTime").or_else(|| moment(record, "startTime"));
        moment.map(|at| at.0)
    };
    records.iter().filter_map(at).min()
}

/// The facts of events that were told by a stream or a request, with what is known of our own sends.
impl RingcentralProvider {
    /// Gives what this process sent the reference under which the mirror knows it, whether or not the receipt is there.
    pub(super) fn own(&self, events: &mut [Event]) {
        let sent = self.sent.lock();
        let sent = sent.unwrap_or_else(std::sync::PoisonError::into_inner);
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
