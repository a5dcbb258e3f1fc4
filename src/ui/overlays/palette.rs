//! Find any action, view or saved search by a few letters of its name.

use super::super::action::{Action, TABLE};
use super::super::key;
use super::super::keymap::Keymap;
use super::super::line_edit::LineEdit;
use super::super::paint::{self, Line};
use super::super::panes::sidebar::Target;
use super::super::theme::{Role, Theme};
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// What the palette leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leads {
    /// An action.
    Action(Action),
    /// A place.
    Place(Target),
}

/// The palette.
#[derive(Debug, Clone)]
pub struct Palette {
    items: Vec<(String, String, Leads)>,
    /// What was typed.
    pub line: LineEdit,
    /// The one under the cursor, of those that match.
    pub cursor: usize,
}

impl Palette {
    /// Every action with its keys, and these places.
    pub fn new(keymap: &Keymap, places: Vec<(String, Target)>) -> Self {
        let actions = TABLE.iter().map(|row| {
            let keys = keymap
                .keys_of(row.action)
                .map_or_else(String::new, |keys| key::show(&keys));
            (
                format!("{} · {}", row.short, row.long),
                keys,
                Leads::Action(row.action),
            )
        });
        let places = places
            .into_iter()
            .map(|(name, target)| (format!("go to {name}"), String::new(), Leads::Place(target)));
        Self {
            items: places.chain(actions).collect(),
            line: LineEdit::default(),
            cursor: 0,
        }
    }

    fn matching(&self) -> Vec<usize> {
        rank(
            self.line.text(),
            self.items.iter().map(|(name, ..)| name.clone()),
        )
    }

    /// Where the cursor leads.
    pub fn current(&self) -> Option<&Leads> {
        let index = *self.matching().get(self.cursor)?;
        self.items.get(index).map(|(.., leads)| leads)
    }

    /// How many match.
    pub fn count(&self) -> usize {
        self.matching().len()
    }

    /// Draws it; returns where the caret is.
    pub fn draw(&self, theme: &Theme, body: Rect, plain: bool, buffer: &mut Buffer) -> (u16, u16) {
        let matching = self.matching();
        let inside = super::sheet(theme, body, 13, "find an action or view", plain, buffer);
        let used = paint::line(
            buffer,
            theme,
            paint::row(inside, 0),
            &Line::of(Role::Key, " > ").and(Role::Text, self.line.text()),
        );
        let fit = usize::from(inside.height).saturating_sub(1).max(1);
        let first = (self.cursor / fit) * fit;
        for (at, index) in matching.iter().enumerate().skip(first).take(fit) {
            let Some((name, keys, _)) = self.items.get(*index) else {
                continue;
            };
            let row = paint::row(inside, at - first + 1);
            let over = (at == self.cursor).then(|| theme.style(Role::Selection));
            if let Some(over) = over {
                paint::clear(buffer, row, over);
            }
            let mark = if at == self.cursor { " > " } else { "   " };
            let line = Line::of(Role::Accent, mark)
                .and(Role::Key, format!("{keys:<8}"))
                .and(Role::Text, name.clone());
            paint::styled(buffer, theme, row, &line, over);
        }
        (
            inside.x + used.min(inside.width.saturating_sub(1)),
            inside.y,
        )
    }
}

/// Indices of the texts that match, best first; all in order when nothing was typed.
pub fn rank(typed: &str, texts: impl Iterator<Item = String>) -> Vec<usize> {
    let texts: Vec<String> = texts.collect();
    if typed.trim().is_empty() {
        return (0..texts.len()).collect();
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, usize)> = texts
        .iter()
        .enumerate()
        .filter_map(|(index, text)| {
            let score = pattern.score(Utf32Str::new(text, &mut buffer), &mut matcher)?;
            Some((score, index))
        })
        .collect();
    scored.sort_by_key(|(score, index)| (std::cmp::Reverse(*score), *index));
    scored.into_iter().map(|(_, index)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_letters_find_it() {
        let mut palette = Palette::new(&Keymap::default(), Vec::new());
        palette.line.insert("snoo");
        assert!(matches!(
            palette.current(),
            Some(Leads::Action(Action::Snooze | Action::GoSnoozed))
        ));
    }
}
