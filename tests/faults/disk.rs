//! The disk and the mirror on it.

use crate::home::Home;
use crate::support::left_out;
use std::process::Command;

fn strace(suite: &str) -> bool {
    let tried = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "true"])
        .output();
    let there = tried.is_ok_and(|run| run.status.success());
    if !there {
        left_out(suite, "needs strace and leave to trace");
    }
    there
}

/// Each write and each sync of a verb fails, from the first on, the second on, …: it is said, and what was there stays.
#[test]
fn a_disk_that_fails_is_told_and_nothing_is_lost() {
    if !strace("faults") {
        return;
    }
    let home = Home::new();
    let (mut failed, mut tried) = (0, 0);
    for (call, error, words) in [
        // Where the file that processes share cannot grow, SQLite does not tell why.
        ("pwrite64", "ENOSPC", &["full", "I/O"][..]),
        ("pwrite64", "EIO", &["I/O", "read or written"]),
        ("fsync", "EIO", &["I/O", "read or written"]),
        (
            "pwrite64",
            "EROFS",
            &["written", "read-only", "readonly", "I/O"],
        ),
    ] {
        for from in [1, 2, 3, 5, 8, 13] {
            tried += 1;
            let text = format!("{call} {error} {from}.");
            let said = home.run_failing(call, error, from, &["reply", "1", "-m", &text]);
            let rows = home.run(&["outbox", "--json"]).words;
            if said.code == Some(0) {
                // Said to be queued: then it is.
                assert!(rows.contains(&text), "{text}: acknowledged and lost");
            } else {
                failed += 1;
                assert!(
                    said.code.is_some_and(|code| code == 1 || code == 2),
                    "{text}: {:?} {}",
                    said.code,
                    said.words
                );
                assert!(!said.words.contains("panicked"), "{text}: {}", said.words);
                assert!(
                    words.iter().any(|word| said.words.contains(word)),
                    "{text}: {}",
                    said.words
                );
            }
            // The next one works, without anybody's help.
            let next = home.run(&["note", "1", "-m", &format!("after {text}")]);
            assert_eq!(next.code, Some(0), "{text}: {}", next.words);
        }
    }
    println!("{tried} runs on a disk that fails, {failed} of them told so");
    assert!(failed > tried / 3, "only {failed} of {tried}");
    let sql = rusqlite::Connection::open(home.mirror().join("mirror.db")).unwrap();
    let whole: String = sql
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(whole, "ok");
}

#[test]
fn a_mirror_that_others_hold_is_waited_for_and_then_told() {
    let home = Home::new();
    let sql = rusqlite::Connection::open(home.mirror().join("mirror.db")).unwrap();
    sql.execute_batch("BEGIN IMMEDIATE").unwrap();
    let waits = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| home.run(&["note", "1", "-m", "it waited"]));
        std::thread::sleep(std::time::Duration::from_secs(2));
        sql.execute_batch("ROLLBACK").unwrap();
        waiting.join().unwrap()
    });
    assert_eq!(waits.code, Some(0), "{}", waits.words);
    sql.execute_batch("BEGIN IMMEDIATE").unwrap();
    let held = home.run(&["note", "1", "-m", "never written"]);
    assert!(matches!(held.code, Some(1 | 2)), "{}", held.words);
    assert!(
        held.words.contains("another program holds the mirror"),
        "{}",
        held.words
    );
    sql.execute_batch("ROLLBACK").unwrap();
    let shown = home.run(&["show", "1"]).words;
    assert!(
        shown.contains("it waited") && !shown.contains("never written"),
        "{shown}"
    );
}

#[test]
fn a_damaged_mirror_is_told_and_left_as_it_is() {
    for (from, to) in [(0, 64), (4_096, 40_000), (100, 4_096)] {
        let home = Home::new();
        let file = home.mirror().join("mirror.db");
        let sql = rusqlite::Connection::open(&file).unwrap();
        sql.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .unwrap();
        drop(sql);
        let mut bytes = std::fs::read(&file).unwrap();
        let to = to.min(bytes.len());
        for byte in &mut bytes[from..to] {
            *byte ^= 0x5a;
        }
        std::fs::write(&file, &bytes).unwrap();
        for verb in [
            &["list"][..],
            &["note", "1", "-m", "x"],
            &["doctor"],
            &["sync", "--once"],
        ] {
            let said = home.run(verb);
            assert!(said.code.is_some(), "{verb:?} at {from}: killed");
            assert!(
                !said.words.contains("panicked"),
                "{verb:?} at {from}: {}",
                said.words
            );
        }
        let told = home.run(&["doctor"]);
        assert!(
            ["malformed", "not a database", "damaged", "another program"]
                .iter()
                .any(|word| told.words.contains(word)),
            "at {from}: {}",
            told.words
        );
        assert!(
            file.exists() && std::fs::metadata(&file).unwrap().len() >= bytes.len() as u64,
            "it is still there"
        );
    }
}

#[test]
fn a_newer_mirror_is_left_alone() {
    let home = Home::new();
    let sql = rusqlite::Connection::open(home.mirror().join("mirror.db")).unwrap();
    sql.pragma_update(None, "user_version", 9_999).unwrap();
    drop(sql);
    for verb in [
        &["list"][..],
        &["note", "1", "-m", "x"],
        &["sync", "--once"],
    ] {
        let said = home.run(verb);
        assert!(matches!(said.code, Some(1 | 2)), "{verb:?}: {}", said.words);
        assert!(
            said.words.contains("newer frontdesk"),
            "{verb:?}: {}",
            said.words
        );
    }
}
