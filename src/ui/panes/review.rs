//! The last look before something is queued: what the customer will get, who gets it, and what is odd about it.

use super::super::clock;
use super::super::paint::{self, Line};
use super::super::setup::AccountCard;
use super::super::theme::Role;
use super::composer::{because, show_parties};
use super::conversation::Look;
use crate::desk::preflight::Remark;
use crate::model::{Draft, Message, Timestamp, Verdict};
use crate::text::human;
use crate::text::wrap::WrapIndex;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Columns of a field's name.
const NAME: usize = 9;
/// Lines shown of each message that came in meanwhile.
const CAME_IN: usize = 4;

/// What the review screen shows.
#[derive(Debug, Clone, Default)]
pub struct Review {
    /// Send at this time.
    pub later: Option<Timestamp>,
    /// Only if no reply has come by then.
    pub unless_reply: bool,
    /// Resolve the conversation when queued.
    pub resolve: bool,
    /// What came in since writing began.
    pub came_in: Vec<Message>,
    /// Lines scrolled down.
    pub down: usize,
    /// A refusal, in words.
    pub refused: Option<String>,
}

/// What is odd about a draft, worst first: a refusal, what the preflight says, what came in, an unusual address.
pub fn warnings(
    draft: &Draft,
    review: &Review,
    preflight: Vec<Remark>,
    reply_to: Option<&str>,
) -> Vec<(Role, String)> {
    let mut all = Vec::new();
    if let Some(refused) = &review.refused {
        all.push((Role::Urgent, refused.clone()));
    }
    for remark in preflight {
        match remark.verdict {
            Verdict::Block => all.push((Role::Urgent, remark.says)),
            Verdict::Warn => all.push((Role::Warning, remark.says)),
            Verdict::Pass => all.push((Role::Dim, remark.says)),
        }
    }
    if !review.came_in.is_empty() {
        all.push((
            Role::Warning,
            format!(
                "{} came in since you began to write; read it below",
                review.came_in.len()
            ),
        ));
    }
    if let Some(reply_to) = reply_to
        && draft
            .recipients
            .to
            .iter()
            .any(|party| party.address == reply_to)
    {
        all.push((
            Role::Warning,
            format!(
                "goes to {reply_to}, where the sender wants answers, not to where it came from"
            ),
        ));
    }
    all
}

/// What the review screen knows besides the draft.
pub struct Facts<'a> {
    /// What the account can do.
    pub card: Option<&'a AccountCard>,
    /// What the reply window allows.
    pub window: Option<(Role, String)>,
    /// What is odd.
    pub warnings: Vec<(Role, String)>,
}

