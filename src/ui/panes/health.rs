//! How the accounts are: state, last proof, gaps, errors with their remedy.

use super::super::clock;
use super::super::paint::{self, Line};
use super::super::theme::Role;
use super::conversation::Look;
use super::rows::Rows;
use crate::model::{AccountHealth, AccountState};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// News that came so much after the provider had it is late, in milliseconds.
const LATE: i64 = 2 * crate::model::time::MINUTE;

/// The word for a state, and how it is shown.
pub fn state_word(state: AccountState) -> (Role, &'static str) {
    let role = match state {
        AccountState::Starting => Role::Dim,
        AccountState::Ok => Role::Good,
        AccountState::Catching | AccountState::Retrying | AccountState::Paused => Role::Warning,
        AccountState::Broken | AccountState::Locked => Role::Urgent,
    };
    (role, state.word())
}

/// Draws the pane.
pub fn draw(
    rows: &Rows<AccountHealth>,
    warnings: &[String],
    look: &Look<'_>,
    area: Rect,
    buffer: &mut Buffer,
) {
    let mut lines = vec![Line::of(Role::Accent, " Health")];
    let mut cursor_at = 0;
    if rows.items.is_empty() {
        let words = if let Some(error) = &rows.error {
            error
        } else if rows.loaded {
            "No account is set up yet; g + sets one up in a minute."
        } else {
            "reading …"
        };
        lines.extend([Line::default(), Line::of(Role::Dim, format!("  {words}"))]);
    }
    for warning in warnings {
        lines.push(Line::of(
            Role::Warning,
            format!("  configuration: {warning}"),
        ));
    }
    for (index, health) in rows.items.iter().enumerate() {
        if index == rows.cursor {
            cursor_at = lines.len();
        }
        lines.extend(account(health, index == rows.cursor, look, area.width));
    }
    let fit = usize::from(area.height).max(1);
    let first = (cursor_at / fit) * fit;
    for (index, line) in lines.iter().skip(first).take(fit).enumerate() {
        paint::line(buffer, look.theme, paint::row(area, index), line);
    }
}

/// Everything about one account.
fn account(health: &AccountHealth, current: bool, look: &Look<'_>, columns: u16) -> Vec<Line> {
    let (role, word) = state_word(health.state);
    let (mark_role, mark) = paint::mark(current, false, look.plain);
    let name = format!(" {:<14}", health.account.as_str());
    let head = Line::of(mark_role, mark)
        .and(Role::Text, name)
        .and(role, format!("{word:<12}"));
    // An account is often named as its channel.
    let channels: Vec<_> = health
        .channels
        .iter()
        .map(|channel| channel.name())
        .collect();
    let channels = channels.join(", ");
    let proof = health.last_proof.map_or_else(
        || "never proven complete".to_owned(),
        |at| format!("complete as of {}", clock::when(at, look.now, look.tz)),
    );
    let mut facts = Vec::new();
    if channels != health.account.as_str() {
        facts.push(Line::of(Role::Dim, channels));
    }
    facts.push(Line::of(Role::Dim, proof));
    if health.behind > 0 {
        let words = format!("{} still to come", health.behind);
        facts.push(Line::of(Role::Warning, words));
    }
    let mut lines = Vec::new();
    // The first line holds what fits beside the name; the rest stands below.
    let first = joined(&facts);
    if head.width() + first.width() <= usize::from(columns) {
        let mut head = head;
        head.0.extend(first.0);
        lines.push(head);
    } else {
        lines.push(head);
        lines.extend(below(&first, columns));
    }
    lines.extend(below(&joined(&news(health, look)), columns));
    lines.extend(below(&joined(&budgets(health, look)), columns));
    if let Some(error) = &health.error {
        lines.extend(below(&Line::of(Role::Urgent, error.as_str()), columns));
    } else if let Some(past) = &health.past {
        let at = clock::when(past.at, look.now, look.tz);
        let words = format!("over since: {} ({at})", past.error);
        lines.extend(below(&Line::of(Role::Dim, words), columns));
    }
    if let Some(remedy) = &health.remedy {
        let mut line = Line::of(Role::Text, remedy.as_str());
        // Opening the vault has it tried at once.
        if let Some(at) = health
            .retry_at
            .filter(|_| health.state != AccountState::Locked)
        {
            let next = format!(" · next try in {}", clock::span(at.since(look.now)));
            line.push(Role::Dim, next);
        }
        lines.extend(below(&line, columns));
    }
    for gap in &health.gaps {
        let words = format!("missing: {gap} · `frontdesk backfill` brings it");
        lines.extend(below(&Line::of(Role::Warning, words), columns));
    }
    lines
}

/// When something came last, and how late.
fn news(health: &AccountHealth, look: &Look<'_>) -> Vec<Line> {
    let mut facts = Vec::new();
    if let Some(at) = health.last_event {
        let words = format!("last news {}", clock::when(at, look.now, look.tz));
        facts.push(Line::of(Role::Dim, words));
    }
    if let Some(lag) = health.lag_ms {
        let role = if lag >= LATE {
            Role::Warning
        } else {
            Role::Dim
        };
        facts.push(Line::of(role, format!("it came {} late", clock::span(lag))));
    }
    facts
}

/// What is used of the provider's allowance.
fn budgets(health: &AccountHealth, look: &Look<'_>) -> Vec<Line> {
    let told = health.budgets.iter().map(|budget| {
        let used = budget.used_at(look.now);
        let (role, used) = match budget.limit {
            0 => (Role::Dim, used.to_string()),
            100 => (near(used, 100), format!("{used} %")),
            limit => (near(used, limit), format!("{used} of {limit}")),
        };
        match budget.paused_at(look.now) {
            Some(until) => {
                let wait = clock::span(until.since(look.now));
                let words = format!("{} waits {wait}", budget.group);
                Line::of(Role::Warning, words)
            }
            None => Line::of(role, format!("{} {used}", budget.group)),
        }
    });
    let mut told: Vec<Line> = told.collect();
    if let Some(first) = told.first_mut() {
        let words = std::mem::take(&mut first.0);
        *first = Line::of(Role::Dim, "calls used: ");
        first.0.extend(words);
    }
    told
}

fn near(used: u64, limit: u64) -> Role {
    if used * 10 >= limit * 8 {
        Role::Warning
    } else {
        Role::Dim
    }
}

fn joined(facts: &[Line]) -> Line {
    let mut line = Line::default();
    for fact in facts {
        if !line.0.is_empty() {
            line.push(Role::Dim, " · ");
        }
        line.0.extend(fact.0.iter().cloned());
    }
    line
}

/// Below the name, wrapped where it is long.
fn below(line: &Line, columns: u16) -> Vec<Line> {
    if line.0.is_empty() {
        return Vec::new();
    }
    paint::wrapped(line, usize::from(columns.saturating_sub(5)).max(10))
        .into_iter()
        .map(|row| {
            let mut indented = Line::of(Role::Text, "    ");
            indented.0.extend(row.0);
            indented
        })
        .collect()
}
