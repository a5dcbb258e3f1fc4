//! HTML becomes text of bounded length in bounded time; no link has a scheme that acts.
#![no_main]

use frontdesk::text::html::{MAX_OUTPUT, html_to_text};
use frontdesk::text::{links, markdown, sanitize_block};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let got = html_to_text(&text);
    assert!(got.text.len() <= MAX_OUTPUT + 4096);
    assert!(
        !got.text.contains(|c: char| c.is_control() && c != '\n'),
        "{:?}",
        got.text
    );
    for link in &got.links {
        if let Some(target) = link.target() {
            let scheme = target.split(':').next().unwrap_or_default();
            assert!(
                ["http", "https", "mailto", "tel"].contains(&scheme),
                "{target}"
            );
            assert!(target.bytes().all(|b| b.is_ascii_graphic()), "{target}");
        }
    }
    let clean = sanitize_block(&text).text;
    let _ = links::find(&clean);
    let _ = markdown::to_html(&clean);
    let _ = markdown::to_plain(&clean);
});
