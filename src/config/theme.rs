//! The user's own themes: one TOML file each, beside the configuration.

use super::problem::{Level, Problem};
use super::source::Source;
use crate::ui::theme::{Theme, ThemeError};
use crate::ui::themes::{self, Depth};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// More themes than this, or longer ones, are nobody's own.
const MOST: usize = 64;
const LONGEST: u64 = 64 * 1024;

/// The texts of the user's own themes, as they stood in their folder when it was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnThemes {
    folder: PathBuf,
    texts: BTreeMap<String, String>,
}

impl OwnThemes {
    /// Reads the folder; one that is not there holds none.
    pub fn read(folder: &Path) -> Self {
        let mut texts = BTreeMap::new();
        let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
        for path in files.map(|entry| entry.path()).take(MOST) {
            let fits = std::fs::metadata(&path)
                .is_ok_and(|known| known.is_file() && known.len() <= LONGEST);
            if !fits || path.extension().is_none_or(|ending| ending != "toml") {
                continue;
            }
            let name = path.file_stem().map(|name| name.to_string_lossy());
            if let (Some(name), Ok(text)) = (name, std::fs::read_to_string(&path)) {
                texts.insert(name.into_owned(), text);
            }
        }
        Self {
            folder: folder.to_owned(),
            texts,
        }
    }

    /// The theme of that name, `auto` for the usual one, as a terminal of `depth` can show it.
    ///
    /// # Errors
    /// What is wrong with its file, and where.
    pub fn load(&self, name: &str, depth: Depth) -> Result<Theme, Box<Problem>> {
        let name = if name == "auto" {
            themes::DEFAULT
        } else {
            name
        };
        themes::load(name, depth, &|name| self.texts.get(name).cloned())
            .map_err(|error| Box::new(self.problem(name, &error)))
    }

    fn problem(&self, name: &str, error: &ThemeError) -> Problem {
        let meant = match error {
            ThemeError::Role(word) | ThemeError::Colour(word) | ThemeError::Inherits(word) => word,
            _ => "",
        };
        // It may stand in a theme that this one inherits.
        let own = self.texts.get(name).map(|text| (name, text));
        let others = self.texts.iter().map(|(name, text)| (name.as_str(), text));
        let found = own
            .into_iter()
            .chain(others)
            .find(|(_, text)| text.contains(meant));
        let Some((of, text)) = found.filter(|_| self.texts.contains_key(name)) else {
            return Problem::of_file(
                Level::Error,
                "theme",
                format!("there is no theme `{name}`; `frontdesk config themes` lists them"),
            );
        };
        let mut source = Source::new(self.folder.join(format!("{of}.toml")), text);
        if let ThemeError::Toml(error) = error {
            source.parser_error(error, None);
        } else {
            let at = text.find(meant).unwrap_or(0);
            let span = at..at + meant.len();
            source.note(Level::Error, span, error.to_string(), None, None);
        }
        source
            .problems
            .pop()
            .unwrap_or_else(|| Problem::of_file(Level::Error, name, error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_theme_is_told_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let wrong = |text: &str| {
            std::fs::write(folder.path().join("mine.toml"), text).unwrap();
            let own = OwnThemes::read(folder.path());
            own.load("mine", Depth::True).err().map(|p| p.line())
        };
        assert_eq!(wrong("inherits = 'dark'\n"), None);
        let table = [
            ("inherits = 'dark'\n[roles]\ntext = { fg = 'blu' }\n", 3),
            ("inherits = 'dark'\n[roles]\ntxt = { fg = 'blue' }\n", 3),
            ("inherits = 'dork'\n", 1),
            ("inherits = 'dark'\n[roles\n", 2),
        ];
        for (text, line) in table {
            let told = wrong(text).unwrap();
            assert!(told.starts_with(&format!("mine.toml:{line}:")), "{told}");
        }
        let own = OwnThemes::read(&folder.path().join("nowhere"));
        let told = own.load("mine", Depth::True).unwrap_err().line();
        assert!(told.contains("there is no theme `mine`"), "{told}");
    }
}
