//! A set of UIDs as ranges: compact however large the mailbox is.

use std::fmt;

/// Ranges of UIDs, both ends included, ascending, never touching.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UidSet(Vec<(u32, u32)>);

impl UidSet {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything from `low` to `high`.
    pub fn range(low: u32, high: u32) -> Self {
        if low > high || high == 0 {
            Self::default()
        } else {
            Self(vec![(low.max(1), high)])
        }
    }

    /// Reads `1:5,9`; `None` when it is anything else, `*` included.
    pub fn parse(text: &str) -> Option<Self> {
        let mut ranges = Vec::new();
        for piece in text.split(',').filter(|piece| !piece.is_empty()) {
            let (low, high) = piece.split_once(':').unwrap_or((piece, piece));
            let (low, high): (u32, u32) = (low.parse().ok()?, high.parse().ok()?);
            if low == 0 || high == 0 {
                return None;
            }
            ranges.push((low.min(high), low.max(high)));
        }
        Some(Self::joined(ranges))
    }

    fn joined(mut ranges: Vec<(u32, u32)>) -> Self {
        ranges.sort_unstable();
        let mut out: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (low, high) in ranges {
            match out.last_mut() {
                Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
                _ => out.push((low, high)),
            }
        }
        Self(out)
    }

    /// Nothing in it?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many UIDs.
    pub fn len(&self) -> u64 {
        self.0
            .iter()
            .map(|(low, high)| u64::from(high - low) + 1)
            .sum()
    }

    /// The lowest one.
    pub fn min(&self) -> Option<u32> {
        self.0.first().map(|range| range.0)
    }

    /// The highest one.
    pub fn max(&self) -> Option<u32> {
        self.0.last().map(|range| range.1)
    }

    /// The lowest `count` of them.
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        let mut left = count as u64;
        let mut out = Vec::new();
        for &(low, high) in &self.0 {
            if left == 0 {
                break;
            }
            let size = u64::from(high - low) + 1;
            let taken = size.min(left);
            out.push((low, low + (taken - 1) as u32));
            left -= taken;
        }
        Self(out)
    }

    /// The highest `count` of them.
    #[must_use]
    pub fn last(&self, count: usize) -> Self {
        let mut left = count as u64;
        let mut out = Vec::new();
        for &(low, high) in self.0.iter().rev() {
            if left == 0 {
                break;
            }
            let size = u64::from(high - low) + 1;
            let taken = size.min(left);
            out.push((high - (taken - 1) as u32, high));
            left -= taken;
        }
        out.reverse();
        Self(out)
    }

    /// Is it in the set?
    pub fn contains(&self, uid: u32) -> bool {
        let at = self.0.partition_point(|range| range.1 < uid);
        self.0.get(at).is_some_and(|range| range.0 <= uid)
    }

    /// All of both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::joined(self.0.iter().chain(&other.0).copied().collect())
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut a, mut b) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut out = Vec::new();
        while let (Some(&&(a_low, a_high)), Some(&&(b_low, b_high))) = (a.peek(), b.peek()) {
            let (low, high) = (a_low.max(b_low), a_high.min(b_high));
            if low <= high {
                out.push((low, high));
            }
            if a_high < b_high {
                a.next();
            } else {
                b.next();
            }
        }
        Self(out)
    }

    /// What is in `self` and not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let mut out = Vec::new();
        let mut holes = other.0.iter().peekable();
        for &(low, high) in &self.0 {
            let mut from = u64::from(low);
            while let Some(&&(hole_low, hole_high)) = holes.peek() {
                if hole_high < low {
                    holes.next();
                    continue;
                }
                if hole_low > high {
                    break;
                }
                if u64::from(hole_low) > from {
                    out.push((from as u32, hole_low - 1));
                }
                from = from.max(u64::from(hole_high) + 1);
                if hole_high > high {
                    break;
                }
                holes.next();
            }
            if from <= u64::from(high) {
                out.push((from as u32, high));
            }
        }
        Self(out)
    }

    /// Each one, ascending. Take care: a range of four milliards is a range of four milliards.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().flat_map(|&(low, high)| low..=high)
    }
}

impl FromIterator<u32> for UidSet {
    fn from_iter<T: IntoIterator<Item = u32>>(uids: T) -> Self {
        Self::joined(
            uids.into_iter()
                .filter(|uid| *uid > 0)
                .map(|uid| (uid, uid))
                .collect(),
        )
    }
}

impl fmt::Display for UidSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (low, high)) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            if low == high {
                write!(f, "{low}")?;
            } else {
                write!(f, "{low}:{high}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> UidSet {
        UidSet::parse(text).unwrap()
    }

    #[test]
    fn reads_and_writes() {
        for (text, out, len) in [
            ("1", "1", 1),
            ("3:1,4", "1:4", 4),
            ("9,1:2,5", "1:2,5,9", 4),
            ("1:4294967295", "1:4294967295", 4_294_967_295),
            ("", "", 0),
        ] {
            assert_eq!(set(text).to_string(), out);
            assert_eq!(set(text).len(), len);
        }
        for wrong in ["0", "1:*", "x", "-1", "4294967296"] {
            assert_eq!(UidSet::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn set_arithmetic_agrees_with_the_plain_kind() {
        let universe = 1..=12_u32;
        for a_bits in (0_u32..4096).step_by(7) {
            for b_bits in (0_u32..4096).step_by(61) {
                let pick = |bits: u32| -> UidSet {
                    universe
                        .clone()
                        .filter(|n| bits >> (n - 1) & 1 == 1)
                        .collect()
                };
                let (a, b) = (pick(a_bits), pick(b_bits));
                assert_eq!(a.difference(&b), pick(a_bits & !b_bits));
                assert_eq!(a.intersection(&b), pick(a_bits & b_bits));
                assert_eq!(a.union(&b), pick(a_bits | b_bits));
                assert!(
                    universe
                        .clone()
                        .all(|n| a.contains(n) == (a_bits >> (n - 1) & 1 == 1))
                );
            }
        }
    }

    #[test]
    fn some_from_either_end() {
        let some = set("1:3,7,9:12");
        for (count, first, last) in [
            (0, "", ""),
            (2, "1:2", "11:12"),
            (4, "1:3,7", "9:12"),
            (5, "1:3,7,9", "7,9:12"),
            (99, "1:3,7,9:12", "1:3,7,9:12"),
        ] {
            assert_eq!(some.first(count).to_string(), first);
            assert_eq!(some.last(count).to_string(), last);
        }
        assert_eq!((some.min(), some.max()), (Some(1), Some(12)));
    }

    #[test]
    fn the_last_uid_does_not_overflow() {
        let all = UidSet::range(1, u32::MAX);
        assert_eq!(
            all.difference(&set("4294967295")).to_string(),
            "1:4294967294"
        );
        assert_eq!(all.difference(&set("1")).to_string(), "2:4294967295");
        assert_eq!(all.union(&set("7")), all);
    }
}
