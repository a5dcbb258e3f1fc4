//! An index of wrapped lines, for texts of any length.
//!
//! A screen's own scrolling counts lines in 16 bits and wraps the whole text for every frame. Here
//! the text is wrapped once per width, in time linear in its bytes, and a frame takes its few rows.

use super::charclass::{is_lone, lone_width};
use super::width::grapheme_width;
use std::ops::Range;
use std::sync::Arc;
use unicode_segmentation::GraphemeCursor;

/// Texts longer than this are cut: line starts are kept in 32 bits.
const MAX_BYTES: usize = u32::MAX as usize - 1;

/// Clean text, wrapped for one width. The ranges of all lines cover every byte once.
#[derive(Clone, Debug)]
pub struct WrapIndex {
    text: Arc<str>,
    width: usize,
    starts: Vec<u32>,
}

impl WrapIndex {
    /// Wraps text for a width of at least 2 columns (less is taken as 2).
    /// A single grapheme wider than that (some Indic clusters) gets a line of its own.
    pub fn new(text: impl Into<Arc<str>>, width: usize) -> Self {
        let mut text: Arc<str> = text.into();
        if text.len() > MAX_BYTES {
            text = Arc::from(&text[..text.floor_char_boundary(MAX_BYTES)]);
        }
        let width = width.max(2);
        let starts = starts(&text, width);
        Self {
            text,
            width,
            starts,
        }
    }

    /// The width it was built for.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The same text for another width; free when the width is the same.
    pub fn rewrap(&mut self, width: usize) {
        let width = width.max(2);
        if width != self.width {
            self.starts = starts(&self.text, width);
            self.width = width;
        }
    }

