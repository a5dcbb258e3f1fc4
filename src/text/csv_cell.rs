//! Cells that no spreadsheet takes for a formula.

use std::borrow::Cow;

/// The cell as it may be exported: one that a spreadsheet might compute gets a `'` before it.
///
/// Quoting commas and line ends is the writer's work. Numbers and phone numbers (`-5.00`,
/// `+15550002222`) are kept as they are: they are nothing to compute. [`original`] takes the mark
/// off again, so that what was exported comes back the same.
pub fn safe_cell(cell: &str) -> Cow<'_, str> {
    if is_risky(cell) || has_mark(cell) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// The text that [`safe_cell`] was given.
pub fn original(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_risky(rest) || has_mark(rest) => rest,
        _ => cell,
    }
}

/// Looks as if it had a mark of ours already.
fn has_mark(cell: &str) -> bool {
    cell.strip_prefix('\'')
        .is_some_and(|rest| is_risky(rest) || has_mark(rest))
}

fn is_risky(cell: &str) -> bool {
    // Some programs look past blanks, and some past a byte order mark or no-break space.
    let text = cell.trim_start_matches(|c: char| {
        c == ' ' || (c.is_whitespace() && !c.is_control()) || "\u{feff}\u{200b}\0".contains(c)
    });
    let Some(first) = text.chars().next() else {
        return false;
    };
    match first {
        '+' | '-' if is_number(&text[1..]) => false,
        '=' | '+' | '-' | '@' | '|' | '%' | '\t' | '\r' | '\n' => true,
        '＝' | '＋' | '－' | '＠' | '−' | '﹢' | '﹦' | '﹣' | '﹫' => true,
        _ => first.is_control(),
    }
}

/// Digits with at most one dot: nothing that a spreadsheet could run.
fn is_number(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && text.bytes().filter(|&b| b == b'.').count() <= 1
        && text.bytes().any(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn table() {
        for (cell, want) in [
            ("plain", "plain"),
            ("", ""),
            ("=1+1", "'=1+1"),
            ("+1+1", "'+1+1"),
            ("-1+1", "'-1+1"),
            ("@SUM(1)", "'@SUM(1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            (" =1", "' =1"),
            ("\u{a0}=1", "'\u{a0}=1"),
            ("＝1+1", "'＝1+1"),
            ("|calc", "'|calc"),
            ("+15550002222", "+15550002222"),
            ("-5.00", "-5.00"),
            ("a,=1", "a,=1"),
            ("'=1", "''=1"),
            ("'quoted'", "'quoted'"),
        ] {
            assert_eq!(safe_cell(cell), want, "{cell:?}");
        }
    }

    proptest! {
        #[test]
        fn comes_back_the_same(s in prop_oneof![any::<String>(), "['=+@ 1a\t-]{0,8}"]) {
            let safe = safe_cell(&s);
            prop_assert!(!is_risky(&safe));
            prop_assert_eq!(original(&safe), s.as_str());
        }
    }
}
