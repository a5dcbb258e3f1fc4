//! `contact`: who is one person, in every verb, for people and for scripts.

use super::Home;
use super::desk::{desk, ingest, json, message, ok, refused};
use frontdesk::model::Party;
use serde_json::Value;

/// A home in which #1 and #3 have the same name at the same company.
fn home() -> Home {
    let home = desk();
    let mut all = Vec::new();
    for (key, address) in [
        ("31", "ana.duarte@works.example"),
        ("32", "a.duarte@works.example"),
    ] {
        let from = Party::named(address, "Ana Duarte");
        all.push(message(
            key,
            from,
            "Offer",
            "Please send an offer.",
            1_790_000_120_000,
        ));
    }
    ingest(&home, all);
    home
}

/// The conversation with an address.
fn with(home: &Home, address: &str) -> String {
    let rows = json(home, &["list", "all"]);
    let row = rows.iter().find(|row| row["contact_address"] == address);
    row.unwrap_or_else(|| panic!("nobody at {address}: {rows:?}"))["id"].to_string()
}

fn fields(value: &Value) -> Vec<String> {
    let mut names: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
    names.sort_unstable();
    names
}

fn show(home: &Home, id: &str) -> Value {
    json(home, &["contact", "show", id]).remove(0)
}

const IDENTITY: [&str; 7] = [
    "address",
    "channel",
    "id",
    "name",
    "opted_out",
    "verified",
    "warning",
];

#[test]
fn every_verb_acts_and_says_so() {
    let home = home();
    let (a, b) = (
        with(&home, "ana.duarte@works.example"),
        with(&home, "a.duarte@works.example"),
    );
    // Who it may be.
    let suggested = json(&home, &["contact", "suggest", &a]);
    assert_eq!(suggested.len(), 1);
    let one = &suggested[0];
    let names = [
        "contact",
        "conversation",
        "identities",
        "name",
        "reasons",
        "strength",
    ];
    assert_eq!(fields(one), names);
    assert_eq!(one["strength"], "weak");
    assert_eq!(one["conversation"].to_string(), b);
    assert!(
        one["reasons"][0]
            .as_str()
            .unwrap()
            .contains("the same name")
    );
    assert_eq!(fields(&one["identities"][0]), IDENTITY);
    let said = ok(&home, &["contact", "suggest", &a]).out;
    assert!(
        said.contains("may be the same person (weak): Ana Duarte"),
        "{said}"
    );

    // Not the same: said once, and no more.
    let done = json(&home, &["contact", "refuse", &a, &b]).remove(0);
    assert_eq!(done["undoable"], true, "{done}");
    assert!(json(&home, &["contact", "suggest", &a]).is_empty());
    assert!(json(&home, &["contact", "suggest", &b]).is_empty());
    ok(&home, &["undo"]);
    assert_eq!(json(&home, &["contact", "suggest", &b]).len(), 1);

    // The same, by the number that `suggest` tells.
    let number = one["contact"].to_string();
    let done = json(&home, &["contact", "merge", &a, "--contact", &number]).remove(0);
    assert!(
        done["says"].as_str().unwrap().contains("one contact"),
        "{done}"
    );
    let both = show(&home, &a);
    let names = [
        "id",
        "identities",
        "merges",
        "name",
        "remarks",
        "since",
        "suggestions",
        "vip",
    ];
    assert_eq!(fields(&both), names);
    assert_eq!(both["identities"].as_array().unwrap().len(), 2);
    let merge = &both["merges"][0];
    let names = ["addresses", "at", "because", "by", "by_itself", "id"];
    assert_eq!(fields(merge), names);
    assert_eq!(merge["by"]["name"], "mia", "{merge}");
    assert_eq!(merge["by_itself"], false);
    assert_eq!(show(&home, &b), both, "it is one contact, whoever asks");
    let said = ok(&home, &["contact", "show", &b]).out;
    for words in [
        "ana.duarte@works.example",
        "a.duarte@works.example",
        "claimed",
        ", mia, ",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    refused(&home, &["contact", "merge", &a, &b], "already");

    // Apart again, and together by the conversations.
    ok(&home, &["contact", "split", &a]);
    assert_ne!(show(&home, &a)["id"], show(&home, &b)["id"]);
    refused(
        &home,
        &["contact", "split", &a],
        "was not merged with another",
    );
    ok(&home, &["contact", "merge", &a, &b]);
    refused(
        &home,
        &["contact", "split", &a, "--merge", "9999"],
        "merge 9999 is none of this contact",
    );
    let merge = show(&home, &a)["merges"][0]["id"].to_string();
    ok(&home, &["contact", "split", &b, "--merge", &merge]);
    assert_eq!(show(&home, &a)["identities"].as_array().unwrap().len(), 1);
}

#[test]
fn of_several_merges_one_must_be_named() {
    let home = home();
    let (a, b) = (
        with(&home, "ana.duarte@works.example"),
        with(&home, "a.duarte@works.example"),
    );
    ok(&home, &["contact", "merge", &a, &b]);
    ok(&home, &["contact", "merge", &a, "1"]);
    refused(&home, &["contact", "split", &a], "several merges");
    assert_eq!(show(&home, "1")["identities"].as_array().unwrap().len(), 3);
}

#[test]
fn what_makes_no_sense_is_refused_in_words() {
    let home = home();
    for (arguments, code, words) in [
        (&["contact", "show", "999"][..], 1, "999"),
        (&["contact", "merge", "1", "999"], 1, "999"),
        (&["contact", "merge", "1", "--contact", "999"], 1, "999"),
        (&["contact", "merge", "1", "1"], 1, "one contact already"),
        (&["contact", "merge", "1"], 2, "OTHER"),
        (&["contact", "merge", "one", "2"], 2, "one"),
        (&["contact"], 2, "Usage"),
    ] {
        let run = home.run(arguments);
        assert_eq!(run.code, code, "{arguments:?}: {}{}", run.out, run.err);
        assert!(run.err.contains(words), "{arguments:?}: {}", run.err);
    }
    // What a stranger calls himself stays words.
    let shown = ok(&home, &["contact", "show", "2"]).out;
    assert!(
        !shown.contains('\u{1b}') && !shown.contains('\u{202e}'),
        "{shown:?}"
    );
}

#[test]
fn a_merge_does_not_lead_a_reply_past_an_opt_out() {
    let home = home();
    let (a, b) = (
        with(&home, "ana.duarte@works.example"),
        with(&home, "a.duarte@works.example"),
    );
    ingest(
        &home,
        vec![frontdesk::model::Event::Consent {
            address: "ana.duarte@works.example".to_owned(),
            channel: frontdesk::model::Channel::Email,
            opted_out: true,
            at: frontdesk::model::Timestamp(1_790_000_200_000),
        }],
    );
    ok(&home, &["contact", "merge", &a, &b]);
    let known = show(&home, &b)["identities"].clone();
    let out: Vec<&Value> = known
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["opted_out"] == true)
        .collect();
    assert_eq!(out.len(), 1, "{known}");
    refused(&home, &["reply", &a, "-m", "Hello"], "opted out");
    ok(&home, &["reply", &b, "-m", "Hello"]);
    ok(&home, &["contact", "split", &a]);
    refused(&home, &["reply", &a, "-m", "Hello"], "opted out");
}
