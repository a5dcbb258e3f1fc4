//! Windows of UIDs: which messages are there, read from the newest down or from the oldest up.

use crate::providers::email::imap::{Fetch, ImapError, ImapSession, UidSet};
use std::collections::BTreeMap;

/// Messages found going down, newest first; everything from `low` up was looked at.
pub struct Down {
    /// What is there.
    pub metas: Vec<Fetch>,
    /// The lowest UID looked at; one above the range where there was nothing to look at.
    pub low: u32,
}

/// Messages found going up, newest first; everything up to `high` was looked at.
pub struct Up {
    /// What is there.
    pub metas: Vec<Fetch>,
    /// The highest UID looked at.
    pub high: u32,
}

/// The newest messages from `top` down to `floor`, at most `want` of at most `bytes` together, but at least one.
pub async fn down(
    session: &mut ImapSession,
    floor: u32,
    top: u32,
    want: usize,
    bytes: u64,
) -> Result<Down, ImapError> {
    let floor = floor.max(1);
    let mut low = top.saturating_add(1);
    let mut found = Found::new();
    if low > floor {
        low = low.saturating_sub(want as u32).max(floor);
        window(session, &UidSet::range(low, top), &mut found).await?;
    }
    // UIDs may lie far apart: then the server is asked which ones there are, rather than for one empty window after
    // another.
    if low > floor && found.len() < want / 2 {
        let there = ask(session, floor, low - 1).await?;
        let next = there.last(want - found.len());
        low = if next.len() < there.len() {
            next.min().unwrap_or(floor)
        } else {
            floor
        };
        window(session, &next, &mut found).await?;
    }
    let mut metas: Vec<Fetch> = found.into_values().rev().collect();
    if limit(&mut metas, want, bytes) {
        low = metas.last().and_then(|meta| meta.uid).unwrap_or(low);
    }
    Ok(Down { metas, low })
}

/// The oldest messages from `from` up to `top`, limited in the same way.
pub async fn up(
    session: &mut ImapSession,
    from: u32,
    top: u32,
    want: usize,
    bytes: u64,
) -> Result<Up, ImapError> {
    let mut high = from.saturating_sub(1);
    let mut found = Found::new();
    if high < top {
        high = high.saturating_add(want as u32).min(top);
        window(session, &UidSet::range(from, high), &mut found).await?;
    }
    if high < top && found.len() < want / 2 {
        let there = ask(session, high + 1, top).await?;
        let next = there.first(want - found.len());
        high = if next.len() < there.len() {
            next.max().unwrap_or(top)
        } else {
            top
        };
        window(session, &next, &mut found).await?;
    }
    let mut metas: Vec<Fetch> = found.into_values().collect();
    if limit(&mut metas, want, bytes) {
        high = metas.last().and_then(|meta| meta.uid).unwrap_or(high);
    }
    metas.reverse();
    Ok(Up { metas, high })
}

type Found = BTreeMap<u32, Fetch>;

async fn ask(session: &mut ImapSession, low: u32, high: u32) -> Result<UidSet, ImapError> {
    let range = UidSet::range(low, high);
    let there = session.search(&format!("UID {low}:{high}")).await?;
    Ok(there.intersection(&range))
}

/// Cuts the list; true if it was cut.
fn limit(metas: &mut Vec<Fetch>, want: usize, bytes: u64) -> bool {
    let mut sum = 0_u64;
    let keep = metas
        .iter()
        .take(want)
        .take_while(|meta| {
            sum = sum.saturating_add(meta.size.unwrap_or(0));
            sum <= bytes
        })
        .count()
        .max(1);
    if keep < metas.len() {
        metas.truncate(keep);
        true
    } else {
        false
    }
}

/// What there is to know of these messages without fetching them. The set is spelt out and what lies outside is
/// dropped: `n:*` would always bring the last message, however old.
async fn window(
    session: &mut ImapSession,
    uids: &UidSet,
    found: &mut Found,
) -> Result<(), ImapError> {
    if uids.is_empty() {
        return Ok(());
    }
    let gmail = if session.has("X-GM-EXT-1") {
        " X-GM-THRID X-GM-LABELS"
    } else {
        ""
    };
    let asked = format!("{uids} (UID FLAGS INTERNALDATE RFC822.SIZE{gmail})");
    for fetch in session.fetch(&[asked], 1).await? {
        let Some(uid) = fetch.uid.filter(|uid| uids.contains(*uid)) else {
            continue;
        };
        merge(found.entry(uid).or_default(), fetch);
    }
    // A change of flags that came by itself, in the middle, is no message of the window yet.
    found.retain(|_, fetch| fetch.size.is_some());
    Ok(())
}

/// A server may tell of one message in several responses.
pub fn merge(into: &mut Fetch, from: Fetch) {
    into.seq = from.seq;
    into.uid = from.uid.or(into.uid);
    into.flags = from.flags.or(into.flags);
    into.modseq = from.modseq.or(into.modseq);
    into.size = from.size.or(into.size);
    if from.internal_date.is_some() {
        into.internal_date = from.internal_date;
    }
    if from.gmail_thread.is_some() {
        into.gmail_thread = from.gmail_thread;
    }
    if !from.gmail_labels.is_empty() {
        into.gmail_labels = from.gmail_labels;
    }
    if from.structure.is_some() {
        into.structure = from.structure;
    }
    into.sections.extend(from.sections);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta(uid: u32, size: u64) -> Fetch {
        Fetch {
            uid: Some(uid),
            size: Some(size),
            ..Fetch::default()
        }
    }

    #[test]
    fn a_batch_is_cut_by_number_and_bytes_but_never_to_nothing() {
        let all = || (1..=5).map(|uid| meta(uid, 10)).collect::<Vec<_>>();
        for (want, bytes, keep) in [(5, 100, 5), (3, 100, 3), (5, 25, 2), (5, 1, 1)] {
            let mut metas = all();
            assert_eq!(limit(&mut metas, want, bytes), keep < 5);
            assert_eq!(metas.len(), keep);
        }
    }
}
