//! Who the customer is: addresses, consent, remarks, other conversations.

use super::super::clock;
use super::super::paint::{self, Line};
use super::super::theme::{Role, Theme};
use super::conversation::Look;
use crate::model::query::ConversationDetail;
use crate::text::wrap::WrapIndex;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the pane.
pub fn draw(detail: &ConversationDetail, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
    let theme: &Theme = look.theme;
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
    for identity in &contact.identities {
        lines.push(
            Line::of(Role::Dim, format!(" {} ", identity.channel.tag()))
                .and(Role::Text, identity.address.clone()),
        );
        let proof = if identity.verified {
            (Role::Good, "verified")
        } else {
            (Role::Dim, "claimed")
        };
        let mut below = Line::of(Role::Text, "    ").and(proof.0, proof.1);
        if identity.opted_out {
            below.push(Role::Urgent, " · opted out");
        }
        lines.push(below);
    }
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
        row("window", clock::when(closes, look.now, look.tz));
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
    for (index, line) in lines.iter().take(usize::from(area.height)).enumerate() {
        paint::line(buffer, theme, paint::row(area, index), line);
    }
}
