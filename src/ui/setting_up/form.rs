//! The fields of a guide while they are filled in.

use super::super::hidden::Hidden;
use super::super::key::{Code, Key};
use super::super::line_edit::LineEdit;
use super::super::vault;
use super::wish::{Filled, Filling};
use crate::model::guide::{Answers, Field, Guide, Kind};

/// The key of the account's name, which every guide asks for.
const NAME: &str = "account";

/// One field and what was typed.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) field: Field,
    pub(super) text: LineEdit,
    pub(super) hidden: Hidden,
    /// Somebody typed here; else what is proposed stands here.
    pub(super) touched: bool,
}

/// A guide's fields.
#[derive(Debug, Clone)]
pub(super) struct Form {
    pub(super) guide: &'static Guide,
    pub(super) rows: Vec<Row>,
    /// The one under the cursor, of [`Form::asked`].
    pub(super) cursor: usize,
    /// Somebody tried to go on: what is missing is said, too.
    pub(super) tried: bool,
    /// What most people leave as it is, is asked, too.
    more: bool,
    /// Names that are in use.
    taken: Vec<String>,
}

impl Form {
    /// An empty form; these names are in use.
    pub(super) fn new(guide: &'static Guide, taken: Vec<String>) -> Self {
        let name = Field::needed(NAME, "A short name for this account", Kind::Name)
            .proposing(proposed_name);
        // Mail is asked for its address first, from which the name follows.
        let after = usize::from(guide.fields.first().is_some_and(|f| f.kind == Kind::Mail));
        let mut fields = guide.fields.to_vec();
        fields.insert(after, name);
        let rows = fields
            .into_iter()
            .map(|field| Row {
                field,
                text: LineEdit::default(),
                hidden: Hidden::default(),
                touched: false,
            })
            .collect();
        Self {
            guide,
            rows,
            cursor: 0,
            tried: false,
            more: false,
            taken,
        }
    }

    /// Everything that was answered or is proposed.
    pub(super) fn answers(&self) -> Answers {
        let mut answers = Answers::default();
        answers.put("provider", self.guide.provider);
        for row in &self.rows {
            if !self.shows(row, &answers) {
                continue;
            }
            if row.field.kind.hidden() {
                if !row.hidden.is_empty() {
                    answers.put_hidden(row.field.key);
                }
            } else {
                let value = row.value(&answers);
                answers.put(row.field.key, &value);
            }
        }
        answers
    }

    /// The rows that are asked, by their place in all of them.
    pub(super) fn asked(&self) -> Vec<usize> {
        let answers = self.answers();
        let rows = self.rows.iter().enumerate();
        rows.filter(|(_, row)| self.shows(row, &answers))
            .map(|(at, _)| at)
            .collect()
    }

    fn shows(&self, row: &Row, answers: &Answers) -> bool {
        (self.more || !row.field.more) && (row.field.wanted)(answers)
    }

    /// There is more to set than is asked.
    pub(super) fn has_more(&self) -> bool {
        !self.more && self.rows.iter().any(|row| row.field.more)
    }

    /// Asks for everything from now on, beginning with what was not asked before.
    pub(super) fn show_more(&mut self) {
        if !self.has_more() {
            return;
        }
        self.more = true;
        let asked = self.asked();
        let first = asked
            .iter()
            .position(|at| self.rows.get(*at).is_some_and(|row| row.field.more));
        self.cursor = first.unwrap_or(self.cursor);
    }

    fn current(&self) -> usize {
        let asked = self.asked();
        let at = self.cursor.min(asked.len().saturating_sub(1));
        asked.get(at).copied().unwrap_or(0)
    }

    /// The row under the cursor is chosen, not typed.
    pub(super) fn chooses(&self) -> bool {
        let row = self.rows.get(self.current());
        row.is_some_and(|row| matches!(row.field.kind, Kind::Choice(_)))
    }

    /// What is wrong with a row.
    pub(super) fn wrong(&self, row: &Row, answers: &Answers) -> Option<String> {
        if row.field.kind.hidden() {
            return row.field.check(row.hidden.expose()).err();
        }
        let value = row.value(answers);
        if row.field.key == NAME && self.taken.contains(&value) {
            return Some(format!("there is an account `{value}` already"));
        }
        row.field.check(&value).err()
    }

    /// What is said beside a row now: nothing before it was typed into.
    pub(super) fn said(&self, row: &Row, answers: &Answers) -> Option<String> {
        (row.touched || self.tried)
            .then(|| self.wrong(row, answers))
            .flatten()
    }

