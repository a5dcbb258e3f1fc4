//! Sending: one call per message, and a look at what was sent where its outcome is not known.

use super::RingcentralProvider;
use super::api::{Manner, refused};
use super::rates::Group;
use super::wire::{id, iso, list, moment, number, party, text};
use crate::model::outgoing::OutgoingAttachment;
use crate::model::{Channel, Outgoing, Receipt, Timestamp};
use crate::providers::http::{Effect, Http};
use crate::providers::{ProviderError, Reconciled, Result};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use std::sync::PoisonError;
use std::time::Duration;

/// UTF-16 units of a text.
pub(super) const TEXT_LIMIT: usize = 1_000;
/// Bytes of all files of a message.
pub(super) const FILES_LIMIT: u64 = 1_500_000;
const FILES: usize = 10;
const RECIPIENTS: usize = 10;
/// A send waits so long for its turn; then the outbox does.
const PATIENCE: Duration = Duration::from_secs(10);
/// Their clock may be behind ours by so much.
const SKEW_MS: i64 = 5_000;
/// What was taken is listed at once; so long after, surely.
const SETTLES: Duration = Duration::from_mins(5);
/// Clocks that differ by so much change no proof that nothing was sent.
const DOUBT_MS: i64 = 15 * 60 * 1_000;
/// Sends that are remembered.
const REMEMBERED: usize = 10_000;

struct File {
    name: String,
    mime: String,
    bytes: Vec<u8>,
}

impl RingcentralProvider {
    pub(super) async fn deliver(&self, out: &Outgoing) -> Result<Receipt> {
        check(out)?;
        let body = self.message(out)?;
        let files = load(&out.attachments).await?;
        let api = self.api()?;
        // Reads wait until it is known under which id this went.
        let _sending = self.sending.read().await;
        let url = api.own([if files.is_empty() { "sms" } else { "mms" }]);
        let make = |http: &Http| {
            let request = http.request(Method::POST, url.clone());
            Ok(if files.is_empty() {
                request.json(&body)
            } else {
                request.multipart(form(&body, &files)?)
            })
        };
        let manner = Manner {
            group: Group::Medium,
            effect: Effect::Write,
            patience: PATIENCE,
        };
        let said = api.json(manner, make).await?;
        let Some(id) = id(&said, "id") else {
            let words = "it was taken without an id".to_owned();
            return Err(ProviderError::Ambiguous(words));
        };
        self.remember(&id, &out.reference);
        Ok(Receipt {
            provider_id: Some(id),
            at: self.clock.now(),
            detail: text(&said, "messageStatus").map(str::to_owned),
            refused: Vec::new(),
        })
    }

    fn remember(&self, id: &str, reference: &str) {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        if sent.len() >= REMEMBERED {
            sent.clear();
        }
        sent.insert(id.to_owned(), reference.to_owned());
    }

    /// Waits until no send is under way.
    pub(super) async fn settled(&self) {
        drop(self.sending.write().await);
    }

    fn message(&self, out: &Outgoing) -> Result<Value> {
        let to = recipients(out)?;
        let to: Vec<Value> = to.iter().map(|to| json!({ "phoneNumber": to })).collect();
        Ok(json!({
            "from": { "phoneNumber": self.sender(out)? },
            "to": to,
            "text": out.body,
        }))
    }

    /// Our number: the one that the conversation is with, else the one that was chosen, else the first.
    fn sender(&self, out: &Outgoing) -> Result<String> {
        let of_thread = out
            .thread
            .as_deref()
            .and_then(|thread| thread.split(' ').next());
        let chosen = out.from.as_ref().map(|from| from.address.as_str());
        let numbers = &self.numbers;
        let known = |number: &&str| numbers.iter().any(|own| own == number);
        let number = of_thread
            .filter(known)
            .or_else(|| chosen.filter(known))
            .or_else(|| numbers.first().map(String::as_str));
        number
            .map(str::to_owned)
            .ok_or_else(|| refused("the account has no number; set `numbers`"))
    }

    /// Looks among what was sent for this text to these people since it was queued.
    pub(super) async fn look_up(&self, out: &Outgoing) -> Result<Reconciled> {
        let (Ok(wanted), Ok(from)) = (recipients(out), self.sender(out)) else {
            return Ok(Reconciled::CannotTell);
        };
        let api = self.api()?;
        let since = Timestamp(out.queued_at.0 - SKEW_MS);
        let mut found: Vec<(Timestamp, String)> = Vec::new();
        for page in 1..=3 {
            let query = [
                ("messageType", "SMS".to_owned()),
                ("direction", "Outbound".to_owned()),
                ("phoneNumber", wanted[0].clone()),
                ("dateFrom", iso(since)),
                ("perPage", "100".to_owned()),
                ("page", page.to_string()),
            ];
            let said = api
                .get(Group::Light, api.own(["message-store"]), &query)
                .await?;
            let records = list(&said, "records");
            found.extend(records.iter().filter_map(|record| {
                let at = moment(record, "creationTime")?;
                let same = at >= since
                    && party(&record["from"])?.address == from
                    && addressed(record) == wanted
                    && same_text(text(record, "subject").unwrap_or_default(), &out.body)
                    && attached(record) == out.attachments.len();
                same.then(|| id(record, "id").map(|id| (at, id)))?
            }));
            if number(&said["paging"], "totalPages").unwrap_or(0) <= page {
                break;
            }
        }
        found.sort();
        // What is the receipt of another send is none of this one.
        let free = {
            let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
            let mut found = found.into_iter();
            found.find(|(_, id)| sent.get(id).is_none_or(|of| *of == out.reference))
        };
        Ok(match free {
            Some((at, id)) => {
                self.remember(&id, &out.reference);
                Reconciled::Found(Receipt {
                    provider_id: Some(id),
                    at,
                    detail: None,
                    refused: Vec::new(),
                })
            }
            None if self.lacks(out, &wanted).await? => Reconciled::Unlisted { settles: SETTLES },
            None => Reconciled::CannotTell,
        })
    }

