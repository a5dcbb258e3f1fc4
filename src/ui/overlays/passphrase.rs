//! The vault's passphrase, asked for on the screen. What is typed is never drawn: a dot stands for each letter.

use super::super::hidden::Hidden;
use super::super::key::Key;
use super::super::paint::{self, Line};
use super::super::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Letters of a new passphrase at least.
const SHORTEST: usize = 8;

/// What is asked.
#[derive(Debug, Clone)]
enum Stage {
    /// The passphrase of a vault that there is.
    Open,
    /// A new one.
    First,
    /// The new one again; it was this.
    Again(Hidden),
}

/// The question for the passphrase.
#[derive(Debug, Clone)]
pub struct Passphrase {
    typed: Hidden,
    stage: Stage,
    error: Option<String>,
    /// It is being tried, which takes about a second.
    tries: bool,
}

impl Passphrase {
    /// For a vault that there is.
    pub fn opening() -> Self {
        Self {
            typed: Hidden::default(),
            stage: Stage::Open,
            error: None,
            tries: false,
        }
    }

    /// For a vault that is made: asked twice.
    pub fn making() -> Self {
        Self {
            stage: Stage::First,
            ..Self::opening()
        }
    }

    /// A vault is made.
    pub fn makes(&self) -> bool {
        !matches!(self.stage, Stage::Open)
    }

    /// It was not taken.
    pub fn refused(&mut self, words: String) {
        self.tries = false;
        self.error = Some(words);
        self.typed.clear();
        if self.makes() {
            self.stage = Stage::First;
        }
    }

    /// A key of the passphrase; none is taken while it is tried.
    pub fn key(&mut self, key: Key) {
        if !self.tries {
            self.error = None;
            super::super::vault::edit(&mut self.typed, key);
        }
    }

    /// Pasted text.
    pub fn insert(&mut self, text: &str) {
        if !self.tries {
            self.error = None;
            self.typed.insert(text);
        }
    }

    /// Enter: the passphrase, once it is to be tried.
    pub fn enter(&mut self) -> Option<Hidden> {
        if self.tries {
            return None;
        }
        if self.typed.is_empty() {
            self.error = Some("nothing was typed; Esc leaves it".to_owned());
            return None;
        }
        match &self.stage {
            Stage::Open => {}
            Stage::First => {
                if self.typed.count() < SHORTEST {
                    let words = "at least 8 characters; five words are easy to keep";
                    self.error = Some(words.to_owned());
                    self.typed.clear();
                } else {
                    self.stage = Stage::Again(std::mem::take(&mut self.typed));
                }
                return None;
            }
            Stage::Again(first) if *first != self.typed => {
                self.refused("these were two different ones; begin again".to_owned());
                return None;
            }
            Stage::Again(_) => {}
        }
        self.tries = true;
        Some(std::mem::take(&mut self.typed))
    }

    fn question(&self) -> &'static str {
        match &self.stage {
            Stage::Open => "Passphrase",
            Stage::First => "New passphrase",
            Stage::Again(_) => "The same again",
        }
    }

    /// Draws it; returns where the caret is.
    pub fn draw(
        &self,
        theme: &Theme,
        body: Rect,
        plain: bool,
        buffer: &mut Buffer,
    ) -> Option<(u16, u16)> {
        let (title, why) = if self.makes() {
            (
                "a vault for secrets",
                "What you type is kept sealed on this machine; this passphrase opens it once a day. It cannot be restored.",
            )
        } else {
            (
                "the vault is locked",
                "The accounts' passwords and tokens are sealed in it. Without it messages can be read and nothing new comes.",
            )
        };
        let columns = usize::from(body.width.saturating_sub(4)).max(10);
        let why = paint::wrapped(&Line::of(Role::Dim, why), columns);
        let rows = u16::try_from(why.len()).unwrap_or(2) + 3;
        let inside = super::sheet(theme, body, rows, title, plain, buffer);
        for (at, row) in why.iter().enumerate() {
            let mut line = Line::of(Role::Text, "  ");
            line.0.extend(row.0.iter().cloned());
            paint::line(buffer, theme, paint::row(inside, at), &line);
        }
        let at = why.len() + 1;
        if self.tries {
            let words = Line::of(Role::Text, "  opening …");
            paint::line(buffer, theme, paint::row(inside, at), &words);
            return None;
        }
        let question = Line::of(Role::Text, format!("  {}: ", self.question()));
        let row = paint::row(inside, at);
        let used = paint::line(buffer, theme, row, &question);
        let room = row.width.saturating_sub(used + 1);
        let count = u16::try_from(self.typed.count()).unwrap_or(room).min(room);
        let dot = if plain { "*" } else { "•" };
        let dots = Line::of(Role::Key, dot.repeat(usize::from(count)));
        let place = Rect {
            x: row.x + used,
            width: room,
            ..row
        };
        paint::line(buffer, theme, place, &dots);
        if let Some(error) = &self.error {
            let line = Line::of(Role::Urgent, format!("  {error}"));
            paint::line(buffer, theme, paint::row(inside, at + 1), &line);
        }
        Some((place.x + count, place.y))
    }
}