    /// A row up or down; false at the end.
    pub(super) fn step(&mut self, down: bool) -> bool {
        let last = self.asked().len().saturating_sub(1);
        let at = self.cursor.min(last);
        if down && at == last {
            return false;
        }
        self.cursor = if down { at + 1 } else { at.saturating_sub(1) };
        true
    }

    /// A key for the row under the cursor.
    pub(super) fn key(&mut self, key: Key) {
        let answers = self.answers();
        let at = self.current();
        let Some(row) = self.rows.get_mut(at) else {
            return;
        };
        if let Kind::Choice(words) = row.field.kind {
            let on = match key.code {
                Code::Right | Code::Char(' ') => 1,
                Code::Left => words.len().saturating_sub(1),
                _ => return,
            };
            let value = row.value(&answers);
            let now = words.iter().position(|(word, _)| *word == value);
            let next = (now.unwrap_or(0) + on) % words.len().max(1);
            if let Some((word, _)) = words.get(next) {
                row.text = LineEdit::new(*word);
                row.touched = true;
            }
        } else if row.field.kind.hidden() {
            vault::edit(&mut row.hidden, key);
            row.touched = true;
        } else {
            // What is typed takes the place of what was only proposed; every other key goes on with that.
            let mut text = match key.code {
                Code::Char(_) if !key.ctrl && !row.touched => LineEdit::default(),
                _ => row.editable(&answers),
            };
            if text.key(key) {
                row.text = text;
                row.touched = true;
            }
        }
    }

    /// Pasted text for the row under the cursor.
    pub(super) fn paste(&mut self, text: &str) {
        let answers = self.answers();
        let at = self.current();
        let Some(row) = self.rows.get_mut(at) else {
            return;
        };
        let text = text.trim();
        match row.field.kind {
            Kind::Choice(_) => return,
            kind if kind.hidden() => row.hidden.insert(text),
            _ => {
                // What is pasted takes the place of what was only proposed.
                if !row.touched {
                    row.text = LineEdit::default();
                }
                let mut line = if row.touched {
                    row.editable(&answers)
                } else {
                    LineEdit::default()
                };
                line.insert(text);
                row.text = line;
            }
        }
        row.touched = true;
    }

    /// The form, if nothing is wrong; else the cursor goes to what is.
    pub(super) fn filled(&mut self) -> Option<Filled> {
        self.tried = true;
        let answers = self.answers();
        for (at, index) in self.asked().into_iter().enumerate() {
            if self
                .rows
                .get(index)
                .is_some_and(|row| self.wrong(row, &answers).is_some())
            {
                self.cursor = at;
                return None;
            }
        }
        let mut filled = Filled {
            provider: self.guide.provider,
            account: String::new(),
            answers: Vec::new(),
        };
        for index in self.asked() {
            let row = self.rows.get(index)?;
            let key = row.field.key;
            if row.field.kind.hidden() {
                if !row.hidden.is_empty() {
                    filled
                        .answers
                        .push((key, Filling::Hidden(row.hidden.clone())));
                }
                continue;
            }
            let value = row.value(&answers);
            if key == NAME {
                filled.account = value;
            // What only holds without an answer need not stand in the file.
            } else if !value.is_empty() && (row.touched || !row.field.more) {
                filled.answers.push((key, Filling::Plain(value)));
            }
        }
        Some(filled)
    }

    /// Forgets what may not be seen.
    pub(super) fn wipe(&mut self) {
        for row in &mut self.rows {
            row.hidden.clear();
        }
    }
}

impl Row {
    /// What was typed, else what is proposed.
    pub(super) fn value(&self, answers: &Answers) -> String {
        if self.touched {
            self.text.text().trim().to_owned()
        } else {
            (self.field.propose)(answers)
        }
    }

    fn editable(&self, answers: &Answers) -> LineEdit {
        if self.touched {
            self.text.clone()
        } else {
            LineEdit::new((self.field.propose)(answers))
        }
    }
}

/// By the address, else by the provider.
fn proposed_name(answers: &Answers) -> String {
    let address = answers.get("address");
    let local = address.split('@').next().unwrap_or_default();
    let proposed = if local.is_empty() && answers.get("provider") != "email" {
        answers.get("provider")
    } else {
        local
    };
    proposed
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'))
        .take(40)
        .collect()
}
