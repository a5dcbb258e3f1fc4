//! A copy of ours that was listed before it was known to be ours: the receipt was lost, and only a look-up brought the
//! vendor's id of it. Both are one message.

use super::by_hand::remove_message;
use crate::model::message::Delivery;
use crate::model::{AccountId, DeliveryState, MessageId, Timestamp};
use crate::store::ingest::facts;
use crate::store::sql::{Result, Sql, Word};
use crate::store::writer::Tx;
use rusqlite::params;

/// Makes every other message of ours with this id of the vendor part of `message`: its places, its bytes of the wire
/// and how far it got.
pub(super) fn fold(
    tx: &Tx<'_>,
    account: &AccountId,
    provider_id: &str,
    message: MessageId,
) -> Result<()> {
    let copies = tx.all(
        "SELECT m.id, m.delivery, m.delivery_at, m.delivery_detail FROM thread_ref t JOIN message m ON m.id = t.message
         WHERE t.account = ?1 AND t.ref = ?2 AND t.own = 1 AND m.id <> ?3
           AND m.direction = 'outbound' AND m.outbox IS NULL",
        params![account.as_str(), provider_id, message.0],
        |row| {
            let state = row.get::<_, Option<Word<DeliveryState>>>(1)?;
            let at = row.get::<_, Option<i64>>(2)?.unwrap_or_default();
            let detail = row.get(3)?;
            Ok((
                MessageId(row.get(0)?),
                state.map(|state| Delivery {
                    state: state.0,
                    at: Timestamp(at),
                    detail,
                }),
            ))
        },
    )?;
    for (copy, delivery) in copies {
        for table in ["remote", "raw"] {
            tx.run(
                &format!("UPDATE OR IGNORE {table} SET message = ?2 WHERE message = ?1"),
                params![copy.0, message.0],
            )?;
        }
        if let Some(delivery) = delivery {
            facts::delivery(tx, message, delivery)?;
        }
        remove_message(tx, copy)?;
    }
    Ok(())
}
