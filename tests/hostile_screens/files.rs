//! Attachments are saved where the agent said, under a name that is only a name, and start nothing.

use crate::commands::Home;
use crate::ledger::prove;
use crate::watch::harmless;
use serde_json::Value;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Every file and folder below `dir`.
fn below(dir: &Path, all: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(&path, all);
        }
        all.push(path);
    }
}

/// What a row's file must be called.
const NAMES: [(&str, &str); 5] = [
    ("att-dotdot", "authorized_keys"),
    ("att-abs", "x"),
    ("att-win-abs", "x.bat"),
    ("att-dotdot-win", "x"),
    ("att-url", "passwd"),
];

#[test]
fn saved_rows() {
    let home = Home::with(&["04_attachments"]);
    let desk = home.path().join("desk");
    std::fs::create_dir(&desk).unwrap();
    let mut before = Vec::new();
    below(home.path(), &mut before);
    let mut saved: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for (row, conversation) in &home.rows {
        let shown = home.says(&["show", &conversation.to_string(), "--json"]);
        let shown: Value = serde_json::from_str(shown.lines().next().unwrap()).unwrap();
        let files = shown["messages"]["messages"][0]["attachments"]
            .as_array()
            .unwrap()
            .clone();
        assert!(!files.is_empty(), "{row}: {shown}");
        for file in files {
            harmless(row, file["name"].as_str().unwrap(), false);
            let dir = desk.join(row);
            std::fs::create_dir_all(&dir).unwrap();
            let said = home.says(&[
                "attachment",
                &file["id"].to_string(),
                "--to",
                dir.to_str().unwrap(),
                "--json",
            ]);
            let said: Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
            saved
                .entry(row.clone())
                .or_default()
                .push(said["saved"].as_str().unwrap().into());
        }
    }
    let mut after = Vec::new();
    below(home.path(), &mut after);
    let elsewhere: Vec<_> = after
        .iter()
        .filter(|path| {
            !before.contains(path)
                && !path.starts_with(&desk)
                && !path.starts_with(home.path().join("mirror"))
        })
        .collect();
    assert_eq!(elsewhere, Vec::<&PathBuf>::new());
    prove(
        "hostile_screens::saved_rows",
        "04_attachments",
        |row, check| {
            for path in &saved[&row.id] {
                let name = path.file_name().unwrap().to_str().unwrap();
                match check {
                    "no_file_outside" => {
                        assert_eq!(path.parent().unwrap(), desk.join(&row.id), "{}", row.id);
                        let kind = std::fs::symlink_metadata(path).unwrap();
                        assert!(kind.is_file(), "{}", row.id);
                        assert_eq!(kind.permissions().mode() & 0o777, 0o600, "{}", row.id);
                    }
                    "name_safe" => {
                        harmless(&row.id, name, false);
                        assert!(
                            name.len() <= 255 && !name.starts_with('.'),
                            "{}: {name}",
                            row.id
                        );
                        assert!(!name.contains(['/', '\\', ':', '\0']), "{}: {name}", row.id);
                        assert!(!name.ends_with(['.', ' ']), "{}: {name}", row.id);
                        if let Some((_, wanted)) = NAMES.iter().find(|(id, _)| *id == row.id) {
                            assert_eq!(name, *wanted, "{}", row.id);
                        }
                        if row.id.starts_with("att-long") {
                            assert!(name.len() > 200, "{}: {name}", row.id);
                        }
                    }
                    // Nothing that the name says was done, and saving opens nothing: no bit to run it is set.
                    "no_exec" => {
                        assert!(
                            !after.iter().any(|path| path.ends_with("pwn")),
                            "{}",
                            row.id
                        );
                        let mode = std::fs::metadata(path).unwrap().permissions().mode();
                        assert_eq!(mode & 0o111, 0, "{}", row.id);
                    }
                    _ => return false,
                }
            }
            true
        },
    );
}
