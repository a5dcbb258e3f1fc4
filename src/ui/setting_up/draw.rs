//! Setting up an account, drawn over the whole body.

use super::super::paint::{self, Line};
use super::super::theme::{Role, Theme};
use super::form::{Form, Row};
use super::trial::{Trial, letters};
use super::{Done, SettingUp, Stage};
use crate::model::guide::{Answers, Kind};
use crate::model::{AccountHealth, AccountState};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Lines are no longer than this: long ones are hard to read.
const WIDEST: u16 = 84;

/// Lines to draw, where the caret is among them (line, column), and a line that must be seen.
#[derive(Default)]
struct Page {
    title: String,
    lines: Vec<Line>,
    caret: Option<(usize, usize)>,
    seen: usize,
    /// The first line drawn, where somebody scrolls.
    first: Option<usize>,
}

/// A sentence wrapped between words.
pub(super) fn wrapped(role: Role, text: &str, columns: usize) -> Vec<Line> {
    paint::wrapped(&Line::of(role, text), columns)
}

impl SettingUp {
    /// Draws it; returns where the caret is.
    pub fn draw(
        &self,
        health: &[AccountHealth],
        (theme, plain): (&Theme, bool),
        body: Rect,
        buffer: &mut Buffer,
    ) -> Option<(u16, u16)> {
        let page = self.page(health, body, plain)?;
        page.draw((theme, plain), body, buffer)
    }

    fn page(&self, health: &[AccountHealth], body: Rect, plain: bool) -> Option<Page> {
        let columns = usize::from(body.width.min(WIDEST).saturating_sub(5)).max(10);
        Some(match &self.stage {
            Stage::Choose => self.choose(columns, plain),
            Stage::Steps(down) => self.steps(*down, columns),
            Stage::Fill => self.form().map(|form| fill(form, columns, plain))?,
            Stage::Try(trial) => Page {
                title: format!("{}: trying {}", self.title(), trial.account),
                seen: usize::MAX,
                first: trial.page.is_some().then_some(trial.down),
                lines: trial.lines(columns, plain),
                ..Page::default()
            },
            Stage::Saved(done) => saved(done, health, columns),
        })
    }

    /// Scrolls no further than there are lines: the way back begins with the first key.
    pub(super) fn settle(&mut self, health: &[AccountHealth], body: Rect, plain: bool) {
        let fit = usize::from(body.height.saturating_sub(1)).max(1);
        let last = self
            .page(health, body, plain)
            .map_or(0, |page| page.lines.len().saturating_sub(fit));
        if let Stage::Steps(down)
        | Stage::Try(Trial { down, .. })
        | Stage::Saved(Done { down, .. }) = &mut self.stage
        {
            *down = (*down).min(last);
        }
    }

    fn title(&self) -> &'static str {
        self.guides.get(self.choice).map_or("", |guide| guide.title)
    }

    fn choose(&self, columns: usize, plain: bool) -> Page {
        let mut page = Page {
            title: "a new account".to_owned(),
            ..Page::default()
        };
        let words =
            "Where do your customers write? What you choose is tested before anything is saved.";
        page.lines.extend(wrapped(Role::Dim, words, columns));
        page.lines.push(Line::default());
        for (at, guide) in self.guides.iter().enumerate() {
            let current = at == self.choice;
            if current {
                page.seen = page.lines.len();
            }
            let (role, mark) = paint::mark(current, false, plain);
            let text = if current { Role::Accent } else { Role::Text };
            page.lines
                .push(Line::of(role, mark).and(text, format!(" {}", guide.title)));
        }
        page
    }

    fn steps(&self, down: usize, columns: usize) -> Page {
        let mut page = Page {
            title: self.title().to_owned(),
            first: Some(down),
            ..Page::default()
        };
        let Some(guide) = self.guides.get(self.choice) else {
            return page;
        };
        let words = "Do this first; the next page asks for what you get there.";
        page.lines.extend(wrapped(Role::Dim, words, columns));
        for (number, step) in guide.steps.iter().enumerate() {
            page.lines.push(Line::default());
            let rows = wrapped(Role::Text, step, columns.saturating_sub(3));
            for (at, row) in rows.into_iter().enumerate() {
                let head = if at == 0 {
                    format!("{}. ", number + 1)
                } else {
                    "   ".to_owned()
                };
                let mut line = Line::of(Role::Accent, head);
                line.0.extend(row.0);
                page.lines.push(line);
            }
        }
        page
    }
}

