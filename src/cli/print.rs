//! The one printer of the command line: data on standard output for people or, with `--json`, for scripts; everything
//! else on standard error. All text is cleaned on the way.

use super::failure::{Done, Failure};
use super::{json, table};
use crate::text::{sanitize_block, sanitize_line};
use serde::Serialize;
use std::io::{BufWriter, IsTerminal, Stdout, Write};

/// Writes what commands have to say.
pub struct Printer {
    json: bool,
    /// Columns of the terminal; none when standard output is a file or a pipe.
    columns: Option<usize>,
    out: BufWriter<Stdout>,
}

impl Printer {
    /// A printer on standard output.
    pub fn new(json: bool) -> Self {
        let stdout = std::io::stdout();
        let columns = stdout.is_terminal().then(|| {
            let size = rustix::termios::tcgetwinsize(&stdout);
            size.map_or(80, |size| usize::from(size.ws_col).max(20))
        });
        Self {
            json,
            columns,
            out: BufWriter::new(stdout),
        }
    }

    /// Scripts are reading.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// A person is reading.
    pub fn is_terminal(&self) -> bool {
        self.columns.is_some()
    }

    /// One line for people; nothing with `--json`.
    pub fn line(&mut self, text: &str) -> Done {
        if !self.json {
            writeln!(self.out, "{}", sanitize_line(text).text)?;
        }
        Ok(())
    }

    /// Several lines for people; nothing with `--json`.
    pub fn block(&mut self, text: &str) -> Done {
        if !self.json {
            let text = sanitize_block(text).text;
            writeln!(self.out, "{}", text.trim_end_matches('\n'))?;
        }
        Ok(())
    }

    /// One value for scripts, as one line; nothing without `--json`.
    pub fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        if self.json {
            let text = json::line(value).map_err(|error| Failure::Broken(error.into()))?;
            writeln!(self.out, "{text}")?;
        }
        Ok(())
    }

    /// A table for people: aligned and clipped on a terminal, separated by tabs and whole elsewhere.
    pub fn rows(&mut self, rows: &[Vec<String>]) -> Done {
        if !self.json {
            for line in table::lines(rows, self.columns) {
                writeln!(self.out, "{line}")?;
            }
        }
        Ok(())
    }

    /// Text that is the program's own and is wanted byte by byte: completions, the manual, the default configuration.
    pub fn own(&mut self, text: &[u8]) -> Done {
        self.out.write_all(text)?;
        Ok(())
    }

    /// Makes sure that everything printed so far is out.
    pub fn flush(&mut self) -> Done {
        self.out.flush()?;
        Ok(())
    }
}

/// One line on standard error. A closed standard error is no reason to fail.
pub fn diagnostic(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = writeln!(err, "frontdesk: {}", sanitize_line(text).text);
}

/// A whole paragraph on standard error.
pub fn paragraph(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = writeln!(err, "{}", sanitize_block(text).text.trim_end());
}

/// Says why a command failed: a sentence, or with `json` one line of JSON.
pub fn failure(failure: &Failure, json: bool) {
    let Some(words) = failure.words() else {
        return;
    };
    if json {
        let value = serde_json::json!({ "error": failure.kind(), "says": words });
        if let Ok(text) = json::line(&value) {
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        }
    } else {
        diagnostic(&words);
    }
}
