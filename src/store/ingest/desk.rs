//! What the desk's rules make of what came in, in the same transaction: words that opt out or in, and rules for new
//! conversations.

use super::super::error::{ApplyError, StoreError};
use super::super::sql::{Result, Sql, Word};
use super::super::writer::Tx;
use super::super::{apply, journal};
use super::clean::ReadyMessage;
use super::{Ingest, contact};
use crate::desk::optout::{Keyword, keyword};
use crate::desk::routing::Arrival;
use crate::model::{Actor, Channel, ConversationId, MessageKind, Timestamp};
use serde_json::json;

/// A message that is STOP or START, in whatever language, sets the consent of its sender on its channel. The latest word
/// counts, in whatever order they are read.
pub(super) fn heed(
    tx: &Tx<'_>,
    ready: &ReadyMessage,
    (conversation, address): (ConversationId, &str),
    at: Timestamp,
) -> Result<()> {
    let channel = ready.new.channel;
    if ready.new.kind != MessageKind::Normal {
        return Ok(());
    }
    // Whether a bare "yes" brings somebody back depends on what was read before; only the vendor can tell.
    let opted_out = match keyword(channel, &ready.body, false) {
        Some(Keyword::Stop) => true,
        Some(Keyword::Start) => false,
        Some(Keyword::Help) | None => return Ok(()),
    };
    contact::consent(tx, channel, address, opted_out, at)?;
    journal::append(
        tx,
        &Actor::System("consent".to_owned()),
        if opted_out { "opt-out" } else { "opt-in" },
        Some(conversation),
        &json!({ "channel": channel.name(), "address": address }),
        None,
    )?;
    Ok(())
}

/// Applies the rules to the conversations that began in this batch, each by the first message that it has now.
pub(super) fn route(ingest: &Ingest<'_>) -> Result<()> {
    let tx = ingest.tx;
    if !tx.policy.routes() {
        return Ok(());
    }
    let began = ingest.inbound.iter().filter(|new| new.began);
    for new in began {
        let Some((channel, from, subject, text)) = tx.one(
            "SELECT c.channel, c.contact_address, m.subject, m.body FROM message m JOIN conversation c
               ON c.id = m.conversation WHERE m.id = ?1",
            [new.message.0],
            |row| {
                Ok((
                    row.get::<_, Word<Channel>>(0)?.0,
                    row.get::<_, String>(1)?,
                    row.get::<_, String>(2)?,
                    row.get::<_, String>(3)?,
                ))
            },
        )?
        else {
            continue;
        };
        let arrival = Arrival {
            conversation: new.conversation,
            channel,
            account: ingest.account,
            from: &from,
            subject: &subject,
            text: &text,
        };
        for (rule, commands) in tx.policy.route(&arrival) {
            for command in commands {
                match apply::carry_out(tx, &Actor::System(format!("rule {rule}")), command) {
                    Ok(_) => {}
                    // What came in is kept whatever a rule asks for.
                    Err(
                        ApplyError::Refused(refusal)
                        | ApplyError::Store(StoreError::Refused(refusal)),
                    ) => tracing::warn!(rule, says = %refusal, "a rule was refused"),
                    Err(error) => return Err(error),
                }
            }
        }
    }
    Ok(())
}
