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
    pub(super) recordings: Side,
    /// What we sent and is not at its end: SID, when it was first seen, when it was last asked for.
    pub(super) open: BTreeMap<String, (i64, i64)>,
}

/// How far one feed was read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Side {
    /// Everything up to here is read.
    pub(super) at: i64,
    /// Nothing before this is wanted.
    pub(super) start: i64,
    /// When its first page was last asked for.
    pub(super) asked: i64,
    /// A read that goes over several pages.
    pub(super) run: Option<Run>,
    /// What is near the end of the feed and how it stood, so that it is told again only when it changed.
    pub(super) near: BTreeMap<String, (i64, String)>,
}

/// A read from the newest item backwards.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Run {
    /// The next page, as Twilio named it.
    pub(super) next: String,
    /// When it began: once it ends, everything up to here is read.
    pub(super) high: i64,
    /// How far back it goes.
    pub(super) until: i64,
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
        // Twilio has nothing from before it was there.
        return 1_199_145_600_000;
    }
    (now.0 - i64::from(days) * crate::model::time::DAY).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_cursor_is_a_beginning() {
        for text in ["", "7", "{\"messages\":7}", "null"] {
            assert_eq!(Mark::read(Some(&Cursor(text.to_owned()))), Mark::default());
        }
        let mark = Mark {
            open: BTreeMap::from([("SM1".to_owned(), (1, 2))]),
            ..Mark::default()
        };
        assert_eq!(Mark::read(mark.cursor().as_ref()), mark);
    }
}