    /// How many lines there are; an empty text has one.
    pub fn lines(&self) -> usize {
        self.starts.len()
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All bytes of a line, with the spaces or the line end that it was broken at.
    pub fn range(&self, line: usize) -> Range<usize> {
        let end = self.text.len();
        let at = |i: usize| self.starts.get(i).map_or(end, |&s| s as usize);
        at(line)..at(line.saturating_add(1))
    }

    /// What to draw of a line; empty past the end.
    pub fn line(&self, line: usize) -> &str {
        let whole = &self.text[self.range(line)];
        match whole.strip_suffix('\n') {
            Some(hard) => fit_trailing(hard),
            None => fit_trailing(whole),
        }
    }

    /// The rows of a window: at most `rows` lines from line `from`.
    pub fn visible(&self, from: usize, rows: usize) -> impl Iterator<Item = &str> {
        let end = from.saturating_add(rows).min(self.lines());
        (from.min(end)..end).map(|i| self.line(i))
    }

    /// The line that holds a byte; the last line for anything past the end.
    pub fn line_at(&self, byte: usize) -> usize {
        self.starts
            .partition_point(|&s| s as usize <= byte)
            .saturating_sub(1)
    }
}

/// Spaces at a line's end take no columns.
fn fit_trailing(line: &str) -> &str {
    line.trim_end_matches(' ')
}

fn starts(text: &str, width: usize) -> Vec<u32> {
    let mut starts = Vec::with_capacity(text.len() / width + 16);
    starts.push(0);
    let mut from = 0;
    loop {
        let rest = &text.as_bytes()[from..];
        let end = rest.iter().position(|&b| b == b'\n').map(|n| from + n);
        let para = &text[from..end.unwrap_or(text.len())];
        if para.len() > width {
            if para.is_ascii() {
                wrap_ascii(para.as_bytes(), from, width, &mut starts);
            } else {
                wrap_any(para, from, width, &mut starts);
            }
        }
        match end {
            Some(end) => {
                from = end + 1;
                starts.push(from as u32);
            }
            None => return starts,
        }
    }
}

/// One byte, one column.
fn wrap_ascii(para: &[u8], offset: usize, width: usize, starts: &mut Vec<u32>) {
    let mut at = 0;
    while para.len() - at > width {
        // A space right after the last column hangs, and so does the run that follows it.
        let window = &para[at..=at + width];
        let mut next = match window.iter().rposition(|&b| b == b' ') {
            Some(space) => at + space + 1,
            None => at + width,
        };
        // A run of spaces from the line's start is an indent, not a place to break.
        if para[at..next].iter().all(|&b| b == b' ') && next - at <= width {
            next = at + width;
        }
        while para.get(next) == Some(&b' ') && para.get(next - 1) == Some(&b' ') {
            next += 1;
        }
        if next >= para.len() {
            return;
        }
        starts.push((offset + next) as u32);
        at = next;
    }
}

/// The grapheme at `at`: its end and columns. Most text never asks the segmenter.
fn grapheme(para: &str, at: usize) -> (usize, usize) {
    let mut chars = para[at..].chars();
    let Some(first) = chars.next() else {
        return (para.len(), 0);
    };
    let after = at + first.len_utf8();
    if is_lone(first) && chars.next().is_none_or(is_lone) {
        return (after, lone_width(first));
    }
    let mut cursor = GraphemeCursor::new(at, para.len(), true);
    let end = cursor
        .next_boundary(para, 0)
        .ok()
        .flatten()
        .unwrap_or(after);
    (end, grapheme_width(&para[at..end]))
}

fn wrap_any(para: &str, offset: usize, width: usize, starts: &mut Vec<u32>) {
    let bytes = para.as_bytes();
    let mut at = 0; // where the grapheme under the eye begins
    let mut used = 0; // columns of this line before it
    let mut line = 0; // where this line begins
    let mut word = 0; // where the line may break: the start of the current word
    let mut word_used = 0; // columns of this line before that word
    let mut inked = false; // something but spaces is on this line
    while at < para.len() {
        let (end, cols) = grapheme(para, at);
        if bytes[at] == b' ' && end - at == 1 {
            // Spaces hang at the end and never begin a new line by themselves.
            at = end;
            used += 1;
            if inked {
                word = at;
                word_used = used;
            }
            continue;
        }
        if cols >= 2 && inked && at > line && used <= width {
            // Wide scripts may break before any character.
            word = at;
            word_used = used;
        }
        if used + cols > width && at > line {
            let (next, before) = if word > line {
                (word, word_used)
            } else {
                (at, used)
            };
            starts.push((offset + next) as u32);
            line = next;
            word = next;
            used -= before;
            word_used = 0;
            // A long indent before the first word can leave the rest still too wide.
            if used + cols > width && at > line {
                starts.push((offset + at) as u32);
                line = at;
                word = at;
                used = 0;
            }
        }
        inked = true;
        used += cols;
        at = end;
        if cols >= 2 {
            word = at;
            word_used = used;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::width::width;
    use proptest::prelude::*;

    fn wrapped(text: &str, width: usize) -> Vec<String> {
        let index = WrapIndex::new(text, width);
        (0..index.lines())
            .map(|i| index.line(i).to_owned())
            .collect()
    }

    #[test]
    fn table() {
        for (text, width, want) in [
            ("", 10, vec![""]),
            ("a\n\nb\n", 10, vec!["a", "", "b", ""]),
            ("the quick brown fox", 10, vec!["the quick", "brown fox"]),
            ("the quick brown", 9, vec!["the quick", "brown"]),
            ("abcdefghijkl", 5, vec!["abcde", "fghij", "kl"]),
            ("a abcdefghijkl", 5, vec!["a", "abcde", "fghij", "kl"]),
            ("漢字漢字漢", 5, vec!["漢字", "漢字", "漢"]),
            ("über alles gut", 10, vec!["über alles", "gut"]),
            ("  indented text é", 8, vec!["  indent", "ed text", "é"]),
            ("x 漢字 yz é", 6, vec!["x 漢字", "yz é"]),
            ("aé     b", 4, vec!["aé", "b"]),
            ("ab     b", 4, vec!["ab", "b"]),
        ] {
            assert_eq!(wrapped(text, width), want, "{text:?} at {width}");
        }
    }

    #[test]
    fn a_wide_character_never_crosses_the_edge() {
        let text = format!("{}漢", "x".repeat(79));
        assert_eq!(wrapped(&text, 80), vec!["x".repeat(79), "漢".to_owned()]);
    }

    #[test]
    fn windows_past_the_end_are_empty() {
        let index = WrapIndex::new("a\nb\nc", 10);
        assert_eq!(index.visible(1, 5).collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(index.visible(9, 5).count(), 0);
        assert_eq!(index.line(9), "");
        assert_eq!(index.line_at(2), 1);
        assert_eq!(index.line_at(99), 2);
    }

    #[test]
    fn far_beyond_sixteen_bits() {
        let text = "line\n".repeat(100_000);
        let index = WrapIndex::new(text, 80);
        assert_eq!(index.lines(), 100_001);
        assert_eq!(index.line(99_999), "line");
    }

    proptest! {
        #[test]
        fn covers_every_byte_and_never_overflows(s in "([a-z]{0,12}|漢|é|👩\u{200d}👧|क्षि| {1,6}|\n){0,60}", w in 4usize..20) {
            let s = crate::text::sanitize_block(&s).text;
            let index = WrapIndex::new(s.as_str(), w);
            let mut at = 0;
            for i in 0..index.lines() {
                let r = index.range(i);
                prop_assert_eq!(r.start, at);
                at = r.end;
                prop_assert!(width(index.line(i)) <= w, "{:?}", index.line(i));
            }
            prop_assert_eq!(at, s.len());
        }
    }
}
