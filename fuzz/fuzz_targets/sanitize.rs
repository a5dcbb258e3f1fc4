//! Whatever comes in, what comes out acts on no terminal, fits its cells, and is not changed by cleaning it again.
#![no_main]

use frontdesk::text::filename::SafeFileName;
use frontdesk::text::header::HeaderValue;
use frontdesk::text::sanitize::{MAX_GRAPHEME_BYTES, sanitize_block, sanitize_line};
use frontdesk::text::{csv_cell, width};
use libfuzzer_sys::fuzz_target;
use unicode_segmentation::UnicodeSegmentation;

fn inert(c: char) -> bool {
    !c.is_control()
        && !matches!(c as u32, 0xad | 0x61c | 0x200b | 0x200e | 0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff | 0xe_0000..=0xe_0fff)
}

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let line = sanitize_line(&text).text;
    assert!(line.chars().all(inert), "{line:?}");
    assert!(
        line.graphemes(true)
            .all(|one| one.len() <= MAX_GRAPHEME_BYTES),
        "{line:?}"
    );
    assert_eq!(sanitize_line(&line).text, line);
    let block = sanitize_block(&text).text;
    assert!(block.chars().all(|c| c == '\n' || inert(c)), "{block:?}");
    assert_eq!(sanitize_block(&block).text, block);
    for columns in [0, 1, 7, 80] {
        assert!(width::width(&width::clip(&line, columns)) <= columns);
        assert_eq!(width::width(&width::pad(&line, columns)), columns);
    }
    let name = SafeFileName::from_untrusted(&text);
    assert!(!name.as_str().is_empty() && name.as_str().len() <= 255);
    assert!(
        name.as_str()
            .chars()
            .all(|c| inert(c) && !matches!(c, '/' | '\\' | ':')),
        "{name:?}"
    );
    let header = HeaderValue::cleaned(&text);
    assert!(!header.as_str().contains(char::is_control), "{header:?}");
    let cell = csv_cell::safe_cell(&text);
    assert_eq!(csv_cell::original(&cell), text);
});
