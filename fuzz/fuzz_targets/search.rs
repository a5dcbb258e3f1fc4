//! What is typed into the search is a question that SQLite takes.
#![no_main]

use frontdesk::text::query::{fts_exclude, fts_match, like_contains, parse};
use libfuzzer_sys::fuzz_target;

/// A MATCH of ours is words in quotes and the operators between them: quotes are in pairs, and there is no NUL.
fn sound(matching: &str) {
    assert_eq!(matching.matches('"').count() % 2, 0, "{matching:?}");
    assert!(!matching.contains('\0'), "{matching:?}");
    assert!(!matching.trim().is_empty());
    let mut outside = String::new();
    let mut quoted = false;
    for c in matching.chars() {
        if c == '"' {
            quoted = !quoted;
        } else if !quoted {
            outside.push(c);
        }
    }
    let known = |word: &str| {
        matches!(word, "AND" | "OR" | "NOT" | "+" | "")
            || word
                .chars()
                .all(|c| "()*^{}:+".contains(c) || c.is_ascii_lowercase())
    };
    assert!(outside.split(' ').all(known), "{outside:?} of {matching:?}");
}

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let query = parse(&text);
    for matching in [
        fts_exclude(&query),
        fts_match(&query, true),
        fts_match(&query, false),
    ]
    .into_iter()
    .flatten()
    {
        sound(&matching);
    }
    for remark in &query.remarks {
        assert!(!remark.contains(char::is_control), "{remark:?}");
    }
    let _ = like_contains(&text);
});
