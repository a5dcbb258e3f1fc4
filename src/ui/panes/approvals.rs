//! The queue of approvals: what waits on the left; conversation, draft, evidence and gates on the right.

use super::super::clock;
use super::super::paint::{self, Line};
use super::super::theme::Role;
use super::conversation::{Look, OpenConversation};
use super::rows::{Entry, Frame, Rows};
use super::urgency;
use crate::model::approval::{Confidence, Proposal, Verdict};
use crate::model::{Conversation, ProposalId, Timestamp};
use crate::text::diff;
use crate::text::wrap::WrapIndex;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The queue's state.
#[derive(Debug, Clone, Default)]
pub struct Approvals {
    /// What waits, in the order of the contract.
    pub rows: Rows<(Proposal, Conversation)>,
    /// Evidence and gates are shown in full.
    pub why: bool,
    /// The difference to the draft before is shown.
    pub diff: bool,
    /// The draft before the one of this number, once read; none when there is none.
    pub before: Option<(ProposalId, Option<Box<Proposal>>)>,
    /// Skipped for now.
    pub skipped: BTreeSet<ProposalId>,
    /// Marked for bulk approval.
    pub marked: BTreeSet<ProposalId>,
    /// Proposals whose whole text was on the screen.
    pub seen: BTreeSet<ProposalId>,
    /// The proposal on the screen, and since when: a key that comes with it is not meant for it.
    pub shown: Option<(ProposalId, Timestamp)>,
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
    let mut title = Line::of(Role::Accent, " Approvals");
    if state.marked.is_empty() {
        title.push(Role::Dim, " · most urgent");
    } else {
        title.push(Role::Accent, format!(" · {} marked", state.marked.len()));
    }
    let frame = Frame {
        title,
        total: Some(state.rows.items.len()).filter(|_| state.rows.loaded),
        empty: "No draft waits for a decision.",
        rows: 2,
    };
    state
        .rows
        .draw(&frame, look, area, buffer, |(proposal, conversation), _| {
            let mut right = confidence(proposal.confidence);
            if let Some((role, words)) = nearest(proposal, look) {
                right.push(Role::Dim, " ");
                right.push(role, words);
            }
            right.push(Role::Dim, " ");
            let skipped = if state.skipped.contains(&proposal.id) {
                "skipped · "
            } else {
                ""
            };
            let gate = proposal.gates.iter().max_by_key(|gate| gate.verdict);
            let gate = gate
                .filter(|gate| gate.verdict != Verdict::Pass)
                .map_or_else(String::new, |gate| format!("{} · ", gate.gate));
            let words = proposal.body.lines().find(|line| !line.trim().is_empty());
            Entry {
                left: Line::of(Role::Dim, format!(" {} ", proposal.channel.tag()))
                    .and(Role::Text, conversation.contact_name.as_str()),
                right,
                below: vec![
                    Line::of(Role::Dim, format!("     {skipped}"))
                        .and(Role::Warning, gate)
                        .and(Role::Dim, words.unwrap_or("")),
                ],
                marked: state.marked.contains(&proposal.id),
            }
        });
}

