//! What a customer writes never becomes an instruction to the terminal.

use std::time::Duration;

use crate::desk::{find, still};

/// Each sequence that begins with escape and `open`, up to its end.
fn sequences(raw: &[u8], open: u8) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = raw;
    while let Some(at) = rest.windows(2).position(|pair| pair == [0x1b, open]) {
        rest = &rest[at + 2..];
        let end = rest
            .iter()
            .position(|byte| match open {
                b']' | b'P' | b'_' | b'^' => matches!(byte, 0x07 | 0x1b),
                _ => (0x40..=0x7e).contains(byte),
            })
            .unwrap_or(rest.len());
        found.push(String::from_utf8_lossy(&rest[..(end + 1).min(rest.len())]).into_owned());
    }
    found
}

#[test]
#[ignore = "takes minutes: cargo test --test demo -- --include-ignored"]
fn the_escape_artist_gets_nowhere() {
    let mut pty = still(120, 36);
    find(&mut pty, "channel:webchat nice shop");
    pty.wait_for("nice shop").wait_for("Ignore all previous");
    // Everywhere its words are shown again.
    for keys in [
        "v",
        "v",
        "c",
        "c",
        "W",
        "<Esc>",
        "yy",
        "r",
        "<Esc>",
        "gi",
        "\\nice<Enter>",
        "?",
        "<Esc>",
    ] {
        pty.keys(keys).settle(Duration::from_millis(150));
    }
    assert_eq!(
        pty.look(|screen| screen.contents().contains("owned")),
        pty.screen().contains("owned")
    );
    let raw = pty.raw();
    // Ours: clipboard (yy), links; never a title from a message.
    for osc in sequences(&raw, b']') {
        let number = osc.split(';').next().unwrap_or("");
        assert!(["52", "8"].contains(&number), "OSC {osc:?}");
        assert!(!(number == "8" && osc.contains("owned")), "OSC {osc:?}");
    }
    // The whole screen is wiped when it is taken over, and at no other time.
    let wiped = sequences(&raw, b'[')
        .iter()
        .filter(|csi| *csi == "2J")
        .count();
    assert!(wiped <= 2, "wiped {wiped} times");
    for open in [b'P', b'_', b'^', b'c'] {
        assert_eq!(sequences(&raw, open), Vec::<String>::new());
    }
    let text = String::from_utf8(raw).expect("UTF-8 only");
    for hostile in ['\u{202e}', '\u{200b}', '\u{9b}', '\u{9d}', '\u{7}'] {
        // The terminal's own clipboard sequence ends with a bell.
        let shown = text.replace('\u{7}', if hostile == '\u{7}' { "" } else { "\u{7}" });
        assert!(!shown.contains(hostile), "{hostile:?} reached the terminal");
    }
}
