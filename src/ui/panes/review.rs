//! The last look before something is queued: what the customer will get, who gets it, and what is odd about it.

use super::super::clock;
use super::super::paint::{self, Line};
use super::super::setup::AccountCard;
use super::super::theme::Role;
use super::composer::show_parties;
use super::conversation::Look;
use crate::model::{Channel, Draft, Message, OutboxId, Timestamp};
use crate::text::wrap::WrapIndex;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

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
    /// Was queued as.
    pub queued: Option<OutboxId>,
    /// A refusal, in words.
    pub refused: Option<String>,
}

/// What is odd about a draft, worst first.
pub fn warnings(
    draft: &Draft,
    review: &Review,
    card: Option<&AccountCard>,
    reply_to: Option<&str>,
    opted_out: bool,
    window: Option<Timestamp>,
    now: Timestamp,
) -> Vec<(Role, String)> {
    let mut all = Vec::new();
    if let Some(refused) = &review.refused {
        all.push((Role::Urgent, refused.clone()));
    }
    if opted_out {
        all.push((
            Role::Urgent,
            format!(
                "the customer has opted out of {}; this cannot be sent",
                draft.channel
            ),
        ));
    }
    if window.is_some_and(|closes| closes <= now) {
        all.push((
            Role::Urgent,
            "the reply window is closed; this cannot be sent".to_owned(),
        ));
    }
    if draft.recipients.to.is_empty() {
        all.push((Role::Urgent, "nobody gets it; t adds somebody".to_owned()));
    }
    if draft.channel == Channel::Email {
        for party in draft.recipients.all() {
            if let Err(error) = crate::text::header::EmailAddress::new(&party.address) {
                all.push((Role::Urgent, format!("{}: {error}", party.address)));
            }
        }
    }
    if draft.body.trim().is_empty() && draft.attachments.is_empty() {
        all.push((Role::Urgent, "there is no text".to_owned()));
    }
    let count = draft.body.chars().count();
    if let Some(limit) = card.and_then(|card| card.text_limit)
        && count > limit
    {
        all.push((
            Role::Urgent,
            format!("{count} characters; {} takes {limit}", draft.channel),
        ));
    }
    let size: u64 = draft
        .attachments
        .iter()
        .map(|attachment| attachment.size)
        .sum();
    if let Some(card) = card
        && size > card.attachment_limit
    {
        all.push((
            Role::Urgent,
            format!("the files are too large for {}", draft.channel),
        ));
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
    /// What is odd.
    pub warnings: Vec<(Role, String)>,
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
    let columns = usize::from(area.width).saturating_sub(3).max(8);
    let mut lines = vec![
        Line::of(Role::Accent, " Review").and(Role::Dim, " · this is what leaves"),
        Line::default(),
    ];
    let mut field = |name: &str, value: String| {
        lines.push(Line::of(Role::Dim, format!(" {name:<9}")).and(Role::Text, value))
    };
    field("to", show_parties(&draft.recipients.to));
    if !draft.recipients.cc.is_empty() {
        field("cc", show_parties(&draft.recipients.cc));
    }
    if !draft.recipients.bcc.is_empty() {
        field("bcc", show_parties(&draft.recipients.bcc));
    }
    let recipients: Vec<_> = draft.recipients.all().collect();
    match facts.card.and_then(|card| card.sender_for(&recipients)) {
        Some(rule) => field(
            "from",
            format!(
                "{} ({}, {})",
                show_parties(std::slice::from_ref(&rule.from)),
                draft.account,
                rule.because
            ),
        ),
        None => field("from", draft.account.to_string()),
    }
    if !draft.subject.is_empty() {
        field("subject", draft.subject.clone());
    }
    if let Some(at) = review.later {
        let when = clock::when(at, look.now, look.tz);
        field(
            "leaves",
            if review.unless_reply {
                format!("{when}, only if no reply has come")
            } else {
                when
            },
        );
    } else {
        let hold = facts.card.map_or(0, |card| card.hold_ms);
        field(
            "leaves",
            format!("after {}, u takes it back until then", clock::span(hold)),
        );
    }
    if review.resolve {
        field("then", "the conversation is resolved".to_owned());
    }
    for attachment in &draft.attachments {
        field(
            "file",
            format!(
                "{} {}",
                attachment.name,
                crate::text::human::size(attachment.size)
            ),
        );
    }
    lines.push(Line::default());
    for (role, words) in &facts.warnings {
        let index = WrapIndex::new(words.as_str(), columns);
        for at in 0..index.lines() {
            lines.push(Line::of(
                *role,
                format!(
                    " {}{}",
                    if at == 0 { "! " } else { "  " },
                    index.line(at).trim_end()
                ),
            ));
        }
    }
    for message in &review.came_in {
        let words = message.body.lines().next().unwrap_or("");
        lines.push(Line::of(Role::Customer, "   › ").and(Role::Text, words));
    }
    if !facts.warnings.is_empty() {
        lines.push(Line::default());
    }
    let index = WrapIndex::new(draft.body.as_str(), columns);
    let gutter = if look.plain { " > " } else { " │ " };
    for at in 0..index.lines() {
        lines.push(Line::of(Role::Agent, gutter).and(Role::Text, index.line(at).trim_end()));
    }
    let rows = usize::from(area.height).saturating_sub(1);
    let first = review.down.min(lines.len().saturating_sub(rows));
    for (index, line) in lines.iter().skip(first).take(rows).enumerate() {
        paint::line(buffer, look.theme, paint::row(area, index), line);
    }
    let mut keys = Line::of(Role::Text, " ");
    let more = lines.len().saturating_sub(first + rows);
    if more > 0 {
        keys.push(Role::Warning, format!("{more} more: C-d  "));
    }
    for (key, word) in [
        ("y", "queue"),
        ("e", "edit"),
        ("t c b", "recipients"),
        ("A", "attach"),
        ("l", "later"),
        ("r", "and resolve"),
        ("p", "postpone"),
        ("n", "discard"),
    ] {
        keys.push(Role::Key, key);
        keys.push(Role::Dim, format!(" {word}  "));
    }
    paint::line(buffer, look.theme, paint::row(area, rows), &keys);
}
