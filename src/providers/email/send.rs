//! Sending, and finding out afterwards whether it was sent.
//!
//! The order is: hand over by SMTP, then put a copy into Sent. A crash between the two leaves a message that was sent
//! and is in no folder of ours, so a missing copy proves nothing where we are the ones who make it. Where the server
//! keeps its own copies, a copy that is still missing long after the attempt proves that nothing was sent. Putting the
//! copy there first would only turn the lie around: a copy of something that never left.

use super::account::Account;
use super::compose::{ComposeError, Composed, compose};
use super::dates::append_date;
use super::dates::search_date;
use super::imap::session::quote;
use super::imap::{ImapError, Role};
use super::route::{Route, route};
use super::sync::Reader;
use crate::model::outgoing::{OutgoingAttachment, hex};
use crate::model::time::{DAY, MINUTE};
use crate::model::{Outgoing, Party, Receipt, Timestamp};
use crate::providers::{ProviderError, Reconciled, Result};
use crate::text::header::MsgId;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// How long putting a copy into Sent may take before it is left alone.
const COPY: Duration = Duration::from_mins(1);
/// How long after an attempt the server's own copy must have come.
const SETTLED: i64 = 5 * MINUTE;

impl From<ComposeError> for ProviderError {
    fn from(error: ComposeError) -> Self {
        Self::Rejected {
            reason: error.to_string(),
            permanent: true,
        }
    }
}

impl Account {
    /// Who sends to these recipients by which server.
    fn route(&self, out: &Outgoing) -> Result<(Route<'_>, Party)> {
        let recipients: Vec<Party> = out.recipients.all().cloned().collect();
        let route = route(&self.settings, &recipients).ok_or(ProviderError::Unsupported(
            "sending without an [[smtp]] table",
        ))?;
        let sender = match &out.from {
            None => route.sender.clone(),
            Some(named) => {
                if !self.ours.addresses.contains(&named.address.to_lowercase()) {
                    return Err(ProviderError::Rejected {
                        reason: format!(
                            "{} is not one of this account's addresses; add it to aliases to send as it",
                            super::words::clean(&named.address)
                        ),
                        permanent: true,
                    });
                }
                named.clone()
            }
        };
        Ok((route, sender))
    }

    /// Sends once.
    pub async fn send(&self, out: &Outgoing) -> Result<Receipt> {
        let (route, sender) = self.route(out)?;
        let files = read_files(&out.attachments).await?;
        let composed = compose(out, &sender, &files)?;
        let mut client = self.submission(route.server).await?;
        let taken = client
            .submit(&composed.from, &composed.recipients, &composed.wire)
            .await?;
        client.quit().await;
        // From here on it is sent; whatever goes wrong with the copy is told and changes nothing.
        let at = self.clock.now();
        let copy = match tokio::time::timeout(COPY, self.keep_copy(out, &composed)).await {
            Ok(Ok(said)) => said,
            Ok(Err(error)) => format!("no copy in Sent: {error}"),
            Err(_) => "no copy in Sent: the server took too long".to_owned(),
        };
        Ok(Receipt {
            provider_id: Some(out.reference.clone()),
            at,
            detail: Some(format!("{}; {copy}", taken.words)),
            refused: taken.refused,
        })
    }

    async fn keep_copy(&self, out: &Outgoing, composed: &Composed) -> Result<String> {
        if self.settings.server_keeps_sent() {
            return Ok("the server keeps the copy".to_owned());
        }
        let mut reader = self.connect().await?;
        if reader.is_gmail() && self.settings.sent_copy == super::settings::SentCopy::Auto {
            reader.session.logout().await;
            return Ok("the server keeps the copy".to_owned());
        }
        let folder = reader
            .folders
            .iter()
            .find(|folder| folder.role == Role::Sent)
            .ok_or_else(|| {
                ProviderError::Transient(
                    "there is no Sent folder; create one on the server".to_owned(),
                )
            })?;
        let command = format!(
            "APPEND {} (\\Seen) \"{}\"",
            quote(&folder.wire),
            append_date(out.queued_at)
        );
        let name = folder.name.clone();
        let line = reader.session.run_literal(&command, &composed.copy).await?;
        reader.session.logout().await;
        Ok(match line.code.as_str() {
            "APPENDUID" => format!("copy in {name} as {}", line.args.replace(' ', ":")),
            _ => format!("copy in {name}"),
        })
    }

    /// Was it sent? `attempted` is the latest moment at which an attempt can have been under way.
    ///
    /// Found means: a copy in Sent (or All Mail), our own copy in the inbox, or an answer to it or a report of it. Absent
    /// is only said where the server makes the copies itself and had time enough.
    pub async fn reconcile(&self, out: &Outgoing, attempted: Timestamp) -> Result<Reconciled> {
        let Ok(reference) = MsgId::new(&out.reference) else {
            return Ok(Reconciled::CannotTell);
        };
        let mut reader = self.connect().await?;
        let found = look(&mut reader, &reference, out.queued_at).await?;
        let gmail = reader.is_gmail();
        reader.session.logout().await;
        if let Some(place) = found {
            return Ok(Reconciled::Found(Receipt {
                provider_id: Some(out.reference.clone()),
                at: self.clock.now(),
                detail: Some(place),
                refused: Vec::new(),
            }));
        }
        let copies = self.settings.server_keeps_sent()
            || (gmail && self.settings.sent_copy != super::settings::SentCopy::Append);
        let settled = self.clock.now().since(attempted) > SETTLED;
        Ok(if copies && settled {
            Reconciled::Absent
        } else {
            Reconciled::CannotTell
        })
    }
}

/// Where there is a trace of the message; each folder by the question that fits it.
async fn look(
    reader: &mut Reader,
    reference: &MsgId,
    queued: Timestamp,
) -> std::result::Result<Option<String>, ImapError> {
    let id = quote(reference.as_str());
    let since = search_date(queued - DAY);
    let own = format!("HEADER MESSAGE-ID {id}");
    // A report or an answer names the id in its text or its header; only recent mail can.
    let trace = format!("SINCE {since} TEXT {id}");
    let folders = reader.folders.clone();
    for (role, criteria, words) in [
        (Role::Sent, &own, "found in"),
        (Role::All, &own, "found in"),
        (Role::Inbox, &own, "our own copy came to"),
        (
            Role::Inbox,
            &trace,
            "an answer to it or a report of it came to",
        ),
    ] {
        for folder in folders.iter().filter(|folder| folder.role == role) {
            reader.session.examine(&folder.wire, None).await?;
            if !reader.session.search(criteria).await?.is_empty() {
                return Ok(Some(format!("{words} {}", folder.name)));
            }
        }
    }
    Ok(None)
}

/// The attachments' bytes, which must still be those that were reviewed.
async fn read_files(attachments: &[OutgoingAttachment]) -> Result<Vec<Vec<u8>>> {
    let mut files = Vec::with_capacity(attachments.len());
    for attachment in attachments {
        let refuse = |why: String| ProviderError::Rejected {
            reason: format!(
                "the attachment {} {why}; attach it again",
                super::words::clean(&attachment.name)
            ),
            permanent: true,
        };
        let bytes = tokio::fs::read(&attachment.path)
            .await
            .map_err(|error| refuse(format!("cannot be read: {error}")))?;
        if hex(&Sha256::digest(&bytes)) != attachment.sha256.to_ascii_lowercase() {
            return Err(refuse(
                "is not the file any more that was attached".to_owned(),
            ));
        }
        files.push(bytes);
    }
    Ok(files)
}
