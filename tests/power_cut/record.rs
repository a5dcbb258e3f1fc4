//! What strace wrote down, as events.

use crate::work::Told;
use std::collections::BTreeMap;
use std::path::Path;

/// One thing done to a file of the mirror, or told to have been done.
#[derive(Debug)]
pub enum Event {
    /// Bytes at a place of a file.
    Written(String, u64, Vec<u8>),
    /// A file has another length.
    Cut(String, u64),
    /// Everything written to a file before is on the disk.
    Synced(String),
    /// A file is gone.
    Removed(String),
    /// A commit was acknowledged.
    Acknowledged(Told),
}

/// Reads the log of a run in `dir`. What a thread began while another went on is put together; a sync counts from its
/// end, a write from its beginning.
pub fn read(log: &str, dir: &Path) -> Vec<Event> {
    let mut begun: BTreeMap<&str, String> = BTreeMap::new();
    let mut events = Vec::new();
    for line in log.lines() {
        let Some((thread, call)) = line.split_once(' ') else {
            continue;
        };
        let call = call.trim_start();
        if let Some(head) = call.strip_suffix(" <unfinished ...>") {
            // Its bytes may reach the disk before it returns.
            if head.starts_with("pwrite64(") || head.starts_with("write(") {
                events.extend(event(head, dir));
            } else {
                begun.insert(thread, head.to_owned());
            }
        } else if call.starts_with("<... ") {
            if let Some(head) = begun.remove(thread) {
                events.extend(event(&head, dir));
            }
        } else {
            events.extend(event(call, dir));
        }
    }
    events
}

/// The file's name, if it is one of the mirror's: what SQLite shares in memory is no file after a cut.
fn name(path: &str, dir: &Path) -> Option<String> {
    let inside = path.strip_prefix(dir.join("mirror").to_str()?)?;
    let name = inside.trim_start_matches('/');
    let ours = name.contains(".db") || name.contains("sqlite") || name.starts_with("mirror");
    (ours && !name.ends_with("-shm") && !name.contains('/')).then(|| name.to_owned())
}

fn event(call: &str, dir: &Path) -> Option<Event> {
    let (verb, rest) = call.split_once('(')?;
    if matches!(verb, "unlink") {
        let path = String::from_utf8(bytes(rest)?.0).ok()?;
        return Some(Event::Removed(name(&path, dir)?));
    }
    // `5</path/of/it>, …`; -xx writes the path in hexadecimal, too.
    let path = rest.split_once('<')?.1;
    let (path, rest) = path.split_once('>')?;
    let path = if path.starts_with("\\x") {
        String::from_utf8(hex(path)?).ok()?
    } else {
        path.to_owned()
    };
    match verb {
        "write" if path == dir.join("told").to_str()? => {
            let (words, _) = bytes(rest)?;
            Some(Event::Acknowledged(serde_json::from_slice(&words).ok()?))
        }
        "pwrite64" => {
            let name = name(&path, dir)?;
            let (bytes, rest) = bytes(rest)?;
            let at = rest.split(',').nth(2)?.trim_matches([' ', ')']);
            let at = at.split([' ', ')']).next()?.parse().ok()?;
            Some(Event::Written(name, at, bytes))
        }
        "ftruncate" => {
            let length = rest
                .trim_start_matches([',', ' '])
                .split(')')
                .next()?
                .parse()
                .ok()?;
            Some(Event::Cut(name(&path, dir)?, length))
        }
        "fsync" | "fdatasync" => Some(Event::Synced(name(&path, dir)?)),
        _ => None,
    }
}

/// The first string in quotes, and what is after it.
fn bytes(text: &str) -> Option<(Vec<u8>, &str)> {
    let (_, text) = text.split_once('"')?;
    let (text, rest) = text.split_once('"')?;
    Some((hex(text)?, rest))
}

/// `\x61\x62`.
fn hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks_exact(4);
    digits
        .map(|four| u8::from_str_radix(std::str::from_utf8(&four[2..]).ok()?, 16).ok())
        .collect()
}
