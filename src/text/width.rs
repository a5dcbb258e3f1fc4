//! Columns: the one module that decides how wide text is, and cuts it to fit.
//!
//! Widths are summed over graphemes, as the screen places them one by one.

use std::borrow::Cow;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// What stands where text was cut. One column.
pub const ELLIPSIS: char = '…';

/// Columns of one grapheme.
pub fn grapheme_width(grapheme: &str) -> usize {
    if grapheme.len() == 1 {
        1
    } else {
        grapheme.width()
    }
}

/// Columns of a line of clean text.
pub fn width(line: &str) -> usize {
    if line.is_ascii() {
        line.len()
    } else {
        line.graphemes(true).map(grapheme_width).sum()
    }
}

/// The longest prefix of `line` that takes at most `cols` columns: its byte length and columns.
fn prefix(line: &str, cols: usize) -> (usize, usize) {
    let (mut bytes, mut used) = (0, 0);
    for g in line.graphemes(true) {
        let w = grapheme_width(g);
        if used + w > cols {
            break;
        }
        used += w;
        bytes += g.len();
    }
    (bytes, used)
}

/// As [`prefix`], counted from the end.
fn suffix(line: &str, cols: usize) -> (usize, usize) {
    let (mut bytes, mut used) = (0, 0);
    for g in line.graphemes(true).rev() {
        let w = grapheme_width(g);
        if used + w > cols {
            break;
        }
        used += w;
        bytes += g.len();
    }
    (bytes, used)
}

/// Does the line fit? Looks at no more of it than it must.
fn fits(line: &str, cols: usize) -> bool {
    if line.is_ascii() {
        line.len() <= cols
    } else {
        prefix(line, cols).0 == line.len()
    }
}

/// At most `cols` columns of `line`; a cut end becomes `…`.
pub fn clip(line: &str, cols: usize) -> Cow<'_, str> {
    if fits(line, cols) {
        return Cow::Borrowed(line);
    }
    if cols == 0 {
        return Cow::Borrowed("");
    }
    let (bytes, _) = prefix(line, cols - 1);
    let mut out = String::with_capacity(bytes + 3);
    out.push_str(&line[..bytes]);
    out.push(ELLIPSIS);
    Cow::Owned(out)
}

/// At most `cols` columns; keeps the end, as for a host whose last labels say who owns it.
pub fn clip_start(line: &str, cols: usize) -> Cow<'_, str> {
    if fits(line, cols) {
        return Cow::Borrowed(line);
    }
    if cols == 0 {
        return Cow::Borrowed("");
    }
    let (bytes, _) = suffix(line, cols - 1);
    Cow::Owned(format!("{ELLIPSIS}{}", &line[line.len() - bytes..]))
}

/// At most `cols` columns; keeps both ends, as for an address.
pub fn clip_middle(line: &str, cols: usize) -> Cow<'_, str> {
    if fits(line, cols) {
        return Cow::Borrowed(line);
    }
    if cols < 3 {
        return clip(line, cols);
    }
    let (head, used) = prefix(line, (cols - 1) / 2);
    let (tail, _) = suffix(line, cols - 1 - used);
    Cow::Owned(format!(
        "{}{ELLIPSIS}{}",
        &line[..head],
        &line[line.len() - tail..]
    ))
}

/// Exactly `cols` columns, filled with spaces at the end.
pub fn pad(line: &str, cols: usize) -> String {
    let mut out = clip(line, cols).into_owned();
    let missing = cols.saturating_sub(width(&out));
    out.extend(std::iter::repeat_n(' ', missing));
    out
}

/// Exactly `cols` columns, filled with spaces at the start.
pub fn pad_start(line: &str, cols: usize) -> String {
    let text = clip(line, cols);
    let missing = cols.saturating_sub(width(&text));
    let mut out = " ".repeat(missing);
    out.push_str(&text);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn widths() {
        for (s, want) in [
            ("abc", 3),
            ("漢字", 4),
            ("e\u{301}", 1),
            ("☎\u{fe0f}", 2),
            ("👨\u{200d}👩\u{200d}👧", 2),
            ("🇫🇷", 2),
            ("…", 1),
            ("", 0),
            ("สวัสดี", 4),
            ("لا", 2),
        ] {
            assert_eq!(width(s), want, "{s:?}");
        }
    }

    #[test]
    fn clips() {
        assert_eq!(clip("hello", 5), "hello");
        assert_eq!(clip("hello", 4), "hel…");
        assert_eq!(clip("漢字漢", 4), "漢…");
        assert_eq!(clip("hello", 0), "");
        assert_eq!(clip("漢", 1), "…");
        assert_eq!(clip_start("www.evil.example", 8), "…example");
        assert_eq!(clip_middle("someone.long@example.org", 11), "someo…e.org");
        assert_eq!(pad("漢字漢", 6), "漢字漢");
        assert_eq!(pad("漢字漢", 4), "漢… ");
        assert_eq!(pad_start("7", 3), "  7");
    }

    proptest! {
        #[test]
        fn never_overflows(s in "\\PC{0,40}", cols in 0usize..30) {
            let s = crate::text::sanitize_line(&s).text;
            prop_assert!(width(&clip(&s, cols)) <= cols);
            prop_assert!(width(&clip_start(&s, cols)) <= cols);
            prop_assert!(width(&clip_middle(&s, cols)) <= cols);
            prop_assert_eq!(width(&pad(&s, cols)), cols);
            prop_assert_eq!(width(&pad_start(&s, cols)), cols);
        }
    }
}
