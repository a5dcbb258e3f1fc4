//! The ledger: which ranges of each feed are proven to be in the mirror.

use super::Store;
use super::error::StoreError;
use super::facts::LedgerRow;
use super::sql::{Json, Result, Sql};
use super::writer::Tx;
use crate::model::{AccountId, Coverage, Timestamp};
use rusqlite::{Connection, params};

type Ranges = Vec<(u64, u64)>;

impl Store {
    /// What is proven of each feed, by account and feed.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn ledger(
        &self,
        account: Option<&AccountId>,
    ) -> std::result::Result<Vec<LedgerRow>, StoreError> {
        let account = account.cloned();
        self.read(move |connection| ledger(connection, account.as_ref()))
            .await
    }

    /// Which of `keys` at the server the mirror does not have, in their order.
    ///
    /// # Errors
    /// When the mirror cannot be read.
    pub async fn compare(
        &self,
        account: &AccountId,
        scope: &str,
        keys: Vec<String>,
    ) -> std::result::Result<Vec<String>, StoreError> {
        let (account, scope) = (account.clone(), scope.to_owned());
        self.read(move |connection| {
            let mut missing = Vec::new();
            for key in keys {
                if !connection.exists(
                    "SELECT 1 FROM remote WHERE account = ?1 AND scope = ?2 AND key = ?3",
                    params![account.as_str(), scope, key],
                )? {
                    missing.push(key);
                }
            }
            Ok(missing)
        })
        .await
    }
}

/// The ledger of one account or of all.
pub(super) fn ledger(
    connection: &Connection,
    account: Option<&AccountId>,
) -> Result<Vec<LedgerRow>> {
    connection.all(
        "SELECT account, feed, generation, floor, ranges, at FROM coverage
         WHERE ?1 IS NULL OR account = ?1 ORDER BY account, feed",
        [account.map(AccountId::as_str)],
        |row| {
            let proven = row.get::<_, Json<Ranges>>(4)?.0;
            let floor = row.get::<_, i64>(3)?.unsigned_abs();
            Ok(LedgerRow {
                account: AccountId::new(&row.get::<_, String>(0)?),
                feed: row.get(1)?,
                generation: row.get::<_, i64>(2)?.unsigned_abs(),
                gaps: gaps(floor, &proven),
                proven,
                floor,
                last_proof: Timestamp(row.get(5)?),
            })
        },
    )
}

/// Adds a proof, in the transaction that stores what it proves.
pub(super) fn prove(tx: &Tx<'_>, account: &AccountId, proof: &Coverage) -> Result<()> {
    let stored = tx.one(
        "SELECT generation, ranges, floor FROM coverage WHERE account = ?1 AND feed = ?2",
        params![account.as_str(), proof.feed],
        |row| {
            Ok((
                row.get::<_, i64>(0)?.unsigned_abs(),
                row.get::<_, Json<Ranges>>(1)?.0,
            ))
        },
    )?;
    let mut ranges = match stored {
        // A late proof of a feed that no longer exists proves nothing.
        Some((generation, _)) if generation > proof.generation => return Ok(()),
        Some((generation, ranges)) if generation == proof.generation => ranges,
        _ => Vec::new(),
    };
    if proof.low <= proof.high {
        ranges = merged(ranges, (proof.low, proof.high));
    }
    tx.run(
        "INSERT INTO coverage(account, feed, generation, floor, ranges, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT(account, feed) DO UPDATE SET generation = excluded.generation, floor = excluded.floor,
           ranges = excluded.ranges, at = excluded.at",
        params![
            account.as_str(),
            proof.feed,
            proof.generation.cast_signed(),
            proof.floor.cast_signed(),
            Json(&ranges),
            tx.now.0
        ],
    )?;
    Ok(())
}

/// Sorted, with touching ranges joined.
fn merged(mut ranges: Ranges, new: (u64, u64)) -> Ranges {
    ranges.push(new);
    ranges.sort_unstable();
    let mut out: Ranges = Vec::with_capacity(ranges.len());
    for (low, high) in ranges {
        match out.last_mut() {
            Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
            _ => out.push((low, high)),
        }
    }
    out
}

/// What between the floor and the newest proven item is not proven.
fn gaps(floor: u64, proven: &[(u64, u64)]) -> Ranges {
    let mut next = floor;
    let mut out = Vec::new();
    for &(low, high) in proven {
        if low > next {
            out.push((next, low - 1));
        }
        next = next.max(high.saturating_add(1));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_join_and_leave_gaps() {
        let mut ranges = Vec::new();
        for range in [(90, 100), (50, 60), (61, 70), (95, 110), (10, 10)] {
            ranges = merged(ranges, range);
        }
        assert_eq!(ranges, [(10, 10), (50, 70), (90, 110)]);
        assert_eq!(gaps(1, &ranges), [(1, 9), (11, 49), (71, 89)]);
        assert_eq!(gaps(60, &ranges), [(71, 89)]);
        assert_eq!(gaps(1, &[]), []);
    }
}
