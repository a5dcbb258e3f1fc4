//! Every screen.

use crate::corpus::{Row, load};
use crate::desk::{Mirror, customer};
use crate::ledger::prove;
use crate::watch::{frame, harmless};
use frontdesk::model::{Answer, Query};
use frontdesk::testing::{Bench, cards, dump};
use frontdesk::ui::{Effect, EngineState, Msg};
use ratatui::buffer::Buffer;
use std::collections::BTreeSet;

/// What is done at a desk with one conversation, screen by screen.
const WALK: [&str; 40] = [
    "gA",
    "<Enter>",
    "v",
    "v",
    "v",
    "z",
    "T",
    "c",
    "c",
    "W",
    "<Esc>",
    "o",
    "<Enter>",
    "<Esc>",
    "<Esc>",
    "|",
    "<Esc>",
    "r",
    "thanks",
    "<C-s>",
    "y",
    "gA<Enter>",
    "f",
    "<Esc>",
    "<Esc>",
    "n",
    "hm",
    "<Esc>",
    "ga",
    "w",
    "<Esc>",
    "gp",
    "gh",
    "go",
    "gd",
    "gv",
    "<Esc>",
    "gA",
    "/b.example",
    "<Enter>",
];

/// The screen of this size on a mirror where this row is all that there is.
fn sit(file: &str, row: &Row, size: (u16, u16)) -> (tempfile::TempDir, Bench<Mirror>) {
    let dir = tempfile::tempdir().unwrap();
    let mirror = Mirror::open(dir.path());
    mirror.take(vec![customer(file, 1, row)]);
    let text: String = row.text().chars().take(20_000).collect();
    mirror.said_by_all(&text);
    let mut bench = Bench::new(cards::setup(size.0, size.1), mirror);
    bench.tell(Msg::Engine(EngineState::Holder));
    (dir, bench)
}

/// Goes the whole walk and looks at each frame; gives all texts that were seen.
fn walk(file: &str, row: &Row, size: (u16, u16), keys: &[&str]) -> BTreeSet<String> {
    let (_dir, mut bench) = sit(file, row, size);
    let mut seen = BTreeSet::new();
    // The same frame once more is the same bytes: it is judged once.
    let mut judged: Vec<Buffer> = Vec::new();
    for (step, keys) in keys.iter().enumerate() {
        bench.press(keys);
        let about = format!("{} at {size:?} after {keys} (step {step})", row.id);
        let (picture, _) = bench.frame();
        if !judged.contains(&picture) {
            frame(&about, &picture);
            seen.insert(dump::text(&picture));
            judged.push(picture);
        }
        for effect in bench.effects() {
            match effect {
                Effect::Copy(text) => {
                    harmless(&about, &text, true);
                    assert!(!text.ends_with('\n'), "{about}: a copy that presses Enter");
                }
                Effect::Quit => panic!("{about}: it ends"),
                _ => {}
            }
        }
    }
    bench.press("<Esc>gA<Enter>").effects();
    for keys in ["yy", "ya"] {
        bench.press(keys);
        for effect in bench.effects() {
            if let Effect::Copy(text) = effect {
                harmless(&format!("{} copied", row.id), &text, true);
                assert!(
                    !text.ends_with('\n'),
                    "{}: a copy that presses Enter",
                    row.id
                );
            }
        }
    }
    bench.press("r").press("<C-e>");
    for effect in bench.effects() {
        if let Effect::Edit { text, .. } = effect {
            harmless(&format!("{} in the editor", row.id), &text, true);
        }
    }
    seen
}

/// Walks once for each row; the account says which checks that proves.
fn proved(test: &str, file: &str) {
    for row in load(file) {
        let seen = walk(file, &row, (120, 36), &WALK);
        assert!(
            seen.len() > 12,
            "{}: the walk goes nowhere: {} screens",
            row.id,
            seen.len()
        );
        walk(file, &row, (40, 12), &WALK[..8]);
    }
    // Every row of the file, whichever of its checks that proves.
    prove(test, file, |_, _| true);
}

#[test]
fn terminal_rows() {
    proved("hostile_screens::terminal_rows", "01_terminal");
}

#[test]
fn unicode_rows() {
    proved("hostile_screens::unicode_rows", "02_unicode");
}

#[test]
fn mime_rows() {
    proved("hostile_screens::mime_rows", "03_mime");
}

#[test]
fn attachment_rows() {
    proved("hostile_screens::attachment_rows", "04_attachments");
}

#[test]
fn html_rows() {
    proved("hostile_screens::html_rows", "13_html_links");
}

#[test]
fn look_alikes() {
    prove(
        "hostile_screens::look_alikes",
        "02_unicode",
        |row, check| {
            assert_eq!(check, "no_merge");
            let dir = tempfile::tempdir().unwrap();
            let mirror = Mirror::open(dir.path());
            let mut plain = crate::desk::everywhere(1, "admin pay", b"x");
            plain.from.address = "admin@shop.example".to_owned();
            mirror.take(vec![plain, customer("02_unicode", 2, row)]);
            assert_eq!(mirror.conversations().len(), 2, "{}", row.id);
            let contacts: BTreeSet<_> = mirror
                .conversations()
                .into_iter()
                .map(|id| {
                    let query = Query::Conversation {
                        id,
                        me: "nina".to_owned(),
                    };
                    match mirror.run(mirror.store.answer(query)).unwrap() {
                        Answer::Conversation(detail) => detail.conversation.contact,
                        other => panic!("{other:?}"),
                    }
                })
                .collect();
            assert_eq!(contacts.len(), 2, "{}: two people", row.id);
            true
        },
    );
}
