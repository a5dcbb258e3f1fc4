//! Sending: one call per message, and a look at what was sent where its outcome is not known.

use super::TwilioProvider;
use super::api::refused;
use super::codes;
use super::publish::publish;
use super::segments::segments;
use super::wire::{is_sid, list, moment, number, plain_address, sid, text};
use crate::model::{Channel, Event, Outgoing, Receipt};
use crate::providers::{ProviderError, Reconciled, Result};
use serde_json::{Map, Value};
use std::sync::PoisonError;
use std::time::Duration;

/// Characters of a text.
pub(super) const TEXT_LIMIT: usize = 1_600;
/// Bytes of a file by SMS, and of one by WhatsApp.
pub(super) const FILE_LIMIT: u64 = 5_000_000;
pub(super) const WHATSAPP_FILE_LIMIT: u64 = 16_000_000;
const FILES: usize = 10;
/// Their clock may be behind ours by so much; they tell whole seconds.
const SKEW_MS: i64 = 5_000;
/// What was taken is listed at once; so long after, surely.
const SETTLES: Duration = Duration::from_mins(5);
/// Clocks that differ by so much change no proof that nothing was sent.
const DOUBT_MS: i64 = 15 * 60 * 1_000;
/// Sends that are remembered.
const REMEMBERED: usize = 10_000;
/// Pages to look through for a send.
const PAGES: usize = 5;

impl TwilioProvider {
    pub(super) async fn deliver(&self, out: &Outgoing) -> Result<Receipt> {
        check(out)?;
        let mut form = self.ends(out)?;
        match &out.template {
            Some(template) => {
                let values: Map<String, Value> = template
                    .values
                    .iter()
                    .map(|(name, value)| (name.clone(), value.as_str().into()))
                    .collect();
                form.push(("ContentSid", template.id.clone()));
                form.push(("ContentVariables", Value::Object(values).to_string()));
            }
            None if !out.body.is_empty() => form.push(("Body", out.body.clone())),
            None => {}
        }
        for file in &out.attachments {
            let address = publish(&self.settings.publish_command, file).await?;
            form.push(("MediaUrl", address));
        }
        let api = self.api()?;
        // Reads wait until it is known under which SID this went.
        let _sending = self.sending.read().await;
        let said = match api.post(api.of_account(["Messages.json"]), &form).await {
            Ok(said) => said,
            Err(failure) => {
                if failure.code == codes::OPTED_OUT {
                    self.stopped(out);
                }
                return Err(failure.error);
            }
        };
        let Some(key) = sid(&said, "sid") else {
            let words = "it was taken without a SID".to_owned();
            return Err(ProviderError::Ambiguous(words));
        };
        self.remember(key, &out.reference);
        let status = text(&said, "status").unwrap_or("taken");
        let detail = match (out.channel, out.attachments.is_empty()) {
            (Channel::Sms, true) => {
                let told = number(&said, "num_segments").filter(|count| *count > 0);
                let counted = i64::try_from(segments(&out.body)).unwrap_or(1);
                match told.unwrap_or(counted) {
                    1 => format!("{status}, 1 segment"),
                    count => format!("{status}, {count} segments"),
                }
            }
            _ => status.to_owned(),
        };
        Ok(Receipt {
            provider_id: Some(key.to_owned()),
            at: self.clock.now(),
            detail: Some(detail),
            refused: Vec::new(),
        })
    }

