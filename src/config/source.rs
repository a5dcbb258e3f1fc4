//! A configuration file's text, and problems that point into it.

use super::problem::{Level, Place, Problem};
use super::words;
use std::ops::Range;
use std::path::PathBuf;

/// The text of one file with the problems found in it so far.
pub(super) struct Source<'a> {
    file: PathBuf,
    text: &'a str,
    pub(super) problems: Vec<Problem>,
}

impl<'a> Source<'a> {
    pub(super) fn new(file: PathBuf, text: &'a str) -> Self {
        Self {
            file,
            text,
            problems: Vec::new(),
        }
    }

    /// Notes what the parser complained of; `part` is what does not work because of it.
    pub(super) fn parser_error(&mut self, error: &toml::de::Error, part: Option<String>) {
        self.serde_error(error.message(), error.span(), part, &[]);
        let bare_word = error
            .span()
            .and_then(|span| self.text.get(span))
            .is_some_and(|value| {
                value.starts_with(|c: char| c.is_alphabetic() || c == '/' || c == '~')
            });
        if let Some(problem) = self.problems.last_mut()
            && bare_word
            && problem.what.starts_with("invalid")
        {
            "a text without quotes".clone_into(&mut problem.what);
            problem.help = Some("write it in quotes: \"…\"".to_owned());
        }
    }

    /// Notes a complaint in the parser's words.
    pub(super) fn serde_error(
        &mut self,
        message: &str,
        span: Option<Range<usize>>,
        part: Option<String>,
        also: &[&str],
    ) {
        let place = span.map(|span| self.place(span));
        let secret = place.as_ref().is_some_and(|place| is_secret(&place.text));
        let words = words::plain(message, secret, also);
        self.problems.push(Problem {
            level: Level::Error,
            file: self.file.clone(),
            place,
            what: words.what,
            help: words.help,
            left_out: part,
        });
    }

    /// Notes a problem in our own words.
    pub(super) fn note(
        &mut self,
        level: Level,
        span: Range<usize>,
        what: impl Into<String>,
        help: Option<String>,
        part: Option<String>,
    ) {
        let place = Some(self.place(span));
        self.problems.push(Problem {
            level,
            file: self.file.clone(),
            place,
            what: what.into(),
            help,
            left_out: part,
        });
    }

    /// The line and column of a span; only its first line is meant.
    fn place(&self, span: Range<usize>) -> Place {
        let clamp = |at: usize| {
            let mut at = at.min(self.text.len());
            while !self.text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let (start, end) = (clamp(span.start), clamp(span.end));
        let before = &self.text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line_end = self.text[start..]
            .find('\n')
            .map_or(self.text.len(), |at| start + at);
        let line = self.text[line_start..line_end].replace('\t', " ");
        let meant = &self.text[start..end.clamp(start, line_end)];
        Place {
            line: before.matches('\n').count() + 1,
            column: self.text[line_start..start].chars().count() + 1,
            length: meant.trim_end().chars().count().max(1),
            text: if is_secret(&line) {
                masked(&line)
            } else {
                line
            },
        }
    }
}

/// A line whose value may be a secret.
fn is_secret(line: &str) -> bool {
    let line = line.to_lowercase();
    ["password", "secret", "token", "passphrase", "api_key"]
        .iter()
        .any(|word| line.contains(word))
}

/// The line with everything that may be a value dotted out, keeping its length so that a caret still fits.
fn masked(line: &str) -> String {
    let Some((key, value)) = line.split_once('=') else {
        return line.to_owned();
    };
    let dots = |c: char| {
        if c.is_alphanumeric() || c == '•' {
            '•'
        } else {
            c
        }
    };
    format!("{key}={}", value.chars().map(dots).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(text: &str, span: Range<usize>) -> String {
        let mut source = Source::new("c.toml".into(), text);
        source.note(Level::Error, span, "wrong", None, None);
        source.problems[0].to_string()
    }

    #[test]
    fn the_caret_stands_under_what_is_meant() {
        let text = "a = 1\n\tname = \"日本\" # x\n";
        let at = text.find("\"日").unwrap();
        assert_eq!(
            rendered(text, at..at + 8),
            "c.toml:2:9: error: wrong\n  |\n2 |  name = \"日本\" # x\n  |         ^^^^^^\n"
        );
    }

    #[test]
    fn spans_at_the_edges_do_not_panic() {
        for text in ["", "\n", "é", "a = \"x"] {
            for start in 0..=text.len() + 1 {
                for end in 0..=text.len() + 1 {
                    assert!(rendered(text, start..end).contains('^'));
                }
            }
        }
    }

    #[test]
    fn a_secret_is_not_shown_with_its_line() {
        let shown = rendered("password = \"hunter2\"\n", 11..20);
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("password"), "{shown}");
    }
}