/// The clock that runs out first, by which the queue is ordered, and which of the two it is.
fn nearest(proposal: &Proposal, look: &Look<'_>) -> Option<(Role, String)> {
    let closes = proposal.window_closes_at.map(|at| (at, true));
    let due = proposal.due_at.map(|at| (at, false));
    let (at, window) = closes.into_iter().chain(due).min_by_key(|(at, _)| *at)?;
    let left = at.since(look.now);
    let words = match (window, left < 0) {
        (true, true) => "window closed".to_owned(),
        (true, false) => format!("closes {}", urgency::coarse(left)),
        (false, true) => format!("late {}", urgency::coarse(-left)),
        (false, false) => format!("due {}", urgency::coarse(left)),
    };
    Some((urgency::soon(left), words))
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
    let mut head = |pieces: Line| {
        for line in paint::wrapped(&pieces, columns) {
            let mut whole = Line::of(Role::Draft, gutter);
            whole.0.extend(line.0);
            lines.push(whole);
        }
    };
    head(
        Line::of(Role::Draft, "draft by the assistant · ")
            .and(Role::Draft, proposal.confidence.name())
            .and(Role::Draft, " confidence"),
    );
    let mut whom = Line::of(Role::Dim, "to ").and(Role::Text, to.join(", "));
    whom.push(
        Role::Dim,
        format!(" · {} · from {}", proposal.channel, proposal.account),
    );
    if let Some(from) = &proposal.from {
        whom.push(Role::Dim, format!(" <{}>", from.address));
    }
    head(whom);
    if !proposal.subject.is_empty() {
        lines.push(
            Line::of(Role::Draft, gutter)
                .and(Role::Dim, "subject ")
                .and(Role::Text, proposal.subject.clone()),
        );
    }
    lines.push(Line::of(Role::Draft, gutter));
    lay_out_body(state, proposal, columns, look, &mut lines);
    lines.push(Line::of(Role::Draft, gutter));
    let hidden = crate::text::sanitize_block(&proposal.body).hidden;
    if hidden > 0 {
        let words = format!("{hidden} hidden characters in this text: edit or reject it");
        wrapped(&mut lines, gutter, Role::Urgent, &words, columns);
    }
    if state.why {
        let words = format!(
            "{} confidence: {}",
            proposal.confidence.name(),
            proposal.score_because
        );
        wrapped(&mut lines, gutter, Role::Dim, &words, columns);
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
    for gate in &proposal.gates {
        let (role, word) = match gate.verdict {
            Verdict::Pass => continue,
            Verdict::Warn => (Role::Warning, "look"),
            Verdict::Block => (Role::Urgent, "blocked"),
        };
        let words = format!("{word} · {}: {}", gate.gate, gate.reason);
        wrapped(&mut lines, gutter, role, &words, columns);
    }
    let passed = proposal
        .gates
        .iter()
        .filter(|gate| gate.verdict == Verdict::Pass);
    match passed.count() {
        0 => {}
        1 => wrapped(&mut lines, gutter, Role::Good, "1 gate passed", columns),
        passed => {
            let words = format!("{passed} gates passed");
            wrapped(&mut lines, gutter, Role::Good, &words, columns);
        }
    }
    lines
}

/// The text exactly as it would be sent; with what changed against the draft before, if that is wanted.
fn lay_out_body(
    state: &Approvals,
    proposal: &Proposal,
    columns: usize,
    look: &Look<'_>,
    lines: &mut Vec<Line>,
) {
    let (gutter, plus) = if look.plain {
        ("d ", "d+")
    } else {
        ("┃ ", "┃+")
    };
    let before = match &state.before {
        _ if !state.diff => None,
        Some((of, before)) if *of == proposal.id => {
            let words = match before {
                Some(before) => compared(before, look),
                None => "there is no earlier draft to compare with".to_owned(),
            };
            wrapped(lines, gutter, Role::Dim, &words, columns);
            before.as_deref()
        }
        _ => {
            wrapped(
                lines,
                gutter,
                Role::Dim,
                "reading the draft before …",
                columns,
            );
            None
        }
    };
    let change = before.map(|before| diff::sentences(&before.body, &proposal.body));
    let added = change.as_ref().map_or(&[][..], |change| &change.added);
    let body = WrapIndex::new(proposal.body.as_str(), columns);
    for index in 0..body.lines() {
        let (start, text) = (body.range(index).start, body.line(index).trim_end());
        let end = start + text.len();
        let (mut at, mut line) = (start, Line::default());
        let mut put = |role, to: usize| {
            if let Some(piece) = proposal.body.get(at..to).filter(|piece| !piece.is_empty()) {
                line.push(role, piece);
                at = to;
            }
        };
        for range in added
            .iter()
            .filter(|range| range.start < end && range.end > start)
        {
            put(Role::Text, range.start.max(start));
            put(Role::Match, range.end.min(end));
        }
        put(Role::Text, end);
        let new = line.0.iter().any(|(role, _)| *role == Role::Match);
        let mut whole = Line::of(Role::Draft, if new { plus } else { gutter });
        whole.0.extend(line.0);
        lines.push(whole);
    }
    for sentence in change.iter().flat_map(|change| &change.removed) {
        let words = format!("- no longer: {sentence}");
        wrapped(lines, gutter, Role::Warning, &words, columns);
    }
    if change.is_some_and(|change| change.added.is_empty() && change.removed.is_empty()) {
        wrapped(lines, gutter, Role::Dim, "its text is the same", columns);
    }
}

/// Which draft it is compared with, and what became of that one.
fn compared(before: &Proposal, look: &Look<'_>) -> String {
    let at = clock::when(before.created_at, look.now, look.tz);
    let mut words = format!("compared with the draft of {at}, {}", before.state.name());
    if let Some(decision) = &before.decision {
        let _ = write!(words, " by {}", decision.actor);
        let reason = decision
            .reason
            .map(|reason| reason.name().replace('-', " "));
        let said = Some(decision.words.clone()).filter(|words| !words.is_empty());
        for more in [reason, said].into_iter().flatten() {
            let _ = write!(words, ": {more}");
        }
    }
    words
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

/// Draws the right-hand pane: the conversation above, the draft below.
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
    paint::rule(buffer, look.theme, paint::row(below, 0), look.plain);
    let inside = Rect {
        x: below.x + 1,
        y: below.y + 1,
        width: below.width.saturating_sub(1),
        height: below.height.saturating_sub(1),
    };
    let rows = usize::from(inside.height);
    let first = state.down.min(lines.len().saturating_sub(rows));
    for (index, line) in lines.iter().skip(first).take(rows).enumerate() {
        paint::line(buffer, look.theme, paint::row(inside, index), line);
    }
    let more = lines.len().saturating_sub(first + rows);
    if more > 0 {
        let noun = if more == 1 { "line" } else { "lines" };
        let words = format!(" {more} more {noun}: C-d ");
        let row = paint::row(below, 0);
        paint::right(buffer, look.theme, row, &Line::of(Role::Warning, words));
    }
}

/// Whether the last line of the draft is on the screen.
pub fn is_seen(state: &Approvals, proposal: &Proposal, area: Rect, look: &Look<'_>) -> bool {
    let lines = card(state, proposal, usize::from(area.width), look);
    let (_, below) = divide(area, lines.len() + 1);
    let rows = usize::from(below.height).saturating_sub(1);
    state.down + rows >= lines.len()
}