    /// Whether everything that this extension sent since long before it was queued is listed, and none of it can be it:
    /// all of it went to others, or is known to be another send. Also what was deleted counts.
    async fn lacks(&self, out: &Outgoing, wanted: &[String]) -> Result<bool> {
        let api = self.api()?;
        let since = Timestamp(out.queued_at.0 - DOUBT_MS);
        for page in 1..=3 {
            let mut query = vec![
                ("direction", "Outbound".to_owned()),
                ("dateFrom", iso(since)),
                ("perPage", "100".to_owned()),
                ("page", page.to_string()),
            ];
            for kind in ["Alive", "Deleted", "Purged"] {
                query.push(("availability", kind.to_owned()));
            }
            let said = api
                .get(Group::Light, api.own(["message-store"]), &query)
                .await?;
            let Some(pages) = number(&said["paging"], "totalPages") else {
                return Ok(false);
            };
            if !said["records"].is_array() {
                return Ok(false);
            }
            let all_others = list(&said, "records").iter().all(|record| {
                let to = addressed(record);
                let elsewhere = !to.is_empty() && to.iter().all(|to| !wanted.contains(to));
                elsewhere || self.is_of_another(record, &out.reference)
            });
            if !all_others {
                return Ok(false);
            }
            if pages <= page {
                return Ok(true);
            }
        }
        // More than is looked through.
        Ok(false)
    }

    fn is_of_another(&self, record: &Value, reference: &str) -> bool {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let of = id(record, "id").and_then(|id| sent.get(&id).cloned());
        of.is_some_and(|of| of != reference)
    }
}

/// The numbers of the recipients, in order of their digits.
fn recipients(out: &Outgoing) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for party in out.recipients.all() {
        let address = party.address.trim();
        let short = (3..=8).contains(&address.len()) && address.bytes().all(|b| b.is_ascii_digit());
        let number = crate::text::phone::e164(address, None)
            .or_else(|| short.then(|| address.to_owned()))
            .ok_or_else(|| {
                refused("this is no phone number with + and country, so no SMS can go there")
            })?;
        all.push(number);
    }
    all.sort_unstable();
    all.dedup();
    match all.len() {
        0 => Err(refused("there is nobody to send it to")),
        1..=RECIPIENTS => Ok(all),
        _ => Err(refused("RingCentral takes ten recipients in a message")),
    }
}

fn addressed(record: &Value) -> Vec<String> {
    let to = list(record, "to").iter().filter_map(party);
    let mut all: Vec<String> = to.map(|party| party.address).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn attached(record: &Value) -> usize {
    let files = list(record, "attachments").iter();
    files
        .filter(|file| text(file, "type") == Some("MmsAttachment"))
        .count()
}

fn same_text(there: &str, ours: &str) -> bool {
    there.trim() == ours.trim()
}

fn check(out: &Outgoing) -> Result<()> {
    if out.channel == Channel::Voice {
        return Err(refused(
            "a call is not answered by text here; write to the number by SMS, on the channel sms",
        ));
    }
    if out.template.is_some() {
        return Err(refused("SMS has no templates; send it as text"));
    }
    if out.body.trim().is_empty() && out.attachments.is_empty() {
        return Err(refused("the text is empty"));
    }
    if out.body.encode_utf16().count() > TEXT_LIMIT {
        return Err(refused(&format!(
            "the text may have {TEXT_LIMIT} characters"
        )));
    }
    if out.attachments.len() > FILES {
        return Err(refused("RingCentral takes ten files in a message"));
    }
    let size: u64 = out.attachments.iter().map(|file| file.size).sum();
    if size > FILES_LIMIT {
        return Err(refused("the files of a message may have 1.5 MB together"));
    }
    Ok(())
}

async fn load(files: &[OutgoingAttachment]) -> Result<Vec<File>> {
    let mut loaded = Vec::new();
    for file in files {
        let bytes = tokio::fs::read(&file.path).await.map_err(|error| {
            ProviderError::Transient(format!("the file {} cannot be read: {error}", file.name))
        })?;
        loaded.push(File {
            name: file.name.clone(),
            mime: file.mime.clone(),
            bytes,
        });
    }
    Ok(loaded)
}

/// The message first, as RingCentral's own client does it, then the files.
fn form(body: &Value, files: &[File]) -> Result<Form> {
    let typed = |part: Part, mime: &str| {
        part.mime_str(mime)
            .map_err(|_| refused("a file's type is not one"))
    };
    let message = Part::text(body.to_string()).file_name("request.json");
    let mut form = Form::new().part("request.json", typed(message, "application/json")?);
    for file in files {
        let part = Part::bytes(file.bytes.clone()).file_name(file.name.clone());
        form = form.part("attachment", typed(part, &file.mime)?);
    }
    Ok(form)
}
