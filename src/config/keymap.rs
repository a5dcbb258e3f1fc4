//! The user's key bindings, laid over the built-in ones entry by entry; each wrong entry is told and left out.
//!
//! ```toml
//! [[keys]]
//! scope = "list"
//! on = "g x"
//! run = "view.spam"
//! ```

use super::load::{Value, read, unknown_key};
use super::problem::{Level, Problem};
use super::source::Source;
use crate::ui::keymap::{Keymap, KeymapEntry};
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// The built-in bindings with the file's laid over them. A file that is not there changes nothing.
pub fn load_keymap(file: &Path) -> (Keymap, Vec<Problem>) {
    match std::fs::read_to_string(file) {
        Ok(text) => keymap_from(&text, file),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Default::default(),
        Err(error) => {
            let what = format!("this file cannot be read: {error}");
            let mut problem = Problem::of_file(Level::Error, file, what);
            problem.left_out = Some("every binding of it".to_owned());
            (Keymap::default(), vec![problem])
        }
    }
}

/// The same from text.
pub fn keymap_from(text: &str, file: &Path) -> (Keymap, Vec<Problem>) {
    let mut keymap = Keymap::default();
    let mut source = Source::new(file.to_owned(), text);
    let rest = super::load::without_broken_blocks(text, &mut source);
    match DeTable::parse(&rest) {
        Err(error) => source.parser_error(&error, Some("every binding of it".to_owned())),
        Ok(table) => {
            for (key, value) in table.into_inner() {
                let span = key.span();
                match &*key.into_inner() {
                    "keys" => overlay(value, &mut keymap, &mut source),
                    unknown => unknown_key(unknown, span, &["keys"], &mut source, None),
                }
            }
        }
    }
    (keymap, source.problems)
}

fn overlay(value: Value<'_>, keymap: &mut Keymap, source: &mut Source<'_>) {
    let span = value.span();
    let DeValue::Array(items) = value.into_inner() else {
        let help = Some("write [[keys]] once for each binding".to_owned());
        let part = Some("every binding".to_owned());
        source.note(Level::Error, span, "this is a list of tables", help, part);
        return;
    };
    for item in items {
        let span = item.span();
        let Some(entry) = read::<KeymapEntry>(item, source, "this binding") else {
            continue;
        };
        if let Err(error) = keymap.overlay(&entry) {
            let part = Some(format!("the binding of `{}`", entry.on));
            source.note(Level::Error, span, error.to_string(), None, part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_binding_is_told_and_the_others_hold() {
        let text = "[[keys]]\nscope = \"list\"\non = \"g x\"\nrun = \"resolve\"\n\
            [[keys]]\nscope = \"lst\"\non = \"x\"\nrun = \"resolve\"\n\
            [[keys]]\nscope = \"list\"\non = \"Q\"\nrun = \"explode\"\n\
            [[keys]]\nscop = \"list\"\n\
            [[keys]]\nscope = \"list\"\non = \"\nrun = \"resolve\"\n";
        let (keymap, problems) = keymap_from(text, Path::new("keymap.toml"));
        assert_ne!(keymap, Keymap::default());
        let lines: Vec<usize> = problems
            .iter()
            .map(|p| p.place.as_ref().unwrap().line)
            .collect();
        assert_eq!(lines.len(), 4, "{problems:?}");
        assert!(problems.iter().all(|problem| problem.level == Level::Error));
        let said: String = problems.iter().map(ToString::to_string).collect();
        for words in [
            "there is no scope `lst`",
            "there is no action `explode`",
            "`scop`",
        ] {
            assert!(said.contains(words), "{said}");
        }
    }

    #[test]
    fn no_file_is_no_problem() {
        let (keymap, problems) = load_keymap(Path::new("/nonexistent/keymap.toml"));
        assert_eq!((keymap, problems.len()), (Keymap::default(), 0));
    }
}
