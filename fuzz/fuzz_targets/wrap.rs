//! Wrapped lines fit, come in order, and hold all of the text but the blanks at which it was broken.
#![no_main]

use frontdesk::text::{WrapIndex, sanitize_block, width};
use libfuzzer_sys::fuzz_target;
use unicode_segmentation::UnicodeSegmentation;

fuzz_target!(|input: (u8, &[u8])| {
    let columns = usize::from(input.0).max(2);
    let clean = sanitize_block(&String::from_utf8_lossy(input.1)).text;
    let mut index = WrapIndex::new(clean.as_str(), columns);
    for columns in [columns, 2, 80] {
        index.rewrap(columns);
        let mut end = 0;
        let mut kept = String::new();
        for line in 0..index.lines() {
            let range = index.range(line);
            assert!(
                range.start >= end,
                "line {line} begins before the one before ends"
            );
            assert!(
                clean[end..range.start].chars().all(char::is_whitespace),
                "lost {:?}",
                &clean[end..range.start]
            );
            end = range.end;
            // A cluster is never taken apart, however narrow the place.
            let line_text = index.line(line);
            let one = line_text.graphemes(true).count() <= 1;
            assert!(
                one || width::width(line_text) <= columns,
                "{line_text:?} at {columns}"
            );
            assert_eq!(index.line_at(range.start), line);
            kept.push_str(index.line(line));
        }
        assert!(clean[end..].chars().all(char::is_whitespace));
    }
});
