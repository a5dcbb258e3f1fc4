//! What changed between two texts, sentence by sentence.

use std::collections::HashMap;
use std::ops::Range;

/// Sentences per text that are compared; of longer texts the rest counts as changed.
const MOST: usize = 400;

/// What changed from one text to another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Difference<'a> {
    /// Byte ranges of the new text that the old one does not have, in order.
    pub added: Vec<Range<usize>>,
    /// Sentences of the old text that the new one does not have, in order.
    pub removed: Vec<&'a str>,
}

/// Compares two texts by their sentences; blanks between them do not count.
pub fn sentences<'a>(before: &'a str, after: &str) -> Difference<'a> {
    let old = split(before);
    let new = split(after);
    let text = |of: &Range<usize>, whole: &'a str| whole.get(of.clone()).unwrap_or_default();
    let kept = common(
        &numbered(&old, before, &new, after),
        old.len().min(MOST),
        new.len().min(MOST),
    );
    let stays = |at: usize, side: fn(&(usize, usize)) -> usize| kept.iter().any(|k| side(k) == at);
    Difference {
        added: new
            .iter()
            .enumerate()
            .filter(|(at, _)| !stays(*at, |k| k.1))
            .map(|(_, range)| range.clone())
            .collect(),
        removed: old
            .iter()
            .enumerate()
            .filter(|(at, _)| !stays(*at, |k| k.0))
            .map(|(_, range)| text(range, before))
            .collect(),
    }
}

/// Each sentence as a number, the same for the same words.
fn numbered(
    old: &[Range<usize>],
    before: &str,
    new: &[Range<usize>],
    after: &str,
) -> (Vec<usize>, Vec<usize>) {
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut number = |ranges: &[Range<usize>], whole: &str| -> Vec<usize> {
        ranges
            .iter()
            .take(MOST)
            .map(|range| {
                let text = whole.get(range.clone()).unwrap_or_default().to_owned();
                let next = known.len();
                *known.entry(text).or_insert(next)
            })
            .collect()
    };
    (number(old, before), number(new, after))
}

/// The longest run of pairs that both have in the same order.
fn common(
    (old, new): &(Vec<usize>, Vec<usize>),
    rows: usize,
    columns: usize,
) -> Vec<(usize, usize)> {
    // longest[i][j]: how many pairs there are in old[i..] and new[j..].
    let width = columns + 1;
    let mut longest = vec![0_u16; (rows + 1) * width];
    for i in (0..rows).rev() {
        for j in (0..columns).rev() {
            longest[i * width + j] = if old[i] == new[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut pairs = Vec::new();
    while i < rows && j < columns {
        if old[i] == new[j] {
            pairs.push((i, j));
            i += 1;
            j += 1;
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// Sentences and lines, without the blanks around them.
fn split(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    let mut push = |start: usize, end: usize| {
        let piece = text.get(start..end).unwrap_or_default();
        let from = start + (piece.len() - piece.trim_start().len());
        let to = from + piece.trim().len();
        if from < to {
            ranges.push(from..to);
        }
    };
    let mut ended = false;
    for (at, c) in text.char_indices() {
        let wide = matches!(c, '。' | '！' | '？');
        if c == '\n' || (ended && c.is_whitespace()) {
            push(start, at);
            start = at;
        } else if wide {
            push(start, at + c.len_utf8());
            start = at + c.len_utf8();
        }
        ended = matches!(c, '.' | '!' | '?' | '…' | '।' | '؟');
    }
    push(start, text.len());
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_and_what_is_gone() {
        for (before, after, added, removed) in [
            ("", "", vec![], vec![]),
            ("One. Two.", "One. Two.", vec![], vec![]),
            ("One.  Two.", "One.\nTwo.", vec![], vec![]),
            (
                "One. Two. Three.",
                "One. 2! Three.",
                vec!["2!"],
                vec!["Two."],
            ),
            (
                "Hi Ana,\n\nyes.",
                "Hi Ana,\n\nno.\nSorry",
                vec!["no.", "Sorry"],
                vec!["yes."],
            ),
            ("", "v1.2 is out", vec!["v1.2 is out"], vec![]),
            (
                "はい。いいえ。",
                "いいえ。はい。",
                vec!["はい。"],
                vec!["はい。"],
            ),
            ("a. b. c.", "b. c. a.", vec!["a."], vec!["a."]),
        ] {
            let found = sentences(before, after);
            let got: Vec<_> = found.added.iter().map(|r| &after[r.clone()]).collect();
            assert_eq!(
                (got, found.removed),
                (added, removed),
                "{before:?} {after:?}"
            );
        }
    }

    #[test]
    fn long_texts_take_no_time() {
        let long: String = (0..50_000).fold(String::new(), |out, n| out + &format!("{n}. "));
        let start = std::time::Instant::now();
        let found = sentences(&long, &long);
        assert_eq!(found.added.len(), 50_000 - MOST);
        assert!(start.elapsed().as_secs() < 5);
    }
}
