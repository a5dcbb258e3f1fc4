//! A keymap file is read, or said to be wrong at a place that exists.
#![no_main]

use frontdesk::config::keymap_from;
use frontdesk::ui::key::{parse_sequence, show};
use libfuzzer_sys::fuzz_target;
use std::path::Path;

fuzz_target!(|text: &str| {
    let (_, problems) = keymap_from(text, Path::new("keys.toml"));
    for problem in problems {
        assert!(
            !problem.line().contains(|c: char| c.is_control()),
            "{}",
            problem.line()
        );
    }
    if let Ok(keys) = parse_sequence(text) {
        assert_eq!(parse_sequence(&show(&keys)).ok(), Some(keys));
    }
});
