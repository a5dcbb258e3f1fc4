//! The queue of approvals: what waits on the left; conversation, draft, evidence and gates on the right.

use super::super::clock;
use super::super::paint::{self, Line};
use super::super::theme::Role;
use super::conversation::{Look, OpenConversation};
use super::rows::Rows;
use crate::model::approval::{Confidence, Proposal, Verdict};
use crate::model::{Conversation, ProposalId};
use crate::text::wrap::WrapIndex;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::collections::BTreeSet;

/// The queue's state.
#[derive(Debug, Clone, Default)]
pub struct Approvals {
    /// What waits, in the order of the contract.
    pub rows: Rows<(Proposal, Conversation)>,
    /// Evidence and gates are shown in full.
    pub why: bool,
    /// The difference to the draft before is shown.
    pub diff: bool,
    /// Skipped for now.
    pub skipped: BTreeSet<ProposalId>,
    /// Marked for bulk approval.
    pub marked: BTreeSet<ProposalId>,
    /// Proposals whose whole text was on the screen.
    pub seen: BTreeSet<ProposalId>,
    /// Lines of the draft scrolled down.
    pub down: usize,
}

impl Approvals {
    /// The proposal under the cursor.
    pub fn current(&self) -> Option<&(Proposal, Conversation)> {
        self.rows.current()
    }
}

/// Draws the queue.
pub fn draw_list(state: &Approvals, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
    if area.width == 0 {
        return;
    }
    let title = Line::of(Role::Accent, " Approvals").and(Role::Dim, " · most urgent first");
    paint::line(buffer, look.theme, paint::row(area, 0), &title);
    paint::right(
        buffer,
        look.theme,
        paint::row(area, 0),
        &Line::of(Role::Dim, format!("{} ", state.rows.items.len())),
    );
    let body = Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    };
    if state.rows.items.is_empty() {
        let words = if state.rows.loaded {
            "No draft waits for a decision."
        } else {
            "reading …"
        };
        paint::line(
            buffer,
            look.theme,
            paint::row(body, 1),
            &Line::of(Role::Dim, format!("  {words}")),
        );
        return;
    }
    let fit = usize::from(body.height / 2).max(1);
    let first = state.rows.first(fit);
    for (index, (proposal, conversation)) in
        state.rows.items.iter().enumerate().skip(first).take(fit)
    {
        let top = (index - first) * 2;
        let current = index == state.rows.cursor;
        let over = current.then(|| {
            look.theme.style(if look.focused {
                Role::Selection
            } else {
                Role::SelectionDim
            })
        });
        if let Some(over) = over {
            paint::clear(
                buffer,
                Rect {
                    height: 2.min(body.height),
                    ..paint::row(body, top)
                },
                over,
            );
        }
        let mark = if state.marked.contains(&proposal.id) {
            (Role::Marked, "x")
        } else if current {
            (Role::Accent, ">")
        } else {
            (Role::Text, " ")
        };
        let line = Line::of(mark.0, mark.1)
            .and(Role::Dim, format!(" {} ", proposal.channel.tag()))
            .and(Role::Text, conversation.contact_name.clone());
        let row = paint::row(body, top);
        paint::styled(
            buffer,
            look.theme,
            Rect {
                width: row.width.saturating_sub(18),
                ..row
            },
            &line,
            over,
        );
        let mut right = confidence(proposal.confidence);
        if let Some(until) = [proposal.window_closes_at, proposal.due_at]
            .into_iter()
            .flatten()
            .min()
        {
            let left = until.since(look.now);
            let words = if left < 0 {
                format!(" late {} ", clock::span(-left))
            } else {
                format!(" {} ", clock::span(left))
            };
            right.push(
                if left < 1_800_000 {
                    Role::Urgent
                } else {
                    Role::Dim
                },
                words,
            );
        } else {
            right.push(Role::Dim, " ");
        }
        let wide = u16::try_from(right.width()).unwrap_or(0).min(row.width);
        paint::styled(
            buffer,
            look.theme,
            Rect {
                x: row.right() - wide,
                width: wide,
                ..row
            },
            &right,
            over,
        );
        let skipped = if state.skipped.contains(&proposal.id) {
            "skipped · "
        } else {
            ""
        };
        let gate = proposal
            .gates
            .iter()
            .find(|gate| gate.verdict != Verdict::Pass)
            .map_or_else(String::new, |gate| format!("{} · ", gate.gate));
        let words = proposal
            .body
            .lines()
            .find(|line| !line.trim().is_empty())
            .unwrap_or("");
        let below = Line::of(Role::Dim, format!("     {skipped}"))
            .and(Role::Warning, gate)
            .and(Role::Dim, words);
        paint::styled(buffer, look.theme, paint::row(body, top + 1), &below, over);
    }
}

