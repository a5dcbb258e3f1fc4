//! The knowledge on disk, read and kept at hand: folders of `*.md` and files of canned replies.

use super::canned;
use super::knowledge::split;
use super::passage::Passage;
use super::terms::term_set;
use crate::model::Timestamp;
use crate::text::sanitize_line;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Folders below a folder of knowledge that are still looked into.
const DEEPEST: usize = 4;
/// Files that are read in all.
const MOST_FILES: usize = 2_000;
/// Largest file that is read, in bytes.
const LARGEST: u64 = 1024 * 1024;
/// The file of canned replies in a folder of knowledge.
const CANNED: &str = "canned.toml";

/// Where knowledge lies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shelves {
    /// Folders whose `*.md` and `canned.toml` are read, with all below them.
    pub folders: Vec<PathBuf>,
    /// Further files of canned replies.
    pub canned: Vec<PathBuf>,
    /// Use the sample company's texts as well: the demo.
    pub sample: bool,
}

/// All that was read.
#[derive(Debug, Clone, Default)]
pub struct Library {
    /// Passages of knowledge.
    pub knowledge: Vec<Passage>,
    /// Canned replies.
    pub canned: Vec<Passage>,
    /// What could not be used, one sentence each.
    pub problems: Vec<String>,
    terms: Vec<BTreeSet<String>>,
}

impl Library {
    /// Reads everything. Blocks on the disk. What cannot be read is named in `problems`; the rest is used.
    pub fn read(shelves: &Shelves) -> Self {
        let mut library = Self::default();
        let mut canned: Vec<(String, Option<Timestamp>, String)> = Vec::new();
        if shelves.sample {
            library.knowledge = super::sample::passages();
            canned.push((CANNED.to_owned(), None, super::sample::CANNED.to_owned()));
        }
        for (path, shown) in files(shelves) {
            match text(&path) {
                Ok((text, changed)) if is_markdown(&path) => {
                    library.knowledge.extend(split(&shown, &text, changed));
                }
                Ok((text, changed)) => canned.push((shown, changed, text)),
                Err(why) => library
                    .problems
                    .push(format!("{shown} was not read: {why}.")),
            }
        }
        for (shown, changed, text) in canned {
            match canned::read(&text) {
                Ok(replies) => library
                    .canned
                    .extend(replies.iter().map(|reply| reply.passage(&shown, changed))),
                Err(error) => {
                    let why = sanitize_line(&error.to_string()).text;
                    library
                        .problems
                        .push(format!("{shown} was not used: {why}"));
                }
            }
        }
        library.terms = library
            .all()
            .map(|passage| {
                let mut terms = term_set(&passage.text);
                terms.extend(term_set(&passage.heading));
                terms
            })
            .collect();
        library
    }

    /// Every passage, knowledge first.
    pub fn all(&self) -> impl Iterator<Item = &Passage> {
        self.knowledge.iter().chain(&self.canned)
    }

    /// The passages that share the most terms with a question, at most `limit`. In scripts without spaces between
    /// words, which the mirror's index cannot cut, this finds what it does not.
    pub fn nearest(&self, question: &str, limit: usize) -> Vec<&Passage> {
        let asked = term_set(question);
        let mut found: Vec<(usize, &Passage)> = self
            .all()
            .zip(&self.terms)
            .map(|(passage, terms)| (terms.intersection(&asked).count(), passage))
            .filter(|(shared, _)| *shared > 0)
            .collect();
        found.sort_by_key(|(shared, _)| std::cmp::Reverse(*shared));
        found.truncate(limit);
        found.into_iter().map(|(_, passage)| passage).collect()
    }
}

/// What the shelves hold and when it was changed: equal as long as nothing did.
pub fn fingerprint(shelves: &Shelves) -> Vec<(PathBuf, Option<SystemTime>, u64)> {
    files(shelves)
        .into_iter()
        .map(|(path, _)| match fs::metadata(&path) {
            Ok(meta) => (path, meta.modified().ok(), meta.len()),
            Err(_) => (path, None, 0),
        })
        .collect()
}

