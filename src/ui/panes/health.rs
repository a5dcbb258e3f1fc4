//! How the accounts are: state, last proof, gaps, errors with their remedy.

use super::super::clock;
use super::super::paint::{self, Line};
use super::super::theme::Role;
use super::conversation::Look;
use super::rows::Rows;
use crate::model::{AccountHealth, AccountState};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The word for a state, and how it is shown.
pub fn state_word(state: AccountState) -> (Role, &'static str) {
    match state {
        AccountState::Starting => (Role::Dim, "starting"),
        AccountState::Catching => (Role::Warning, "catching up"),
        AccountState::Ok => (Role::Good, "ok"),
        AccountState::Retrying => (Role::Warning, "retrying"),
        AccountState::Broken => (Role::Urgent, "needs you"),
        AccountState::Paused => (Role::Warning, "paused"),
    }
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
            "No account is set up; `frontdesk init` sets one up in a minute."
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
        let (role, word) = state_word(health.state);
        let channels: Vec<_> = health
            .channels
            .iter()
            .map(|channel| channel.name())
            .collect();
        let proof = health.last_proof.map_or_else(
            || "never proven complete".to_owned(),
            |at| format!("complete as of {}", clock::when(at, look.now, look.tz)),
        );
        let (mark_role, mark) = paint::mark(index == rows.cursor, false, look.plain);
        // An account is often named as its channel.
        let channels = match channels.join(", ") {
            one if one == health.account.as_str() => String::new(),
            all => format!("{all} · "),
        };
        let mut line = Line::of(mark_role, mark)
            .and(Role::Text, format!(" {:<14}", health.account.as_str()))
            .and(role, format!("{word:<12}"))
            .and(Role::Dim, format!("{channels}{proof}"));
        if health.behind > 0 {
            line.push(Role::Warning, format!(" · {} still to come", health.behind));
        }
        if let Some((left, of)) = health.budget {
            line.push(Role::Dim, format!(" · {left} of {of} calls left"));
        }
        lines.push(line);
        if let Some(error) = &health.error {
            lines.push(Line::of(Role::Urgent, format!("    {error}")));
        }
        if let Some(remedy) = &health.remedy {
            let mut line = Line::of(Role::Text, format!("    {remedy}"));
            if let Some(at) = health.retry_at {
                line.push(
                    Role::Dim,
                    format!(" · next try in {}", clock::span(at.since(look.now))),
                );
            }
            lines.push(line);
        }
        for gap in &health.gaps {
            lines.push(Line::of(
                Role::Warning,
                format!("    missing: {gap} · `frontdesk backfill` brings it"),
            ));
        }
    }
    let fit = usize::from(area.height).max(1);
    let first = (cursor_at / fit) * fit;
    for (index, line) in lines.iter().skip(first).take(fit).enumerate() {
        paint::line(buffer, look.theme, paint::row(area, index), line);
    }
}
