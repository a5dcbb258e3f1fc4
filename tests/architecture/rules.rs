//! Which way an arrow may point.

use crate::source::{Source, Use};

/// Each room and the rooms it may use beside itself. A room that is not listed may use any but
/// `runtime` and `cli`.
const ROOMS: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("model", &["text"]),
    ("desk", &["model", "text"]),
    // The mirror applies the desk's rules in its own transactions; the desk is pure.
    ("store", &["desk", "model", "text"]),
    ("providers", &["model", "text", "secrets"]),
    ("ui", &["model", "text", "desk", "config"]),
    ("sync", WORKERS),
    ("outbox", WORKERS),
    ("listen", WORKERS),
    ("notify", WORKERS),
    ("assist", WORKERS),
];
const WORKERS: &[&str] = &["store", "providers", "desk", "model", "text"];

/// Rooms and parts of rooms that compute and do nothing else. A pure part may use, of its own room,
/// only what is pure too.
const PURE: &[&str] = &[
    "text",
    "model",
    "desk",
    "sync/merge",
    "sync/subject",
    "outbox/machine",
    "assist/figures",
    "assist/gates",
    "assist/knowledge",
    "assist/language",
    "assist/machine",
    "assist/order",
    "assist/passage",
    "assist/scoring",
    "assist/settings",
    "assist/terms",
    "assist/variables",
];

/// The pure decisions that the mirror takes within its own transactions.
const MIRROR_RULES: &[&str] = &[
    "assist/machine",
    "assist/order",
    "outbox/machine",
    "sync/merge",
];

/// The tables by which the store decides inside its transactions.
const TABLES: [&str; 3] = ["assist/machine", "outbox/machine", "sync/merge"];

/// The parts of the configuration that the screen may know.
const SCREEN_CONFIG: &[&str] = &["keymap", "theme"];

/// Reaches out of the program, or waits.
const OUTSIDE: &[&str] = &[
    "async_imap",
    "lettre",
    "reqwest",
    "rusqlite",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "tokio",
];
const SCREEN_CRATES: &[&str] = &["crossterm", "ratatui", "ratatui_textarea"];
const WALL_CLOCK: &[&str] = &[
    "Instant::now",
    "SystemTime::now",
    "Timestamp::now",
    "Zoned::now",
];

/// The files outside the store that may speak SQL: what the store is measured against.
const YARDSTICKS: [&str; 2] = ["bench/run/bare.rs", "bench/run/bare_mail.rs"];

/// The one file of the pure rooms that may ask what time it is: it defines who may be asked.
const CLOCK: &str = "model/time.rs";

/// Every use in this file that breaks a rule, as a line for people. `providers` are the names of the
/// folders that hold one provider each.
pub fn broken(source: &Source, providers: &[String]) -> Vec<String> {
    let room = source.room();
    if matches!(room, "runtime" | "cli" | "main" | "lib") || source.is_tests() {
        return Vec::new();
    }
    let mut found: Vec<String> = source
        .uses()
        .iter()
        .filter_map(|used| {
            let why = match &used.of_this_crate {
                Some(path) => inside(source, room, path, providers),
                None => outside(source, room, &used.path),
            }?;
            let Use { line, path, .. } = used;
            Some(format!("src/{}:{line} uses {path}: {why}", source.path))
        })
        .collect();
    found.dedup();
    found
}

fn inside(source: &Source, room: &str, path: &[String], providers: &[String]) -> Option<String> {
    let target = path.first()?.as_str();
    let within = path.join("/");
    if target == "runtime" || target == "cli" || (target == "bench" && room != "bench") {
        return Some(format!("nothing uses {target}"));
    }
    if pure(&source.path) && target == room && !pure(&within) {
        return Some("a pure part uses only what is pure".to_owned());
    }
    if target == room {
        return (room == "providers")
            .then(|| sibling(source, path, providers))
            .flatten();
    }
    if room == "store" && MIRROR_RULES.iter().any(|rule| within.starts_with(rule)) {
        return None;
    }
    if room == "ui" && target == "config" {
        let part = path.get(1).map(String::as_str);
        let allowed = part.is_some_and(|part| SCREEN_CONFIG.contains(&part));
        return (!allowed).then(|| format!("of config, the screen knows {SCREEN_CONFIG:?} only"));
    }
    // What may happen to a row is decided in the transaction that writes it, by the same tables as elsewhere.
    if room == "store" && TABLES.iter().any(|table| within.starts_with(table)) {
        return None;
    }
    let (_, may) = ROOMS.iter().find(|(name, _)| *name == room)?;
    let known = may.contains(&target) && (!pure(&source.path) || pure(target));
    (!known).then(|| format!("{room} may not know {target}"))
}

/// One provider must not know another; what they share lies in files beside their folders.
fn sibling(source: &Source, path: &[String], providers: &[String]) -> Option<String> {
    let (_, below) = source.path.split_once('/')?;
    let (own, _) = below.split_once('/')?;
    let other = path.get(1)?;
    (providers.contains(other) && own != other)
        .then(|| format!("a provider may not know the provider {other}"))
}

fn outside(source: &Source, room: &str, path: &str) -> Option<String> {
    let under = |names: &[&str]| {
        names
            .iter()
            .any(|name| path == *name || path.starts_with(&format!("{name}::")))
    };
    let asks_time = WALL_CLOCK.iter().any(|name| path.ends_with(name));
    let pure = pure(&source.path);
    if pure && under(SCREEN_CRATES) {
        return Some("pure code knows nothing of the screen".to_owned());
    }
    if (pure || room == "ui") && under(OUTSIDE) {
        return Some("this room touches nothing outside and waits for nothing".to_owned());
    }
    if (pure || room == "ui") && asks_time && source.path != CLOCK {
        return Some("the time is handed in".to_owned());
    }
    if room != "store" && !YARDSTICKS.contains(&source.path.as_str()) && under(&["rusqlite"]) {
        return Some("SQL stays in store".to_owned());
    }
    None
}

fn pure(path: &str) -> bool {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    PURE.iter()
        .any(|part| path == *part || path.starts_with(&format!("{part}/")))
}
