//! The corpus's rows about the program on a machine of many, and the account of the whole corpus: every file of it is
//! claimed by a suite, which fails where one of its rows is claimed by nobody; `--nocapture` shows rows and promises.

// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "hostile/corpus.rs"]
#[allow(dead_code)]
mod corpus;

use corpus::{claim, load};
use frontdesk::listen::ListenSettings;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Everything below a folder.
fn below(dir: &Path, all: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(&path, all);
        }
        all.push(path);
    }
}

/// Runs the program where nothing is kept from others by itself; gives what it made.
fn made_under_an_open_umask() -> Vec<(PathBuf, bool, u32)> {
    let dir = tempfile::tempdir().unwrap();
    for arguments in [
        "init",
        "config init",
        "account add desk --address a@b.test --password-env P --no-test",
        "list",
        "doctor",
    ] {
        let line = format!(
            "umask 000; exec \"{}\" {arguments}",
            env!("CARGO_BIN_EXE_frontdesk")
        );
        let mut command = Command::new("sh");
        command.args(["-c", &line]).env_clear().stdin(Stdio::null());
        command
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", dir.path());
        for (name, folder) in [
            ("CONFIG", "config"),
            ("DATA", "data"),
            ("STATE", "state"),
            ("CACHE", "cache"),
        ] {
            command.env(format!("XDG_{name}_HOME"), dir.path().join(folder));
        }
        command.output().unwrap();
    }
    let mut all = Vec::new();
    below(dir.path(), &mut all);
    // The folders of the system's own convention are whoever's they are.
    all.retain(|path| {
        path.components()
            .any(|part| part.as_os_str() == "frontdesk")
    });
    all.into_iter()
        .map(|path| {
            let mode = std::fs::symlink_metadata(&path)
                .unwrap()
                .permissions()
                .mode()
                & 0o777;
            (path.clone(), path.is_dir(), mode)
        })
        .collect()
}

#[test]
fn the_machine_is_shared() {
    let made = made_under_an_open_umask();
    let names = |name: &str| made.iter().any(|(path, ..)| path.ends_with(name));
    assert!(names("config.toml") && made.len() > 4, "{made:?}");
    claim("17_own", &[], |row, check| {
        assert_eq!(check, "perm");
        match row.id.as_str() {
            "sys-perm-077" => {
                for (path, folder, mode) in &made {
                    let wanted = if *folder { 0o700 } else { 0o600 };
                    assert_eq!(mode & !wanted, 0, "{} is {mode:o}", path.display());
                }
            }
            "sys-webhook-bind" => {
                let settings = ListenSettings::default();
                assert!(settings.address.ip().is_loopback() && settings.status.ip().is_loopback());
            }
            _ => return false,
        }
        true
    });
}

#[test]
fn every_file_of_the_corpus_is_claimed() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut all = Vec::new();
    below(&tests, &mut all);
    below(&tests.with_file_name("src"), &mut all);
    let sources: Vec<String> = all
        .iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let files = all
        .iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    let mut names: Vec<String> = files
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    assert!(names.len() > 20, "{names:?}");
    let mut rows = 0;
    for name in &names {
        let claimed = sources.iter().filter(|text| text.contains(name)).count();
        assert!(claimed > 0, "no suite claims the rows of {name}");
        let mut promises: BTreeMap<String, usize> = BTreeMap::new();
        let loaded = load(name);
        for row in &loaded {
            for check in &row.checks {
                *promises.entry(check.clone()).or_default() += 1;
            }
        }
        rows += loaded.len();
        println!(
            "{name}: {} rows, in {claimed} suites: {promises:?}",
            loaded.len()
        );
    }
    println!("in all {rows} rows");
}
