//! A test of an account as it goes on: each thing tried as it comes.

use super::super::paint::Line;
use super::super::theme::Role;
use super::draw::wrapped;
use crate::model::guide::Check;

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// It goes on.
    Runs,
    /// All was tried.
    Over,
    /// It could not go on.
    Refused(String),
    /// All was fine, and it is being saved.
    Saving,
}

/// A test.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The account's name.
    pub(super) account: String,
    pub(super) run: u64,
    pub(super) checks: Vec<Check>,
    pub(super) end: End,
    /// Where somebody must say yes, and the code to type there.
    pub(super) page: Option<(String, Option<String>)>,
    /// The first line that is shown while there is a page.
    pub(super) down: usize,
}

impl Trial {
    pub(super) fn new(account: String, run: u64) -> Self {
        Self {
            account,
            run,
            checks: Vec::new(),
            end: End::Runs,
            page: None,
            down: 0,
        }
    }

    /// It runs no longer.
    pub(crate) fn over(&self) -> bool {
        self.end != End::Runs
    }

    /// The keys of the test of an account that there is, for the last line.
    pub(crate) fn hints(&self) -> Vec<(&'static str, &'static str)> {
        if self.over() {
            vec![("a", "again"), ("Esc", "close")]
        } else {
            vec![("Esc", "stop")]
        }
    }

    /// Everything tried worked.
    pub(super) fn passed(&self) -> bool {
        self.end == End::Over && self.checks.iter().all(|check| check.ok)
    }

    /// What is drawn.
    pub(super) fn lines(&self, columns: usize, plain: bool) -> Vec<Line> {
        let mut lines = Vec::new();
        if let Some((address, code)) = &self.page {
            let words = match code {
                Some(_) => "Open this address in a browser on any machine, and type the code:",
                None => "Open this address in a browser, and allow frontdesk to read and send:",
            };
            lines.extend(wrapped(Role::Text, words, columns));
            lines.push(Line::default());
            lines.extend(letters(address, columns));
            lines.push(Line::default());
            if let Some(code) = code {
                lines.push(Line::of(Role::Text, "code: ").and(Role::Accent, code.as_str()));
            } else {
                let words = "If that browser is on another machine, it ends at a page that cannot be shown: paste that page's address here.";
                lines.extend(wrapped(Role::Dim, words, columns));
            }
            lines.push(Line::default());
        }
        for check in &self.checks {
            let (role, mark) = match (check.ok, plain) {
                (true, false) => (Role::Good, "✓ "),
                (false, false) => (Role::Urgent, "✗ "),
                (true, true) => (Role::Good, "ok "),
                (false, true) => (Role::Urgent, "NO "),
            };
            let words = format!("{}: {}", check.name, check.says);
            for (at, row) in wrapped(Role::Text, &words, columns.saturating_sub(3))
                .into_iter()
                .enumerate()
            {
                let mut line = Line::of(role, if at == 0 { mark } else { "  " });
                line.0.extend(row.0);
                lines.push(line);
            }
        }
        let (role, words) = match &self.end {
            End::Runs if self.page.is_some() => (Role::Dim, "waiting for the browser …"),
            End::Runs => (Role::Dim, "trying …"),
            End::Saving => (Role::Dim, "saving …"),
            End::Over if self.passed() => (Role::Good, "Everything works."),
            End::Over => (Role::Warning, "Not everything works; nothing was saved."),
            End::Refused(words) => (Role::Urgent, words.as_str()),
        };
        lines.push(Line::default());
        lines.extend(wrapped(role, words, columns));
        lines
    }
}

/// An address cut into whole rows, so that it can be copied from the screen.
pub(super) fn letters(text: &str, columns: usize) -> Vec<Line> {
    let all: Vec<char> = text.chars().collect();
    all.chunks(columns.max(8))
        .map(|row| Line::of(Role::Key, row.iter().collect::<String>()))
        .collect()
}
