//! What is wrong with a configuration file, said so that it can be mended without a manual.

use crate::text::{sanitize_line, width::width};
use serde::Serialize;
use std::fmt;
use std::path::PathBuf;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The named part is left out.
    Error,
    /// It works, but should be changed.
    Warning,
}

/// Where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// The whole line, secrets masked.
    pub text: String,
    /// Characters that are meant, at least 1.
    pub length: usize,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// How bad it is.
    pub level: Level,
    /// In which file.
    pub file: PathBuf,
    /// Where in it; none when the whole file is meant.
    pub place: Option<Place>,
    /// What is wrong, in a sentence without a full stop.
    pub what: String,
    /// What is allowed, or what to do.
    pub help: Option<String>,
    /// What does not work because of it (`the account support`), for errors.
    pub left_out: Option<String>,
}

impl Problem {
    /// A warning or error about a file as a whole.
    pub fn of_file(level: Level, file: impl Into<PathBuf>, what: impl Into<String>) -> Self {
        Self {
            level,
            file: file.into(),
            place: None,
            what: what.into(),
            help: None,
            left_out: None,
        }
    }

    /// One cleaned line for the status line or a log: `config.toml:3:1: unknown key …`.
    pub fn line(&self) -> String {
        let name = self.file.file_name().unwrap_or(self.file.as_os_str());
        let name = name.to_string_lossy();
        let text = match &self.place {
            Some(place) => format!("{name}:{}:{}: {}", place.line, place.column, self.what),
            None => format!("{name}: {}", self.what),
        };
        sanitize_line(&text).text
    }
}

impl fmt::Display for Problem {
    /// Several cleaned lines: the place, the line itself with a caret, and the help.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clean = |text: &str| sanitize_line(text).text;
        let level = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        let file = clean(&self.file.display().to_string());
        let what = clean(&self.what);
        let mut margin = String::new();
        match &self.place {
            None => writeln!(f, "{file}: {level}: {what}")?,
            Some(place) => {
                writeln!(f, "{file}:{}:{}: {level}: {what}", place.line, place.column)?;
                let before: String = place.text.chars().take(place.column - 1).collect();
                let meant: String = place
                    .text
                    .chars()
                    .skip(place.column - 1)
                    .take(place.length)
                    .collect();
                let number = place.line.to_string();
                margin = " ".repeat(number.len());
                writeln!(f, "{margin} |")?;
                writeln!(f, "{number} | {}", clean(&place.text).trim_end())?;
                writeln!(
                    f,
                    "{margin} | {}{}",
                    " ".repeat(width(&clean(&before))),
                    "^".repeat(width(&clean(&meant)).max(1))
                )?;
            }
        }
        if let Some(help) = &self.help {
            writeln!(f, "{margin} = {}", clean(help))?;
        }
        if let Some(part) = &self.left_out {
            writeln!(
                f,
                "{margin} = {} is left out until this is mended",
                clean(part)
            )?;
        }
        Ok(())
    }
}
