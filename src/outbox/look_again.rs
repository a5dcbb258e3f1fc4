//! Looks again at what may or may not have been sent: what the provider's list lacked at once it may show a little later,
//! and what a list that covers the whole time still lacks then was not sent.
//!
//! A person sees such a row at once and may settle it before; then nothing here touches it any more.

use super::worker::OutboxTask;
use crate::model::OutboxId;
use crate::providers::Reconciled;
use crate::store::{Claimed, StoreError};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// Rows that are older are left to people: sent now, they would surprise.
const RECENT_MS: i64 = 60 * 60 * 1_000;
/// Between looks that told nothing.
const PAUSE: Duration = Duration::from_mins(2);
/// Looks at one row that told nothing.
const LOOKS: u32 = 5;

/// What was looked at since this process began: a clock that jumps settles nothing.
#[derive(Default)]
pub(super) struct Looked(BTreeMap<OutboxId, Look>);

struct Look {
    fence: i64,
    began: Instant,
    next: Instant,
    told_nothing: u32,
}

impl OutboxTask {
    /// Looks at every row whose time has come, and says in how long the next one's comes.
    pub(super) async fn look_again(
        &self,
        looked: &mut Looked,
    ) -> Result<Option<Duration>, StoreError> {
        if !self.provider.capabilities().look_up {
            return Ok(None);
        }
        let rows = self.store.outbox_unknown(&self.account).await?;
        let known = |id: &OutboxId, look: &Look| {
            rows.iter()
                .any(|row| row.row.out.id == *id && row.fence == look.fence)
        };
        looked.0.retain(|id, look| known(id, look));
        let now = self.clock.now();
        let mut next: Option<Instant> = None;
        for claimed in rows {
            if now.since(claimed.row.since) > RECENT_MS {
                continue;
            }
            let began = Instant::now();
            let look = looked.0.entry(claimed.row.out.id).or_insert(Look {
                fence: claimed.fence,
                began,
                next: began,
                told_nothing: 0,
            });
            if look.told_nothing >= LOOKS {
                continue;
            }
            if look.next <= began && !self.look_at(&claimed, look).await? {
                continue;
            }
            next = Some(next.map_or(look.next, |next| next.min(look.next)));
        }
        Ok(next.map(|next| next.saturating_duration_since(Instant::now())))
    }

    /// Looks at one; whether to look once more.
    async fn look_at(&self, claimed: &Claimed, look: &mut Look) -> Result<bool, StoreError> {
        let (id, fence) = (claimed.row.out.id, claimed.fence);
        match self.reconciled(claimed).await {
            Reconciled::Found(receipt) => {
                let sent = crate::store::SendResult::Sent(receipt);
                self.store.outbox_finish(id, fence, sent).await?;
                Ok(false)
            }
            Reconciled::Absent => {
                self.store.outbox_requeue(id, fence).await?;
                Ok(false)
            }
            Reconciled::Unlisted { settles } if look.began.elapsed() >= settles => {
                self.store.outbox_requeue(id, fence).await?;
                Ok(false)
            }
            Reconciled::Unlisted { settles } => {
                look.next = look.began + settles;
                Ok(true)
            }
            Reconciled::CannotTell => {
                look.told_nothing += 1;
                look.next = Instant::now() + PAUSE;
                Ok(look.told_nothing < LOOKS)
            }
        }
    }
}