/// The lines of the review: who, from whom, when, what is odd, what came in, and the whole text.
fn lines(
    draft: &Draft,
    review: &Review,
    facts: &Facts<'_>,
    look: &Look<'_>,
    columns: usize,
) -> Vec<Line> {
    let mut lines = vec![
        Line::of(Role::Accent, "Review").and(Role::Dim, " · this is what leaves"),
        Line::default(),
    ];
    let mut field = |name: &str, value: Line| {
        let rows = paint::wrapped(&value, columns.saturating_sub(NAME).max(8));
        for (index, row) in rows.into_iter().enumerate() {
            let name = if index == 0 { name } else { "" };
            let mut line = Line::of(Role::Dim, format!("{name:<NAME$}"));
            line.0.extend(row.0);
            lines.push(line);
        }
    };
    let text = |words: String| Line::of(Role::Text, words);
    let recipients = &draft.recipients;
    if recipients.to.is_empty() {
        field("to", Line::of(Role::Urgent, "nobody"));
    } else {
        field("to", text(show_parties(&recipients.to)));
    }
    for (name, list) in [("cc", &recipients.cc), ("bcc", &recipients.bcc)] {
        if !list.is_empty() {
            field(name, text(show_parties(list)));
        }
    }
    let all: Vec<_> = recipients.all().collect();
    let from = match facts.card.and_then(|card| card.sender_for(&all)) {
        Some(rule) => text(show_parties(std::slice::from_ref(&rule.from)))
            .and(Role::Dim, because(facts.card, rule)),
        None => text(draft.account.to_string()),
    };
    field("from", from);
    let mut channel = text(draft.channel.to_string());
    if let Some((role, words)) = &facts.window
        && draft.template.is_none()
    {
        channel.push(Role::Dim, " · ");
        channel.push(*role, words.as_str());
    }
    field("channel", channel);
    if let Some(used) = &draft.template {
        let name = Line::of(Role::Text, used.template.name.as_str());
        field(
            "template",
            name.and(Role::Dim, format!(" · {}", used.template.about())),
        );
        // What stands in the text is seen below; pictures and buttons have places, too.
        let apart = |place: &String| !used.template.body.contains(&format!("{{{{{place}}}}}"));
        for (place, value) in used.values.iter().filter(|(place, _)| apart(place)) {
            field(
                "",
                Line::of(Role::Dim, format!("{place}: ")).and(Role::Text, value.as_str()),
            );
        }
    }
    if !draft.subject.is_empty() {
        field("subject", text(draft.subject.clone()));
    }
    let hold = facts.card.map_or(0, |card| card.hold_ms);
    let leaves = match (review.later, review.unless_reply) {
        (Some(at), unless) => {
            let when = clock::when(at, look.now, look.tz);
            let unless = if unless {
                ", only if no reply has come"
            } else {
                ""
            };
            text(format!("{when}{unless}"))
        }
        (None, _) if hold > 0 => {
            text(format!("in {}", clock::span(hold))).and(Role::Dim, "; u takes it back until then")
        }
        (None, _) => text("at once".to_owned()),
    };
    field("leaves", leaves);
    if review.resolve {
        field("then", text("the conversation is resolved".to_owned()));
    }
    for attachment in &draft.attachments {
        let size = human::size(attachment.size);
        let line = Line::of(Role::Link, attachment.name.as_str());
        field("file", line.and(Role::Dim, format!(" {size}")));
    }
    lines.push(Line::default());
    for (role, words) in &facts.warnings {
        let warning = Line::of(*role, "! ").and(*role, words.as_str());
        lines.extend(paint::wrapped(&warning, columns));
    }
    for message in &review.came_in {
        let index = WrapIndex::new(message.body.as_str(), columns.saturating_sub(2));
        let gutter = if look.plain { "< " } else { "│ " };
        for row in index.visible(0, CAME_IN) {
            lines.push(Line::of(Role::Customer, gutter).and(Role::Text, row.trim_end()));
        }
    }
    if !facts.warnings.is_empty() {
        lines.push(Line::default());
    }
    let body = as_received(draft, facts.card);
    let index = WrapIndex::new(body, columns.saturating_sub(2));
    let gutter = if look.plain { "> " } else { "┊ " };
    for at in 0..index.lines() {
        lines.push(Line::of(Role::Agent, gutter).and(Role::Text, index.line(at).trim_end()));
    }
    lines
}

/// The text as the customer gets it. Mail is written in Markdown and leaves as plain text with an HTML twin; elsewhere
/// the text leaves as it is.
fn as_received(draft: &Draft, card: Option<&AccountCard>) -> String {
    if card.is_some_and(|card| card.subject) {
        let plain = crate::text::markdown::to_plain(&draft.body);
        return crate::text::sanitize_block(plain.trim_end()).text;
    }
    crate::text::sanitize_block(draft.body.trim_end()).text
}

/// How many lines can be scrolled down at most.
pub fn most_down(
    draft: &Draft,
    review: &Review,
    facts: &Facts<'_>,
    look: &Look<'_>,
    area: Rect,
) -> usize {
    let columns = usize::from(area.width).saturating_sub(2).max(8);
    let all = lines(draft, review, facts, look, columns).len();
    all.saturating_sub(usize::from(area.height))
}

/// Draws the review.
pub fn draw(
    draft: &Draft,
    review: &Review,
    facts: &Facts<'_>,
    look: &Look<'_>,
    area: Rect,
    buffer: &mut Buffer,
) {
    let columns = usize::from(area.width).saturating_sub(2).max(8);
    let lines = lines(draft, review, facts, look, columns);
    let rows = usize::from(area.height);
    let first = review.down.min(lines.len().saturating_sub(rows));
    let inside = Rect {
        x: area.x + 1.min(area.width),
        width: area.width.saturating_sub(1),
        ..area
    };
    for (index, line) in lines.iter().skip(first).take(rows).enumerate() {
        paint::line(buffer, look.theme, paint::row(inside, index), line);
    }
    let more = lines.len().saturating_sub(first + rows);
    if more > 0 {
        let noun = if more == 1 { "line" } else { "lines" };
        let words = format!(" {more} more {noun}: C-d ");
        let last = paint::row(area, rows.saturating_sub(1));
        paint::right(buffer, look.theme, last, &Line::of(Role::Warning, words));
    }
}