/// Every file to read, with the name to show, in order.
fn files(shelves: &Shelves) -> Vec<(PathBuf, String)> {
    let mut out = Vec::new();
    for folder in &shelves.folders {
        walk(folder, folder, 0, &mut out);
    }
    for file in &shelves.canned {
        let shown = file
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        if file.exists() && !out.iter().any(|(path, _)| path == file) {
            out.push((file.clone(), sanitize_line(&shown).text));
        }
    }
    out
}

/// Symbolic links are not followed: a folder of knowledge is what lies in it.
fn walk(root: &Path, folder: &Path, depth: usize, out: &mut Vec<(PathBuf, String)>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        let Ok(meta) = fs::symlink_metadata(&path) else {
            continue;
        };
        let hidden = path
            .file_name()
            .is_none_or(|name| name.to_string_lossy().starts_with('.'));
        if hidden || out.len() >= MOST_FILES {
            continue;
        }
        if meta.is_dir() {
            if depth < DEEPEST {
                walk(root, &path, depth + 1, out);
            }
        } else if meta.is_file()
            && (is_markdown(&path) || path.file_name().is_some_and(|name| name == CANNED))
        {
            let shown = path.strip_prefix(root).unwrap_or(&path).to_string_lossy();
            let shown = sanitize_line(&shown).text;
            out.push((path, shown));
        }
    }
}

fn is_markdown(path: &Path) -> bool {
    path.extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("md"))
}

fn text(path: &Path) -> Result<(String, Option<Timestamp>), String> {
    let meta = fs::metadata(path).map_err(|error| error.to_string())?;
    if meta.len() > LARGEST {
        return Err("it is larger than 1 MB".to_owned());
    }
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    let changed = meta
        .modified()
        .ok()
        .and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok())
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .map(Timestamp);
    Ok((String::from_utf8_lossy(&bytes).into_owned(), changed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_read_and_what_is_wrong_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let shelves = Shelves {
            folders: vec![dir.path().to_path_buf(), dir.path().join("missing")],
            canned: vec![dir.path().join("more.toml")],
            sample: false,
        };
        fs::create_dir(dir.path().join("deep")).unwrap();
        fs::write(
            dir.path().join("deep/a.md"),
            "# Filter\nWash the filter every month, it helps.",
        )
        .unwrap();
        fs::write(dir.path().join("b.txt"), "not read").unwrap();
        fs::write(dir.path().join(".c.md"), "not read").unwrap();
        fs::write(dir.path().join("canned.toml"), "[[canned]]\nname = 1").unwrap();
        fs::write(
            dir.path().join("more.toml"),
            "[[canned]]\nname = \"hi\"\nbody = \"Hi.\"",
        )
        .unwrap();
        fs::write(dir.path().join("big.md"), vec![b'x'; 1024 * 1024 + 1]).unwrap();
        let before = fingerprint(&shelves);
        let library = Library::read(&shelves);
        let addresses: Vec<&str> = library.all().map(|p| p.address.as_str()).collect();
        assert_eq!(addresses, ["deep/a.md#filter", "more.toml#hi"]);
        assert_eq!(library.problems.len(), 2, "{:?}", library.problems);
        assert!(library.problems[0].starts_with("big.md"));
        assert!(library.problems[1].starts_with("canned.toml"));
        assert_eq!(fingerprint(&shelves), before);
        fs::write(dir.path().join("deep/a.md"), "changed").unwrap();
        assert_ne!(fingerprint(&shelves), before);
    }

    #[test]
    fn the_nearest_are_found_without_an_index() {
        let library = Library::read(&Shelves {
            sample: true,
            ..Shelves::default()
        });
        let near = library.nearest("エアコンが冷えないです", 3);
        assert_eq!(near[0].address, "canned.toml#eakon-reibo");
        assert!(library.nearest("zzzz", 3).is_empty());
    }
}
