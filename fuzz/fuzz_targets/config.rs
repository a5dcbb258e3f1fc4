//! A configuration is read part by part, and what is wrong is said in one clean line.
#![no_main]

use frontdesk::config::{Paths, load_text};
use libfuzzer_sys::fuzz_target;
use std::path::Path;

fuzz_target!(|text: &str| {
    let paths = Paths::below(Path::new("/nowhere"));
    let (_, problems) = load_text(text, Path::new("config.toml"), &paths);
    for problem in problems {
        assert!(
            !problem.line().contains(|c: char| c.is_control()),
            "{}",
            problem.line()
        );
    }
});
