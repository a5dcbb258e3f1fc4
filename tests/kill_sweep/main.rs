//! Kill -9 at every system call of a send. One answer for each call at which the process dies: then the engine is
//! started twice, and the customer has the answer at most once, no row is lost, and what nobody can know is said to be
//! unknown. Three classes of providers: one that takes the same key twice for one, one that can be asked what was sent,
//! one that can do neither.
//!
//! `FRONTDESK_SWEEP=whole cargo test --test kill_sweep -- --nocapture` dies at every call; without it, at some of each.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(missing_docs, clippy::missing_panics_doc)]

mod desk;
mod keyed;
#[path = "../support/mod.rs"]
mod support;

use desk::{Class, Desk};
use std::collections::BTreeMap;
use std::process::Command;
use std::time::Instant;

/// What a send does to the system, each swept by itself: a set of calls would be counted as one.
const ENGINE: [&str; 10] = [
    "pwrite64",
    "fsync",
    "sendto",
    "recvfrom",
    "connect",
    "write",
    "writev",
    "read",
    "fcntl",
    "ftruncate",
];
/// The same for the verb that queues it.
const VERB: [&str; 4] = ["pwrite64", "fsync", "write", "fcntl"];

/// So many deaths at one call in the short form.
const SOME: usize = 4;

fn whole() -> bool {
    std::env::var_os("FRONTDESK_SWEEP").is_some_and(|word| word == "whole")
}

fn strace() -> bool {
    let tried = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "true"])
        .output();
    let there = tried.is_ok_and(|run| run.status.success());
    if !there {
        support::left_out("kill_sweep", "needs strace and leave to trace");
    }
    there
}

/// How many deaths, and what the rows came to.
#[derive(Default)]
struct Covered {
    kills: BTreeMap<String, usize>,
    ends: BTreeMap<String, usize>,
    shadows: usize,
}

/// Which calls to die at, of so many.
fn points(calls: usize) -> Vec<usize> {
    if whole() {
        // A little beyond, as no two runs are alike.
        return (1..=calls + 2).collect();
    }
    let step = (calls / SOME).max(1);
    // The last of a send are those after it has left.
    let mut points: Vec<usize> = (1..=calls).rev().step_by(step).take(SOME).collect();
    points.reverse();
    points
}

fn sweep(class: Class) {
    if !strace() {
        return;
    }
    let began = Instant::now();
    let mut desk = Desk::open(class);
    let mut covered = Covered::default();
    // The first two warm up: what is done once in the life of a mirror.
    for _ in 0..2 {
        let row = desk.reply("warm");
        assert!(desk.engine(None).success());
        assert_eq!(desk.state(row), "sent");
    }
    for (who, calls) in [("engine", &ENGINE[..]), ("reply", &VERB[..])] {
        for call in calls {
            let count = if who == "engine" {
                desk.count_engine(call)
            } else {
                desk.count_reply(call)
            };
            for at in points(count) {
                one(&mut desk, &mut covered, who, call, at);
            }
        }
    }
    let kills: usize = covered.kills.values().sum();
    println!(
        "{class:?}: {kills} kills in {:?}; at each call: {:?}",
        began.elapsed(),
        covered.kills
    );
    println!(
        "{class:?}: rows ended as {:?}; {} runs were over before their call",
        covered.ends, covered.shadows
    );
    assert!(
        kills >= if whole() { 60 } else { 20 },
        "the sweep did not kill"
    );
}

fn one(desk: &mut Desk, covered: &mut Covered, who: &str, call: &str, at: usize) {
    let about = format!("{:?}: {who} killed at {call} number {at}", desk.class);
    let text = desk.text(&format!("{who}-{call}-{at}"));
    let (row, killed) = if who == "engine" {
        let row = desk.reply(&text);
        let status = desk.engine(Some((call, at)));
        (Some(row), !status.success() && desk::was_killed(status))
    } else {
        let (told, status) = desk.reply_under(&text, call, at);
        let row = desk.row_of(&text);
        // What was said to be queued is on disk.
        assert!(
            told.is_none() || row.is_some(),
            "{about}: acknowledged and lost"
        );
        (row, desk::was_killed(status))
    };
    if killed {
        *covered.kills.entry(format!("{who} {call}")).or_default() += 1;
    } else {
        covered.shadows += 1;
    }
    desk.engine(None);
    let first = row.map(|row| desk.state(row));
    desk.engine(None);
    let second = row.map(|row| desk.state(row));
    let got = desk.got(&text);
    assert!(
        got <= 1,
        "{about}: the customer got it {got} times, {first:?} and {second:?}"
    );
    match second.as_deref() {
        // Never queued: the person saw no number, and writes it again.
        None => assert_eq!(got, 0, "{about}: sent, and no row knows"),
        Some("sent") => assert_eq!(got, 1, "{about}: said to be sent, and nobody got it"),
        Some("unknown") => {
            assert!(
                desk.class != Class::Key,
                "{about}: this provider takes the key again"
            );
            let said = desk.said(row.unwrap());
            assert!(
                said.contains("ended while this was being sent"),
                "{about}: {said}"
            );
        }
        Some(other) => panic!("{about}: it is {other}"),
    }
    *covered
        .ends
        .entry(second.unwrap_or_else(|| "never queued".to_owned()))
        .or_default() += 1;
}

#[test]
fn a_provider_that_takes_a_key_twice_for_one() {
    sweep(Class::Key);
}

#[test]
fn a_provider_that_tells_what_was_sent() {
    sweep(Class::LookUp);
}

#[test]
fn a_provider_that_can_do_neither() {
    sweep(Class::Neither);
}

/// Not a test: the engine of the class whose provider no vendor of ours is, in a process that can be killed.
#[test]
fn engine_of_the_keyed_class() {
    if let Some(place) = std::env::var_os(keyed::PLACE) {
        keyed::run(&std::path::PathBuf::from(place));
    }
}
