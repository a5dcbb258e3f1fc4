//! Put several labels on and take several off, all with one Enter; a new one is made by typing it.

use super::super::line_edit::LineEdit;
use super::super::paint::Line;
use super::super::theme::{Role, Theme};
use super::choices;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Whether a label is on what the action is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// On all.
    On,
    /// On none.
    Off,
    /// On some, or not known of all.
    Some,
}

#[derive(Debug, Clone)]
struct Item {
    name: String,
    /// Open conversations that carry it.
    count: u64,
    before: Mark,
    now: Mark,
}

/// The labels, of which each can be toggled.
#[derive(Debug, Clone)]
pub struct Labels {
    items: Vec<Item>,
    /// What was typed: narrows the list, and names a new label.
    pub line: LineEdit,
    /// The one under the cursor, of those that match.
    pub cursor: usize,
}

/// Where the cursor is.
enum Under {
    /// On a known label, by index.
    Known(usize),
    /// On the one that was typed and does not exist.
    New(String),
}

impl Labels {
    /// Known labels with how many carry them, and the labels of each conversation that the action is about; `all` when
    /// those are all of them.
    pub fn new(known: Vec<(String, u64)>, carried: &[Vec<String>], all: bool) -> Self {
        let mut names = known;
        for label in carried.iter().flatten() {
            if names.iter().all(|(name, _)| name != label) {
                names.push((label.clone(), 0));
            }
        }
        let items = names.into_iter().map(|(name, count)| {
            let on = carried.iter().filter(|labels| labels.contains(&name));
            let before = match on.count() {
                _ if !all => Mark::Some,
                0 => Mark::Off,
                on if on == carried.len() => Mark::On,
                _ => Mark::Some,
            };
            Item {
                name,
                count,
                before,
                now: before,
            }
        });
        Self {
            items: items.collect(),
            line: LineEdit::default(),
            cursor: 0,
        }
    }

    fn typed(&self) -> &str {
        self.line.text().trim()
    }

    /// What matches, best first; last a label that does not exist yet, if one was typed.
    fn rows(&self) -> Vec<Under> {
        let names = self.items.iter().map(|item| (item.name.as_str(), ""));
        let mut rows: Vec<_> = choices::rank(self.typed(), names)
            .into_iter()
            .map(Under::Known)
            .collect();
        let typed = self.typed();
        let exists = self.items.iter().any(|item| item.name == typed);
        if !typed.is_empty() && !exists {
            rows.push(Under::New(typed.to_owned()));
        }
        rows
    }

    /// Moves the cursor.
    pub fn step(&mut self, by: isize) {
        let last = self.rows().len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
    }

    /// Toggles the label under the cursor; one that was typed and does not exist is put on.
    pub fn toggle(&mut self) {
        match self.rows().into_iter().nth(self.cursor) {
            Some(Under::Known(at)) => {
                if let Some(item) = self.items.get_mut(at) {
                    item.now = match (item.now, item.before) {
                        (Mark::Some, _) | (Mark::Off, Mark::On | Mark::Off) => Mark::On,
                        (Mark::On, _) => Mark::Off,
                        (Mark::Off, Mark::Some) => Mark::Some,
                    };
                }
            }
            Some(Under::New(name)) => {
                let item = Item {
                    name,
                    count: 0,
                    before: Mark::Off,
                    now: Mark::On,
                };
                self.items.insert(0, item);
            }
            None => return,
        }
        // What was typed has found it; the next one is typed anew.
        if !self.typed().is_empty() {
            self.line = LineEdit::default();
            self.cursor = 0;
        }
    }

    /// Something was toggled.
    pub fn is_changed(&self) -> bool {
        self.items.iter().any(|item| item.now != item.before)
    }

    /// The labels to add and those to remove.
    pub fn changes(&self) -> (Vec<String>, Vec<String>) {
        let to = |mark: Mark| {
            let changed = self.items.iter().filter(|item| item.now != item.before);
            let names = changed.filter(|item| item.now == mark);
            names.map(|item| item.name.clone()).collect()
        };
        (to(Mark::On), to(Mark::Off))
    }

    /// Draws it; returns where the caret is.
    pub fn draw(&self, theme: &Theme, body: Rect, plain: bool, buffer: &mut Buffer) -> (u16, u16) {
        let rows: Vec<_> = self
            .rows()
            .into_iter()
            .filter_map(|row| match row {
                Under::Known(at) => self.items.get(at).map(Item::line),
                Under::New(name) => {
                    Some(Line::of(Role::Dim, "[ ] ").and(Role::Text, format!("new label {name}")))
                }
            })
            .collect();
        let list = choices::Choices {
            title: "labels: Space toggles, Enter applies",
            line: &self.line,
            rows: &rows,
            cursor: self.cursor,
            none: "no label yet; type one",
        };
        choices::draw(&list, (theme, plain), body, buffer)
    }
}

impl Item {
    fn line(&self) -> Line {
        let mark = match self.now {
            Mark::On => "[x] ",
            Mark::Off => "[ ] ",
            Mark::Some => "[~] ",
        };
        let changed = self.now != self.before;
        let mut line = Line::of(if changed { Role::Match } else { Role::Dim }, mark)
            .and(Role::Text, self.name.as_str());
        let words = match (self.before, self.now) {
            (before, now) if before == now => match self.count {
                0 => String::new(),
                count => format!("  {count}"),
            },
            (_, Mark::On) => "  will be put on".to_owned(),
            (_, _) => "  will be taken off".to_owned(),
        };
        line.push(Role::Dim, words);
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(carried: &[&[&str]], all: bool) -> Labels {
        let known = vec![("billing".to_owned(), 3), ("refund".to_owned(), 1)];
        let carried: Vec<Vec<String>> = carried
            .iter()
            .map(|labels| labels.iter().map(|label| (*label).to_owned()).collect())
            .collect();
        Labels::new(known, &carried, all)
    }

    #[test]
    fn several_are_toggled_and_only_what_changed_is_told() {
        let mut all = labels(&[&["billing"], &["billing"]], true);
        all.toggle();
        all.step(1);
        all.toggle();
        let (add, remove) = all.changes();
        assert_eq!(
            (add, remove),
            (vec!["refund".to_owned()], vec!["billing".to_owned()])
        );
        all.toggle();
        assert_eq!(all.changes().0, Vec::<String>::new());
    }

    #[test]
    fn what_is_on_some_goes_on_all_then_off_all_then_stays() {
        for mut some in [labels(&[&["billing"], &[]], true), labels(&[&[]], false)] {
            some.toggle();
            assert_eq!(some.changes().0, ["billing"]);
            some.toggle();
            assert_eq!(some.changes().1, ["billing"]);
            some.toggle();
            assert!(!some.is_changed());
        }
    }

    #[test]
    fn a_new_one_is_made_by_typing_and_its_name_is_free_again() {
        let mut new = labels(&[&[]], true);
        new.line.insert("vip");
        new.toggle();
        assert_eq!(new.line.text(), "");
        new.line.insert("ref");
        new.toggle();
        assert_eq!(new.changes().0, ["vip", "refund"]);
    }
}
