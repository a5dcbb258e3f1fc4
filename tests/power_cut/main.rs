//! Cut power. A process commits by our own store while every write, sync and truncation of its files is recorded; from
//! the record, files are built as a disk could have them after a cut at any moment: what was not synced is gone, or
//! there in part, in any order, torn at 512 bytes. Each is opened as the program does: SQLite finds it whole, and what
//! had been acknowledged by then is in it.
//!
//! `FRONTDESK_SWEEP=whole cargo test --test power_cut -- --nocapture` builds more than a thousand; without it, some.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(missing_docs, clippy::missing_panics_doc)]

mod disk;
mod record;
#[path = "../support/mod.rs"]
mod support;
mod work;

use disk::{Disk, Left};
use record::Event;
use std::collections::BTreeMap;
use std::process::Command;
use std::time::Instant;

fn whole() -> bool {
    std::env::var_os("FRONTDESK_SWEEP").is_some_and(|word| word == "whole")
}

/// Not a test: the process that commits, in one that can be traced.
#[test]
fn commits() {
    if let Some(place) = std::env::var_os(work::PLACE) {
        work::commits(&std::path::PathBuf::from(place));
    }
}

/// The record of a run, in order.
fn recorded() -> Option<Vec<Event>> {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let own = std::env::current_exe().unwrap();
    let run = Command::new("strace")
        .args(["-f", "-q", "-y", "-xx", "-s", "4000000", "-e"])
        .arg("trace=openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink,rename")
        .arg("-o")
        .arg(&log)
        .arg(own)
        .args(["--exact", "commits"])
        .env(work::PLACE, dir.path())
        .output();
    let Some(run) = run.ok().filter(|_| log.exists()) else {
        support::left_out("power_cut", "needs strace and leave to trace");
        return None;
    };
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    Some(record::read(
        &std::fs::read_to_string(&log).unwrap(),
        dir.path(),
    ))
}

#[test]
fn no_cut_of_power_loses_what_was_acknowledged() {
    let Some(events) = recorded() else { return };
    let began = Instant::now();
    let acknowledged = events
        .iter()
        .filter(|event| matches!(event, Event::Acknowledged(_)))
        .count();
    assert!(
        acknowledged >= work::COMMITS,
        "{acknowledged} commits were acknowledged"
    );
    let mut covered: BTreeMap<&str, usize> = BTreeMap::new();
    let images = if whole() { 1_200 } else { 160 };
    let mut random = fastrand::Rng::with_seed(7);
    let (mut lost, mut open) = (0, 0);
    for image in 0..images {
        // Every moment in turn, so that no part of the run is left out.
        let cut = 1 + image * (events.len() - 1) / images;
        let left = [Left::Nothing, Left::Beginning, Left::Torn, Left::Torn][image % 4];
        let mut disk = Disk::default();
        for event in &events[..cut] {
            disk.take(event);
        }
        let told: Vec<&work::Told> = events[..cut]
            .iter()
            .filter_map(|event| match event {
                Event::Acknowledged(told) => Some(told),
                _ => None,
            })
            .collect();
        let unsynced = disk.unsynced();
        open += usize::from(unsynced > 0);
        let place = tempfile::tempdir_in(work::memory()).unwrap();
        lost += disk.after_the_cut(left, &mut random, place.path());
        work::holds(
            place.path(),
            &told,
            &format!(
                "image {image}, cut at {cut} of {}, {left:?}, {unsynced} writes open",
                events.len()
            ),
        );
        *covered.entry(left.name()).or_default() += 1;
    }
    println!(
        "{images} images of {} writes, syncs and truncations with {acknowledged} acknowledged commits in {:?}: {covered:?}",
        events.len(),
        began.elapsed()
    );
    println!(
        "in {open} of them something was not synced; {lost} writes were dropped or torn; nothing acknowledged was lost"
    );
    assert!(lost > images / 4, "the cuts cut nothing");
}

/// The model itself can tell: with the syncs left out of the record, acknowledged rows are lost.
#[test]
fn without_syncs_the_images_would_lose() {
    let Some(events) = recorded() else { return };
    let mut disk = Disk::default();
    for event in events
        .iter()
        .filter(|event| !matches!(event, Event::Synced(_)))
    {
        disk.take(event);
    }
    let place = tempfile::tempdir_in(work::memory()).unwrap();
    disk.after_the_cut(
        Left::Nothing,
        &mut fastrand::Rng::with_seed(1),
        place.path(),
    );
    let left: u64 = std::fs::read_dir(place.path())
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    assert_eq!(left, 0, "nothing was synced, so nothing is left");
}
