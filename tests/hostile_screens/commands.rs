//! Every command that prints, and every export.

use crate::corpus::{Row, load};
use crate::desk::{Mirror, customer};
use crate::ledger::prove;
use crate::watch::harmless;
use frontdesk::text::csv_cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

const CONFIG: &str = r#"
me = "nina"
mirror = "MIRROR"
[accounts.support]
provider = "email"
address = "care@desk.example"
[accounts.support.imap]
host = "127.0.0.1"
port = 1
password = { env = "NONE" }
[[accounts.support.smtp]]
host = "127.0.0.1"
port = 1
"#;

/// A mirror in which each row of these files is one customer, and the program on it.
pub struct Home {
    dir: tempfile::TempDir,
    /// The conversation of each row.
    pub rows: BTreeMap<String, i64>,
}

impl Home {
    pub fn with(files: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path().join("mirror");
        let mirror = Mirror::open(&at);
        let mut rows = BTreeMap::new();
        let mut n = 0;
        for file in files {
            for row in load(file) {
                n += 1;
                let mut message = customer(file, n, &row);
                // Each row in a conversation of its own, whatever it says of itself.
                message.thread.thread = Some(format!("own-{n}"));
                message.thread.thread_decides = true;
                message.thread.message_id = Some(format!("own-{n}@far.example"));
                message.dedupe = format!("own-{n}");
                let known: BTreeSet<_> = mirror.conversations().into_iter().collect();
                mirror.take(vec![message]);
                let new = mirror
                    .conversations()
                    .into_iter()
                    .find(|id| !known.contains(id));
                let new = new.unwrap_or_else(|| panic!("{} is in no conversation", row.id));
                rows.insert(row.id.clone(), new.0);
            }
        }
        let config = CONFIG.replace("MIRROR", &at.display().to_string());
        std::fs::write(dir.path().join("config.toml"), config).unwrap();
        Self { dir, rows }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// What a run printed on both streams; it must have gone well.
    pub fn says(&self, arguments: &[&str]) -> String {
        let (code, said) = self.ends(arguments);
        assert_eq!(code, 0, "{arguments:?}: {said}");
        said
    }

    pub fn ends(&self, arguments: &[&str]) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_frontdesk"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.path())
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("FRONTDESK_CONFIG", self.path().join("config.toml"))
            .env("TERM", "xterm-256color")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat());
        let said = said.unwrap_or_else(|e| panic!("{arguments:?}: {e}"));
        (output.status.code().unwrap_or(-1), said)
    }
}

/// Lines and the columns between them are a table's own.
fn printed(about: &str, text: &str) {
    harmless(about, &text.replace('\t', " ").replace("\r\n", "\n"), true);
}

const TEXTS: [&str; 4] = ["01_terminal", "02_unicode", "03_mime", "13_html_links"];

#[test]
fn printed_rows() {
    let home = Home::with(&TEXTS);
    for arguments in [
        &["list"][..],
        &["list", "all", "--json"],
        &["list", "all", "--filter", "x"],
        &["search", "x"],
        &["search", "x", "--json"],
        &["export"],
        &["export", "--format", "csv"],
        &["approvals"],
        &["outbox"],
        &["pages"],
        &["contact", "suggest"],
        &["doctor"],
    ] {
        let (_, said) = home.ends(arguments);
        printed(&format!("{arguments:?}"), &said);
    }
    let mut shown = BTreeSet::new();
    for file in TEXTS {
        prove("hostile_screens::printed_rows", file, |row, _| {
            if shown.insert(row.id.clone()) {
                one(&home, row);
            }
            true
        });
    }
}

fn one(home: &Home, row: &Row) {
    let id = home.rows[&row.id].to_string();
    for arguments in [
        &["show", &id][..],
        &["show", &id, "--json"],
        &["contact", "show", &id],
    ] {
        let (_, said) = home.ends(arguments);
        assert!(!said.is_empty(), "{} {arguments:?}", row.id);
        printed(&format!("{} {arguments:?}", row.id), &said);
    }
}

#[test]
fn exported_cells() {
    let home = Home::with(&["11_csv_export"]);
    let table = home.says(&["export", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let head: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(
        records.len(),
        home.rows.len(),
        "a row of each message, and no other"
    );
    prove(
        "hostile_screens::exported_cells",
        "11_csv_export",
        |row, check| {
            assert_eq!(check, "csv_safe");
            let id = home.rows[&row.id].to_string();
            let at = head.iter().position(|name| name == "conversation").unwrap();
            let record = records.iter().find(|record| record[at] == id).unwrap();
            let mut found = 0;
            for cell in record {
                let number = cell.parse::<f64>().is_ok();
                let first = cell.trim_start().chars().next().unwrap_or('x');
                assert!(
                    number || !"=+-@|\t\r＝＋－＠".contains(first),
                    "{}: {cell:?} may be computed",
                    row.id
                );
                harmless(&row.id, cell, true);
                let wanted = frontdesk::text::sanitize_block(&row.fields()["cell"]).text;
                found += usize::from(csv_cell::original(cell).trim() == wanted.trim());
            }
            assert!(
                found > 0,
                "{}: what was written comes back: {record:?}",
                row.id
            );
            true
        },
    );
}

#[test]
fn searches() {
    let home = Home::with(&["11_csv_export"]);
    prove("hostile_screens::searches", "07_search", |row, check| {
        assert!(matches!(check, "no_sql_error" | "no_panic"), "{check}");
        let text = row.text();
        // A program's arguments know no NUL.
        if text.contains('\0') {
            return true;
        }
        for arguments in [
            &["search", "--json", "--", &text][..],
            &["list", "all", "--filter", &text],
        ] {
            let (code, said) = home.ends(arguments);
            printed(&row.id, &said);
            assert!(code == 0 || code == 2, "{}: {code} {said}", row.id);
            for word in ["fts5", "syntax error", "SQL", "no such column"] {
                let told = said.contains(word) && !text.contains(word);
                assert!(!told, "{}: {said}", row.id);
            }
        }
        true
    });
}
