//! Who the customer is: addresses, consent, merges, who else it may be, remarks, other conversations.

use super::super::clock;
use super::super::paint::{self, Line};
use super::super::theme::{Role, Theme};
use super::conversation::Look;
use crate::model::query::ConversationDetail;
use crate::model::{Contact, Identity, Merge, Strength, Suggestion};
use crate::text::wrap::WrapIndex;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the pane, so many lines scrolled down, and says by which keys where they are its own. What can be done about who this is stays to be seen at its foot where
/// not all fits.
pub fn draw(
    detail: &ConversationDetail,
    look: &Look<'_>,
    (down, scrolls): (usize, bool),
    area: Rect,
    buffer: &mut Buffer,
) {
    let theme: &Theme = look.theme;
    let (lines, keys) = lines(detail, look, area);
    let height = usize::from(area.height);
    let most = most(lines.len(), height);
    let shown = if most > 0 { height - 1 } else { height };
    let down = down.min(most);
    for (index, line) in lines.iter().skip(down).take(shown).enumerate() {
        paint::line(buffer, theme, paint::row(area, index), line);
    }
    if most > 0 {
        let mut foot = keys.unwrap_or_else(|| Line::of(Role::Dim, " "));
        foot.push(Role::Dim, if foot.0.len() > 1 { "  " } else { "" });
        if scrolls {
            foot.push(Role::Key, "j/k");
        }
        foot.push(
            Role::Dim,
            if down < most {
                " more below"
            } else {
                " the end"
            },
        );
        paint::line(buffer, theme, paint::row(area, height - 1), &foot);
    }
}

/// How far down it can be scrolled.
pub fn most_down(detail: &ConversationDetail, look: &Look<'_>, area: Rect) -> usize {
    most(lines(detail, look, area).0.len(), usize::from(area.height))
}

/// The foot takes a row where not all fits.
fn most(lines: usize, height: usize) -> usize {
    if lines <= height {
        return 0;
    }
    lines - height.saturating_sub(1)
}

/// Everything there is to say, and the keys among it.
fn lines(detail: &ConversationDetail, look: &Look<'_>, area: Rect) -> (Vec<Line>, Option<Line>) {
    let contact = &detail.contact;
    let mut lines = vec![Line::of(Role::Accent, format!(" {}", contact.name))];
    if contact.vip {
        lines.push(Line::of(Role::Warning, " VIP: first reply by a person"));
    }
    lines.push(Line::of(
        Role::Dim,
        format!(
            " known since {}",
            clock::day(contact.since, look.now, look.tz)
        ),
    ));
    lines.push(Line::default());
    let columns = usize::from(area.width).saturating_sub(1).max(8);
    for identity in &contact.identities {
        lines.extend(address(identity, columns));
    }
    for merge in &contact.merges {
        lines.extend(merged(merge, columns, look));
    }
    for suggestion in &contact.suggestions {
        lines.extend(suggested(suggestion, columns));
    }
    let keys = keys(contact);
    lines.extend(keys.clone());
    if !contact.remarks.is_empty() {
        lines.push(Line::default());
        lines.push(Line::of(Role::Dim, " remarks"));
        let index = WrapIndex::new(
            contact.remarks.as_str(),
            usize::from(area.width).saturating_sub(2).max(8),
        );
        for line in index.visible(0, 12) {
            lines.push(Line::of(Role::Note, format!(" {}", line.trim_end())));
        }
    }
    let c = &detail.conversation;
    lines.push(Line::default());
    let mut row = |name: &str, value: String| {
        lines.push(Line::of(Role::Dim, format!(" {name:<9}")).and(Role::Text, value));
    };
    row("status", c.status.name().to_owned());
    row("priority", c.priority.name().to_owned());
    row(
        "assigned",
        c.assignee.clone().unwrap_or_else(|| "nobody".to_owned()),
    );
    row("account", c.account.to_string());
    if !c.labels.is_empty() {
        row("labels", c.labels.join(", "));
    }
    if let Some(due) = c.due_at {
        row("due", clock::when(due, look.now, look.tz));
    }
    if let Some(closes) = c.window_closes_at {
        let word = if closes > look.now { "until" } else { "closed" };
        row(
            "window",
            format!("{word} {}", clock::when(closes, look.now, look.tz)),
        );
    }
    if !detail.others.is_empty() {
        lines.push(Line::default());
        lines.push(Line::of(Role::Dim, " other conversations"));
        for other in &detail.others {
            let words = if other.subject.is_empty() {
                &other.snippet
            } else {
                &other.subject
            };
            lines.push(
                Line::of(
                    Role::Dim,
                    format!(" {} #{} ", other.channel.tag(), other.id),
                )
                .and(Role::Text, words.clone()),
            );
        }
    }
    (lines, keys)
}

