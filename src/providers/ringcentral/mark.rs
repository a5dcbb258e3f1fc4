//! How far each feed was read.

use crate::model::event::Coverage;
use crate::model::{Cursor, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far everything was read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Mark {
    pub(super) messages: Side,
    pub(super) calls: Side,
    /// Voicemails whose transcription is still to be fetched, and how often that was tried.
    pub(super) later: BTreeMap<String, u8>,
}

/// How far one feed was read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Side {
    /// Where its next sync goes on.
    pub(super) token: Option<String>,
    /// Everything up to here is read, by their clock.
    pub(super) at: i64,
    /// When it was last asked, by ours.
    pub(super) asked: i64,
    /// Nothing before this is wanted.
    pub(super) start: i64,
    /// Which calls it was begun for.
    pub(super) group: Option<String>,
    /// Older items that were not read yet.
    pub(super) back: Option<Back>,
}

/// A stretch that is read page by page, from its end backwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Back {
    /// Its end.
    pub(super) to: i64,
    /// Its beginning.
    pub(super) until: i64,
    /// The next page.
    pub(super) page: u32,
}

/// Items with one creation time may lie on both sides of a page's end.
const OVERLAP_MS: i64 = 1_000;

impl Back {
    pub(super) fn new(to: i64, until: i64) -> Self {
        Self { to, until, page: 1 }
    }

    /// Where to go on after a page whose oldest item is of `oldest`. The end moves rather than the page's number: a
    /// deletion in between would shift the pages.
    pub(super) fn after(self, oldest: i64) -> Self {
        let to = oldest.saturating_add(OVERLAP_MS);
        if to < self.to {
            Self::new(to, self.until)
        } else {
            Self {
                page: self.page.saturating_add(1),
                ..self
            }
        }
    }

    /// This stretch and another one, as one.
    pub(super) fn with(self, other: Option<Self>) -> Self {
        other.map_or(self, |other| {
            Self::new(self.to.max(other.to), self.until.min(other.until))
        })
    }
}

impl Mark {
    pub(super) fn read(cursor: Option<&Cursor>) -> Self {
        cursor
            .and_then(|cursor| serde_json::from_str(&cursor.0).ok())
            .unwrap_or_default()
    }

    pub(super) fn cursor(&self) -> Option<Cursor> {
        serde_json::to_string(self).ok().map(Cursor)
    }
}

/// A proof for a feed by time.
pub(super) fn proven(feed: &str, low: i64, high: i64, floor: i64) -> Coverage {
    let unsigned = |at: i64| u64::try_from(at).unwrap_or(0);
    Coverage {
        feed: feed.to_owned(),
        generation: 0,
        low: unsigned(low.min(high)),
        high: unsigned(high),
        floor: unsigned(floor),
    }
}

/// The beginning of the wanted history.
pub(super) fn start(days: u32, now: Timestamp) -> i64 {
    if days == 0 {
        // RingCentral has nothing from before it was there.
        return 946_684_800_000;
    }
    (now.0 - i64::from(days) * crate::model::time::DAY).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_move_back_and_always_on() {
        let back = Back::new(100_000, 0);
        assert_eq!(back.after(50_000), Back::new(51_000, 0));
        // A page full of one moment: only its number brings us on.
        let stuck = Back::new(51_000, 0).after(50_000);
        assert_eq!((stuck.to, stuck.page), (51_000, 2));
        assert_eq!(stuck.after(50_500).page, 3);
        assert_eq!(stuck.after(40_000), Back::new(41_000, 0));
        assert_eq!(Back::new(9, 5).with(Some(Back::new(4, 1))), Back::new(9, 1));
    }

    #[test]
    fn a_foreign_cursor_is_a_beginning() {
        for text in ["", "7", "{\"messages\":7}", "null"] {
            assert_eq!(Mark::read(Some(&Cursor(text.to_owned()))), Mark::default());
        }
        let mark = Mark {
            later: BTreeMap::from([("5".to_owned(), 1)]),
            ..Mark::default()
        };
        assert_eq!(Mark::read(mark.cursor().as_ref()), mark);
    }
}