fn fill(form: &Form, columns: usize, plain: bool) -> Page {
    let answers = form.answers();
    let mut page = Page {
        title: form.guide.title.to_owned(),
        ..Page::default()
    };
    let mut advice: Vec<Line> = (form.guide.advice)(&answers)
        .into_iter()
        .flat_map(|words| wrapped(Role::Dim, &format!("· {words}"), columns.saturating_sub(4)))
        .map(|row| {
            let mut line = Line::of(Role::Dim, "    ");
            line.0.extend(row.0);
            line
        })
        .collect();
    let asked = form.asked();
    let cursor = form.cursor.min(asked.len().saturating_sub(1));
    for (at, row) in asked.iter().filter_map(|at| form.rows.get(*at)).enumerate() {
        let current = at == cursor;
        let role = if current { Role::Accent } else { Role::Dim };
        let mut ask = row.field.ask.to_owned();
        if row.field.optional && !ask.contains("empty") {
            ask.push_str(" (may be empty)");
        }
        page.lines.extend(wrapped(role, &ask, columns));
        let (value, caret) = value(row, &answers, columns, plain);
        if current && !matches!(row.field.kind, Kind::Choice(_)) {
            page.caret = Some((page.lines.len(), caret));
        }
        page.lines.push(value);
        if let Some(wrong) = form.said(row, &answers) {
            let rows = wrapped(Role::Urgent, &wrong, columns.saturating_sub(2));
            page.lines.extend(rows.into_iter().map(|row| {
                let mut line = Line::of(Role::Text, "  ");
                line.0.extend(row.0);
                line
            }));
        }
        if current {
            page.seen = page.lines.len().saturating_sub(1);
        }
        // Beside what it is about: the way that was chosen.
        if matches!(row.field.kind, Kind::Choice(_)) {
            page.lines.append(&mut advice);
        }
    }
    page.lines.append(&mut advice);
    page
}

/// A row's value, and the column of the caret in it.
fn value(row: &Row, answers: &Answers, columns: usize, plain: bool) -> (Line, usize) {
    let room = columns.saturating_sub(3);
    if row.field.kind.hidden() {
        let count = row.hidden.count().min(room);
        let dot = if plain { "*" } else { "•" };
        let line = Line::of(Role::Dim, "  ").and(Role::Key, dot.repeat(count));
        return (line, 2 + count);
    }
    let value = row.value(answers);
    if let Kind::Choice(words) = row.field.kind {
        let says = words.iter().find(|(word, _)| *word == value);
        let says = says.map_or("", |(_, says)| *says);
        let (left, right) = if plain {
            ("< ", " >")
        } else {
            ("‹ ", " ›")
        };
        let line = Line::of(Role::Dim, format!("  {left}"))
            .and(Role::Text, value)
            .and(Role::Dim, format!("{right}  {says}"));
        return (line, 4);
    }
    let role = if row.touched { Role::Text } else { Role::Dim };
    let shown = if row.touched { row.text.text() } else { &value };
    let column = if row.touched {
        row.text.column()
    } else {
        // What is only proposed gives way to the first letter.
        0
    };
    let shown = if column > room {
        crate::text::width::clip_start(shown, room).into_owned()
    } else {
        shown.to_owned()
    };
    (
        Line::of(Role::Dim, "  ").and(role, shown),
        2 + column.min(room),
    )
}