fn confidence(confidence: Confidence) -> Line {
    let role = match confidence {
        Confidence::Low => Role::Warning,
        Confidence::Standard => Role::Dim,
        Confidence::High => Role::Good,
    };
    Line::of(role, confidence.name())
}

/// The lines of the decision card. The frame is ours; the text inside cannot draw it.
pub fn card(state: &Approvals, proposal: &Proposal, columns: usize, look: &Look<'_>) -> Vec<Line> {
    let columns = columns.saturating_sub(3).max(8);
    let gutter = if look.plain { "d " } else { "┃ " };
    let mut lines = Vec::new();
    let to: Vec<_> = proposal
        .recipients
        .all()
        .map(|party| party.address.as_str())
        .collect();
    lines.push(
        Line::of(Role::Draft, "draft by the assistant · ")
            .and(Role::Draft, proposal.confidence.name())
            .and(Role::Dim, format!(" · {}", proposal.score_because)),
    );
    lines.push(
        Line::of(Role::Draft, gutter)
            .and(Role::Dim, "to ")
            .and(Role::Text, to.join(", "))
            .and(
                Role::Dim,
                format!(" · {} · from {}", proposal.channel, proposal.account),
            ),
    );
    if !proposal.subject.is_empty() {
        lines.push(
            Line::of(Role::Draft, gutter)
                .and(Role::Dim, "subject ")
                .and(Role::Text, proposal.subject.clone()),
        );
    }
    lines.push(Line::of(Role::Draft, gutter));
    let earlier = state
        .diff
        .then(|| {
            state
                .rows
                .items
                .iter()
                .find(|(other, _)| Some(other.id) == proposal.earlier)
        })
        .flatten();
    let body = WrapIndex::new(proposal.body.as_str(), columns);
    for index in 0..body.lines() {
        let text = body.line(index).trim_end();
        let new = earlier
            .is_some_and(|(other, _)| !text.trim().is_empty() && !other.body.contains(text.trim()));
        lines.push(
            Line::of(Role::Draft, gutter).and(if new { Role::Match } else { Role::Text }, text),
        );
    }
    lines.push(Line::of(Role::Draft, gutter));
    for gate in proposal
        .gates
        .iter()
        .filter(|gate| state.why || gate.verdict != Verdict::Pass)
    {
        let (role, word) = match gate.verdict {
            Verdict::Pass => (Role::Good, "pass"),
            Verdict::Warn => (Role::Warning, "look"),
            Verdict::Block => (Role::Urgent, "blocked"),
        };
        wrapped(
            &mut lines,
            gutter,
            role,
            &format!("{word} {}: {}", gate.gate, gate.reason),
            columns,
        );
    }
    for sentence in &proposal.unsupported {
        wrapped(
            &mut lines,
            gutter,
            Role::Warning,
            &format!("nothing supports: {sentence}"),
            columns,
        );
    }
    for promise in &proposal.promises {
        wrapped(
            &mut lines,
            gutter,
            Role::Warning,
            &format!("promises: {promise}"),
            columns,
        );
    }
    if state.why {
        for evidence in &proposal.evidence {
            wrapped(
                &mut lines,
                gutter,
                Role::Good,
                &format!("“{}”", evidence.claim),
                columns,
            );
            let age = evidence.as_of.map_or_else(String::new, |at| {
                format!(", as of {}", clock::day(at, look.now, look.tz))
            });
            wrapped(
                &mut lines,
                gutter,
                Role::Dim,
                &format!(
                    "  {} ({}{age}): {}",
                    evidence.source, evidence.address, evidence.quote
                ),
                columns,
            );
        }
    } else {
        let sources: BTreeSet<_> = proposal
            .evidence
            .iter()
            .map(|evidence| evidence.source.as_str())
            .collect();
        let sources: Vec<_> = sources.into_iter().collect();
        if !sources.is_empty() {
            wrapped(
                &mut lines,
                gutter,
                Role::Dim,
                &format!("evidence: {} (w shows it)", sources.join(", ")),
                columns,
            );
        }
    }
    lines
}