/// An address and what is known of it, in words.
fn address(identity: &Identity, columns: usize) -> Vec<Line> {
    let mut out = vec![
        Line::of(Role::Dim, format!(" {} ", identity.channel.tag()))
            .and(Role::Text, identity.address.clone()),
    ];
    let proof = if identity.verified {
        (Role::Good, "verified")
    } else {
        (Role::Dim, "claimed")
    };
    let mut below = Line::of(Role::Text, "    ").and(proof.0, proof.1);
    if identity.opted_out {
        below.push(Role::Urgent, " · opted out");
    }
    out.push(below);
    if let Some(warning) = &identity.warning {
        out.extend(indented(Role::Urgent, warning, columns));
    }
    out
}

/// Why two records are shown as one person.
fn merged(merge: &Merge, columns: usize, look: &Look<'_>) -> Vec<Line> {
    let by = match merge.by.name() {
        _ if merge.by_itself => "merged by itself".to_owned(),
        name if name == look.me => "merged by you".to_owned(),
        name => format!("merged by {name}"),
    };
    let when = clock::when(merge.at, look.now, look.tz);
    let mut out = vec![
        Line::default(),
        Line::of(Role::Dim, format!(" {by}, {when}")),
    ];
    out.extend(indented(Role::Dim, &merge.because, columns));
    out
}

/// Somebody who may be the same person: who, how much speaks for it, and what.
fn suggested(suggestion: &Suggestion, columns: usize) -> Vec<Line> {
    let role = match suggestion.strength {
        Strength::Strong => Role::Warning,
        Strength::Weak => Role::Dim,
    };
    let mut out = vec![
        Line::default(),
        Line::of(Role::Dim, " the same person? ").and(role, suggestion.strength.name()),
        Line::of(Role::Text, format!(" {}", suggestion.name)),
    ];
    for identity in suggestion.identities.iter().take(3) {
        out.push(
            Line::of(Role::Dim, format!("  {} ", identity.channel.tag()))
                .and(Role::Text, identity.address.clone()),
        );
        if let Some(warning) = &identity.warning {
            out.extend(indented(Role::Urgent, warning, columns));
        }
    }
    for reason in &suggestion.reasons {
        out.extend(indented(Role::Dim, reason, columns));
    }
    out
}

/// What can be done about who this is.
fn keys(contact: &Contact) -> Option<Line> {
    let mut line = Line::of(Role::Dim, " ");
    if !contact.suggestions.is_empty() {
        line.push(Role::Key, "+");
        line.push(Role::Dim, " merge  ");
        line.push(Role::Key, "-");
        line.push(Role::Dim, " not same  ");
    }
    if !contact.merges.is_empty() {
        line.push(Role::Key, "%");
        line.push(Role::Dim, " split");
    }
    (line.0.len() > 1).then_some(line)
}

fn indented(role: Role, words: &str, columns: usize) -> Vec<Line> {
    let rows = paint::wrapped(&Line::of(role, words), columns.saturating_sub(4).max(8));
    let rows = rows.into_iter().map(|row| {
        let mut line = Line::of(role, "    ");
        line.0.extend(row.0);
        line
    });
    rows.collect()
}