    /// The recipient told Twilio to stop: the next read tells the mirror.
    fn stopped(&self, out: &Outgoing) {
        let Some(party) = out.recipients.to.first() else {
            return;
        };
        let event = Event::Consent {
            address: plain_address(&party.address).1,
            channel: out.channel,
            opted_out: true,
            at: self.clock.now(),
        };
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.push(event);
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

    /// Who writes to whom, as Twilio takes it.
    fn ends(&self, out: &Outgoing) -> Result<Vec<(&'static str, String)>> {
        let to = written(out.channel, &recipient(out)?);
        let sender = match (&self.ours.service, out.channel) {
            (Some(service), Channel::Sms) => ("MessagingServiceSid", service.clone()),
            _ => ("From", written(out.channel, &self.sender(out)?)),
        };
        Ok(vec![("To", to), sender])
    }

    /// Our address: the one that the conversation is with, else the one that was chosen, else the first.
    fn sender(&self, out: &Outgoing) -> Result<String> {
        let own = self.ours.on(out.channel);
        let of_thread = out
            .thread
            .as_deref()
            .and_then(|thread| thread.split(' ').next())
            .map(|end| plain_address(end).1);
        let chosen = out.from.as_ref().map(|from| plain_address(&from.address).1);
        let known = |one: &String| own.contains(one);
        of_thread
            .filter(known)
            .or_else(|| chosen.filter(known))
            .or_else(|| own.first().cloned())
            .ok_or_else(|| {
                refused(match out.channel {
                    Channel::Whatsapp => "the account has no WhatsApp sender; set `whatsapp`",
                    _ => "the account has no number; set `numbers`",
                })
            })
    }

    /// Looks among what was sent for this text to this person since it was queued.
    pub(super) async fn look_up(&self, out: &Outgoing) -> Result<Reconciled> {
        let Ok(to) = recipient(out) else {
            return Ok(Reconciled::CannotTell);
        };
        let api = self.api()?;
        let since = out.queued_at.0 - SKEW_MS;
        let mut url = api.of_account(["Messages.json"]);
        url.query_pairs_mut()
            .append_pair("To", &written(out.channel, &to))
            .append_pair("PageSize", "100");
        let low = since - DOUBT_MS;
        // Whether the list reaches back to before it was queued, and whether all in it is known to be another send.
        let (mut whole, mut others) = (false, true);
        let mut found = Vec::new();
        for _ in 0..PAGES {
            let said = api.get(url).await?;
            let records = list(&said, "messages");
            others &= said["messages"].is_array();
            let mut older = records.is_empty();
            for record in records {
                let Some(at) = moment(record, "date_created") else {
                    others = false;
                    continue;
                };
                older |= at.0 < low;
                others &= at.0 < low || self.is_of_another(record, &out.reference);
                if at.0 >= since
                    && is_it(record, out)
                    && let Some(key) = sid(record, "sid")
                {
                    found.push((at, key.to_owned()));
                }
            }
            let Some(next) = text(&said, "next_page_uri").filter(|_| !older) else {
                whole = true;
                break;
            };
            url = api.next(next)?;
        }
        found.sort();
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        // What is the receipt of another send is none of this one.
        let free = found
            .into_iter()
            .find(|(_, id)| sent.get(id).is_none_or(|of| *of == out.reference));
        drop(sent);
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
            None if whole && others => Reconciled::Unlisted { settles: SETTLES },
            None => Reconciled::CannotTell,
        })
    }

    fn is_of_another(&self, record: &Value, reference: &str) -> bool {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let of = sid(record, "sid").and_then(|id| sent.get(id).cloned());
        let inbound = text(record, "direction") == Some("inbound");
        inbound || of.is_some_and(|of| of != reference)
    }
}

fn is_it(record: &Value, out: &Outgoing) -> bool {
    let files = number(record, "num_media").unwrap_or(0);
    text(record, "direction") == Some("outbound-api")
        && text(record, "body").unwrap_or_default().trim() == out.body.trim()
        && usize::try_from(files).is_ok_and(|files| files == out.attachments.len())
}

/// An address as Twilio writes it.
fn written(channel: Channel, address: &str) -> String {
    match channel {
        Channel::Whatsapp => format!("whatsapp:{address}"),
        _ => address.to_owned(),
    }
}

fn recipient(out: &Outgoing) -> Result<String> {
    let mut all = out.recipients.all();
    let party = match (all.next(), all.next()) {
        (Some(party), None) => party,
        (None, _) => return Err(refused("there is nobody to send it to")),
        _ => return Err(refused("Twilio takes one recipient in a message")),
    };
    let (_, address) = plain_address(&party.address);
    let short = (3..=8).contains(&address.len()) && address.bytes().all(|b| b.is_ascii_digit());
    if crate::text::phone::plain(&address) || (short && out.channel == Channel::Sms) {
        Ok(address)
    } else {
        Err(refused(
            "this is no phone number with + and country, so no message can go there",
        ))
    }
}

fn check(out: &Outgoing) -> Result<()> {
    if !matches!(out.channel, Channel::Sms | Channel::Whatsapp) {
        return Err(refused(
            "a call is not answered by text here; write to the number by SMS, on the channel sms",
        ));
    }
    if let Some(template) = &out.template {
        return if !is_sid(&template.id) {
            Err(refused("this is no template of Twilio's; choose one again"))
        } else if out.attachments.is_empty() {
            Ok(())
        } else {
            Err(refused("a template takes no files; send them after it"))
        };
    }
    if out.body.trim().is_empty() && out.attachments.is_empty() {
        return Err(refused("the text is empty"));
    }
    if out.body.chars().count() > TEXT_LIMIT {
        return Err(refused(&format!(
            "the text may have {TEXT_LIMIT} characters"
        )));
    }
    let (files, limit, says) = match out.channel {
        Channel::Whatsapp => (
            1,
            WHATSAPP_FILE_LIMIT,
            "WhatsApp takes one file of 16 MB in a message",
        ),
        _ => (FILES, FILE_LIMIT, "an MMS takes ten files of 5 MB together"),
    };
    let size: u64 = out.attachments.iter().map(|file| file.size).sum();
    if out.attachments.len() > files || size > limit {
        return Err(refused(says));
    }
    Ok(())
}