fn wrapped(lines: &mut Vec<Line>, gutter: &str, role: Role, text: &str, columns: usize) {
    let index = WrapIndex::new(text, columns);
    for at in 0..index.lines() {
        lines.push(Line::of(Role::Draft, gutter).and(role, index.line(at).trim_end()));
    }
}

/// Where conversation and card are in the right-hand pane: the card gets what it needs up to two thirds.
pub fn divide(area: Rect, card: usize) -> (Rect, Rect) {
    let most = area.height.saturating_mul(2) / 3;
    let wanted = u16::try_from(card)
        .unwrap_or(u16::MAX)
        .min(most.max(6))
        .min(area.height);
    let top = Rect {
        height: area.height - wanted,
        ..area
    };
    (
        top,
        Rect {
            y: top.bottom(),
            height: wanted,
            ..area
        },
    )
}

/// Draws the right-hand pane.
pub fn draw_detail(
    state: &Approvals,
    open: Option<&OpenConversation>,
    look: &Look<'_>,
    area: Rect,
    buffer: &mut Buffer,
) {
    let Some((proposal, _)) = state.current() else {
        return;
    };
    if area.width == 0 {
        return;
    }
    let lines = card(state, proposal, usize::from(area.width), look);
    let (above, below) = divide(area, lines.len() + 1);
    if let Some(open) = open {
        open.draw(look, above, buffer);
    }
    let rows = usize::from(below.height).saturating_sub(1);
    let first = state.down.min(lines.len().saturating_sub(rows));
    for (index, line) in lines.iter().skip(first).take(rows).enumerate() {
        let row = paint::row(below, index);
        paint::line(
            buffer,
            look.theme,
            Rect {
                x: row.x + 1,
                width: row.width.saturating_sub(1),
                ..row
            },
            line,
        );
    }
    let more = lines.len().saturating_sub(first + rows);
    let keys = if more > 0 {
        Line::of(Role::Warning, format!(" {more} more lines: C-d"))
    } else {
        Line::of(Role::Key, " y")
            .and(Role::Dim, " approve  ")
            .and(Role::Key, "e")
            .and(Role::Dim, " edit  ")
            .and(Role::Key, "x")
            .and(Role::Dim, " reject  ")
            .and(Role::Key, "R")
            .and(Role::Dim, " redraft  ")
            .and(Role::Key, "w")
            .and(Role::Dim, " why")
    };
    paint::line(buffer, look.theme, paint::row(below, rows), &keys);
}

/// Whether the last line of the draft is on the screen.
pub fn is_seen(state: &Approvals, proposal: &Proposal, area: Rect, look: &Look<'_>) -> bool {
    let lines = card(state, proposal, usize::from(area.width), look);
    let (_, below) = divide(area, lines.len() + 1);
    let rows = usize::from(below.height).saturating_sub(1);
    state.down + rows >= lines.len()
}
