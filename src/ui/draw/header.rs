//! The first line: what waits for this agent, and whether anything is broken.

use super::super::app::App;
use super::super::clock;
use super::super::layout::Width;
use super::super::msg::EngineState;
use super::super::paint::{self, Line};
use super::super::panes::health;
use super::super::theme::Role;
use crate::model::AccountState;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the line. Where there is little room, who is logged in gives way to what needs somebody.
pub(super) fn header(app: &App, area: Rect, buffer: &mut Buffer) {
    let theme = &app.setup.theme;
    paint::clear(buffer, area, theme.style(Role::Header));
    let right = accounts(app);
    let wide = u16::try_from(right.width())
        .unwrap_or(u16::MAX)
        .min(area.width);
    let room = area.width.saturating_sub(wide);
    let facts = facts(app);
    let mut left = Line::default();
    let who = who(app);
    if who.width() + facts.width() + 3 <= usize::from(room) {
        left.0.extend(who.0);
        left.push(Role::Dim, "   ");
    } else if facts.0.is_empty() {
        left.push(Role::Accent, " frontdesk");
    } else {
        left.push(Role::Dim, " ");
    }
    left.0.extend(facts.0);
    let room = Rect {
        width: room,
        ..area
    };
    paint::line(buffer, theme, room, &left);
    paint::right(buffer, theme, area, &right);
}

fn who(app: &App) -> Line {
    let mut who =
        Line::of(Role::Accent, " frontdesk").and(Role::Dim, format!("  {}", app.setup.me));
    if let Some(shift) = &app.setup.shift {
        who.push(Role::Dim, format!(" · {shift}"));
    }
    who
}

/// What waits for somebody, most pressing first.
fn facts(app: &App) -> Line {
    let counts = &app.counts;
    let mut facts = Line::default();
    let mut fact = |role, count: u64, words: &str| {
        if count > 0 {
            if !facts.0.is_empty() {
                facts.push(Role::Dim, " · ");
            }
            facts.push(role, words.replace('#', &count.to_string()));
        }
    };
    fact(Role::Urgent, counts.pages, "pages #");
    fact(Role::Urgent, counts.failed, "# not sent");
    fact(Role::Urgent, counts.unknown, "# not known if sent");
    fact(Role::Draft, counts.approvals, "approvals #");
    fact(Role::Dim, counts.queued, "# leaving");
    facts
}

/// The engine and the accounts in a few words: how many work, and the one that does not.
fn accounts(app: &App) -> Line {
    let all = &app.health.items;
    let good = all
        .iter()
        .filter(|health| health.state == AccountState::Ok)
        .count();
    let narrow = app.width() == Width::Narrow && !app.setup.plain;
    let mut line = Line::default();
    match app.engine {
        EngineState::Attached(_) if narrow => {}
        EngineState::Attached(_) => line.push(Role::Dim, "attached  "),
        EngineState::ReadOnly => line.push(Role::Warning, "read only  "),
        EngineState::Starting | EngineState::Holder => {}
    }
    let (dot, warn) = if app.setup.plain {
        ("", "! ")
    } else {
        ("● ", "▲ ")
    };
    if app.vault_locked {
        line.push(Role::Urgent, format!("  {warn}vault locked"));
    }
    let bad = all
        .iter()
        .filter(|health| health.state != AccountState::Ok)
        // The vault was named.
        .filter(|health| !(app.vault_locked && health.state == AccountState::Locked))
        .max_by_key(|health| health.state == AccountState::Broken);
    if good > 0 && !(narrow && bad.is_some()) {
        line.push(Role::Good, format!("{dot}{good} ok"));
    }
    if let Some(bad) = bad {
        let (role, word) = health::state_word(bad.state);
        let age = bad.last_proof.map_or_else(String::new, |at| {
            format!(" {}", clock::span(app.now.since(at)))
        });
        line.push(role, format!("  {warn}{} {word}{age}", bad.account));
    }
    line.push(Role::Dim, " ");
    line
}
