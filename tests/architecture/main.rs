//! The house rules that a compiler does not know: which room may use which, what only one room may
//! do, and how long a file may get. Reads the sources; needs no other part of the program.

// Rules read better as they are said than as they are shortest.
#![allow(clippy::nonminimal_bool)]
// A suite stops at the first thing that is not as it must be, and says what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rules;
mod source;

use rules::broken;
use source::Source;

fn all() -> Vec<Source> {
    let sources = source::read_all();
    assert!(sources.len() > 2, "found no sources to read");
    sources
}

fn report(title: &str, found: &[String]) {
    assert!(found.is_empty(), "{title}:\n  {}\n", found.join("\n  "));
}

#[test]
fn no_arrow_points_the_wrong_way() {
    let sources = all();
    let mut providers: Vec<String> = sources
        .iter()
        .filter_map(|source| source.path.strip_prefix("providers/")?.split_once('/'))
        .map(|(folder, _)| folder.to_owned())
        // The client that they share.
        .filter(|folder| folder != "http")
        .collect();
    providers.dedup();
    let found: Vec<String> = sources
        .iter()
        .flat_map(|source| broken(source, &providers))
        .collect();
    report("arrows that point the wrong way", &found);
}

#[test]
fn files_stay_short() {
    let found: Vec<String> = all()
        .iter()
        .filter(|source| source.lines > if source.path == "main.rs" { 40 } else { 600 })
        .map(|source| format!("src/{} has {} lines", source.path, source.lines))
        .collect();
    report("files that ask to be split", &found);
}

#[test]
fn modules_say_what_they_hold() {
    let vague = ["common", "helper", "helpers", "misc", "util", "utils"];
    let found: Vec<String> = all()
        .iter()
        .filter(|source| {
            source
                .module()
                .iter()
                .any(|name| vague.contains(&name.as_str()))
        })
        .map(|source| format!("src/{}", source.path))
        .collect();
    report("modules named after nothing", &found);
}

/// Prints in the screen's terminal, or past `--json`, would be seen by nobody or by the wrong one.
#[test]
fn only_the_command_line_prints() {
    let found: Vec<String> = all()
        .iter()
        .filter(|source| !source.path.starts_with("cli/") && source.path != "main.rs")
        .flat_map(|source| {
            ["println!", "eprintln!", "print!", "eprint!", "dbg!"]
                .into_iter()
                .flat_map(|name| source.lines_with_word(name))
        })
        .collect();
    report("prints outside the command line", &found);
}

/// `set_symbol` and `SetTitle` hand any byte to the terminal; a shell hands any byte to a shell.
#[test]
fn nothing_opens_a_way_for_hostile_text() {
    let mut found = Vec::new();
    for source in all() {
        for name in ["set_symbol", "SetTitle"] {
            found.extend(source.lines_with_word(name));
        }
        for shell in ["sh", "bash", "/bin/sh", "/bin/bash"] {
            found.extend(source.lines_with_text(&format!("Command::new(\"{shell}\")")));
        }
    }
    report("ways for hostile text", &found);
}

fn providers() -> Vec<String> {
    ["email", "twilio"].map(str::to_owned).to_vec()
}

/// The rules above find nothing in a good house; this shows that they would.
#[test]
fn each_rule_catches_its_breach() {
    let breaches = [
        ("ui/app.rs", "use crate::store::Store;"),
        ("ui/app.rs", "use crate::{model::Id, sync};"),
        ("ui/app.rs", "use crate::config::Config;"),
        ("ui/app.rs", "async fn f() { tokio::time::sleep(D).await }"),
        ("ui/app.rs", "use std::{fmt, fs};"),
        ("ui/panes/list.rs", "fn f() { let now = Instant::now(); }"),
        ("ui/panes/list.rs", "use super::super::super::store::Store;"),
        ("providers/email/mod.rs", "use crate::store::Store;"),
        ("providers/email/mod.rs", "use super::twilio::Sms;"),
        ("providers/email/wire.rs", "use crate::providers::twilio;"),
        ("store/mod.rs", "use crate::sync::supervisor::Task;"),
        ("store/mod.rs", "use crate::outbox::worker::Task;"),
        ("sync/supervisor.rs", "use crate::ui::Msg;"),
        ("sync/merge.rs", "use crate::store::Store;"),
        ("sync/merge.rs", "use super::supervisor::Task;"),
        ("outbox/machine.rs", "use std::fs;"),
        ("desk/sla.rs", "fn f() -> T { jiff::Timestamp::now() }"),
        ("assist/gates/money.rs", "use crate::assist::worker::Job;"),
        ("model/ids.rs", "use ratatui::text::Line;"),
        ("text/wrap.rs", "use crate::model::Message;"),
        ("listen/mod.rs", "use crate::runtime::Runtime;"),
        ("sync/account.rs", "fn f(c: &rusqlite::Connection) {}"),
        ("demo/mod.rs", "use crate::cli::Args;"),
    ];
    for (path, code) in breaches {
        let source = Source::new(path, code);
        assert_eq!(broken(&source, &providers()).len(), 1, "{path}: {code}");
    }
}

#[test]
fn what_is_allowed_passes() {
    let allowed = [
        (
            "ui/app.rs",
            "use crate::config::keymap::Keymap; use crate::desk::window;",
        ),
        (
            "ui/app.rs",
            "// use crate::store::Store;\nconst A: &str = \"crate::store::B\";",
        ),
        (
            "ui/app.rs",
            "#[cfg(test)]\nmod tests { use crate::store::Store; }",
        ),
        ("ui/list_tests.rs", "use crate::store::Store;"),
        (
            "providers/email/wire.rs",
            "use super::settings::S; use crate::providers::Provider;",
        ),
        (
            "sync/merge.rs",
            "use crate::model::Message; use std::collections::HashMap;",
        ),
        (
            "outbox/machine/hold.rs",
            "use super::State; use crate::outbox::machine::Input;",
        ),
        ("runtime/mod.rs", "use crate::{cli, store, ui};"),
        ("cli/mod.rs", "use crate::runtime::run;"),
        ("main.rs", "fn main() { frontdesk::cli::run() }"),
        ("lib.rs", "pub mod cli; pub mod runtime;"),
        ("model/time.rs", "fn now() { jiff::Timestamp::now(); }"),
    ];
    for (path, code) in allowed {
        let source = Source::new(path, code);
        assert_eq!(
            broken(&source, &providers()),
            Vec::<String>::new(),
            "{path}: {code}"
        );
    }
}
