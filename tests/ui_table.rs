//! The table of actions as people rely on it: what is promised is bound, in its scope, without odd keys.

use frontdesk::ui::action::{Scope, TABLE};
use frontdesk::ui::key::{parse_sequence, show};
use frontdesk::ui::keymap::{Found, Keymap, KeymapEntry};

/// The keys that the interface promises, by scope.
const PROMISED: &[(Scope, &str)] = &[
    (Scope::Anywhere, "? : C-k / u . C-l C-z q Tab S-Tab"),
    (
        Scope::List,
        "\\ j k G C-d C-u Enter Space V * e E b a i L P M m ! S ] [",
    ),
    (Scope::Conversation, "r n f t s c o v | W"),
    (Scope::Composer, "C-s C-e Esc"),
    (Scope::Review, "y e t c b A p n"),
    (Scope::Approvals, "y e d x R w s Y"),
    (Scope::Pages, "A C Z"),
];

const SEQUENCES: &[(Scope, &str)] = &[
    (Scope::Anywhere, "g i"),
    (Scope::Anywhere, "g m"),
    (Scope::Anywhere, "g u"),
    (Scope::Anywhere, "g a"),
    (Scope::Anywhere, "g d"),
    (Scope::Anywhere, "g o"),
    (Scope::Anywhere, "g s"),
    (Scope::Anywhere, "g p"),
    (Scope::Anywhere, "g h"),
    (Scope::List, "g g"),
    (Scope::List, "^"),
    (Scope::Conversation, "y y"),
];

#[test]
fn every_promised_key_is_bound() {
    let keymap = Keymap::default();
    let single = PROMISED
        .iter()
        .flat_map(|(scope, keys)| keys.split(' ').map(move |key| (*scope, key)));
    for (scope, keys) in single.chain(SEQUENCES.iter().copied()) {
        let sequence = parse_sequence(keys).expect("keys");
        assert!(
            matches!(keymap.find(&[scope], &sequence), Found::Action(_)),
            "{keys} in {}",
            scope.name()
        );
    }
}

#[test]
fn what_is_shown_as_a_key_can_be_written_into_a_keymap() {
    for row in TABLE {
        for sequence in row.sequences() {
            let mut keymap = Keymap::default();
            let entry = KeymapEntry {
                scope: row.scope.name().to_owned(),
                on: show(&sequence),
                run: row.name.to_owned(),
                desc: None,
            };
            assert_eq!(keymap.overlay(&entry), Ok(()), "{}", row.name);
            assert_eq!(
                keymap.find(&[row.scope], &sequence),
                Found::Action(row.action)
            );
        }
    }
}

#[test]
fn approving_has_no_key_that_lists_use() {
    let list: Vec<_> = TABLE
        .iter()
        .filter(|row| row.scope == Scope::List)
        .flat_map(|row| row.keys)
        .collect();
    let approve = TABLE
        .iter()
        .find(|row| row.name == "approvals.approve")
        .expect("a row");
    assert!(approve.keys.iter().all(|key| !list.contains(&key)));
}