fn saved(done: &Done, health: &[AccountHealth], columns: usize) -> Page {
    let saved = &done.saved;
    let mut page = Page {
        title: format!("{} is set up", saved.account),
        first: Some(done.down),
        ..Page::default()
    };
    let words = format!("It is saved in {}.", saved.file);
    page.lines.extend(wrapped(Role::Dim, &words, columns));
    page.lines.push(Line::default());
    let own = health
        .iter()
        .find(|health| health.account.as_str() == saved.account);
    let (role, state) = match own.map(|own| own.state) {
        None | Some(AccountState::Starting) => (Role::Dim, "the first messages are on their way …"),
        Some(AccountState::Ok) if done.first.is_empty() => {
            (Role::Good, "It works; nobody has written yet.")
        }
        Some(AccountState::Ok) => (Role::Good, "It works. The newest messages:"),
        Some(AccountState::Catching) => (Role::Text, "It is read, newest first:"),
        Some(_) => (Role::Warning, "It does not work yet; g h says why."),
    };
    page.lines.extend(wrapped(role, state, columns));
    for (who, what) in &done.first {
        let line = Line::of(Role::Accent, format!("  {who}")).and(Role::Text, format!("  {what}"));
        page.lines.push(line);
    }
    for step in &saved.after {
        page.lines.push(Line::default());
        page.lines.extend(wrapped(Role::Text, step, columns));
    }
    if let Some(url) = &saved.url {
        page.lines.push(Line::default());
        page.lines.push(
            Line::of(Role::Dim, "address for the vendor (")
                .and(Role::Key, "y")
                .and(Role::Dim, " copies it):"),
        );
        page.lines.extend(letters(url, columns));
    }
    if let Some(word) = &saved.word {
        page.lines.push(
            Line::of(Role::Dim, "word for its handshake (")
                .and(Role::Key, "w")
                .and(Role::Dim, " copies it, ")
                .and(Role::Key, "v")
                .and(Role::Dim, " shows it):"),
        );
        if done.shows_word {
            page.lines.extend(letters(word.expose(), columns));
        }
    }
    page
}

impl Trial {
    /// Draws the test of an account that there is.
    pub fn draw(&self, (theme, plain): (&Theme, bool), body: Rect, buffer: &mut Buffer) {
        let columns = usize::from(body.width.min(WIDEST).saturating_sub(5)).max(10);
        let page = Page {
            title: format!("testing {}", self.account),
            seen: usize::MAX,
            lines: self.lines(columns, plain),
            ..Page::default()
        };
        page.draw((theme, plain), body, buffer);
    }
}

impl Page {
    fn draw(
        self,
        (theme, plain): (&Theme, bool),
        body: Rect,
        buffer: &mut Buffer,
    ) -> Option<(u16, u16)> {
        let inside =
            super::super::overlays::sheet(theme, body, body.height, &self.title, plain, buffer);
        let fit = usize::from(inside.height).max(1);
        let last = self.lines.len().saturating_sub(fit);
        // The last row says how much there is below it.
        let rows = if last > 0 { fit.max(2) - 1 } else { fit };
        let first = match self.first {
            Some(first) => first.min(last),
            None => (self.seen.min(self.lines.len()) + 1)
                .saturating_sub(rows)
                .min(last),
        };
        let below = self.lines.len().saturating_sub(first + fit);
        let rows = if below > 0 { rows } else { fit };
        if below > 0 && rows < fit {
            let words = Line::of(Role::Dim, format!("  … {} more lines", below + 1));
            paint::line(buffer, theme, paint::row(inside, rows), &words);
        }
        for (at, line) in self.lines.iter().skip(first).take(rows).enumerate() {
            let mut indented = Line::of(Role::Text, "  ");
            indented.0.extend(line.0.iter().cloned());
            paint::line(buffer, theme, paint::row(inside, at), &indented);
        }
        let (line, column) = self.caret?;
        let row = u16::try_from(line.checked_sub(first)?).ok()?;
        let column = u16::try_from(column + 2).unwrap_or(0);
        let x = inside.x + column.min(inside.width.saturating_sub(1));
        (row < inside.height).then_some((x, inside.y + row))
    }
}
