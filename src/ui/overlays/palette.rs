//! Find any action, view or saved search by a few letters of its name.

use super::super::action::{Action, TABLE};
use super::super::key;
use super::super::keymap::Keymap;
use super::super::line_edit::LineEdit;
use super::super::paint::Line;
use super::super::panes::sidebar::Target;
use super::super::theme::{Role, Theme};
use super::choices;
use crate::text::width;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Columns of the keys.
const KEYS: usize = 7;
/// Columns of the name.
const NAME: usize = 18;

/// What the palette leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leads {
    /// An action.
    Action(Action),
    /// A place.
    Place(Target),
}

#[derive(Debug, Clone)]
struct Item {
    name: String,
    keys: String,
    more: String,
    /// Why it can do nothing here.
    reason: Option<&'static str>,
    leads: Leads,
}

/// The palette.
#[derive(Debug, Clone)]
pub struct Palette {
    items: Vec<Item>,
    /// What was typed.
    pub line: LineEdit,
    /// The one under the cursor, of those that match.
    pub cursor: usize,
}

impl Palette {
    /// Every action with its keys and, where it can do nothing, the reason; and these places.
    pub fn new(
        keymap: &Keymap,
        places: Vec<(String, Target)>,
        unavailable: impl Fn(Action) -> Option<&'static str>,
    ) -> Self {
        let actions = TABLE.iter().map(|row| Item {
            name: row.short.to_owned(),
            keys: keymap
                .keys_of(row.action)
                .map_or_else(String::new, |keys| key::show(&keys)),
            more: row.long.to_owned(),
            reason: unavailable(row.action),
            leads: Leads::Action(row.action),
        });
        let places = places.into_iter().map(|(name, target)| Item {
            name,
            keys: String::new(),
            more: "go there".to_owned(),
            reason: None,
            leads: Leads::Place(target),
        });
        let mut items: Vec<_> = actions.chain(places).collect();
        // What can be done here first; otherwise the order of the table.
        items.sort_by_key(|item| item.reason.is_some());
        Self {
            items,
            line: LineEdit::default(),
            cursor: 0,
        }
    }

    fn matching(&self) -> Vec<usize> {
        let all = self.items.iter();
        let texts = all.map(|item| (item.name.as_str(), item.more.as_str()));
        choices::rank(self.line.text(), texts)
    }

    /// Where the cursor leads.
    pub fn current(&self) -> Option<&Leads> {
        let index = *self.matching().get(self.cursor)?;
        self.items.get(index).map(|item| &item.leads)
    }

    /// How many match.
    pub fn count(&self) -> usize {
        self.matching().len()
    }

    /// Draws it; returns where the caret is.
    pub fn draw(&self, theme: &Theme, body: Rect, plain: bool, buffer: &mut Buffer) -> (u16, u16) {
        let matching = self.matching();
        let lines: Vec<_> = matching
            .iter()
            .filter_map(|index| self.items.get(*index))
            .map(|item| {
                let role = match item.reason {
                    Some(_) => Role::Dim,
                    None => Role::Text,
                };
                let more = item.reason.unwrap_or(&item.more);
                Line::of(Role::Key, width::pad(&item.keys, KEYS))
                    .and(role, width::pad(&item.name, NAME))
                    .and(Role::Dim, format!(" {more}"))
            })
            .collect();
        let list = choices::Choices {
            title: "find an action or view",
            line: &self.line,
            rows: &lines,
            cursor: self.cursor,
            none: "nothing matches",
        };
        choices::draw(&list, (theme, plain), body, buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_letters_find_it() {
        let mut palette = Palette::new(&Keymap::default(), Vec::new(), |_| None);
        palette.line.insert("snoo");
        assert!(matches!(
            palette.current(),
            Some(Leads::Action(Action::Snooze | Action::GoSnoozed))
        ));
    }
}
